//! The other services and the merchants, as seen from here.

pub mod fraud;
pub mod merchant;
pub mod wallet;

use std::collections::HashMap;

use ids::MerchantId;

/// All that a saga talks to.
pub struct Clients {
    /// The ledger.
    pub wallet: wallet::WalletClient,
    /// The fraud check.
    pub fraud: fraud::FraudClient,
    /// The bills of each merchant.
    pub bills: HashMap<MerchantId, merchant::BillsClient>,
}
