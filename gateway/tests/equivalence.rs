//! Splitting and merging changes nothing: random documents answered through the gateway by two services give what
//! one service with everything gives.

mod common;

use async_graphql::{
    EmptySubscription, MergedObject, Object, ObjectType, Request as GraphqlRequest, Schema, SimpleObject,
};
use axum::Router;
use axum::routing::post;
use common::ask;
use gateway::schema::PublicSchema;
use gateway::{Config, Limits, router_for};
use peer::Upstream;
use proptest::prelude::*;
use serde_json::{Value, json};
use service::ServiceName;
use std::sync::{Arc, Mutex};

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Wallet {
    id: i32,
    name: String,
    tags: Vec<String>,
}

#[async_graphql::ComplexObject]
impl Wallet {
    async fn fails(&self) -> async_graphql::Result<Option<i32>> {
        Err("no such luck".into())
    }
    async fn twin(&self, id: Option<i32>) -> Wallet {
        wallet(id.unwrap_or(self.id + 1))
    }
}

#[derive(SimpleObject, Clone)]
struct Entry {
    id: i32,
    kind: String,
}

fn wallet(id: i32) -> Wallet {
    Wallet {
        id,
        name: format!("wallet {id}"),
        tags: vec!["x".into(); id.unsigned_abs() as usize % 3],
    }
}

#[derive(Default)]
struct WalletQuery;
#[Object]
impl WalletQuery {
    async fn wallet(&self, id: Option<i32>) -> Option<Wallet> {
        id.map(wallet)
    }
    async fn wallets(&self) -> Option<Vec<Wallet>> {
        Some((0..3).map(wallet).collect())
    }
}

#[derive(Default)]
struct HistoryQuery;
#[Object]
impl HistoryQuery {
    async fn entry(&self, id: Option<i32>) -> Option<Entry> {
        id.map(|id| Entry { id, kind: "k".into() })
    }
    async fn broken(&self) -> async_graphql::Result<Option<i32>> {
        Err("broken".into())
    }
}

type Journal = Arc<Mutex<Vec<i32>>>;

fn write(context: &async_graphql::Context<'_>, value: i32) -> Option<i32> {
    let mut journal = context.data_unchecked::<Journal>().lock().unwrap();
    journal.push(value);
    Some(i32::try_from(journal.len()).unwrap())
}

#[derive(Default)]
struct WalletMutation;
#[Object]
impl WalletMutation {
    async fn pay(&self, context: &async_graphql::Context<'_>, id: i32) -> Option<i32> {
        write(context, id)
    }
}

#[derive(Default)]
struct HistoryMutation;
#[Object]
impl HistoryMutation {
    async fn note(&self, context: &async_graphql::Context<'_>, id: i32) -> Option<i32> {
        write(context, -id)
    }
}

#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
struct OnlyWalletQuery(WalletQuery);
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
struct OnlyHistoryQuery(HistoryQuery);
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
struct AllQuery(WalletQuery, HistoryQuery);
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
struct OnlyWalletMutation(WalletMutation);
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
struct OnlyHistoryMutation(HistoryMutation);
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
struct AllMutation(WalletMutation, HistoryMutation);

fn served<Q: ObjectType + 'static, M: ObjectType + 'static>(
    query: Q,
    mutation: M,
    journal: &Journal,
) -> (String, Router) {
    let schema = Schema::build(query, mutation, EmptySubscription)
        .data(journal.clone())
        .finish();
    let sdl = schema.sdl();
    let answer = move |body: String| {
        let schema = schema.clone();
        async move {
            let request: GraphqlRequest = serde_json::from_str(&body).unwrap();
            serde_json::to_string(&schema.execute(request).await).unwrap()
        }
    };
    (sdl, Router::new().route("/graphql", post(answer)))
}

/// A gateway in front of two services, and one service that is both.
fn worlds() -> (Router, Router, Journal, Journal) {
    let (split, whole) = (Journal::default(), Journal::default());
    let (wallet_sdl, wallet) = served(OnlyWalletQuery::default(), OnlyWalletMutation::default(), &split);
    let (history_sdl, history) = served(OnlyHistoryQuery::default(), OnlyHistoryMutation::default(), &split);
    let schema =
        PublicSchema::merge(&[(ServiceName::Wallet, &wallet_sdl), (ServiceName::History, &history_sdl)]).unwrap();
    let upstreams = vec![
        (ServiceName::Wallet, Upstream::in_process(wallet)),
        (ServiceName::History, Upstream::in_process(history)),
    ];
    let mut config = Config::new(upstreams);
    config.limits = Limits {
        aliases: 9_999,
        root_fields: 9_999,
        tokens: 99_999,
        fields: 99_999,
        ..Limits::default()
    };
    let gateway = router_for(schema, config).unwrap();
    let (_, everything) = served(AllQuery::default(), AllMutation::default(), &whole);
    (gateway, everything, split, whole)
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(skip, on)| format!(" @{}(if: {on})", if skip { "skip" } else { "include" })),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(skip, p)| {
            format!(" @{}(if: ${})", if skip { "skip" } else { "include" }, if p { "p" } else { "q" })
        }),
    ]
}

