//! Who stands before a page of the console, and the frame around it.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::request::Parts;
use maud::{Markup, html};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::kit::{self, Params};
use crate::api::{Code, Failure, Operation};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, outcome};
use crate::session::{Desk, Session};
use crate::visit::{Visit, see_other};

/// A member of staff who is signed in with a second factor.
#[derive(Clone)]
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
        let mut page = Page::new(title, Kind::Console(path), main);
        page.refresh_seconds = refresh_seconds;
        page.respond_with(&self.visit, status)
    }

    /// A page that cannot be made: what it is about is not there, not for this role, or its service does not answer.
    pub(crate) fn problem(&self, title: &str, path: &'static str, failure: &Failure) -> Response {
        let (status, tone, text) = match failure.code() {
            Some(Code::NotFound | Code::BadInput) => return self.nothing(title, path),
            Some(Code::Unauthenticated) => return crate::app::sign_in_first(&self.visit),
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

/// The status of a page on which a change was refused.
pub(crate) fn status_of(failure: &Failure) -> StatusCode {
    match failure.code() {
        None => StatusCode::SERVICE_UNAVAILABLE,
        Some(Code::Forbidden) => StatusCode::FORBIDDEN,
        Some(Code::Conflict) => StatusCode::CONFLICT,
        Some(Code::RateLimited) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Whether somebody of this role works for the provider.
pub(super) fn is_staff(role: &str) -> bool {
    ["Admin", "FraudAnalyst", "Support"].contains(&role)
}

/// Somebody who has signed in at the console, with or without a second factor yet.
pub(crate) struct Newcomer {
    pub(crate) visit: Visit,
    pub(crate) session: Session,
    pub(crate) has_totp: bool,
}

impl<S: Sync> FromRequestParts<S> for Newcomer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await;
        let visit = visit.map_err(axum::response::IntoResponse::into_response)?;
        let Some(session) = visit.session().cloned() else {
            return Err(crate::app::sign_in_first(&visit));
        };
        match &session.staff {
            Some(Desk { role, has_totp, .. }) if is_staff(role) => Ok(Self {
                has_totp: *has_totp,
                session,
                visit,
            }),
            // The role was taken away since.
            _ => {
                visit.keep_session(None);
                Err(see_other("/console/sign-in?refused=1"))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Newcomer {
            visit,
            session,
            has_totp,
        } = Newcomer::from_request_parts(parts, state).await?;
        if !has_totp {
            return Err(see_other("/console/enrol").into_response());
        }
        Ok(Self {
            visit,
            user_id: session.user_id,
            role: session.staff.map(|desk| desk.role).unwrap_or_default(),
        })
    }
}
