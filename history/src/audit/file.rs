//! A history file as it is read from outside.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use super::AuditError;
use crate::domain::merkle::{Hash, Node};

/// One connection, which cannot write.
pub struct File {
    connection: Connection,
}

/// How much there is, all at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The number of the last entry.
    pub entries: i64,
    /// How many leaves the tree has.
    pub leaves: i64,
    /// Where the chain is noted to end.
    pub noted: i64,
    /// And with which hash.
    pub noted_hash: Option<Hash>,
}

/// A checkpoint as it was found.
#[derive(Clone, Debug)]
pub struct CheckpointRow {
    /// What it is stored under.
    pub size: i64,
    /// When it is said to be from.
    pub created_at: Option<i64>,
    /// The signed text.
    pub note: Option<String>,
}

impl Head {
    /// How many entries there should be: as many as anything in the file speaks of.
    pub fn promised(&self) -> i64 {
        self.entries.max(self.leaves).max(self.noted)
    }
}

impl File {
    /// Opens the file for reading. Blocks.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "query_only", "ON")?;
        // Rows are read once, in order: the system reads ahead, and nothing is copied that need not be.
        connection.pragma_update(None, "mmap_size", 1_i64 << 34)?;
        Ok(Self { connection })
    }

    /// For statements of the neighbouring module.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How much there is.
    pub fn head(&self) -> Result<Head, AuditError> {
        let tables: i64 = self.connection.query_row(
            "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('entries', 'chain_head', 'tree_nodes', 'checkpoints')",
            [],
            |row| row.get(0),
        )?;
        if tables != 4 {
            return Err(AuditError::Outdated);
        }
        Ok(self.connection.query_row(
            "SELECT coalesce((SELECT max(sequence) FROM entries), 0), coalesce((SELECT max(leaf) + 1 FROM tree_nodes), 0),
                    coalesce((SELECT sequence FROM chain_head), 0), (SELECT hash FROM chain_head)",
            [],
            |row| {
                Ok(Head {
                    entries: row.get(0)?,
                    leaves: row.get(1)?,
                    noted: row.get(2)?,
                    noted_hash: hash_of(row.get_ref(3)?),
                })
            },
        )?)
    }

    /// The stored hash of one entry in the chain.
    pub fn chain_hash(&self, sequence: i64) -> Result<Option<Hash>, AuditError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT hash FROM entries WHERE sequence = ?1")?;
        let found = statement.query_row([sequence], |row| Ok(hash_of(row.get_ref(0)?)));
        Ok(found.optional()?.flatten())
    }

    /// The stored hash of one complete subtree.
    pub fn node(&self, node: Node) -> Result<Hash, AuditError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT substr(hashes, ?2, 32) FROM tree_nodes WHERE leaf = ?1")?;
        let at = i64::from(node.level) * 32 + 1;
        let leaf = i64::try_from(node.last_leaf()).unwrap_or(i64::MAX);
        let hash = statement.query_row((leaf, at), |row| Ok(hash_of(row.get_ref(0)?)))?;
        hash.ok_or(AuditError::Unreadable(rusqlite::Error::QueryReturnedNoRows))
    }

    /// Some checkpoints of more entries than `size`, oldest first: there may be as many as entries.
    pub fn checkpoints_after(&self, size: i64) -> Result<Vec<CheckpointRow>, AuditError> {
        let sql =
            "SELECT tree_size, created_at, note FROM checkpoints WHERE tree_size > ?1 ORDER BY tree_size LIMIT 1000";
        self.checkpoints(sql, size)
    }

    /// The newest checkpoint.
    pub fn newest_checkpoint(&self) -> Result<Option<CheckpointRow>, AuditError> {
        let sql =
            "SELECT tree_size, created_at, note FROM checkpoints WHERE tree_size > ?1 ORDER BY tree_size DESC LIMIT 1";
        Ok(self.checkpoints(sql, i64::MIN)?.pop())
    }

    fn checkpoints(&self, sql: &str, size: i64) -> Result<Vec<CheckpointRow>, AuditError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([size], |row| {
            Ok(CheckpointRow {
                size: row.get(0)?,
                created_at: row.get(1).ok(),
                note: row.get(2).ok(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// A hash, if that is what stands there.
pub fn hash_of(value: ValueRef<'_>) -> Option<Hash> {
    match value {
        ValueRef::Blob(bytes) => bytes.try_into().ok(),
        _ => None,
    }
}

/// True when the error is about what stands in the file and not about reading it: that is a finding.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        }
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => true,
        _ => false,
    }
}
