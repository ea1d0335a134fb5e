//! How much of a payment can still be captured, let go or refunded: what each operation checks when it begins, and
//! reserves in the same commit.

use ids::WalletId;
use money::{Decimal, Money};
use service::{ApiError, ErrorCode, Timestamp};

use super::failure::{Failure, FailureCode};
use super::operation::OperationKind;
use super::session::CaptureMode;
use super::shares::{Part, in_proportion};
use super::transaction::{Transaction, TransactionStatus};

/// More operations that took (or may take) effect than this are not made of one payment.
pub const OPERATIONS_MAX: i64 = 500;

/// What earlier operations of one kind and state took together. Failed ones took nothing.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// What they do.
    pub kind: OperationKind,
    /// Whether they are under way, so that it is not known yet whether they take it.
    pub is_pending: bool,
    /// How many there are.
    pub count: i64,
    /// How much they take, in minor units.
    pub amount_minor: i64,
    /// Their fees, in minor units.
    pub fee_minor: i64,
    /// Whether one of them lets go what is left.
    pub is_final: bool,
}

/// The same of one wallet's part.
#[derive(Clone, Copy, Debug)]
pub struct TakenPart {
    /// What the operations do.
    pub kind: OperationKind,
    /// Whether they are under way.
    pub is_pending: bool,
    /// Whose part.
    pub part: Part,
}

/// What a capture or refund is to take.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// How much, in minor units; all that is left, unless told.
    pub amount_minor: Option<i64>,
    /// Of whose parts, as the merchant tells; in proportion to what is left of each, unless told. They sum to the amount.
    pub parts: Vec<Part>,
}

/// A payment, and what was taken of it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    transaction: &'a Transaction,
    parts: Vec<Part>,
    taken: Vec<Taken>,
    taken_parts: Vec<TakenPart>,
}

impl<'a> Standing<'a> {
    /// `parts` are those of the whole amount.
    pub fn new(transaction: &'a Transaction, parts: Vec<Part>, taken: Vec<Taken>, taken_parts: Vec<TakenPart>) -> Self {
        Self {
            transaction,
            parts,
            taken,
            taken_parts,
        }
    }

    /// Whose parts a capture takes, if it may be made.
    pub fn capture(&self, wanted: &Wanted, is_final: bool, now: Timestamp) -> Result<Vec<Part>, ApiError> {
        self.check_authorized(now)?;
        // What a final capture lets go must not be what another one has reserved.
        let final_meets_another = is_final && self.is_pending(OperationKind::Capture);
        if final_meets_another || self.is_final_capture_pending() || self.is_pending(OperationKind::Void) {
            return Err(in_progress());
        }
        let left = self.left(|wallet_id| self.part_taken(OperationKind::Capture, wallet_id, true));
        self.take(left, wanted, FailureCode::CaptureExceedsAuthorized)
    }

    /// How much a void lets go, in minor units, if it may be made.
    pub fn void(&self, now: Timestamp) -> Result<i64, ApiError> {
        self.check_authorized(now)?;
        // A capture under way has been promised its money.
        if self.is_pending(OperationKind::Capture) || self.is_pending(OperationKind::Void) {
            return Err(in_progress());
        }
        Ok(self.transaction.amount.minor() - self.transaction.captured_minor)
    }

    /// Whose parts give back how much in a refund, if it may be made.
    pub fn refund(&self, wanted: &Wanted) -> Result<Vec<Part>, ApiError> {
        self.check_count()?;
        let left = self
            .parts
            .iter()
            .map(|part| {
                let captured = match self.transaction.capture_mode {
                    CaptureMode::Automatic if self.transaction.status == TransactionStatus::Success => {
                        part.amount_minor
                    }
                    CaptureMode::Automatic => 0,
                    CaptureMode::Manual => self.part_taken(OperationKind::Capture, part.wallet_id, false),
                };
                let refunded = self.part_taken(OperationKind::Refund, part.wallet_id, true);
                Part {
                    amount_minor: captured - refunded,
                    ..*part
                }
            })
            .collect();
        self.take(left, wanted, FailureCode::RefundExceedsCaptured)
    }

