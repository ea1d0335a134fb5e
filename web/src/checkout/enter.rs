//! Signing in and out on the bill's page.

use axum::extract::Path;
use axum::response::Response;

use super::load;
use super::till::{self, Till};
use crate::app::account;
use crate::fields::Fields;
use crate::visit::{Visit, see_other};

pub(crate) async fn sign_in(visit: Visit, Path(session_id): Path<String>, fields: Fields) -> Response {
    match account::enter(&visit, &fields).await {
        Ok(()) => see_other(&format!("/checkout/{session_id}")),
        Err(refused) => {
            let session = match load(&visit, &session_id).await {
                Ok(session) => session,
                Err(response) => return response,
            };
            let till = Till {
                mistakes: refused.mistakes,
                email: fields.get("email").to_owned(),
                status: Some(refused.status),
                ..Till::default()
            };
            till::page(&visit, &session, till).await
        }
    }
}

/// "Not you?"
pub(crate) async fn sign_out(visit: Visit, Path(session_id): Path<String>) -> Response {
    account::leave(&visit).await;
    see_other(&format!("/checkout/{session_id}"))
}
