//! Merchants' accounts: who registers them, who may read and change them, and their keys.

use std::time::Duration;

use serde_json::{Value, json};
use service::token::Role;

use crate::bed::{Auth, Bed, Fault, REGISTER};

const LIVE: [(&str, &str); 4] = [
    ("SAWIT_MODE", "live"),
    ("SAWIT_PUBLIC_URL", "https://pay.example"),
    ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
    ("SAWIT_MARKETPLACE_WEBHOOK_URL", "https://shop.example/webhook"),
];

const DEFAULT: &str = "mrc_00000000000000000000000001";

async fn register(bed: &Bed, token: &str, input: Value) -> testkit::graphql::Answer {
    bed.ask(Some(token), REGISTER, json!({ "input": input })).await
}

async fn update(bed: &Bed, token: &str, merchant_id: Option<&str>, input: Value) -> testkit::graphql::Answer {
    let document = "mutation($id: String, $input: MerchantUpdate!) { updateMerchant(merchantId: $id, input: $input) {
        merchantId name vaPrefix orderUrl notification returnOrigins } }";
    bed.ask(Some(token), document, json!({ "id": merchant_id, "input": input }))
        .await
}

async fn ids(bed: &Bed, token: &str, arguments: &str) -> Vec<String> {
    let document = format!("{{ merchants{arguments} {{ merchantId }} }}");
    let answer = bed.ask(Some(token), &document, json!({})).await;
    let found = answer.data()["merchants"].as_array().unwrap().clone();
    found
        .iter()
        .map(|one| one["merchantId"].as_str().unwrap().to_owned())
        .collect()
}

