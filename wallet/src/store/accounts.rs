//! The table `accounts`.

use ids::WalletId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{Account, AccountId, AccountKind, Movement, WalletStatus};

/// Adds an account. `false` when it exists already, whatever it looks like.
pub fn insert(tx: &mut Tx<'_>, account: &Account) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO accounts (account_id, kind, owner_id, name, currency, status, balance_minor, held_minor,
                               created_at, updated_at, postings, last_posted_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $7, 0, $7) ON CONFLICT (account_id) DO NOTHING",
        &[
            &account.account_id.to_string(),
            &account.kind.as_str(),
            &account.owner_id,
            &account.name,
            &account.currency,
            &account.status.as_str(),
            &account.created_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// An account by its id.
pub fn find(snapshot: &Snapshot<'_>, account_id: &AccountId) -> Result<Option<Account>, StoreError> {
    snapshot.query_opt(
        "SELECT account_id, kind, owner_id, name, currency, status, balance_minor, held_minor, created_at,
                postings, last_posted_at
         FROM accounts WHERE account_id = $1",
        &[&account_id.to_string()],
        account,
    )
}

/// A user's wallet; somebody else's is as good as none.
pub fn find_of_user(
    snapshot: &Snapshot<'_>,
    user_id: &str,
    wallet_id: WalletId,
) -> Result<Option<Account>, StoreError> {
    let found = find(snapshot, &AccountId::Wallet(wallet_id))?;
    Ok(found.filter(|account| account.kind == AccountKind::User && account.owner_id == user_id))
}

/// A user's wallets that are not closed, oldest first, after a given one.
pub fn list_of_user(
    snapshot: &Snapshot<'_>,
    user_id: &str,
    after: Option<WalletId>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    snapshot.query(
        "SELECT account_id, kind, owner_id, name, currency, status, balance_minor, held_minor, created_at,
                postings, last_posted_at
         FROM accounts WHERE owner_id = $1 AND kind = 'USER' AND status <> 'CLOSED' AND account_id > $2
         ORDER BY account_id LIMIT $3",
        &[
            &user_id,
            &after.map_or_else(String::new, |wallet_id| wallet_id.to_string()),
            &limit,
        ],
        account,
    )
}

/// Where a user takes money that is sent to them: their oldest wallet that moves any.
pub fn receiving_of_user(snapshot: &Snapshot<'_>, user_id: &str) -> Result<Option<Account>, StoreError> {
    snapshot.query_opt(
        "SELECT account_id, kind, owner_id, name, currency, status, balance_minor, held_minor, created_at,
                postings, last_posted_at
         FROM accounts WHERE owner_id = $1 AND kind = 'USER' AND status = 'ACTIVE' ORDER BY account_id LIMIT 1",
        &[&user_id],
        account,
    )
}

/// How many wallets a user has that are not closed.
pub fn count_of_user(snapshot: &Snapshot<'_>, user_id: &str) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM accounts WHERE owner_id = $1 AND kind = 'USER' AND status <> 'CLOSED'",
        &[&user_id],
        |row| row.get(0),
    )
}

/// Changes whether a wallet moves money.
pub fn set_status(
    tx: &mut Tx<'_>,
    account_id: &AccountId,
    status: WalletStatus,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE accounts SET status = $2, updated_at = $3 WHERE account_id = $1",
        &[&account_id.to_string(), &status.as_str(), &now],
    )?;
    Ok(())
}

/// Writes what a transfer did to an account.
pub fn apply(tx: &mut Tx<'_>, movement: &Movement, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE accounts SET balance_minor = $2, held_minor = held_minor - $3, updated_at = $4, postings = $5, last_posted_at = $6
         WHERE account_id = $1",
        &[
            &movement.account_id.to_string(),
            &movement.balance_after_minor,
            &movement.released_minor,
            &now,
            &movement.account_sequence,
            &movement.posted_at,
        ],
    )?;
    Ok(())
}

/// Holds more (or, when negative, less) of an account's balance.
pub fn change_held(
    tx: &mut Tx<'_>,
    account_id: &AccountId,
    change_minor: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE accounts SET held_minor = held_minor + $2, updated_at = $3 WHERE account_id = $1",
        &[&account_id.to_string(), &change_minor, &now],
    )?;
    Ok(())
}

pub(super) fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    let text = |column: usize| row.get::<String>(column);
    Ok(Account {
        account_id: AccountId::parse(&text(0)?).ok_or_else(|| corrupt(0, "no account id"))?,
        kind: AccountKind::parse(&text(1)?).ok_or_else(|| corrupt(1, "no account kind"))?,
        owner_id: text(2)?,
        name: text(3)?,
        currency: row.get(4)?,
        status: WalletStatus::parse(&text(5)?).ok_or_else(|| corrupt(5, "no wallet status"))?,
        balance_minor: row.get(6)?,
        held_minor: row.get(7)?,
        created_at: row.get(8)?,
        postings: row.get(9)?,
        last_posted_at: row.get(10)?,
    })
}
