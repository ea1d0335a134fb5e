//! Begins a payout, runs its saga, and answers how far it came.

use std::sync::Arc;
use std::time::Duration;

use ids::{PayoutId, TransferId};
use service::token::Caller;
use service::{ApiError, ErrorCode};
use store::Tx;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::App;
use crate::domain::{IdempotencyKey, Merchant, MerchantStatus, Payout, PayoutOrder, PayoutState};
use crate::saga::{Action, LEASE};
use crate::store::merchant_requests::{self, MerchantRequest};
use crate::store::payouts;

/// A client waits this long for its payout to be on its way; it goes on without it.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// What a request has come to.
enum Progress {
    Running(Payout, JoinHandle<Payout>),
    /// An earlier request's payout is its own. Whoever waits for that takes room, too.
    Known(Payout, OwnedSemaphorePermit),
}

impl App {
    /// Sends money from a merchant's wallet to its bank account, once per idempotency key.
    pub async fn create_payout(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        order: PayoutOrder,
        key: Option<String>,
    ) -> Result<Payout, ApiError> {
        let merchant = self.merchant_of(caller, merchant_id).await?;
        let key = key.as_deref().map(IdempotencyKey::parse).transpose()?;
        let request = key.map(|key| MerchantRequest {
            merchant_id: merchant.merchant_id,
            key,
            operation: "createPayout",
            input: order.fingerprint(),
        });
        // What was answered once is answered again, whatever became of the merchant and of the bank since.
        if let Some(known) = self.payout_of_request(request.clone()).await? {
            return self.answer_known_payout(known).await;
        }
        self.check_can_pay_out(&merchant)?;
        let room = self.payouts.reserve()?;
        let now = self.clock.now();
        let payout = Payout {
            payout_id: PayoutId::generate(),
            merchant_id: merchant.merchant_id,
            amount: order.amount,
            account: order.account.clone(),
            description: order.description.clone(),
            state: PayoutState::Pending,
            return_transfer_id: TransferId::generate(),
            bank_reference: None,
            failure_code: None,
            failure_reason: None,
            created_at: now,
            updated_at: now,
        };
        // In a task of its own: a client that goes away during the first commit must not leave behind a payout that nobody
        // runs before its lease ends.
        let app = self.clone();
        let begun = self
            .payouts
            .spawn(async move { app.begin_payout(payout, request, room).await });
        match begun.await.map_err(super::died)?? {
            Progress::Running(payout, running) => match tokio::time::timeout(ANSWER_WITHIN, running).await {
                Ok(Ok(ended)) => Ok(ended),
                // Too long, or the task died: either way recovery brings it further.
                Ok(Err(_)) | Err(_) => Ok(payout),
            },
            Progress::Known(payout, _room) => self.answer_known_payout(payout).await,
        }
    }

    /// The payout that a request stands for, if it was made before.
    async fn payout_of_request(&self, request: Option<MerchantRequest>) -> Result<Option<Payout>, ApiError> {
        let Some(request) = request else { return Ok(None) };
        self.database
            .read(move |snapshot| match merchant_requests::known(snapshot, &request)? {
                Some(known) => {
                    let unknown = || ApiError::not_found("payout");
                    let payout_id = PayoutId::parse(&known).map_err(|_| unknown())?;
                    payouts::find(snapshot, payout_id)?.ok_or_else(unknown).map(Some)
                }
                None => Ok(None),
            })
            .await
    }

    fn check_can_pay_out(&self, merchant: &Arc<Merchant>) -> Result<(), ApiError> {
        if merchant.status == MerchantStatus::Suspended {
            let message = "the merchant is suspended: its money stays where it is";
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        if !self.payouts.has_bank() {
            let message = "no bank is connected: payouts are not possible here";
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        Ok(())
    }

    /// The first commit, and the start of the saga. The payout is under way *before* it is committed, so that recovery and
    /// the same key again find somebody at it.
    async fn begin_payout(
        &self,
        payout: Payout,
        request: Option<MerchantRequest>,
        room: OwnedSemaphorePermit,
    ) -> Result<Progress, ApiError> {
        let working = self.payouts.in_flight.begin(payout.payout_id);
        let working = working.ok_or_else(|| ApiError::new(ErrorCode::Internal, "something went wrong on our side"))?;
        let begun = payout.clone();
        let known = self
            .database
            .write(move |tx| begin_in(tx, &begun, request.as_ref()))
            .await?;
        if let Some(known) = known {
            return Ok(Progress::Known(known, room));
        }
        let (runner, begun) = (self.payouts.clone(), payout.clone());
        let running = self.payouts.spawn(async move {
            let _room = room;
            runner.run(working, begun, Action::Resume, 0).await
        });
        Ok(Progress::Running(payout, running))
    }

    /// The same key again, perhaps while the first request is under way: its answer is this one's.
    async fn answer_known_payout(&self, payout: Payout) -> Result<Payout, ApiError> {
        let payout_id = payout.payout_id;
        // Whether it got on or not, the table has the last word.
        let _ = tokio::time::timeout(ANSWER_WITHIN, self.payouts.in_flight.ended(payout_id)).await;
        let found = self.database.read(move |snapshot| payouts::find(snapshot, payout_id));
        Ok(found.await.map_err(ApiError::from)?.unwrap_or(payout))
    }
}

/// Idempotency key and payout: both or none. Answers with the payout that the key stands for, if it was used before.
fn begin_in(tx: &mut Tx<'_>, payout: &Payout, request: Option<&MerchantRequest>) -> Result<Option<Payout>, ApiError> {
    if let Some(request) = request
        && let Some(known) = merchant_requests::take(tx, request, payout.payout_id.as_str())?
    {
        let known = PayoutId::parse(&known).map_err(|_| ApiError::not_found("payout"))?;
        let found = payouts::find(tx, known)?.ok_or_else(|| ApiError::not_found("payout"))?;
        return Ok(Some(found));
    }
    payouts::insert(tx, payout, payout.created_at.after(LEASE))?;
    Ok(None)
}
