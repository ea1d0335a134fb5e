//! Holds: money that a payment may capture later.

use graphql_client::GraphQLQuery;
use ids::{HoldId, TransactionId};
use peer::{Coalescer, Peer, PeerError};
use service::Timestamp;

use super::{BATCH_MAX, malformed};
use crate::domain::{Failure, FailureCode, Transaction};

type MinorUnits = i64;
type Micros = i64;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/authorize_holds.graphql",
    variables_derives = "Clone"
)]
struct AuthorizeHolds;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/fence_holds.graphql"
)]
struct FenceHolds;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/void_holds.graphql"
)]
struct VoidHolds;

/// Where a hold stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldAnswer {
    /// Money is held, and can be captured until the hold ends.
    Held,
    /// It was granted and holds nothing any more; this much of it was captured.
    Ended {
        /// In minor units.
        captured_minor: i64,
    },
    /// It was not granted, and under this id never will be.
    Refused(Failure),
}

/// The ledger's holds. Cheap to clone.
#[derive(Clone)]
pub struct Holds {
    peer: Peer,
    authorizations: Coalescer<authorize_holds::HoldInput, HoldAnswer>,
}

impl Holds {
    pub(super) fn new(peer: Peer) -> Self {
        let authorizations = Coalescer::start("wallet", BATCH_MAX, {
            let peer = peer.clone();
            move |inputs| authorize(peer.clone(), inputs)
        });
        Self { peer, authorizations }
    }

    /// Holds the money of a payment. Asked again, it answers the same and holds nothing more.
    pub async fn authorize(&self, transaction: &Transaction, expires_at: Timestamp) -> Result<HoldAnswer, PeerError> {
        let input = authorize_holds::HoldInput {
            hold_id: hold_id(transaction.transaction_id),
            wallet_id: transaction.wallet_id.to_string(),
            on_behalf_of: transaction.user_id.clone(),
            amount_minor: transaction.amount.minor(),
            expires_at: expires_at.micros(),
        };
        self.authorizations.submit(input).await
    }

    /// Where the hold of a payment stands; if it was never asked for, it is refused from now on.
    pub async fn fence(&self, transaction_id: TransactionId) -> Result<HoldAnswer, PeerError> {
        let asked = hold_id(transaction_id);
        let hold_ids = vec![asked.clone()];
        let data = self
            .peer
            .call::<FenceHolds>(fence_holds::Variables { hold_ids })
            .await?;
        let hold = data.fence_holds.into_iter().next();
        let hold = hold.ok_or_else(|| malformed("no hold for one id"))?;
        answer(&asked, &hold.hold_id, &hold.state, hold.refusal, hold.captured_minor)
    }

    /// Lets go what is left of the hold of a payment. Afterwards nothing of it can be captured any more.
    pub async fn void(&self, transaction_id: TransactionId) -> Result<HoldAnswer, PeerError> {
        let asked = hold_id(transaction_id);
        let hold_ids = vec![asked.clone()];
        let data = self.peer.call::<VoidHolds>(void_holds::Variables { hold_ids }).await?;
        let hold = data.void_holds.into_iter().next();
        let hold = hold.ok_or_else(|| malformed("no hold for one id"))?;
        match answer(&asked, &hold.hold_id, &hold.state, hold.refusal, hold.captured_minor)? {
            HoldAnswer::Held => Err(malformed("a hold that was voided and still holds")),
            ended => Ok(ended),
        }
    }
}

/// The hold of a payment has its id with another prefix.
pub fn hold_of(transaction_id: TransactionId) -> HoldId {
    transaction_id.retag::<ids::Hold>()
}

fn hold_id(transaction_id: TransactionId) -> String {
    hold_of(transaction_id).to_string()
}

async fn authorize(peer: Peer, inputs: Vec<authorize_holds::HoldInput>) -> Result<Vec<HoldAnswer>, PeerError> {
    let hold_ids: Vec<String> = inputs.iter().map(|input| input.hold_id.clone()).collect();
    let data = peer
        .call::<AuthorizeHolds>(authorize_holds::Variables { inputs })
        .await?;
    if data.authorize_holds.len() != hold_ids.len() {
        return Err(malformed("not one answer for each hold"));
    }
    let holds = data.authorize_holds.into_iter().zip(&hold_ids);
    holds
        .map(|(hold, asked)| answer(asked, &hold.hold_id, &hold.state, hold.refusal, hold.captured_minor))
        .collect()
}

/// Only a refusal with its code is one, and only a state that we know is an answer.
fn answer(
    asked: &str,
    answered: &str,
    state: &str,
    refusal: Option<String>,
    captured_minor: i64,
) -> Result<HoldAnswer, PeerError> {
    if answered != asked {
        return Err(malformed("the answer of another hold"));
    }
    match (state, refusal) {
        ("PENDING", None) => Ok(HoldAnswer::Held),
        ("CAPTURED" | "VOIDED" | "EXPIRED", None) => Ok(HoldAnswer::Ended { captured_minor }),
        ("REFUSED", Some(refusal)) => {
            let code = FailureCode::of_ledger(&refusal);
            Ok(HoldAnswer::Refused(Failure::new(code, code.ledger_reason())))
        }
        _ => Err(malformed("a hold in no state that we know")),
    }
}
