//! Opening a wallet.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::{home, sign_in_first};
use crate::api::{Code, documents};
use crate::fields::Fields;
use crate::pages::form::Mistake;
use crate::pages::problem;
use crate::text::{Text, failures};
use crate::visit::{Visit, see_other};

const NAME_CHARS_MAX: usize = 60;

pub(crate) async fn create(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let name = fields.get("wallet_name");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return again(&visit, name, failures::BAD_WALLET_NAME).await;
    }
    match visit
        .ask(&documents::CREATE_WALLET, json!({ "walletName": name }))
        .await
    {
        Ok(_) => see_other("/app?opened=1"),
        Err(failure) => match failure.code() {
            Some(Code::BadInput) => again(&visit, name, failures::BAD_WALLET_NAME).await,
            Some(Code::Conflict) => again(&visit, name, failures::TOO_MANY_WALLETS).await,
            _ => problem::of_failure(&visit, &failure),
        },
    }
}

async fn again(visit: &Visit, name: &str, text: Text) -> Response {
    let mistakes = [Mistake::at("wallet_name", visit, text)];
    match home::page(visit, &mistakes, name, "").await {
        Ok(page) => page.respond_with(visit, StatusCode::UNPROCESSABLE_ENTITY),
        Err(response) => response,
    }
}
