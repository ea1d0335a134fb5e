//! What captures, voids and refunds have in common: the first commit, which reserves what the operation takes, its start,
//! and the answer.

use std::time::Duration;

use ids::{MerchantId, TransactionId, WalletId};
use money::{Currency, Decimal, Money};
use serde_json::{Map, Value};
use service::token::Caller;
use service::{ApiError, ErrorCode, Timestamp};
use store::{Snapshot, StoreError, Tx};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::App;
use crate::domain::{
    IdempotencyKey, MerchantStatus, Operation, OperationId, OperationKind, OperationState, Part, Standing, Transaction,
    Wanted,
};
use crate::saga::LEASE;
use crate::store::merchant_requests::{self, MerchantRequest};
use crate::store::{fee_plans, payment_operations, sessions, transactions};

/// A client that waits longer gets its operation as PENDING; it goes on without the client.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
/// A session has at most this many splits, so an operation needs no more.
const PARTS_MAX: usize = 50;

/// Whose part of a capture or refund is how large, as it came: a wallet, or a merchant for its settlement wallet.
#[derive(Clone, Debug)]
pub struct ShareInput {
    /// `wal_…`
    pub wallet_id: Option<String>,
    /// `mrc_…`
    pub merchant_id: Option<String>,
    /// How much.
    pub amount: Decimal,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct OperationOrder {
    pub(super) transaction_id: TransactionId,
    pub(super) kind: OperationKind,
    pub(super) wanted: Wanted,
    pub(super) is_final: bool,
    pub(super) reason: Option<String>,
}

/// What a request has come to.
enum Progress {
    /// The operation is running.
    Running(Operation, JoinHandle<Operation>),
    /// An earlier request's operation is its own. Whoever waits for that takes room, too.
    Known(Operation, OwnedSemaphorePermit),
}

/// What the first commit made of a request.
enum Begun {
    Started(Operation, Box<Transaction>),
    Known(Operation),
}

impl App {
    /// The payment that a merchant acts on: its own, or none.
    pub(super) async fn payment_of(
        &self,
        caller: &Caller,
        transaction_id: &str,
    ) -> Result<(MerchantId, TransactionId), ApiError> {
        let payment = self.find_payment(caller, transaction_id).await?;
        let merchant_id = payment.merchant_id.ok_or_else(|| ApiError::not_found("payment"))?;
        // Staff may look at it, which is less.
        self.check_acts_for(caller, merchant_id, "payment").await?;
        Ok((merchant_id, payment.transaction_id))
    }

    /// Begins an operation on a merchant's payment, runs it, and answers how it ended.
    pub(super) async fn operate(
        &self,
        merchant_id: MerchantId,
        order: OperationOrder,
        key: Option<String>,
    ) -> Result<Operation, ApiError> {
        let key = key.as_deref().map(IdempotencyKey::parse).transpose()?;
        // Held money must not reach a merchant that was stopped; giving back is always possible.
        let merchant = self.merchants.get(merchant_id);
        let is_stopped = merchant.is_some_and(|merchant| merchant.status == MerchantStatus::Suspended);
        if is_stopped && order.kind == OperationKind::Capture {
            return Err(ApiError::new(ErrorCode::Forbidden, "the merchant is suspended"));
        }
        let room = self.runner.reserve()?;
        let beginning = Beginning {
            operation_id: OperationId::generate(order.kind),
            request: key.map(|key| order.request(merchant_id, key)),
            merchant_id,
            order,
            now: self.clock.now(),
        };
        // In a task of its own: a client that goes away during the first commit must not leave behind an operation that
        // nobody runs before its lease ends.
        let app = self.clone();
        let begun = self
            .runner
            .spawn(async move { app.begin_operation(beginning, room).await });
        let died = |_| ApiError::new(ErrorCode::Internal, "something went wrong on our side");
        match begun.await.map_err(died)?? {
            Progress::Known(operation, _room) => self.answer_known_operation(operation).await,
            Progress::Running(operation, running) => match tokio::time::timeout(ANSWER_WITHIN, running).await {
                Ok(Ok(finished)) => Ok(finished),
                // Too long, or the task died: either way recovery brings it to its end.
                Ok(Err(_)) | Err(_) => Ok(operation),
            },
        }
    }

