//! What this service does, one file per operation.

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
pub(crate) mod reviews;
mod snooze_rules;
mod withdraw_reviews;

use std::sync::Arc;

use outbox::Outbox;
use service::settings::FraudSettings;
use service::{ApiError, Clock, Reference, Timestamp};
use store::{Database, StoreError};

use crate::domain::{Limits, Policy};
use crate::store::policies::{self, PolicyRow};
use crate::store::rule_sets;

pub use check::{CHECKS_MAX, Logged};
pub use decide_review::DecideReview;
pub use expire_desk::expire_until;
pub use fraud_lists::{AddListEntry, ListEntries};
pub use fraud_stats::Stats;
pub use list_logs::ListLogs;
pub use list_reviews::ListReviews;
pub use log_search::{AMOUNTS_ALL, LogSearch, LogSort, SCORES_ALL};
pub use policy::SetPolicy;
pub use snooze_rules::SnoozeRule;

/// The operations and what they need.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    outbox: Outbox,
    rules: Arc<RuleSet>,
}

/// The limits in force, by the version they are logged under.
struct RuleSet {
    version: i64,
    limits: Limits,
}

impl App {
    /// The operations on an open database, with the limits of the settings.
    pub async fn start(
        database: Database,
        settings: &FraudSettings,
        clock: Clock,
        outbox: Outbox,
    ) -> Result<Self, StoreError> {
        let limits = Limits::from(settings);
        let (stored, now) = (limits.clone(), clock.now());
        let version = database
            .write(move |tx| -> Result<i64, StoreError> {
                policies::insert(tx, &first_policy(now))?;
                rule_sets::remember(tx, &stored, now)
            })
            .await?;
        Ok(Self {
            database,
            clock,
            outbox,
            rules: Arc::new(RuleSet { version, limits }),
        })
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
