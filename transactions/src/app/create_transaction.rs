//! Begins a transaction, runs its saga, and answers how it ended.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ids::TransactionId;
use money::Money;
use outbox::history;
use service::token::Claims;
use service::{ApiError, ErrorCode, Timestamp};
use store::{Snapshot, StoreError, Tx};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::App;
use crate::domain::{
    Asked, CaptureMode, Failure, FailureCode, Fingerprint, HELD_FOR, IdempotencyKey, Merchant, MerchantStatus,
    Merchants, Order, OrderInput, OrderKind, Origin, Part, PaymentSession, SagaFacts, SessionSource, Transaction,
    TransactionStatus, TransactionType, VaNumber,
};
use crate::saga::{LEASE, tell};
use crate::store::bill_claims::{self, Claim};
use crate::store::{fee_plans, idempotency_keys, sagas, sessions, transactions};

/// A client that waits longer gets its transaction as PENDING; it goes on without the client.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
const FAILURES_COUNTED_FOR: Duration = Duration::from_secs(3_600);

/// What the first commit made of a request.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one at a time, and taken apart at once")]
enum Begun {
    /// A transaction that must now be run.
    Started(Transaction, SagaFacts),
    /// A transaction that was refused in the same commit.
    Refused(Transaction),
    /// The key stands for this one.
    Known(Transaction),
}

/// What a request has come to.
enum Progress {
    /// It is answered.
    Ended(Transaction),
    /// Its saga is running.
    Running(Transaction, JoinHandle<Transaction>),
    /// An earlier request's saga is its own. Whoever waits for that takes room, too.
    Known(Transaction, OwnedSemaphorePermit),
}

