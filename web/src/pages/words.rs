//! Codes of the API in words.

use service::Timestamp;

use crate::api::{Code, Failure};
use crate::format;
use crate::text::{Text, common, failures};
use crate::visit::Visit;

/// What a failure code means to whom it happens: a title and a sentence.
pub(crate) fn failure(code: &str) -> (Text, Text) {
    match code {
        "INSUFFICIENT_FUNDS" => (failures::INSUFFICIENT, failures::INSUFFICIENT_TEXT),
        "FRAUD_BLOCKED" => (failures::FRAUD, failures::FRAUD_TEXT),
        "REVIEW_REJECTED" => (failures::REVIEW_REJECTED, failures::REVIEW_REJECTED_TEXT),
        "BILL_NOT_FOUND" => (failures::BILL_GONE, failures::BILL_GONE_TEXT),
        "BILL_ALREADY_PAID" => (failures::BILL_PAID, failures::BILL_PAID_TEXT),
        "BILL_AMOUNT_MISMATCH" => (failures::MISMATCH, failures::MISMATCH_TEXT),
        "BILL_EXPIRED" => (failures::BILL_EXPIRED, failures::BILL_EXPIRED_TEXT),
        "BILL_PAYMENT_IN_PROGRESS" => (failures::IN_PROGRESS, failures::IN_PROGRESS_TEXT),
        "MERCHANT_UNAVAILABLE" => (failures::MERCHANT_DOWN, failures::MERCHANT_DOWN_TEXT),
        "WALLET_FROZEN" => (failures::FROZEN, failures::FROZEN_TEXT),
        "WALLET_CLOSED" | "WALLET_NOT_FOUND" => (failures::WALLET_GONE, failures::WALLET_GONE_TEXT),
        "BALANCE_LIMIT_EXCEEDED" => (failures::BALANCE_LIMIT, failures::BALANCE_LIMIT_TEXT),
        "TIMED_OUT" => (failures::TIMED_OUT, failures::TIMED_OUT_TEXT),
        _ => (failures::REFUSED, failures::REFUSED_TEXT),
    }
}

pub(crate) fn kind(code: &str) -> Option<Text> {
    match code {
        "DEPOSIT" => Some(common::TYPE_DEPOSIT),
        "PAYMENT" => Some(common::TYPE_PAYMENT),
        "TRANSFER" => Some(common::TYPE_TRANSFER),
        "REFUND" => Some(common::TYPE_REFUND),
        "CAPTURE" => Some(common::TYPE_CAPTURE),
        "TOPUP" => Some(common::TYPE_TOPUP),
        "DEDUCT" | "DEDUCTION" => Some(common::TYPE_DEDUCT),
        _ => None,
    }
}

/// What a transaction can be.
pub(crate) const STATUSES: [&str; 7] = [
    "PENDING",
    "REVIEW",
    "AUTHORIZED",
    "SUCCESS",
    "FAILED",
    "VOIDED",
    "EXPIRED",
];

pub(crate) fn status(code: &str) -> Option<Text> {
    match code {
        "PENDING" => Some(common::STATUS_PENDING),
        "REVIEW" => Some(common::STATUS_REVIEW),
        "AUTHORIZED" => Some(common::STATUS_AUTHORIZED),
        "SUCCESS" => Some(common::STATUS_SUCCESS),
        "FAILED" => Some(common::STATUS_FAILED),
        "VOIDED" => Some(common::STATUS_VOIDED),
        "EXPIRED" => Some(common::STATUS_EXPIRED),
        _ => None,
    }
}

/// A word for a code, and the code itself where there is none yet.
pub(crate) fn or_code<'a>(visit: &Visit, text: Option<Text>, code: &'a str) -> &'a str {
    text.map_or(code, |text| visit.say(text))
}

/// What a form says when an operation as a whole did not work.
pub(crate) fn of_failure(visit: &Visit, failure: &Failure) -> String {
    match failure {
        Failure::Unavailable => format!("{}. {}", visit.say(failures::DOWN), visit.say(failures::DOWN_TEXT)),
        Failure::MerchantUnavailable => format!(
            "{}. {}",
            visit.say(failures::MERCHANT_DOWN),
            visit.say(failures::MERCHANT_DOWN_TEXT)
        ),
        Failure::Refused(refusal) if refusal.code == Code::RateLimited => format!(
            "{}. {}",
            visit.say(failures::TOO_OFTEN),
            visit.fill(failures::TOO_OFTEN_TEXT, &[&wait(visit, refusal.retry_after_seconds)])
        ),
        Failure::Refused(_) => format!(
            "{}. {}",
            visit.say(failures::REFUSED),
            visit.say(failures::REFUSED_TEXT)
        ),
    }
}

/// `5 minutes`; a moment when nobody knows.
fn wait(visit: &Visit, seconds: Option<u64>) -> String {
    match seconds {
        None => visit.say(failures::A_MOMENT).to_owned(),
        Some(seconds) if seconds < 120 => visit.fill(failures::SECONDS, &[&seconds.to_string()]),
        Some(seconds) => visit.fill(failures::MINUTES, &[&seconds.div_ceil(60).to_string()]),
    }
}

pub(crate) fn instant(visit: &Visit, instant: Timestamp) -> String {
    format::instant(instant, visit.lang())
}

#[cfg(test)]
mod tests {
    use apollo_compiler::Schema;

    use super::*;

    #[test]
    fn every_status_of_the_contract_is_known_and_has_a_word() {
        let sdl = include_str!("../../../schemas/gateway.graphql");
        let schema = Schema::parse_and_validate(sdl, "gateway.graphql").expect("the schema is good");
        let contract = schema.get_enum("TransactionStatus").expect("it is in the contract");
        let statuses: Vec<&str> = contract.values.keys().map(|code| code.as_str()).collect();
        assert_eq!(statuses, STATUSES);
        for code in STATUSES {
            assert!(status(code).is_some(), "{code}");
        }
    }
}
