//! Who acts for which merchant: an API key for its own, a user for those they run, an admin for all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ids::{ApiKeyId, MerchantId};
use moka::sync::Cache;
use service::token::{Caller, Role};
use service::{ApiError, ErrorCode, Secret, Timestamp};
use sha2::{Digest, Sha256};

use super::App;
use crate::domain::{Merchant, MerchantStatus};
use crate::store::api_keys;

const REMEMBERED_MAX: u64 = 10_000;
/// Revoking forgets a key at once; this only bounds how long one that is not used takes room.
const REMEMBERED_FOR: Duration = Duration::from_secs(10 * 60);
/// "Last used" is told to the minute: a busy key must not cost a write at every call.
const USE_NOTED_EVERY: Duration = Duration::from_secs(60);

/// Keys that were looked up, by their hash. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    remembered: Cache<[u8; 32], (ApiKeyId, MerchantId)>,
    noted: Cache<ApiKeyId, Timestamp>,
    /// How many keys were revoked. Held while something is remembered or forgotten: what was read before a key was
    /// revoked must not be remembered after it was forgotten.
    revocations: Arc<Mutex<u64>>,
}

impl Default for ApiKeys {
    fn default() -> Self {
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED_MAX)
            .time_to_live(REMEMBERED_FOR)
            .support_invalidation_closures()
            .build();
        Self {
            remembered,
            noted: Cache::new(REMEMBERED_MAX),
            revocations: Arc::default(),
        }
    }
}

impl ApiKeys {
    /// Forgets a key that was revoked.
    pub fn forget(&self, key_id: ApiKeyId) {
        let mut revocations = self.revocations();
        *revocations += 1;
        // It cannot fail: closures are supported from the start.
        let _ = self
            .remembered
            .invalidate_entries_if(move |_, (known, _)| *known == key_id);
    }

    /// Remembers what was read after this many keys had been revoked.
    fn remember(&self, revoked_before: u64, hash: [u8; 32], known: (ApiKeyId, MerchantId)) {
        let revocations = self.revocations();
        if *revocations == revoked_before {
            self.remembered.insert(hash, known);
        }
    }

    fn revocations(&self) -> MutexGuard<'_, u64> {
        self.revocations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is stored of a key. It has 256 random bits, so one round of a fast hash hides it.
pub fn hash_of(key: &Secret) -> [u8; 32] {
    Sha256::digest(key.expose().as_bytes()).into()
}

/// What somebody wants with what is a merchant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// To look at it.
    Look,
    /// To change something.
    Act,
}

impl Access {
    /// Whether a role may do that with every merchant's.
    fn is_open_to(self, role: Role) -> bool {
        match role {
            Role::Admin => true,
            Role::FraudAnalyst | Role::Support => self == Self::Look,
            Role::Nasabah | Role::Merchant | Role::Service => false,
        }
    }
}

impl App {
    /// The merchant that the caller acts for. `merchant_id` is needed where the caller has several to choose from.
    pub async fn merchant_of(&self, caller: &Caller, merchant_id: Option<&str>) -> Result<Arc<Merchant>, ApiError> {
        self.merchant_for(caller, merchant_id, Access::Act).await
    }

    /// The merchant that the caller may look at: staff at any, everybody else at those they act for.
    pub async fn merchant_seen_by(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
    ) -> Result<Arc<Merchant>, ApiError> {
        self.merchant_for(caller, merchant_id, Access::Look).await
    }

    async fn merchant_for(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        access: Access,
    ) -> Result<Arc<Merchant>, ApiError> {
        let not_found = || ApiError::not_found("merchant");
        let wanted = merchant_id
            .map(MerchantId::parse)
            .transpose()
            .map_err(|_| not_found())?;
        if let Caller::ApiKey(key) = caller {
            let own = self.merchant_of_key(key).await?;
            return if wanted.is_none_or(|wanted| wanted == own.merchant_id) {
                Ok(own)
            } else {
                Err(not_found())
            };
        }
        let claims = caller.user()?;
        if let Some(wanted) = wanted {
            let found = self.merchants.get(wanted).ok_or_else(not_found)?;
            let may = access.is_open_to(claims.role) || found.owner_user_id.as_deref() == Some(claims.sub.as_str());
            return match may {
                true => Ok(found),
                // Whoever may look at it is told that they may not change it.
                false if Access::Look.is_open_to(claims.role) => {
                    let message = format!("a {} may not do this", claims.role);
                    Err(ApiError::new(ErrorCode::Forbidden, message))
                }
                false => Err(not_found()),
            };
        }
        let mut own = self.merchants.of_owner(&claims.sub);
        match own.len() {
            1 => Ok(own.remove(0)),
            0 => Err(ApiError::new(
                ErrorCode::Forbidden,
                "you run no merchant; register one, or name it",
            )),
            _ => Err(ApiError::bad_input(
                "you run several merchants: say which, by merchantId",
            )),
        }
    }