    /// What captures have taken or may take, and their fees, in minor units.
    pub fn captures(&self) -> (i64, i64) {
        let captures = self.of_kind(OperationKind::Capture);
        captures.fold((0, 0), |(amount, fees), taken| {
            (amount + taken.amount_minor, fees + taken.fee_minor)
        })
    }

    fn check_authorized(&self, now: Timestamp) -> Result<(), ApiError> {
        self.check_count()?;
        let ends = self.transaction.hold_expires_at;
        if self.transaction.status != TransactionStatus::Authorized {
            let reason = "the payment holds no authorized money";
            return Err(refused(&Failure::new(FailureCode::PaymentNotAuthorized, reason)));
        }
        if ends.is_none_or(|ends| ends <= now) {
            let reason = "the authorization has expired";
            return Err(refused(&Failure::new(FailureCode::PaymentNotAuthorized, reason)));
        }
        Ok(())
    }

    fn check_count(&self) -> Result<(), ApiError> {
        if self.taken.iter().map(|taken| taken.count).sum::<i64>() < OPERATIONS_MAX {
            return Ok(());
        }
        let message = format!("a payment has at most {OPERATIONS_MAX} operations");
        Err(ApiError::new(ErrorCode::Conflict, message))
    }

    fn of_kind(&self, kind: OperationKind) -> impl Iterator<Item = &Taken> {
        self.taken.iter().filter(move |taken| taken.kind == kind)
    }

    fn is_pending(&self, kind: OperationKind) -> bool {
        self.of_kind(kind).any(|taken| taken.is_pending)
    }

    fn is_final_capture_pending(&self) -> bool {
        self.of_kind(OperationKind::Capture)
            .any(|taken| taken.is_pending && taken.is_final)
    }

    fn part_taken(&self, kind: OperationKind, wallet_id: WalletId, with_pending: bool) -> i64 {
        let parts = self.taken_parts.iter();
        parts
            .filter(|taken| taken.kind == kind && taken.part.wallet_id == wallet_id)
            .filter(|taken| with_pending || !taken.is_pending)
            .map(|taken| taken.part.amount_minor)
            .sum()
    }

    fn left(&self, taken: impl Fn(WalletId) -> i64) -> Vec<Part> {
        let parts = self.parts.iter();
        parts
            .map(|part| Part {
                amount_minor: part.amount_minor - taken(part.wallet_id),
                ..*part
            })
            .collect()
    }

    /// Takes what is wanted of what is left, or says that it is too much.
    fn take(&self, left: Vec<Part>, wanted: &Wanted, too_much: FailureCode) -> Result<Vec<Part>, ApiError> {
        let exceeds = |what: &str, left_minor: i64| {
            let currency = self.transaction.amount.currency();
            let shown = Money::new(left_minor.max(0), currency)
                .map_or_else(|_| Decimal::from(self.transaction.amount), Decimal::from);
            let reason = format!("{what}: only {} {shown} is left", currency.code());
            refused(&Failure::new(too_much, reason))
        };
        let total_left: i64 = left.iter().map(|part| part.amount_minor).sum();
        let amount_minor = wanted.amount_minor.unwrap_or(total_left);
        if amount_minor <= 0 || amount_minor > total_left {
            return Err(exceeds("the amount is too large", total_left));
        }
        if wanted.parts.is_empty() {
            let weights: Vec<i64> = left.iter().map(|part| part.amount_minor).collect();
            let amounts = in_proportion(amount_minor, &weights);
            let parts = left
                .iter()
                .zip(amounts)
                .map(|(part, amount_minor)| Part { amount_minor, ..*part });
            return Ok(parts.filter(|part| part.amount_minor > 0).collect());
        }
        for part in &wanted.parts {
            let own = left.iter().find(|own| own.wallet_id == part.wallet_id);
            let own = own.ok_or_else(|| {
                ApiError::bad_input(format!("the wallet {} has no part in this payment", part.wallet_id))
            })?;
            if part.amount_minor > own.amount_minor {
                return Err(exceeds(
                    &format!("the part of {} is too large", part.wallet_id),
                    own.amount_minor,
                ));
            }
        }
        Ok(wanted.parts.clone())
    }
}

fn in_progress() -> ApiError {
    let reason = "another operation on the payment is under way; ask again when it has ended";
    refused(&Failure::new(FailureCode::OperationInProgress, reason))
}

