//! The rules: facts and limits in, decision out.

use super::decision::{Action, Decision, Fired, Outcome};
use super::facts::Facts;
use super::limits::Limits;

/// Grows when a rule comes to mean something else; logged with every decision.
pub(super) const VERSION: u32 = 1;

/// A score that only FRAUD reaches.
const SCORE_MAX: u32 = 100;

const WINDOWS: [&str; 3] = ["minute", "hour", "day"];

/// Every rule there is, most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The amount alone is too large. The only rule that refuses.
    AmountAboveBlockLimit,
    /// The amount alone is unusual.
    AmountAboveSuspiciousLimit,
    /// A young account moves much.
    NewAccountLargeAmount,
    /// Many checks in the window of this number.
    CountPerWindow(usize),
    /// A large sum in the window of this number.
    SumPerWindow(usize),
    /// Many refused payments.
    RepeatedFailures,
}

impl Rule {
    /// The name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountAboveBlockLimit => "amount_above_block_limit",
            Self::AmountAboveSuspiciousLimit => "amount_above_suspicious_limit",
            Self::NewAccountLargeAmount => "new_account_large_amount",
            Self::CountPerWindow(0) => "count_per_minute_above_limit",
            Self::CountPerWindow(1) => "count_per_hour_above_limit",
            Self::CountPerWindow(_) => "count_per_day_above_limit",
            Self::SumPerWindow(0) => "sum_per_minute_above_limit",
            Self::SumPerWindow(1) => "sum_per_hour_above_limit",
            Self::SumPerWindow(_) => "sum_per_day_above_limit",
            Self::RepeatedFailures => "failures_per_hour_above_limit",
        }
    }

    /// What it adds to the score.
    pub const fn score(self) -> u32 {
        match self {
            Self::AmountAboveBlockLimit => SCORE_MAX,
            Self::AmountAboveSuspiciousLimit => 50,
            Self::NewAccountLargeAmount => 40,
            Self::CountPerWindow(0) | Self::SumPerWindow(0) => 40,
            Self::CountPerWindow(1) | Self::SumPerWindow(1) => 30,
            Self::CountPerWindow(_) | Self::SumPerWindow(_) => 20,
            Self::RepeatedFailures => 30,
        }
    }
}

/// Whether there is a rule of this name.
pub fn is_rule(name: &str) -> bool {
    let per_window = (0..3).flat_map(|window| [Rule::CountPerWindow(window), Rule::SumPerWindow(window)]);
    [
        Rule::AmountAboveBlockLimit,
        Rule::AmountAboveSuspiciousLimit,
        Rule::NewAccountLargeAmount,
        Rule::RepeatedFailures,
    ]
    .into_iter()
    .chain(per_window)
    .any(|rule| rule.name() == name)
}

/// Decides. "Above" is strict everywhere: the limit itself is still fine.
pub fn decide(facts: &Facts, limits: &Limits) -> Decision {
    let mut fired = Vec::new();
    amount(facts, limits, &mut fired);
    new_account(facts, limits, &mut fired);
    velocity(facts, limits, &mut fired);
    failures(facts, limits, &mut fired);

    let blocked = facts.amount_minor > limits.block_above;
    let outcome = match (blocked, fired.is_empty()) {
        (true, _) => Outcome::Fraud,
        (false, false) => Outcome::Suspicious,
        (false, true) => Outcome::Safe,
    };
    let sum: u32 = fired.iter().map(|fired| fired.score).sum();
    let score_max = if blocked { SCORE_MAX } else { SCORE_MAX - 1 };
    Decision {
        outcome,
        action: if blocked { Action::Block } else { Action::Allow },
        score: sum.min(score_max),
        fired,
    }
}

fn fire(fired: &mut Vec<Fired>, rule: Rule, reason: String) {
    fired.push(Fired {
        rule: rule.name().into(),
        score: rule.score(),
        reason,
    });
}

