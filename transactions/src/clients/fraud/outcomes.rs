//! The lane to fraud: what became of transactions, from which it keeps its facts.

use std::sync::Arc;
use std::time::Duration;

use graphql_client::GraphQLQuery;
use outbox::{Lane, Message, NewMessage, Outcome, Receiver, Schedule, not_taken, taken_if_read};
use peer::Peer;
use serde::{Deserialize, Serialize};
use service::{ErrorCode, Timestamp};
use store::StoreError;

use super::{Micros, MinorUnits};
use crate::domain::Transaction;

/// The lane's name.
pub const FRAUD_LANE: &str = "fraud";
/// Nobody waits for the delivery: what happens within this goes together.
const GATHER: Duration = Duration::from_millis(50);

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/fraud.internal.graphql",
    query_path = "src/clients/fraud/record_outcomes.graphql",
    variables_derives = "Clone"
)]
struct RecordOutcomes;

/// What happened to a transaction, as fraud knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FraudEvent {
    /// Its money has moved.
    Succeeded,
    /// It failed.
    Failed,
    /// Its money is held for the merchant.
    Authorized,
    /// Something of it was given back.
    Refunded,
    /// Its money is held until somebody has looked.
    InReview,
}

/// What is told of a transaction, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    transaction_id: String,
    event: FraudEvent,
    kind: String,
    user_id: String,
    target_user_id: Option<String>,
    wallet_id: String,
    merchant_id: Option<String>,
    amount_minor: i64,
    currency: String,
    failure_code: Option<String>,
    operation_id: Option<String>,
    occurred_at: i64,
}

/// The message that tells of a transaction. `amount_minor` is how much the event is about.
pub fn outcome_message(
    transaction: &Transaction,
    event: FraudEvent,
    amount_minor: i64,
    about: About<'_>,
    now: Timestamp,
) -> Result<NewMessage, StoreError> {
    let told = Told {
        transaction_id: transaction.transaction_id.to_string(),
        event,
        kind: transaction.kind.as_str().to_owned(),
        user_id: transaction.user_id.clone(),
        target_user_id: about.target_user_id.map(str::to_owned),
        wallet_id: transaction.wallet_id.to_string(),
        merchant_id: transaction.merchant_id.map(|merchant_id| merchant_id.to_string()),
        amount_minor,
        currency: transaction.amount.currency().code().to_owned(),
        failure_code: transaction.failure_code.clone(),
        operation_id: about.operation_id.map(str::to_owned),
        occurred_at: now.micros(),
    };
    let payload = serde_json::to_string(&told).map_err(|_| StoreError::Column {
        column: 0,
        problem: "what is told to fraud is no JSON".to_owned(),
    })?;
    Ok(NewMessage {
        lane: FRAUD_LANE,
        ordering_key: told.transaction_id,
        payload,
    })
}

/// What an event is about beside its transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// Who got the money of a transfer.
    pub target_user_id: Option<&'a str>,
    /// The refund.
    pub operation_id: Option<&'a str>,
}

/// The lane, delivering to the fraud service.
pub fn fraud_lane(fraud: Peer) -> Lane {
    Lane {
        name: FRAUD_LANE,
        batch_max: 256,
        concurrency: 1,
        receiver_concurrency: None,
        gather: GATHER,
        schedule: Schedule::UntilDelivered,
        receiver: Arc::new(ToFraud { fraud }),
    }
}

struct ToFraud {
    fraud: Peer,
}

#[async_trait::async_trait]
impl Receiver for ToFraud {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let told: Vec<Option<Told>> = messages
            .iter()
            .map(|message| serde_json::from_str(&message.payload).ok())
            .collect();
        let outcomes = told.iter().flatten().cloned().map(input).collect();
        match self
            .fraud
            .call::<RecordOutcomes>(record_outcomes::Variables { outcomes })
            .await
        {
            Ok(_) => told
                .iter()
                .map(|told| taken_if_read(told, "the message tells of no transaction"))
                .collect(),
            Err(error) => not_taken(self, messages, error, &[ErrorCode::BadUserInput]).await,
        }
    }
}

fn input(told: Told) -> record_outcomes::FraudOutcomeInput {
    let event = match told.event {
        FraudEvent::Succeeded => "SUCCEEDED",
        FraudEvent::Failed => "FAILED",
        FraudEvent::Authorized => "AUTHORIZED",
        FraudEvent::Refunded => "REFUNDED",
        FraudEvent::InReview => "IN_REVIEW",
    };
    record_outcomes::FraudOutcomeInput {
        transaction_id: told.transaction_id,
        event: event.to_owned(),
        kind: told.kind,
        user_id: told.user_id,
        target_user_id: told.target_user_id,
        wallet_id: Some(told.wallet_id),
        merchant_id: told.merchant_id,
        amount_minor: told.amount_minor,
        currency: told.currency,
        failure_code: told.failure_code,
        operation_id: told.operation_id,
        occurred_at: told.occurred_at,
    }
}
