//! `GET /pay?va=…`: the bill behind a VA number, wherever it comes from, becomes a session.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::api::{Code, Failure, documents};
use crate::pages::form::Input;
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, notice};
use crate::pages::problem::{self, Problem, button};
use crate::pages::words;
use crate::text::{checkout, common, failures};
use crate::visit::{Visit, see_other};

const VA_CHARS_MAX: usize = 64;

#[derive(Deserialize)]
pub(crate) struct Bill {
    va: Option<String>,
    return_url: Option<String>,
}

pub(crate) async fn open(visit: Visit, Query(bill): Query<Bill>) -> Response {
    let va_number = bill
        .va
        .as_deref()
        .map(str::trim)
        .filter(|va_number| !va_number.is_empty());
    let Some(va_number) = va_number else {
        return ask_for_number(&visit, "", html! {}, StatusCode::OK);
    };
    if va_number.len() > VA_CHARS_MAX {
        return unknown_number(&visit, "");
    }
    let variables = serde_json::json!({ "vaNumber": va_number, "returnUrl": bill.return_url });
    match visit.ask_anonymously(&documents::OPEN_CHECKOUT, variables).await {
        Ok(Some(session)) => see_other(&format!("/checkout/{}", session.session_id)),
        Ok(None) => unknown_number(&visit, va_number),
        Err(failure) => refused(&visit, va_number, &failure),
    }
}

fn refused(visit: &Visit, va_number: &str, failure: &Failure) -> Response {
    match failure {
        Failure::Unavailable => problem::down(visit),
        Failure::MerchantUnavailable => merchant_down(visit),
        Failure::Refused(refusal) => match refusal.code {
            Code::BadInput if failure.field() == Some("returnUrl") => bad_return(visit, va_number),
            Code::RateLimited => problem::of_failure(visit, failure),
            Code::Conflict => not_payable(visit, refusal.failure_code.as_deref().unwrap_or_default()),
            _ => unknown_number(visit, va_number),
        },
    }
}

/// The marketplace cannot be asked for the bill: nothing else at this point depends on anybody.
fn merchant_down(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::SERVICE_UNAVAILABLE,
        tone: Tone::Waiting,
        title: failures::MERCHANT_DOWN,
        text: failures::MERCHANT_DOWN_TEXT,
        kind: Kind::Checkout,
    };
    problem.respond(visit, button(&again(visit), visit.say(common::TRY_AGAIN)))
}

/// The bill is known, and there is nothing to pay: it was paid or ended at the shop, or is being paid.
fn not_payable(visit: &Visit, failure_code: &str) -> Response {
    let (title, text) = words::failure(failure_code);
    let problem = Problem {
        status: StatusCode::CONFLICT,
        tone: Tone::Quiet,
        title,
        text,
        kind: Kind::Checkout,
    };
    let way_on = match failure_code {
        "BILL_PAYMENT_IN_PROGRESS" => button(&again(visit), visit.say(common::REFRESH)),
        _ => html! { p.hint { (visit.say(checkout::CLOSE_TAB)) } },
    };
    problem.respond(visit, way_on)
}

/// This very address.
fn again(visit: &Visit) -> String {
    visit
        .uri()
        .path_and_query()
        .map_or("/pay", |path| path.as_str())
        .to_owned()
}

/// The shop wants its buyers back at a place it has not registered. Nobody is sent there.
fn bad_return(visit: &Visit, va_number: &str) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("va", va_number);
    let problem = Problem {
        status: StatusCode::BAD_REQUEST,
        tone: Tone::Bad,
        title: failures::BAD_RETURN,
        text: failures::BAD_RETURN_TEXT,
        kind: Kind::Checkout,
    };
    problem.respond(
        visit,
        button(&format!("/pay?{}", query.finish()), visit.say(common::CONTINUE)),
    )
}

fn unknown_number(visit: &Visit, va_number: &str) -> Response {
    let message = notice(Tone::Bad, visit.say(failures::NO_VA), visit.say(failures::NO_VA_TEXT));
    ask_for_number(visit, va_number, message, StatusCode::NOT_FOUND)
}

fn ask_for_number(visit: &Visit, va_number: &str, message: Markup, status: StatusCode) -> Response {
    let title = visit.say(checkout::PAY_VA_TITLE);
    let input = Input {
        value: va_number,
        length_max: 64,
        ..Input::text("va", visit.say(checkout::VA_NUMBER))
    };
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            p { (visit.say(checkout::PAY_VA_TEXT)) }
            (message)
            form method="get" action="/pay" {
                (input.render(visit, &[]))
                button type="submit" { (visit.say(checkout::PAY_VA_BUTTON)) }
            }
        }
    };
    Page::new(title, Kind::Plain, main).respond_with(visit, status)
}