    /// A page of the merchants that the caller may look at, the newest first.
    pub async fn merchants_of(
        &self,
        caller: &Caller,
        before: Option<MerchantId>,
        limit: i64,
    ) -> Result<Vec<Arc<Merchant>>, ApiError> {
        if let Caller::ApiKey(key) = caller {
            let own = self.merchant_of_key(key).await?;
            let wanted = before.is_none_or(|before| own.merchant_id < before);
            return Ok(wanted.then_some(own).into_iter().collect());
        }
        let claims = caller.user()?;
        let owner = (!Access::Look.is_open_to(claims.role)).then_some(claims.sub.as_str());
        let limit = usize::try_from(limit).unwrap_or(0);
        Ok(self.merchants.page(owner, before, limit))
    }

    /// Whether the caller could act for a merchant at all. Whoever could not is told so, whatever they ask for.
    pub async fn check_may_act(&self, caller: &Caller) -> Result<(), ApiError> {
        match caller {
            Caller::ApiKey(key) => self.merchant_of_key(key).await.map(|_| ()),
            _ => caller.user().map(|_| ()),
        }
    }

    /// Whether the caller acts for the merchant that something belongs to; what is somebody else's is as good as none.
    pub async fn check_acts_for(
        &self,
        caller: &Caller,
        merchant_id: MerchantId,
        what: &'static str,
    ) -> Result<(), ApiError> {
        self.check_access(caller, merchant_id, what, Access::Act).await
    }

    /// Whether the caller may do this much with what belongs to a merchant; what they may not is as good as none.
    pub(super) async fn check_access(
        &self,
        caller: &Caller,
        merchant_id: MerchantId,
        what: &'static str,
        access: Access,
    ) -> Result<(), ApiError> {
        match self.merchant_for(caller, Some(merchant_id.as_str()), access).await {
            Err(error) if error.code() == ErrorCode::NotFound => Err(ApiError::not_found(what)),
            other => other.map(|_| ()),
        }
    }

    async fn merchant_of_key(&self, key: &Secret) -> Result<Arc<Merchant>, ApiError> {
        let refused = || ApiError::new(ErrorCode::Unauthenticated, "the API key is not valid");
        let hash = hash_of(key);
        let (key_id, merchant_id) = match self.api_keys.remembered.get(&hash) {
            Some(known) => known,
            None => {
                let revoked_before = *self.api_keys.revocations();
                let found = self
                    .database
                    .read(move |snapshot| api_keys::find_by_hash(snapshot, &hash))
                    .await
                    .map_err(ApiError::from)?
                    .filter(|key| key.revoked_at.is_none())
                    .ok_or_else(refused)?;
                let known = (found.key_id, found.merchant_id);
                self.api_keys.remember(revoked_before, hash, known);
                known
            }
        };
        let merchant = self.merchants.get(merchant_id).ok_or_else(refused)?;
        if merchant.status == MerchantStatus::Suspended {
            return Err(ApiError::new(ErrorCode::Forbidden, "the merchant is suspended"));
        }
        self.note_use(key_id).await;
        Ok(merchant)
    }

    /// That a key was used is worth a line a minute, and no failed call.
    async fn note_use(&self, key_id: ApiKeyId) {
        let now = self.clock.now();
        let noted = self.api_keys.noted.get(&key_id);
        if noted.is_some_and(|noted| now.since(noted) < USE_NOTED_EVERY) {
            return;
        }
        self.api_keys.noted.insert(key_id, now);
        let written = self.database.write(move |tx| api_keys::note_use(tx, key_id, now)).await;
        if let Err(error) = written {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an API key's use could not be noted"
            );
        }
    }
}
