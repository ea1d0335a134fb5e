//! The rules a new installation begins with.

use service::Timestamp;

use super::rule::{Rule, RuleAction, RuleState};

/// Who wrote them.
const AUTHOR: &str = "sawit";

struct Default {
    name: &'static str,
    score: u32,
    action: RuleAction,
    state: RuleState,
    expression: &'static str,
    description: &'static str,
}

const fn active(name: &'static str, score: u32, expression: &'static str, description: &'static str) -> Default {
    Default {
        name,
        score,
        action: RuleAction::Score,
        state: RuleState::Active,
        expression,
        description,
    }
}

const fn tried(name: &'static str, score: u32, expression: &'static str, description: &'static str) -> Default {
    Default {
        state: RuleState::Shadow,
        ..active(name, score, expression, description)
    }
}

/// The first ten are what the settings `SAWIT_FRAUD_*` speak of. "Above" is strict everywhere: the limit itself is still
/// fine.
const DEFAULTS: &[Default] = &[
    Default {
        action: RuleAction::Block,
        ..active(
            "amount_above_block_limit",
            100,
            "amount > limit_block",
            "the amount {amount} is above {limit_block}",
        )
    },
    active(
        "amount_above_suspicious_limit",
        50,
        "amount > limit_suspicious && amount <= limit_block",
        "the amount {amount} is above {limit_suspicious}",
    ),
    active(
        "new_account_large_amount",
        40,
        "account_age < limit_new_account_age && amount > limit_new_account",
        "the account is {account_age} old and the amount {amount} is above {limit_new_account}",
    ),
    active(
        "count_per_minute_above_limit",
        40,
        "count_1m > limit_count_1m",
        "{count_1m} payments in a minute are more than {limit_count_1m}",
    ),
    active(
        "sum_per_minute_above_limit",
        40,
        "sum_1m > limit_sum_1m",
        "{sum_1m} in a minute is more than {limit_sum_1m}",
    ),
    active(
        "count_per_hour_above_limit",
        30,
        "count_1h > limit_count_1h",
        "{count_1h} payments in a hour are more than {limit_count_1h}",
    ),
    active(
        "sum_per_hour_above_limit",
        30,
        "sum_1h > limit_sum_1h",
        "{sum_1h} in a hour is more than {limit_sum_1h}",
    ),
    active(
        "count_per_day_above_limit",
        20,
        "count_24h > limit_count_24h",
        "{count_24h} payments in a day are more than {limit_count_24h}",
    ),
    active(
        "sum_per_day_above_limit",
        20,
        "sum_24h > limit_sum_24h",
        "{sum_24h} in a day is more than {limit_sum_24h}",
    ),
    active(
        "failures_per_hour_above_limit",
        30,
        "failures_1h > limit_failures_1h",
        "{failures_1h} refused payments in an hour are more than {limit_failures_1h}",
    ),
    active(
        "amounts_just_below_limit",
        40,
        "just_below_24h >= 3",
        "{just_below_24h} amounts in a day just below {limit_suspicious}",
    ),
    active(
        "in_and_straight_out",
        30,
        "kind == \"TRANSFER\" && amount >= 5000000.0 && received_1h > 0.0 && sum_1h >= 0.9 * received_1h && is_first_to_payee",
        "{sum_1h} went out within an hour of {received_1h} that came in, to somebody not paid before",
    ),
    active(
        "declined_again_and_again",
        30,
        "declined_1h >= 3",
        "{declined_1h} attempts in an hour were refused as fraud",
    ),
    tried(
        "far_above_own_mean",
        30,
        "times_mean >= 10.0 && amount > mean_30d + 6.0 * deviation_30d && amount >= 1000000.0",
        "the amount {amount} is {times_mean} times the user's mean of {mean_30d}",
    ),
    tried(
        "new_device_large_amount",
        30,
        "(is_new_device || is_new_address) && is_first_to_payee && amount >= 5000000.0",
        "{amount} from a device or address not seen before, to somebody not paid before",
    ),
    tried(
        "many_payees_in_an_hour",
        30,
        "payees_1h >= 10",
        "{payees_1h} different payees in an hour",
    ),
    tried(
        "at_night_to_a_new_payee",
        20,
        "(hour >= 23 || hour < 5) && is_first_to_payee && amount >= 2000000.0",
        "{amount} at {hour} o'clock to somebody not paid before",
    ),
    tried(
        "new_wallet_empties",
        20,
        "wallet_age < 3600 && kind == \"TRANSFER\" && amount >= 2000000.0",
        "a wallet {wallet_age} old sends {amount} on",
    ),
    tried(
        "merchant_often_refunds",
        20,
        "merchant_refund_rate > 0.3",
        "the merchant refunds {merchant_refund_rate} of its payments",
    ),
    tried(
        "merchant_draws_fraud",
        30,
        "merchant_fraud_rate > 0.1",
        "{merchant_fraud_rate} of the payments to this merchant are refused as fraud",
    ),
];

