//! Every step of a payout fails at every point, and the service crashes there: the money has left the wallet once, or it is
//! in it, and the merchant can read which.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Bed, DEADLINE, Fault, Payee, Side, inputs};

const AMOUNT: u64 = 20_000;
const AMOUNT_MINOR: i64 = 2_000_000;
const FUNDS: i64 = 100 * AMOUNT_MINOR;
const STEP: Duration = Duration::from_secs(31);
const GIVE_UP_AFTER: Duration = Duration::from_secs(15 * 60);
const SIDES: [Side; 2] = [Side::Before, Side::After];
/// What a payout goes through on its way out.
const STEPS: [&str; 3] = ["openMerchantWallets", "postTransfers", "submitPayout"];

fn id_of(payout: &Value) -> String {
    payout["payoutId"].as_str().unwrap().to_owned()
}

fn faults(operation: &str) -> Vec<(Fault, usize)> {
    let mut faults = vec![(Fault::Unavailable, 3), (Fault::Rubbish, 2)];
    // A refusal of the bank is its word, and no fault.
    if operation != "submitPayout" {
        faults.push((Fault::Refused("FORBIDDEN"), 2));
    }
    faults
}

fn input(key: &str) -> Value {
    inputs::with_key(Payee::input(AMOUNT, "1234567890"), key)
}

/// The merchant asks again with its key until the bank has the payout; then the bank reports.
async fn check_end(bed: &Bed, shop: &Payee, key: &str, left: &mut i64) {
    let begun = bed.pay_out(shop, input(key)).await;
    let payout_id = id_of(&begun);
    let bank = bed.bank.clone().unwrap();
    bed.until("the bank has it", STEP, async || {
        bank.given(&payout_id) > 0 && bed.payout(shop, &payout_id).await["bankReference"].is_string()
    })
    .await;
    assert_eq!(bed.payout(shop, &payout_id).await["state"], "IN_TRANSIT", "{key}");
    *left -= AMOUNT_MINOR;
    assert_eq!(bed.ledger.balance(shop.wallet), *left, "{key}");
    let paid = bed.report_paid(&bed.service_token(), &payout_id, "R-1").await;
    assert_eq!(paid.data()["reportPayout"]["state"], "PAID", "{key}");
    assert_eq!(bed.ledger.balance(shop.wallet), *left, "{key}");
}

