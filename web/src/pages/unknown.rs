//! An order for money whose answer did not come: it may have been carried out. The way on is the very same order again,
//! which is carried out once at most, and never a fresh form.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use super::form::{hidden, token};
use super::layout::Kind;
use super::notice::Tone;
use super::problem::{Problem, button};
use crate::text::{app, checkout, common, failures};
use crate::visit::Visit;

const HISTORY: &str = "/app/history";

/// The form that sends the same order again.
pub(crate) struct SameOrder<'a> {
    /// One without a menu: its entries would be ways to another order.
    pub(crate) kind: Kind,
    pub(crate) action: &'a str,
    pub(crate) fields: &'a [(&'static str, &'a str)],
}

pub(crate) fn outcome_unknown(visit: &Visit, order: &SameOrder<'_>) -> Response {
    let problem = Problem {
        status: StatusCode::SERVICE_UNAVAILABLE,
        tone: Tone::Waiting,
        title: failures::ORDER_UNKNOWN,
        text: failures::ORDER_UNKNOWN_TEXT,
        kind: order.kind,
    };
    let again = html! {
        form method="post" action=(order.action) data-once {
            (token(visit))
            @for (name, value) in order.fields { (hidden(name, value)) }
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::SAFELY_AGAIN)) }
        }
        (history(visit))
    };
    problem.respond_beside(visit, Some(HISTORY), again)
}

/// An order that is too old to be sent again: what became of it stands in the history.
pub(crate) fn order_over(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::CONFLICT,
        tone: Tone::Waiting,
        title: failures::ORDER_OVER,
        text: failures::ORDER_OVER_TEXT,
        kind: Kind::Plain,
    };
    let history = button(HISTORY, visit.say(checkout::SEE_HISTORY));
    problem.respond_beside(visit, Some(HISTORY), history)
}

fn history(visit: &Visit) -> Markup {
    html! { a.quiet href=(HISTORY) { (visit.say(checkout::SEE_HISTORY)) } }
}
