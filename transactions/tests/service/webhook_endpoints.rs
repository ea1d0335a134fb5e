//! Managing endpoints: what is refused, who may, and what stands in the configuration.

use std::time::Duration;

use ids::{ApiKeyId, MerchantId};
use serde_json::{Value, json};
use service::Secret;
use service::token::Role;
use transactions::app::merchant_access::hash_of;
use transactions::domain::{Merchant, MerchantStatus, Notification};
use transactions::store::api_keys::{self, ApiKey};
use transactions::store::merchants;
use url::Url;

use crate::bed::{Bed, DEFAULT_MERCHANT, Hooks, Reply, inputs};

const CREATE: &str = "mutation($merchant: String, $url: String!, $events: [String!]) {
    createWebhookEndpoint(merchantId: $merchant, url: $url, events: $events) { secret endpoint { endpointId events } } }";
const LIST: &str = "query($merchant: String) { webhookEndpoints(merchantId: $merchant) { endpointId url } }";
const API_KEY: &str = "sk_sandbox_0123456789abcdef";

/// Adds a merchant, with the API key of this file, to the file of a service that does not run.
pub async fn add_merchant(bed: &Bed, owner: &str, order_url: Option<&str>) -> MerchantId {
    let now = bed.clock.now();
    let merchant = Merchant {
        merchant_id: MerchantId::generate(),
        owner_user_id: Some(owner.to_owned()),
        name: "Shop".into(),
        status: MerchantStatus::Active,
        va_prefix: None,
        order_url: order_url.map(|url| Url::parse(url).unwrap()),
        notification: Notification::Both,
        return_origins: Vec::new(),
        signing_secret: Secret::new("whsec_"),
        created_at: now,
    };
    let merchant_id = merchant.merchant_id;
    bed.edit(move |tx| {
        merchants::put(tx, &merchant, now)?;
        let key = ApiKey {
            key_id: ApiKeyId::generate(),
            merchant_id,
            name: "test".into(),
            hint: "cdef".into(),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        api_keys::insert(tx, &key, &hash_of(&Secret::new(API_KEY)))
    })
    .await;
    merchant_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_manages_its_own_endpoints_and_sees_no_others() {
    let mut bed = Bed::prepare(&[]).await;
    let merchant_id = add_merchant(&bed, "usr_owner", None).await;
    bed.start_service().await;
    let (owner, stranger) = (
        bed.token("usr_owner", Role::Merchant),
        bed.token("usr_stranger", Role::Nasabah),
    );
    // By key and by owner no merchant need be named; an admin names it.
    let mut made = Vec::new();
    for (token, merchant) in [
        (API_KEY, Value::Null),
        (&owner, Value::Null),
        (&bed.admin(), json!(merchant_id.as_str())),
    ] {
        let variables = json!({ "merchant": merchant, "url": "http://127.0.0.1:1/" });
        let answer = bed.ask(Some(token), CREATE, variables).await;
        let endpoint = answer.data()["createWebhookEndpoint"]["endpoint"]["endpointId"].clone();
        made.push(endpoint.as_str().unwrap().to_owned());
    }
    let answer = bed.ask(Some(API_KEY), LIST, json!({})).await;
    let listed = answer.data()["webhookEndpoints"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 3);

    let configured = "whe_00000000000000000000000001";
    let operations = [
        "mutation($id: String!) { updateWebhookEndpoint(endpointId: $id, enabled: false) { url } }",
        "mutation($id: String!) { rotateWebhookSecret(endpointId: $id) { secret } }",
        "mutation($id: String!) { deleteWebhookEndpoint(endpointId: $id) }",
        "query($id: String) { webhookAttempts(endpointId: $id) { attemptId } }",
    ];
    for document in operations {
        let code = async |token: Option<&str>, id: &str| {
            let answer = bed.ask(token, document, json!({ "id": id })).await;
            answer.code().to_owned()
        };
        // Somebody else's is as good as none.
        assert_eq!(code(Some(API_KEY), configured).await, "NOT_FOUND", "{document}");
        assert_eq!(code(Some(&owner), configured).await, "NOT_FOUND", "{document}");
        assert_eq!(code(Some(&stranger), &made[0]).await, "NOT_FOUND", "{document}");
        assert_eq!(code(Some(API_KEY), "whe_nonsense").await, "NOT_FOUND", "{document}");
        for id in [&made[0], "whe_nonsense"] {
            assert_eq!(code(None, id).await, "UNAUTHENTICATED", "{document}");
            assert_eq!(
                code(Some("sk_sandbox_wrong"), id).await,
                "UNAUTHENTICATED",
                "{document}"
            );
        }
    }
    let other = json!({ "merchant": DEFAULT_MERCHANT, "url": "http://127.0.0.1:1/" });
    for token in [API_KEY, &owner, &stranger] {
        assert_eq!(bed.ask(Some(token), CREATE, other.clone()).await.code(), "NOT_FOUND");
        assert_eq!(bed.ask(Some(token), LIST, other.clone()).await.code(), "NOT_FOUND");
    }
    assert_eq!(bed.ask(Some(&stranger), LIST, json!({})).await.code(), "FORBIDDEN");

    // Nor does it see or send others' events.
    let payer = bed.user("payer", 200_000_000);
    let bill = bed.market.bill(20_000);
    let paid = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    let event_id = paid["transactionId"].as_str().unwrap().replace("trx_", "evt_");
    let pulled = bed
        .ask(
            Some(API_KEY),
            "{ eventsAfter { events { eventId } cursor hasMore } }",
            json!({}),
        )
        .await;
    assert_eq!(
        pulled.data()["eventsAfter"],
        json!({ "events": [], "cursor": null, "hasMore": false })
    );
    for document in [
        "mutation($id: String!) { resendWebhook(eventId: $id) }",
        "query($id: String) { webhookAttempts(eventId: $id) { attemptId } }",
        "query($id: String) { eventsAfter(cursor: $id) { cursor } }",
    ] {
        let answer = bed.ask(Some(API_KEY), document, json!({ "id": event_id })).await;
        assert!(["NOT_FOUND", "BAD_USER_INPUT"].contains(&answer.code()), "{document}");
        assert_eq!(
            bed.ask(None, document, json!({ "id": event_id })).await.code(),
            "UNAUTHENTICATED"
        );
    }
    let document = "{ webhookAttempts { attemptId } }";
    assert_eq!(
        bed.ask(Some(API_KEY), document, json!({})).await.code(),
        "BAD_USER_INPUT"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_addresses_events_and_an_eleventh_endpoint_are_refused() {
    let bed = Bed::start_with(&[("SAWIT_WEBHOOK_PRIVATE_ADDRESSES", "off")]).await;
    let code = async |url: &str, events: &[&str]| {
        let variables = json!({ "merchant": DEFAULT_MERCHANT, "url": url, "events": events });
        bed.ask(Some(&bed.admin()), CREATE, variables).await.code().to_owned()
    };
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b:1::1]/",
        "http://169.254.169.254/",
        "http://user:pass@shop.example/",
        "https://shop.example/#x",
        "gopher://shop.example/",
        "/webhook",
        "",
    ] {
        assert_eq!(code(url, &[]).await, "BAD_USER_INPUT", "{url}");
    }
    assert_eq!(code("https://shop.example/", &["payment.won"]).await, "BAD_USER_INPUT");
    // One stands in the configuration.
    for number in 0..9 {
        let url = format!("https://shop.example/{number}");
        assert_eq!(code(&url, &["payment.succeeded", "payout.paid"]).await, "OK");
    }
    assert_eq!(code("https://shop.example/10", &[]).await, "CONFLICT");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_can_be_stopped_and_started_and_be_given_another_filter() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, count| match count {
        0 => Reply::Status(500),
        _ => Reply::Status(200),
    })
    .await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &[]).await;
    let payer = bed.user("payer", 200_000_000);
    let pay = async || {
        let bill = bed.market.bill(20_000);
        bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await
    };
    let first = pay().await["transactionId"].as_str().unwrap().replace("trx_", "evt_");
    bed.until("it was refused", Duration::ZERO, async || {
        bed.attempts(&id).await.len() == 1
    })
    .await;
    bed.set_enabled(&id, false).await;
    assert_eq!(
        bed.endpoint_now(&id).await["disabledReason"],
        "its merchant disabled it"
    );
    pay().await;
    bed.until_nothing_waits(Duration::from_secs(60)).await;
    assert_eq!(
        (hooks.at("/").len(), bed.status().await["deliveriesParked"].clone()),
        (1, json!(1))
    );

    bed.set_enabled(&id, true).await;
    let now = bed.endpoint_now(&id).await;
    assert!(now["disabledReason"].is_null() && now["failingSince"].is_null());
    bed.resend(&first, Some(&id)).await;
    bed.until_received(&hooks, "/", 2, Duration::ZERO).await;

    let document = "mutation($id: String!, $events: [String!]) { updateWebhookEndpoint(endpointId: $id, events: $events) { events enabled } }";
    let filtered = bed
        .as_admin(document, json!({ "id": id, "events": ["payout.paid"] }))
        .await;
    assert_eq!(
        filtered["updateWebhookEndpoint"],
        json!({ "events": ["payout.paid"], "enabled": true })
    );
    pay().await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(hooks.at("/").len(), 2, "it does not ask for payments any more");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_the_configuration_is_changed_there_and_stays_disabled_over_a_restart() {
    let mut bed = Bed::start().await;
    let configured = "whe_00000000000000000000000001";
    for document in [
        "mutation($id: String!) { rotateWebhookSecret(endpointId: $id) { secret } }",
        "mutation($id: String!) { deleteWebhookEndpoint(endpointId: $id) }",
        "mutation($id: String!) { updateWebhookEndpoint(endpointId: $id, url: \"http://127.0.0.1:1/\") { url } }",
    ] {
        let answer = bed.ask(Some(&bed.admin()), document, json!({ "id": configured })).await;
        assert_eq!(answer.code(), "CONFLICT", "{document}");
    }
    bed.market.answer_webhooks(vec![(410, None)]);
    let payer = bed.user("payer", 200_000_000);
    let pay = async |bed: &Bed| {
        let bill = bed.market.bill(20_000);
        bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    };
    pay(&bed).await;
    bed.until("it is disabled", Duration::ZERO, async || {
        bed.endpoint_now(configured).await["enabled"] == false
    })
    .await;
    bed.stop_service().await;
    bed.start_service().await;
    assert_eq!(bed.endpoint_now(configured).await["enabled"], false);
    pay(&bed).await;
    bed.set_enabled(configured, true).await;
    pay(&bed).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(
        bed.market.webhooks().len(),
        2,
        "not what happened while it was disabled"
    );
    bed.stop_service().await;

    // Something new in the configuration counts, and the secret before it signs for a while.
    let new = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    bed.set("SAWIT_MARKETPLACE_WEBHOOK_SECRET", new);
    bed.start_service().await;
    pay(&bed).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    let webhooks = bed.market.webhooks();
    let webhook = webhooks.last().unwrap();
    for secret in [new, crate::bed::WEBHOOK_SECRET] {
        let receiver = standardwebhooks::Webhook::new(secret).unwrap();
        receiver.verify(&webhook.body, &webhook.headers).unwrap();
    }
    bed.stop_service().await;
}
