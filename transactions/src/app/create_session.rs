//! Opens a payment session for a merchant: a bill that is with us alone.

use ids::{MerchantId, PaymentSessionId, WalletId};
use service::{ApiError, ErrorCode, Timestamp};
use store::Tx;

use super::App;
use crate::domain::{
    IdempotencyKey, Merchant, MerchantStatus, PaymentSession, Recipient, SessionInput, SessionOrder, SessionSource,
    SessionState, Share, VaNumber,
};
use crate::store::merchant_requests::{self, MerchantRequest};
use crate::store::{bill_claims, sessions};

/// Twelve random digits clash about never; this many times in a row they do not.
pub(super) const NUMBERS_TRIED_MAX: usize = 5;

impl App {
    /// Opens a session, once per idempotency key and once per order.
    pub async fn create_session(
        &self,
        merchant: &Merchant,
        input: SessionInput,
        key: Option<String>,
    ) -> Result<PaymentSession, ApiError> {
        let order = SessionOrder::parse(input, merchant)?;
        let key = key.as_deref().map(IdempotencyKey::parse).transpose()?;
        let request = key.map(|key| MerchantRequest {
            merchant_id: merchant.merchant_id,
            key,
            operation: "createPaymentSession",
            input: order.fingerprint(),
        });
        // What was answered once is answered again, whatever became of the merchant and of the wallets since.
        if let Some(known) = self.session_of_request(request.clone()).await? {
            return Ok(known);
        }
        check_active(merchant)?;
        let shares = self.find_shares(&order).await?;
        let opening = Opening {
            session_id: PaymentSessionId::generate_random(),
            merchant_id: merchant.merchant_id,
            va_prefix: merchant.va_prefix.clone(),
            request,
            order,
            shares,
            now: self.clock.now(),
        };
        self.database.write(move |tx| opening.open_in(tx)).await
    }

    /// The session that a request stands for, if it was made before.
    async fn session_of_request(&self, request: Option<MerchantRequest>) -> Result<Option<PaymentSession>, ApiError> {
        let Some(request) = request else { return Ok(None) };
        self.database
            .read(move |snapshot| match merchant_requests::known(snapshot, &request)? {
                Some(known) => {
                    let unknown = || ApiError::not_found("payment session");
                    let session_id = PaymentSessionId::parse(&known).map_err(|_| unknown())?;
                    sessions::find(snapshot, session_id)?.ok_or_else(unknown).map(Some)
                }
                None => Ok(None),
            })
            .await
    }

    /// Whom the splits name. Their wallets must exist now, because the money must have somewhere to go later.
    async fn find_shares(&self, order: &SessionOrder) -> Result<Vec<Share>, ApiError> {
        let found = order.splits.iter().map(|(recipient, amount_minor)| async move {
            let (wallet_id, merchant_id) = match recipient {
                Recipient::Merchant(merchant_id) => self.find_merchant_wallet(*merchant_id).await?,
                Recipient::Wallet(wallet_id) => self.find_wallet(*wallet_id, order).await?,
            };
            Ok(Share {
                wallet_id,
                merchant_id,
                amount_minor: *amount_minor,
            })
        });
        futures::future::try_join_all(found).await
    }

    async fn find_merchant_wallet(&self, merchant_id: MerchantId) -> Result<(WalletId, Option<MerchantId>), ApiError> {
        let found = self.merchants.get(merchant_id);
        let merchant = found.ok_or_else(|| ApiError::not_found("merchant"))?;
        check_active(&merchant)?;
        self.runner.wallet.open_merchant_wallet(&merchant).await?;
        Ok((merchant.wallet_id(), Some(merchant_id)))
    }

    async fn find_wallet(
        &self,
        wallet_id: WalletId,
        order: &SessionOrder,
    ) -> Result<(WalletId, Option<MerchantId>), ApiError> {
        let facts = self.runner.wallet.facts(wallet_id).await?;
        let facts = facts.ok_or_else(|| ApiError::not_found("wallet"))?;
        if facts.currency != order.amount.currency().code() {
            return Err(ApiError::bad_input("a split goes to a wallet of the amount's currency"));
        }
        Ok((wallet_id, MerchantId::parse(&facts.owner_id).ok()))
    }
}

/// A merchant that was stopped takes no payments, and opens none.
pub(super) fn check_active(merchant: &Merchant) -> Result<(), ApiError> {
    match merchant.status {
        MerchantStatus::Active => Ok(()),
        MerchantStatus::Suspended => Err(ApiError::new(ErrorCode::Forbidden, "the merchant is suspended")),
    }
}

/// All that the commit needs.
struct Opening {
    session_id: PaymentSessionId,
    merchant_id: MerchantId,
    va_prefix: Option<String>,
    request: Option<MerchantRequest>,
    order: SessionOrder,
    shares: Vec<Share>,
    now: Timestamp,
}

impl Opening {
    fn open_in(&self, tx: &mut Tx<'_>) -> Result<PaymentSession, ApiError> {
        if let Some(request) = &self.request
            && let Some(known) = merchant_requests::take(tx, request, self.session_id.as_str())?
        {
            let known = PaymentSessionId::parse(&known).map_err(|_| ApiError::not_found("payment session"))?;
            return sessions::find(tx, known)?.ok_or_else(|| ApiError::not_found("payment session"));
        }
        if let Some(earlier) = sessions::find_by_order(tx, self.merchant_id, &self.order.order_id)? {
            let message = "this order has a payment session already";
            return Err(ApiError::new(ErrorCode::Conflict, message).with("sessionId", earlier.session_id.as_str()));
        }
        match &self.order.va_number {
            Some(va_number) => {
                // A bill that was paid without a session must not be paid again as one.
                let claimed = bill_claims::find(tx, self.merchant_id, va_number.as_str())?.is_some();
                let session = self.session(va_number.clone());
                if !claimed && sessions::insert(tx, &session, &self.shares)? {
                    return Ok(session);
                }
                Err(ApiError::new(ErrorCode::Conflict, "this vaNumber is in use already"))
            }
            None => {
                for _ in 0..NUMBERS_TRIED_MAX {
                    let session = self.session(fresh_number(self.va_prefix.as_deref()));
                    if sessions::insert(tx, &session, &self.shares)? {
                        return Ok(session);
                    }
                }
                Err(no_number())
            }
        }
    }

    fn session(&self, va_number: VaNumber) -> PaymentSession {
        let order = self.order.clone();
        PaymentSession {
            session_id: self.session_id,
            merchant_id: self.merchant_id,
            source: SessionSource::Api,
            order_id: Some(order.order_id),
            va_number,
            amount: order.amount,
            description: order.description,
            items: order.items,
            metadata: order.metadata,
            capture_mode: order.capture_mode,
            return_url: order.return_url,
            cancel_url: order.cancel_url,
            state: SessionState::Open,
            transaction_id: None,
            version: 1,
            expires_at: self.now.after(order.expires_in),
            paid_at: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

/// A number that nobody has yet, most likely: with the merchant's prefix, if it has one.
pub(super) fn fresh_number(va_prefix: Option<&str>) -> VaNumber {
    va_prefix.map_or_else(VaNumber::generate, VaNumber::generate_with)
}

pub(super) fn no_number() -> ApiError {
    ApiError::new(ErrorCode::ServiceUnavailable, "no free VA number was found; try again")
}
