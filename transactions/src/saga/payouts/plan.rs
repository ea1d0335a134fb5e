//! What to do with payouts that are not final: rows in, actions out.

use ids::PayoutId;
use service::Timestamp;

use crate::domain::PayoutState;
use crate::saga::plan::{Action, GIVE_UP_AFTER};
use crate::store::payouts::PayoutRow;

/// Decides for each payout. Only one whose money has not left is ever given up: from there on it goes forward, to the
/// bank, or back into the wallet.
pub fn plan(rows: Vec<PayoutRow>, now: Timestamp, is_in_flight: impl Fn(PayoutId) -> bool) -> Vec<(PayoutRow, Action)> {
    rows.into_iter()
        .map(|row| {
            let payout = &row.payout;
            let is_old = now.since(payout.created_at) >= GIVE_UP_AFTER;
            let action = if is_in_flight(payout.payout_id) || payout.state.is_final() || row.next_attempt_at > now {
                Action::Leave
            } else if payout.state == PayoutState::Pending && is_old {
                Action::GiveUp
            } else {
                Action::Resume
            };
            (row, action)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ids::{MerchantId, TransferId};
    use money::{Currency, Money};

    use super::*;
    use crate::domain::{BankAccount, Payout};

    #[test]
    fn every_payout_gets_the_action_its_row_asks_for() {
        #[track_caller]
        fn check(state: PayoutState, age_seconds: u64, due_in_seconds: i64, in_flight: bool, expect: Action) {
            let now = Timestamp::from_micros(1_000_000_000_000_000);
            let payout = Payout {
                payout_id: PayoutId::generate(),
                merchant_id: MerchantId::generate(),
                amount: Money::new(100, Currency::Idr).unwrap(),
                account: BankAccount::parse("BCA", "12345", "Siti").unwrap(),
                description: None,
                state,
                return_transfer_id: TransferId::generate(),
                bank_reference: None,
                failure_code: None,
                failure_reason: None,
                created_at: now.before(Duration::from_secs(age_seconds)),
                updated_at: now,
            };
            let row = PayoutRow {
                payout,
                attempts: 0,
                next_attempt_at: Timestamp::from_micros(now.micros() + due_in_seconds * 1_000_000),
            };
            let planned = plan(vec![row], now, |_| in_flight);
            assert_eq!(
                planned[0].1, expect,
                "{state:?} {age_seconds} {due_in_seconds} {in_flight}"
            );
        }
        const OLD: u64 = 15 * 60;
        check(PayoutState::Pending, 1, 0, false, Action::Resume);
        check(PayoutState::Pending, OLD - 1, 0, false, Action::Resume);
        check(PayoutState::Pending, OLD, 0, false, Action::GiveUp);
        check(PayoutState::Pending, OLD, 1, false, Action::Leave);
        check(PayoutState::Pending, OLD, 0, true, Action::Leave);
        check(PayoutState::InTransit, 100 * OLD, 0, false, Action::Resume);
        check(PayoutState::InTransit, 1, 1, false, Action::Leave);
        check(PayoutState::Returning, 100 * OLD, -1, false, Action::Resume);
        check(PayoutState::Returning, 1, 0, true, Action::Leave);
        check(PayoutState::Paid, OLD, 0, false, Action::Leave);
        check(PayoutState::Failed, OLD, 0, false, Action::Leave);
    }
}
