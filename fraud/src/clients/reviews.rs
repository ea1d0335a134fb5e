//! The lane to transactions: what the desk decided about payments that wait for it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use outbox::{Lane, Message, NewMessage, Outcome, Receiver, Schedule, not_taken};
use peer::Peer;
use serde::{Deserialize, Serialize};
use service::ErrorCode;

use crate::domain::ReviewDecisionKind;

/// The lane's name.
pub const LANE: &str = "reviews";
const BATCH_MAX: usize = 256;

/// The end of a case, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The payment that waits.
    pub transaction_id: String,
    /// The case.
    pub case_id: String,
    /// Whether it goes on.
    pub decision: ReviewDecisionKind,
}

/// The outbox message of a resolution.
pub fn message(resolution: &Resolution) -> NewMessage {
    let payload = serde_json::to_string(resolution).expect("a struct of texts is JSON");
    NewMessage {
        lane: LANE,
        ordering_key: resolution.transaction_id.clone(),
        payload,
    }
}

/// The lane, delivering to transactions.
pub fn lane(transactions: Peer) -> Lane {
    Lane {
        name: LANE,
        batch_max: BATCH_MAX,
        concurrency: 2,
        receiver_concurrency: None,
        gather: Duration::ZERO,
        schedule: Schedule::UntilDelivered,
        receiver: Arc::new(ToTransactions { transactions }),
    }
}

#[derive(graphql_client::GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/transactions.internal.graphql",
    query_path = "src/clients/transactions.graphql",
    variables_derives = "Clone"
)]
struct ResolveReviews;

struct ToTransactions {
    transactions: Peer,
}

#[async_trait::async_trait]
impl Receiver for ToTransactions {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let read: Vec<Option<Resolution>> = messages
            .iter()
            .map(|message| serde_json::from_str(&message.payload).ok())
            .collect();
        let resolutions = read.iter().flatten().map(input).collect();
        let variables = resolve_reviews::Variables { resolutions };
        match self.transactions.call::<ResolveReviews>(variables).await {
            Ok(data) => {
                let taken: HashSet<String> = data.resolve_reviews.into_iter().collect();
                read.iter()
                    .map(|resolution| outcome(resolution.as_ref(), &taken))
                    .collect()
            }
            // A payment waits for this: only a refusal of the resolution itself is final.
            Err(error) => not_taken(self, messages, error, &[ErrorCode::BadUserInput]).await,
        }
    }
}

fn outcome(resolution: Option<&Resolution>, taken: &HashSet<String>) -> Outcome {
    match resolution {
        None => Outcome::Park {
            reason: "the message is no resolution".into(),
        },
        Some(resolution) if taken.contains(&resolution.transaction_id) => Outcome::Delivered,
        // It was decided otherwise there before, which asking again does not change.
        Some(_) => Outcome::Park {
            reason: "transactions did not take it: it was decided otherwise before".into(),
        },
    }
}

fn input(resolution: &Resolution) -> resolve_reviews::ReviewResolutionInput {
    resolve_reviews::ReviewResolutionInput {
        transaction_id: resolution.transaction_id.clone(),
        case_id: resolution.case_id.clone(),
        decision: resolution.decision.as_str().to_owned(),
    }
}
