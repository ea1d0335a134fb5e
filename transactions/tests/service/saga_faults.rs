//! Every step of every kind of transaction fails at every point, and the service crashes there: the end is right, the
//! money has moved once or not at all, and everybody has been told once.

use std::time::Duration;

use serde_json::Value;

use crate::bed::{Bed, DEADLINE, Expect, Fault, Side, User, inputs};

const AMOUNT: u64 = 20_000;
const AMOUNT_MINOR: i64 = 2_000_000;
/// Longer than any pause of a saga or of the lane to history, shorter than giving up.
const STEP: Duration = Duration::from_secs(31);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Deposit,
    Payment,
    Transfer,
}

/// All operations that a kind goes through, in their order.
const fn steps(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Deposit => &["postTransfers", "appendEntries"],
        Kind::Payment => &[
            "getOrderByVA",
            "checkTransactions",
            "openMerchantWallets",
            "postTransfers",
            "appendEntries",
            "updatePaymentStatus",
            "webhook",
        ],
        Kind::Transfer => &["checkTransactions", "postTransfers", "appendEntries"],
    }
}

const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

const SIDES: [Side; 2] = [Side::Before, Side::After];

struct Case {
    payer: User,
    receiver: User,
    input: Value,
    kind: Kind,
}

impl Case {
    fn new(bed: &Bed, kind: Kind, name: &str) -> Self {
        let payer = bed.user(&format!("payer-{name}"), AMOUNT_MINOR);
        let receiver = bed.user(&format!("receiver-{name}"), 0);
        let input = match kind {
            Kind::Deposit => inputs::deposit(payer.wallet, AMOUNT),
            Kind::Payment => inputs::payment(payer.wallet, AMOUNT, &bed.market.bill(AMOUNT)),
            Kind::Transfer => inputs::transfer(payer.wallet, AMOUNT, receiver.wallet),
        };
        Self {
            payer,
            receiver,
            input: inputs::with_key(input, name),
            kind,
        }
    }

    /// The client asks again with its key until it knows, and the money is where the answer says.
    async fn check_end(&self, bed: &Bed, expect: &str, what: &str) {
        bed.until_no_transaction_is_pending(STEP).await;
        let ended = bed.create(&self.payer, self.input.clone()).await;
        assert_eq!(ended["status"], expect, "{what}: {ended}");
        let moved = if expect == "SUCCESS" { AMOUNT_MINOR } else { 0 };
        let (payer, receiver) = match self.kind {
            Kind::Deposit => (AMOUNT_MINOR + moved, 0),
            Kind::Payment => (AMOUNT_MINOR - moved, 0),
            Kind::Transfer => (AMOUNT_MINOR - moved, moved),
        };
        assert_eq!(bed.ledger.balance(self.payer.wallet), payer, "{what}");
        assert_eq!(bed.ledger.balance(self.receiver.wallet), receiver, "{what}");
    }
}

/// Whether the outcome is told by somebody else than the one who fails.
fn is_delivery(operation: &str) -> bool {
    ["appendEntries", "updatePaymentStatus", "webhook"].contains(&operation)
}

/// How the operation goes wrong, each with how often it must happen to be seen: a peer that is away is asked three times,
/// a merchant twice.
fn faults(operation: &str) -> Vec<(Fault, usize)> {
    let mut faults = vec![(Fault::Unavailable, 3)];
    // A webhook's receiver says all by its status; whatever comes with 200 is an acknowledgement.
    if operation != "webhook" {
        faults.extend([(Fault::Rubbish, 2), (Fault::Refused("FORBIDDEN"), 2)]);
    }
    faults
}

async fn fail_everywhere(kind: Kind, restart: bool) {
    let mut bed = Bed::start().await;
    for operation in steps(kind) {
        for (side, (fault, times)) in SIDES
            .into_iter()
            .flat_map(|side| faults(operation).into_iter().map(move |fault| (side, fault)))
        {
            let what = format!("{kind:?}-{operation}-{side:?}-{fault:?}");
            if *operation == "openMerchantWallets" {
                // Asked for once per process only.
                bed.crash_and_restart().await;
            }
            let case = Case::new(&bed, kind, &what.replace(['(', ')', '"'], "-"));
            bed.faults.plan(operation, side, fault, times);
            bed.try_create(&case.payer, case.input.clone()).await;
            if restart {
                bed.stop_service().await;
                bed.start_service().await;
            }
            // A merchant without an answer ends a payment at once: no money has moved.
            let expect = if *operation == "getOrderByVA" {
                "FAILED"
            } else {
                "SUCCESS"
            };
            case.check_end(&bed, expect, &what).await;
            bed.faults.heal();
            if is_delivery(operation) {
                bed.until_nothing_waits(Duration::from_secs(400)).await;
            }
        }
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

async fn crash_everywhere(kind: Kind) {
    let mut bed = Bed::start().await;
    for operation in steps(kind) {
        for side in SIDES {
            let what = format!("{kind:?}-{operation}-{side:?}");
            if *operation == "openMerchantWallets" {
                bed.crash_and_restart().await;
            }
            let case = Case::new(&bed, kind, &what);
            let mut held = bed.faults.hold(operation, side);
            let asking = bed.creating(&case.payer, case.input.clone());
            let arrived = tokio::time::timeout(DEADLINE, held.arrived(1)).await;
            arrived.unwrap_or_else(|_| panic!("{what} did not come"));
            bed.crash();
            drop(held);
            let _ = asking.await;
            bed.start_service().await;
            case.check_end(&bed, "SUCCESS", &what).await;
        }
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
    a_deposit Kind::Deposit;
    a_payment Kind::Payment;
    a_transfer Kind::Transfer;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_crash_while_recovering_changes_nothing() {
    let mut bed = Bed::start().await;
    for kind in [Kind::Deposit, Kind::Payment, Kind::Transfer] {
        for side in SIDES {
            let what = format!("{kind:?} {side:?}");
            let case = Case::new(&bed, kind, &format!("twice-{kind:?}-{side:?}"));
            let mut held = bed.faults.hold("postTransfers", side);
            let asking = bed.creating(&case.payer, case.input.clone());
            held.arrived(1).await;
            for runs in 2..5 {
                bed.crash();
                bed.start_service().await;
                tokio::time::timeout(DEADLINE, held.arrived(runs))
                    .await
                    .unwrap_or_else(|_| panic!("{what}"));
            }
            drop(held);
            let _ = asking.await;
            case.check_end(&bed, "SUCCESS", &what).await;
        }
    }
    bed.finish().await;
}
