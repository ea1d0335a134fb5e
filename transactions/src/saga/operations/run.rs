//! The steps of an operation.
//!
//! Parameters: the operation and its payment. Steps, in their order:
//!
//! 1. capture, refund: one transfer whose id comes from the operation's. Not undone: once posted, the operation succeeds.
//!    What the ledger refuses is refused for ever under that id, so a refusal needs no fence.
//! 2. a final capture: lets go what is left of the hold. A void: the same, as its only step. Not undone: what the merchant
//!    gave up stays given up. Repeated, it finds nothing more to let go.
//!
//! An operation that cannot be brought to its end is given up like a transaction, behind the fence of its transfer. A void
//! is not: letting go cannot be refused, so it is tried until the ledger answers.

use ids::TransactionId;
use peer::PeerError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::super::in_flight::{InFlight, Working};
use super::super::plan::Action;
use super::super::recovery::Recoverable;
use super::super::runner::Runner;
use crate::clients::wallet::{HoldAnswer, LedgerAnswer, TransferOrder, hold_of};
use crate::domain::{
    Failure, FailureCode, Movement, Operation, OperationId, OperationKind, OperationOutcome, OperationState,
    Transaction,
};
use crate::store::payment_operations::{self, PendingOperation};
use crate::store::transactions;

impl Runner {
    /// Starts an operation that was just begun, in a task of its own: a client that goes away does not stop it.
    /// The task answers with the operation as it is afterwards.
    pub fn start_operation(
        &self,
        working: Working<OperationId>,
        operation: Operation,
        payment: Transaction,
        room: OwnedSemaphorePermit,
    ) -> JoinHandle<Operation> {
        let runner = self.clone();
        self.spawn(async move {
            let _room = room;
            let finished = match runner.run_operation(&operation, &payment, Action::Resume).await {
                Ok(finished) => finished,
                Err(error) => {
                    runner
                        .postpone::<PendingOperation>(operation.operation_id, 0, &error)
                        .await;
                    operation
                }
            };
            drop(working);
            finished
        })
    }

    async fn run_operation(
        &self,
        operation: &Operation,
        payment: &Transaction,
        action: Action,
    ) -> Result<Operation, String> {
        let outcome = match operation.operation_id.kind() {
            OperationKind::Void => Ok(OperationOutcome::Succeeded),
            OperationKind::Capture | OperationKind::Refund if action == Action::GiveUp => {
                self.give_up(operation.operation_id).await
            }
            OperationKind::Capture | OperationKind::Refund => self.post_operation(operation, payment).await,
        };
        let outcome = outcome.map_err(|error| error.to_string())?;
        let lets_go = operation.is_final || operation.operation_id.kind() == OperationKind::Void;
        if lets_go && outcome == OperationOutcome::Succeeded {
            let captured_minor = match operation.operation_id.kind() {
                OperationKind::Void => payment.captured_minor,
                _ => payment.captured_minor + operation.amount.minor(),
            };
            self.let_go(payment.transaction_id, captured_minor).await?;
        }
        self.finish_operation(operation.operation_id, outcome)
            .await
            .map_err(|error| error.to_string())
    }

    async fn post_operation(
        &self,
        operation: &Operation,
        payment: &Transaction,
    ) -> Result<OperationOutcome, PeerError> {
        self.open_wallets_of(&operation.parts).await?;
        let kind = operation.operation_id.kind();
        let is_capture = kind == OperationKind::Capture;
        let (payer, amount, parts) = (payment.wallet_id, operation.amount, &operation.parts);
        let order = TransferOrder {
            transfer_id: operation.operation_id.transfer_id(),
            kind: kind.as_str(),
            // A capture is in the name of the payer, who authorized it. A refund debits whoever was paid.
            on_behalf_of: is_capture.then(|| payment.user_id.clone()),
            hold_id: is_capture.then(|| hold_of(payment.transaction_id)),
            movement: if is_capture {
                Movement::payment(payer, amount, parts, operation.fee_minor)
            } else {
                Movement::refund(payer, amount, parts)
            },
        };
        Ok(match self.wallet.post(order).await? {
            LedgerAnswer::Posted => OperationOutcome::Succeeded,
            LedgerAnswer::Refused(failure) => OperationOutcome::Failed(of_operation(kind, failure)),
        })
    }

    /// Ends a capture or refund that could not be completed, unless its money has moved: then it has succeeded.
    async fn give_up(&self, operation_id: OperationId) -> Result<OperationOutcome, PeerError> {
        Ok(match self.wallet.fence(operation_id.transfer_id()).await? {
            LedgerAnswer::Posted => OperationOutcome::Succeeded,
            LedgerAnswer::Refused(_) => {
                let reason = "the operation could not be completed in time; no money was moved";
                OperationOutcome::Failed(Failure::new(FailureCode::TimedOut, reason))
            }
        })
    }

    /// Lets go what is left of a payment's hold, of which that much must have been captured. If the ledger knows of
    /// another amount, nothing is written down before somebody has looked.
    pub(super) async fn let_go(&self, transaction_id: TransactionId, captured_minor: i64) -> Result<(), String> {
        let ended = self.wallet.holds.void(transaction_id).await;
        let known_minor = match ended.map_err(|error| error.to_string())? {
            HoldAnswer::Ended { captured_minor } => captured_minor,
            HoldAnswer::Held | HoldAnswer::Refused(_) => {
                return Err("the ledger does not know the payment's hold".to_owned());
            }
        };
        if known_minor == captured_minor {
            return Ok(());
        }
        tracing::error!(transaction = %transaction_id, known_minor, captured_minor, "the ledger has captured another amount than we know of");
        Err("the ledger has captured another amount".to_owned())
    }
}

/// What a refusal of the ledger means for an operation.
fn of_operation(kind: OperationKind, failure: Failure) -> Failure {
    match (kind, failure.code) {
        (OperationKind::Refund, FailureCode::InsufficientFunds) => Failure::new(
            FailureCode::RefundInsufficientFunds,
            "a wallet that was paid has too little to give back; no money was moved",
        ),
        (OperationKind::Capture, FailureCode::PaymentNotAuthorized) => Failure::new(
            FailureCode::PaymentNotAuthorized,
            "the authorization has ended; no money was moved",
        ),
        _ => failure,
    }
}

impl Recoverable for PendingOperation {
    fn in_flight(runner: &Runner) -> &InFlight<OperationId> {
        &runner.operations_in_flight
    }

    async fn take_up(self, runner: &Runner, action: Action) -> Result<&'static str, String> {
        let operation_id = self.operation_id;
        let found = runner.database.read(move |snapshot| {
            let Some(operation) = payment_operations::find(snapshot, operation_id)? else {
                return Ok(None);
            };
            let payment = transactions::find(snapshot, operation.transaction_id)?;
            Ok::<_, store::StoreError>(payment.map(|payment| (operation, payment)))
        });
        let Ok(Some((operation, payment))) = found.await else {
            tracing::error!(operation = %operation_id, "an operation cannot be read");
            return Err("it cannot be read".to_owned());
        };
        if operation.state != OperationState::Pending {
            // It has ended since the row was read.
            return Ok(operation.state.as_str());
        }
        let finished = runner.run_operation(&operation, &payment, action).await?;
        Ok(finished.state.as_str())
    }
}
