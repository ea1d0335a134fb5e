//! Checks payments, logs each decision, and counts each payment once.

use std::sync::Arc;

use ids::FraudLogId;
use service::{ApiError, Reference, Timestamp};
use store::{StoreError, Tx};

use super::reviews::{NewCase, open_case};
use super::{App, RuleSet};
use crate::domain::{Action, Check, Decision, DeskFacts, Facts, decide};
use crate::store::lists::{self, ListHits, ListKeys};
use crate::store::logs::{self, NewLog};
use crate::store::policies::{self, PolicyRow};
use crate::store::stats::{self, Counted};
use crate::store::velocities;
use crate::store::{cases, snoozes};

/// Checks in one call.
pub const CHECKS_MAX: usize = 512;

/// A decision and where it is logged.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The log's id.
    pub log_id: FraudLogId,
    /// What was decided.
    pub decision: Decision,
    /// When the desk's time ends, if it waits for the desk.
    pub review_expires_at: Option<Timestamp>,
}

impl App {
    /// Decides all of these in one commit, in their order. A transaction that was checked before keeps its first decision.
    pub async fn check(&self, checks: Vec<Check>) -> Result<Vec<Logged>, ApiError> {
        if checks.len() > CHECKS_MAX {
            return Err(ApiError::bad_input(format!("at most {CHECKS_MAX} checks in one call")));
        }
        if checks.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let rules = Arc::clone(&self.rules);
        let checks: Vec<(FraudLogId, Check)> = checks
            .into_iter()
            .map(|check| (FraudLogId::generate(), check))
            .collect();
        let logged = self
            .database
            .write(move |tx| -> Result<Vec<(Logged, bool)>, StoreError> {
                let policy = policies::current(tx)?;
                checks
                    .iter()
                    .map(|(log_id, check)| check_one(tx, &rules, &policy, *log_id, check, now))
                    .collect()
            })
            .await
            .map_err(ApiError::from)?;
        Ok(logged
            .into_iter()
            .map(|(logged, is_new)| count(logged, is_new))
            .collect())
    }
}

/// Decides and logs one check; answers whether it is a new one.
fn check_one(
    tx: &mut Tx<'_>,
    rules: &RuleSet,
    policy: &PolicyRow,
    log_id: FraudLogId,
    check: &Check,
    now: Timestamp,
) -> Result<(Logged, bool), StoreError> {
    let mut velocity = velocities::find(tx, &check.user_id)?;
    let totals = velocity.record(now, check.amount);
    let mut facts = Facts::of(check, now, totals);
    facts.desk = desk_facts(tx, check, now)?;
    let decision = policy.policy.settle(decide(&facts, &rules.limits).fired, &facts.desk);
    let log = NewLog {
        log_id,
        check,
        facts: &facts,
        rule_set: rules.version,
        policy_version: policy.version,
        decision: &decision,
        created_at: now,
    };
    if logs::insert(tx, &log)? {
        velocities::save(tx, &check.user_id, &velocity)?;
        // Only a payment can wait; a check by hand is about none.
        let is_reviewed = decision.action == Action::Review && check.transaction_id.is_some();
        let review_expires_at = is_reviewed.then(|| now.after(policy.policy.review_lasts()));
        if let Some(expires_at) = review_expires_at {
            open_case(
                tx,
                &NewCase {
                    log_id,
                    check,
                    expires_at,
                },
                now,
            )?;
        }
        let counted = Counted {
            at: now,
            outcome: decision.outcome,
            amount: check.amount.minor(),
            is_refused: decision.action == Action::Block,
            is_reviewed,
            rules: &decision.rules(),
        };
        stats::count_check(tx, &counted)?;
        let logged = Logged {
            log_id,
            decision,
            review_expires_at,
        };
        return Ok((logged, true));
    }
    // Only a transaction's own row can stand in the way.
    let transaction_id = check.transaction_id.as_ref().ok_or(StoreError::NoRow)?;
    let first = logs::find_by_transaction(tx, transaction_id)?.ok_or(StoreError::NoRow)?;
    if first.user_id != check.user_id.as_str() || first.amount != check.amount {
        tracing::warn!(%transaction_id, log_id = %first.log_id, "checked again with another user or amount; the first decision stays");
    }
    let logged = Logged {
        log_id: first.log_id,
        decision: first.decision,
        review_expires_at: cases::find_by_transaction(tx, transaction_id.as_str())?.map(|case| case.expires_at),
    };
    Ok((logged, false))
}