impl App {
    /// Does what the input asks for, once per idempotency key.
    pub async fn create_transaction(
        &self,
        claims: &Claims,
        address: Option<IpAddr>,
        input: OrderInput,
        key: Option<String>,
    ) -> Result<Transaction, ApiError> {
        let order = Order::parse(&input)?;
        let key = key.as_deref().map(IdempotencyKey::parse).transpose()?;
        if matches!(order.kind, OrderKind::Deposit) && !self.mode.is_sandbox() {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "in live mode deposits come from the bank",
            ));
        }
        let (wallet_created_at, target_user_id) = match self.check_wallets(claims, &order).await {
            // What was answered once is answered again, also while the ledger is away.
            Err(error) if error.code() == ErrorCode::ServiceUnavailable => {
                return match self.find_known(claims, order, key).await? {
                    Some(transaction) => self.answer_known(transaction).await,
                    None => Err(error),
                };
            }
            checked => checked?,
        };
        let room = self.runner.reserve()?;
        let beginning = Beginning {
            transaction_id: TransactionId::generate(),
            user_id: claims.sub.clone(),
            account_created_at: claims.account_created_at,
            target_user_id,
            origin: Origin {
                address: address.map(|address| address.to_string()),
                session_id: claims.sid.clone(),
                email_domain: claims.email_domain.clone(),
                zoneinfo: claims.zoneinfo.clone(),
                wallet_created_at,
            },
            order,
            key,
            now: self.clock.now(),
        };
        // In a task of its own: a client that goes away during the first commit must not leave behind a transaction
        // that nobody runs before its lease ends.
        let app = self.clone();
        let begun = self
            .runner
            .spawn(async move { app.begin_and_start(beginning, room).await });
        let died = |_| ApiError::new(ErrorCode::Internal, "something went wrong on our side");
        match begun.await.map_err(died)?? {
            Progress::Ended(transaction) => Ok(transaction),
            Progress::Known(transaction, _room) => self.answer_known(transaction).await,
            Progress::Running(transaction, running) => match tokio::time::timeout(ANSWER_WITHIN, running).await {
                Ok(Ok(finished)) => Ok(finished),
                // Too long, or the task died: either way recovery brings it to its end.
                Ok(Err(_)) | Err(_) => Ok(transaction),
            },
        }
    }

    /// The first commit, and the start of the saga.
    ///
    /// The transaction is under way *before* it is committed. Recovery could otherwise run it between the commit and
    /// its first run, which would then not be the first; and the same key again would find nobody to wait for.
    async fn begin_and_start(&self, beginning: Beginning, room: OwnedSemaphorePermit) -> Result<Progress, ApiError> {
        let transaction_id = beginning.transaction_id;
        let working = self.runner.in_flight.begin(transaction_id);
        let working = working.ok_or_else(|| ApiError::new(ErrorCode::Internal, "something went wrong on our side"))?;
        let merchants = self.merchants.clone();
        let user_id = beginning.user_id.clone();
        let shown = self
            .runner
            .watch_history(transaction_id, TransactionStatus::Failed, &user_id);
        let begun = self.database.write(move |tx| beginning.begin_in(tx, &merchants)).await;
        Ok(match begun? {
            Begun::Refused(transaction) => {
                self.runner.outbox.nudge(history::LANE);
                self.runner.wait_for_history(shown).await;
                Progress::Ended(transaction)
            }
            Begun::Known(transaction) => Progress::Known(transaction, room),
            Begun::Started(transaction, facts) => {
                let running = self.runner.start(working, transaction.clone(), facts, room);
                Progress::Running(transaction, running)
            }
        })
    }

    /// Whether the wallets exist and the debited one is the caller's. Answers when that one was opened, and with the owner of a
    /// transfer's target.
    async fn check_wallets(&self, claims: &Claims, order: &Order) -> Result<(Option<i64>, Option<String>), ApiError> {
        let wallet = self.runner.wallet.facts(order.wallet_id).await?;
        let own = wallet
            .filter(|wallet| wallet.owner_id == claims.sub)
            .ok_or_else(|| ApiError::not_found("wallet"))?;
        let OrderKind::Transfer { target } = &order.kind else {
            return Ok((own.created_at, None));
        };
        let target = self
            .runner
            .wallet
            .facts(*target)
            .await?
            .ok_or_else(|| ApiError::not_found("target wallet"))?;
        if target.currency != own.currency {
            return Err(ApiError::bad_input("the wallets have different currencies"));
        }
        Ok((own.created_at, Some(target.owner_id)))
    }

    /// The transaction that a key stands for, if it was used before.
    async fn find_known(
        &self,
        claims: &Claims,
        order: Order,
        key: Option<IdempotencyKey>,
    ) -> Result<Option<Transaction>, ApiError> {
        let Some(key) = key else { return Ok(None) };
        let user_id = claims.sub.clone();
        self.database
            .read(
                move |snapshot| match idempotency_keys::find(snapshot, &user_id, &key)? {
                    Some((known_id, earlier)) => known(snapshot, known_id, &order.fingerprint(), &earlier).map(Some),
                    None => Ok(None),
                },
            )
            .await
    }

    /// The same key again, perhaps while the first request is under way: its answer is this one's.
    async fn answer_known(&self, transaction: Transaction) -> Result<Transaction, ApiError> {
        if transaction.status != TransactionStatus::Pending {
            return Ok(transaction);
        }
        let transaction_id = transaction.transaction_id;
        // Whether it ended or not, the table has the last word.
        let _ = tokio::time::timeout(ANSWER_WITHIN, self.runner.in_flight.ended(transaction_id)).await;
        let found = self
            .database
            .read(move |snapshot| transactions::find(snapshot, transaction_id))
            .await;
        found
            .map_err(ApiError::from)?
            .ok_or_else(|| ApiError::not_found("transaction"))
    }
}

/// All that the first commit needs.
struct Beginning {
    transaction_id: TransactionId,
    user_id: String,
    account_created_at: Option<i64>,
    target_user_id: Option<String>,
    origin: Origin,
    order: Order,
    key: Option<IdempotencyKey>,
    now: Timestamp,
}

