//! The fraud desk's side of a payment under review.

use serde_json::{Value, json};
use testkit::graphql::Answer;
use tokio::task::JoinHandle;

use super::{Ask, Bed};

impl Bed {
    /// Says what was decided, in the background.
    pub fn resolving(&self, transaction_id: &str, decision: &str) -> JoinHandle<Answer> {
        let document =
            "mutation($resolutions: [ReviewResolutionInput!]!) { resolveReviews(resolutions: $resolutions) }";
        let resolution = json!({ "transactionId": transaction_id, "caseId": format!("rev{}", &transaction_id[3..]), "decision": decision });
        self.sending(Ask {
            path: "/internal/graphql",
            ..Ask::new(
                Some(&self.service_token()),
                document,
                json!({ "resolutions": [resolution] }),
            )
        })
    }

    /// Says what was decided, and answers whether it was taken.
    pub async fn resolve(&self, transaction_id: &str, decision: &str) -> bool {
        let answer = self.resolving(transaction_id, decision).await.unwrap();
        let taken = answer.data()["resolveReviews"].clone();
        assert!(taken == json!([transaction_id]) || taken == json!([]), "{taken}");
        taken != json!([])
    }

    /// Where a transaction stands, and why.
    pub async fn standing(&self, transaction_id: &str) -> Value {
        let document = "query($id: String!) { transaction(transactionId: $id) { status failureCode } }";
        let answer = self
            .ask(Some(&self.admin()), document, json!({ "id": transaction_id }))
            .await;
        answer.data()["transaction"].clone()
    }
}
