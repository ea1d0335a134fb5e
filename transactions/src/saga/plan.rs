//! What to do with what is not finished: rows in, actions out.

use std::time::Duration;

use service::Timestamp;

use crate::store::unfinished::Unfinished;

/// A transaction or an operation that could not be completed by then is given up (and no money moves any more).
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(15 * 60);

/// What to do with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run its steps again.
    Resume,
    /// Make sure that no money will move, and fail it (unless the money has moved already: then it has succeeded).
    GiveUp,
    /// Somebody is at it.
    Leave,
}

/// Decides for each.
pub fn plan<R: Unfinished>(rows: Vec<R>, now: Timestamp, is_in_flight: impl Fn(R::Id) -> bool) -> Vec<(R, Action)> {
    rows.into_iter()
        .map(|row| {
            let rest = row.rest();
            let action = if is_in_flight(row.id()) || rest.next_attempt_at > now {
                Action::Leave
            } else if row
                .given_up_at()
                .unwrap_or_else(|| rest.created_at.after(GIVE_UP_AFTER))
                <= now
            {
                Action::GiveUp
            } else {
                Action::Resume
            };
            (row, action)
        })
        .collect()
}

/// How long it rests after its `attempts`-th failed attempt.
pub fn pause_after(attempts: u32) -> Duration {
    Duration::from_millis((500_u64 << attempts.min(6)).min(30_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Asked, OperationId, OperationKind, Origin, Review, ReviewDecision, SagaFacts};
    use crate::store::payment_operations::PendingOperation;
    use crate::store::sagas::SagaRow;
    use crate::store::unfinished::Rest;

    #[test]
    fn every_row_gets_the_action_its_row_asks_for() {
        #[track_caller]
        fn check(age_seconds: u64, due_in_seconds: i64, in_flight: bool, expect: Action) {
            let now = Timestamp::from_micros(1_000_000_000_000_000);
            let row = PendingOperation {
                operation_id: OperationId::generate(OperationKind::Capture),
                rest: Rest {
                    attempts: 0,
                    next_attempt_at: Timestamp::from_micros(now.micros() + due_in_seconds * 1_000_000),
                    created_at: now.before(Duration::from_secs(age_seconds)),
                },
            };
            let planned = plan(vec![row], now, |_| in_flight);
            assert_eq!(planned[0].1, expect);
        }
        check(1, 0, false, Action::Resume);
        check(1, -60, false, Action::Resume);
        check(1, 1, false, Action::Leave);
        check(1, 0, true, Action::Leave);
        check(15 * 60, 0, false, Action::GiveUp);
        check(15 * 60, 0, true, Action::Leave);
        check(15 * 60 - 1, 0, false, Action::Resume);
        check(24 * 3_600, 1, false, Action::Leave);
    }

    #[test]
    fn an_approval_is_tried_as_long_as_the_money_is_held_and_a_refusal_until_it_is_done() {
        const DAY: u64 = 24 * 3_600;
        #[track_caller]
        fn check(decision: Option<ReviewDecision>, age_seconds: u64, held_for_seconds: i64, expect: Action) {
            let now = Timestamp::from_micros(1_000_000_000_000_000);
            let review = Review {
                hold_expires_at: now.micros() + held_for_seconds * 1_000_000,
                decision,
            };
            let row = SagaRow {
                transaction_id: ids::TransactionId::generate(),
                facts: SagaFacts {
                    account_created_at: None,
                    recent_failures: 0,
                    target_user_id: None,
                    splits: Vec::new(),
                    origin: Origin::default(),
                    review: Some(review),
                    asked: Asked::Nobody,
                },
                steps: Vec::new(),
                rest: Rest {
                    attempts: 0,
                    next_attempt_at: now,
                    created_at: now.before(Duration::from_secs(age_seconds)),
                },
            };
            assert_eq!(plan(vec![row], now, |_| false)[0].1, expect);
        }
        use ReviewDecision::{Approve, Lapse, Reject};
        check(Some(Approve), DAY * 6, 1, Action::Resume);
        check(Some(Approve), 1, 0, Action::GiveUp);
        check(Some(Reject), DAY * 60, -1, Action::Resume);
        check(Some(Lapse), DAY * 60, -1, Action::Resume);
        // Until the money is held it is a saga like any other.
        check(None, 15 * 60 - 1, 1, Action::Resume);
        check(None, 15 * 60, 1, Action::GiveUp);
    }

    #[test]
    fn pauses_grow_and_end_at_half_a_minute() {
        assert_eq!(pause_after(0), Duration::from_millis(500));
        assert_eq!(pause_after(u32::MAX), Duration::from_secs(30));
    }
}
