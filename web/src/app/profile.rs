//! `/app/profile`.

use axum::response::Response;
use maud::html;

use super::sign_in_first;
use crate::api::documents;
use crate::pages::form::token;
use crate::pages::layout::{Kind, Page};
use crate::pages::{problem, words};
use crate::text::{app, common};
use crate::visit::Visit;

pub(crate) async fn page(visit: Visit) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let profile = match visit.ask(&documents::MY_PROFILE, ()).await {
        Ok(profile) => profile,
        Err(failure) => return problem::of_failure(&visit, &failure),
    };
    let title = visit.say(app::PROFILE);
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            dl.facts {
                div { dt { (visit.say(common::FULLNAME)) } dd { (profile.fullname) } }
                div { dt { (visit.say(common::USERNAME)) } dd { (profile.username) } }
                div { dt { (visit.say(common::EMAIL)) } dd { (profile.email) } }
                div { dt { (visit.say(app::MEMBER_SINCE)) } dd { (words::instant(&visit, profile.created_at)) } }
            }
            form method="post" action="/app/logout" {
                (token(&visit))
                button.second type="submit" { (visit.say(common::SIGN_OUT)) }
            }
        }
    };
    Page::new(title, Kind::App("/app/profile"), main).respond(&visit)
}
