//! Checked-in SDL: a change of contract is seen in review.

use std::path::Path;

/// Compares a schema with `schemas/<file>`, or writes it there when `UPDATE_SCHEMAS=1` is set.
#[track_caller]
pub fn check_sdl(file: &str, sdl: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(file);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, sdl).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == sdl,
        "schemas/{file} is not what the service serves; UPDATE_SCHEMAS=1 cargo test rewrites it"
    );
}