async fn code(bed: &Bed, token: Option<&str>, document: &str) -> String {
    bed.ask(token, document, json!({})).await.code().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_registers_in_the_sandbox_and_is_an_owner_then() {
    let mut bed = Bed::start().await;
    let shop = bed.shop("ani", "toko-1").await;
    assert_eq!(bed.auth.owners(), [shop.owner.id.as_str()]);
    assert!(
        shop.key.starts_with("sk_sandbox_") && shop.key.len() == "sk_sandbox_".len() + 43,
        "{}",
        shop.key
    );
    assert!(shop.secret.starts_with("whsec_"));
    let document =
        "{ merchant { merchantId name status ownerUserId vaPrefix notification returnOrigins walletId balance
        availableBalance feePlans { percent } apiKeys { name hint lastUsedAt revokedAt } } }";
    for _ in 0..2 {
        let answer = bed.ask(Some(&shop.key), document, json!({})).await;
        let merchant = &answer.data()["merchant"];
        assert_eq!(merchant["merchantId"], shop.id);
        assert_eq!(merchant["ownerUserId"], shop.owner.id);
        assert_eq!(
            (&merchant["vaPrefix"], &merchant["status"]),
            (&json!("TOKO-1"), &json!("ACTIVE"))
        );
        assert_eq!(merchant["walletId"], shop.id.replace("mrc_", "wal_"));
        assert_eq!(
            (&merchant["balance"], &merchant["availableBalance"]),
            (&json!(0), &json!(0))
        );
        assert_eq!(merchant["apiKeys"][0]["hint"], shop.key[shop.key.len() - 4..]);
        assert_ne!(merchant["apiKeys"][0]["lastUsedAt"], Value::Null);
        bed.stop_service().await;
        bed.start_service().await;
    }
    let stored = bed.ledger.owner_of(&shop.id.replace("mrc_", "wal_"));
    assert_eq!(stored, shop.id, "its wallet is open");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_down_leaves_nothing_wrong() {
    let bed = Bed::start().await;
    let owner = bed.user("ani", 0);
    let input = json!({ "name": "Toko", "vaPrefix": "TOKO" });
    bed.faults.break_down("grantMerchantRole", Fault::Unavailable);
    assert_eq!(
        register(&bed, &owner.token, input.clone()).await.code(),
        "SERVICE_UNAVAILABLE"
    );
    assert_eq!(ids(&bed, &owner.token, "").await, Vec::<String>::new());
    bed.faults.heal();
    // What failed is not asked again for half a second.
    tokio::time::sleep(Duration::from_millis(600)).await;

    bed.faults.break_down("openMerchantWallets", Fault::Unavailable);
    let answer = register(&bed, &owner.token, input).await;
    let merchant_id = answer.data()["registerMerchant"]["merchant"]["merchantId"].clone();
    assert_eq!(ids(&bed, &owner.token, "").await, [merchant_id.as_str().unwrap()]);
    bed.faults.heal();
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_register_for_whom() {
    let bed = Bed::start().await;
    let (user, shop) = (bed.user("ani", 0), bed.shop("budi", "BUDI").await);
    let mine = json!({ "name": "Toko" });
    let for_other = |owner: &str| json!({ "name": "Toko", "ownerUserId": owner });
    let admin = bed.admin();
    assert_eq!(
        register(&bed, &user.token, for_other("usr_other")).await.code(),
        "FORBIDDEN"
    );
    assert_eq!(
        register(&bed, &bed.service_token(), mine.clone()).await.code(),
        "FORBIDDEN"
    );
    assert_eq!(register(&bed, &shop.key, mine.clone()).await.code(), "FORBIDDEN");
    let anonymous = bed.ask(None, REGISTER, json!({ "input": mine })).await;
    assert_eq!(anonymous.code(), "UNAUTHENTICATED");
    assert_eq!(
        register(&bed, &admin, for_other(Auth::NOBODY)).await.code(),
        "NOT_FOUND"
    );
    assert_eq!(
        register(&bed, &admin, for_other(Auth::DISABLED)).await.code(),
        "CONFLICT"
    );
    let answer = register(&bed, &admin, for_other(&user.id)).await;
    assert_eq!(answer.data()["registerMerchant"]["merchant"]["ownerUserId"], user.id);
    for _ in 1..20 {
        register(&bed, &user.token, mine.clone()).await.data();
    }
    assert_eq!(
        register(&bed, &user.token, mine).await.code(),
        "CONFLICT",
        "twenty are enough"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_money_is_real_an_admin_registers() {
    let bed = Bed::start_with(&LIVE).await;
    let user = bed.user("ani", 0);
    let admin = bed.admin();
    assert_eq!(
        register(&bed, &user.token, json!({ "name": "Toko" })).await.code(),
        "FORBIDDEN"
    );
    assert_eq!(
        register(&bed, &admin, json!({ "name": "Toko" })).await.code(),
        "BAD_USER_INPUT"
    );
    let with = |field: &str, value: Value| json!({ "name": "Toko", "ownerUserId": user.id, field: value });
    for bad in [
        with("orderUrl", json!("http://shop.example/graphql")),
        with("orderUrl", json!("https://10.0.0.1/graphql")),
        with("returnOrigins", json!(["http://shop.example"])),
    ] {
        assert_eq!(
            register(&bed, &admin, bad.clone()).await.code(),
            "BAD_USER_INPUT",
            "{bad}"
        );
    }
    let answer = register(&bed, &admin, with("orderUrl", json!("https://shop.example/graphql"))).await;
    let key = answer.data()["registerMerchant"]["apiKey"].as_str().unwrap().to_owned();
    assert!(key.starts_with("sk_live_"), "{key}");
    let invoice = "mutation { generateInvoiceVA(amount: 1000) }";
    assert_eq!(code(&bed, None, invoice).await, "UNAUTHENTICATED");
    assert_eq!(code(&bed, Some(&user.token), invoice).await, "FORBIDDEN");
    let issued = bed.ask(Some(&key), invoice, json!({})).await;
    assert!(issued.data()["generateInvoiceVA"].is_string());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_profiles_are_refused_and_prefixes_never_overlap() {
    let bed = Bed::start_with(&[("SAWIT_MARKETPLACE_VA_PREFIX", "BDOC")]).await;
    let user = bed.user("ani", 0);
    bed.shop("budi", "BUDI-1").await;
    let with = |field: &str, value: Value| {
        let mut input = json!({ "name": "Toko" });
        input[field] = value;
        input
    };
    for (input, expect) in [
        (with("name", json!("")), "BAD_USER_INPUT"),
        (with("name", json!("x".repeat(81))), "BAD_USER_INPUT"),
        (with("name", json!("a\u{0}b")), "BAD_USER_INPUT"),
        (with("name", json!("a\u{202e}b")), "BAD_USER_INPUT"),
        (with("vaPrefix", json!("ABC")), "BAD_USER_INPUT"),
        (with("vaPrefix", json!("A B C D")), "BAD_USER_INPUT"),
        (with("orderUrl", json!("file:///etc/passwd")), "BAD_USER_INPUT"),
        (
            with("returnOrigins", json!(["https://shop.example/path"])),
            "BAD_USER_INPUT",
        ),
        (
            with("returnOrigins", json!(vec!["https://a.example"; 11])),
            "BAD_USER_INPUT",
        ),
        (with("vaPrefix", json!("ds-88001")), "CONFLICT"),
        (with("vaPrefix", json!("DS-8")), "CONFLICT"),
        (with("vaPrefix", json!("budi-1")), "CONFLICT"),
        (with("vaPrefix", json!("BUDI")), "CONFLICT"),
        (with("vaPrefix", json!("budi-12")), "CONFLICT"),
        (with("vaPrefix", json!("BDOC-2")), "CONFLICT"),
    ] {
        assert_eq!(
            register(&bed, &user.token, input.clone()).await.code(),
            expect,
            "{input}"
        );
    }
    assert_eq!(ids(&bed, &user.token, "").await, Vec::<String>::new());
    let at_once = (0..4).map(|_| register(&bed, &user.token, with("vaPrefix", json!("ANI-1"))));
    let answers = futures::future::join_all(at_once).await;
    let won = answers.iter().filter(|answer| answer.body["errors"].is_null()).count();
    assert_eq!(won, 1, "a prefix is one merchant's");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_is_changed_by_those_who_run_it() {
    let mut bed = Bed::start().await;
    let (shop, other) = (bed.shop("ani", "ANI-1").await, bed.shop("budi", "BUDI").await);
    let admin = bed.admin();
    let changed = update(&bed, &shop.key, None, json!({ "name": "Warung", "orderUrl": null })).await;
    let changed = &changed.data()["updateMerchant"];
    assert_eq!(
        (&changed["name"], &changed["orderUrl"]),
        (&json!("Warung"), &Value::Null)
    );
    assert_eq!(
        (&changed["vaPrefix"], &changed["returnOrigins"]),
        (&json!("ANI-1"), &json!(["https://shop.example"]))
    );
    assert_eq!(
        update(&bed, &shop.owner.token, None, json!({ "vaPrefix": "ani-12" }))
            .await
            .data()["updateMerchant"]["vaPrefix"],
        "ANI-12",
        "its own earlier prefix is not in its way"
    );
    update(&bed, &admin, Some(&shop.id), json!({ "notification": "BOTH" }))
        .await
        .data();
    for (token, merchant_id, expect) in [
        (other.key.as_str(), Some(shop.id.as_str()), "NOT_FOUND"),
        (other.owner.token.as_str(), Some(shop.id.as_str()), "NOT_FOUND"),
        (&bed.service_token(), Some(shop.id.as_str()), "FORBIDDEN"),
        (&admin, None, "FORBIDDEN"),
        (&admin, Some("x"), "NOT_FOUND"),
        (&bed.user("citra", 0).token, None, "FORBIDDEN"),
        ("sk_sandbox_rubbish", None, "UNAUTHENTICATED"),
    ] {
        let answer = update(&bed, token, merchant_id, json!({ "name": "Mine" })).await;
        assert_eq!(answer.code(), expect, "{token} {merchant_id:?}");
    }
    assert_eq!(
        update(&bed, &shop.key, None, json!({ "vaPrefix": "BUDI-7" }))
            .await
            .code(),
        "CONFLICT"
    );
    let refused = update(&bed, &admin, Some(DEFAULT), json!({ "name": "Mine" })).await;
    assert_eq!(refused.code(), "CONFLICT", "the configuration says what it is");
    bed.stop_service().await;
    bed.start_service().await;
    let merchant = bed
        .ask(
            Some(&shop.key),
            "{ merchant { name vaPrefix notification } }",
            json!({}),
        )
        .await;
    assert_eq!(
        merchant.data()["merchant"],
        json!({ "name": "Warung", "vaPrefix": "ANI-12", "notification": "BOTH" })
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_are_listed_to_those_who_run_them() {
    let bed = Bed::start().await;
    let shop = bed.shop("ani", "ANI-1").await;
    let second = register(&bed, &shop.owner.token, json!({ "name": "Second" })).await;
    let second = second.data()["registerMerchant"]["merchant"]["merchantId"]
        .as_str()
        .unwrap()
        .to_owned();
    let (other, admin) = (bed.shop("budi", "BUDI").await, bed.admin());
    assert_eq!(
        ids(&bed, &shop.owner.token, "").await,
        [second.clone(), shop.id.clone()]
    );
    assert_eq!(ids(&bed, &shop.owner.token, "(first: 1)").await, [second.as_str()]);
    let after = format!("(after: \"{second}\")");
    assert_eq!(ids(&bed, &shop.owner.token, &after).await, [shop.id.as_str()]);
    assert_eq!(ids(&bed, &shop.key, "").await, [shop.id.as_str()]);
    let all = [other.id.clone(), second, shop.id.clone(), DEFAULT.to_owned()];
    assert_eq!(ids(&bed, &admin, "").await, all);
    assert_eq!(code(&bed, None, "{ merchants { name } }").await, "UNAUTHENTICATED");
    assert_eq!(
        code(&bed, Some(&bed.service_token()), "{ merchants { name } }").await,
        "FORBIDDEN"
    );
    assert_eq!(
        code(&bed, Some(&admin), "{ merchants(after: \"x\") { name } }").await,
        "BAD_USER_INPUT"
    );
    let several = code(&bed, Some(&shop.owner.token), "{ merchant { name } }").await;
    assert_eq!(several, "BAD_USER_INPUT", "which of the two?");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_by_people_and_refused_once_revoked() {
    let bed = Bed::start().await;
    let (shop, other) = (bed.shop("ani", "ANI-1").await, bed.shop("budi", "BUDI").await);
    let create = "mutation { createApiKey(name: \"Till\") { secret key { keyId name hint } } }";
    let made = bed.ask(Some(&shop.owner.token), create, json!({})).await;
    let secret = made.data()["createApiKey"]["secret"].as_str().unwrap().to_owned();
    let key_id = made.data()["createApiKey"]["key"]["keyId"].as_str().unwrap().to_owned();
    let mine = "{ merchant { merchantId apiKeys { keyId revokedAt } } }";
    assert_eq!(
        bed.ask(Some(&secret), mine, json!({})).await.data()["merchant"]["merchantId"],
        shop.id
    );

    assert_eq!(
        code(&bed, Some(&secret), create).await,
        "FORBIDDEN",
        "a key makes no keys"
    );
    assert_eq!(code(&bed, None, create).await, "UNAUTHENTICATED");
    let revoke = format!("mutation {{ revokeApiKey(keyId: \"{key_id}\") {{ keyId revokedAt }} }}");
    assert_eq!(code(&bed, Some(&secret), &revoke).await, "FORBIDDEN");
    assert_eq!(code(&bed, Some(&other.owner.token), &revoke).await, "NOT_FOUND");
    assert_eq!(code(&bed, Some(&bed.service_token()), &revoke).await, "FORBIDDEN");
    let revoked = bed.ask(Some(&shop.owner.token), &revoke, json!({})).await;
    let revoked = revoked.data()["revokeApiKey"].clone();
    assert_ne!(revoked["revokedAt"], Value::Null);
    assert_eq!(code(&bed, Some(&secret), mine).await, "UNAUTHENTICATED", "at once");
    bed.clock.advance(Duration::from_secs(60));
    let again = bed.ask(Some(&bed.admin()), &revoke, json!({})).await;
    assert_eq!(again.data()["revokeApiKey"], revoked, "and it stays as it was");
    let keys = bed.ask(Some(&shop.key), mine, json!({})).await;
    assert_eq!(
        keys.data()["merchant"]["apiKeys"][1]["keyId"],
        key_id,
        "behind those that work"
    );

    for _ in 1..20 {
        bed.ask(Some(&shop.owner.token), create, json!({})).await.data();
    }
    assert_eq!(
        code(&bed, Some(&shop.owner.token), create).await,
        "CONFLICT",
        "twenty are enough"
    );
    let rotate = "mutation { rotateSigningSecret }";
    assert_eq!(code(&bed, Some(&shop.key), rotate).await, "FORBIDDEN");
    let fresh = bed.ask(Some(&shop.owner.token), rotate, json!({})).await;
    assert_ne!(fresh.data()["rotateSigningSecret"], shop.secret);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_not_let_in_by_those_who_looked_it_up_meanwhile() {
    let bed = Bed::start().await;
    let shop = bed.shop("ani", "ANI-1").await;
    for round in 0..5 {
        let create = format!("mutation {{ createApiKey(name: \"{round}\") {{ secret key {{ keyId }} }} }}");
        let made = bed.ask(Some(&shop.owner.token), &create, json!({})).await;
        let made = made.data()["createApiKey"].clone();
        let secret = made["secret"].as_str().unwrap();
        let revoke = format!(
            "mutation {{ revokeApiKey(keyId: {}) {{ keyId }} }}",
            made["key"]["keyId"]
        );
        let uses = (0..8).map(|_| bed.ask(Some(secret), "{ merchant { name } }", json!({})));
        let revoking = bed.ask(Some(&shop.owner.token), &revoke, json!({}));
        let (revoked, _) = tokio::join!(revoking, futures::future::join_all(uses));
        revoked.data();
        assert_eq!(
            code(&bed, Some(secret), "{ merchant { name } }").await,
            "UNAUTHENTICATED"
        );
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_merchant_takes_no_payments_until_it_is_active_again() {
    let mut bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    let session = bed.open(&shop, json!({ "orderId": "1", "amount": 1000 })).await;
    let set = |status: &str, id: &str| {
        format!("mutation {{ setMerchantStatus(merchantId: \"{id}\", status: {status}) {{ status }} }}")
    };
    let suspend = set("SUSPENDED", &shop.id);
    for token in [&shop.owner.token, &shop.key, &bed.service_token()] {
        assert_eq!(code(&bed, Some(token), &suspend).await, "FORBIDDEN");
    }
    bed.ask(Some(&bed.admin()), &suspend, json!({})).await.data();
    assert_eq!(code(&bed, Some(&shop.key), "{ merchant { name } }").await, "FORBIDDEN");
    let refused = bed
        .try_open(&shop.owner.token, json!({ "orderId": "2", "amount": 1000 }))
        .await;
    assert_eq!(refused.code(), "FORBIDDEN");
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "MERCHANT_UNAVAILABLE");
    bed.ask(Some(&bed.admin()), &set("SUSPENDED", DEFAULT), json!({}))
        .await
        .data();
    bed.stop_service().await;
    bed.start_service().await;
    let known = format!("{{ merchant(merchantId: \"{DEFAULT}\") {{ status }} }}");
    let kept = bed.ask(Some(&bed.admin()), &known, json!({})).await;
    assert_eq!(
        kept.data()["merchant"]["status"],
        "SUSPENDED",
        "a restart changes nothing"
    );
    bed.ask(Some(&bed.admin()), &set("ACTIVE", &shop.id), json!({}))
        .await
        .data();
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fee_plans_are_added_by_admins_and_never_backdated() {
    let bed = Bed::start().await;
    let (shop, admin) = (bed.shop("ani", "ANI-1").await, bed.admin());
    let set = |percent: &str, fixed: &str, from: Option<String>| {
        let from = from.map_or_else(String::new, |from| format!(", validFrom: \"{from}\""));
        format!(
            "mutation {{ setFeePlan(merchantId: \"{}\", percent: {percent}, fixed: {fixed}{from}) {{ feePlans {{ percent fixed validFrom }} }} }}",
            shop.id
        )
    };
    let at = |seconds: i64| {
        let micros = bed.clock.now().micros() + seconds * 1_000_000;
        Some(service::Timestamp::from_micros(micros).to_string())
    };
    bed.ask(Some(&admin), &set("2.5", "1000", None), json!({})).await.data();
    let later = at(3_600);
    let plans = bed
        .ask(Some(&admin), &set("0.75", "0.5", later.clone()), json!({}))
        .await;
    let plans = plans.data()["setFeePlan"]["feePlans"].clone();
    assert_eq!((&plans[0]["percent"], &plans[0]["fixed"]), (&json!(0.75), &json!(0.5)));
    assert_eq!((&plans[1]["percent"], &plans[1]["fixed"]), (&json!(2.5), &json!(1000)));
    for (document, expect) in [
        (set("1", "0", later), "CONFLICT"),
        (set("1", "0", at(-61)), "BAD_USER_INPUT"),
        (set("100.01", "0", None), "BAD_USER_INPUT"),
        (set("-1", "0", None), "BAD_USER_INPUT"),
        (set("1.001", "0", None), "BAD_USER_INPUT"),
        (set("1", "-1", None), "BAD_USER_INPUT"),
    ] {
        assert_eq!(code(&bed, Some(&admin), &document).await, expect, "{document}");
    }
    for token in [&shop.owner.token, &shop.key, &bed.service_token()] {
        assert_eq!(code(&bed, Some(token), &set("0", "0", None)).await, "FORBIDDEN");
    }
    let merchant_role = bed.sign("usr_other", |claims| claims.role = Role::Merchant);
    assert_eq!(
        code(&bed, Some(&merchant_role), &set("0", "0", None)).await,
        "FORBIDDEN"
    );
    bed.finish().await;
}
