//! API keys: made, shown once, revoked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ids::{ApiKeyId, MerchantId};
use rand::RngExt as _;
use service::token::Caller;
use service::{ApiError, ErrorCode, Mode, Secret, Timestamp};
use store::Tx;

use super::App;
use super::admin_note::AdminNote;
use super::merchant_access::hash_of;
use crate::domain::visible_text;
use crate::store::api_keys::{self, ApiKey};

const NAME_CHARS_MAX: usize = 80;
const LIVE_KEYS_MAX: i64 = 20;
/// What a key is recognised by: too little to guess the rest from.
const HINT_CHARS: usize = 4;

/// A key that was just made: the only moment at which its secret is known.
#[derive(Clone, Debug)]
pub struct IssuedKey {
    /// What is stored of it.
    pub key: ApiKey,
    /// What the merchant sends.
    pub secret: Secret,
}

impl IssuedKey {
    /// A new key of 256 random bits. Its name is checked.
    pub fn new(mode: Mode, merchant_id: MerchantId, name: &str, now: Timestamp) -> Result<Self, ApiError> {
        let bytes: [u8; 32] = rand::rng().random();
        let kind = if mode.is_sandbox() { "sandbox" } else { "live" };
        let secret = format!("sk_{kind}_{}", URL_SAFE_NO_PAD.encode(bytes));
        let key = ApiKey {
            key_id: ApiKeyId::generate(),
            merchant_id,
            name: visible_text("a key's name", name, NAME_CHARS_MAX)?,
            hint: secret[secret.len() - HINT_CHARS..].to_owned(),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(Self {
            key,
            secret: Secret::new(secret),
        })
    }

    /// Stores it, if its merchant has room for one more.
    pub(super) fn insert_in(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        if api_keys::count_live(tx, self.key.merchant_id)? >= LIVE_KEYS_MAX {
            let message = format!("a merchant has at most {LIVE_KEYS_MAX} API keys; revoke one first");
            return Err(ApiError::new(ErrorCode::Conflict, message));
        }
        Ok(api_keys::insert(tx, &self.key, &hash_of(&self.secret))?)
    }
}

impl App {
    /// Makes a key. People alone may: a key that leaked must not be able to outlive its revocation by another one.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        name: &str,
        reason: Option<String>,
    ) -> Result<IssuedKey, ApiError> {
        caller.user()?;
        let merchant = self.merchant_of(caller, merchant_id).await?;
        let note = AdminNote::of(caller, "createApiKey", reason)?;
        let now = self.clock.now();
        let issued = IssuedKey::new(self.mode, merchant.merchant_id, name, now)?;
        let stored = issued.clone();
        self.database
            .write(move |tx| {
                stored.insert_in(tx)?;
                match &note {
                    Some(note) => {
                        let merchant_id = Some(stored.key.merchant_id.as_str());
                        Ok(note.record(tx, stored.key.key_id.as_str(), merchant_id, now)?)
                    }
                    None => Ok::<_, ApiError>(()),
                }
            })
            .await?;
        Ok(issued)
    }

    /// Revokes a key: as soon as this answers, it is refused. Revoked again, it stays as it is.
    pub async fn revoke_api_key(
        &self,
        caller: &Caller,
        key_id: &str,
        reason: Option<String>,
    ) -> Result<ApiKey, ApiError> {
        caller.user()?;
        let unknown = || ApiError::not_found("API key");
        let key_id = ApiKeyId::parse(key_id).map_err(|_| unknown())?;
        let found = self.database.read(move |snapshot| api_keys::find(snapshot, key_id));
        let key = found.await.map_err(ApiError::from)?.ok_or_else(unknown)?;
        self.check_acts_for(caller, key.merchant_id, "API key").await?;
        let note = AdminNote::of(caller, "revokeApiKey", reason)?;
        let (app, now) = (self.clone(), self.clock.now());
        // A client that goes away between commit and memory must not leave a revoked key that is still let in.
        let revoking = self.runner.spawn(async move {
            let revoked = app.database.write(move |tx| {
                api_keys::revoke(tx, key_id, now)?;
                if let Some(note) = &note {
                    note.record(tx, key_id.as_str(), Some(key.merchant_id.as_str()), now)?;
                }
                api_keys::find(tx, key_id)
            });
            let revoked = revoked.await.map_err(ApiError::from)?;
            app.api_keys.forget(key_id);
            revoked.ok_or_else(unknown)
        });
        revoking.await.map_err(super::died)?
    }
}
