//! What the wallet does, one file per operation.

pub mod authorize_holds;
pub mod close_wallet;
pub mod create_wallet;
pub mod expire_holds;
pub mod fence_holds;
pub mod fence_transfers;
pub mod list_for_staff;
pub mod list_postings;
pub mod make_statement;
pub mod move_by_hand;
pub mod open_merchant_wallets;
pub mod post_transfers;
pub mod set_wallet_status;
pub mod trial_balance;
pub mod void_holds;

use outbox::Outbox;
use service::{Clock, Mode};
use store::Database;

/// What every operation works with.
#[derive(Clone)]
pub struct App {
    /// The ledger's database.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Sandbox or live.
    pub mode: Mode,
    /// Tells history of what was moved by hand.
    pub outbox: Outbox,
    /// The last trial balance.
    pub last_count: trial_balance::LastCount,
}
