//! What was checked and what came of it; what staff did.

use actions::AdminAction;
use async_graphql::{Context, Object, SimpleObject};
use money::{Currency, Decimal, Money};
use service::DateTime;
use service::page::page_cost;
use service::token::caller;

use crate::app::{App, Stats};
use crate::store::stats::{Counts, RuleCounts};

/// Counts of some time, kept as checks are made: nothing is scanned for them.
#[derive(SimpleObject)]
pub struct FraudStats {
    /// Day by day, also those without a check.
    days: Vec<FraudDay>,
    /// The rules that fired, by name.
    rules: Vec<FraudRuleStats>,
}

/// The checks of a day, and what came of them later.
#[derive(SimpleObject)]
pub struct FraudDay {
    /// The day, such as `2026-11-19`.
    day: String,
    /// How many checks there were.
    checks: i32,
    /// Of those: SAFE.
    safe: i32,
    /// Of those: SUSPICIOUS.
    suspicious: i32,
    /// Of those: FRAUD.
    fraud: i32,
    /// Of those: sent to the desk.
    reviewed: i32,
    /// Of those sent to the desk: approved by somebody. What the policy decided for want of an answer counts as neither.
    approved: i32,
    /// Of those sent to the desk: rejected by somebody.
    rejected: i32,
    /// The sum of the amounts checked, in IDR.
    amount: Decimal,
    /// The sum of those refused, by the check or after a review, in IDR.
    refused_amount: Decimal,
}

/// How well a rule does.
#[derive(SimpleObject)]
pub struct FraudRuleStats {
    /// The rule's name.
    rule: String,
    /// How often it fired.
    fired: i32,
    /// Of those payments: approved by somebody of the desk.
    approved: i32,
    /// Of those payments: rejected by somebody of the desk.
    rejected: i32,
    /// Of those payments: still waiting for somebody.
    open: i32,
    /// The part of those decided by somebody that was rejected, 0 to 1; absent while nobody has decided.
    precision: Option<f64>,
}

/// Queries about the whole.
#[derive(Default)]
pub struct StatsQuery;

#[Object]
impl StatsQuery {
    /// Counts per day and per rule, in whole quarters of an hour; at most 370 days. For staff.
    async fn fraud_stats(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "From this time, rounded down to a quarter of an hour.")] from: DateTime,
        #[graphql(desc = "To before this time, rounded up to a quarter of an hour.")] to: DateTime,
        #[graphql(desc = "By how much local time is ahead of UTC where a day begins; UTC when left out.")]
        utc_offset_minutes: Option<i32>,
    ) -> async_graphql::Result<Option<FraudStats>> {
        caller(context).staff()?;
        let stats = context.data::<App>()?.stats(from.0, to.0, utc_offset_minutes).await?;
        Ok(Some(stats.try_into()?))
    }

    /// What staff did here, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn fraud_actions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what was done to this: a case, a log, a rule.")] object: Option<String>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this action in the list.")] after: Option<String>,
    ) -> async_graphql::Result<Option<Vec<AdminAction>>> {
        caller(context).staff()?;
        Ok(Some(context.data::<App>()?.list_actions(object, first, after).await?))
    }
}

impl TryFrom<Stats> for FraudStats {
    type Error = money::MoneyError;

    fn try_from(stats: Stats) -> Result<Self, Self::Error> {
        let days = stats.days.into_iter().map(|(day, counts)| FraudDay::of(day, &counts));
        Ok(Self {
            days: days.collect::<Result<_, _>>()?,
            rules: stats
                .rules
                .into_iter()
                .map(|(rule, counts)| FraudRuleStats::of(rule, counts))
                .collect(),
        })
    }
}

impl FraudDay {
    fn of(day: String, counts: &Counts) -> Result<Self, money::MoneyError> {
        let amount = |minor: i64| Money::new(minor, Currency::Idr).map(Decimal::from);
        Ok(Self {
            day,
            checks: number(counts.checks()),
            safe: number(counts.safe),
            suspicious: number(counts.suspicious),
            fraud: number(counts.fraud),
            reviewed: number(counts.reviewed),
            approved: number(counts.approved),
            rejected: number(counts.rejected),
            amount: amount(counts.amount)?,
            refused_amount: amount(counts.refused_amount)?,
        })
    }
}

impl FraudRuleStats {
    fn of(rule: String, counts: RuleCounts) -> Self {
        let decided = counts.approved + counts.rejected;
        Self {
            rule,
            fired: number(counts.fired),
            approved: number(counts.approved),
            rejected: number(counts.rejected),
            open: number(counts.open),
            // Counts, not money: a quotient of them is no amount.
            precision: (decided > 0).then(|| counts.rejected as f64 / decided as f64),
        }
    }
}

fn number(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
