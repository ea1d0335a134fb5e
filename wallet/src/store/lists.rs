//! What staff page through: all wallets, all accounts. A statement for each combination of filters, so that each goes
//! along its index.

use money::Currency;
use store::{Row, Snapshot, StoreError};

use super::accounts::account;
use super::corrupt;
use crate::domain::{Account, AccountKind, WalletStatus};

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
    /// How many postings.
    pub postings: i64,
}

macro_rules! wallets {
    ($filter:literal) => {
        concat!(
            "SELECT account_id, kind, owner_id, name, currency, status, balance_minor, held_minor, created_at,
                postings, last_posted_at
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

/// A page of all accounts there are, by their ids.
pub fn accounts(snapshot: &Snapshot<'_>, after: &str, limit: i64) -> Result<Vec<AccountLine>, StoreError> {
    snapshot.query(
        "SELECT account_id, kind, currency, balance_minor, postings
         FROM accounts WHERE account_id > $1 ORDER BY account_id LIMIT $2",
        &[&after, &limit],
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