fn amount(facts: &Facts, limits: &Limits, fired: &mut Vec<Fired>) {
    let (rule, limit) = if facts.amount_minor > limits.block_above {
        (Rule::AmountAboveBlockLimit, limits.block_above)
    } else if facts.amount_minor > limits.suspicious_above {
        (Rule::AmountAboveSuspiciousLimit, limits.suspicious_above)
    } else {
        return;
    };
    let reason = format!(
        "the amount {} is above {}",
        facts.show(facts.amount_minor),
        facts.show(limit)
    );
    fire(fired, rule, reason);
}

fn new_account(facts: &Facts, limits: &Limits, fired: &mut Vec<Fired>) {
    // Nobody is suspected for what we do not know.
    let Some(age) = facts.account_age_seconds else { return };
    if age >= limits.new_account_seconds || facts.amount_minor <= limits.new_account_above {
        return;
    }
    let reason = format!(
        "the account is {} h old and the amount {} is above {}",
        age / 3_600,
        facts.show(facts.amount_minor),
        facts.show(limits.new_account_above)
    );
    fire(fired, Rule::NewAccountLargeAmount, reason);
}

fn velocity(facts: &Facts, limits: &Limits, fired: &mut Vec<Fired>) {
    for (number, window) in WINDOWS.into_iter().enumerate() {
        let (count, limit) = (facts.count_per[number], limits.count_per[number]);
        if count > limit {
            let reason = format!("{count} payments in a {window} are more than {limit}");
            fire(fired, Rule::CountPerWindow(number), reason);
        }
        let (sum, limit) = (facts.sum_per[number], limits.sum_per[number]);
        if sum > limit {
            let reason = format!("{} in a {window} is more than {}", facts.show(sum), facts.show(limit));
            fire(fired, Rule::SumPerWindow(number), reason);
        }
    }
}

