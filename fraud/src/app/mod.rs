//! What this service does, one file per operation.

mod backtest;
mod catch_up;
mod check;
mod decide_review;
mod delete_log;
mod expire_desk;
mod find_decision;
mod fraud_lists;
mod fraud_stats;
mod list_actions;
mod list_logs;
mod list_reviews;
mod log_search;
mod log_walks;
mod policy;
mod record_outcomes;
mod replay;
pub(crate) mod reviews;
mod rules;
mod snooze_rules;

use std::sync::{Arc, RwLock};

use outbox::Outbox;
use service::settings::FraudSettings;
use service::{ApiError, Clock, Reference, Timestamp};
use store::{Database, StoreError};
use tokio::sync::Notify;

use crate::domain::{Limits, Policy, RuleBook, default_rules};
use crate::store::policies::{self, PolicyRow};
use crate::store::{backtests as backtest_rows, rule_sets, rules as rule_rows};

pub use backtest::{StartBacktest, TriedRule, backtest_until};
pub use check::{CHECKS_MAX, Logged};
pub use decide_review::DecideReview;
pub use expire_desk::expire_until;
pub use fraud_lists::{AddListEntry, ListEntries};
pub use fraud_stats::Stats;
pub use list_logs::ListLogs;
pub use list_reviews::ListReviews;
pub use log_search::{AMOUNTS_ALL, LogSearch, LogSort, SCORES_ALL};
pub use policy::SetPolicy;
pub use record_outcomes::{OutcomeEvent, TransactionOutcome};
pub use replay::Replay;
pub use rules::{NewRule, RuleChange};
pub use snooze_rules::SnoozeRule;

/// The operations and what they need.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    outbox: Outbox,
    /// The rules in force; replaced as a whole.
    book: Arc<RwLock<Arc<RuleBook>>>,
    limits: Arc<Limits>,
    limits_version: i64,
    /// Told when a back-test is to be run.
    backtests: Arc<Notify>,
}

/// What checks are made with, and the versions it is logged under.
struct InForce {
    book: Arc<RuleBook>,
    limits: Arc<Limits>,
    limits_version: i64,
}

impl App {
    /// The operations on an open database, with the limits of the settings and the rules of the database.
    pub async fn start(
        database: Database,
        settings: &FraudSettings,
        clock: Clock,
        outbox: Outbox,
    ) -> Result<Self, StoreError> {
        let limits = Limits::from(settings);
        let (stored, now) = (limits.clone(), clock.now());
        let limits_version = database
            .write(move |tx| -> Result<i64, StoreError> {
                backtest_rows::fail_all(tx, "the service was restarted")?;
                policies::insert(tx, &first_policy(now))?;
                if rule_rows::count_and_revision(tx)?.0 == 0 {
                    default_rules(now)
                        .iter()
                        .try_for_each(|rule| rule_rows::insert(tx, rule))?;
                }
                rule_sets::remember(tx, &stored, now)
            })
            .await?;
        let book = rules::load(&database).await?;
        Ok(Self {
            database,
            clock,
            outbox,
            book: Arc::new(RwLock::new(Arc::new(book))),
            limits: Arc::new(limits),
            limits_version,
            backtests: Arc::default(),
        })
    }

    fn in_force(&self) -> InForce {
        InForce {
            book: self.book(),
            limits: Arc::clone(&self.limits),
            limits_version: self.limits_version,
        }
    }
}

/// What holds until somebody sets another one.
fn first_policy(now: Timestamp) -> PolicyRow {
    PolicyRow {
        version: 1,
        policy: Policy::default(),
        author: "settings".to_owned(),
        reason: "the first one".to_owned(),
        created_at: now,
    }
}

/// An id that a caller gave, by the name of its argument.
pub fn reference(argument: &str, text: String) -> Result<Reference, ApiError> {
    Reference::parse(text).map_err(|error| ApiError::bad_input(format!("{argument}: {error}")))
}

/// The id of a log that a caller gave: what is no id is the id of no log.
pub fn log_id(text: &str) -> Result<ids::FraudLogId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("fraud log"))
}
