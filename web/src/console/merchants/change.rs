//! What an admin changes about a merchant. Every change says why.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use money::Decimal;
use serde_json::json;

use super::show::{Above, page};
use super::{PATH, documents};
use crate::api::Failure;
use crate::console::frame::Staff;
use crate::console::kit::{link, refused, segment};
use crate::fields::Fields;
use crate::format::{day_begins, read_amount};
use crate::pages::notice::{Tone, notice};
use crate::visit::see_other;

const BAD: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The page with the new key on it: it is nowhere else, and not asked for again.
pub(crate) async fn create_key(staff: Staff, Path(merchant_id): Path<String>, fields: Fields) -> Response {
    let variables = json!({ "merchantId": merchant_id, "name": fields.get("name"), "reason": fields.get("reason") });
    match staff.ask(&documents::CREATE_KEY, variables).await {
        Ok(key) => {
            let above = Above {
                message: None,
                new_key: Some(key),
            };
            page(&staff, &merchant_id, above, StatusCode::OK).await
        }
        Err(failure) => not_done(&staff, &merchant_id, "The key was not made", &failure).await,
    }
}

pub(crate) async fn revoke_key(
    staff: Staff,
    Path((merchant_id, key_id)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let variables = json!({ "keyId": key_id, "reason": fields.get("reason") });
    match staff.ask(&documents::REVOKE_KEY, variables).await {
        Ok(_) => done(&merchant_id, "revoked"),
        Err(failure) => not_done(&staff, &merchant_id, "The key was not revoked", &failure).await,
    }
}

pub(crate) async fn set_fee(staff: Staff, Path(merchant_id): Path<String>, fields: Fields) -> Response {
    let what = "The fee plan was not set";
    let percent: Option<Decimal> = fields.get("percent").replace(',', ".").parse().ok();
    let fixed = match fields.get("fixed") {
        "0" => Some(Decimal::from(money::Money::zero(crate::format::IDR))),
        text => read_amount(text).map(Decimal::from),
    };
    let (Some(percent), Some(fixed)) = (percent, fixed) else {
        let text = "Write the percent as 1.5, and the fixed part as 2.500 or 0.";
        return again(&staff, &merchant_id, notice(Tone::Bad, what, text)).await;
    };
    let from = fields.filled("from").map(day_begins);
    if from == Some(None) {
        let text = "The first day is not a day of the calendar.";
        return again(&staff, &merchant_id, notice(Tone::Bad, what, text)).await;
    }
    let variables = json!({
        "merchantId": merchant_id, "percent": percent, "fixed": fixed, "reason": fields.get("reason"),
        "validFrom": from.flatten().map(|instant| instant.to_string()),
    });
    match staff.ask(&documents::SET_FEE_PLAN, variables).await {
        Ok(_) => done(&merchant_id, "fee"),
        Err(failure) => not_done(&staff, &merchant_id, what, &failure).await,
    }
}

pub(crate) async fn set_status(staff: Staff, Path(merchant_id): Path<String>, fields: Fields) -> Response {
    let variables = json!({
        "merchantId": merchant_id, "status": fields.get("status"), "reason": fields.get("reason"),
    });
    match staff.ask(&documents::SET_STATUS, variables).await {
        Ok(_) => done(&merchant_id, "status"),
        Err(failure) => not_done(&staff, &merchant_id, "The status was not changed", &failure).await,
    }
}

fn done(merchant_id: &str, word: &str) -> Response {
    see_other(&link(&format!("{PATH}/{}", segment(merchant_id)), &[("done", word)]))
}

async fn not_done(staff: &Staff, merchant_id: &str, what: &str, failure: &Failure) -> Response {
    again(staff, merchant_id, refused(what, failure)).await
}

async fn again(staff: &Staff, merchant_id: &str, message: maud::Markup) -> Response {
    let above = Above {
        message: Some(message),
        new_key: None,
    };
    page(staff, merchant_id, above, BAD).await
}
