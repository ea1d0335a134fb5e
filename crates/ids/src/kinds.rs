//! The registry: what has an id, and the prefix that says so.

use crate::id::{Id, Kind};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident, $alias:ident, $prefix:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug)]
            pub enum $kind {}

            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
            }

            #[doc = concat!("`", $prefix, "_…`: the id of one [`", stringify!($kind), "`].")]
            pub type $alias = Id<$kind>;
        )+

        /// All prefixes, for the test that keeps them apart.
        #[cfg(test)]
        pub(crate) const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

kinds! {
    /// A person or program that can log in.
    User, UserId, "usr";
    /// A wallet: one balance of one owner.
    Wallet, WalletId, "wal";
    /// What a client asked for: a deposit, a payment, a transfer.
    Transaction, TransactionId, "trx";
    /// An immutable set of ledger postings that sum to zero.
    Transfer, TransferId, "xfr";
    /// Money set aside: a transfer that is captured, voided or expires.
    Hold, HoldId, "hld";
    /// An entry of the audit trail.
    History, HistoryId, "hst";
    /// One logged fraud check.
    FraudLog, FraudLogId, "frd";
    /// A payment that waits for somebody of the fraud desk to decide.
    ReviewCase, ReviewCaseId, "rev";
    /// An entry of the lists of whom is let through or refused.
    ListEntry, ListEntryId, "fle";
    /// A rule that is put to sleep for a user.
    Snooze, SnoozeId, "snz";
    /// A set of rules tried on the past.
    Backtest, BacktestId, "bkt";
    /// Something that a member of staff did.
    Action, ActionId, "act";
    /// A marketplace or shop that is paid.
    Merchant, MerchantId, "mrc";
    /// A bill that a merchant opened with us, from its creation to its payment or its end.
    PaymentSession, PaymentSessionId, "cks";
    /// A capture of money that was authorized.
    Capture, CaptureId, "cap";
    /// A refund of money that was captured.
    Refund, RefundId, "rfd";
    /// The giving up of an authorization.
    Void, VoidId, "vod";
    /// Money on its way from a merchant's wallet to its bank account.
    Payout, PayoutId, "pyt";
    /// A merchant's API key; the id, not the secret.
    ApiKey, ApiKeyId, "key";
    /// An address where a merchant takes webhooks.
    WebhookEndpoint, WebhookEndpointId, "whe";
    /// A login: the family of refresh tokens that follow from it.
    Session, SessionId, "ses";
    /// Something that happened and is delivered to others.
    Event, EventId, "evt";
    /// One request, followed through services and logs.
    Request, RequestId, "req";
}
