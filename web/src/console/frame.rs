//! Who stands in front of a page of the desk, and the frame around it.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use maud::{Markup, html};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::kit::{self, Params};
use crate::api::{Code, Failure, Operation};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, outcome};
use crate::visit::Visit;

/// A member of staff.
pub(crate) struct Staff {
    pub(crate) visit: Visit,
    pub(crate) user_id: String,
    role: String,
}

impl Staff {
    /// Whether this person decides about payments and rules.
    pub(crate) fn may_decide(&self) -> bool {
        matches!(self.role.as_str(), "Admin" | "FraudAnalyst")
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.role == "Admin"
    }

    pub(crate) fn params(&self) -> Params {
        Params::of(&self.visit)
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &Operation<T>,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        self.visit.ask(operation, variables).await
    }

    pub(crate) fn respond(&self, title: &str, path: &'static str, main: Markup) -> Response {
        self.respond_with(title, path, main, StatusCode::OK)
    }

    pub(crate) fn respond_with(&self, title: &str, path: &'static str, main: Markup, status: StatusCode) -> Response {
        self.respond_refreshing(title, path, main, status, None)
    }

    /// A page that looks for news by itself.
    pub(crate) fn respond_refreshing(
        &self,
        title: &str,
        path: &'static str,
        main: Markup,
        status: StatusCode,
        refresh_seconds: Option<u8>,
    ) -> Response {
        let mut page = Page::new(title, Kind::App(path), main);
        page.refresh_seconds = refresh_seconds;
        page.respond_with(&self.visit, status)
    }

    /// A page that cannot be made: what it is about is not there, not for this role, or its service does not answer.
    pub(crate) fn problem(&self, title: &str, path: &'static str, failure: &Failure) -> Response {
        let (status, tone, text) = match failure.code() {
            Some(Code::NotFound | Code::BadInput) => return self.nothing(title, path),
            Some(Code::Forbidden) => (StatusCode::FORBIDDEN, Tone::Quiet, "Your role does not see this."),
            Some(Code::RateLimited) => (
                StatusCode::TOO_MANY_REQUESTS,
                Tone::Waiting,
                "Too many requests. Wait a moment.",
            ),
            _ => (
                StatusCode::SERVICE_UNAVAILABLE,
                Tone::Waiting,
                "The service does not answer at the moment. Reload the page to try again.",
            ),
        };
        self.message(title, path, text, tone, status)
    }

    /// There is no such thing.
    pub(crate) fn nothing(&self, title: &str, path: &'static str) -> Response {
        self.message(
            title,
            path,
            "There is nothing under this address.",
            Tone::Quiet,
            StatusCode::NOT_FOUND,
        )
    }

    fn message(&self, title: &str, path: &'static str, text: &str, tone: Tone, status: StatusCode) -> Response {
        let main = html! { section.card.narrow { (outcome(tone, title, text)) div.actions { a.button.second href=(path) { "Back" } } } };
        self.respond_with(title, path, main, status)
    }
}

/// A part of a page that could not be had.
pub(crate) fn not_had(what: &str, failure: &Failure) -> Markup {
    kit::missing(what, failure)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_id: String,
    role: String,
}

const ME: Operation<Me> = Operation::new("myProfile", "query { myProfile { userId: user_id role } }");

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        if visit.session().is_none() {
            return Err(crate::app::sign_in_first(&visit));
        }
        match visit.ask(&ME, json!({})).await {
            Ok(me) => Ok(Self {
                visit,
                user_id: me.user_id,
                role: me.role,
            }),
            Err(failure) => Err(crate::pages::problem::of_failure(&visit, &failure)),
        }
    }
}
