//! The rules, and decisions made again.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject};
use service::token::caller;
use service::{ApiError, DateTime};

use super::types::{FiredRule, FraudAction, FraudStatus};
use crate::app::{App, NewRule, Replay, RuleChange, log_id};
use crate::domain::{self, FACTS, Rule, RuleAction, RuleState};

/// Whether a rule counts.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RuleState")]
pub enum FraudRuleState {
    /// It counts.
    Active,
    /// It is tried: what it says is logged and never acted on.
    Shadow,
    /// It is not asked.
    Off,
}

/// What a rule does when it fires, beside adding its score.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RuleAction")]
pub enum FraudRuleAction {
    /// Nothing.
    Score,
    /// The payment waits for the desk, whatever the band of its score says.
    Review,
    /// The payment is FRAUD.
    Block,
}

/// A version of a rule.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FraudRule {
    /// Its name, the same for all versions.
    name: String,
    /// Counted per name, from 1.
    version: u32,
    /// Why it fires, for people: the names of facts between braces are filled in.
    description: String,
    /// When it fires, in CEL.
    expression: String,
    /// What it adds to the score.
    score: u32,
    /// What it does beside.
    action: FraudRuleAction,
    /// Whether it counts.
    state: FraudRuleState,
    /// Who wrote this version.
    author: String,
    /// Why.
    reason: String,
    /// When.
    created_at: DateTime,
}

#[ComplexObject]
impl FraudRule {
    /// Why this program cannot ask it, if it cannot: the rule counts as OFF, whatever its state, until it is changed.
    async fn problem(&self) -> Option<String> {
        let problem = domain::check_expression(&self.expression).err()?;
        Some(problem.message)
    }

    /// How often the rule (in its newest version) could not say whether it fires, such as when it divided by zero, since the
    /// service started or a rule was last changed.
    async fn could_not_say(&self, context: &Context<'_>) -> async_graphql::Result<i64> {
        let times = context.data::<App>()?.times_it_could_not_say(&self.name);
        Ok(i64::try_from(times).unwrap_or(i64::MAX))
    }
}

/// Something that expressions may speak of.
#[derive(SimpleObject)]
pub struct FraudFact {
    /// Its name.
    name: String,
    /// Its type: `double`, `int`, `string` or `bool`.
    #[graphql(name = "type")]
    kind: String,
    /// What it is, with its unit.
    description: String,
}

/// Whether an expression can be saved.
#[derive(SimpleObject)]
pub struct FraudExpressionCheck {
    /// It can.
    is_valid: bool,
    /// What is wrong with it.
    problem: Option<String>,
    /// The character at which that begins, counted from 1.
    column: Option<i32>,
}

/// A decision that was made once more.
#[derive(SimpleObject)]
pub struct FraudReplay {
    /// The log of the decision.
    log_id: String,
    /// All came out as it was.
    is_identical: bool,
    /// The score now.
    score: u32,
    /// The outcome now.
    status: FraudStatus,
    /// What would happen now.
    action: FraudAction,
    /// The rules that fire now.
    fired: Vec<FiredRule>,
    /// What is different.
    difference: Option<String>,
}

/// A rule to be written.
#[derive(InputObject)]
pub struct FraudRuleInput {
    /// Its name for ever: small letters, digits and underscores.
    name: String,
    /// Why it fires, for people: the names of facts between braces are filled in.
    description: String,
    /// When it fires, in CEL.
    expression: String,
    /// What it adds to the score, 0 to 100.
    score: i32,
    /// What it does beside.
    action: FraudRuleAction,
    /// Whether it counts; left out it is tried first.
    state: Option<FraudRuleState>,
    /// Why, for the record.
    reason: String,
}

/// What is to be different in the next version of a rule; what is left out stays.
#[derive(InputObject)]
pub struct FraudRuleChange {
    /// Which rule.
    name: String,
    /// The version that it takes the place of.
    expected_version: i32,
    /// Why it fires, for people.
    description: Option<String>,
    /// When it fires, in CEL.
    expression: Option<String>,
    /// What it adds to the score, 0 to 100.
    score: Option<i32>,
    /// What it does beside.
    action: Option<FraudRuleAction>,
    /// Why, for the record.
    reason: String,
}

/// Queries about rules.
#[derive(Default)]
pub struct RuleQuery;

