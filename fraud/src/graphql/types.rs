//! The types of the public API.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use ids::FraudLogId;
use money::Decimal;
use service::DateTime;

use crate::app::{App, Logged};
use crate::domain::{Action, Fired, Outcome, Reading, Shown};
use crate::store::logs::LogRow;

/// The outcome of a check.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Outcome")]
pub enum FraudStatus {
    /// Nothing unusual: the payment goes on.
    Safe,
    /// Unusual: the payment goes on and is logged for review.
    Suspicious,
    /// The payment is refused.
    Fraud,
}

/// What happens to a payment.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Action")]
pub enum FraudAction {
    /// It goes on.
    Allow,
    /// Its money is held until somebody of the desk has decided.
    Review,
    /// It is refused.
    Block,
}

/// A rule that fired.
#[derive(SimpleObject)]
pub struct FiredRule {
    /// Its name.
    rule: String,
    /// The version of it.
    version: u32,
    /// What it added to the score.
    score: u32,
    /// Why, with the numbers.
    reason: String,
}

impl From<&Fired> for FiredRule {
    fn from(fired: &Fired) -> Self {
        Self {
            rule: fired.rule.to_string(),
            version: fired.version,
            score: fired.score,
            reason: fired.reason.clone(),
        }
    }
}

/// What a check came to.
#[derive(SimpleObject)]
#[graphql(rename_fields = "snake_case")]
pub struct FraudCheck {
    /// True when the payment is to be refused.
    is_fraud: bool,
    /// The outcome.
    status: FraudStatus,
    /// Why, with the numbers.
    reason: String,
}

impl From<Logged> for FraudCheck {
    fn from(logged: Logged) -> Self {
        Self {
            is_fraud: logged.decision.outcome == Outcome::Fraud,
            status: logged.decision.outcome.into(),
            reason: logged.decision.reason(),
        }
    }
}

/// The unit of a fact.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FraudFactUnit {
    /// An amount in rupiah.
    Rupiah,
    /// A time in seconds.
    Seconds,
    /// None: a count, a rate, a word, or yes and no.
    None,
}

/// What a fact was when a check was made.
#[derive(SimpleObject)]
pub struct FraudFactReading {
    /// Its name in expressions.
    name: String,
    /// Its value, as expressions see it; null for an age that was not known.
    value: Option<String>,
    /// The value's unit.
    unit: FraudFactUnit,
    /// What it is.
    description: String,
}

impl From<Reading> for FraudFactReading {
    fn from(reading: Reading) -> Self {
        Self {
            name: reading.name.to_owned(),
            value: reading.value,
            unit: match reading.shown {
                Shown::Money => FraudFactUnit::Rupiah,
                Shown::Hours => FraudFactUnit::Seconds,
                Shown::Plainly => FraudFactUnit::None,
            },
            description: reading.description.to_owned(),
        }
    }
}

/// One logged check.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FraudLog {
    #[graphql(skip)]
    id: FraudLogId,
    /// The log's id, also the cursor for `after`.
    log_id: String,
    /// Whose payment was checked.
    user_id: String,
    /// The transaction that was checked; absent for a check asked for by hand.
    transaction_id: Option<String>,
    /// The amount that was checked, in IDR.
    amount: Decimal,
    /// The outcome.
    status: FraudStatus,
    /// Why, with the numbers.
    reason: String,
    /// The risk from 0 to 100; only FRAUD reaches 100.
    score: u32,
    /// The names of the rules that fired, most important first.
    rules: Vec<String>,
    /// What happens to the payment.
    action: FraudAction,
    /// What for: `PAYMENT`, `TRANSFER`, or `MANUAL` for a check asked for by hand.
    kind: String,
    /// Who is to be paid, if it is a merchant.
    merchant_id: Option<String>,
    /// The rules that fired, most important first, with what each added.
    fired: Vec<FiredRule>,
    /// The rules on trial that would have fired.
    shadow_fired: Vec<FiredRule>,
    /// Everything the rules looked at, in JSON as it was kept; much of what is zero or false is left out.
    facts: String,
    #[graphql(skip)]
    rule_set: u32,
    /// The version of the policy that it was decided by; 0 for one of before there were policies.
    policy_version: u32,
    /// When the check was made.
    created_at: DateTime,
}

#[ComplexObject]
impl FraudLog {
    /// The desk's case about it, if there is one.
    async fn case_id(&self, context: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let case_id = context.data::<App>()?.case_of_log(self.id).await?;
        Ok(case_id.map(String::from))
    }

    /// Everything the rules looked at, by the names that expressions have for it, the settings of that time among them; behind
    /// it what stood on a list (`denied`, `allowed`) and which rules slept (`snoozed`), if there was any. Null for a check
    /// whose facts cannot be read any more.
    async fn readings(&self, context: &Context<'_>) -> async_graphql::Result<Option<Vec<FraudFactReading>>> {
        let app = context.data::<App>()?;
        let readings = app.readings(self.facts.clone(), self.rule_set).await?;
        Ok(readings.map(|readings| readings.into_iter().map(FraudFactReading::from).collect()))
    }
}

impl From<LogRow> for FraudLog {
    fn from(row: LogRow) -> Self {
        Self {
            id: row.log_id,
            action: row.decision.action.into(),
            fired: row.decision.fired.iter().map(FiredRule::from).collect(),
            shadow_fired: row.shadow.iter().map(FiredRule::from).collect(),
            kind: row.kind,
            merchant_id: row.merchant_id,
            facts: row.facts,
            rule_set: row.rule_set,
            policy_version: row.policy_version,
            log_id: row.log_id.to_string(),
            user_id: row.user_id,
            transaction_id: row.transaction_id,
            amount: row.amount.into(),
            status: row.decision.outcome.into(),
            reason: row.decision.reason(),
            score: row.decision.score,
            rules: row.decision.rules(),
            created_at: row.created_at.into(),
        }
    }
}
