//! What the service does, one file per operation.

pub mod address_limit;
mod admin_note;
pub mod all_transactions;
pub mod api_keys;
pub mod begin_operation;
pub mod cancel_session;
pub mod capture_payment;
pub mod change_merchant;
pub mod check_payment;
pub mod clear_list;
pub mod create_payout;
pub mod create_session;
pub mod create_transaction;
pub mod default_merchant;
pub mod events_after;
pub mod expire_sessions;
pub mod find_payments;
pub mod find_session;
pub mod generate_invoice;
pub mod merchant_access;
pub mod open_checkout;
pub mod operations_status;
pub mod parked_messages;
pub mod pay_session;
pub mod payment_timeline;
pub mod payments_overview;
pub mod payouts;
pub mod process_payment;
pub mod prune_attempts;
pub mod refund_payment;
pub mod register_merchant;
pub mod resend_webhook;
pub mod resolve_reviews;
pub mod void_payment;
pub mod webhook_endpoints;

use std::sync::Arc;

use service::{ApiError, Clock, ErrorCode, Mode};
use store::Database;
use tokio::sync::Mutex;
use tokio::task::JoinError;
use url::Url;

use crate::clients::auth::AuthClient;
use crate::domain::{AddressRules, Merchants};
use crate::saga::Runner;
use crate::saga::payouts::PayoutRunner;
use address_limit::AddressLimits;
use merchant_access::ApiKeys;

/// What every operation works with.
#[derive(Clone)]
pub struct App {
    /// The service's database.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Sandbox or live.
    pub mode: Mode,
    /// Who is paid.
    pub merchants: Merchants,
    /// API keys that were looked up.
    pub api_keys: ApiKeys,
    /// Where webhooks may go.
    pub webhook_addresses: AddressRules,
    /// The base of the checkout's addresses.
    pub public_url: Url,
    /// Accounts and their roles.
    pub auth: AuthClient,
    /// Runs what was begun.
    pub runner: Runner,
    /// Runs payouts that were begun.
    pub payouts: PayoutRunner,
    /// Counts what is done without a token.
    pub limits: AddressLimits,
    /// Held while a merchant is changed.
    pub merchant_changes: Arc<Mutex<()>>,
}

/// A task of ours broke; the panic is in the log.
fn died(_: JoinError) -> ApiError {
    ApiError::new(ErrorCode::Internal, "something went wrong on our side")
}