#[Object]
impl RuleQuery {
    /// The rules as they are, in the order in which they were made. For staff.
    async fn fraud_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only rules in this state.")] state: Option<FraudRuleState>,
    ) -> async_graphql::Result<Option<Vec<FraudRule>>> {
        caller(context).staff()?;
        let rules = context.data::<App>()?.rules(state.map(RuleState::from)).await?;
        Ok(Some(rules.into_iter().map(FraudRule::from).collect()))
    }

    /// Every version of a rule, the newest first. For staff.
    async fn fraud_rule_versions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rule's name.")] name: String,
    ) -> async_graphql::Result<Option<Vec<FraudRule>>> {
        caller(context).staff()?;
        let versions = context.data::<App>()?.rule_versions(name).await?;
        Ok(Some(versions.into_iter().map(FraudRule::from).collect()))
    }

    /// What expressions may speak of. For staff.
    async fn fraud_facts(&self, context: &Context<'_>) -> async_graphql::Result<Option<Vec<FraudFact>>> {
        caller(context).staff()?;
        let facts = FACTS.iter().map(|fact| FraudFact {
            name: fact.name.to_owned(),
            kind: fact.kind.as_str().to_owned(),
            description: fact.description.to_owned(),
        });
        Ok(Some(facts.collect()))
    }

    /// Whether an expression could be saved, and what is wrong with it if not. For the fraud desk.
    async fn check_fraud_expression(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The expression, in CEL.")] expression: String,
    ) -> async_graphql::Result<Option<FraudExpressionCheck>> {
        caller(context).fraud_desk()?;
        let problem = domain::check_expression(&expression).err();
        let column = problem.as_ref().and_then(|problem| problem.column);
        Ok(Some(FraudExpressionCheck {
            is_valid: problem.is_none(),
            column: column.and_then(|column| i32::try_from(column).ok()),
            problem: problem.map(|problem| problem.message),
        }))
    }

    /// Makes a logged decision again, from its facts, under the rules, limits and policy it was made with. For staff.
    async fn replay_fraud_decision(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The log of the decision.")] log_id: String,
    ) -> async_graphql::Result<Option<FraudReplay>> {
        caller(context).staff()?;
        let replay = context.data::<App>()?.replay(self::log_id(&log_id)?).await?;
        Ok(Some(replay.into()))
    }
}

/// Mutations of rules.
#[derive(Default)]
pub struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Writes a rule; unless it is said otherwise, it is tried (SHADOW) until somebody switches it on. For the fraud desk.
    async fn create_fraud_rule(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rule.")] input: FraudRuleInput,
    ) -> async_graphql::Result<Option<FraudRule>> {
        let author = caller(context).fraud_desk()?.sub.clone();
        let rule = NewRule {
            name: input.name,
            description: input.description,
            expression: input.expression,
            score: score(input.score)?,
            action: input.action.into(),
            state: input.state.map_or(RuleState::Shadow, RuleState::from),
            reason: input.reason,
            author,
        };
        Ok(Some(context.data::<App>()?.create_rule(rule).await?.into()))
    }

    /// Writes the next version of a rule. CONFLICT when somebody else was quicker. For the fraud desk.
    async fn change_fraud_rule(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: FraudRuleChange,
    ) -> async_graphql::Result<Option<FraudRule>> {
        let author = caller(context).fraud_desk()?.sub.clone();
        let change = RuleChange {
            name: input.name,
            expected_version: version(input.expected_version),
            description: input.description,
            expression: input.expression,
            score: input.score.map(score).transpose()?,
            action: input.action.map(RuleAction::from),
            state: None,
            reason: input.reason,
            author,
            operation: "changeFraudRule",
        };
        Ok(Some(context.data::<App>()?.change_rule(change).await?.into()))
    }

    /// Has a rule count, be tried, or rest. For the fraud desk.
    async fn set_fraud_rule_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rule's name.")] name: String,
        #[graphql(desc = "Whether it counts.")] state: FraudRuleState,
        #[graphql(desc = "The version that was looked at.")] expected_version: i32,
        #[graphql(desc = "Why, for the record.")] reason: String,
    ) -> async_graphql::Result<Option<FraudRule>> {
        let author = caller(context).fraud_desk()?.sub.clone();
        let change = RuleChange {
            name,
            expected_version: version(expected_version),
            state: Some(state.into()),
            reason,
            author,
            operation: "setFraudRuleState",
            ..RuleChange::default()
        };
        Ok(Some(context.data::<App>()?.change_rule(change).await?.into()))
    }
}

fn score(score: i32) -> Result<u32, ApiError> {
    u32::try_from(score).map_err(|_| ApiError::bad_input("`score` is between 0 and 100").with("field", "score"))
}

/// A number that is no version is an old one.
fn version(version: i32) -> u32 {
    u32::try_from(version).unwrap_or_default()
}

impl From<Rule> for FraudRule {
    fn from(rule: Rule) -> Self {
        Self {
            name: rule.name,
            version: rule.version,
            description: rule.description,
            expression: rule.expression,
            score: rule.score,
            action: rule.action.into(),
            state: rule.state.into(),
            author: rule.author,
            reason: rule.reason,
            created_at: rule.created_at.into(),
        }
    }
}

impl From<Replay> for FraudReplay {
    fn from(replay: Replay) -> Self {
        Self {
            log_id: replay.log_id.to_string(),
            is_identical: replay.difference.is_none(),
            score: replay.decision.score,
            status: replay.decision.outcome.into(),
            action: replay.decision.action.into(),
            fired: replay.decision.fired.iter().map(FiredRule::from).collect(),
            difference: replay.difference,
        }
    }
}
