//! Signing in, registering, signing out.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::html;
use serde::Deserialize;
use serde_json::json;

use crate::api::{Code, Failure, documents};
use crate::fields::Fields;
use crate::local_path::LocalPath;
use crate::pages::form::{Input, Mistake, hidden, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::words;
use crate::session::Session;
use crate::text::{app, checkout, common, failures};
use crate::visit::{Visit, see_other};

/// The field of a second factor's code.
const CODE: &str = "code";

#[derive(Deserialize)]
pub(crate) struct Way {
    next: Option<String>,
    left: Option<String>,
}

/// Why nobody was let in.
pub(crate) struct Refused {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) status: StatusCode,
}

/// Checks e-mail and password; the browser keeps the session.
pub(crate) async fn enter(visit: &Visit, fields: &Fields) -> Result<(), Refused> {
    let (email, password) = (fields.get("email"), fields.raw("password"));
    let needed: Vec<Mistake> = [("email", email), ("password", password)]
        .into_iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(field, _)| Mistake::at(field, visit, failures::NEEDED))
        .collect();
    if !needed.is_empty() {
        return Err(Refused {
            mistakes: needed,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        });
    }
    let variables = json!({ "email": email, "password": password, "totpCode": fields.filled("code") });
    match visit.ask_anonymously(&documents::LOGIN, variables).await {
        Ok(login) => {
            let session = Session::begin(login, &visit.web().config.clock);
            visit.keep_session(Some(&session));
            Ok(())
        }
        Err(failure) => Err(refused(visit, &failure)),
    }
}

fn refused(visit: &Visit, failure: &Failure) -> Refused {
    let (status, mistake) = match failure.code() {
        Some(Code::RateLimited) => (StatusCode::TOO_MANY_REQUESTS, whole(words::of_failure(visit, failure))),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            whole(words::of_failure(visit, failure)),
        ),
        // The password was right, and a second factor is asked for: no code came, or a wrong one.
        Some(code) if failure.field() == Some("totpCode") => {
            let text = match code {
                Code::Unauthenticated => failures::WRONG_CODE,
                _ => failures::CODE_NEEDED,
            };
            (StatusCode::UNPROCESSABLE_ENTITY, Mistake::at(CODE, visit, text))
        }
        Some(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Mistake::at("email", visit, failures::WRONG_LOGIN),
        ),
    };
    Refused {
        mistakes: vec![mistake],
        status,
    }
}

/// The field for the code of a second factor, once it is known that there is one.
pub(crate) fn code_field<'a>(visit: &'a Visit, mistakes: &[Mistake]) -> Option<Input<'a>> {
    let is_asked_for = mistakes.iter().any(|mistake| mistake.field == CODE);
    is_asked_for.then(|| Input {
        autocomplete: "one-time-code",
        length_max: 40,
        ..Input::text(CODE, visit.say(app::CODE))
    })
}

const fn whole(message: String) -> Mistake {
    Mistake { field: "", message }
}

/// Ends the session here and at auth. The browser forgets it also when auth cannot be reached.
pub(crate) async fn leave(visit: &Visit) {
    if let Some(session) = visit.session() {
        let variables = json!({ "refreshToken": session.refresh_token });
        let left = visit.ask(&documents::LOGOUT, variables).await;
        if left.is_err_and(|failure| failure.is_unknown()) {
            tracing::warn!("a session was forgotten by its browser only: auth does not answer");
        }
    }
    visit.keep_session(None);
}

pub(crate) async fn login_page(visit: Visit, Query(way): Query<Way>) -> Response {
    let next = LocalPath::or_home(way.next.as_deref());
    if visit.session().is_some() {
        return see_other(next.as_str());
    }
    let told = match (way.left, visit.session_ended(), way.next) {
        (Some(_), ..) => Some(app::SIGNED_OUT),
        (None, true, _) => Some(checkout::SESSION_GONE_TITLE),
        (None, false, Some(_)) => Some(app::NEED_SIGN_IN),
        (None, false, None) => None,
    };
    let told = told.filter(|_| next.as_str() != "/app" || way_is_told(told));
    let message = told.map(|text| visit.say(text)).unwrap_or_default();
    login_form(&visit, &next, "", &[], message).respond(&visit)
}

/// The first page of all asks for a sign-in as a matter of course.
fn way_is_told(told: Option<crate::text::Text>) -> bool {
    told.is_some_and(|text| text.id != app::NEED_SIGN_IN.id)
}

pub(crate) async fn sign_in(visit: Visit, fields: Fields) -> Response {
    let next = LocalPath::or_home(fields.filled("next"));
    match enter(&visit, &fields).await {
        Ok(()) => see_other(next.as_str()),
        Err(refused) => {
            login_form(&visit, &next, fields.get("email"), &refused.mistakes, "").respond_with(&visit, refused.status)
        }
    }
}

pub(crate) async fn sign_out(visit: Visit) -> Response {
    leave(&visit).await;
    see_other("/app/login?left=1")
}

