//! Every step of every operation fails at every point, and the service crashes there: the end is right, the money has moved
//! once or not at all, and everybody has been told once.

use std::time::Duration;

use serde_json::{Value, json};
use transactions::domain::CaptureMode;

use crate::bed::{Bed, DEADLINE, Expect, Fault, Seller, Side, User};

/// Longer than any pause of an operation, shorter than giving up.
const STEP: Duration = Duration::from_secs(31);
const GIVE_UP_AFTER: Duration = Duration::from_secs(15 * 60);
const SIDES: [Side; 2] = [Side::Before, Side::After];
const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Authorization,
    Capture,
    FinalCapture,
    Void,
    Refund,
}

impl Kind {
    /// What it asks of the others, in its order.
    const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Authorization => &["checkTransactions", "authorizeHolds", "appendEntries"],
            Self::Capture => &["openMerchantWallets", "postTransfers", "appendEntries"],
            Self::FinalCapture => &["postTransfers", "voidHolds", "appendEntries"],
            Self::Void => &["voidHolds", "appendEntries"],
            Self::Refund => &["postTransfers", "appendEntries"],
        }
    }

    const fn mode(self) -> CaptureMode {
        match self {
            Self::Refund => CaptureMode::Automatic,
            _ => CaptureMode::Manual,
        }
    }

    const fn mutation(self) -> &'static str {
        match self {
            Self::Capture | Self::FinalCapture => "capturePayment",
            Self::Void => "voidPayment",
            Self::Refund | Self::Authorization => "refundPayment",
        }
    }

    /// What the payer has afterwards, of 1,000,000.00.
    const fn left_minor(self) -> i64 {
        match self {
            Self::Authorization | Self::Void => 100_000_000,
            Self::Capture | Self::FinalCapture => 90_000_000,
            Self::Refund => 10_000_000,
        }
    }

    const fn status(self) -> &'static str {
        match self {
            Self::Authorization | Self::Capture => "AUTHORIZED",
            Self::FinalCapture | Self::Refund => "SUCCESS",
            Self::Void => "VOIDED",
        }
    }
}

/// A payment of its own for each case, and what is done with it.
struct Case {
    kind: Kind,
    payer: User,
    va_number: String,
    key: String,
}

impl Case {
    fn input(&self, id: &str) -> Value {
        let mut input = json!({ "transactionId": id, "idempotencyKey": self.key });
        if self.kind != Kind::Void {
            input["amount"] = json!(100_000);
        }
        if self.kind == Kind::FinalCapture {
            input["final"] = json!(true);
        }
        input
    }

    fn payment(&self, shop: &Seller) -> Value {
        let rupiah = u64::try_from(shop.amount_minor() / 100).unwrap();
        let input = crate::bed::inputs::payment(self.payer.wallet, rupiah, &self.va_number);
        crate::bed::inputs::with_key(input, &self.key)
    }

    /// Pays, so far as that is not what is tested.
    async fn prepare(&self, bed: &Bed, shop: &Seller) -> Option<String> {
        if self.kind == Kind::Authorization {
            return None;
        }
        let paid = bed.create(&self.payer, self.payment(shop)).await;
        Some(paid["transactionId"].as_str().unwrap().to_owned())
    }

    fn begin(&self, bed: &Bed, shop: &Seller, id: Option<&str>) -> tokio::task::JoinHandle<testkit::graphql::Answer> {
        match id {
            None => bed.creating(&self.payer, self.payment(shop)),
            Some(id) => bed.operating(&shop.owner.token, self.kind.mutation(), self.input(id)),
        }
    }

