//! Whom to let through and whom to refuse.

use ids::ListEntryId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::unreadable;
use crate::domain::{FraudList, ListKind, address};

/// What a check looks for on the lists.
#[derive(Clone, Copy, Debug)]
pub struct ListKeys<'a> {
    /// Who pays.
    pub user_id: &'a str,
    /// Who is paid, if it is a merchant.
    pub merchant_id: Option<&'a str>,
    /// Where the request came from.
    pub address: Option<&'a str>,
    /// What stands behind the @ of the payer's e-mail, in lower case.
    pub email_domain: Option<&'a str>,
}

/// What was found: for people, what it is that stands on the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHits {
    /// On the deny list.
    pub denied: Option<String>,
    /// On the allow list.
    pub allowed: Option<String>,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// Its id.
    pub entry_id: ListEntryId,
    /// Of which list.
    pub list: FraudList,
    /// What it is that stands there.
    pub kind: ListKind,
    /// Which one, in its one spelling.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who put it there.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT entry_id, list, kind, value, reason, author, created_at, expires_at FROM fraud_list_entries ",
            $($rest),+
        )
    };
}

/// What of a check stands on a list now. One look along the index for each of the four.
pub fn hits(tx: &Tx<'_>, keys: &ListKeys<'_>, now: Timestamp) -> Result<ListHits, StoreError> {
    let mut hits = ListHits::default();
    let address = keys.address.and_then(address);
    let found = tx.query(
        "SELECT list, kind, value FROM fraud_list_entries
         WHERE ((kind = 'USER' AND value = $1) OR (kind = 'MERCHANT' AND value = $2)
                OR (kind = 'ADDRESS' AND value = $3) OR (kind = 'EMAIL_DOMAIN' AND value = $4))
           AND (expires_at IS NULL OR expires_at > $5)",
        &[&keys.user_id, &keys.merchant_id, &address, &keys.email_domain, &now],
        |row| {
            let value: String = row.get(2)?;
            Ok((read_list(row, 0)?, read_kind(row, 1)?, value))
        },
    )?;
    for (list, kind, value) in found {
        let what = match list {
            FraudList::Deny => &mut hits.denied,
            FraudList::Allow => &mut hits.allowed,
        };
        what.get_or_insert_with(|| format!("{} {value}", kind.name()));
    }
    Ok(hits)
}

/// Adds an entry; `false` when there is one of the same list, kind and value.
pub fn insert(tx: &mut Tx<'_>, entry: &EntryRow) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO fraud_list_entries (entry_id, list, kind, value, reason, author, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (kind, value, list) DO NOTHING",
        &[
            &entry.entry_id,
            &entry.list.as_str(),
            &entry.kind.as_str(),
            &entry.value,
            &entry.reason,
            &entry.author,
            &entry.created_at,
            &entry.expires_at,
        ],
    )?;
    Ok(changed > 0)
}

/// The entry of this list, kind and value.
pub fn find_same(
    snapshot: &Snapshot<'_>,
    list: FraudList,
    kind: ListKind,
    value: &str,
) -> Result<Option<EntryRow>, StoreError> {
    snapshot.query_opt(
        select!("WHERE kind = $1 AND value = $2 AND list = $3"),
        &[&kind.as_str(), &value, &list.as_str()],
        read_row,
    )
}

/// The entry with this id.
pub fn find(snapshot: &Snapshot<'_>, entry_id: ListEntryId) -> Result<Option<EntryRow>, StoreError> {
    snapshot.query_opt(select!("WHERE entry_id = $1"), &[&entry_id], read_row)
}

/// Takes an entry off its list.
pub fn delete(tx: &mut Tx<'_>, entry_id: ListEntryId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM fraud_list_entries WHERE entry_id = $1", &[&entry_id])?;
    Ok(())
}

/// Takes away entries whose time is over, and says how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM fraud_list_entries WHERE entry_id IN (
             SELECT entry_id FROM fraud_list_entries WHERE expires_at IS NOT NULL AND expires_at <= $1
             ORDER BY expires_at LIMIT $2)",
        &[&now, &limit],
    )
}

/// Whether there is any entry at all.
pub fn any(snapshot: &Snapshot<'_>) -> Result<bool, StoreError> {
    let found = snapshot.query_opt("SELECT 1 FROM fraud_list_entries LIMIT 1", &[], |row| row.get::<i64>(0))?;
    Ok(found.is_some())
}

/// Whether there is an entry whose time is over.
pub fn any_expired(snapshot: &Snapshot<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM fraud_list_entries WHERE expires_at IS NOT NULL AND expires_at <= $1 LIMIT 1",
        &[&now],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// One page, newest first.
pub fn list(
    snapshot: &Snapshot<'_>,
    list: Option<FraudList>,
    kind: Option<ListKind>,
    after: Option<ListEntryId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    // Behind every id there is.
    let after = after.map_or("~".to_owned(), String::from);
    let (list, kind) = (list.map(FraudList::as_str), kind.map(ListKind::as_str));
    match (list, kind) {
        (Some(list), Some(kind)) => snapshot.query(
            select!(
                "WHERE list = $1 AND kind = $2 AND entry_id < $3 AND (expires_at IS NULL OR expires_at > $4)
                 ORDER BY entry_id DESC LIMIT $5"
            ),
            &[&list, &kind, &after, &now, &limit],
            read_row,
        ),
        // Lists are short, and people read them: what is of another kind is passed over.
        (list, kind) => snapshot.query(
            select!(
                "WHERE (CAST($1 AS TEXT) IS NULL OR list = $1) AND (CAST($2 AS TEXT) IS NULL OR kind = $2)
                   AND entry_id < $3 AND (expires_at IS NULL OR expires_at > $4)
                 ORDER BY entry_id DESC LIMIT $5"
            ),
            &[&list, &kind, &after, &now, &limit],
            read_row,
        ),
    }
}

fn read_row(row: &Row<'_>) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        entry_id: row.get(0)?,
        list: read_list(row, 1)?,
        kind: read_kind(row, 2)?,
        value: row.get(3)?,
        reason: row.get(4)?,
        author: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

fn read_list(row: &Row<'_>, column: usize) -> Result<FraudList, StoreError> {
    let text: String = row.get(column)?;
    FraudList::parse(&text).ok_or_else(|| unreadable(column, &text))
}

fn read_kind(row: &Row<'_>, column: usize) -> Result<ListKind, StoreError> {
    let text: String = row.get(column)?;
    ListKind::parse(&text).ok_or_else(|| unreadable(column, &text))
}
