//! SQLite: files, connections, statements.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use crate::dialect;
use crate::error::StoreError;
use crate::tx::Row;
use crate::value::{Param, ToParam};

/// Room for every statement a service has; a re-prepared statement costs more than running it.
const STATEMENTS_MAX: usize = 256;

/// A connection with its translated statements.
pub(crate) struct Session {
    connection: Connection,
    /// By the address of the source text: `sql` is `'static`, so one address and length is one text.
    translated: RefCell<HashMap<(usize, usize), Box<str>>>,
}

impl Session {
    pub(crate) fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Self {
            connection,
            translated: RefCell::default(),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn execute(&self, sql: &'static str, params: &[&dyn ToParam]) -> Result<u64, StoreError> {
        self.with_statement(sql, params, |statement| Ok(statement.raw_execute()? as u64))
    }

    /// Calls `each` for every row until it answers `false`.
    pub(crate) fn for_each_row(
        &self,
        sql: &'static str,
        params: &[&dyn ToParam],
        mut each: impl FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.with_statement(sql, params, |statement| {
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                if !each(&Row::new(row))? {
                    break;
                }
            }
            Ok(())
        })
    }

    fn with_statement<T>(
        &self,
        sql: &'static str,
        params: &[&dyn ToParam],
        run: impl FnOnce(&mut rusqlite::CachedStatement<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut translated = self.translated.borrow_mut();
        let text = translated
            .entry((sql.as_ptr() as usize, sql.len()))
            .or_insert_with(|| dialect::sqlite_parameters(sql).into_boxed_str());
        let mut statement = self.connection.prepare_cached(text)?;
        drop(translated);
        // A parameter that is not bound would silently be NULL.
        if statement.parameter_count() != params.len() {
            return Err(rusqlite::Error::InvalidParameterCount(params.len(), statement.parameter_count()).into());
        }
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bound(param.to_param()))?;
        }
        run(&mut statement)
    }
}

struct Bound<'a>(Param<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Makes sure that this process alone writes the file, for as long as the answer lives.
pub(crate) fn lock_file(database: &Path) -> Result<File, StoreError> {
    let failed = |source| StoreError::File {
        path: database.display().to_string(),
        source,
    };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
    }
    let mut lock_path = database.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(lock_path)
        .map_err(failed)?;
    if lock.try_lock().is_err() {
        return Err(StoreError::InUse(database.display().to_string()));
    }
    // Made before SQLite opens it, so that it never exists with wider permissions; its -wal and -shm inherit them.
    // A file that exists is not even opened here: closing it would drop the locks that SQLite holds on it in this
    // process.
    match OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(database)
    {
        Ok(_) => Ok(lock),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(lock),
        Err(error) => Err(failed(error)),
    }
}

/// The one connection that writes. It does not watch over foreign keys before [`watch_references`].
pub(crate) fn open_writer(database: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    keep_plans(&connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // In KiB. What does not fit is in the system's page cache, a copy away; five services and their readers share a laptop.
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    // Keeps a burst from leaving a huge log file behind.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    Ok(connection)
}

/// From now on a row that others refer to stays, and one that refers to nothing is refused.
pub(crate) fn watch_references(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

/// Has a statement keep the plan it was prepared with. Else SQLite plans anew whenever a bound value changes that a range or
/// a partial index might look at, which cost more than most of our statements. (A partial index is used by statements that
/// say its condition in so many words.)
fn keep_plans(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection that cannot write.
pub(crate) fn open_reader(database: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    keep_plans(&connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -1_024)?;
    Ok(connection)
}
