//! The policy: what a score means, and the rules of the desk.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use money::{Currency, Decimal};
use service::token::{Role, caller};
use service::{ApiError, DateTime};

use super::desk::ReviewDecisionKind;
use super::types::FraudAction;
use crate::app::{App, SetPolicy};
use crate::domain::Policy;
use crate::store::policies::PolicyRow;

/// What a score means, what happens then, and the rules of the desk.
#[derive(SimpleObject)]
pub struct FraudPolicy {
    /// Grows with every change.
    version: i32,
    /// SUSPICIOUS from this score on.
    suspicious_from: i32,
    /// FRAUD from this score on.
    fraud_from: i32,
    /// What happens to SUSPICIOUS payments.
    suspicious_action: FraudAction,
    /// What happens to FRAUD.
    fraud_action: FraudAction,
    /// How long a review waits for an answer.
    review_expires_after_seconds: i32,
    /// What happens to a payment that nobody decided about in time.
    review_expiry_decision: ReviewDecisionKind,
    /// Above this amount, in IDR, two people have to approve; absent when one is always enough.
    four_eyes_above: Option<Decimal>,
    /// The user who set it.
    author: String,
    /// Why.
    reason: String,
    /// When.
    created_at: DateTime,
}

/// A policy to be set.
#[derive(InputObject)]
pub struct FraudPolicyInput {
    /// The version that it takes the place of.
    expected_version: i32,
    /// SUSPICIOUS from this score on, 1 to 100.
    suspicious_from: i32,
    /// FRAUD from this score on, up to 100.
    fraud_from: i32,
    /// What happens to SUSPICIOUS payments.
    suspicious_action: FraudAction,
    /// What happens to FRAUD.
    fraud_action: FraudAction,
    /// How long a review waits for an answer, up to a week.
    review_expires_after_seconds: i32,
    /// What happens to a payment that nobody decided about in time.
    review_expiry_decision: ReviewDecisionKind,
    /// Above this amount, in IDR, two people have to approve; left out one is always enough.
    four_eyes_above: Option<Decimal>,
    /// Why, for the record.
    reason: String,
}

/// Queries about the policy.
#[derive(Default)]
pub struct PolicyQuery;

#[Object]
impl PolicyQuery {
    /// The policy in force. For staff.
    async fn fraud_policy(&self, context: &Context<'_>) -> async_graphql::Result<Option<FraudPolicy>> {
        caller(context).staff()?;
        Ok(Some(context.data::<App>()?.policy().await?.try_into()?))
    }
}

/// Mutations of the policy.
#[derive(Default)]
pub struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Sets another policy, for checks and decisions from now on. For admins.
    async fn set_fraud_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What it says.")] input: FraudPolicyInput,
    ) -> async_graphql::Result<Option<FraudPolicy>> {
        let author = caller(context).with_role(&[Role::Admin])?.sub.clone();
        let asked = SetPolicy {
            expected_version: i64::from(input.expected_version),
            reason: input.reason.clone(),
            author,
            policy: input.policy()?,
        };
        Ok(Some(context.data::<App>()?.set_policy(asked).await?.try_into()?))
    }
}

impl FraudPolicyInput {
    fn policy(self) -> Result<Policy, ApiError> {
        // A negative number is none of the scores; the policy says what is wrong with it.
        let score = |score: i32| u32::try_from(score).unwrap_or(u32::MAX);
        let four_eyes = self
            .four_eyes_above
            .map(|amount| amount.to_money(Currency::Idr))
            .transpose()?;
        Ok(Policy {
            suspicious_from: score(self.suspicious_from),
            fraud_from: score(self.fraud_from),
            suspicious_action: self.suspicious_action.into(),
            fraud_action: self.fraud_action.into(),
            review_expires_after_seconds: u64::try_from(self.review_expires_after_seconds).unwrap_or(0),
            review_expiry_decision: self.review_expiry_decision.into(),
            four_eyes_above: four_eyes.map(money::Money::minor),
        })
    }
}

impl TryFrom<PolicyRow> for FraudPolicy {
    type Error = std::num::TryFromIntError;

    fn try_from(row: PolicyRow) -> Result<Self, Self::Error> {
        let four_eyes_above = row.policy.four_eyes().map(Decimal::from);
        Ok(Self {
            version: row.version.try_into()?,
            suspicious_from: row.policy.suspicious_from.try_into()?,
            fraud_from: row.policy.fraud_from.try_into()?,
            suspicious_action: row.policy.suspicious_action.into(),
            fraud_action: row.policy.fraud_action.into(),
            review_expires_after_seconds: row.policy.review_expires_after_seconds.try_into()?,
            review_expiry_decision: row.policy.review_expiry_decision.into(),
            four_eyes_above,
            author: row.author,
            reason: row.reason,
            created_at: row.created_at.into(),
        })
    }
}
