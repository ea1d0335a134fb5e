//! Pages of a list: how many, and after which.

use crate::error::ApiError;

/// Asked for nothing, a list answers with this many: generous, because deployed clients know no paging.
pub const PAGE_DEFAULT: i64 = 100;
/// A page is never larger.
pub const PAGE_MAX: i64 = 500;

/// How many entries of a list, checked.
pub fn page_size(first: Option<i32>) -> Result<i64, ApiError> {
    match first.map(i64::from) {
        None => Ok(PAGE_DEFAULT),
        Some(count) if (1..=PAGE_MAX).contains(&count) => Ok(count),
        Some(_) => Err(ApiError::bad_input(format!("`first` must be between 1 and {PAGE_MAX}"))),
    }
}
