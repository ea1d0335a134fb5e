//! Between what the contract says and what we work with.

use money::Decimal;
use prost_types::Timestamp as WireTimestamp;
use service::{ApiError, Timestamp};

use super::proto;
use crate::domain::{Operation, OperationState, Transaction, TransactionStatus};

/// A field that may be left empty: proto3 knows no absent text.
pub fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// An amount as the contract writes it: digits, and a point if need be.
pub fn amount(text: &str) -> Result<Decimal, ApiError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(ApiError::bad_input(
            "an amount is written with digits, such as 20000 or 20000.50",
        ));
    }
    text.parse().map_err(ApiError::from)
}

/// A payment as its merchant sees it.
pub fn payment(transaction: Transaction) -> proto::Payment {
    let status = match transaction.status {
        TransactionStatus::Pending => proto::PaymentStatus::Pending,
        TransactionStatus::Review => proto::PaymentStatus::Review,
        TransactionStatus::Authorized => proto::PaymentStatus::Authorized,
        TransactionStatus::Success => proto::PaymentStatus::Success,
        TransactionStatus::Failed => proto::PaymentStatus::Failed,
        TransactionStatus::Voided => proto::PaymentStatus::Voided,
        TransactionStatus::Expired => proto::PaymentStatus::Expired,
    };
    proto::Payment {
        payment_id: transaction.transaction_id.to_string(),
        session_id: transaction
            .session_id
            .map_or_else(String::new, |session_id| session_id.to_string()),
        status: status.into(),
        amount: Decimal::from(transaction.amount).to_string(),
        currency: transaction.amount.currency().code().to_owned(),
        captured_amount: Decimal::from(transaction.captured()).to_string(),
        refunded_amount: Decimal::from(transaction.refunded()).to_string(),
        order_id: transaction.order_id.unwrap_or_default(),
        failure_code: transaction.failure_code.unwrap_or_default(),
        failure_reason: transaction.failure_reason.unwrap_or_default(),
        created_at: Some(timestamp(transaction.created_at)),
        updated_at: Some(timestamp(transaction.updated_at)),
        paid_at: transaction.paid_at.map(timestamp),
    }
}

/// A refund.
pub fn refund(operation: Operation) -> proto::Refund {
    let status = match operation.state {
        OperationState::Pending => proto::RefundStatus::Pending,
        OperationState::Succeeded => proto::RefundStatus::Succeeded,
        OperationState::Failed => proto::RefundStatus::Failed,
    };
    proto::Refund {
        refund_id: operation.operation_id.to_string(),
        payment_id: operation.transaction_id.to_string(),
        status: status.into(),
        amount: Decimal::from(operation.amount).to_string(),
        currency: operation.amount.currency().code().to_owned(),
        reason: operation.reason.unwrap_or_default(),
        failure_code: operation.failure_code.unwrap_or_default(),
        failure_reason: operation.failure_reason.unwrap_or_default(),
        created_at: Some(timestamp(operation.created_at)),
        updated_at: Some(timestamp(operation.updated_at)),
    }
}

fn timestamp(time: Timestamp) -> WireTimestamp {
    let (seconds, micros) = (time.micros().div_euclid(1_000_000), time.micros().rem_euclid(1_000_000));
    WireTimestamp {
        seconds,
        // Less than a million, a thousand times.
        nanos: i32::try_from(micros * 1_000).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_microseconds_also_before_the_epoch() {
        #[track_caller]
        fn check(micros: i64, seconds: i64, nanos: i32) {
            let expect = WireTimestamp { seconds, nanos };
            assert_eq!(timestamp(Timestamp::from_micros(micros)), expect);
        }
        check(0, 0, 0);
        check(1_764_000_000_123_456, 1_764_000_000, 123_456_000);
        check(-1, -1, 999_999_000);
    }
}
