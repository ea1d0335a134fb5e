//! The role Merchant: how it is given, and that whoever has it is a person like any other.

use serde_json::{Value, json};
use service::token::Role;

use crate::limits::join_all;
use crate::world::{Answer, PASSWORD, World};

const GRANT: &str = "mutation ($id: String!) { grantMerchantRole(userId: $id) }";
const SET_ROLE: &str = "mutation ($id: String!, $role: String!) { setUserRole(userId: $id, role: $role) { role } }";
const DISABLE: &str = "mutation ($id: String!) { disableUser(userId: $id) { status } }";

async fn grant(world: &World, user_id: &str) -> Answer {
    let service = world.service_token("transactions").await;
    world.internal(Some(&service), GRANT, json!({"id": user_id})).await
}

async fn role_of(world: &World, user_id: &str) -> Value {
    let admin = world.admin_token().await;
    let users = world.ask(Some(&admin), "{ users { user_id role } }", json!({})).await;
    let users = users.data()["users"].as_array().unwrap().clone();
    let found = users.iter().find(|user| user["user_id"] == user_id);
    found.unwrap()["role"].clone()
}

#[tokio::test]
async fn a_service_makes_a_customer_a_merchant_once_and_for_all() {
    let mut world = World::start().await;
    let user_id = world.register("naruto").await;
    let (before, refresh) = world.session("naruto").await;
    for _ in 0..3 {
        assert_eq!(grant(&world, &user_id).await.data()["grantMerchantRole"], true);
        assert_eq!(role_of(&world, &user_id).await, "Merchant");
    }
    let at_once = join_all((0..8).map(|_| grant(&world, &user_id))).await;
    assert!(at_once.iter().all(|answer| answer.body.get("errors").is_none()));
    world.restart().await;
    assert_eq!(role_of(&world, &user_id).await, "Merchant");
    // The token of before goes on; the next one tells the role.
    assert_eq!(world.profile(&before).await.data()["myProfile"]["role"], "Merchant");
    let refreshed = world.refresh(&refresh).await;
    let session = &refreshed.data()["refreshSession"];
    assert_eq!(session["user"]["role"], "Merchant");
    let claims = world
        .verifier()
        .verify(session["access_token"].as_str().unwrap())
        .unwrap();
    assert_eq!(claims.role, Role::Merchant);
}

#[tokio::test]
async fn an_admin_stays_one_and_whoever_cannot_be_a_merchant_is_left_alone() {
    let world = World::start().await;
    let admin = world.admin_token().await;
    let profile = world.profile(&admin).await;
    let admin_id = profile.data()["myProfile"]["user_id"].as_str().unwrap().to_owned();
    grant(&world, &admin_id).await.data();
    assert_eq!(role_of(&world, &admin_id).await, "Admin");

    let huge = "x".repeat(100_000);
    for nobody in [
        "usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH",
        "mrc_01JD2Q3V4W5X6Y7Z8A9BCDEFGH",
        "naruto",
        "",
        "\0",
        &huge,
    ] {
        assert_eq!(grant(&world, nobody).await.code(), "NOT_FOUND", "{nobody:.40}");
    }
    let user_id = world.register("naruto").await;
    world.ask(Some(&admin), DISABLE, json!({"id": user_id})).await.data();
    assert_eq!(grant(&world, &user_id).await.code(), "CONFLICT");
    assert_eq!(role_of(&world, &user_id).await, "Nasabah");
}

#[tokio::test]
async fn nobody_but_a_service_grants_the_role() {
    let world = World::start().await;
    let user_id = world.register("naruto").await;
    let (customer, _) = world.session("naruto").await;
    let admin = world.admin_token().await;
    for (token, code) in [
        (None, "UNAUTHENTICATED"),
        (Some("nonsense"), "UNAUTHENTICATED"),
        (Some("sk_sandbox_0123456789abcdefghijklmnopqrstuvwxyz"), "FORBIDDEN"),
        (Some(customer.as_str()), "FORBIDDEN"),
        (Some(admin.as_str()), "FORBIDDEN"),
    ] {
        let answer = world.internal(token, GRANT, json!({"id": user_id})).await;
        assert_eq!(answer.code(), code, "{token:?}");
    }
    assert_eq!(role_of(&world, &user_id).await, "Nasabah");
    let service = world.service_token("transactions").await;
    let public = world.ask(Some(&service), GRANT, json!({"id": user_id})).await;
    assert_eq!(public.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn an_admin_gives_the_role_and_takes_it() {
    let world = World::start().await;
    let user_id = world.register("naruto").await;
    let admin = world.admin_token().await;
    for role in ["Merchant", "Merchant", "Nasabah", "Merchant", "Admin", "Merchant"] {
        let set = world
            .ask(Some(&admin), SET_ROLE, json!({"id": user_id, "role": role}))
            .await;
        assert_eq!(set.data()["setUserRole"]["role"], role);
        assert_eq!(role_of(&world, &user_id).await, role);
    }
    for role in ["merchant", "MERCHANT", "Merchant ", "Service"] {
        let refused = world
            .ask(Some(&admin), SET_ROLE, json!({"id": user_id, "role": role}))
            .await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{role}");
    }
    // A merchant is no admin: the last admin cannot become one.
    let profile = world.profile(&admin).await;
    let own = json!({"id": profile.data()["myProfile"]["user_id"], "role": "Merchant"});
    assert_eq!(world.ask(Some(&admin), SET_ROLE, own).await.code(), "CONFLICT");
}

#[tokio::test]
async fn a_merchant_does_what_a_customer_does_and_no_more() {
    let world = World::start().await;
    let user_id = world.register("naruto").await;
    grant(&world, &user_id).await.data();
    let (token, _) = world.session("naruto").await;
    let may = [
        "query { myProfile { role } }",
        "query { mySessions { sessionId } }",
        "query { recipient(login: \"naruto\") { userId } }",
        "mutation { setPin(currentPassword: \"correct horse battery\", pin: \"271828\") }",
        "mutation { confirmIdentity(pin: \"271828\") }",
        "mutation { changePassword(currentPassword: \"correct horse battery\", newPassword: \"believe it, dattebayo\") }",
    ];
    assert_eq!(PASSWORD, "correct horse battery");
    for document in may {
        world.ask(Some(&token), document, json!({})).await.data();
    }
    assert_eq!(
        world.ask(Some(&token), "{ users { email } }", json!({})).await.code(),
        "FORBIDDEN"
    );
    for document in [
        DISABLE,
        "mutation ($id: String!) { unlockUser(userId: $id) { status } }",
    ] {
        let refused = world.ask(Some(&token), document, json!({"id": user_id})).await;
        assert_eq!(refused.code(), "FORBIDDEN");
    }
    let raise = json!({"id": user_id, "role": "Admin"});
    assert_eq!(world.ask(Some(&token), SET_ROLE, raise).await.code(), "FORBIDDEN");
}
