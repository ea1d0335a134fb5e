//! What can be done to the ledger, in the smallest possible words.

/// The accounts of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Wallets 0 and 1 are user 0's, 2 is user 1's, 3 is user 2's; any other does not exist.
    Wallet(usize),
    /// Merchants 0 and 1.
    Merchant(usize),
    /// What the provider earned.
    Fees,
    /// The bank.
    Bank,
}

/// The owners of wallets 0 to 3.
pub const OWNERS: [usize; 4] = [0, 0, 1, 2];
/// How many merchants there are.
pub const MERCHANTS: usize = 2;

/// A transfer by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: usize,
    /// The user in whose name it is.
    pub on_behalf_of: Option<usize>,
    /// The hold that it captures.
    pub hold: Option<usize>,
    /// Its postings.
    pub lines: Vec<(Account, i64)>,
}

/// One step.
#[derive(Clone, Debug)]
pub enum Op {
    /// Transfers, in one request.
    Transfer(Vec<Transfer>),
    /// Fences, in one request.
    Fence(Vec<usize>),
    /// A hold is asked for.
    Authorize {
        /// Its id.
        hold: usize,
        /// On which wallet.
        wallet: Account,
        /// In whose name.
        user: usize,
        /// How much.
        amount: i64,
        /// For how many seconds from the beginning of the story.
        lasts: u64,
    },
    /// A hold is given up.
    Void(usize),
    /// Holds are fenced, in one request.
    FenceHolds(Vec<usize>),
    /// Time passes, in seconds.
    Wait(u64),
    /// The clock is set back so many seconds, but not to before the beginning.
    SetBack(u64),
    /// What is overdue is let go.
    Expire,
    /// A wallet is frozen, or let go again.
    Freeze(Account, bool),
    /// A wallet is closed by this user.
    Close(Account, usize),
    /// Money is moved by hand, by this user (or an admin), perhaps with a key.
    ByHand {
        /// Nobody: an admin.
        user: Option<usize>,
        /// Into the wallet, or out of it.
        topup: bool,
        /// Which.
        wallet: Account,
        /// How much.
        amount: i64,
        /// The idempotency key.
        key: Option<usize>,
    },
}
