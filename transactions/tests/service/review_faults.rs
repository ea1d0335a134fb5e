//! A payment under review, failing and crashing at every point: the money is held once, and moves once or not at all.

use std::time::Duration;

use crate::bed::{Bed, DEADLINE, Expect, Fault, Side, User, inputs};

const AMOUNT: u64 = 20_000;
const AMOUNT_MINOR: i64 = 2_000_000;
/// Longer than any pause of a saga, shorter than giving up.
const STEP: Duration = Duration::from_secs(31);
const SIDES: [Side; 2] = [Side::Before, Side::After];
const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

struct Case {
    payer: User,
    input: serde_json::Value,
}

impl Case {
    fn new(bed: &Bed, name: &str) -> Self {
        let payer = bed.user(name, AMOUNT_MINOR);
        let input = inputs::payment(payer.wallet, AMOUNT, &bed.market.bill(AMOUNT));
        Self {
            input: inputs::with_key(input, name),
            payer,
        }
    }

    async fn id(&self, bed: &Bed) -> String {
        bed.newest(&self.payer).await["transactionId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn check(&self, bed: &Bed, expect: &str, what: &str) {
        bed.until_no_transaction_is_pending(STEP).await;
        let ended = bed.create(&self.payer, self.input.clone()).await;
        assert_eq!(ended["status"], expect, "{what}: {ended}");
        let left = if expect == "SUCCESS" { 0 } else { AMOUNT_MINOR };
        assert_eq!(bed.ledger.balance(self.payer.wallet), left, "{what}");
    }
}

/// What a word asks of the ledger.
fn steps(word: &str) -> &'static [&'static str] {
    match word {
        "APPROVE" => &["postTransfers"],
        _ => &["fenceTransfers", "voidHolds"],
    }
}

fn expect(word: &str) -> &'static str {
    if word == "APPROVE" { "SUCCESS" } else { "FAILED" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_on_the_way_into_review_is_repaired_at_the_next_start() {
    let mut bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    for operation in [
        "getOrderByVA",
        "checkTransactions",
        "authorizeHolds",
        "appendEntries",
        "recordOutcomes",
    ] {
        for side in SIDES {
            let what = format!("{operation}-{side:?}");
            let case = Case::new(&bed, &what);
            let mut held = bed.faults.hold(operation, side);
            let asking = bed.creating(&case.payer, case.input.clone());
            let arrived = tokio::time::timeout(DEADLINE, held.arrived(1)).await;
            arrived.unwrap_or_else(|_| panic!("{what} did not come"));
            bed.crash();
            drop(held);
            let _ = asking.await;
            bed.start_service().await;
            case.check(&bed, "REVIEW", &what).await;
            assert!(bed.resolve(&case.id(&bed).await, "APPROVE").await);
            case.check(&bed, "SUCCESS", &what).await;
        }
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_a_word_is_carried_out_is_repaired_at_the_next_start() {
    let mut bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    for word in ["APPROVE", "REJECT"] {
        for (operation, side) in steps(word)
            .iter()
            .flat_map(|operation| SIDES.map(|side| (*operation, side)))
        {
            let what = format!("{word}-{operation}-{side:?}");
            let case = Case::new(&bed, &what);
            bed.create(&case.payer, case.input.clone()).await;
            let id = case.id(&bed).await;
            let mut held = bed.faults.hold(operation, side);
            assert!(bed.resolve(&id, word).await);
            let arrived = tokio::time::timeout(DEADLINE, held.arrived(1)).await;
            arrived.unwrap_or_else(|_| panic!("{what} did not come"));
            bed.crash();
            drop(held);
            bed.start_service().await;
            case.check(&bed, expect(word), &what).await;
        }
        // A crash right behind the word's commit loses nothing either.
        let case = Case::new(&bed, word);
        bed.create(&case.payer, case.input.clone()).await;
        assert!(bed.resolve(&case.id(&bed).await, word).await);
        bed.crash_and_restart().await;
        case.check(&bed, expect(word), word).await;
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_while_a_word_is_carried_out_is_repaired_by_the_running_service() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    for word in ["APPROVE", "REJECT"] {
        for operation in steps(word) {
            for (side, fault) in SIDES.into_iter().flat_map(|side| {
                [Fault::Unavailable, Fault::Rubbish, Fault::Refused("FORBIDDEN")].map(|fault| (side, fault))
            }) {
                let what = format!("{word}-{operation}-{side:?}-{fault:?}").replace(['(', ')', '"'], "-");
                let case = Case::new(&bed, &what);
                bed.create(&case.payer, case.input.clone()).await;
                bed.faults.plan(operation, side, fault, 3);
                assert!(bed.resolve(&case.id(&bed).await, word).await);
                case.check(&bed, expect(word), &what).await;
                bed.faults.heal();
            }
        }
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_outlives_a_ledger_that_is_away_for_days() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let case = Case::new(&bed, "payer");
    bed.create(&case.payer, case.input.clone()).await;
    bed.faults.break_down("postTransfers", Fault::Unavailable);
    assert!(bed.resolve(&case.id(&bed).await, "APPROVE").await);
    for _ in 0..3 {
        bed.clock.advance(Duration::from_secs(24 * 3_600));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    bed.faults.heal();
    case.check(&bed, "SUCCESS", "the ledger is back").await;
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_never_gets_through_gives_the_money_back_when_the_hold_ends() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let case = Case::new(&bed, "payer");
    bed.create(&case.payer, case.input.clone()).await;
    bed.faults.break_down("postTransfers", Fault::Unavailable);
    assert!(bed.resolve(&case.id(&bed).await, "APPROVE").await);
    bed.clock.advance(Duration::from_secs(9 * 24 * 3_600));
    case.check(&bed, "FAILED", "the hold has ended").await;
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_that_is_given_up_with_the_money_held_for_a_review_is_in_review() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let case = Case::new(&bed, "payer");
    // The hold is granted, but no answer comes through until the saga is given up.
    bed.faults
        .plan("authorizeHolds", Side::After, Fault::Unavailable, usize::MAX);
    bed.try_create(&case.payer, case.input.clone()).await;
    bed.clock.advance(Duration::from_secs(16 * 60));
    case.check(&bed, "REVIEW", "given up").await;
    assert!(bed.resolve(&case.id(&bed).await, "REJECT").await);
    case.check(&bed, "FAILED", "refused").await;
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fraud_check_that_lost_its_memory_makes_no_money_move_twice() {
    let mut bed = Bed::start().await;
    for word in ["APPROVE", "REJECT"] {
        bed.fraud.forgets_and_says("SAFE");
        let case = Case::new(&bed, word);
        let mut held = bed.faults.hold("postTransfers", Side::After);
        let asking = bed.creating(&case.payer, case.input.clone());
        held.arrived(1).await;
        bed.crash();
        drop(held);
        let _ = asking.await;
        // The money has moved, and nobody knows; more of it is there to be held.
        bed.ledger.give(case.payer.wallet, AMOUNT_MINOR);
        bed.fraud.forgets_and_says("REVIEW");
        bed.start_service().await;
        bed.until_no_transaction_is_pending(STEP).await;
        let id = case.id(&bed).await;
        assert!(bed.resolve(&id, word).await);
        bed.until("it has ended", Duration::from_secs(24 * 3_600), async || {
            bed.standing(&id).await["status"] == "SUCCESS"
        })
        .await;
        assert_eq!(bed.ledger.balance(case.payer.wallet), AMOUNT_MINOR, "{word}");
    }
    bed.stop_service().await;
    assert_eq!(bed.ledger.total(), 0);
}
