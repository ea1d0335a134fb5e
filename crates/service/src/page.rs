//! Pages of a list: how many, and after which.

use crate::error::ApiError;

/// Asked for nothing, a list answers with this many: generous, because deployed clients know no paging.
pub const PAGE_DEFAULT: i64 = 100;
/// A page is never larger.
pub const PAGE_MAX: i64 = 500;

/// What one document may cost: a page of any list with all its fields several times over, and a few megabytes at most.
pub const COST_MAX: usize = 50_000;

/// What a list costs when `entry_cost` values are asked of each entry: as many as it may answer with.
pub fn page_cost(first: Option<i32>, entry_cost: usize) -> usize {
    let entries = page_size(first).unwrap_or(PAGE_MAX);
    usize::try_from(entries)
        .unwrap_or(usize::MAX)
        .saturating_mul(entry_cost)
        .saturating_add(1)
}

/// How many entries of a list, checked.
pub fn page_size(first: Option<i32>) -> Result<i64, ApiError> {
    match first.map(i64::from) {
        None => Ok(PAGE_DEFAULT),
        Some(count) if (1..=PAGE_MAX).contains(&count) => Ok(count),
        Some(_) => Err(ApiError::bad_input(format!("`first` must be between 1 and {PAGE_MAX}"))),
    }
}
