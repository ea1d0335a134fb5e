//! What clients see of payment sessions.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Result, SimpleObject};
use money::{Currency, Decimal, Money};
use service::{ApiError, DateTime, Timestamp};

use crate::app::App;
use crate::app::check_payment;
use crate::domain::{
    self, CaptureMode, ItemInput, Merchant, Metadata, SessionInput, SessionState, SplitInput, Told, signed_return_url,
};
use crate::store::sessions;

/// A line of what is bought.
#[derive(InputObject)]
pub struct SessionItemInput {
    /// What it is.
    name: String,
    /// How many.
    quantity: i32,
    /// What one costs.
    price: Decimal,
}

/// Who gets a part of the amount: a merchant or a wallet.
#[derive(InputObject)]
pub struct SplitShareInput {
    /// The merchant whose settlement wallet gets it, or
    merchant_id: Option<String>,
    /// the wallet that gets it.
    wallet_id: Option<String>,
    /// How much, before fees.
    amount: Decimal,
}

/// A pair that the merchant wants back.
#[derive(InputObject)]
pub struct MetadataInput {
    /// The name.
    key: String,
    /// The value.
    value: String,
}

/// A payment session to be opened.
#[derive(InputObject)]
pub struct PaymentSessionInput {
    /// Whose; needed where the caller has several to choose from.
    pub merchant_id: Option<String>,
    /// The merchant's own name for what is paid, of at most 64 characters. An order has one session, for ever.
    order_id: String,
    /// How much: IDR, at most two decimals, greater than zero.
    amount: Decimal,
    /// What for, in at most 200 characters.
    description: Option<String>,
    /// What is bought: at most 100 lines. They need not sum to the amount.
    items: Option<Vec<SessionItemInput>>,
    /// The number it is to be paid by. It begins with the merchant's own prefix; without one a number is made.
    va_number: Option<String>,
    /// Where the buyer goes afterwards, at one of the merchant's origins.
    return_url: Option<String>,
    /// Where the buyer goes who does not want to pay, at one of the merchant's origins.
    cancel_url: Option<String>,
    /// How long it can be paid, in seconds: 20 to 15552000 (180 days), 86400 (a day) unless told.
    expires_in: Option<i32>,
    /// When the money moves: AUTOMATIC unless told.
    capture_mode: Option<CaptureMode>,
    /// Who gets how much: at most 50, which sum to the amount. Without them the merchant gets all.
    splits: Option<Vec<SplitShareInput>>,
    /// At most 20 pairs.
    metadata: Option<Vec<MetadataInput>>,
    /// The merchant's name for this request: repeated with the same input, it answers with the same session. The header
    /// `Idempotency-Key` serves as well.
    pub idempotency_key: Option<String>,
}

impl From<PaymentSessionInput> for SessionInput {
    fn from(input: PaymentSessionInput) -> Self {
        let items = input.items.unwrap_or_default().into_iter();
        let splits = input.splits.unwrap_or_default().into_iter();
        let metadata = input.metadata.unwrap_or_default().into_iter();
        Self {
            order_id: input.order_id,
            amount: input.amount,
            description: input.description,
            items: items
                .map(|item| ItemInput {
                    name: item.name,
                    quantity: item.quantity,
                    price: item.price,
                })
                .collect(),
            va_number: input.va_number,
            return_url: input.return_url,
            cancel_url: input.cancel_url,
            expires_in: input.expires_in,
            capture_mode: input.capture_mode,
            splits: splits
                .map(|split| SplitInput {
                    merchant_id: split.merchant_id,
                    wallet_id: split.wallet_id,
                    amount: split.amount,
                })
                .collect(),
            metadata: metadata
                .map(|pair| Metadata {
                    key: pair.key,
                    value: pair.value,
                })
                .collect(),
        }
    }
}

/// What pays a session.
#[derive(InputObject)]
pub struct PayPaymentSessionInput {
    /// The session.
    pub session_id: String,
    /// The wallet that pays. It must be the caller's.
    pub wallet_id: String,
    /// The amount that the buyer agreed to: if the session is over another one by now, the payment fails with
    /// BILL_AMOUNT_MISMATCH. Whoever shows an amount sends it; without it whatever the session is over is paid.
    pub amount: Option<Decimal>,
    /// The client's name for this request: repeating it answers the same and moves nothing more. The header
    /// `Idempotency-Key` serves as well.
    pub idempotency_key: Option<String>,
}

