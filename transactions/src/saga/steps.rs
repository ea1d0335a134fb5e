//! The steps of a saga, each harmless when repeated.
//!
//! Parameters: the transaction and the facts it was begun with. Steps, in their order:
//!
//! 1. bill (payments): read-only at the merchant. Nothing to undo.
//! 2. fraud (payments and transfers): logged under the transaction's id. Not undone: that it was checked stays true.
//! 3. ledger: one transfer whose id comes from the transaction's. Not undone: once posted, the saga succeeds. Of a payment
//!    that is captured later it is a hold, whose id comes from the transaction's as well. Not undone: once granted, the
//!    payment is authorized, and captured, voided or expires.
//!
//! A refusal by 1 or 2 in the saga's *first* run ends it at once, because no transfer was sent. In a later run an earlier
//! one may have sent the transfer (or the hold), so the refusal counts only after its id was fenced in the ledger.

use peer::PeerError;

use super::runner::{LEASE, Runner};
use crate::clients::fraud::Verdict;
use crate::clients::merchant::BillAnswer;
use crate::clients::wallet::{HoldAnswer, LedgerAnswer, TransferOrder};
use crate::domain::{
    Asked, CaptureMode, Failure, FailureCode, Movement, Outcome, Part, SagaFacts, Transaction, TransactionType,
    VaNumber,
};

/// Whether an earlier run may have sent the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// No: nobody ran these steps before.
    First,
    /// Yes.
    Later,
}

/// Why the steps stopped before the ledger.
enum Stop {
    Refused(Failure),
    /// Somebody does not answer: the saga rests and goes on later.
    Later(PeerError),
}

impl From<PeerError> for Stop {
    fn from(error: PeerError) -> Self {
        Self::Later(error)
    }
}

impl Runner {
    /// Runs all steps. `Err` means that the saga must be taken up again later.
    pub(super) async fn run_steps(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        run: Run,
    ) -> Result<Outcome, PeerError> {
        let refused = match self.check_bill_and_fraud(transaction, facts).await {
            Ok(()) if transaction.capture_mode == CaptureMode::Manual => return self.hold_in_ledger(transaction).await,
            Ok(()) => return self.post_to_ledger(transaction, &facts.splits).await,
            Err(Stop::Refused(failure)) => failure,
            Err(Stop::Later(error)) => return Err(error),
        };
        // After the lease it is not certain any more that nobody else has run it.
        let alone = self.clock.now() < transaction.created_at.after(LEASE);
        match run {
            Run::First if alone => Ok(Outcome::Failed(refused)),
            Run::First | Run::Later => self.fail_unless_posted(transaction, refused).await,
        }
    }

    /// Ends a saga with a failure, unless an earlier run has moved (or holds) the money: then it has succeeded.
    pub(super) async fn fail_unless_posted(
        &self,
        transaction: &Transaction,
        failure: Failure,
    ) -> Result<Outcome, PeerError> {
        if transaction.capture_mode == CaptureMode::Manual {
            let hold = self.wallet.holds.fence(transaction.transaction_id).await?;
            return Ok(match hold {
                HoldAnswer::Held | HoldAnswer::Ended { .. } => Outcome::Authorized,
                HoldAnswer::Refused(_) => Outcome::Failed(failure),
            });
        }
        let transfer_id = transaction.transaction_id.retag::<ids::Transfer>();
        match self.wallet.fence(transfer_id).await? {
            LedgerAnswer::Posted => Ok(Outcome::Succeeded),
            LedgerAnswer::Refused(_) => Ok(Outcome::Failed(failure)),
        }
    }

    async fn check_bill_and_fraud(&self, transaction: &Transaction, facts: &SagaFacts) -> Result<(), Stop> {
        if transaction.kind == TransactionType::Payment && facts.asked != Asked::Nobody {
            let checked = self.check_bill(transaction, facts.asked).await;
            checked.map_err(Stop::Refused)?;
        }
        // What comes from the bank was checked by the bank; what leaves a wallet is checked here.
        if transaction.kind != TransactionType::Deposit
            && self.fraud.check(transaction, facts).await? == Verdict::Refused
        {
            // Which rule it was stands in the fraud log; told to the user, it would teach how to stay below it.
            let reason = "the payment was refused by the fraud check; no money was moved";
            return Err(Stop::Refused(Failure::new(FailureCode::FraudBlocked, reason)));
        }
        Ok(())
    }