/// Each selection also has `__typename`: async-graphql makes an object without fields null.
fn wallet_fields() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("id"),
        Just("n: name"),
        Just("tags"),
        Just("fails"),
        Just("...W"),
        Just("__typename")
    ];
    let leaf = (leaf, condition()).prop_map(|(field, condition)| match field {
        // async-graphql does not see variables in directives of __typename.
        "__typename" => field.to_owned(),
        field => format!("{field}{condition}"),
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec(inner, 1..4)
            .prop_map(|fields| format!("t{}: twin(id: $id) {{ __typename {} }}", fields.len(), fields.join(" ")))
    })
}

/// A root field. The alias comes from the field, its argument and its contents, so that equal keys may be merged.
fn root_field() -> impl Strategy<Value = String> {
    let wallet = (0..3_i32, prop::collection::vec(wallet_fields(), 1..4)).prop_map(|(id, fields)| {
        (
            format!("w{id}: wallet(id: {id})"),
            format!(" {{ __typename {} }}", fields.join(" ")),
        )
    });
    let wallets = prop::collection::vec(wallet_fields(), 1..3)
        .prop_map(|fields| ("wallets".to_owned(), format!(" {{ __typename {} }}", fields.join(" "))));
    let entry = (0..3_i32).prop_map(|id| (format!("e{id}: entry(id: {id})"), " { id ...E }".to_owned()));
    let by_variable = Just(("v: entry(id: $id)".to_owned(), " { kind }".to_owned()));
    let simple = prop_oneof![Just("broken"), Just("b: broken"), Just("__typename")]
        .prop_map(|field| (field.to_owned(), String::new()));
    let field = prop_oneof![3 => wallet, 1 => wallets, 3 => entry, 1 => by_variable, 2 => simple];
    (field, condition()).prop_map(|((head, body), condition)| format!("{head}{condition}{body}"))
}

fn root_selection() -> impl Strategy<Value = String> {
    root_field().prop_recursive(2, 12, 4, |inner| {
        (prop::collection::vec(inner, 1..4), condition(), any::<bool>()).prop_map(|(fields, condition, named)| {
            format!(
                "... {}{condition} {{ {} }}",
                if named { "on Query" } else { "" },
                fields.join(" ")
            )
        })
    })
}

const TAIL: &str = "fragment W on Wallet { id twin { name } } fragment E on Entry { kind }";

fn query() -> impl Strategy<Value = String> {
    (
        prop::collection::vec(root_selection(), 1..6),
        prop::collection::vec(root_selection(), 1..3),
        condition(),
    )
        .prop_map(|(fields, fragment, condition)| {
            // Everything declared is used once at the end, as validation wants it.
            format!(
                "query Q($p: Boolean!, $q: Boolean = true, $id: Int) {{ {} ...R{condition} \
                 z: wallet(id: $id) @skip(if: $p) {{ ...W id @include(if: $q) }} y: entry(id: 1) {{ ...E }} }} \
                 fragment R on Query {{ {} }} {TAIL}",
                fields.join(" "),
                fragment.join(" "),
            )
        })
}

/// Without what may rightly differ: the order and the places of errors, errors of a field that async-graphql runs once
/// per occurrence, failed fields, which async-graphql leaves out, and an empty answer, which it makes null.
fn comparable(mut answer: Value) -> (String, Vec<String>) {
    let errors = answer["errors"].take();
    if let Some(data) = answer["data"].as_object_mut() {
        data.retain(|_, value| !value.is_null());
    }
    let mut errors: Vec<String> = errors
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| format!("{} at {}", error["message"], error["path"]))
        .collect();
    errors.sort();
    errors.dedup();
    let data = answer["data"].as_object().map_or_else(|| json!({}), |data| json!(data));
    (data.to_string(), errors)
}

fn check(query: &str, variables: &Value) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (gateway, everything, split, whole) = worlds();
    // async-graphql forgets the default of a variable in @skip and @include.
    let mut complete = variables.clone();
    complete
        .as_object_mut()
        .unwrap()
        .entry("q")
        .or_insert(Value::Bool(true));
    let (through, direct) = runtime.block_on(async {
        let through = ask(&gateway, query, variables.clone()).await;
        (through, ask(&everything, query, complete).await)
    });
    prop_assert_eq!(
        comparable(through.json()),
        comparable(direct.json()),
        "{} {}",
        query,
        variables
    );
    prop_assert_eq!(&*split.lock().unwrap(), &*whole.lock().unwrap(), "{}", query);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_are_answered_as_by_one_service(query in query(), p: bool, q: Option<bool>, id in prop::option::of(0..5_i32)) {
        let mut variables = json!({ "p": p, "id": id });
        if let Some(q) = q {
            variables["q"] = q.into();
        }
        check(&query, &variables)?;
    }

    #[test]
    fn mutations_happen_in_the_same_order(
        fields in prop::collection::vec((any::<bool>(), 1..9_i32, condition()), 1..8), p: bool, q: bool,
    ) {
        let fields: Vec<String> = fields
            .into_iter()
            .enumerate()
            .map(|(index, (pay, id, condition))| match pay {
                true => format!("p{index}: pay(id: {id}){condition}"),
                false => format!("n{index}: note(id: {id}){condition}"),
            })
            .collect();
        let (first, second) = fields.split_at(fields.len() / 2);
        let query = format!(
            "mutation($p: Boolean!, $q: Boolean!) {{ {} ... @skip(if: $p) {{ {} }} last: note(id: 0) @include(if: $q) }}",
            first.join(" "), second.join(" "),
        );
        check(&query, &json!({ "p": p, "q": q }))?;
    }
}
