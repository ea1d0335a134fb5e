//! Numbered SQL files, applied once and never edited afterwards.

use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::dialect;
use crate::error::StoreError;

/// One numbered SQL file.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The file's name without folder, such as `0001_wallets.sql`. Its order is its place in the list.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// The migrations of a crate by file name, from its `migrations/` folder.
#[macro_export]
macro_rules! migrations {
    ($($file:literal),+ $(,)?) => {
        &[$($crate::Migration {
            name: $file,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file)),
        }),+]
    };
}

/// Applies what is missing, all in one transaction.
pub(crate) fn apply(connection: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    )?;
    let applied: Vec<(String, String)> = transaction
        .prepare("SELECT name, checksum FROM schema_migrations ORDER BY rowid")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (name, checksum) in &applied {
        let known = migrations
            .iter()
            .find(|migration| migration.name == name)
            .ok_or_else(|| {
                StoreError::Migration(format!(
                    "the database has migration {name}, which this program does not know: it is older than the file"
                ))
            })?;
        if checksum_of(known.sql) != *checksum {
            return Err(StoreError::Migration(format!(
                "migration {name} was edited after it had been applied"
            )));
        }
    }
    for migration in migrations
        .iter()
        .filter(|migration| !applied.iter().any(|(name, _)| name == migration.name))
    {
        transaction.execute_batch(&dialect::sqlite_definitions(migration.sql))?;
        transaction.execute(
            "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?1, ?2, unixepoch() * 1000000)",
            (migration.name, checksum_of(migration.sql)),
        )?;
    }
    transaction.commit()?;
    Ok(())
}

fn checksum_of(sql: &str) -> String {
    Sha256::digest(sql.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