    /// Asks the merchant for the bill. For an invoice of our own, whose amount and end were checked when the saga began,
    /// the merchant can only take it back (or have another total by now): it may know nothing of it, or be away.
    async fn check_bill(&self, transaction: &Transaction, asked: Asked) -> Result<(), Failure> {
        let gone = || Failure::new(FailureCode::MerchantUnavailable, "the merchant does not exist any more");
        let va_number = transaction
            .va_number
            .as_deref()
            .and_then(|text| VaNumber::parse(text).ok())
            .ok_or_else(gone)?;
        let merchant_id = transaction.merchant_id.ok_or_else(gone)?;
        let merchant = self.merchants.get(merchant_id).ok_or_else(gone)?;
        let Some(order_url) = &merchant.order_url else {
            return match asked {
                Asked::Merchant => Err(Failure::new(
                    FailureCode::BillNotFound,
                    "the merchant knows no bill with this number",
                )),
                Asked::MerchantWhoMayNotKnow | Asked::Nobody => Ok(()),
            };
        };
        match self.bills.get(order_url, va_number).await {
            BillAnswer::Known(bill) => bill.check(transaction.amount),
            BillAnswer::Unknown | BillAnswer::NoAnswer(_) if asked == Asked::MerchantWhoMayNotKnow => Ok(()),
            BillAnswer::Unknown => Err(Failure::new(
                FailureCode::BillNotFound,
                "the merchant knows no bill with this number",
            )),
            BillAnswer::NoAnswer(reason) => {
                tracing::info!(transaction = %transaction.transaction_id, reason, "the merchant gave no usable answer");
                Err(Failure::new(
                    FailureCode::MerchantUnavailable,
                    "the merchant does not answer now; no money was moved",
                ))
            }
        }
    }

    async fn post_to_ledger(&self, transaction: &Transaction, splits: &[Part]) -> Result<Outcome, PeerError> {
        let (amount, wallet_id) = (transaction.amount, transaction.wallet_id);
        let bank = format!("bank_clearing:{}", amount.currency().code());
        let movement = match (transaction.kind, transaction.target_wallet_id, transaction.merchant_id) {
            (TransactionType::Deposit, ..) => Movement::between(bank, wallet_id, amount),
            (TransactionType::Transfer, Some(target), _) => Movement::between(wallet_id, target, amount),
            (TransactionType::Payment, _, Some(merchant_id)) => {
                let whole = Part {
                    wallet_id: merchant_id.retag::<ids::Wallet>(),
                    amount_minor: amount.minor(),
                };
                let parts = if splits.is_empty() { &[whole] } else { splits };
                self.open_wallets_of(parts).await?;
                Movement::payment(wallet_id, amount, parts, transaction.fee_minor)
            }
            (TransactionType::Transfer | TransactionType::Payment, ..) => {
                let problem = "the transaction does not say whom it pays".to_owned();
                return Err(PeerError::Malformed {
                    peer: "transactions",
                    problem,
                });
            }
        };
        let order = TransferOrder {
            transfer_id: transaction.transaction_id.retag::<ids::Transfer>(),
            kind: transaction.kind.as_str(),
            on_behalf_of: (transaction.kind != TransactionType::Deposit).then(|| transaction.user_id.clone()),
            hold_id: None,
            movement,
        };
        Ok(match self.wallet.post(order).await? {
            LedgerAnswer::Posted => Outcome::Succeeded,
            LedgerAnswer::Refused(failure) => Outcome::Failed(failure),
        })
    }

    async fn hold_in_ledger(&self, transaction: &Transaction) -> Result<Outcome, PeerError> {
        let expires_at = transaction.hold_expires_at.ok_or_else(|| PeerError::Malformed {
            peer: "transactions",
            problem: "the payment does not say until when its money is held".to_owned(),
        })?;
        Ok(match self.wallet.holds.authorize(transaction, expires_at).await? {
            // One that has ended by now was granted once: what becomes of the payment is seen when it expires.
            HoldAnswer::Held | HoldAnswer::Ended { .. } => Outcome::Authorized,
            HoldAnswer::Refused(failure) => Outcome::Failed(failure),
        })
    }

    /// Opens the settlement wallets among those that are paid. Users' wallets are there, or the ledger refuses.
    pub(super) async fn open_wallets_of(&self, parts: &[Part]) -> Result<(), PeerError> {
        for part in parts {
            if let Some(merchant) = self.merchants.get(part.wallet_id.retag::<ids::Merchant>()) {
                self.wallet.open_merchant_wallet(&merchant).await?;
            }
        }
        Ok(())
    }
}
