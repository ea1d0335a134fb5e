//! The fraud service: may this payment go on?

mod outcomes;

use graphql_client::GraphQLQuery;
use peer::{Coalescer, Peer, PeerError};
use service::Timestamp;

use crate::domain::{SagaFacts, Transaction};
pub use outcomes::{About, FRAUD_LANE, FraudEvent, fraud_lane, outcome_message};

const BATCH_MAX: usize = 256;

type MinorUnits = i64;
type Micros = i64;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/fraud.internal.graphql",
    query_path = "src/clients/fraud/check_transactions.graphql",
    variables_derives = "Clone"
)]
struct CheckTransactions;

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on.
    Passes,
    /// A person must look at it first.
    Review {
        /// When the review ends by itself.
        expires_at: Timestamp,
    },
    /// It must not.
    Refused,
}

impl Verdict {
    /// The action that it stands for.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Passes => "ALLOW",
            Self::Review { .. } => "REVIEW",
            Self::Refused => "BLOCK",
        }
    }
}

/// The fraud service. Cheap to clone.
#[derive(Clone)]
pub struct FraudClient {
    checks: Coalescer<check_transactions::FraudCheckInput, Verdict>,
}

impl FraudClient {
    /// A client of this peer.
    pub fn new(peer: Peer) -> Self {
        let checks = Coalescer::start("fraud", BATCH_MAX, move |inputs| check(peer.clone(), inputs));
        Self { checks }
    }

    /// Checks a transaction. Asked again, it answers with the decision that was logged.
    pub async fn check(&self, transaction: &Transaction, facts: &SagaFacts) -> Result<Verdict, PeerError> {
        let input = check_transactions::FraudCheckInput {
            transaction_id: transaction.transaction_id.to_string(),
            user_id: transaction.user_id.clone(),
            amount_minor: transaction.amount.minor(),
            currency: transaction.amount.currency().code().to_owned(),
            kind: transaction.kind.as_str().to_owned(),
            account_created_at: facts.account_created_at,
            recent_failures: facts.recent_failures,
            merchant_id: transaction.merchant_id.map(|merchant_id| merchant_id.to_string()),
            wallet_id: Some(transaction.wallet_id.to_string()),
            target_user_id: facts.target_user_id.clone(),
            target_wallet_id: transaction.target_wallet_id.map(|wallet_id| wallet_id.to_string()),
            email_domain: facts.origin.email_domain.clone(),
            zoneinfo: facts.origin.zoneinfo.clone(),
            address: facts.origin.address.clone(),
            session_id: facts.origin.session_id.clone(),
            wallet_created_at: facts.origin.wallet_created_at,
        };
        self.checks.submit(input).await
    }
}

async fn check(peer: Peer, inputs: Vec<check_transactions::FraudCheckInput>) -> Result<Vec<Verdict>, PeerError> {
    let asked: Vec<String> = inputs.iter().map(|input| input.transaction_id.clone()).collect();
    let data = peer
        .call::<CheckTransactions>(check_transactions::Variables { inputs })
        .await?;
    // A decision about one payment must not let another one through.
    let answered = data.check_transactions.iter().map(|decision| &decision.transaction_id);
    if !answered.eq(&asked) {
        let problem = "decisions about other transactions".to_owned();
        return Err(PeerError::Malformed { peer: "fraud", problem });
    }
    data.check_transactions
        .into_iter()
        .map(|decision| match (decision.action, decision.review_expires_at) {
            (check_transactions::FraudAction::ALLOW, _) => Ok(Verdict::Passes),
            (check_transactions::FraudAction::REVIEW, Some(expires_at)) => Ok(Verdict::Review {
                expires_at: Timestamp::from_micros(expires_at),
            }),
            (check_transactions::FraudAction::REVIEW, None) => {
                let problem = "a review without an end".to_owned();
                Err(PeerError::Malformed { peer: "fraud", problem })
            }
            // An action that this version does not know must not let money out.
            (check_transactions::FraudAction::BLOCK | check_transactions::FraudAction::Other(_), _) => {
                Ok(Verdict::Refused)
            }
        })
        .collect()
}
