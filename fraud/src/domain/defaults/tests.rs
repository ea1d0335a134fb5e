//! The thresholds, case by case.

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
    let book = RuleBook::new(default_rules(Timestamp::from_micros(0)));
    Policy::default().settle(book.ask(facts, limits).fired, &facts.desk)
}

/// The rules that are tried and would have fired.
fn tried(facts: &Facts) -> Vec<String> {
    let book = RuleBook::new(default_rules(Timestamp::from_micros(0)));
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
