//! What was checked and what came of it, counted per quarter of an hour of the check.

use std::collections::BTreeMap;

use money::MAX_MINOR;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use crate::domain::{Fired, Outcome, ReviewDecisionKind};

/// A quarter of an hour in microseconds.
pub const QUARTER_MICROS: i64 = 15 * 60 * 1_000_000;

/// A check, as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// When it was made.
    pub at: Timestamp,
    /// What came out.
    pub outcome: Outcome,
    /// In minor units.
    pub amount: i64,
    /// Whether it refused the payment.
    pub is_refused: bool,
    /// Whether it sent the payment to the desk.
    pub is_reviewed: bool,
    /// The rules that fired.
    pub fired: &'a [Fired],
}

/// Counts of some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Checks that came out SAFE.
    pub safe: i64,
    /// SUSPICIOUS.
    pub suspicious: i64,
    /// FRAUD.
    pub fraud: i64,
    /// Those sent to the desk.
    pub reviewed: i64,
    /// Those of them that somebody approved.
    pub approved: i64,
    /// Those of them that somebody rejected.
    pub rejected: i64,
    /// All amounts, in minor units.
    pub amount: i64,
    /// Those refused by the check or after a review.
    pub refused_amount: i64,
}

/// Counts of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// How often it fired.
    pub fired: i64,
    /// Of those: approved by somebody of the desk.
    pub approved: i64,
    /// Of those: rejected by somebody of the desk.
    pub rejected: i64,
    /// Of those: still waiting.
    pub open: i64,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody decided.
    ByPerson(ReviewDecisionKind),
    /// The policy decided.
    ByExpiry(ReviewDecisionKind),
    /// The payment failed meanwhile.
    Withdrawn,
}

/// The quarter that a time is in.
pub const fn quarter(at: Timestamp) -> i64 {
    at.micros().div_euclid(QUARTER_MICROS)
}

/// Checks of one commit, counted together: most fall into one quarter, and one row is written for it.
#[derive(Debug, Default)]
pub struct Tally {
    quarters: BTreeMap<i64, QuarterTally>,
}

#[derive(Debug, Default)]
struct QuarterTally {
    counts: Counts,
    rules: BTreeMap<String, RuleCounts>,
}

impl Tally {
    /// Counts a check.
    pub fn add(&mut self, check: &Counted<'_>) {
        let is = |outcome: Outcome| i64::from(check.outcome == outcome);
        let of_quarter = self.quarters.entry(quarter(check.at)).or_default();
        let waiting = i64::from(check.is_reviewed);
        of_quarter.counts.add(&Counts {
            safe: is(Outcome::Safe),
            suspicious: is(Outcome::Suspicious),
            fraud: is(Outcome::Fraud),
            reviewed: waiting,
            amount: check.amount,
            refused_amount: if check.is_refused { check.amount } else { 0 },
            ..Counts::default()
        });
        for fired in check.fired {
            let rule = fired.rule.as_ref();
            if !of_quarter.rules.contains_key(rule) {
                of_quarter.rules.insert(rule.to_owned(), RuleCounts::default());
            }
            if let Some(counts) = of_quarter.rules.get_mut(rule) {
                counts.fired += 1;
                counts.open += waiting;
            }
        }
    }

    /// Adds what was counted to what is stored.
    pub fn save(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (quarter, QuarterTally { counts, rules }) in self.quarters {
            save_counts(tx, quarter, &counts)?;
            for (rule, counts) in rules {
                tx.execute(
                    "INSERT INTO fraud_rule_quarters (rule, quarter, fired, waiting) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (quarter, rule) DO UPDATE SET
                         fired = fraud_rule_quarters.fired + excluded.fired,
                         waiting = fraud_rule_quarters.waiting + excluded.waiting",
                    &[&rule, &quarter, &counts.fired, &counts.open],
                )?;
            }
        }
        Ok(())
    }
}

fn save_counts(tx: &mut Tx<'_>, quarter: i64, counts: &Counts) -> Result<(), StoreError> {
    // A sum that leaves the range of money stops at its end rather than fail everybody's checks.
    tx.execute(
        "INSERT INTO fraud_quarters (quarter, safe, suspicious, fraud, reviewed, amount, refused_amount)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (quarter) DO UPDATE SET
             safe = fraud_quarters.safe + excluded.safe,
             suspicious = fraud_quarters.suspicious + excluded.suspicious,
             fraud = fraud_quarters.fraud + excluded.fraud,
             reviewed = fraud_quarters.reviewed + excluded.reviewed,
             amount = CASE WHEN fraud_quarters.amount > $8 - excluded.amount THEN $8
                           ELSE fraud_quarters.amount + excluded.amount END,
             refused_amount = CASE WHEN fraud_quarters.refused_amount > $8 - excluded.refused_amount THEN $8
                                   ELSE fraud_quarters.refused_amount + excluded.refused_amount END",
        &[
            &quarter,
            &counts.safe,
            &counts.suspicious,
            &counts.fraud,
            &counts.reviewed,
            &counts.amount,
            &counts.refused_amount,
            &MAX_MINOR,
        ],
    )?;
    Ok(())
}

