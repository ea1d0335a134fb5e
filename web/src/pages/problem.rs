//! Pages that say that something is not there, or did not work, and what to do.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};

use super::layout::{Kind, Page};
use super::notice::{Tone, outcome};
use crate::api::{Code, Failure};
use crate::local_path::LocalPath;
use crate::text::{Text, common, failures};
use crate::visit::{Place, Visit};

/// A page with a message and a way on.
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) tone: Tone,
    pub(crate) title: Text,
    pub(crate) text: Text,
    pub(crate) kind: Kind,
}

impl Problem {
    pub(crate) fn respond(&self, visit: &Visit, way_on: Markup) -> Response {
        self.respond_beside(visit, None, way_on)
    }

    /// `language_back`: where the other language leads, for a page that is not to be asked for by its address.
    pub(crate) fn respond_beside(
        &self,
        visit: &Visit,
        language_back: Option<&'static str>,
        way_on: Markup,
    ) -> Response {
        let title = visit.say(self.title);
        let main = html! {
            section.card.narrow {
                (outcome(self.tone, title, visit.say(self.text)))
                div.actions { (way_on) }
            }
        };
        let mut page = Page::new(title, self.kind, main);
        page.language_back = language_back;
        let mut response = page.respond_with(visit, self.status);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// A link that looks like a button.
pub(crate) fn button(href: &str, text: &str) -> Markup {
    html! { a.button href=(href) { (text) } }
}

/// The form was not made by a page of ours for this browser and session: an old tab, or somebody else's page.
pub(crate) fn stale(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::FORBIDDEN,
        tone: Tone::Waiting,
        title: failures::STALE,
        text: failures::STALE_TEXT,
        kind: kind_of(visit),
    };
    problem.respond(visit, button(&here(visit), visit.say(common::CONTINUE)))
}

pub(crate) fn too_large(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        tone: Tone::Bad,
        title: failures::TOO_LARGE,
        text: failures::TOO_LARGE_TEXT,
        kind: kind_of(visit),
    };
    problem.respond(visit, button(&here(visit), visit.say(common::BACK)))
}

/// A service does not answer, and nothing was asked of it that may have moved money: of that, see `unknown`.
pub(crate) fn down(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::SERVICE_UNAVAILABLE,
        tone: Tone::Waiting,
        title: failures::DOWN,
        text: failures::DOWN_TEXT,
        kind: kind_of(visit),
    };
    problem.respond(visit, button(&here(visit), visit.say(common::TRY_AGAIN)))
}

/// What a page says when it cannot be made.
pub(crate) fn of_failure(visit: &Visit, failure: &Failure) -> Response {
    match failure.code() {
        Some(Code::Unauthenticated) => crate::app::sign_in_first(visit),
        Some(Code::NotFound) => not_found(visit),
        Some(Code::RateLimited) => {
            let title = visit.say(failures::TOO_OFTEN);
            let main = html! {
                section.card.narrow { (outcome(Tone::Waiting, title, &super::words::of_failure(visit, failure))) }
            };
            Page::new(title, kind_of(visit), main).respond_with(visit, StatusCode::TOO_MANY_REQUESTS)
        }
        _ => down(visit),
    }
}

pub(crate) fn not_found(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::NOT_FOUND,
        tone: Tone::Quiet,
        title: failures::NOT_FOUND,
        text: failures::NOT_FOUND_TEXT,
        kind: Kind::Plain,
    };
    match visit.place() {
        Place::App => problem.respond(visit, button("/app", visit.say(common::TO_WALLET_APP))),
        Place::Console => problem.respond(visit, button("/console", "To the console")),
    }
}

/// Any other address: a page for people, and no more than the status for programs.
pub(crate) async fn unknown_page(visit: Visit, headers: HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    match accepts {
        Some(accepts) if accepts.contains("text/html") => not_found(&visit),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn kind_of(visit: &Visit) -> Kind {
    if visit.uri().path().starts_with("/checkout/") || visit.uri().path() == "/pay" {
        Kind::Checkout
    } else {
        Kind::Plain
    }
}

/// The address of this page, to be asked for by GET.
fn here(visit: &Visit) -> String {
    LocalPath::or_home(visit.uri().path_and_query().map(|path| path.as_str())).to_string()
}
