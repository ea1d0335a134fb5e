//! Pays an order of a merchant, as its program asks for it: the order's session is found or opened, and paid.

use ids::{MerchantId, TransactionId};
use money::Decimal;
use serde_json::{Map, Value, json};
use service::token::{AUDIENCE, Claims, ISSUER, Role};
use service::{ApiError, ErrorCode, Timestamp};
use sha2::{Digest, Sha256};

use super::App;
use crate::domain::{
    IdempotencyKey, Merchant, OrderInput, PaymentSession, SessionInput, Transaction, TransactionType, order_id,
};
use crate::store::merchant_requests::{self, MerchantRequest};
use crate::store::{idempotency_keys, sessions, transactions};

/// What a merchant's program wants to be paid.
#[derive(Clone, Debug)]
pub struct PaymentOrder {
    /// The merchant's own name for it.
    pub order_id: String,
    /// How much.
    pub amount: Decimal,
    /// From which wallet.
    pub wallet_id: String,
    /// A note.
    pub description: Option<String>,
    /// The merchant's name for this request.
    pub key: Option<IdempotencyKey>,
}

impl App {
    /// Pays an order, once per idempotency key and once per order.
    pub async fn process_payment(
        &self,
        merchant: &Merchant,
        payer: &Claims,
        order: PaymentOrder,
    ) -> Result<Transaction, ApiError> {
        let order_id = order_id(&order.order_id)?;
        let payers_key = match &order.key {
            Some(key) => Some(self.take_payment_key(merchant.merchant_id, payer, &order, key).await?),
            None => None,
        };
        let session = self.session_of_order(merchant, order_id, &order).await?;
        if let Some(paid) = self.paid_before(&session, payer, &order, payers_key.clone()).await? {
            return Ok(paid);
        }
        let input = OrderInput {
            wallet_id: order.wallet_id,
            amount: order.amount,
            kind: TransactionType::Payment,
            va_number: Some(session.va_number.to_string()),
            target_wallet_id: None,
            description: order.description,
        };
        // The program that asks is the merchant's: where its buyer is, it does not say.
        self.create_transaction(payer, None, input, payers_key).await
    }

    /// The payment that paid a merchant's order.
    pub async fn payment_of_order(&self, merchant: &Merchant, order_id: String) -> Result<Transaction, ApiError> {
        let merchant_id = merchant.merchant_id;
        let found = self.database.read(move |snapshot| {
            let session = sessions::find_by_order(snapshot, merchant_id, &order_id)?;
            match session.and_then(|session| session.transaction_id) {
                Some(transaction_id) => transactions::find(snapshot, transaction_id),
                None => Ok(None),
            }
        });
        found
            .await
            .map_err(ApiError::from)?
            .ok_or_else(|| ApiError::not_found("payment"))
    }

    /// Sees that a merchant's key stands for one request, and answers with the key that the payment itself gets: in the
    /// payer's name, one for each key of each merchant.
    async fn take_payment_key(
        &self,
        merchant_id: MerchantId,
        payer: &Claims,
        order: &PaymentOrder,
        key: &IdempotencyKey,
    ) -> Result<String, ApiError> {
        let request = MerchantRequest {
            merchant_id,
            key: key.clone(),
            operation: "ProcessPayment",
            input: fingerprint(payer, order),
        };
        let order_id = order.order_id.clone();
        self.database
            .write(move |tx| merchant_requests::take(tx, &request, &order_id))
            .await?;
        let digest = Sha256::digest(format!("{merchant_id}:{}", key.as_str()));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("grpc-{hex}"))
    }

    /// The order's session; opened if it has none.
    async fn session_of_order(
        &self,
        merchant: &Merchant,
        order_id: String,
        order: &PaymentOrder,
    ) -> Result<PaymentSession, ApiError> {
        if let Some(session) = self.find_session_of(merchant.merchant_id, &order_id).await? {
            return Ok(session);
        }
        let input = SessionInput {
            order_id: order_id.clone(),
            amount: order.amount,
            description: order.description.clone(),
            items: Vec::new(),
            va_number: None,
            return_url: None,
            cancel_url: None,
            expires_in: None,
            capture_mode: None,
            splits: Vec::new(),
            metadata: Vec::new(),
        };
        match self.create_session(merchant, input, None).await {
            // Somebody else has opened it meanwhile.
            Err(error) if error.code() == ErrorCode::Conflict => {
                let session = self.find_session_of(merchant.merchant_id, &order_id).await?;
                session.ok_or(error)
            }
            opened => opened,
        }
    }

    async fn find_session_of(
        &self,
        merchant_id: MerchantId,
        order_id: &str,
    ) -> Result<Option<PaymentSession>, ApiError> {
        let order_id = order_id.to_owned();
        let found = self
            .database
            .read(move |snapshot| sessions::find_by_order(snapshot, merchant_id, &order_id));
        found.await.map_err(ApiError::from)
    }

    /// The payment that has paid the session, if that is what is asked for. A key that stands for an attempt of its own is
    /// answered with that, whatever became of the session since.
    async fn paid_before(
        &self,
        session: &PaymentSession,
        payer: &Claims,
        order: &PaymentOrder,
        payers_key: Option<String>,
    ) -> Result<Option<Transaction>, ApiError> {
        let Some(transaction_id) = session.transaction_id.filter(|_| session.state.is_paid_for()) else {
            return Ok(None);
        };
        if Decimal::from(session.amount) != order.amount {
            return Ok(None);
        }
        if let Some(key) = payers_key
            && self.has_attempt(payer, &key).await?
        {
            return Ok(None);
        }
        self.find_transaction(transaction_id).await.map(Some)
    }

    async fn has_attempt(&self, payer: &Claims, key: &str) -> Result<bool, ApiError> {
        let (user_id, key) = (payer.sub.clone(), IdempotencyKey::parse(key)?);
        let found = self
            .database
            .read(move |snapshot| idempotency_keys::find(snapshot, &user_id, &key));
        Ok(found.await.map_err(ApiError::from)?.is_some())
    }

    async fn find_transaction(&self, transaction_id: TransactionId) -> Result<Transaction, ApiError> {
        let found = self
            .database
            .read(move |snapshot| transactions::find(snapshot, transaction_id));
        found
            .await
            .map_err(ApiError::from)?
            .ok_or_else(|| ApiError::not_found("payment"))
    }
}

/// The user who runs a merchant, as if they had asked themselves: their merchant's key speaks for them.
pub fn claims_of_owner(merchant: &Merchant, now: Timestamp) -> Result<Claims, ApiError> {
    let nobody = || ApiError::bad_input("payer_token is needed: the merchant is run by nobody whose wallet could pay");
    let seconds = now.micros().div_euclid(1_000_000);
    Ok(Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: merchant.owner_user_id.clone().ok_or_else(nobody)?,
        exp: seconds,
        iat: seconds,
        jti: String::new(),
        role: Role::Merchant,
        sid: None,
        account_created_at: None,
        email_domain: None,
        zoneinfo: None,
    })
}

/// What a merchant's key stands for, by the fields of the contract.
fn fingerprint(payer: &Claims, order: &PaymentOrder) -> Map<String, Value> {
    let fields = [
        ("order_id", json!(order.order_id)),
        ("amount", json!(order.amount.to_string())),
        ("wallet_id", json!(order.wallet_id)),
        // Tokens change from request to request; whose they are does not.
        ("payer_token", json!(payer.sub)),
        ("description", json!(order.description)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
