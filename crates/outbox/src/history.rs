//! The lane to history: whatever moves money tells the audit trail through it.

use std::sync::Arc;

use peer::Peer;
use serde::{Deserialize, Serialize};
use service::ErrorCode;

use crate::message::{Lane, Message, NewMessage, Outcome, Receiver};
use crate::schedule::Schedule;
use crate::together::{not_taken, taken_if_read};

/// The lane's name.
pub const LANE: &str = "history";
/// What history refuses an entry with.
const FINAL_CODES: [ErrorCode; 3] = [
    ErrorCode::BadUserInput,
    ErrorCode::Conflict,
    ErrorCode::IdempotencyKeyReused,
];

/// Which way money went, seen from the user whose entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// To the user.
    In,
    /// From the user.
    Out,
}

/// One line of a user's history, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// `<transaction>:<status>:<user>`; the same key again adds nothing.
    pub entry_key: String,
    /// The transaction (or transfer) it tells of.
    pub transaction_id: String,
    /// Whose history it stands in.
    pub user_id: String,
    /// How much, in minor units; never negative.
    pub amount_minor: i64,
    /// Of which currency.
    pub currency: String,
    /// `PAYMENT`, `DEPOSIT`, `TRANSFER`, `TOPUP`, `DEDUCT`.
    pub kind: String,
    /// `SUCCESS`, `FAILED`.
    pub status: String,
    /// The bill that was paid.
    pub va_number: Option<String>,
    /// Which way the money went.
    pub direction: Direction,
    /// The user's wallet.
    pub wallet_id: Option<String>,
    /// The wallet or merchant on the other side.
    pub counterparty: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// When, in microseconds since the epoch.
    pub occurred_at: i64,
}

/// The outbox message of an entry. Its key is the entry's, so that entries do not wait for each other.
pub fn message(entry: &HistoryEntry) -> NewMessage {
    let payload = serde_json::to_string(entry).expect("a struct of texts and numbers is JSON");
    NewMessage {
        lane: LANE,
        ordering_key: entry.entry_key.clone(),
        payload,
    }
}

/// The lane, delivering to the history service.
pub fn lane(history: Peer) -> Lane {
    Lane {
        name: LANE,
        batch_max: 256,
        concurrency: 2,
        receiver_concurrency: None,
        gather: std::time::Duration::ZERO,
        schedule: Schedule::UntilDelivered,
        receiver: Arc::new(ToHistory { history }),
    }
}

type Micros = i64;
type MinorUnits = i64;

#[derive(graphql_client::GraphQLQuery)]
#[graphql(
    schema_path = "../../schemas/history.internal.graphql",
    query_path = "src/clients/history.graphql",
    variables_derives = "Clone"
)]
struct AppendEntries;

struct ToHistory {
    history: Peer,
}

#[async_trait::async_trait]
impl Receiver for ToHistory {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let entries: Vec<_> = messages
            .iter()
            .map(|message| serde_json::from_str(&message.payload).ok().map(input))
            .collect();
        let inputs = entries.iter().flatten().cloned().collect();
        match self
            .history
            .call::<AppendEntries>(append_entries::Variables { inputs })
            .await
        {
            Ok(_) => entries
                .iter()
                .map(|entry| taken_if_read(entry, "the message is no history entry"))
                .collect(),
            Err(error) => not_taken(self, messages, error, &FINAL_CODES).await,
        }
    }
}

fn input(entry: HistoryEntry) -> append_entries::HistoryEntryInput {
    append_entries::HistoryEntryInput {
        entry_key: entry.entry_key,
        transaction_id: entry.transaction_id,
        user_id: entry.user_id,
        amount_minor: entry.amount_minor,
        currency: entry.currency,
        kind: entry.kind,
        status: entry.status,
        va_number: entry.va_number,
        direction: match entry.direction {
            Direction::In => "IN".to_owned(),
            Direction::Out => "OUT".to_owned(),
        },
        wallet_id: entry.wallet_id,
        counterparty: entry.counterparty,
        failure_code: entry.failure_code,
        occurred_at: entry.occurred_at,
    }
}