/// Counts the end of a case, with the check that had asked for it.
pub fn count_end(
    tx: &mut Tx<'_>,
    checked_at: Timestamp,
    amount: i64,
    rules: &[String],
    ended: Ended,
) -> Result<(), StoreError> {
    let quarter = quarter(checked_at);
    let approved = i64::from(ended == Ended::ByPerson(ReviewDecisionKind::Approve));
    let rejected = i64::from(ended == Ended::ByPerson(ReviewDecisionKind::Reject));
    let refused = match ended {
        Ended::ByPerson(ReviewDecisionKind::Reject) | Ended::ByExpiry(ReviewDecisionKind::Reject) => amount,
        _ => 0,
    };
    tx.execute(
        "UPDATE fraud_quarters SET approved = approved + $2, rejected = rejected + $3,
             refused_amount = CASE WHEN refused_amount > $5 - $4 THEN $5 ELSE refused_amount + $4 END
         WHERE quarter = $1",
        &[&quarter, &approved, &rejected, &refused, &MAX_MINOR],
    )?;
    for rule in rules {
        tx.execute(
            "UPDATE fraud_rule_quarters SET approved = approved + $3, rejected = rejected + $4, waiting = waiting - 1
             WHERE quarter = $1 AND rule = $2",
            &[&quarter, rule, &approved, &rejected],
        )?;
    }
    Ok(())
}

/// The counts of each day from one quarter to before another, by the day's number since 1970 where local time is
/// `offset_micros` ahead of UTC.
pub fn per_day(
    snapshot: &Snapshot<'_>,
    from: i64,
    to: i64,
    offset_micros: i64,
) -> Result<BTreeMap<i64, Counts>, StoreError> {
    let mut days: BTreeMap<i64, Counts> = BTreeMap::new();
    let quarters = snapshot.query(
        "SELECT quarter, safe, suspicious, fraud, reviewed, approved, rejected, amount, refused_amount
         FROM fraud_quarters WHERE quarter >= $1 AND quarter < $2 ORDER BY quarter",
        &[&from, &to],
        |row| Ok((row.get::<i64>(0)?, read_counts(row)?)),
    )?;
    for (quarter, counts) in quarters {
        let local = quarter.saturating_mul(QUARTER_MICROS).saturating_add(offset_micros);
        let day = days.entry(local.div_euclid(24 * 4 * QUARTER_MICROS)).or_default();
        day.add(&counts);
    }
    Ok(days)
}

/// The counts of each rule from one quarter to before another.
pub fn per_rule(snapshot: &Snapshot<'_>, from: i64, to: i64) -> Result<Vec<(String, RuleCounts)>, StoreError> {
    snapshot.query(
        "SELECT rule, CAST(SUM(fired) AS BIGINT), CAST(SUM(approved) AS BIGINT), CAST(SUM(rejected) AS BIGINT),
                CAST(SUM(waiting) AS BIGINT)
         FROM fraud_rule_quarters WHERE quarter >= $1 AND quarter < $2 GROUP BY rule ORDER BY rule",
        &[&from, &to],
        |row| {
            let counts = RuleCounts {
                fired: row.get(1)?,
                approved: row.get(2)?,
                rejected: row.get(3)?,
                open: row.get(4)?,
            };
            Ok((row.get(0)?, counts))
        },
    )
}

impl Counts {
    /// All checks.
    pub const fn checks(&self) -> i64 {
        self.safe + self.suspicious + self.fraud
    }

    fn add(&mut self, other: &Self) {
        self.safe += other.safe;
        self.suspicious += other.suspicious;
        self.fraud += other.fraud;
        self.reviewed += other.reviewed;
        self.approved += other.approved;
        self.rejected += other.rejected;
        self.amount = self.amount.saturating_add(other.amount).min(MAX_MINOR);
        self.refused_amount = self.refused_amount.saturating_add(other.refused_amount).min(MAX_MINOR);
    }
}

fn read_counts(row: &Row<'_>) -> Result<Counts, StoreError> {
    Ok(Counts {
        safe: row.get(1)?,
        suspicious: row.get(2)?,
        fraud: row.get(3)?,
        reviewed: row.get(4)?,
        approved: row.get(5)?,
        rejected: row.get(6)?,
        amount: row.get(7)?,
        refused_amount: row.get(8)?,
    })
}
