//! `GET /checkout/{session}/status`: what the script asks, so that the page needs no reloading.

use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::{load, show};
use crate::visit::Visit;

#[derive(Deserialize)]
pub(crate) struct Asked {
    payment: Option<String>,
}

#[derive(Serialize)]
struct Status {
    state: &'static str,
    version: i64,
    payment: Option<String>,
}

pub(crate) async fn status(visit: Visit, Path(session_id): Path<String>, Query(asked): Query<Asked>) -> Response {
    let session = match load(&visit, &session_id).await {
        Ok(session) => session,
        Err(response) => return response.status().into_response(),
    };
    let payment = match asked.payment {
        Some(id) => show::payment(&visit, &session, &id).await,
        None => None,
    };
    Json(Status {
        state: session.state.as_str(),
        version: session.version,
        payment: payment.map(|payment| payment.status),
    })
    .into_response()
}
