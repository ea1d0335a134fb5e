//! The public API of those who run merchants: their accounts, keys and secrets.

use async_graphql::{Context, Object, Result};
use ids::MerchantId;
use money::Decimal;
use service::page::{page_cost, page_size};
use service::token::caller;
use service::{ApiError, DateTime};

use super::merchant_types::{ApiKey, Merchant, MerchantInput, MerchantRegistration, MerchantUpdate, NewApiKey};
use crate::app::App;
use crate::domain::MerchantStatus;

/// Queries.
#[derive(Default)]
pub struct MerchantQuery;

/// Mutations.
#[derive(Default)]
pub struct MerchantMutation;

#[Object]
impl MerchantQuery {
    /// A merchant that the caller acts for: an API key for its own, a user for those they run, staff see all.
    async fn merchant(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
    ) -> Result<Option<Merchant>> {
        let app = context.data_unchecked::<App>();
        let merchant = app.merchant_seen_by(caller(context), merchant_id.as_deref()).await?;
        Ok(Some(merchant.into()))
    }

    /// The merchants that the caller acts for, the newest first; for staff: all.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn merchants(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this merchant.")] after: Option<String>,
    ) -> Result<Option<Vec<Merchant>>> {
        let limit = page_size(first)?;
        let unknown = |_| ApiError::bad_input("`after` is no merchant's id");
        let before = after.as_deref().map(MerchantId::parse).transpose().map_err(unknown)?;
        let app = context.data_unchecked::<App>();
        let found = app.merchants_of(caller(context), before, limit).await?;
        Ok(Some(found.into_iter().map(Merchant::from).collect()))
    }
}

#[Object]
impl MerchantMutation {
    /// Registers a merchant. In the sandbox any signed-in user may, for themselves; in live mode an admin does.
    async fn register_merchant(
        &self,
        context: &Context<'_>,
        input: MerchantInput,
    ) -> Result<Option<MerchantRegistration>> {
        let app = context.data_unchecked::<App>();
        let owner_user_id = input.owner_user_id.clone();
        let registered = app
            .register_merchant(caller(context), input.into(), owner_user_id)
            .await?;
        Ok(Some(registered.into()))
    }

    /// Changes what a merchant says of itself. The marketplace of the configuration is changed there.
    async fn update_merchant(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
        input: MerchantUpdate,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<Merchant>> {
        let app = context.data_unchecked::<App>();
        let changed = app
            .update_merchant(caller(context), merchant_id.as_deref(), input.into(), reason)
            .await?;
        Ok(Some(changed.into()))
    }

    /// Lets a merchant take payments, or stops it: its keys are refused and its bills cannot be paid. For admins.
    async fn set_merchant_status(
        &self,
        context: &Context<'_>,
        merchant_id: String,
        status: MerchantStatus,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<Merchant>> {
        let app = context.data_unchecked::<App>();
        let changed = app
            .set_merchant_status(caller(context), &merchant_id, status, reason)
            .await?;
        Ok(Some(changed.into()))
    }

    /// Says what a merchant pays us of each payment, from a moment on. For admins.
    #[allow(clippy::too_many_arguments)]
    async fn set_fee_plan(
        &self,
        context: &Context<'_>,
        merchant_id: String,
        #[graphql(desc = "Percent of the amount, with at most two decimals.")] percent: Decimal,
        #[graphql(desc = "This much more, in IDR.")] fixed: Decimal,
        #[graphql(desc = "From when: now unless told, and never in the past.")] valid_from: Option<DateTime>,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<Merchant>> {
        let app = context.data_unchecked::<App>();
        let valid_from = valid_from.map(|instant| instant.0);
        let merchant = app
            .set_fee_plan(caller(context), &merchant_id, (percent, fixed), valid_from, reason)
            .await?;
        Ok(Some(merchant.into()))
    }

    /// Makes an API key. For people: a key makes no keys.
    async fn create_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
        #[graphql(desc = "What its owner calls it.")] name: String,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<NewApiKey>> {
        let app = context.data_unchecked::<App>();
        let issued = app
            .create_api_key(caller(context), merchant_id.as_deref(), &name, reason)
            .await?;
        Ok(Some(issued.into()))
    }

    /// Revokes an API key, which is refused from the answer on. For people.
    async fn revoke_api_key(
        &self,
        context: &Context<'_>,
        key_id: String,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<ApiKey>> {
        let app = context.data_unchecked::<App>();
        Ok(Some(app.revoke_api_key(caller(context), &key_id, reason).await?.into()))
    }

    /// Answers with a new secret for the way back of buyers; the old one signs nothing any more. For people.
    async fn rotate_signing_secret(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
        #[graphql(desc = "Why; of an admin it is noted beside who did it.")] reason: Option<String>,
    ) -> Result<Option<String>> {
        let app = context.data_unchecked::<App>();
        let secret = app
            .rotate_signing_secret(caller(context), merchant_id.as_deref(), reason)
            .await?;
        Ok(Some(secret.expose().to_owned()))
    }
}
