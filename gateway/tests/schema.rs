//! The merged schema: what is merged, and what refuses to start.

mod common;

use std::path::Path;

use apollo_compiler::Schema;
use common::{HISTORY_SDL, WALLET_SDL, schema};
use gateway::schema::PublicSchema;
use gateway::{Config, GatewayError, router_for};
use service::ServiceName::{Fraud, History, Wallet};

#[test]
fn the_public_schema_is_the_checked_in_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/gateway.graphql");
    let merged = PublicSchema::built_in().unwrap();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, merged.sdl()).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        merged.sdl(),
        checked_in,
        "a service's SDL changed; see the change with UPDATE_SCHEMAS=1 cargo test -p gateway --test schema"
    );
}

/// On the fast path the service answers the client: with a root field that must not be null, one error would take the
/// answers of all the others away, also of a mutation that was done.
#[test]
fn the_services_root_fields_are_nullable_as_in_the_public_schema() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    for service in PublicSchema::built_in().unwrap().services() {
        let path = schemas.join(format!("{service}.graphql"));
        let schema = Schema::parse(std::fs::read_to_string(&path).unwrap(), &path).unwrap();
        let roots = ["Query", "Mutation"]
            .into_iter()
            .filter_map(|root| schema.get_object(root));
        let fields: Vec<_> = roots.flat_map(|root| root.fields.values()).collect();
        assert!(!fields.is_empty(), "{service}");
        for field in fields {
            assert!(!field.ty.is_non_null(), "{service}: {}: {}", field.name, field.ty);
        }
    }
}

#[test]
fn roots_are_joined_and_nullable_and_shared_types_become_one() {
    let sdl = schema().sdl().to_owned();
    assert!(
        sdl.contains("myWallets(first: Int, status: Status): [Wallet!]\n"),
        "{sdl}"
    );
    assert!(sdl.contains("myHistory(first: Int): [Entry!]\n"), "{sdl}");
    assert!(sdl.contains("createWallet(name: String!): Wallet\n"), "{sdl}");
    assert!(
        sdl.contains("balance: Decimal!"),
        "only root fields become nullable: {sdl}"
    );
    assert_eq!(sdl.matches("scalar Decimal").count(), 1);
    assert_eq!(sdl.matches("type Query").count(), 1);
    let other_order = PublicSchema::merge(&[(History, HISTORY_SDL), (Wallet, WALLET_SDL)])
        .unwrap()
        .sdl()
        .replace("myHistory", "");
    assert_eq!(other_order.lines().count(), sdl.lines().count());
}

#[test]
fn what_cannot_be_merged_refuses_to_start_and_names_both() {
    #[track_caller]
    fn check(first: &str, second: &str, expect: &str) {
        let error = PublicSchema::merge(&[(Wallet, first), (Fraud, second)]).err().unwrap();
        assert!(error.to_string().contains(expect), "{error}");
    }
    check(
        "type Query { a: S } scalar S",
        "type Query { b: S } enum S { X }",
        "wallet and fraud define S differently",
    );
    check(
        "type Query { a: E } enum E { X }",
        "type Query { b: E } enum E { X Y }",
        "wallet and fraud define E",
    );
    check(
        "type Query { a: Int }",
        "type Query { a: Int }",
        "wallet and fraud both have the Query field a",
    );
    check(
        "type Query { a: Int }",
        "type Query { b: }",
        "the SDL of fraud cannot be read",
    );
    check(
        "type Query { a: Int }",
        "schema { query: Root } type Root { b: Int }",
        "the SDL of fraud has the root query",
    );
    check(
        "type Query { a: Int }",
        "schema { subscription: Subscription } type Subscription { b: Int }",
        "root sub",
    );
    check(
        "type Query { a: Int }",
        "extend type T { b: Int }",
        "the SDL of fraud has an extension",
    );
    check(
        "type Query { a: Int }",
        "type Query { b: Missing }",
        "the merged schema is invalid",
    );
}

#[test]
fn every_owner_needs_an_upstream() {
    let error = router_for(schema(), Config::new(Vec::new())).err().unwrap();
    assert!(matches!(error, GatewayError::NoUpstream(Wallet)), "{error}");
}
