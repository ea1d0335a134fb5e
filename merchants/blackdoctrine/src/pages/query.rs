//! Query parameters of pages.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// What stands behind the `?`; a query that cannot be read counts as none, since a page is more use than a refusal.
pub(crate) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequestParts<S> for Asked<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        Ok(Self(query.map(|Query(asked)| asked).unwrap_or_default()))
    }
}
