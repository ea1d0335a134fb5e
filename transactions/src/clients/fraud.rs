//! The fraud service: may this payment go on?

use graphql_client::GraphQLQuery;
use peer::{Coalescer, Peer, PeerError};

use crate::domain::{SagaFacts, Transaction};

const BATCH_MAX: usize = 256;

type MinorUnits = i64;
type Micros = i64;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/fraud.internal.graphql",
    query_path = "src/clients/fraud.graphql",
    variables_derives = "Clone"
)]
struct CheckTransactions;

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// SAFE, or SUSPICIOUS, which passes too (and stands in the fraud log).
    Passes,
    /// FRAUD.
    Refused,
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
    let verdicts = data
        .check_transactions
        .into_iter()
        .map(|decision| match decision.status {
            check_transactions::FraudStatus::SAFE | check_transactions::FraudStatus::SUSPICIOUS => Verdict::Passes,
            // A status that this version does not know must not let money out.
            check_transactions::FraudStatus::FRAUD | check_transactions::FraudStatus::Other(_) => Verdict::Refused,
        });
    Ok(verdicts.collect())
}