/// A line of what is bought.
#[derive(SimpleObject)]
pub struct SessionItem {
    /// What it is.
    name: String,
    /// How many.
    quantity: i64,
    /// What one costs.
    price: Decimal,
}

/// Who gets a part of the amount.
#[derive(SimpleObject)]
pub struct SplitShare {
    /// The merchant whose settlement wallet it is, if it is one.
    merchant_id: Option<String>,
    /// The wallet.
    wallet_id: String,
    /// How much, before fees.
    amount: Decimal,
}

/// A pair that the merchant gave.
#[derive(SimpleObject)]
pub struct MetadataPair {
    /// The name.
    key: String,
    /// The value.
    value: String,
}

/// A payment session: a bill with us, from its opening to its payment or its end.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PaymentSession {
    /// Its id.
    session_id: String,
    /// Who is paid.
    merchant_id: String,
    /// The merchant's own name for what is paid.
    order_id: Option<String>,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// What for.
    description: Option<String>,
    /// What is bought.
    items: Vec<SessionItem>,
    /// The number by which it is paid.
    va_number: String,
    /// Where the buyer goes afterwards.
    return_url: Option<String>,
    /// Where the buyer goes who does not want to pay.
    cancel_url: Option<String>,
    /// When the money moves.
    capture_mode: CaptureMode,
    /// Where it stands.
    state: SessionState,
    /// Greater after every change.
    version: i64,
    /// The payment that paid (or holds) it.
    transaction_id: Option<String>,
    /// What the merchant gave.
    metadata: Vec<MetadataPair>,
    /// From then on it cannot be paid.
    expires_at: DateTime,
    /// When it was paid.
    paid_at: Option<DateTime>,
    /// When it was opened.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
    #[graphql(skip)]
    session: Arc<domain::PaymentSession>,
}

#[ComplexObject]
impl PaymentSession {
    /// Where the buyer pays it.
    async fn checkout_url(&self, context: &Context<'_>) -> Result<String> {
        let mut url = context.data_unchecked::<App>().public_url.clone();
        url.set_path(&format!("/checkout/{}", self.session_id));
        Ok(url.into())
    }

    /// Who gets how much of the amount; nobody stands here when the merchant gets all.
    #[graphql(complexity = "5 * child_complexity + 1")]
    async fn splits(&self, context: &Context<'_>) -> Result<Vec<SplitShare>> {
        let (session_id, currency) = (self.session.session_id, self.session.amount.currency());
        let database = &context.data_unchecked::<App>().database;
        let found = database
            .read(move |snapshot| sessions::splits(snapshot, session_id))
            .await;
        let share = |share: domain::Share| {
            Ok(SplitShare {
                merchant_id: share.merchant_id.map(|merchant_id| merchant_id.to_string()),
                wallet_id: share.wallet_id.to_string(),
                amount: Money::new(share.amount_minor, currency)?.into(),
            })
        };
        let shares = found.map_err(ApiError::from)?.into_iter().map(share);
        Ok(shares.collect::<Result<_, ApiError>>()?)
    }
}

impl TryFrom<domain::PaymentSession> for PaymentSession {
    type Error = ApiError;

    fn try_from(session: domain::PaymentSession) -> Result<Self, ApiError> {
        let session = Arc::new(session);
        let pair = |pair: &Metadata| MetadataPair {
            key: pair.key.clone(),
            value: pair.value.clone(),
        };
        Ok(Self {
            session_id: session.session_id.to_string(),
            merchant_id: session.merchant_id.to_string(),
            order_id: session.order_id.clone(),
            amount: session.amount.into(),
            currency: session.amount.currency().code().to_owned(),
            description: session.description.clone(),
            items: items(&session)?,
            va_number: session.va_number.to_string(),
            return_url: session.return_url.clone(),
            cancel_url: session.cancel_url.clone(),
            capture_mode: session.capture_mode,
            state: session.state,
            version: session.version,
            transaction_id: session.transaction_id.map(|id| id.to_string()),
            metadata: session.metadata.iter().map(pair).collect(),
            expires_at: session.expires_at.into(),
            paid_at: session.paid_at.map(DateTime),
            created_at: session.created_at.into(),
            updated_at: session.updated_at.into(),
            session,
        })
    }
}

fn items(session: &domain::PaymentSession) -> Result<Vec<SessionItem>, ApiError> {
    let currency = session.amount.currency();
    let item = |item: &domain::Item| {
        Ok(SessionItem {
            name: item.name.clone(),
            quantity: item.quantity,
            price: Money::new(item.price_minor, currency)?.into(),
        })
    };
    session.items.iter().map(item).collect()
}

