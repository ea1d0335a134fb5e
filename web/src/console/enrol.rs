//! `/console/enrol`: a member of staff without a second factor sets one up before anything else.

use axum::response::Response;
use http::StatusCode;
use maud::html;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api;
use super::frame::Newcomer;
use crate::api::{Code, Failure};
use crate::fields::Fields;
use crate::pages::form::{Input, Mistake, hidden, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::qr::qr;
use crate::pages::words;
use crate::session::Purpose;
use crate::visit::{Visit, see_other};

/// What was begun, between the two pages. Bound to the session it was begun in.
#[derive(Serialize, Deserialize)]
struct Setup {
    seed: String,
    secret: String,
    uri: String,
}

pub(crate) async fn page(newcomer: Newcomer) -> Response {
    if newcomer.has_totp {
        return see_other("/console");
    }
    begin_page(&newcomer.visit, &[], StatusCode::OK)
}

/// Begins, with the password once more: an open browser alone is not enough.
pub(crate) async fn begin(newcomer: Newcomer, fields: Fields) -> Response {
    let Newcomer { visit, session, .. } = newcomer;
    let variables = json!({ "currentPassword": fields.raw("password") });
    match visit.ask(&api::BEGIN_TOTP, variables).await {
        Ok(begun) => {
            let setup = Setup {
                seed: session.seed,
                secret: begun.secret,
                uri: begun.uri,
            };
            code_page(&visit, &setup, &[], StatusCode::OK)
        }
        Err(failure) => {
            let (status, mistake) = mistake(&visit, &failure, "password", "This password is not right.");
            begin_page(&visit, &[mistake], status)
        }
    }
}

pub(crate) async fn confirm(newcomer: Newcomer, fields: Fields) -> Response {
    let Newcomer { visit, session, .. } = newcomer;
    let sent: Option<Setup> = visit.web().vault.open(Purpose::Enrolment, fields.get("setup"));
    let Some(setup) = sent.filter(|setup| setup.seed == session.seed) else {
        return see_other("/console/enrol");
    };
    let code = fields.get("code").replace(' ', "");
    match visit.ask(&api::CONFIRM_TOTP, json!({ "code": code })).await {
        Ok(recovery_codes) => {
            visit.update_session(&session.with_totp());
            recovery_page(&visit, &recovery_codes)
        }
        Err(failure) => {
            let text = "This code is not right. Type the one that the app shows now.";
            let (status, mistake) = mistake(&visit, &failure, "code", text);
            code_page(&visit, &setup, &[mistake], status)
        }
    }
}

fn mistake(visit: &Visit, failure: &Failure, field: &'static str, text: &str) -> (StatusCode, Mistake) {
    let whole = |status| {
        let message = words::of_failure(visit, failure);
        (status, Mistake { field: "", message })
    };
    match failure.code() {
        None => whole(StatusCode::SERVICE_UNAVAILABLE),
        Some(Code::RateLimited) => whole(StatusCode::TOO_MANY_REQUESTS),
        Some(_) => {
            let message = text.to_owned();
            (StatusCode::UNPROCESSABLE_ENTITY, Mistake { field, message })
        }
    }
}

fn begin_page(visit: &Visit, mistakes: &[Mistake], status: StatusCode) -> Response {
    let password = Input::password("password", "Password", "current-password");
    let main = html! {
        section.card.narrow {
            h1 { "Set up your second factor" }
            p { "The console asks for a code from your phone at every sign-in. You need an authenticator app (any that knows \
                 TOTP); setting it up takes a minute." }
            (summary(visit, mistakes))
            form method="post" action="/console/enrol" {
                (token(visit))
                (password.render(visit, mistakes))
                button type="submit" { "Begin" }
            }
        }
    };
    Page::new("Second factor", Kind::Plain, main).respond_with(visit, status)
}

fn code_page(visit: &Visit, setup: &Setup, mistakes: &[Mistake], status: StatusCode) -> Response {
    let code = Input {
        hint: Some("The six digits that the app shows for Sawit."),
        autocomplete: "one-time-code",
        numeric: true,
        length_max: 8,
        ..Input::text("code", "Code")
    };
    let sealed = visit.web().vault.seal(Purpose::Enrolment, setup).unwrap_or_default();
    let main = html! {
        section.card.narrow {
            h1 { "Scan this with your authenticator app" }
            (summary(visit, mistakes))
            @if let Some(drawn) = qr(&setup.uri, "QR code for the authenticator app") { (drawn) }
            p.hint { "Or type this key into the app by hand:" }
            p.code.secret { (spaced(&setup.secret)) }
            form method="post" action="/console/enrol/confirm" {
                (token(visit))
                (hidden("setup", &sealed))
                (code.render(visit, mistakes))
                button type="submit" { "Confirm" }
            }
        }
    };
    Page::new("Second factor", Kind::Plain, main).respond_with(visit, status)
}

fn recovery_page(visit: &Visit, recovery_codes: &[String]) -> Response {
    let main = html! {
        section.card.narrow {
            h1 { "Keep your recovery codes" }
            (line(Tone::Good, "Your second factor is set up."))
            p { "Each of these is good once in the place of a code, should you lose your phone. Print them or write them \
                 down, and keep them where your phone is not. They are not shown again." }
            ul.recovery aria-label="Recovery codes" { @for code in recovery_codes { li.code { (code) } } }
            a.button href="/console" { "I have kept them" }
        }
    };
    Page::new("Recovery codes", Kind::Plain, main).respond(visit)
}

/// `ABCD EFGH`: easier to type.
fn spaced(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
