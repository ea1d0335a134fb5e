//! What this service does, one file per operation.

mod check;
mod delete_log;
mod find_decision;
mod list_logs;

use std::sync::Arc;

use service::settings::FraudSettings;
use service::{ApiError, Clock, Reference};
use store::{Database, StoreError};

use crate::domain::Limits;
use crate::store::rule_sets;

pub use check::{CHECKS_MAX, Logged};
pub use list_logs::ListLogs;

/// The operations and what they need.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    rules: Arc<RuleSet>,
}

/// The limits in force, by the version they are logged under.
struct RuleSet {
    version: i64,
    limits: Limits,
}

impl App {
    /// The operations on an open database, with the limits of the settings.
    pub async fn start(database: Database, settings: &FraudSettings, clock: Clock) -> Result<Self, StoreError> {
        let limits = Limits::from(settings);
        let (stored, now) = (limits.clone(), clock.now());
        let version = database.write(move |tx| rule_sets::remember(tx, &stored, now)).await?;
        Ok(Self {
            database,
            clock,
            rules: Arc::new(RuleSet { version, limits }),
        })
    }
}

/// An id that a caller gave, by the name of its argument.
pub fn reference(argument: &str, text: String) -> Result<Reference, ApiError> {
    Reference::parse(text).map_err(|error| ApiError::bad_input(format!("{argument}: {error}")))
}
