//! The rules there are.

use store::{Snapshot, StoreError};

use crate::domain::is_rule;

/// Whether there is a rule of this name.
pub fn exists(_snapshot: &Snapshot<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(is_rule(name))
}
