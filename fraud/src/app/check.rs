//! Checks payments, logs each decision, and counts each payment once.

use ids::FraudLogId;
use service::{ApiError, Reference, Timestamp};
use store::{StoreError, Tx};

use super::reviews::{NewCase, open_case};
use super::{App, InForce};
use crate::domain::{Action, Check, Decision, DeskFacts, Facts, Outcome, Sighting};
use crate::store::lists::{self, ListHits, ListKeys};
use crate::store::logs::{self, NewLog};
use crate::store::merchant_pasts::MerchantPasts;
use crate::store::policies::{self, PolicyRow};
use crate::store::stats::{Counted, Tally};
use crate::store::{cases, snoozes, velocities};

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
                let mut sitting = Sitting {
                    rules: &rules,
                    policy: policies::current(tx)?,
                    is_listed: lists::any(tx)?,
                    is_snoozed: snoozes::any(tx)?,
                    merchants: MerchantPasts::default(),
                    tally: Tally::default(),
                    last_number: logs::last_number(tx)?,
                    now,
                };
                let logged = checks
                    .iter()
                    .map(|(log_id, check)| sitting.check(tx, *log_id, check))
                    .collect::<Result<_, _>>()?;
                sitting.save(tx)?;
                Ok(logged)
            })
            .await
            .map_err(ApiError::from)?;
        Ok(logged
            .into_iter()
            .map(|(logged, is_new)| count(logged, is_new))
            .collect())
    }
}

/// What the checks of one commit share: many are of a few merchants, and all are counted in one row.
struct Sitting<'a> {
    rules: &'a InForce,
    policy: PolicyRow,
    /// Whether anything stands on a list at all.
    is_listed: bool,
    /// Whether any rule sleeps.
    is_snoozed: bool,
    merchants: MerchantPasts,
    tally: Tally,
    /// The number of the log that was added last.
    last_number: i64,
    now: Timestamp,
}

impl Sitting<'_> {
    /// Decides and logs one check; answers whether it is a new one.
    fn check(&mut self, tx: &mut Tx<'_>, log_id: FraudLogId, check: &Check) -> Result<(Logged, bool), StoreError> {
        let (rules, now) = (self.rules, self.now);
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
        if let Some(merchant_id) = merchant {
            let past = self.merchants.find(tx, merchant_id)?;
            (facts.merchant_refund_per_mille, facts.merchant_fraud_per_mille) = past.rates_per_mille(now);
        }
        facts.desk = self.desk_facts(tx, check)?;
        let findings = rules.book.ask(&facts, &rules.limits);
        let decision = self.policy.policy.settle(findings.fired, &facts.desk);
        let log = NewLog {
            number: self.last_number + 1,
            log_id,
            check,
            facts: &facts,
            rule_set: rules.limits_version,
            rules_revision: rules.book.revision(),
            shadow: &findings.shadow,
            policy_version: self.policy.version,
            decision: &decision,
            created_at: now,
        };
        if logs::insert(tx, &log)? {
            self.last_number = log.number;
            if decision.outcome == Outcome::Fraud {
                past.declined(now);
                if let Some(merchant_id) = merchant {
                    let past = self.merchants.change(tx, merchant_id)?;
                    past.refused(now, check.amount.minor());
                }
            }
            velocities::save(tx, check.user_id.as_str(), &velocity, &past)?;
            // Only a payment can wait; a check by hand is about none.
            let is_reviewed = decision.action == Action::Review && check.transaction_id.is_some();
            let review_expires_at = is_reviewed.then(|| now.after(self.policy.policy.review_lasts()));
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
            self.tally.add(&Counted {
                at: now,
                outcome: decision.outcome,
                amount: check.amount.minor(),
                is_refused: decision.action == Action::Block,
                is_reviewed,
                fired: &decision.fired,
            });
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

    fn desk_facts(&self, tx: &Tx<'_>, check: &Check) -> Result<DeskFacts, StoreError> {
        let mut facts = DeskFacts::default();
        if self.is_listed {
            let keys = ListKeys {
                user_id: check.user_id.as_str(),
                merchant_id: check.merchant_id.as_ref().map(Reference::as_str),
                address: check.address.as_deref(),
                email_domain: check.email_domain.as_deref(),
            };
            let ListHits { denied, allowed } = lists::hits(tx, &keys, self.now)?;
            (facts.denied, facts.allowed) = (denied, allowed);
        }
        if self.is_snoozed {
            facts.snoozed = snoozes::of_user(tx, check.user_id.as_str(), self.now)?;
        }
        Ok(facts)
    }

    fn save(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.merchants.save(tx)?;
        self.tally.save(tx)
    }
}

fn count(logged: Logged, is_new: bool) -> Logged {
    if is_new {
        metrics::counter!("sawit_fraud_checks_total", "status" => logged.decision.outcome.as_str()).increment(1);
    }
    logged
}
