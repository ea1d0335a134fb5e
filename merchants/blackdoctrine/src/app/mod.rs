//! What the marketplace does: one file per operation, named by its verb.

pub(crate) mod cancel_order;
pub(crate) mod create_order;
pub(crate) mod expire_orders;
pub(crate) mod login;
pub(crate) mod receive_notification;
pub(crate) mod receive_payment;
pub(crate) mod receive_refund;
pub(crate) mod register;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use crate::config::VaSource;
use crate::domain::account::User;
use crate::error::Error;
use crate::provider::Provider;
use crate::secrets::{Attempts, Passwords, ReturnKey, Tokens};
use crate::store::{Db, users};

/// What every operation works with.
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) passwords: Passwords,
    pub(crate) tokens: Tokens,
    pub(crate) attempts: Attempts,
    pub(crate) provider: Provider,
    pub(crate) webhooks: Option<standardwebhooks::Webhook>,
    pub(crate) returns: Option<ReturnKey>,
    pub(crate) rules: Rules,
}

/// The settings operations follow.
pub(crate) struct Rules {
    /// Where buyers reach the pages.
    pub(crate) public_url: Url,
    pub(crate) va_source: VaSource,
    pub(crate) checkout_url: String,
    pub(crate) bill_ttl: Duration,
    pub(crate) expiry_grace: Duration,
    pub(crate) trust_graphql_notification: bool,
}

pub(crate) type SharedApp = Arc<App>;

impl App {
    /// The user a token names, as they are now: an account that was closed is closed at once.
    pub(crate) async fn active_user(&self, user_id: i64) -> Result<User, Error> {
        let user = self
            .db
            .run(move |tx| users::find(tx, user_id))
            .await?
            .ok_or(Error::Unauthenticated)?;
        if user.is_active {
            Ok(user)
        } else {
            Err(Error::AccountInactive)
        }
    }
}
