//! `updatePaymentStatus`: how merchants of the original are told that a bill was paid.

use std::sync::Arc;

use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use serde::{Deserialize, Serialize};

use super::graphql::{self, Answer};
use super::http::OrderHttp;
use crate::domain::{Merchants, VaNumber};

/// The lane's name.
pub const NOTIFY_LANE: &str = "merchant_status";

/// Payments in one document.
const BATCH_MAX: usize = 16;

/// What waits in the lane.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotifyPayload {
    /// Whom to tell.
    pub merchant_id: String,
    /// Of which bill.
    pub va_number: String,
}

/// The lane that calls `updatePaymentStatus` at the merchant's endpoint.
pub fn notify_lane(http: OrderHttp, merchants: Merchants) -> Lane {
    Lane {
        name: NOTIFY_LANE,
        batch_max: BATCH_MAX,
        concurrency: 32,
        // A merchant that does not answer must not keep the others from being told.
        receiver_concurrency: Some(2),
        gather: super::GATHER,
        schedule: Schedule::Merchant,
        receiver: Arc::new(Notifier { http, merchants }),
    }
}

struct Notifier {
    http: OrderHttp,
    merchants: Merchants,
}

#[async_trait::async_trait]
impl Receiver for Notifier {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let payloads: Vec<Option<NotifyPayload>> = messages
            .iter()
            .map(|message| serde_json::from_str(&message.payload).ok())
            .collect();
        let same_merchant = payloads.windows(2).all(|pair| match pair {
            [Some(a), Some(b)] => a.merchant_id == b.merchant_id,
            _ => false,
        });
        if same_merchant && payloads.len() > 1 {
            let together: Vec<&NotifyPayload> = payloads.iter().flatten().collect();
            let outcomes = self.tell(&together).await;
            // When the merchant did not take the list, each is told by itself: one that fails must not hold up the rest.
            if outcomes.contains(&Outcome::Delivered) || together.len() != messages.len() {
                return outcomes;
            }
        }
        let one_by_one = payloads.iter().map(|payload| async move {
            match payload {
                Some(payload) => self.tell(&[payload]).await.remove(0),
                None => Outcome::Park {
                    reason: "the message cannot be read".into(),
                },
            }
        });
        futures::future::join_all(one_by_one).await
    }
}

impl Notifier {
    /// Tells one merchant of several paid bills.
    async fn tell(&self, payloads: &[&NotifyPayload]) -> Vec<Outcome> {
        let all = |outcome: Outcome| vec![outcome; payloads.len()];
        let merchant = payloads
            .first()
            .and_then(|payload| self.merchants.get(payload.merchant_id.parse().ok()?));
        let Some(merchant) = merchant else {
            return all(Outcome::Park {
                reason: "the merchant does not exist any more".into(),
            });
        };
        let Some(order_url) = &merchant.order_url else {
            return all(Outcome::Park {
                reason: "the merchant has no order endpoint any more".into(),
            });
        };
        let Some(document) = document(payloads) else {
            return all(Outcome::Park {
                reason: "the VA number cannot be written into a document".into(),
            });
        };
        match graphql::send(&self.http, order_url, &document).await {
            Err(error) => all(Outcome::Retry {
                reason: error.to_string(),
                after: None,
            }),
            Ok(answer) => (0..payloads.len())
                .map(|index| outcome_of(&answer, &format!("n{index}")))
                .collect(),
        }
    }
}

/// Told is what has a field in the data and no error. One mutation that fails can end the whole document, so that
/// those behind it never ran: then there is no data at all, and nobody counts as told.
fn outcome_of(answer: &Answer, field: &str) -> Outcome {
    let answered = answer.data.as_ref().is_some_and(|data| data.contains_key(field));
    let reason = match answer.error_of(field).or(answer.errors.first()) {
        _ if answered && answer.error_of(field).is_none() => return Outcome::Delivered,
        Some(error) => format!("the merchant answered: {}", error.message),
        None => "the merchant answered something else".to_owned(),
    };
    Outcome::Retry { reason, after: None }
}

/// `updatePaymentStatus` gives a scalar, so it stands without a selection set, as in the contract.
fn document(payloads: &[&NotifyPayload]) -> Option<String> {
    let fields = payloads.iter().enumerate().map(|(index, payload)| {
        let number = VaNumber::parse(&payload.va_number).ok()?;
        Some(format!(
            "n{index}: updatePaymentStatus(vaNumber: \"{number}\", status: \"PROCESSED\")"
        ))
    });
    Some(format!(
        "mutation {{ {} }}",
        fields.collect::<Option<Vec<_>>>()?.join(" ")
    ))
}
