//! HTTP: every route of the program, and what holds for all requests.

mod event;
mod graphql;
mod limits;
mod webhook;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::json;

use crate::app::SharedApp;
use crate::graphql::{orders, users};
use crate::pages::{self, account, assets, guard, my_orders, order, order_form, products};

const BODY_BYTES_MAX: usize = 64 * 1024;

pub(crate) fn users_router(app: &SharedApp) -> Router {
    let schema = users::schema(app.clone());
    let routes = Router::new()
        .route("/graphql", post(graphql::execute).with_state((app.clone(), schema)))
        .route("/healthz", get(healthz).with_state(app.clone()));
    limited(routes)
}

pub(crate) fn orders_router(app: &SharedApp) -> Router {
    let schema = orders::schema(app.clone());
    let routes = page_routes(app)
        .route("/graphql", post(graphql::execute).with_state((app.clone(), schema)))
        .route("/webhook", post(webhook::receive).with_state(app.clone()))
        .route("/healthz", get(healthz).with_state(app.clone()));
    limited(routes)
}

/// The shop in a browser.
fn page_routes(app: &SharedApp) -> Router {
    let again = pages::back_to_the_form;
    Router::new()
        .route("/", get(products::list))
        .route("/produk/{id}", get(products::show))
        .route("/produk/{id}/hitung", get(again).post(order_form::estimate))
        .route("/produk/{id}/pesan", get(again).post(order_form::send))
        .route("/pesanan", get(my_orders::list))
        .route("/pesanan/{id}", get(order::show))
        .route("/pesanan/{id}/status", get(order::status))
        .route("/pesanan/{id}/batal", get(again).post(order::cancel))
        .route("/masuk", get(account::show_sign_in).post(account::sign_in))
        .route("/daftar", get(account::show_sign_up).post(account::sign_up))
        .route("/keluar", get(again).post(account::sign_out))
        .route("/assets/{name}", get(assets::serve))
        .fallback(pages::not_found)
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(app.clone(), guard::protect))
}

fn limited(routes: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(limits::Limits::default(), limits::apply))
}

async fn healthz(State(app): State<SharedApp>) -> Response {
    match app.db.ping().await {
        Ok(()) => Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNHEALTHY",
                "the database does not answer",
            )
        }
    }
}

/// A refusal outside GraphQL, readable by programs and people.
fn refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}
