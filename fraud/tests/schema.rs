//! The contract as it is checked in, so that a change of it is seen in review.

use async_graphql::{Request, ValidationMode};
use testkit::descriptions::{INTROSPECTION, undescribed};
use testkit::schema::check_sdl;

#[test]
fn the_schemas_are_those_checked_in() {
    check_sdl("fraud.graphql", &fraud::graphql::public_schema(None).sdl());
    check_sdl(
        "fraud.internal.graphql",
        &fraud::graphql::internal_schema(None, ValidationMode::Strict).sdl(),
    );
}

#[tokio::test]
async fn everything_public_is_described() {
    let answer = fraud::graphql::public_schema(None)
        .execute(Request::new(INTROSPECTION))
        .await;
    let answer = answer.data.into_json().unwrap();
    assert_eq!(undescribed(&answer), Vec::<String>::new());
}
