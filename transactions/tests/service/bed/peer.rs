//! A fake service of our own: `/internal/graphql` with faults around a behaviour.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Json, State};
use axum::http::{Response, header};
use axum::routing::post;
use serde_json::{Value, json};

use super::faults::{Fault, Faults, Side};

/// What an operation does: its root field's value, or an error code.
pub type Behaviour = Arc<dyn Fn(&'static str, &Value) -> Result<Value, &'static str> + Send + Sync>;

const OPERATIONS: [&str; 12] = [
    "issueServiceToken",
    "wallets",
    "postTransfers",
    "fenceTransfers",
    "openMerchantWallets",
    "authorizeHolds",
    "fenceHolds",
    "voidHolds",
    "checkTransactions",
    "recordOutcomes",
    "appendEntries",
    "grantMerchantRole",
];

#[derive(Clone)]
struct Fake {
    behaviour: Behaviour,
    faults: Faults,
}

/// The router of a fake service.
pub fn router(faults: &Faults, behaviour: Behaviour) -> Router {
    let fake = Fake {
        behaviour,
        faults: faults.clone(),
    };
    Router::new().route("/internal/graphql", post(serve)).with_state(fake)
}

async fn serve(State(fake): State<Fake>, Json(body): Json<Value>) -> Response<Body> {
    // The generated clients send all their documents and say which one they mean.
    let name = body["operationName"].as_str().unwrap_or("issueServiceToken");
    let operation = OPERATIONS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or_else(|| panic!("the fakes know no {name}"));
    fake.faults.count(operation);
    if let Some(fault) = fake.faults.pass(operation, Side::Before).await {
        return broken(fault).await;
    }
    let done = if operation == "issueServiceToken" {
        Ok(json!({ "token": "service-token", "expiresIn": 900 }))
    } else {
        (fake.behaviour)(operation, &body["variables"])
    };
    if let Some(fault) = fake.faults.pass(operation, Side::After).await {
        return broken(fault).await;
    }
    match done {
        Ok(value) => answer(200, json!({ "data": { operation: value } }).to_string()),
        Err(code) => broken(Fault::Refused(code)).await,
    }
}

pub(super) async fn broken(fault: Fault) -> Response<Body> {
    match fault {
        Fault::Unavailable => answer(503, String::new()),
        Fault::Rubbish => answer(200, "<html>It works!</html>".to_owned()),
        Fault::Refused(code) => {
            let error = json!({ "message": "the fake refuses", "extensions": { "code": code } });
            answer(200, json!({ "data": null, "errors": [error] }).to_string())
        }
        Fault::Silence => std::future::pending().await,
        Fault::Raw(status, body) => answer(status, body),
        Fault::Redirect(location) => Response::builder()
            .status(302)
            .header(header::LOCATION, location)
            .body(Body::empty())
            .unwrap(),
        Fault::BrokenOff => {
            let parts = [Ok(Bytes::from("{\"data\":")), Err(std::io::Error::other("broken off"))];
            let body = Body::from_stream(futures::stream::iter(parts));
            Response::builder().status(200).body(body).unwrap()
        }
    }
}

pub(super) fn answer(status: u16, body: String) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap()
}
