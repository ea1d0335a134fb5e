//! What can go wrong in the engine, in the terms of its users.

/// An error of the storage engine.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this key exists.
    #[error("a unique constraint was violated: {0}")]
    UniqueViolation(String),
    /// Another constraint: foreign key, check, not null.
    #[error("a constraint was violated: {0}")]
    ConstraintViolation(String),
    /// No space left, or the file may not grow.
    #[error("the disk is full")]
    DiskFull,
    /// The engine is held up by somebody else for longer than we wait.
    #[error("the database is busy")]
    Busy,
    /// A column does not hold what the code expects.
    #[error("column {column}: {problem}")]
    Column {
        /// Which one, counted from 0.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Exactly one row was expected.
    #[error("the row does not exist")]
    NoRow,
    /// The migrations and the file's history do not fit together.
    #[error("{0}")]
    Migration(String),
    /// Another process has the file open.
    #[error("{0} is in use by another process")]
    InUse(String),
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// The closure panicked; nothing of it was kept.
    #[error("a database task panicked")]
    Panicked,
    /// The file or folder could not be made or opened.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else the engine says.
    #[error("the database engine failed")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// True when the same call may succeed later without anybody changing the data.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::DiskFull | Self::Busy | Self::Closed)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let rusqlite::Error::SqliteFailure(failure, text) = &error else {
            return match error {
                rusqlite::Error::QueryReturnedNoRows => Self::NoRow,
                other => Self::Engine(Box::new(other)),
            };
        };
        let text = || text.clone().unwrap_or_default();
        match (failure.code, failure.extended_code) {
            (
                ErrorCode::ConstraintViolation,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            ) => Self::UniqueViolation(text()),
            (ErrorCode::ConstraintViolation, _) => Self::ConstraintViolation(text()),
            (ErrorCode::DiskFull, _) => Self::DiskFull,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Busy,
            _ => Self::Engine(Box::new(error)),
        }
    }
}