impl Beginning {
    /// Idempotency row, transaction and saga row: all of them or none.
    fn begin_in(&self, tx: &mut Tx<'_>, merchants: &Merchants) -> Result<Begun, ApiError> {
        if let Some(key) = &self.key {
            let input = self.order.fingerprint();
            if let Some((known_id, earlier)) =
                idempotency_keys::take(tx, &self.user_id, key, &input, self.transaction_id)?
            {
                return known(tx, known_id, &input, &earlier).map(Begun::Known);
            }
        }
        let bill = self.find_bill(tx, merchants)?;
        let refused = match &bill {
            Some(bill) => self.claim_bill(tx, bill)?,
            None => None,
        };
        let splits = match &bill {
            Some(bill) => self.find_splits(tx, bill)?,
            None => Vec::new(),
        };
        let fee_minor = match &bill {
            Some(bill) => self.fee_minor(tx, bill)?,
            None => 0,
        };
        let transaction = self.transaction(bill.as_ref(), fee_minor, refused.as_ref());
        transactions::insert(tx, &transaction)?;
        if refused.is_some() {
            tell(tx, &transaction, None, merchants, self.now)?;
            return Ok(Begun::Refused(transaction));
        }
        let facts = SagaFacts {
            account_created_at: self.account_created_at,
            recent_failures: transactions::count_failures(tx, &self.user_id, self.now.before(FAILURES_COUNTED_FOR))?,
            target_user_id: self.target_user_id.clone(),
            splits,
            origin: self.origin.clone(),
            review: None,
            asked: bill.map_or(Asked::Nobody, |bill| bill.asked),
        };
        sagas::insert(tx, self.transaction_id, &facts, self.now, LEASE)?;
        Ok(Begun::Started(transaction, facts))
    }

    /// Whose bill it is that is paid: a session's, or that of the merchant whose prefix the number has.
    fn find_bill(&self, tx: &Tx<'_>, merchants: &Merchants) -> Result<Option<FoundBill>, ApiError> {
        let OrderKind::Payment { va_number } = &self.order.kind else {
            return Ok(None);
        };
        let session = sessions::find_by_va(tx, va_number)?;
        let merchant = match &session {
            Some(session) => merchants.get(session.merchant_id),
            None => merchants.of_va(va_number),
        };
        let merchant =
            merchant.ok_or_else(|| ApiError::bad_input("the vaNumber belongs to no merchant of this provider"))?;
        let asked = match session.as_ref().map(|session| session.source) {
            // What the merchant itself opened with us, it takes back with us.
            Some(SessionSource::Api) => Asked::Nobody,
            Some(SessionSource::Invoice) => Asked::MerchantWhoMayNotKnow,
            Some(SessionSource::Bill) | None => Asked::Merchant,
        };
        Ok(Some(FoundBill {
            va_number: va_number.clone(),
            merchant,
            session,
            asked,
        }))
    }

    /// Makes the bill this transaction's to pay, or says why it cannot be.
    fn claim_bill(&self, tx: &mut Tx<'_>, bill: &FoundBill) -> Result<Option<Failure>, StoreError> {
        if let Some(failure) = bill.check(self.order.amount, self.now) {
            return Ok(Some(failure));
        }
        let merchant_id = bill.merchant.merchant_id;
        Ok(
            match bill_claims::claim(tx, merchant_id, bill.va_number.as_str(), self.transaction_id)? {
                Claim::Granted => None,
                Claim::Paid => Some(Failure::new(FailureCode::BillAlreadyPaid, "the bill has been paid")),
                Claim::InProgress => Some(Failure::new(
                    FailureCode::BillPaymentInProgress,
                    "another payment of this bill is under way",
                )),
            },
        )
    }