/// The rules a new installation begins with, as their first versions.
pub fn default_rules(now: Timestamp) -> Vec<Rule> {
    (1_i64..)
        .zip(DEFAULTS)
        .map(|(revision, rule)| Rule {
            revision,
            name: rule.name.to_owned(),
            version: 1,
            description: rule.description.to_owned(),
            expression: rule.expression.to_owned(),
            score: rule.score,
            action: rule.action,
            state: rule.state,
            author: AUTHOR.to_owned(),
            reason: "it came with the installation".to_owned(),
            created_at: now,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::super::check::CheckKind;
    use super::super::decision::{Decision, Outcome};
    use super::super::facts::{DeskFacts, Facts};
    use super::super::limits::Limits;
    use super::super::past::PastFacts;
    use super::super::policy::Policy;
    use super::super::rule::RuleBook;
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
            wallet_age_seconds: None,
            email_domain: None,
            hour: 12,
            weekday: 3,
            past: PastFacts::default(),
            merchant_refund_per_mille: 0,
            merchant_fraud_per_mille: 0,
            desk: DeskFacts::default(),
        }
    }

    fn decide(facts: &Facts, limits: &Limits) -> Decision {
        let book = RuleBook::new(default_rules(Timestamp::from_micros(0))).unwrap();
        Policy::default().settle(book.ask(facts, limits).fired, &facts.desk)
    }

    /// The rules that are tried and would have fired.
    fn tried(facts: &Facts) -> Vec<String> {
        let book = RuleBook::new(default_rules(Timestamp::from_micros(0))).unwrap();
        let shadow = book.ask(facts, &limits()).shadow;
        shadow.into_iter().map(|fired| fired.rule.into_owned()).collect()
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

    #[test]
    fn many_amounts_just_below_the_limit_are_one_large_one() {
        let with = |just_below_24h| Facts {
            past: PastFacts {
                just_below_24h,
                ..PastFacts::default()
            },
            ..facts(9 * MILLION)
        };
        check(&with(2), Outcome::Safe, &[], 0);
        check(&with(3), Outcome::Suspicious, &["amounts_just_below_limit"], 40);
    }

    #[test]
    fn what_comes_in_and_goes_straight_out_is_looked_at() {
        let sent = |amount: i64, received_1h, is_first_to_payee, kind| Facts {
            kind,
            sum_per: [amount; 3],
            past: PastFacts {
                received_1h,
                is_first_to_payee,
                ..PastFacts::default()
            },
            ..facts(amount)
        };
        let fires = ["in_and_straight_out"];
        let transfer = CheckKind::Transfer;
        check(
            &sent(9 * MILLION, 10 * MILLION, true, transfer),
            Outcome::Suspicious,
            &fires,
            30,
        );
        check(
            &sent(9 * MILLION - 1, 10 * MILLION, true, transfer),
            Outcome::Safe,
            &[],
            0,
        );
        check(&sent(9 * MILLION, 10 * MILLION, false, transfer), Outcome::Safe, &[], 0);
        check(&sent(9 * MILLION, 0, true, transfer), Outcome::Safe, &[], 0);
        check(
            &sent(9 * MILLION, 10 * MILLION, true, CheckKind::Payment),
            Outcome::Safe,
            &[],
            0,
        );
        check(&sent(4 * MILLION, 4 * MILLION, true, transfer), Outcome::Safe, &[], 0);
    }

    #[test]
    fn who_is_refused_again_and_again_is_looked_at() {
        let declined = |declined_1h| Facts {
            past: PastFacts {
                declined_1h,
                ..PastFacts::default()
            },
            ..facts(1)
        };
        check(&declined(2), Outcome::Safe, &[], 0);
        check(&declined(3), Outcome::Suspicious, &["declined_again_and_again"], 30);
    }

    #[test]
    fn rules_that_are_tried_say_what_they_would_say_and_change_nothing() {
        let past = |past: PastFacts, amount| Facts { past, ..facts(amount) };
        let mean = |amount| {
            past(
                PastFacts {
                    amounts_30d: 5,
                    mean_30d: MILLION,
                    deviation_30d: MILLION / 2,
                    ..PastFacts::default()
                },
                amount,
            )
        };
        assert_eq!(tried(&mean(10 * MILLION)), ["far_above_own_mean"]);
        assert!(tried(&mean(10 * MILLION - 1)).is_empty());
        let device = |is_new_device, is_new_address, is_first_to_payee| PastFacts {
            is_new_device,
            is_new_address,
            is_first_to_payee,
            ..PastFacts::default()
        };
        assert_eq!(
            tried(&past(device(true, false, true), 5 * MILLION)),
            ["new_device_large_amount"]
        );
        assert_eq!(
            tried(&past(device(false, true, true), 5 * MILLION)),
            ["new_device_large_amount"]
        );
        assert!(tried(&past(device(false, false, true), 5 * MILLION)).is_empty());
        assert!(tried(&past(device(true, true, false), 5 * MILLION)).is_empty());
        let payees = |count| PastFacts {
            payees_per: [0, count, count, count, count],
            ..PastFacts::default()
        };
        assert_eq!(tried(&past(payees(10), 1)), ["many_payees_in_an_hour"]);
        assert!(tried(&past(payees(9), 1)).is_empty());
        let at_night = |hour| Facts {
            hour,
            ..past(device(false, false, true), 2 * MILLION)
        };
        assert_eq!(tried(&at_night(23)), ["at_night_to_a_new_payee"]);
        assert_eq!(tried(&at_night(4)), ["at_night_to_a_new_payee"]);
        assert!(tried(&at_night(5)).is_empty());
        let wallet = |age| Facts {
            wallet_age_seconds: Some(age),
            kind: CheckKind::Transfer,
            ..facts(2 * MILLION)
        };
        assert_eq!(tried(&wallet(3_599)), ["new_wallet_empties"]);
        assert!(tried(&wallet(3_600)).is_empty());
        let rates = |refund, fraud| Facts {
            merchant_refund_per_mille: refund,
            merchant_fraud_per_mille: fraud,
            ..facts(1)
        };
        assert_eq!(tried(&rates(301, 0)), ["merchant_often_refunds"]);
        assert_eq!(tried(&rates(0, 101)), ["merchant_draws_fraud"]);
        assert!(tried(&rates(300, 100)).is_empty());
        check(&at_night(23), Outcome::Safe, &[], 0);
    }
}
