//! The checked-in SDL is the service's.

use async_graphql::ValidationMode;
use testkit::schema::check_sdl;

#[test]
fn the_public_schema_is_checked_in() {
    check_sdl("wallet.graphql", &wallet::graphql::public_schema(None).sdl());
}

#[test]
fn the_internal_schema_is_checked_in() {
    check_sdl(
        "wallet.internal.graphql",
        &wallet::graphql::internal_schema(None, ValidationMode::Strict).sdl(),
    );
}
