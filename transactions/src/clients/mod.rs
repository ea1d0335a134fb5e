//! The other services and the merchants, as seen from here.

pub mod auth;
pub mod bank;
pub mod fraud;
pub mod merchant;
pub mod wallet;

/// All that a saga talks to.
pub struct Clients {
    /// The ledger.
    pub wallet: wallet::WalletClient,
    /// The fraud check.
    pub fraud: fraud::FraudClient,
    /// Merchants' bills.
    pub bills: merchant::Bills,
}
