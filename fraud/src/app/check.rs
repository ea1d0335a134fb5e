//! Checks payments, logs each decision, and counts each payment once.

use ids::FraudLogId;
use service::{ApiError, Reference, Timestamp};
use store::{StoreError, Tx};

use super::reviews::{NewCase, open_case};
use super::{App, InForce};
use crate::domain::{Action, Check, Decision, DeskFacts, Facts, Outcome, Sighting};
use crate::store::lists::{self, ListHits, ListKeys};
use crate::store::logs::{self, NewLog};
use crate::store::policies::{self, PolicyRow};
use crate::store::stats::{self, Counted};
use crate::store::velocities;
use crate::store::{cases, merchant_pasts, snoozes};

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
        let rules = self.in_force();
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
    rules: &InForce,
    policy: &PolicyRow,
    log_id: FraudLogId,
    check: &Check,
    now: Timestamp,
) -> Result<(Logged, bool), StoreError> {
    let (mut velocity, mut past) = velocities::find(tx, check.user_id.as_str())?;
    let totals = velocity.record(now, check.amount);
    let seen = Sighting {
        amount_minor: check.amount.minor(),
        payee: check.payee(),
        session_id: check.session_id.as_deref(),
        address: check.address.as_deref(),
        limit_minor: rules.limits.suspicious_above,
    };
    let mut facts = Facts::of(check, now, totals, past.record(now, &seen));
    let merchant = check.merchant_id.as_ref().map(Reference::as_str);
    let mut merchant_past = match merchant {
        Some(merchant_id) => Some((merchant_id, merchant_pasts::find(tx, merchant_id)?)),
        None => None,
    };
    if let Some((_, past)) = &merchant_past {
        (facts.merchant_refund_per_mille, facts.merchant_fraud_per_mille) = past.rates_per_mille(now);
    }
    facts.desk = desk_facts(tx, check, now)?;
    let findings = rules.book.ask(&facts, &rules.limits);
    let decision = policy.policy.settle(findings.fired, &facts.desk);
    let log = NewLog {
        log_id,
        check,
        facts: &facts,
        rule_set: rules.limits_version,
        rules_revision: rules.book.revision(),
        shadow: &findings.shadow,
        policy_version: policy.version,
        decision: &decision,
        created_at: now,
    };
    if logs::insert(tx, &log)? {
        if decision.outcome == Outcome::Fraud {
            past.declined(now);
            if let Some((merchant_id, past)) = &mut merchant_past {
                past.refused(now, check.amount.minor());
                merchant_pasts::save(tx, merchant_id, past)?;
            }
        }
        velocities::save(tx, check.user_id.as_str(), &velocity, &past)?;
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
