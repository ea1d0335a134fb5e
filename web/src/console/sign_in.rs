//! `/console/sign-in`: e-mail, password and code. And the way out.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::html;
use serde::Deserialize;
use serde_json::json;

use super::api;
use super::frame::is_staff;
use crate::api::{Code, Failure};
use crate::fields::Fields;
use crate::local_path::LocalPath;
use crate::pages::form::{Input, Mistake, hidden, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::{problem, words};
use crate::session::Session;
use crate::visit::{Visit, see_other};

const HOME: &str = "/console";

#[derive(Deserialize)]
pub(crate) struct Way {
    next: Option<String>,
    left: Option<String>,
    refused: Option<String>,
}

/// Where to after signing in: only to another page of the console.
fn next_page(text: Option<&str>) -> String {
    let path = text.and_then(LocalPath::parse);
    let path = path.filter(|path| path.as_str() == HOME || path.as_str().starts_with("/console/"));
    path.map_or_else(|| HOME.to_owned(), |path| path.to_string())
}

pub(crate) async fn page(visit: Visit, Query(way): Query<Way>) -> Response {
    let next = next_page(way.next.as_deref());
    if visit.session().is_some() {
        return see_other(&next);
    }
    if visit.session_is_unknown() {
        return problem::down(&visit);
    }
    let message = match (way.left, way.refused, visit.session_ended()) {
        (Some(_), ..) => "You are signed out.",
        (None, Some(_), _) => "The console is for staff only.",
        (None, None, true) => "Your session has ended: the console waits for 15 minutes. Sign in again.",
        (None, None, false) => "",
    };
    form(&visit, &next, "", &[], message).respond(&visit)
}

pub(crate) async fn send(visit: Visit, fields: Fields) -> Response {
    let next = next_page(fields.filled("next"));
    let email = fields.get("email");
    let variables = json!({
        "email": email, "password": fields.raw("password"),
        "totpCode": fields.filled("code").map(|code| code.replace(' ', "")),
    });
    match visit.ask_anonymously(&api::LOGIN, variables).await {
        Ok(login) if is_staff(&login.user.role) => {
            let has_totp = login.user.totp_enabled;
            let session = Session::begin_at_console(login, &visit.web().config.clock);
            visit.keep_session(Some(&session));
            see_other(if has_totp { &next } else { "/console/enrol" })
        }
        Ok(login) => {
            // Nobody gets a session here who may not use it.
            let gone = json!({ "refreshToken": login.refresh_token });
            if visit.ask_anonymously(&api::LOGOUT, gone).await.is_err() {
                tracing::warn!("the session of somebody who is not staff could not be ended");
            }
            let mistake = whole("The console is for staff only. Your own wallet is in the wallet app.".to_owned());
            form(&visit, &next, email, &[mistake], "").respond_with(&visit, StatusCode::FORBIDDEN)
        }
        Err(failure) => {
            let (status, mistake) = refused(&visit, &failure);
            form(&visit, &next, email, &[mistake], "").respond_with(&visit, status)
        }
    }
}

fn refused(visit: &Visit, failure: &Failure) -> (StatusCode, Mistake) {
    match failure.code() {
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            whole(words::of_failure(visit, failure)),
        ),
        Some(Code::RateLimited) => (StatusCode::TOO_MANY_REQUESTS, whole(words::of_failure(visit, failure))),
        Some(Code::TotpRequired) => at("code", "Type the six digits that your authenticator app shows."),
        Some(_) if failure.field() == Some("totpCode") => at(
            "code",
            "This code is not right, or was used before. Wait for the next one.",
        ),
        Some(_) => at("email", "E-mail or password is not right."),
    }
}

fn at(field: &'static str, message: &str) -> (StatusCode, Mistake) {
    let message = message.to_owned();
    (StatusCode::UNPROCESSABLE_ENTITY, Mistake { field, message })
}

const fn whole(message: String) -> Mistake {
    Mistake { field: "", message }
}

pub(crate) async fn sign_out(visit: Visit) -> Response {
    if let Some(session) = visit.session() {
        let variables = json!({ "refreshToken": session.refresh_token });
        if visit.ask(&api::LOGOUT, variables).await.is_err() {
            tracing::warn!("a session at the console was forgotten by its browser only");
        }
    }
    visit.keep_session(None);
    see_other("/console/sign-in?left=1")
}

fn form<'a>(visit: &'a Visit, next: &str, email: &str, mistakes: &[Mistake], message: &str) -> Page<'a> {
    let email = Input {
        value: email,
        ..Input::email("E-mail")
    };
    let password = Input::password("password", "Password", "current-password");
    let code = Input {
        hint: Some("From your authenticator app, or a recovery code. Leave it empty at your first sign-in."),
        autocomplete: "one-time-code",
        required: false,
        says_optional: false,
        length_max: 32,
        ..Input::text("code", "Code")
    };
    let main = html! {
        section.card.narrow {
            h1 { "Sign in to the console" }
            @if !message.is_empty() { (line(Tone::Quiet, message)) }
            (summary(visit, mistakes))
            form method="post" action="/console/sign-in" {
                (token(visit))
                (hidden("next", next))
                @for input in [email, password, code] { (input.render(visit, mistakes)) }
                button type="submit" data-busy="Working …" { "Sign in" }
            }
            p.aside { "For staff of the provider. Everything that is changed here is recorded with your name." }
        }
    };
    Page::new("Sign in", Kind::Plain, main)
}
