//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::app::{App, SharedApp};
use crate::domain::account::User;
use crate::error::Error;
use crate::pages::PageError;
use crate::pages::cookies::Cookie;

const VISITOR_SECONDS: i64 = 30 * 24 * 60 * 60;
const VISITOR_BYTES: usize = 24;

/// Anybody who looks at a page.
pub(crate) struct Visitor {
    pub(super) user: Option<User>,
    /// What tokens of forms belong to: the session's cookie, or the visitor's.
    bound_to: String,
    /// The visitor's cookie is new, so whoever shows a form has to set it.
    is_new: bool,
}

impl Visitor {
    async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Error> {
        if let Some(session) = Cookie::Session.read(app, headers)
            && let Some(user) = signed_in(app, &session).await?
        {
            return Ok(Self {
                user: Some(user),
                bound_to: session,
                is_new: false,
            });
        }
        let known = Cookie::Visitor.read(app, headers).filter(|text| is_visitor(text));
        Ok(Self {
            user: None,
            is_new: known.is_none(),
            bound_to: known.unwrap_or_else(|| BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; VISITOR_BYTES]>())),
        })
    }

    /// The token for a form on the page.
    pub(super) fn form_token(&self, app: &App) -> Result<String, Error> {
        app.tokens.forms().issue(&self.bound_to)
    }

    pub(super) fn may_send(&self, app: &App, token: &str) -> Result<bool, Error> {
        // A cookie made for this very request has been on no page.
        Ok(!self.is_new && app.tokens.forms().is_good(&self.bound_to, token)?)
    }

    /// The cookie that a form for somebody unknown needs.
    pub(super) fn new_cookie(&self, app: &App) -> Result<Option<HeaderValue>, Error> {
        self.is_new
            .then(|| Cookie::Visitor.set(app, &self.bound_to, VISITOR_SECONDS))
            .transpose()
    }

    /// Who is signed in; everybody else is sent to sign in, and back to `page`.
    pub(super) fn buyer(&self, page: &str) -> Result<&User, PageError> {
        self.user.as_ref().ok_or_else(|| PageError::SignIn(page.to_owned()))
    }
}

impl FromRequestParts<SharedApp> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, PageError> {
        Ok(Self::of(app, &parts.headers).await?)
    }
}

/// The user of a session's token; nobody when it is over, or the account is gone or closed.
async fn signed_in(app: &App, session: &str) -> Result<Option<User>, Error> {
    let Some(user_id) = app.tokens.verify(session) else {
        return Ok(None);
    };
    match app.active_user(user_id).await {
        Ok(user) => Ok(Some(user)),
        Err(Error::Unauthenticated | Error::AccountInactive) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether this is a text as we make them; what else a cookie can hold is not worth a form's trust.
fn is_visitor(text: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == VISITOR_BYTES)
}