    /// The first commit, and the start. Like a transaction, an operation is under way before it is committed.
    async fn begin_operation(&self, beginning: Beginning, room: OwnedSemaphorePermit) -> Result<Progress, ApiError> {
        let working = self.runner.operations_in_flight.begin(beginning.operation_id);
        let working = working.ok_or_else(|| ApiError::new(ErrorCode::Internal, "something went wrong on our side"))?;
        let begun = self.database.write(move |tx| beginning.begin_in(tx)).await?;
        Ok(match begun {
            Begun::Known(operation) => Progress::Known(operation, room),
            Begun::Started(operation, payment) => {
                let running = self.runner.start_operation(working, operation.clone(), *payment, room);
                Progress::Running(operation, running)
            }
        })
    }

    /// The same key again, perhaps while the first request is under way: its answer is this one's.
    async fn answer_known_operation(&self, operation: Operation) -> Result<Operation, ApiError> {
        if operation.state != OperationState::Pending {
            return Ok(operation);
        }
        let operation_id = operation.operation_id;
        // Whether it ended or not, the table has the last word.
        let ended = self.runner.operations_in_flight.ended(operation_id);
        let _ = tokio::time::timeout(ANSWER_WITHIN, ended).await;
        let found = self
            .database
            .read(move |snapshot| payment_operations::find(snapshot, operation_id))
            .await;
        found
            .map_err(ApiError::from)?
            .ok_or_else(|| ApiError::not_found("operation"))
    }
}

impl OperationOrder {
    /// What an idempotency key stands for.
    fn request(&self, merchant_id: MerchantId, key: IdempotencyKey) -> MerchantRequest {
        let splits: Vec<Value> = self
            .wanted
            .parts
            .iter()
            .map(|part| serde_json::json!({ "walletId": part.wallet_id.as_str(), "amount": part.amount_minor }))
            .collect();
        let fields = [
            ("transactionId", Value::from(self.transaction_id.as_str())),
            ("amount", Value::from(self.wanted.amount_minor)),
            ("final", Value::from(self.is_final)),
            ("reason", Value::from(self.reason.clone())),
            ("splits", Value::from(splits)),
        ];
        MerchantRequest {
            merchant_id,
            key,
            operation: match self.kind {
                OperationKind::Capture => "capturePayment",
                OperationKind::Void => "voidPayment",
                OperationKind::Refund => "refundPayment",
            },
            input: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<String, Value>>(),
        }
    }
}

/// All that the first commit needs.
struct Beginning {
    operation_id: OperationId,
    merchant_id: MerchantId,
    order: OperationOrder,
    request: Option<MerchantRequest>,
    now: Timestamp,
}

impl Beginning {
    /// Idempotency row and operation: both or none. There is one writer, so what is left cannot be taken twice.
    fn begin_in(&self, tx: &mut Tx<'_>) -> Result<Begun, ApiError> {
        if let Some(request) = &self.request
            && let Some(known) = merchant_requests::take(tx, request, self.operation_id.as_str())?
        {
            let known = OperationId::parse(&known).ok_or_else(|| ApiError::not_found("operation"))?;
            let operation = payment_operations::find(tx, known)?;
            return operation
                .map(Begun::Known)
                .ok_or_else(|| ApiError::not_found("operation"));
        }
        let payment = transactions::find(tx, self.order.transaction_id)?
            .filter(|payment| payment.merchant_id == Some(self.merchant_id))
            .ok_or_else(|| ApiError::not_found("payment"))?;
        let standing = Standing::new(
            &payment,
            parts_of(tx, &payment)?,
            payment_operations::taken(tx, payment.transaction_id)?,
            payment_operations::taken_parts(tx, payment.transaction_id)?,
        );
        let operation = self.operation(tx, &payment, &standing)?;
        payment_operations::insert(tx, &operation, LEASE)?;
        Ok(Begun::Started(operation, Box::new(payment)))
    }