/// What the first commit refuses leaves nothing behind, so it is an error; `extensions.failureCode` says why.
fn refused(failure: &Failure) -> ApiError {
    ApiError::new(ErrorCode::Conflict, failure.reason.clone()).with("failureCode", failure.code.as_str())
}

#[cfg(test)]
mod tests {
    use ids::{MerchantId, TransactionId};
    use money::Currency;
    use proptest::prelude::*;

    use super::super::transaction::TransactionType;
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000);

    fn authorized(amount_minor: i64) -> Transaction {
        Transaction {
            transaction_id: TransactionId::generate(),
            user_id: "usr_payer".to_owned(),
            wallet_id: WalletId::generate(),
            target_wallet_id: None,
            merchant_id: Some(MerchantId::generate()),
            session_id: None,
            order_id: None,
            amount: Money::new(amount_minor, Currency::Idr).unwrap(),
            capture_mode: CaptureMode::Manual,
            fee_minor: 0,
            captured_minor: 0,
            refunded_minor: 0,
            hold_expires_at: Some(Timestamp::from_micros(2_000_000)),
            kind: TransactionType::Payment,
            status: TransactionStatus::Authorized,
            va_number: None,
            description: None,
            failure_code: None,
            failure_reason: None,
            paid_at: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    /// What an operation of the story has taken: `None` of its parts once it has failed.
    struct Done {
        kind: OperationKind,
        is_pending: bool,
        parts: Vec<Part>,
    }

    fn standing<'a>(payment: &'a Transaction, parts: &[Part], story: &[Done]) -> Standing<'a> {
        let amount = |done: &Done| done.parts.iter().map(|part| part.amount_minor).sum();
        let taken = story.iter().map(|done| Taken {
            kind: done.kind,
            is_pending: done.is_pending,
            count: 1,
            amount_minor: amount(done),
            fee_minor: 0,
            is_final: false,
        });
        let taken_parts = story.iter().flat_map(|done| {
            done.parts.iter().map(|part| TakenPart {
                kind: done.kind,
                is_pending: done.is_pending,
                part: *part,
            })
        });
        Standing::new(payment, parts.to_vec(), taken.collect(), taken_parts.collect())
    }

    fn taken_of(story: &[Done], kind: OperationKind, wallet_id: WalletId, with_pending: bool) -> i64 {
        let own = story
            .iter()
            .filter(|done| done.kind == kind && (with_pending || !done.is_pending));
        own.flat_map(|done| &done.parts)
            .filter(|part| part.wallet_id == wallet_id)
            .map(|part| part.amount_minor)
            .sum()
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_in_whatever_order_no_part_is_taken_twice(
            amounts in prop::collection::vec(1..1_000_i64, 1..6),
            story in prop::collection::vec((any::<bool>(), 1..700_i64, 0..3_u8), 1..40),
        ) {
            let parts: Vec<Part> =
                amounts.iter().map(|amount_minor| Part { wallet_id: WalletId::generate(), amount_minor: *amount_minor }).collect();
            let payment = authorized(amounts.iter().sum());
            let mut done: Vec<Done> = Vec::new();
            for (is_capture, amount_minor, fate) in story {
                let wanted = Wanted { amount_minor: Some(amount_minor), parts: Vec::new() };
                let before = standing(&payment, &parts, &done);
                let (kind, asked) = if is_capture {
                    (OperationKind::Capture, before.capture(&wanted, false, NOW))
                } else {
                    (OperationKind::Refund, before.refund(&wanted))
                };
                let Ok(taken) = asked else { continue };
                prop_assert_eq!(taken.iter().map(|part| part.amount_minor).sum::<i64>(), amount_minor);
                // Some fail, some succeed, some are still under way when the next comes.
                if fate > 0 {
                    done.push(Done { kind, is_pending: fate == 1, parts: taken });
                }
                for part in &parts {
                    let captured = taken_of(&done, OperationKind::Capture, part.wallet_id, true);
                    let surely_captured = taken_of(&done, OperationKind::Capture, part.wallet_id, false);
                    let refunded = taken_of(&done, OperationKind::Refund, part.wallet_id, true);
                    prop_assert!(refunded <= surely_captured && captured <= part.amount_minor);
                }
            }
        }
    }
}
