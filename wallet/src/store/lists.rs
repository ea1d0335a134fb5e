//! What staff page through: all wallets, all accounts, the postings of one. A statement for each combination of filters,
//! so that each goes along its index.

use money::Currency;
use service::Timestamp;
use store::{Row, Snapshot, StoreError};

use super::accounts::account;
use super::corrupt;
use crate::domain::{Account, AccountId, AccountKind, WalletStatus};

/// Postings of one account are counted up to this many.
pub const POSTINGS_COUNTED_MAX: i64 = 100_000;

/// Which wallets a page shows.
#[derive(Clone, Debug)]
pub struct WalletPage {
    /// Whose.
    pub owner_id: Option<String>,
    /// In which state.
    pub status: Option<WalletStatus>,
    /// With this in their name.
    pub containing: Option<String>,
    /// Opened before this one.
    pub after: Option<String>,
    /// How many.
    pub limit: i64,
}

/// A posting, and what it is part of.
#[derive(Clone, Debug)]
pub struct PostingLine {
    /// The transfer it is part of.
    pub transfer_id: String,
    /// Its place in the transfer.
    pub position: i64,
    /// What the transfer is.
    pub kind: String,
    /// What the account gained, or lost when negative, in minor units.
    pub amount_minor: i64,
    /// The balance after it, in minor units.
    pub balance_after_minor: i64,
    /// The account on the other side, if there is one alone, fees aside.
    pub counterparty: Option<String>,
    /// When it was posted.
    pub created_at: Timestamp,
}

/// An account with how much is written on it.
#[derive(Clone, Debug)]
pub struct AccountLine {
    /// Which.
    pub account_id: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Its currency.
    pub currency: Currency,
    /// Its balance, in minor units.
    pub balance_minor: i64,
    /// How many postings, up to [`POSTINGS_COUNTED_MAX`].
    pub postings: i64,
}

macro_rules! wallets {
    ($filter:literal) => {
        concat!(
            "SELECT account_id, kind, owner_id, name, currency, status, balance_minor, held_minor, created_at
             FROM accounts WHERE account_id > 'wal_' AND account_id < $1
             AND (CAST($2 AS TEXT) IS NULL OR LOWER(name) LIKE $2 ESCAPE '!') ",
            $filter,
            " ORDER BY account_id DESC LIMIT $3"
        )
    };
}

/// A page of all wallets, users' and merchants', closed ones too, the newest first.
pub fn wallets(snapshot: &Snapshot<'_>, page: &WalletPage) -> Result<Vec<Account>, StoreError> {
    // Behind the id of every wallet.
    let after = page.after.as_deref().unwrap_or("wal_~");
    let (pattern, limit) = (page.containing.as_deref().map(contains_pattern), page.limit);
    match (&page.owner_id, page.status.map(WalletStatus::as_str)) {
        (None, None) => snapshot.query(wallets!(""), &[&after, &pattern, &limit], account),
        (Some(owner), None) => snapshot.query(
            wallets!("AND owner_id = $4"),
            &[&after, &pattern, &limit, owner],
            account,
        ),
        (None, Some(status)) => snapshot.query(
            wallets!("AND status = $4"),
            &[&after, &pattern, &limit, &status],
            account,
        ),
        // A user has few wallets: the index of their owner is the one to go along.
        (Some(owner), Some(status)) => snapshot.query(
            wallets!("AND owner_id = $4 AND status || '' = $5"),
            &[&after, &pattern, &limit, owner, &status],
            account,
        ),
    }
}

/// A page of an account's postings, the latest transfer first.
pub fn postings(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    after_transfer: Option<&str>,
    limit: i64,
) -> Result<Vec<PostingLine>, StoreError> {
    snapshot.query(
        "SELECT own.transfer_id, own.position, transfers.kind, own.amount_minor, own.balance_after_minor,
                (SELECT CASE WHEN COUNT(*) = 1 THEN MIN(other.account_id) END FROM postings AS other
                 WHERE other.transfer_id = own.transfer_id AND other.account_id NOT LIKE 'fees:%'
                 AND (other.amount_minor < 0) <> (own.amount_minor < 0)),
                transfers.created_at
         FROM postings AS own JOIN transfers ON transfers.transfer_id = own.transfer_id
         WHERE own.account_id = $1 AND own.transfer_id < $2 ORDER BY own.transfer_id DESC LIMIT $3",
        // No id of a transfer comes behind a tilde.
        &[&account_id.to_string(), &after_transfer.unwrap_or("~"), &limit],
        |row| {
            Ok(PostingLine {
                transfer_id: row.get(0)?,
                position: row.get(1)?,
                kind: row.get(2)?,
                amount_minor: row.get(3)?,
                balance_after_minor: row.get(4)?,
                counterparty: row.get(5)?,
                created_at: row.get(6)?,
            })
        },
    )
}

/// A page of all accounts there are, by their ids.
pub fn accounts(snapshot: &Snapshot<'_>, after: &str, limit: i64) -> Result<Vec<AccountLine>, StoreError> {
    snapshot.query(
        "SELECT account_id, kind, currency, balance_minor,
                (SELECT COUNT(*) FROM (SELECT 1 FROM postings WHERE postings.account_id = accounts.account_id LIMIT $3)
                 AS counted)
         FROM accounts WHERE account_id > $1 ORDER BY account_id LIMIT $2",
        &[&after, &limit, &POSTINGS_COUNTED_MAX],
        account_line,
    )
}

fn account_line(row: &Row<'_>) -> Result<AccountLine, StoreError> {
    Ok(AccountLine {
        account_id: row.get(0)?,
        kind: AccountKind::parse(&row.get::<String>(1)?).ok_or_else(|| corrupt(1, "no account kind"))?,
        currency: row.get(2)?,
        balance_minor: row.get(3)?,
        postings: row.get(4)?,
    })
}

/// A LIKE pattern for text that is taken literally.
fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
