//! `/app/devices`: where somebody is signed in.

use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::{account, sign_in_first};
use crate::api::{Code, DeviceSession, documents};
use crate::fields::Fields;
use crate::pages::form::{hidden, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::{problem, words};
use crate::text::app;
use crate::visit::{Visit, see_other};

#[derive(Deserialize)]
pub(crate) struct Before {
    ended: Option<String>,
}

pub(crate) async fn page(visit: Visit, Query(before): Query<Before>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let sessions = match visit.ask(&documents::MY_SESSIONS, ()).await {
        Ok(sessions) => sessions,
        Err(failure) => return problem::of_failure(&visit, &failure),
    };
    let title = visit.say(app::DEVICES);
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            p { (visit.say(app::DEVICES_TEXT)) }
            @if before.ended.is_some() { (line(Tone::Good, visit.say(app::SESSION_ENDED))) }
            ul.devices { @for session in &sessions { (device(&visit, session)) } }
        }
    };
    Page::new(title, Kind::App("/app/devices"), main).respond(&visit)
}

fn device(visit: &Visit, session: &DeviceSession) -> Markup {
    let name = visit.say(if session.current {
        app::THIS_DEVICE
    } else {
        app::ANOTHER_DEVICE
    });
    let since = visit.fill(app::SINCE, &[&words::instant(visit, session.created_at)]);
    html! {
        li {
            div {
                strong { (name) }
                @if let Some(address) = &session.address { p.hint { (visit.fill(app::FROM_ADDRESS, &[address])) } }
                p.hint { (since) }
                p.hint { (visit.fill(app::LAST_USED, &[&words::instant(visit, session.last_used_at)])) }
            }
            form method="post" action="/app/devices" {
                (token(visit))
                (hidden("session", &session.session_id))
                button.second type="submit" aria-label={ (visit.say(app::END_SESSION)) ": " (name) ", " (since) } {
                    (visit.say(app::END_SESSION))
                }
            }
        }
    }
}

pub(crate) async fn end(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let wanted = fields.get("session");
    let current = match visit.ask(&documents::MY_SESSIONS, ()).await {
        Ok(sessions) => sessions
            .into_iter()
            .any(|session| session.current && session.session_id == wanted),
        Err(failure) => return problem::of_failure(&visit, &failure),
    };
    if current {
        account::leave(&visit).await;
        return see_other("/app/login?left=1");
    }
    match visit.ask(&documents::END_SESSION, json!({ "sessionId": wanted })).await {
        Ok(_) => see_other("/app/devices?ended=1"),
        // It is over already, which is what was wanted.
        Err(failure) if failure.is(Code::NotFound) => see_other("/app/devices?ended=1"),
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}
