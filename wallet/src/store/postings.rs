//! What is read of the table `postings`: the account of a wallet, in the order in which it was written.

use ids::TransferId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError};

use crate::domain::AccountId;

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
    /// What a merchant is called whose account that is.
    pub counterparty_name: Option<String>,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// A place in the order of an account's postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the posting there was made.
    pub posted_at: Timestamp,
    /// Which of the account's postings it is.
    pub account_sequence: i64,
}

impl Place {
    /// Behind every posting.
    pub const END: Self = Self {
        posted_at: Timestamp::from_micros(i64::MAX),
        account_sequence: i64::MAX,
    };

    /// Before every posting that was made then or later: they are counted from 1.
    pub const fn before(posted_at: Timestamp) -> Self {
        Self {
            posted_at,
            account_sequence: 0,
        }
    }
}

/// How an account stood after a posting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The balance after it, in minor units.
    pub balance_minor: i64,
    /// Which of the account's postings it is.
    pub account_sequence: i64,
}

/// What moved on an account in a stretch of time, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// The sum of what it gained.
    pub came_in_minor: i64,
    /// The sum of what it lost.
    pub went_out_minor: i64,
    /// How many postings that were.
    pub lines: i64,
}

macro_rules! postings {
    ($which:literal) => {
        concat!(
            "SELECT own.transfer_id, own.position, transfers.kind, own.amount_minor, own.balance_after_minor,
                (SELECT CASE WHEN COUNT(*) = 1 THEN MIN(other.account_id) END FROM postings AS other
                 WHERE other.transfer_id = own.transfer_id AND other.account_id NOT LIKE 'fees:%'
                 AND (other.amount_minor < 0) <> (own.amount_minor < 0)),
                (SELECT CASE WHEN COUNT(*) = 1 THEN MIN(CASE accounts.kind WHEN 'MERCHANT' THEN accounts.name END) END
                 FROM postings AS other JOIN accounts ON accounts.account_id = other.account_id
                 WHERE other.transfer_id = own.transfer_id AND other.account_id NOT LIKE 'fees:%'
                 AND (other.amount_minor < 0) <> (own.amount_minor < 0)),
                own.posted_at
             FROM postings AS own JOIN transfers ON transfers.transfer_id = own.transfer_id
             WHERE own.account_id = $1 ",
            $which
        )
    };
}

const LATEST_FIRST: &str = postings!(
    "AND (own.posted_at, own.account_sequence) < ($2, $3)
             ORDER BY own.posted_at DESC, own.account_sequence DESC LIMIT $4"
);

const OLDEST_FIRST: &str = postings!(
    "AND (own.posted_at, own.account_sequence) > ($2, $3) AND own.posted_at < $4
             ORDER BY own.posted_at, own.account_sequence LIMIT $5"
);

const LAST_BEFORE: &str = "SELECT balance_after_minor, account_sequence FROM postings
     WHERE account_id = $1 AND posted_at < $2 ORDER BY posted_at DESC, account_sequence DESC LIMIT 1";

const MOVED: &str = "SELECT CAST(COALESCE(SUM(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS BIGINT),
         CAST(COALESCE(-SUM(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS BIGINT), COUNT(*)
     FROM postings WHERE account_id = $1 AND posted_at >= $2 AND posted_at < $3";

/// A page of an account's postings before a place, the latest first.
pub fn latest_first(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    before: Place,
    limit: i64,
) -> Result<Vec<PostingLine>, StoreError> {
    let (posted_at, sequence) = (before.posted_at, before.account_sequence);
    snapshot.query(
        LATEST_FIRST,
        &[&account_id.to_string(), &posted_at, &sequence, &limit],
        line,
    )
}

/// A page of an account's postings after a place and from before `to`, the oldest first.
pub fn oldest_first(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    after: Place,
    to: Timestamp,
    limit: i64,
) -> Result<Vec<PostingLine>, StoreError> {
    let (posted_at, sequence) = (after.posted_at, after.account_sequence);
    snapshot.query(
        OLDEST_FIRST,
        &[&account_id.to_string(), &posted_at, &sequence, &to, &limit],
        line,
    )
}

/// Where the account's posting in a transfer stands; it has one there, or none.
pub fn place_of(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    transfer_id: TransferId,
) -> Result<Option<Place>, StoreError> {
    snapshot.query_opt(
        "SELECT posted_at, account_sequence FROM postings WHERE transfer_id = $1 AND account_id = $2",
        &[&transfer_id, &account_id.to_string()],
        |row| {
            Ok(Place {
                posted_at: row.get(0)?,
                account_sequence: row.get(1)?,
            })
        },
    )
}

/// How an account stood when an instant came.
pub fn standing_at(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    instant: Timestamp,
) -> Result<Standing, StoreError> {
    let found = snapshot.query_opt(LAST_BEFORE, &[&account_id.to_string(), &instant], |row| {
        Ok(Standing {
            balance_minor: row.get(0)?,
            account_sequence: row.get(1)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// What moved from `from` until before `to`: along one stretch of the index, however many postings that is.
pub fn moved(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Moved, StoreError> {
    snapshot.query_one(MOVED, &[&account_id.to_string(), &from, &to], |row| {
        Ok(Moved {
            came_in_minor: row.get(0)?,
            went_out_minor: row.get(1)?,
            lines: row.get(2)?,
        })
    })
}

fn line(row: &Row<'_>) -> Result<PostingLine, StoreError> {
    Ok(PostingLine {
        transfer_id: row.get(0)?,
        position: row.get(1)?,
        kind: row.get(2)?,
        amount_minor: row.get(3)?,
        balance_after_minor: row.get(4)?,
        counterparty: row.get(5)?,
        counterparty_name: row.get(6)?,
        posted_at: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use store::{Database, Options};

    use super::*;

    /// Every statement goes along the index of the account: no sort, no other scan, and sums without a look at the table.
    #[tokio::test]
    async fn each_statement_walks_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().join("wallets.db"), crate::store::MIGRATIONS);
        let database = Database::open(&options).unwrap();
        for (sql, expect) in [
            (
                LATEST_FIRST,
                "SEARCH own USING INDEX postings_by_account (account_id=? AND (posted_at,account_sequence)<(?,?))",
            ),
            (
                OLDEST_FIRST,
                "SEARCH own USING INDEX postings_by_account (account_id=? AND (posted_at,account_sequence)>(?,?) AND posted_at<?)",
            ),
            (
                LAST_BEFORE,
                "SEARCH postings USING COVERING INDEX postings_by_account (account_id=? AND posted_at<?)",
            ),
            (
                MOVED,
                "SEARCH postings USING COVERING INDEX postings_by_account (account_id=? AND posted_at>? AND posted_at<?)",
            ),
        ] {
            let explain: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
            let steps = database.read(move |snapshot| {
                let none: &dyn store::ToParam = &0_i64;
                let count = sql.matches('$').count();
                snapshot.query(explain, &vec![none; count.min(5)], |row| row.get::<String>(3))
            });
            let steps = steps.await.unwrap();
            assert_eq!(steps[0], expect, "{sql}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        }
        database.close().await;
    }
}