fn desk_facts(tx: &Tx<'_>, check: &Check, now: Timestamp) -> Result<DeskFacts, StoreError> {
    let keys = ListKeys {
        user_id: check.user_id.as_str(),
        merchant_id: check.merchant_id.as_ref().map(Reference::as_str),
        address: check.address.as_deref(),
        email_domain: check.email_domain.as_deref(),
    };
    let ListHits { denied, allowed } = lists::hits(tx, &keys, now)?;
    Ok(DeskFacts {
        denied,
        allowed,
        snoozed: snoozes::of_user(tx, check.user_id.as_str(), now)?,
    })
}

fn count(logged: Logged, is_new: bool) -> Logged {
    if is_new {
        metrics::counter!("sawit_fraud_checks_total", "status" => logged.decision.outcome.as_str()).increment(1);
    }
    logged
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use money::{Currency, Money};
    use service::settings::Sources;
    use service::{Clock, Settings};
    use store::{Database, Options};

    use super::*;
    use crate::domain::{CheckKind, Limits, Outcome};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::load(&Sources::from_pairs(pairs)).unwrap()
    }

    fn check(transaction: u32, rupiah: i64, kind: CheckKind) -> Check {
        Check {
            transaction_id: Some(Reference::parse(format!("t-{transaction}")).unwrap()),
            user_id: Reference::parse(format!("u-{}", transaction % 3)).unwrap(),
            amount: Money::new(rupiah * 100, Currency::Idr).unwrap(),
            kind,
            account_created_at: transaction
                .is_multiple_of(2)
                .then_some(Timestamp::from_micros(1_795_000_000_000_000)),
            recent_failures: transaction % 8,
            merchant_id: None,
            address: None,
            email_domain: None,
        }
    }

    #[tokio::test]
    async fn every_logged_decision_can_be_made_again_from_its_facts_and_limits() {
        let folder = tempfile::tempdir().unwrap();
        let options =
            Options::new(folder.path().join("fraud.db"), crate::store::MIGRATIONS).with_migrations(outbox::MIGRATIONS);
        let database = Database::open(&options).unwrap();
        let clock = Clock::manual(Timestamp::from_micros(1_795_000_000_000_000));
        let outbox = outbox::Outbox::start(
            &database,
            &clock,
            Vec::new(),
            &tokio_util::sync::CancellationToken::new(),
        );
        let other_limits = [("SAWIT_FRAUD_BLOCK_ABOVE", "20000000")];
        for (round, pairs) in [&[][..], &other_limits[..], &[][..]].into_iter().enumerate() {
            let app = App::start(database.clone(), &settings(pairs).fraud, clock.clone(), outbox.clone())
                .await
                .unwrap();
            for number in 0..30 {
                let transaction = round as u32 * 100 + number;
                let kind = [CheckKind::Payment, CheckKind::Transfer][number as usize % 2];
                app.check(vec![check(transaction, 1 + i64::from(number) * 1_900_000, kind)])
                    .await
                    .unwrap();
                clock.advance(Duration::from_secs(7));
            }
        }
        let rows = database
            .read(|snapshot| {
                snapshot.query(
                    "SELECT l.facts, r.limits, l.status, l.score, l.fired, r.version
                     FROM fraud_logs l JOIN rule_sets r ON r.version = l.rule_set",
                    &[],
                    |row| {
                        Ok((
                            [row.get::<String>(0)?, row.get(1)?, row.get(2)?, row.get(4)?],
                            row.get::<u32>(3)?,
                            row.get::<i64>(5)?,
                        ))
                    },
                )
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
        assert_eq!(rows.len(), 90);
        let mut outcomes = std::collections::HashSet::new();
        let mut versions = std::collections::HashSet::new();
        for ([facts, limits, status, fired], score, version) in rows {
            let facts: Facts = serde_json::from_str(&facts).unwrap();
            let limits: Limits = serde_json::from_str(&limits).unwrap();
            let again = decide(&facts, &limits);
            assert_eq!(Some(again.outcome), Outcome::parse(&status));
            assert_eq!(again.score, score);
            assert_eq!(serde_json::to_string(&again.fired).unwrap(), fired);
            outcomes.insert(again.outcome);
            versions.insert(version);
        }
        assert_eq!(outcomes.len(), 3);
        assert_eq!(versions.len(), 2, "the same limits are one rule set");
    }
}