fn login_form<'a>(visit: &'a Visit, next: &LocalPath, email: &str, mistakes: &[Mistake], message: &str) -> Page<'a> {
    let email = Input {
        value: email,
        ..Input::email(visit.say(common::EMAIL))
    };
    let password = Input::password("password", visit.say(common::PASSWORD), "current-password");
    let main = html! {
        section.card.narrow {
            h1 { (visit.say(app::SIGN_IN_TITLE)) }
            @if !message.is_empty() { (line(Tone::Quiet, message)) }
            (summary(visit, mistakes))
            form method="post" action=(next.after("/app/login")) {
                (token(visit))
                (hidden("next", next.as_str()))
                (email.render(visit, mistakes))
                (password.render(visit, mistakes))
                @if let Some(code) = code_field(visit, mistakes) { (code.render(visit, mistakes)) }
                button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(common::SIGN_IN)) }
            }
            p.aside { (visit.say(checkout::NO_ACCOUNT)) " " a href=(next.after("/app/register")) { (visit.say(common::REGISTER)) } }
        }
    };
    Page::new(visit.say(common::SIGN_IN), Kind::Plain, main)
}

pub(crate) async fn register_page(visit: Visit, Query(way): Query<Way>) -> Response {
    let next = LocalPath::or_home(way.next.as_deref());
    if visit.session().is_some() {
        return see_other(next.as_str());
    }
    register_form(&visit, &next, &Fields::default(), &[]).respond(&visit)
}

pub(crate) async fn register(visit: Visit, fields: Fields) -> Response {
    let next = LocalPath::or_home(fields.filled("next"));
    let names = ["username", "fullname", "email"];
    let mut mistakes: Vec<Mistake> = names
        .into_iter()
        .filter(|name| fields.get(name).is_empty())
        .chain(Some("password").filter(|name| fields.raw(name).is_empty()))
        .map(|field| Mistake::at(field, &visit, failures::NEEDED))
        .collect();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if mistakes.is_empty() {
        let variables = json!({
            "username": fields.get("username"), "fullname": fields.get("fullname"),
            "email": fields.get("email"), "password": fields.raw("password"),
        });
        match visit.ask_anonymously(&documents::REGISTER, variables).await {
            Ok(login) => {
                visit.keep_session(Some(&Session::begin(login, &visit.web().config.clock)));
                return see_other(next.as_str());
            }
            Err(failure) => {
                let refused = not_registered(&visit, &failure);
                (mistakes, status) = (refused.mistakes, refused.status);
            }
        }
    }
    register_form(&visit, &next, &fields, &mistakes).respond_with(&visit, status)
}

fn not_registered(visit: &Visit, failure: &Failure) -> Refused {
    let mistake = match (failure.code(), failure.field()) {
        (Some(Code::Conflict), Some("username")) => Mistake::at("username", visit, failures::EMAIL_TAKEN),
        (Some(Code::Conflict), _) => Mistake::at("email", visit, failures::EMAIL_TAKEN),
        (Some(Code::BadInput), Some("username")) => Mistake::at("username", visit, failures::BAD_USERNAME),
        (Some(Code::BadInput), Some("fullname")) => Mistake::at("fullname", visit, failures::BAD_FULLNAME),
        (Some(Code::BadInput), Some("email")) => Mistake::at("email", visit, failures::BAD_EMAIL),
        (Some(Code::BadInput), _) => Mistake::at("password", visit, failures::BAD_PASSWORD),
        _ => whole(words::of_failure(visit, failure)),
    };
    let status = match failure.code() {
        Some(Code::RateLimited) => StatusCode::TOO_MANY_REQUESTS,
        None => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Refused {
        mistakes: vec![mistake],
        status,
    }
}

fn register_form<'a>(visit: &'a Visit, next: &LocalPath, fields: &Fields, mistakes: &[Mistake]) -> Page<'a> {
    let fullname = Input {
        value: fields.get("fullname"),
        autocomplete: "name",
        length_max: 100,
        ..Input::text("fullname", visit.say(common::FULLNAME))
    };
    let username = Input {
        value: fields.get("username"),
        hint: Some(visit.say(app::USERNAME_HINT)),
        length_max: 32,
        ..Input::text("username", visit.say(common::USERNAME))
    };
    let email = Input {
        value: fields.get("email"),
        ..Input::email(visit.say(common::EMAIL))
    };
    let password = Input {
        hint: Some(visit.say(app::PASSWORD_HINT)),
        ..Input::password("password", visit.say(common::PASSWORD), "new-password")
    };
    let main = html! {
        section.card.narrow {
            h1 { (visit.say(app::REGISTER_TITLE)) }
            (summary(visit, mistakes))
            form method="post" action=(next.after("/app/register")) {
                (token(visit))
                (hidden("next", next.as_str()))
                @for input in [fullname, username, email, password] { (input.render(visit, mistakes)) }
                button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::REGISTER_BUTTON)) }
            }
            p.aside { (visit.say(app::HAVE_ACCOUNT)) " " a href=(next.after("/app/login")) { (visit.say(common::SIGN_IN)) } }
        }
    };
    Page::new(visit.say(common::REGISTER), Kind::Plain, main)
}
