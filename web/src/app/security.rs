//! `/app/security`: PIN and password.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::sign_in_first;
use crate::api::{Code, Failure, Profile, documents};
use crate::fields::Fields;
use crate::pages::form::{Input, Mistake, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::{problem, words};
use crate::text::{Text, app, common, failures};
use crate::visit::{Visit, see_other};

#[derive(Deserialize)]
pub(crate) struct Before {
    done: Option<String>,
}

/// Which of the two forms was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pin,
    Password,
}

pub(crate) async fn page(visit: Visit, Query(before): Query<Before>) -> Response {
    let told = match before.done.as_deref() {
        Some("pin") => Some(app::PIN_SAVED),
        Some("password") => Some(app::PASSWORD_SAVED),
        _ => None,
    };
    render(&visit, told, None).await
}

pub(crate) async fn set_pin(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let (pin, again) = (fields.get("pin"), fields.get("pin_again"));
    let mistake = if fields.raw("pin_password").is_empty() {
        Mistake::at("pin_password", &visit, failures::NEEDED)
    } else if pin.len() != 6 || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        Mistake::at("pin", &visit, failures::BAD_PIN)
    } else if pin != again {
        Mistake::at("pin_again", &visit, failures::PINS_DIFFER)
    } else {
        let variables = json!({ "currentPassword": fields.raw("pin_password"), "pin": pin });
        match visit.ask(&documents::SET_PIN, variables).await {
            Ok(_) => return see_other("/app/security?done=pin"),
            Err(failure) => match mistake_of(&visit, &failure, Form::Pin) {
                Some(mistake) => mistake,
                None => return problem::of_failure(&visit, &failure),
            },
        }
    };
    render(&visit, None, Some((Form::Pin, mistake))).await
}

pub(crate) async fn change_password(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let (current, new) = (fields.raw("current_password"), fields.raw("new_password"));
    let mistake = if current.is_empty() {
        Mistake::at("current_password", &visit, failures::NEEDED)
    } else if !(8..=128).contains(&new.chars().count()) {
        Mistake::at("new_password", &visit, failures::BAD_PASSWORD)
    } else if new != fields.raw("new_password_again") {
        Mistake::at("new_password_again", &visit, failures::PASSWORDS_DIFFER)
    } else {
        let variables = json!({ "currentPassword": current, "newPassword": new });
        match visit.ask(&documents::CHANGE_PASSWORD, variables).await {
            Ok(_) => return see_other("/app/security?done=password"),
            Err(failure) => match mistake_of(&visit, &failure, Form::Password) {
                Some(mistake) => mistake,
                None => return problem::of_failure(&visit, &failure),
            },
        }
    };
    render(&visit, None, Some((Form::Password, mistake))).await
}

/// What is wrong with a form that auth refused; none when it is about something else.
fn mistake_of(visit: &Visit, failure: &Failure, form: Form) -> Option<Mistake> {
    let current = match form {
        Form::Pin => "pin_password",
        Form::Password => "current_password",
    };
    match (failure.code()?, failure.field()) {
        (Code::BadInput, Some("pin")) => Some(Mistake::at("pin", visit, failures::BAD_PIN)),
        (Code::BadInput, Some("newPassword")) => Some(Mistake::at("new_password", visit, failures::BAD_PASSWORD)),
        (Code::BadInput, _) => Some(Mistake::at(current, visit, failures::WRONG_PASSWORD)),
        (Code::RateLimited, _) => Some(Mistake {
            field: current,
            message: words::of_failure(visit, failure),
        }),
        _ => None,
    }
}

async fn render(visit: &Visit, told: Option<Text>, mistake: Option<(Form, Mistake)>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(visit);
    }
    let profile = match visit.ask(&documents::MY_PROFILE, ()).await {
        Ok(profile) => profile,
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    let of = |form: Form| -> Vec<Mistake> {
        mistake
            .iter()
            .filter(|(at, _)| *at == form)
            .map(|(_, mistake)| mistake.clone())
            .collect()
    };
    let title = visit.say(app::SECURITY);
    let main = html! {
        h1 { (title) }
        @if let Some(told) = told { (line(Tone::Good, visit.say(told))) }
        div.pair {
            (pin_form(visit, &profile, &of(Form::Pin)))
            (password_form(visit, &of(Form::Password)))
        }
    };
    let status = if mistake.is_none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Page::new(title, Kind::App("/app/security"), main).respond_with(visit, status)
}

fn pin_form(visit: &Visit, profile: &Profile, mistakes: &[Mistake]) -> Markup {
    let password = Input::password("pin_password", visit.say(app::PASSWORD_CURRENT), "current-password");
    let pin = Input::pin("pin", visit.say(app::PIN_NEW));
    let again = Input::pin("pin_again", visit.say(app::PIN_REPEAT));
    let state = if profile.has_pin {
        app::PIN_SET
    } else {
        app::PIN_NOT_SET
    };
    html! {
        section.card {
            h2 { (visit.say(app::PIN_TITLE)) }
            p { (visit.say(app::PIN_TEXT)) " " strong { (visit.say(state)) } }
            (summary(visit, mistakes))
            form method="post" action="/app/security/pin" {
                (token(visit))
                @for input in [pin, again, password] { (input.render(visit, mistakes)) }
                button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::PIN_SAVE)) }
            }
        }
    }
}

fn password_form(visit: &Visit, mistakes: &[Mistake]) -> Markup {
    let current = Input::password("current_password", visit.say(app::PASSWORD_CURRENT), "current-password");
    let new = Input {
        hint: Some(visit.say(app::PASSWORD_HINT)),
        ..Input::password("new_password", visit.say(app::PASSWORD_NEW), "new-password")
    };
    let again = Input::password("new_password_again", visit.say(app::PASSWORD_REPEAT), "new-password");
    html! {
        section.card {
            h2 { (visit.say(app::PASSWORD_TITLE)) }
            p { (visit.say(app::PASSWORD_TEXT)) }
            (summary(visit, mistakes))
            form method="post" action="/app/security/password" {
                (token(visit))
                @for input in [current, new, again] { (input.render(visit, mistakes)) }
                button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::PASSWORD_SAVE)) }
            }
        }
    }
}