    /// The client asks again with its key until it knows, and the money is where the answer says.
    async fn check_end(&self, bed: &Bed, shop: &Seller, id: Option<&str>, what: &str) {
        bed.until_no_transaction_is_pending(STEP).await;
        bed.until_no_operation_is_pending(STEP).await;
        let again = self.begin(bed, shop, id).await.unwrap();
        let id = match id {
            Some(id) => {
                let done = &again.data()[self.kind.mutation()];
                assert_eq!(done["state"], "SUCCEEDED", "{what}: {done}");
                id.to_owned()
            }
            None => again.data()["createTransaction"]["transactionId"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let payment = bed.payment(&shop.owner.token, &id).await;
        assert_eq!(payment["status"], self.kind.status(), "{what}: {payment}");
        assert_eq!(bed.ledger.balance(self.payer.wallet), self.kind.left_minor(), "{what}");
    }
}

fn faults() -> [(Fault, usize); 3] {
    [
        (Fault::Unavailable, 3),
        (Fault::Rubbish, 2),
        (Fault::Refused("FORBIDDEN"), 2),
    ]
}

async fn cases(bed: &mut Bed, shop: &Seller, kind: Kind, names: &[String]) -> Vec<Case> {
    let numbers = bed.open_sessions(shop, kind.mode(), &shop.splits, names.len()).await;
    let cases = names.iter().zip(numbers).map(|(name, va_number)| Case {
        kind,
        payer: bed.user(name, shop.amount_minor()),
        va_number,
        key: name.clone(),
    });
    cases.collect()
}

async fn fail_everywhere(kind: Kind, restart: bool) {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let mut points = Vec::new();
    for step in kind.steps() {
        for side in SIDES {
            points.extend(faults().into_iter().map(|(fault, times)| (*step, side, fault, times)));
        }
    }
    let names: Vec<String> = (0..points.len()).map(|index| format!("{kind:?}-{index}")).collect();
    let all = cases(&mut bed, &shop, kind, &names).await;
    for (case, (step, side, fault, times)) in all.iter().zip(points) {
        let what = format!("{kind:?} {step} {side:?} {fault:?}");
        let id = case.prepare(&bed, &shop).await;
        if step == "openMerchantWallets" {
            // Asked for once per process only.
            bed.crash_and_restart().await;
        }
        bed.faults.plan(step, side, fault, times);
        let _ = case.begin(&bed, &shop, id.as_deref()).await;
        if restart {
            bed.stop_service().await;
            bed.start_service().await;
        }
        case.check_end(&bed, &shop, id.as_deref(), &what).await;
        bed.faults.heal();
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

async fn crash_everywhere(kind: Kind) {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let points: Vec<(&str, Side)> = kind
        .steps()
        .iter()
        .flat_map(|step| SIDES.map(|side| (*step, side)))
        .collect();
    let names: Vec<String> = (0..points.len()).map(|index| format!("{kind:?}-{index}")).collect();
    let all = cases(&mut bed, &shop, kind, &names).await;
    for (case, (step, side)) in all.iter().zip(points) {
        let what = format!("{kind:?} {step} {side:?}");
        let id = case.prepare(&bed, &shop).await;
        // What the payment before told is on its way no more.
        bed.until_nothing_waits(Duration::from_secs(1)).await;
        if step == "openMerchantWallets" {
            bed.crash_and_restart().await;
        }
        let mut held = bed.faults.hold(step, side);
        let asking = case.begin(&bed, &shop, id.as_deref());
        let arrived = tokio::time::timeout(DEADLINE, held.arrived(1)).await;
        arrived.unwrap_or_else(|_| panic!("{what} did not come"));
        bed.crash();
        drop(held);
        let _ = asking.await;
        bed.start_service().await;
        case.check_end(&bed, &shop, id.as_deref(), &what).await;
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

macro_rules! for_each_kind {
    ($($module:ident $kind:expr;)+) => {$(
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn a_fault_at_any_point_is_repaired_by_the_running_service() {
                fail_everywhere($kind, false).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_fault_at_any_point_is_repaired_after_a_restart() {
                fail_everywhere($kind, true).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_crash_at_any_point_is_repaired_at_the_next_start() {
                crash_everywhere($kind).await;
            }
        }
    )+};
}

for_each_kind! {
    an_authorization Kind::Authorization;
    a_capture Kind::Capture;
    a_final_capture Kind::FinalCapture;
    a_void Kind::Void;
    a_refund Kind::Refund;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_completed_is_given_up_behind_a_fence_and_takes_nothing() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, payer) = bed.paid(&shop, CaptureMode::Automatic, "payer").await;
    bed.faults
        .plan("postTransfers", Side::Before, Fault::Unavailable, usize::MAX);
    let token = shop.owner.token.clone();
    let input = json!({ "transactionId": id, "amount": 10, "idempotencyKey": "lost" });
    let begun = bed.operate(&token, "refundPayment", input.clone()).await;
    assert_eq!(begun["state"], "PENDING");
    // What is under way is reserved.
    let rest = json!({ "transactionId": id, "amount": 999_991 });
    let answer = bed.try_operate(&token, "refundPayment", rest).await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["failureCode"],
        "REFUND_EXCEEDS_CAPTURED"
    );

    bed.clock.advance(GIVE_UP_AFTER);
    bed.until_no_operation_is_pending(STEP).await;
    bed.faults.heal();
    let ended = bed.operate(&token, "refundPayment", input).await;
    assert_eq!(
        (&ended["state"], &ended["failureCode"]),
        (&json!("FAILED"), &json!("TIMED_OUT"))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_finds_what_has_moved_and_still_lets_go_the_rest() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, _) = bed.paid(&shop, CaptureMode::Manual, "payer").await;
    bed.faults
        .plan("postTransfers", Side::After, Fault::Unavailable, usize::MAX);
    let input = json!({ "transactionId": id, "amount": 10, "final": true });
    let begun = bed.operate(&shop.owner.token, "capturePayment", input).await;
    assert_eq!(begun["state"], "PENDING");
    bed.clock.advance(GIVE_UP_AFTER);
    bed.until_no_operation_is_pending(STEP).await;
    let payment = bed.payment(&shop.owner.token, &id).await;
    assert_eq!(
        (&payment["status"], &payment["capturedAmount"]),
        (&json!("SUCCESS"), &json!(10))
    );
    assert_eq!(bed.ledger.hold_of(&id).unwrap().state, "CAPTURED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_that_is_refused_later_needs_the_fence_of_its_hold() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let numbers = bed.open_sessions(&shop, CaptureMode::Manual, &shop.splits, 2).await;
    let (granted, lost) = (
        bed.user("granted", shop.amount_minor()),
        bed.user("lost", shop.amount_minor()),
    );
    for (payer, va_number, side) in [(&granted, &numbers[0], Side::After), (&lost, &numbers[1], Side::Before)] {
        bed.faults.plan("authorizeHolds", side, Fault::Unavailable, 3);
        assert_eq!(bed.pay_number(&shop, payer, va_number).await["status"], "PENDING");
    }
    bed.fraud.forgets_and_says("FRAUD");
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(
        bed.newest(&granted).await["status"],
        "AUTHORIZED",
        "its money is held already"
    );
    let refused = bed.newest(&lost).await;
    assert_eq!(
        (&refused["status"], &refused["failureCode"]),
        (&json!("FAILED"), &json!("FRAUD_BLOCKED"))
    );
    bed.finish().await;
}
