use std::path::Path;

/// The schemas that the gateway and the other services are built with are those that auth serves.
/// `UPDATE_SCHEMAS=1 cargo test -p auth` writes them anew.
#[test]
fn the_checked_in_schemas_are_the_ones_served() {
    for (file, sdl) in [
        ("auth.graphql", auth::public_sdl()),
        ("auth.internal.graphql", auth::internal_sdl()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas").join(file);
        if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &sdl).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == sdl,
            "schemas/{file} is out of date: run UPDATE_SCHEMAS=1 cargo test -p auth"
        );
    }
}
