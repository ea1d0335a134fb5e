//! Numbered SQL files, applied once and never edited afterwards.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
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

/// Applies what is missing, all in one transaction. Expects a connection that does not watch over foreign keys yet: a table
/// that others refer to is changed by making it anew under its name. What refers to nothing afterwards undoes it all.
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
    let missing: Vec<&Migration> = migrations
        .iter()
        .filter(|migration| !applied.iter().any(|(name, _)| name == migration.name))
        .collect();
    for migration in &missing {
        transaction.execute_batch(&dialect::sqlite_definitions(migration.sql))?;
        transaction.execute(
            "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?1, ?2, unixepoch() * 1000000)",
            (migration.name, checksum_of(migration.sql)),
        )?;
    }
    if !missing.is_empty() {
        check_references(&transaction)?;
    }
    write_out_checks(&transaction)?;
    forget_statistics(&transaction)?;
    transaction.commit()?;
    Ok(())
}

fn check_references(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut broken = transaction.prepare("SELECT \"table\", \"parent\" FROM pragma_foreign_key_check LIMIT 1")?;
    let broken: Option<(String, String)> = broken.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match broken {
        Some((table, parent)) => Err(StoreError::Migration(format!(
            "rows of {table} would refer to rows of {parent} that do not exist"
        ))),
        None => Ok(()),
    }
}

/// Changes the text of the tables' checks to what costs less and says the same, those of tables from before too. Nothing on
/// disk depends on a check, so the way is SQLite's own for that: <https://www.sqlite.org/lang_altertable.html#otheralter>.
fn write_out_checks(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let tables: Vec<(String, String)> = transaction
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% IN (%'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let changed: Vec<(&str, String)> = tables
        .iter()
        .map(|(name, sql)| (name.as_str(), dialect::sqlite_plain_checks(sql), sql))
        .filter(|(_, plain, sql)| plain != *sql)
        .map(|(name, plain, _)| (name, plain))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let version: i64 = transaction.pragma_query_value(None, "schema_version", |row| row.get(0))?;
    transaction.pragma_update(None, "writable_schema", "ON")?;
    for (name, plain) in changed {
        transaction.execute(
            "UPDATE sqlite_schema SET sql = ?2 WHERE type = 'table' AND name = ?1",
            (name, plain),
        )?;
    }
    transaction.pragma_update(None, "schema_version", version + 1)?;
    // Reads the tables anew, with their new checks.
    transaction.pragma_update(None, "writable_schema", "RESET")?;
    Ok(())
}

/// Deletes what SQLite once found out about the numbers of rows. Found in a young file, it would have whole tables gone
/// through when they have grown. Without it, plans follow from the schema alone, and are those that were tested.
fn forget_statistics(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let tables: Vec<String> = transaction
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sqlite_stat_'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut forgotten = 0;
    for table in tables {
        forgotten += transaction.execute(&format!("DELETE FROM {table}"), [])?;
    }
    if forgotten > 0 {
        // Reads anew what there is.
        transaction.execute_batch("ANALYZE sqlite_schema;")?;
    }
    Ok(())
}

fn checksum_of(sql: &str) -> String {
    Sha256::digest(sql.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
