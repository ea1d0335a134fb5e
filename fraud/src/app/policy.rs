//! The bands of the score and the rules of the desk.

use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::Policy;
use crate::store::logs::to_json;
use crate::store::policies::{self, PolicyRow};

/// A policy to be set.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// The version that it takes the place of.
    pub expected_version: i64,
    /// What it says.
    pub policy: Policy,
    /// Why.
    pub reason: String,
    /// Who sets it.
    pub author: String,
}

impl App {
    /// The policy in force.
    pub async fn policy(&self) -> Result<PolicyRow, ApiError> {
        let found = self.database.read(policies::current).await;
        found.map_err(ApiError::from)
    }

    /// Sets another one, for checks and decisions from the next commit on.
    pub async fn set_policy(&self, asked: SetPolicy) -> Result<PolicyRow, ApiError> {
        if let Some((field, problem)) = asked.policy.problem() {
            return Err(ApiError::bad_input(format!("`{field}` {problem}")).with("field", field));
        }
        let row = PolicyRow {
            version: asked.expected_version.saturating_add(1),
            policy: asked.policy,
            author: asked.author,
            reason: actions::required_reason(asked.reason)?,
            created_at: self.clock.now(),
        };
        self.database
            .write(move |tx| -> Result<PolicyRow, ApiError> {
                let current = policies::current(tx)?.version;
                if current.saturating_add(1) != row.version {
                    let problem = "the policy has been changed meanwhile";
                    return Err(ApiError::new(ErrorCode::Conflict, problem).with("version", current));
                }
                policies::insert(tx, &row)?;
                let action = actions::NewAction {
                    actor: &row.author,
                    action: "setFraudPolicy",
                    object: "fraudPolicy",
                    reason: Some(&row.reason),
                    detail: Some(&to_json(&row.policy)?),
                };
                actions::record(tx, &action, row.created_at)?;
                Ok(row.clone())
            })
            .await
    }
}
