//! The steps of a saga, each harmless when repeated.
//!
//! Parameters: the transaction and the facts it was begun with. Steps, in their order:
//!
//! 1. bill (payments): read-only at the merchant. Nothing to undo.
//! 2. fraud (payments and transfers): logged under the transaction's id. Not undone: that it was checked stays true.
//! 3. ledger: one transfer whose id comes from the transaction's. Not undone: once posted, the saga succeeds.
//!
//! A refusal by 1 or 2 in the saga's *first* run ends it at once, because no transfer was sent. In a later run an earlier
//! one may have sent the transfer, so the refusal counts only after the transfer's id was fenced in the ledger.

use peer::PeerError;

use super::runner::{LEASE, Runner};
use crate::clients::fraud::Verdict;
use crate::clients::merchant::BillAnswer;
use crate::clients::wallet::LedgerAnswer;
use crate::domain::{
    Asked, Failure, FailureCode, Movement, Outcome, SagaFacts, Transaction, TransactionType, VaNumber,
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
            Ok(()) => return self.post_to_ledger(transaction).await,
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

    /// Ends a saga with a failure, unless an earlier run has moved the money: then it has succeeded.
    pub(super) async fn fail_unless_posted(
        &self,
        transaction: &Transaction,
        failure: Failure,
    ) -> Result<Outcome, PeerError> {
        match self.wallet.fence(transaction.transaction_id).await? {
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

    async fn post_to_ledger(&self, transaction: &Transaction) -> Result<Outcome, PeerError> {
        let (amount, wallet_id) = (transaction.amount, transaction.wallet_id);
        let bank = format!("bank_clearing:{}", amount.currency().code());
        let movement = match (transaction.kind, transaction.target_wallet_id, transaction.merchant_id) {
            (TransactionType::Deposit, ..) => Movement {
                from: bank,
                to: wallet_id.to_string(),
                amount,
            },
            (TransactionType::Transfer, Some(target), _) => Movement::between(wallet_id, target, amount),
            (TransactionType::Payment, _, Some(merchant_id)) => {
                if let Some(merchant) = self.merchants.get(merchant_id) {
                    self.wallet.open_merchant_wallet(&merchant).await?;
                }
                Movement::between(wallet_id, merchant_id.retag::<ids::Wallet>(), amount)
            }
            (TransactionType::Transfer | TransactionType::Payment, ..) => {
                let problem = "the transaction does not say whom it pays".to_owned();
                return Err(PeerError::Malformed {
                    peer: "transactions",
                    problem,
                });
            }
        };
        let on_behalf_of = (transaction.kind != TransactionType::Deposit).then(|| transaction.user_id.clone());
        let kind = transaction.kind.as_str();
        Ok(
            match self
                .wallet
                .post(transaction.transaction_id, kind, on_behalf_of, &movement)
                .await?
            {
                LedgerAnswer::Posted => Outcome::Succeeded,
                LedgerAnswer::Refused(failure) => Outcome::Failed(failure),
            },
        )
    }
}
