//! What clients see of merchants.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Result, SimpleObject};
use money::{Currency, Decimal, Money};
use service::{ApiError, DateTime};

use crate::app::App;
use crate::app::api_keys::IssuedKey;
use crate::app::register_merchant::Registered;
use crate::clients::wallet::WalletBalance;
use crate::domain::{self, MerchantStatus, Notification, ProfileInput};
use crate::store::{api_keys, fee_plans};

/// A merchant to be registered.
#[derive(InputObject)]
pub struct MerchantInput {
    /// What buyers read: 1 to 80 characters.
    name: String,
    /// What its VA numbers begin with: 4 to 20 letters, digits and hyphens, in capital letters. No two merchants' numbers
    /// may begin alike.
    va_prefix: Option<String>,
    /// Its GraphQL endpoint, which knows its bills (`getOrderByVA`) and may take `updatePaymentStatus`.
    order_url: Option<String>,
    /// How it is told of payments: WEBHOOK unless told.
    notification: Option<Notification>,
    /// Where buyers may be sent back to: at most ten origins such as `https://shop.example`.
    return_origins: Option<Vec<String>>,
    /// Whose merchant it is: the caller's unless an admin says otherwise.
    pub owner_user_id: Option<String>,
}

impl From<MerchantInput> for ProfileInput {
    fn from(input: MerchantInput) -> Self {
        Self {
            name: Some(input.name),
            va_prefix: input.va_prefix.map(Some),
            order_url: input.order_url.map(Some),
            notification: input.notification,
            return_origins: input.return_origins,
        }
    }
}

/// What to change of a merchant. What is left out stays as it is.
#[derive(InputObject)]
pub struct MerchantUpdate {
    /// What buyers read: 1 to 80 characters.
    name: Option<String>,
    /// What its VA numbers begin with; null: nothing of its own.
    va_prefix: MaybeUndefined<String>,
    /// Its GraphQL endpoint; null: none.
    order_url: MaybeUndefined<String>,
    /// How it is told of payments.
    notification: Option<Notification>,
    /// Where buyers may be sent back to: at most ten origins.
    return_origins: Option<Vec<String>>,
}

impl From<MerchantUpdate> for ProfileInput {
    fn from(input: MerchantUpdate) -> Self {
        Self {
            name: input.name,
            va_prefix: input.va_prefix.as_opt_deref().map(|prefix| prefix.map(str::to_owned)),
            order_url: input.order_url.as_opt_deref().map(|url| url.map(str::to_owned)),
            notification: input.notification,
            return_origins: input.return_origins,
        }
    }
}

/// A merchant.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Merchant {
    /// Its id.
    merchant_id: String,
    /// What buyers read.
    name: String,
    /// Whether it takes payments.
    status: MerchantStatus,
    /// The user who runs it; the marketplace of the configuration has none.
    owner_user_id: Option<String>,
    /// What its VA numbers begin with.
    va_prefix: Option<String>,
    /// Its GraphQL endpoint.
    order_url: Option<String>,
    /// How it is told of payments.
    notification: Notification,
    /// Where buyers may be sent back to.
    return_origins: Vec<String>,
    /// The wallet that its payments go to.
    wallet_id: String,
    /// Since when we know it.
    created_at: DateTime,
    #[graphql(skip)]
    merchant: Arc<domain::Merchant>,
}

impl From<Arc<domain::Merchant>> for Merchant {
    fn from(merchant: Arc<domain::Merchant>) -> Self {
        Self {
            merchant_id: merchant.merchant_id.to_string(),
            name: merchant.name.clone(),
            status: merchant.status,
            owner_user_id: merchant.owner_user_id.clone(),
            va_prefix: merchant.va_prefix.clone(),
            order_url: merchant.order_url.as_ref().map(|url| url.to_string()),
            notification: merchant.notification,
            return_origins: merchant.return_origins.clone(),
            wallet_id: merchant.wallet_id().to_string(),
            created_at: merchant.created_at.into(),
            merchant,
        }
    }
}

#[ComplexObject]
impl Merchant {
    /// All money in its wallet, held money included.
    async fn balance(&self, context: &Context<'_>) -> Result<Option<Decimal>> {
        let balance = self.wallet_balance(context).await?;
        Ok(Some(rupiah(balance.balance_minor)?))
    }