    fn operation(&self, tx: &Tx<'_>, payment: &Transaction, standing: &Standing<'_>) -> Result<Operation, ApiError> {
        let order = &self.order;
        let parts = match order.kind {
            OperationKind::Capture => standing.capture(&order.wanted, order.is_final, self.now)?,
            OperationKind::Refund => standing.refund(&order.wanted)?,
            OperationKind::Void => Vec::new(),
        };
        let amount_minor = match order.kind {
            OperationKind::Void => standing.void(self.now)?,
            OperationKind::Capture | OperationKind::Refund => parts.iter().map(|part| part.amount_minor).sum(),
        };
        let fee_minor = match order.kind {
            OperationKind::Capture => {
                let plan = fee_plans::current(tx, self.merchant_id, self.now)?;
                let (earlier_minor, fees_minor) = standing.captures();
                plan.map_or(0, |plan| {
                    plan.fee_of_capture_minor(amount_minor, earlier_minor, fees_minor)
                })
            }
            OperationKind::Void | OperationKind::Refund => 0,
        };
        Ok(Operation {
            operation_id: self.operation_id,
            transaction_id: payment.transaction_id,
            merchant_id: self.merchant_id,
            state: OperationState::Pending,
            amount: Money::new(amount_minor, payment.amount.currency())?,
            fee_minor,
            is_final: order.is_final,
            reason: order.reason.clone(),
            failure_code: None,
            failure_reason: None,
            parts,
            created_at: self.now,
            updated_at: self.now,
        })
    }
}

/// Whose part of a payment is how large: as its session says, or all its merchant's.
fn parts_of(snapshot: &Snapshot<'_>, payment: &Transaction) -> Result<Vec<Part>, StoreError> {
    let splits = match payment.session_id {
        Some(session_id) => sessions::splits(snapshot, session_id)?,
        None => Vec::new(),
    };
    if !splits.is_empty() {
        return Ok(splits.iter().map(Part::from).collect());
    }
    let whole = payment.merchant_id.map(|merchant_id| Part {
        wallet_id: merchant_id.retag::<ids::Wallet>(),
        amount_minor: payment.amount.minor(),
    });
    Ok(whole.into_iter().collect())
}

/// What a capture or refund is to take, checked.
pub(super) fn parse_wanted(amount: Option<Decimal>, splits: &[ShareInput]) -> Result<Wanted, ApiError> {
    let amount = amount
        .map(|amount| amount.to_positive_money(Currency::Idr))
        .transpose()?;
    if splits.len() > PARTS_MAX {
        return Err(ApiError::bad_input(format!("there are at most {PARTS_MAX} splits")));
    }
    let parts = splits.iter().map(parse_part).collect::<Result<Vec<Part>, ApiError>>()?;
    for (index, part) in parts.iter().enumerate() {
        if parts[..index].iter().any(|earlier| earlier.wallet_id == part.wallet_id) {
            return Err(ApiError::bad_input("a wallet stands in the splits twice"));
        }
    }
    let mut amount_minor = amount.map(Money::minor);
    if !parts.is_empty() {
        let mut sum = Money::zero(Currency::Idr);
        for part in &parts {
            sum = sum.checked_add(Money::new(part.amount_minor, Currency::Idr)?)?;
        }
        if amount_minor.is_some_and(|amount_minor| amount_minor != sum.minor()) {
            return Err(ApiError::bad_input("the splits do not sum to the amount"));
        }
        amount_minor = Some(sum.minor());
    }
    Ok(Wanted { amount_minor, parts })
}

fn parse_part(share: &ShareInput) -> Result<Part, ApiError> {
    let wallet_id = match (&share.wallet_id, &share.merchant_id) {
        (Some(wallet_id), None) => WalletId::parse(wallet_id).map_err(|_| ApiError::not_found("wallet"))?,
        (None, Some(merchant_id)) => {
            let merchant_id = MerchantId::parse(merchant_id).map_err(|_| ApiError::not_found("merchant"))?;
            merchant_id.retag::<ids::Wallet>()
        }
        _ => {
            return Err(ApiError::bad_input(
                "a split names a walletId or a merchantId, not both",
            ));
        }
    };
    let amount = share.amount.to_positive_money(Currency::Idr)?;
    Ok(Part {
        wallet_id,
        amount_minor: amount.minor(),
    })
}