fn failures(facts: &Facts, limits: &Limits, fired: &mut Vec<Fired>) {
    if facts.recent_failures > limits.failures_per_hour {
        let reason = format!(
            "{} refused payments in an hour are more than {}",
            facts.recent_failures, limits.failures_per_hour
        );
        fire(fired, Rule::RepeatedFailures, reason);
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::super::check::CheckKind;
    use super::*;

    const RUPIAH: i64 = 100;
    const MILLION: i64 = 1_000_000 * RUPIAH;

    /// The defaults of the settings.
    fn limits() -> Limits {
        let settings = service::Settings::load(&service::settings::Sources::default()).unwrap();
        Limits::from(&settings.fraud)
    }

    fn facts(amount_minor: i64) -> Facts {
        Facts {
            amount_minor,
            currency: Currency::Idr,
            kind: CheckKind::Payment,
            account_age_seconds: None,
            recent_failures: 0,
            count_per: [1, 1, 1],
            sum_per: [0, 0, 0],
            desk: super::super::facts::DeskFacts::default(),
        }
    }

    #[track_caller]
    fn check(facts: &Facts, outcome: Outcome, rules: &[&str], score: u32) {
        let decision = decide(facts, &limits());
        assert_eq!(decision.rules(), rules);
        assert_eq!((decision.outcome, decision.score), (outcome, score), "{decision:?}");
    }

    #[test]
    fn amounts_above_a_limit_and_never_the_limit_itself() {
        use Outcome::{Fraud, Safe, Suspicious};
        check(&facts(1), Safe, &[], 0);
        check(&facts(10 * MILLION), Safe, &[], 0);
        let suspicious = ["amount_above_suspicious_limit"];
        check(&facts(10 * MILLION + 1), Suspicious, &suspicious, 50);
        check(&facts(50 * MILLION), Suspicious, &suspicious, 50);
        check(&facts(50 * MILLION + 1), Fraud, &["amount_above_block_limit"], 100);
        check(&facts(money::MAX_MINOR), Fraud, &["amount_above_block_limit"], 100);
    }

    #[test]
    fn a_new_account_may_move_little() {
        use Outcome::{Safe, Suspicious};
        const DAY: u64 = 24 * 3_600;
        let aged = |amount, age| Facts {
            account_age_seconds: age,
            ..facts(amount)
        };
        check(&aged(5 * MILLION, Some(0)), Safe, &[], 0);
        check(
            &aged(5 * MILLION + 1, Some(0)),
            Suspicious,
            &["new_account_large_amount"],
            40,
        );
        check(
            &aged(5 * MILLION + 1, Some(DAY - 1)),
            Suspicious,
            &["new_account_large_amount"],
            40,
        );
        check(&aged(5 * MILLION + 1, Some(DAY)), Safe, &[], 0);
        check(&aged(5 * MILLION + 1, None), Safe, &[], 0);
    }

    #[test]
    fn velocity_raises_suspicion_per_window() {
        use Outcome::{Safe, Suspicious};
        let counted = |count_per| Facts { count_per, ..facts(1) };
        check(&counted([10, 60, 200]), Safe, &[], 0);
        check(
            &counted([11, 11, 11]),
            Suspicious,
            &["count_per_minute_above_limit"],
            40,
        );
        check(&counted([1, 61, 61]), Suspicious, &["count_per_hour_above_limit"], 30);
        check(&counted([1, 1, 201]), Suspicious, &["count_per_day_above_limit"], 20);
        let summed = |sum_per| Facts { sum_per, ..facts(1) };
        check(&summed([20 * MILLION, 50 * MILLION, 100 * MILLION]), Safe, &[], 0);
        check(
            &summed([20 * MILLION + 1, 1, 1]),
            Suspicious,
            &["sum_per_minute_above_limit"],
            40,
        );
        check(
            &summed([1, 50 * MILLION + 1, 1]),
            Suspicious,
            &["sum_per_hour_above_limit"],
            30,
        );
        check(
            &summed([1, 1, 100 * MILLION + 1]),
            Suspicious,
            &["sum_per_day_above_limit"],
            20,
        );
    }

    #[test]
    fn failures_raise_suspicion() {
        let failed = |recent_failures| Facts {
            recent_failures,
            ..facts(1)
        };
        check(&failed(5), Outcome::Safe, &[], 0);
        check(&failed(6), Outcome::Suspicious, &["failures_per_hour_above_limit"], 30);
    }

    #[test]
    fn everything_but_the_amount_together_is_still_no_fraud() {
        let worst = Facts {
            account_age_seconds: Some(0),
            recent_failures: u32::MAX,
            count_per: [u32::MAX; 3],
            sum_per: [money::MAX_MINOR; 3],
            ..facts(50 * MILLION)
        };
        let decision = decide(&worst, &limits());
        assert_eq!((decision.outcome, decision.score), (Outcome::Suspicious, 99));
        assert_eq!(decision.fired.len(), 9);
        let blocked = decide(
            &Facts {
                amount_minor: 50 * MILLION + 1,
                ..worst
            },
            &limits(),
        );
        assert_eq!((blocked.outcome, blocked.score), (Outcome::Fraud, 100));
        assert_eq!(blocked.fired[0].rule, "amount_above_block_limit");
    }

    #[test]
    fn reasons_are_for_people() {
        let decision = decide(
            &Facts {
                recent_failures: 7,
                ..facts(15 * MILLION + 50)
            },
            &limits(),
        );
        assert_eq!(
            decision.reason(),
            "the amount 15000000.5 is above 10000000; 7 refused payments in an hour are more than 5"
        );
        assert_eq!(decide(&facts(1), &limits()).reason(), "no rule fired");
    }

    #[test]
    fn facts_and_limits_survive_their_stored_form() {
        let facts = Facts {
            account_age_seconds: Some(5),
            ..facts(15 * MILLION)
        };
        let stored = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&stored).unwrap(), facts);
        let stored = serde_json::to_string(&limits()).unwrap();
        assert_eq!(serde_json::from_str::<Limits>(&stored).unwrap(), limits());
    }
}