    /// What it can pay out or give back now.
    async fn available_balance(&self, context: &Context<'_>) -> Result<Option<Decimal>> {
        let balance = self.wallet_balance(context).await?;
        Ok(Some(rupiah(balance.balance_minor - balance.held_minor)?))
    }

    /// What it pays us, the newest plan first. The newest that has begun counts; without one nothing is paid.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn fee_plans(&self, context: &Context<'_>) -> Result<Vec<FeePlan>> {
        let merchant_id = self.merchant.merchant_id;
        let database = &context.data_unchecked::<App>().database;
        let found = database
            .read(move |snapshot| fee_plans::list(snapshot, merchant_id))
            .await;
        let plans = found.map_err(ApiError::from)?.into_iter().map(FeePlan::try_from);
        Ok(plans.collect::<Result<_, _>>()?)
    }

    /// Its API keys without their secrets: those that work, and behind them some that were revoked.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn api_keys(&self, context: &Context<'_>) -> Result<Vec<ApiKey>> {
        let merchant_id = self.merchant.merchant_id;
        let database = &context.data_unchecked::<App>().database;
        let found = database
            .read(move |snapshot| api_keys::list_of_merchant(snapshot, merchant_id))
            .await;
        Ok(found.map_err(ApiError::from)?.into_iter().map(ApiKey::from).collect())
    }
}

impl Merchant {
    async fn wallet_balance(&self, context: &Context<'_>) -> Result<WalletBalance, ApiError> {
        let wallet = &context.data_unchecked::<App>().runner.wallet;
        let found = wallet.balance(self.merchant.wallet_id()).await?;
        // A wallet that was not needed yet is empty.
        Ok(found.unwrap_or(WalletBalance {
            balance_minor: 0,
            held_minor: 0,
        }))
    }
}

fn rupiah(minor: i64) -> Result<Decimal, ApiError> {
    Ok(Money::new(minor, Currency::Idr)?.into())
}

/// What a merchant pays us of each payment, from a moment on.
#[derive(SimpleObject)]
pub struct FeePlan {
    /// Percent of the amount.
    percent: Decimal,
    /// This much more, in IDR.
    fixed: Decimal,
    /// From when.
    valid_from: DateTime,
}

impl TryFrom<domain::FeePlan> for FeePlan {
    type Error = ApiError;

    fn try_from(plan: domain::FeePlan) -> Result<Self, ApiError> {
        Ok(Self {
            // Hundredths of a percent are written as hundredths of a rupiah are.
            percent: rupiah(plan.basis_points)?,
            fixed: rupiah(plan.fixed_minor)?,
            valid_from: plan.valid_from.into(),
        })
    }
}

/// An API key without its secret.
#[derive(SimpleObject)]
pub struct ApiKey {
    /// Its id.
    key_id: String,
    /// What its owner calls it.
    name: String,
    /// Its last four characters, by which its owner recognises it.
    hint: String,
    /// When it was made.
    created_at: DateTime,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime>,
    /// Since when it is refused.
    revoked_at: Option<DateTime>,
}

impl From<api_keys::ApiKey> for ApiKey {
    fn from(key: api_keys::ApiKey) -> Self {
        Self {
            key_id: key.key_id.to_string(),
            name: key.name,
            hint: key.hint,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(DateTime),
            revoked_at: key.revoked_at.map(DateTime),
        }
    }
}

/// An API key that was just made.
#[derive(SimpleObject)]
pub struct NewApiKey {
    /// The key.
    key: ApiKey,
    /// What goes into `Authorization: Bearer …`. It is shown this once.
    secret: String,
}

impl From<IssuedKey> for NewApiKey {
    fn from(issued: IssuedKey) -> Self {
        Self {
            key: issued.key.into(),
            secret: issued.secret.expose().to_owned(),
        }
    }
}

/// A merchant that was just registered, and what is shown of it this once.
#[derive(SimpleObject)]
pub struct MerchantRegistration {
    /// The merchant.
    merchant: Merchant,
    /// Its first API key: what goes into `Authorization: Bearer …`.
    api_key: String,
    /// `whsec_…`: what the way back of its buyers is signed with.
    signing_secret: String,
}

impl From<Registered> for MerchantRegistration {
    fn from(registered: Registered) -> Self {
        Self {
            merchant: registered.merchant.into(),
            api_key: registered.key.secret.expose().to_owned(),
            signing_secret: registered.signing_secret.expose().to_owned(),
        }
    }
}
