//! Rules tried on the past.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use money::{Currency, Decimal, Money, MoneyError};
use service::page::page_cost;
use service::token::caller;
use service::{ApiError, DateTime};

use super::rules::FraudRuleAction;
use super::types::FraudStatus;
use crate::app::{App, StartBacktest, TriedRule};
use crate::store::backtests::{self as rows, BacktestRow};

/// How far a back-test is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "rows::BacktestState")]
pub enum BacktestState {
    /// It goes on.
    Running,
    /// All of the past was looked at.
    Done,
    /// It could not be brought to an end.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// A rule to be tried.
#[derive(InputObject)]
pub struct BacktestRule {
    /// Its name; a rule in force of this name is left out.
    name: String,
    /// When it fires, in CEL.
    expression: String,
    /// What it adds to the score, 0 to 100.
    score: i32,
    /// What it does beside.
    action: FraudRuleAction,
}

/// What is to be tried on what.
#[derive(InputObject)]
pub struct BacktestInput {
    /// The rules, at most 50.
    rules: Vec<BacktestRule>,
    /// Along with the rules in force; otherwise alone.
    #[graphql(default = true)]
    on_top_of_active: bool,
    /// Checks made at this time or later.
    from: DateTime,
    /// Checks made before this time.
    to: DateTime,
}

/// Decisions that would go from one outcome to another.
#[derive(SimpleObject)]
pub struct BacktestTransition {
    /// As it was.
    from: FraudStatus,
    /// As it would have been.
    to: FraudStatus,
    /// How many.
    count: u32,
    /// Their amounts, summed, in IDR.
    amount: Decimal,
}

/// A decision that would have been another one.
#[derive(SimpleObject)]
pub struct BacktestExample {
    /// The log of the decision.
    log_id: String,
    /// The payment; absent for a check asked for by hand.
    transaction_id: Option<String>,
    /// Its amount, in IDR.
    amount: Decimal,
    /// As it was.
    before: FraudStatus,
    /// As it would have been.
    after: FraudStatus,
    /// The score as it was.
    score_before: u32,
    /// As it would have been.
    score_after: u32,
    /// The rules that would have fired.
    fired: Vec<String>,
}

/// Rules that are tried on the past, under the policy and the limits of today.
#[derive(SimpleObject)]
pub struct Backtest {
    /// Its id, also the cursor for `after`.
    backtest_id: String,
    /// How far it is.
    state: BacktestState,
    /// Checks looked at so far.
    checked: i64,
    /// Checks to be looked at.
    total: i64,
    /// Those that would have come to another outcome.
    changed: u32,
    /// Their amounts, summed, in IDR.
    changed_amount: Decimal,
    /// The same, by the outcomes before and after.
    transitions: Vec<BacktestTransition>,
    /// Some of them, at most ten for each kind of change.
    examples: Vec<BacktestExample>,
    /// The user who started it.
    started_by: String,
    /// When.
    created_at: DateTime,
    /// Why it failed.
    problem: Option<String>,
}

/// Queries about back-tests.
#[derive(Default)]
pub struct BacktestQuery;

#[Object]
impl BacktestQuery {
    /// How far a back-test is and what it found so far. For staff.
    async fn backtest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which one.")] backtest_id: String,
    ) -> async_graphql::Result<Option<Backtest>> {
        caller(context).staff()?;
        let row = context.data::<App>()?.backtest(&backtest_id).await?;
        Ok(Some(row.try_into().map_err(ApiError::from)?))
    }

    /// Back-tests, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn backtests(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this one in the list: its `backtestId`.")] after: Option<String>,
    ) -> async_graphql::Result<Option<Vec<Backtest>>> {
        caller(context).staff()?;
        let rows = context.data::<App>()?.list_backtests(first, after).await?;
        let shown = rows.into_iter().map(Backtest::try_from).collect::<Result<_, _>>();
        Ok(Some(shown.map_err(ApiError::from)?))
    }
}

/// Mutations of back-tests.
#[derive(Default)]
pub struct BacktestMutation;

#[Object]
impl BacktestMutation {
    /// Starts to try rules on past checks: which would have come out otherwise. It goes on in the background, one for each
    /// person and two in all; `backtest` tells how far it is. For the fraud desk.
    async fn backtest_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be tried on what.")] input: BacktestInput,
    ) -> async_graphql::Result<Option<Backtest>> {
        let started_by = caller(context).fraud_desk()?.sub.clone();
        let tried = |rule: BacktestRule| TriedRule {
            name: rule.name,
            expression: rule.expression,
            // A negative number is none of the scores; it is refused with the others.
            score: u32::try_from(rule.score).unwrap_or(u32::MAX),
            action: rule.action.into(),
        };
        let asked = StartBacktest {
            rules: input.rules.into_iter().map(tried).collect(),
            is_on_top: input.on_top_of_active,
            from: input.from.0,
            to: input.to.0,
            started_by,
        };
        let row = context.data::<App>()?.start_backtest(asked).await?;
        Ok(Some(row.try_into().map_err(ApiError::from)?))
    }

    /// Ends a back-test; one that has ended stays as it is. For the fraud desk.
    async fn cancel_backtest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which one.")] backtest_id: String,
    ) -> async_graphql::Result<Option<Backtest>> {
        let by = &caller(context).fraud_desk()?.sub;
        let row = context.data::<App>()?.cancel_backtest(&backtest_id, by).await?;
        Ok(Some(row.try_into().map_err(ApiError::from)?))
    }
}

impl TryFrom<BacktestRow> for Backtest {
    type Error = MoneyError;

    fn try_from(row: BacktestRow) -> Result<Self, Self::Error> {
        let found = row.found;
        let transitions = found.transitions.into_iter().map(|it| {
            Ok(BacktestTransition {
                from: it.from.into(),
                to: it.to.into(),
                count: it.count,
                amount: idr(it.amount)?,
            })
        });
        let examples = found.examples.into_iter().map(|it| {
            Ok(BacktestExample {
                log_id: it.log_id,
                transaction_id: it.transaction_id,
                amount: idr(it.amount)?,
                before: it.before.into(),
                after: it.after.into(),
                score_before: it.score_before,
                score_after: it.score_after,
                fired: it.fired,
            })
        });
        Ok(Self {
            backtest_id: row.backtest_id.to_string(),
            state: row.state.into(),
            checked: row.checked,
            total: row.total,
            changed: found.changed,
            changed_amount: idr(found.changed_amount)?,
            transitions: transitions.collect::<Result<_, MoneyError>>()?,
            examples: examples.collect::<Result<_, MoneyError>>()?,
            started_by: row.started_by,
            created_at: row.created_at.into(),
            problem: row.problem,
        })
    }
}

/// Sums end at the largest amount there is.
fn idr(minor: i64) -> Result<Decimal, MoneyError> {
    Ok(Money::new(minor.min(money::MAX_MINOR), Currency::Idr)?.into())
}
