//! What happened to one transaction, from all that was kept of it.

use ids::TransactionId;
use service::token::Caller;
use service::{ApiError, Timestamp};
use store::{Snapshot, StoreError};

use super::App;
use crate::domain::{OperationKind, OperationState, ReviewState, Step, Transaction, payment_subject};
use crate::store::{events, payment_operations, reviews, sagas, transactions, webhook_attempts};

/// A story longer than this is told from its beginning.
const ENTRIES_MAX: usize = 1_000;
const EVENTS_MAX: i64 = 200;
const ATTEMPTS_OF_EVENT_MAX: i64 = 50;

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum TimelineKind {
    /// A step of the payment's saga.
    Step,
    /// Something that its merchant is told of.
    Event,
    /// A capture, a void or a refund.
    Operation,
    /// An attempt to deliver an event.
    Webhook,
    /// The review of a person.
    Review,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// Where it comes from.
    pub kind: TimelineKind,
    /// What happened.
    pub title: String,
    /// What came of it.
    pub status: String,
    /// More about it.
    pub detail: Option<String>,
    /// In which attempt.
    pub attempt: Option<i64>,
    /// How long it took, in microseconds.
    pub duration_micros: Option<i64>,
}

impl App {
    /// What happened to a transaction, in the order in which it happened.
    pub async fn payment_timeline(
        &self,
        caller: &Caller,
        transaction_id: &str,
    ) -> Result<Vec<TimelineEntry>, ApiError> {
        caller.staff()?;
        let unknown = || ApiError::not_found("transaction");
        let transaction_id = TransactionId::parse(transaction_id).map_err(|_| unknown())?;
        let found = self.database.read(move |snapshot| timeline(snapshot, transaction_id));
        found.await.map_err(ApiError::from)?.ok_or_else(unknown)
    }
}

fn timeline(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<Vec<TimelineEntry>>, StoreError> {
    let Some(transaction) = transactions::find(snapshot, transaction_id)? else {
        return Ok(None);
    };
    let mut entries = vec![entry(transaction.created_at, TimelineKind::Step, "begun", "PENDING")];
    entries.extend(steps(snapshot, transaction_id)?);
    entries.extend(review(snapshot, transaction_id)?);
    entries.extend(told(snapshot, &transaction)?);
    for operation in payment_operations::list_of_payment(snapshot, transaction_id)? {
        let title = match operation.operation_id.kind() {
            OperationKind::Capture => "capture",
            OperationKind::Void => "void",
            OperationKind::Refund => "refund",
        };
        let ended = operation.state != OperationState::Pending;
        let took = operation.updated_at.micros() - operation.created_at.micros();
        entries.push(TimelineEntry {
            detail: Some(match &operation.failure_code {
                Some(code) => format!("{} {}: {code}", operation.operation_id, operation.amount),
                None => format!("{} {}", operation.operation_id, operation.amount),
            }),
            duration_micros: ended.then_some(took),
            ..entry(
                operation.created_at,
                TimelineKind::Operation,
                title,
                operation.state.as_str(),
            )
        });
    }
    // What happened in the same microsecond stays in the order of its source.
    entries.sort_by_key(|entry| entry.at);
    entries.truncate(ENTRIES_MAX);
    Ok(Some(entries))
}

fn steps(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Vec<TimelineEntry>, StoreError> {
    let under_way = sagas::find_steps(snapshot, transaction_id)?;
    let stored = match under_way {
        Some(steps) => Some(steps),
        None => transactions::steps(snapshot, transaction_id)?,
    };
    let steps: Vec<Step> = stored
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let entries = steps.into_iter().map(|step| TimelineEntry {
        attempt: Some(i64::from(step.attempt)),
        duration_micros: Some(step.micros),
        ..entry(
            Timestamp::from_micros(step.at),
            TimelineKind::Step,
            &step.step,
            &step.result,
        )
    });
    Ok(entries.collect())
}

fn review(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Vec<TimelineEntry>, StoreError> {
    let Some(review) = reviews::find(snapshot, transaction_id)? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    if let Some(opened_at) = review.opened_at {
        entries.push(TimelineEntry {
            detail: review
                .hold_expires_at
                .map(|until| format!("the money is held until {until} at the latest")),
            ..entry(
                opened_at,
                TimelineKind::Review,
                "review opened",
                ReviewState::Open.as_str(),
            )
        });
    }
    if let Some(decided_at) = review.decided_at {
        entries.push(TimelineEntry {
            detail: review.case_id,
            ..entry(
                decided_at,
                TimelineKind::Review,
                "review decided",
                review.state.as_str(),
            )
        });
    }
    Ok(entries)
}

/// The events about a payment, and how they were delivered.
fn told(snapshot: &Snapshot<'_>, transaction: &Transaction) -> Result<Vec<TimelineEntry>, StoreError> {
    let Some(merchant_id) = transaction.merchant_id else {
        return Ok(Vec::new());
    };
    let subject = payment_subject(transaction);
    let mut entries = Vec::new();
    for event in events::of_subject(snapshot, merchant_id, &subject, EVENTS_MAX)? {
        let body: serde_json::Value = serde_json::from_str(&event.body).unwrap_or_default();
        if body["data"]["transactionId"] != transaction.transaction_id.as_str() {
            continue;
        }
        let status = body["data"]["status"].as_str().unwrap_or_default();
        entries.push(TimelineEntry {
            detail: Some(event.event_id.clone()),
            ..entry(event.created_at, TimelineKind::Event, &event.event_type, status)
        });
        let mut attempts = webhook_attempts::list(snapshot, None, Some(&event.event_id), None, ATTEMPTS_OF_EVENT_MAX)?;
        attempts.reverse();
        for (number, (_, attempt)) in (1_i64..).zip(attempts) {
            entries.push(TimelineEntry {
                detail: Some(match attempt.status {
                    Some(status) => format!("{} to {}: HTTP {status}", event.event_id, attempt.endpoint_id),
                    None => format!("{} to {}", event.event_id, attempt.endpoint_id),
                }),
                attempt: Some(number),
                duration_micros: i64::try_from(attempt.latency.as_micros()).ok(),
                ..entry(
                    attempt.attempted_at,
                    TimelineKind::Webhook,
                    &event.event_type,
                    attempt.outcome.as_str(),
                )
            });
        }
    }
    Ok(entries)
}

fn entry(at: Timestamp, kind: TimelineKind, title: &str, status: &str) -> TimelineEntry {
    TimelineEntry {
        at,
        kind,
        title: title.to_owned(),
        status: status.to_owned(),
        detail: None,
        attempt: None,
        duration_micros: None,
    }
}