    /// Who gets how much; empty when the merchant gets all.
    fn find_splits(&self, tx: &Tx<'_>, bill: &FoundBill) -> Result<Vec<Part>, ApiError> {
        let splits = match &bill.session {
            Some(session) => sessions::splits(tx, session.session_id)?,
            None => Vec::new(),
        };
        let parts: Vec<Part> = splits.iter().map(Part::from).collect();
        let pays_itself = parts.iter().any(|part| part.wallet_id == self.order.wallet_id);
        if pays_itself || bill.merchant.wallet_id() == self.order.wallet_id {
            return Err(ApiError::bad_input(
                "the wallet is paid by this bill; pay it from another one",
            ));
        }
        Ok(parts)
    }

    /// What the provider gets. Of what is captured later it gets its part with each capture.
    fn fee_minor(&self, tx: &Tx<'_>, bill: &FoundBill) -> Result<i64, StoreError> {
        if bill.capture_mode() == CaptureMode::Manual {
            return Ok(0);
        }
        let plan = fee_plans::current(tx, bill.merchant.merchant_id, self.now)?;
        Ok(plan.map_or(0, |plan| plan.fee_minor(self.order.amount.minor())))
    }

    fn transaction(&self, bill: Option<&FoundBill>, fee_minor: i64, refused: Option<&Failure>) -> Transaction {
        let (kind, target_wallet_id) = match &self.order.kind {
            OrderKind::Deposit => (TransactionType::Deposit, None),
            OrderKind::Transfer { target } => (TransactionType::Transfer, Some(*target)),
            OrderKind::Payment { .. } => (TransactionType::Payment, None),
        };
        let session = bill.and_then(|bill| bill.session.as_ref());
        let capture_mode = bill.map_or(CaptureMode::Automatic, FoundBill::capture_mode);
        Transaction {
            transaction_id: self.transaction_id,
            user_id: self.user_id.clone(),
            wallet_id: self.order.wallet_id,
            target_wallet_id,
            merchant_id: bill.map(|bill| bill.merchant.merchant_id),
            session_id: session.map(|session| session.session_id),
            order_id: session.and_then(|session| session.order_id.clone()),
            amount: self.order.amount,
            capture_mode,
            fee_minor,
            captured_minor: 0,
            refunded_minor: 0,
            hold_expires_at: (capture_mode == CaptureMode::Manual).then(|| self.now.after(HELD_FOR)),
            kind,
            status: if refused.is_some() {
                TransactionStatus::Failed
            } else {
                TransactionStatus::Pending
            },
            va_number: bill.map(|bill| bill.va_number.to_string()),
            description: self.order.description.clone(),
            failure_code: refused.map(|failure| failure.code.as_str().to_owned()),
            failure_reason: refused.map(|failure| failure.reason.clone()),
            paid_at: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

/// The bill that is paid, as far as we know it.
struct FoundBill {
    va_number: VaNumber,
    merchant: Arc<Merchant>,
    session: Option<PaymentSession>,
    asked: Asked,
}

impl FoundBill {
    fn capture_mode(&self) -> CaptureMode {
        let session = self.session.as_ref();
        session.map_or(CaptureMode::Automatic, |session| session.capture_mode)
    }

    /// Whether it can be paid with this amount, as far as that can be said without asking the merchant.
    fn check(&self, amount: Money, now: Timestamp) -> Option<Failure> {
        if self.merchant.status == MerchantStatus::Suspended {
            let reason = "the merchant takes no payments now; no money was moved";
            return Some(Failure::new(FailureCode::MerchantUnavailable, reason));
        }
        self.session.as_ref()?.check_payable(amount, now).err()
    }
}

/// The transaction of a key, if the key is used with the input that it stands for.
fn known(
    snapshot: &Snapshot<'_>,
    known_id: TransactionId,
    input: &Fingerprint,
    earlier: &Fingerprint,
) -> Result<Transaction, ApiError> {
    if let Some(differing) = input.differs_from(earlier) {
        let fields = differing.0;
        let message = format!("the idempotency key was used before with another {}", fields.join(", "));
        return Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message).with("fields", fields));
    }
    transactions::find(snapshot, known_id)?.ok_or_else(|| ApiError::not_found("transaction"))
}