/// What a buyer sees of a session.
#[derive(SimpleObject)]
pub struct CheckoutSession {
    /// Its id.
    session_id: String,
    /// Who is paid.
    merchant_id: String,
    /// Who is paid, by name.
    merchant_name: String,
    /// The merchant's own name for what is paid.
    order_id: Option<String>,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// What for.
    description: Option<String>,
    /// What is bought.
    items: Vec<SessionItem>,
    /// The number by which it is paid.
    va_number: String,
    /// Where it stands.
    state: SessionState,
    /// Whether the money moves at once or is held first.
    capture_mode: CaptureMode,
    /// From then on it cannot be paid.
    expires_at: DateTime,
    /// Greater after every change.
    version: i64,
    /// Whether there is a way back to the merchant.
    can_return: bool,
    /// The way back to the merchant, with the present state, signed.
    return_url: Option<String>,
    /// The way back for who does not want to pay.
    cancel_url: Option<String>,
    /// The provider's time, by which `expiresAt` is meant.
    now: DateTime,
}

impl CheckoutSession {
    /// What a buyer sees now.
    pub fn new(session: &domain::PaymentSession, merchant: &Merchant, now: Timestamp) -> Result<Self, ApiError> {
        let told = Told {
            session_id: session.session_id,
            order_id: session.order_id.as_deref().unwrap_or_default(),
            state: session.state,
        };
        let return_url = merchant
            .still_returns_to(session.return_url.as_deref())
            .and_then(|url| signed_return_url(url, told, &merchant.signing_secret));
        let cancel_url = merchant.still_returns_to(session.cancel_url.as_deref());
        Ok(Self {
            session_id: session.session_id.to_string(),
            merchant_id: session.merchant_id.to_string(),
            merchant_name: merchant.name.clone(),
            order_id: session.order_id.clone(),
            amount: session.amount.into(),
            currency: session.amount.currency().code().to_owned(),
            description: session.description.clone(),
            items: items(session)?,
            va_number: session.va_number.to_string(),
            state: session.state,
            capture_mode: session.capture_mode,
            expires_at: session.expires_at.into(),
            version: session.version,
            can_return: return_url.is_some(),
            return_url,
            cancel_url: cancel_url.map(str::to_owned),
            now: now.into(),
        })
    }
}

/// Where an order's payment stands.
#[derive(SimpleObject)]
pub struct PaymentStatus {
    /// The order.
    order_id: String,
    /// PENDING, REVIEW, AUTHORIZED, PAID, EXPIRED or CANCELLED.
    status: String,
    /// When it was paid.
    paid_at: Option<DateTime>,
    /// Its session.
    session_id: String,
    /// The payment that paid (or holds) it.
    transaction_id: Option<String>,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// How much of it has gone to the merchant.
    captured_amount: Decimal,
    /// How much of that came back.
    refunded_amount: Decimal,
    /// Greater after every change; an answer never goes behind an earlier one.
    version: i64,
    /// Whether the status stays so for ever.
    #[graphql(name = "final")]
    is_final: bool,
    /// When to ask again, in milliseconds; null when it stays so.
    next_poll_after_ms: Option<i64>,
}

impl From<check_payment::PaymentStatus> for PaymentStatus {
    fn from(status: check_payment::PaymentStatus) -> Self {
        let session = status.session;
        let nothing = || Money::zero(Currency::Idr);
        let transaction = status.transaction;
        let captured = transaction.as_ref().map_or_else(nothing, domain::Transaction::captured);
        let refunded = transaction.as_ref().map_or_else(nothing, domain::Transaction::refunded);
        let state = match session.state {
            SessionState::Open => "PENDING",
            known => known.as_str(),
        };
        let pause = status.next_poll_after.map(|pause| pause.as_millis());
        Self {
            order_id: session.order_id.unwrap_or_default(),
            status: state.to_owned(),
            paid_at: session.paid_at.map(DateTime),
            session_id: session.session_id.to_string(),
            transaction_id: session.transaction_id.map(|id| id.to_string()),
            currency: session.amount.currency().code().to_owned(),
            amount: session.amount.into(),
            captured_amount: captured.into(),
            refunded_amount: refunded.into(),
            version: session.version,
            is_final: session.state.is_final(),
            next_poll_after_ms: pause.and_then(|pause| i64::try_from(pause).ok()),
        }
    }
}
