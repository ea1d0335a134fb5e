//! Orders whose number the provider hands out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use blackdoctrine::{Config, VaSource};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::world::{World, code, config};

/// A provider that answers what it is told to, and keeps what it was asked.
#[derive(Clone, Default)]
struct FakeProvider {
    answers: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl FakeProvider {
    async fn start(answers: Vec<Value>) -> (Self, SocketAddr) {
        let provider = Self {
            answers: Arc::new(Mutex::new(answers)),
            ..Self::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/graphql", post(Self::answer))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (provider, address)
    }

    async fn answer(State(provider): State<Self>, Json(asked): Json<Value>) -> Json<Value> {
        provider.asked.lock().await.push(asked);
        let answer = provider.answers.lock().await.remove(0);
        if answer == json!("never") {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Json(answer)
    }
}

async fn world_with_provider(answers: Vec<Value>) -> (World, FakeProvider) {
    let (provider, address) = FakeProvider::start(answers).await;
    let provider_url = format!("http://{address}/graphql");
    (
        World::with(Config {
            va_source: VaSource::Provider,
            provider_url,
            ..config()
        })
        .await,
        provider,
    )
}

fn number(va_number: &str) -> Value {
    json!({ "data": { "generateInvoiceVA": va_number } })
}

#[tokio::test]
async fn the_providers_number_is_the_orders_number() {
    let (world, provider) = world_with_provider(vec![number("DS-8800555566667777")]).await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "1", 2).await;
    assert_eq!(order["nomorVA"], "DS-8800555566667777");
    assert_eq!(world.bill("DS-8800555566667777").await["totalHarga"], json!(59_000));
    let asked = provider.asked.lock().await;
    let document = asked[0]["query"].as_str().unwrap();
    assert!(
        document.contains("generateInvoiceVA(amount: 59000, description: $description)"),
        "{document}"
    );
    assert!(asked[0]["variables"]["description"].is_string());
    world.stop().await;
}

#[tokio::test]
async fn a_provider_that_fails_costs_no_stock_and_leaves_no_order() {
    let taken = number("DS-8800555566667777");
    let (world, _provider) = world_with_provider(vec![
        taken.clone(),
        taken,
        number("BCA-1234"),
        number(""),
        json!({ "data": { "generateInvoiceVA": 7 } }),
        json!({ "data": null, "errors": [{ "message": "out of numbers" }] }),
        json!("rubbish"),
        json!({ "data": { "generateInvoiceVA": "DS-8800".to_owned() + &"1".repeat(100_000) } }),
        json!("never"),
    ])
    .await;
    let token = world.buyer("naruto@gmail.com").await;
    world.order(&token, "4", 1).await;
    for _ in 0..8 {
        assert_eq!(
            code(&world.try_order(&token, "4", 1).await),
            "PAYMENT_PROVIDER_UNAVAILABLE"
        );
    }
    assert_eq!(world.stock("4").await, 24);
    world.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_away_stops_new_orders_only() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let provider_url = format!("http://{nobody}/graphql");
    let world = World::with(Config {
        va_source: VaSource::Provider,
        provider_url,
        ..config()
    })
    .await;
    let token = world.buyer("naruto@gmail.com").await;
    assert_eq!(
        code(&world.try_order(&token, "1", 1).await),
        "PAYMENT_PROVIDER_UNAVAILABLE"
    );
    assert_eq!(world.stock("1").await, 100_000);
    world.stop().await;
}