async fn fail_everywhere(restart: bool) {
    let (mut bed, shop) = Bed::start_with_payee(FUNDS).await;
    let mut left = FUNDS;
    for operation in STEPS {
        for (side, (fault, times)) in SIDES
            .into_iter()
            .flat_map(|side| faults(operation).into_iter().map(move |fault| (side, fault)))
        {
            let key = format!("{operation}-{side:?}-{fault:?}").replace(['(', ')', '"'], "-");
            if operation == "openMerchantWallets" {
                // Asked for once per process only.
                bed.crash_and_restart().await;
            }
            bed.faults.plan(operation, side, fault, times);
            bed.try_pay_out(&shop.api_key, input(&key)).await;
            if restart {
                bed.stop_service().await;
                bed.start_service().await;
            }
            check_end(&bed, &shop, &key, &mut left).await;
            bed.faults.heal();
        }
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_point_is_repaired_by_the_running_service() {
    fail_everywhere(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_point_is_repaired_after_a_restart() {
    fail_everywhere(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_is_repaired_at_the_next_start() {
    let (mut bed, shop) = Bed::start_with_payee(FUNDS).await;
    let mut left = FUNDS;
    for operation in STEPS {
        for side in SIDES {
            let key = format!("crash-{operation}-{side:?}");
            if operation == "openMerchantWallets" {
                bed.crash_and_restart().await;
            }
            let mut held = bed.faults.hold(operation, side);
            let asking = bed.sending(Payee::paying_out(&shop.api_key, input(&key)));
            let arrived = tokio::time::timeout(DEADLINE, held.arrived(1)).await;
            arrived.unwrap_or_else(|_| panic!("{key} did not come"));
            bed.crash();
            drop(held);
            let _ = asking.await;
            bed.start_service().await;
            check_end(&bed, &shop, &key, &mut left).await;
        }
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_fails_or_crashes_at_any_point_brings_the_money_back_once() {
    let (mut bed, shop) = Bed::start_with_payee(FUNDS).await;
    for side in SIDES {
        for fault in [Some(Fault::Unavailable), Some(Fault::Rubbish), None] {
            let key = format!("return-{side:?}-{}", fault.is_some());
            let payout_id = id_of(&bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await);
            assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - AMOUNT_MINOR, "{key}");
            match fault {
                Some(fault) => {
                    bed.faults.plan("postTransfers", side, fault, 3);
                    bed.report_rejected(&bed.service_token(), &payout_id, "no such account")
                        .await;
                }
                None => {
                    let mut held = bed.faults.hold("postTransfers", side);
                    let document = format!(
                        "mutation {{ reportPayout(payoutId: \"{payout_id}\", result: REJECTED, reason: \"no\") {{ state }} }}"
                    );
                    let reporting = bed.sending(crate::bed::Ask::new(Some(&bed.service_token()), &document, json!({})));
                    held.arrived(1).await;
                    bed.crash();
                    drop(held);
                    let _ = reporting.await;
                    bed.start_service().await;
                }
            }
            let failed = bed.until_payout_is(&shop, &payout_id, &["FAILED"], STEP).await;
            assert_eq!(failed["failureCode"], "PAYOUT_REJECTED", "{key}");
            assert_eq!(bed.ledger.balance(shop.wallet), FUNDS, "{key}");
            bed.faults.heal();
        }
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_begun_is_given_up_behind_a_fence() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    bed.faults.break_down("postTransfers", Fault::Unavailable);
    let begun = bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await;
    assert_eq!(begun["state"], "PENDING");
    bed.faults.break_down("fenceTransfers", Fault::Unavailable);
    bed.clock.advance(GIVE_UP_AFTER);
    bed.until("the fence is asked for", STEP, async || {
        bed.faults.calls("fenceTransfers") > 3
    })
    .await;
    let waiting = bed.payout(&shop, &id_of(&begun)).await;
    assert_eq!(waiting["state"], "PENDING", "without the fence nobody knows");
    bed.faults.heal();
    let ended = bed.until_payout_is(&shop, &id_of(&begun), &["FAILED"], STEP).await;
    assert_eq!(ended["failureCode"], "TIMED_OUT");
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_finds_what_has_left() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    bed.faults.plan("postTransfers", Side::After, Fault::Unavailable, 3);
    let begun = bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await;
    assert_eq!(begun["state"], "PENDING");
    bed.clock.advance(GIVE_UP_AFTER);
    bed.until_payout_is(&shop, &id_of(&begun), &["IN_TRANSIT"], STEP).await;
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - AMOUNT_MINOR);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_is_away_for_days_is_asked_until_it_answers_and_never_given_up() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    bed.faults.break_down("submitPayout", Fault::Unavailable);
    let begun = bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await;
    assert_eq!(begun["state"], "IN_TRANSIT", "the money has left");
    assert_eq!(begun["bankReference"], Value::Null);
    bed.clock.advance(Duration::from_secs(3 * 24 * 3_600));
    let asked = bed.faults.calls("submitPayout");
    bed.until("it is asked again", STEP, async || {
        bed.faults.calls("submitPayout") > asked + 2
    })
    .await;
    assert_eq!(bed.payout(&shop, &id_of(&begun)).await["state"], "IN_TRANSIT");
    bed.faults.heal();
    bed.until("the bank has it", STEP, async || {
        bed.payout(&shop, &id_of(&begun)).await["bankReference"].is_string()
    })
    .await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_has_it_and_says_nothing_is_asked_once_an_hour() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    let payout_id = id_of(&bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await);
    let bank = bed.bank.clone().unwrap();
    assert_eq!(bank.given(&payout_id), 1);
    bed.clock.advance(Duration::from_secs(3_500));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(bank.given(&payout_id), 1);
    bed.clock.advance(Duration::from_secs(200));
    bed.until("it is asked again", Duration::ZERO, async || {
        bank.given(&payout_id) == 2
    })
    .await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_overtakes_the_answer_to_what_it_reports_on_is_believed() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    for (result, expect, left) in [
        ("paid", "PAID", FUNDS - AMOUNT_MINOR),
        ("rejected", "FAILED", FUNDS - AMOUNT_MINOR),
    ] {
        let mut held = bed.faults.hold("submitPayout", Side::After);
        let asking = bed.sending(Payee::paying_out(&shop.api_key, Payee::input(AMOUNT, "1234567890")));
        held.arrived(1).await;
        let newest = bed
            .ask(
                Some(&shop.api_key),
                "{ payouts(first: 1) { payoutId state } }",
                json!({}),
            )
            .await;
        let payout_id = id_of(&newest.data()["payouts"][0]);
        match result {
            "paid" => bed.report_paid(&bed.service_token(), &payout_id, "R-9").await,
            _ => bed.report_rejected(&bed.service_token(), &payout_id, "no").await,
        };
        drop(held);
        let answered = asking.await.unwrap();
        let state = answered.data()["createPayout"]["state"].clone();
        assert_eq!(state, expect, "{result}");
        let ended = bed.payout(&shop, &payout_id).await;
        assert_eq!(ended["state"], expect);
        if expect == "PAID" {
            assert_eq!(
                ended["bankReference"], "R-9",
                "the report's word is newer than the answer's"
            );
        }
        assert_eq!(bed.ledger.balance(shop.wallet), left, "{result}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_cannot_go_back_into_a_frozen_wallet_goes_back_once_it_is_open() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    let payout_id = id_of(&bed.pay_out(&shop, Payee::input(AMOUNT, "1234567890")).await);
    bed.ledger.freeze(shop.wallet);
    bed.report_rejected(&bed.service_token(), &payout_id, "no such account")
        .await;
    // The ledger's refusals are for ever, so every try needs an id of its own.
    let tried = bed.faults.calls("postTransfers");
    bed.until("it is tried again", STEP, async || {
        bed.faults.calls("postTransfers") > tried + 2
    })
    .await;
    assert_eq!(bed.payout(&shop, &payout_id).await["state"], "IN_TRANSIT");
    bed.ledger.unfreeze(shop.wallet);
    bed.until_payout_is(&shop, &payout_id, &["FAILED"], STEP).await;
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS);
    bed.finish().await;
}
