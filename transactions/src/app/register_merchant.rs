//! Registers a merchant: its row, its first API key, its signing secret, its owner's role and its wallet.
//!
//! Three services take part, and any of them may be away or crash in between. So they come in this order:
//!
//! 1. auth gives the owner the role Merchant. Without a merchant that is the right to nothing, and given again it stays
//!    what it is: whatever fails later leaves nothing wrong. That the owner exists is known from then on.
//! 2. One commit: merchant, key and secret, or none of them. If the answer is lost, the owner finds the merchant in
//!    `merchants`, and makes another key and secret.
//! 3. The registry in memory, by the same task, which no client's disconnection stops; a start reads the table anyway.
//! 4. The settlement wallet. If the ledger is away, it is opened when it is first needed.

use std::sync::Arc;

use ids::MerchantId;
use service::token::{Caller, Role};
use service::{ApiError, ErrorCode, Secret, Timestamp};
use store::Tx;

use super::App;
use super::api_keys::IssuedKey;
use super::change_merchant::check_prefix;
use crate::domain::{Merchant, MerchantStatus, Notification, Profile, ProfileInput, new_secret};
use crate::store::merchants;

const MERCHANTS_OF_USER_MAX: i64 = 20;
const FIRST_KEY_NAME: &str = "First key";

/// A merchant that was just registered.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The merchant.
    pub merchant: Arc<Merchant>,
    /// Its first API key.
    pub key: IssuedKey,
    /// What the way back of its buyers is signed with.
    pub signing_secret: Secret,
}

impl App {
    /// Registers a merchant. In the sandbox everybody may, for themselves; an admin may for others, too.
    pub async fn register_merchant(
        &self,
        caller: &Caller,
        profile: ProfileInput,
        owner_user_id: Option<String>,
    ) -> Result<Registered, ApiError> {
        let owner_user_id = self.owner_of_new_merchant(caller, owner_user_id)?;
        let profile = Profile::parse(profile, self.mode)?;
        let new = self.new_merchant(owner_user_id.clone(), &profile)?;
        // Before anything else, so that a wrong input costs auth nothing; the commit checks again.
        let checked = new.clone();
        self.database.read(move |snapshot| checked.check(snapshot)).await?;
        self.auth.grant_merchant_role(&owner_user_id).await?;
        let app = self.clone();
        let registering = self.runner.spawn(async move { app.store_new_merchant(new).await });
        let registered = registering.await.map_err(super::died)??;
        if let Err(error) = self.runner.wallet.open_merchant_wallet(&registered.merchant).await {
            tracing::info!(merchant = %registered.merchant.merchant_id, %error, "the settlement wallet is opened when it is needed");
        }
        Ok(registered)
    }

    fn owner_of_new_merchant(&self, caller: &Caller, wanted: Option<String>) -> Result<String, ApiError> {
        let claims = caller.user()?;
        match (claims.role == Role::Admin, wanted) {
            (true, Some(owner)) => Ok(owner),
            (true, None) if self.mode.is_sandbox() => Ok(claims.sub.clone()),
            (true, None) => Err(ApiError::bad_input("say whose merchant it is, by ownerUserId")),
            (false, _) if !self.mode.is_sandbox() => Err(ApiError::new(
                ErrorCode::Forbidden,
                "in live mode an admin registers merchants",
            )),
            (false, Some(owner)) if owner != claims.sub => Err(ApiError::new(
                ErrorCode::Forbidden,
                "only an admin registers a merchant for somebody else",
            )),
            (false, _) => Ok(claims.sub.clone()),
        }
    }

    fn new_merchant(&self, owner_user_id: String, profile: &Profile) -> Result<NewMerchant, ApiError> {
        let now = self.clock.now();
        let mut merchant = Merchant {
            merchant_id: MerchantId::generate(),
            owner_user_id: Some(owner_user_id.clone()),
            name: String::new(),
            status: MerchantStatus::Active,
            va_prefix: None,
            order_url: None,
            notification: Notification::Webhook,
            return_origins: Vec::new(),
            signing_secret: new_secret(),
            created_at: now,
        };
        profile.apply(&mut merchant);
        Ok(NewMerchant {
            key: IssuedKey::new(self.mode, merchant.merchant_id, FIRST_KEY_NAME, now)?,
            owner_user_id,
            merchant,
            now,
        })
    }

    async fn store_new_merchant(&self, new: NewMerchant) -> Result<Registered, ApiError> {
        let _changing = self.merchant_changes.lock().await;
        let stored = new.clone();
        self.database
            .write(move |tx| {
                stored.check(tx)?;
                stored.insert_in(tx)
            })
            .await?;
        let merchant = Arc::new(new.merchant);
        self.merchants.put(Arc::clone(&merchant));
        Ok(Registered {
            signing_secret: merchant.signing_secret.clone(),
            merchant,
            key: new.key,
        })
    }
}

/// All that the commit needs.
#[derive(Clone)]
struct NewMerchant {
    merchant: Merchant,
    owner_user_id: String,
    key: IssuedKey,
    now: Timestamp,
}

impl NewMerchant {
    fn check(&self, snapshot: &store::Snapshot<'_>) -> Result<(), ApiError> {
        if merchants::count_of_owner(snapshot, &self.owner_user_id)? >= MERCHANTS_OF_USER_MAX {
            let message = format!("a user runs at most {MERCHANTS_OF_USER_MAX} merchants");
            return Err(ApiError::new(ErrorCode::Conflict, message));
        }
        check_prefix(snapshot, &self.merchant)
    }

    fn insert_in(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        merchants::put(tx, &self.merchant, self.now)?;
        self.key.insert_in(tx)
    }
}
