use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

const DISABLE: &str = "mutation ($id: String!) { disableUser(userId: $id) { user_id status } }";
const ENABLE: &str = "mutation ($id: String!) { enableUser(userId: $id) { user_id status } }";
const UNLOCK: &str = "mutation ($id: String!) { unlockUser(userId: $id) { user_id } }";
const SET_ROLE: &str = "mutation ($id: String!, $role: String!) { setUserRole(userId: $id, role: $role) { role } }";

#[tokio::test]
async fn customers_services_and_strangers_may_not_administer() {
    let world = World::start().await;
    let id = world.register("naruto").await;
    let (customer, _) = world.session("naruto").await;
    for document in [DISABLE, ENABLE, UNLOCK] {
        assert_eq!(
            world.ask(Some(&customer), document, json!({"id": id})).await.code(),
            "FORBIDDEN"
        );
        assert_eq!(
            world.ask(None, document, json!({"id": id})).await.code(),
            "UNAUTHENTICATED"
        );
    }
    let raise = json!({"id": id, "role": "Admin"});
    assert_eq!(world.ask(Some(&customer), SET_ROLE, raise).await.code(), "FORBIDDEN");
    assert_eq!(
        world
            .ask(Some(&customer), "{ users { email } }", json!({}))
            .await
            .code(),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn a_disabled_user_neither_logs_in_nor_refreshes() {
    let world = World::start().await;
    let id = world.register("naruto").await;
    let (access, refresh) = world.session("naruto").await;
    let admin = world.admin_token().await;
    let disabled = world.ask(Some(&admin), DISABLE, json!({"id": id})).await;
    assert_eq!(disabled.data()["disableUser"]["status"], "DISABLED");

    assert_eq!(world.profile(&access).await.code(), "FORBIDDEN");
    assert_eq!(world.refresh(&refresh).await.code(), "UNAUTHENTICATED");
    assert_eq!(world.login("naruto@gmail.com", PASSWORD).await.code(), "FORBIDDEN");
    // Only who knows the password learns that the account is disabled.
    assert_eq!(
        world.login("naruto@gmail.com", "wrong password").await.code(),
        "UNAUTHENTICATED"
    );

    world.ask(Some(&admin), ENABLE, json!({"id": id})).await.data();
    assert_eq!(
        world.refresh(&refresh).await.code(),
        "UNAUTHENTICATED",
        "the old session stays ended"
    );
    world.login("naruto@gmail.com", PASSWORD).await.data();
}

#[tokio::test]
async fn an_admin_ends_somebodys_wait() {
    let world = World::start().await;
    let id = world.register("naruto").await;
    for _ in 0..5 {
        world.login("naruto@gmail.com", "wrong password").await;
    }
    assert_eq!(world.login("naruto@gmail.com", PASSWORD).await.code(), "RATE_LIMITED");
    let admin = world.admin_token().await;
    world.ask(Some(&admin), UNLOCK, json!({"id": id})).await.data();
    world.login("naruto@gmail.com", PASSWORD).await.data();
    for id in ["usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", "nobody"] {
        assert_eq!(
            world.ask(Some(&admin), UNLOCK, json!({"id": id})).await.code(),
            "NOT_FOUND"
        );
    }
}

#[tokio::test]
async fn roles_are_given_and_taken_but_one_admin_stays() {
    let world = World::start().await;
    let id = world.register("naruto").await;
    let admin = world.admin_token().await;
    let set = |token: String, id: String, role: &'static str| {
        let world = &world;
        async move { world.ask(Some(&token), SET_ROLE, json!({"id": id, "role": role})).await }
    };
    for role in ["Service", "admin", "", "Root"] {
        assert_eq!(set(admin.clone(), id.clone(), role).await.code(), "BAD_USER_INPUT");
    }
    let own_id = world.profile(&admin).await.data()["myProfile"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(set(admin.clone(), own_id.clone(), "Nasabah").await.code(), "CONFLICT");
    let disabled = world.ask(Some(&admin), DISABLE, json!({"id": own_id})).await;
    assert_eq!(disabled.code(), "CONFLICT");
    world.profile(&admin).await.data();

    let (before, refresh) = world.session("naruto").await;
    set(admin.clone(), id.clone(), "Admin").await.data();
    // The old token still says customer; the next one says admin.
    assert_eq!(
        world.ask(Some(&before), "{ users { email } }", json!({})).await.code(),
        "FORBIDDEN"
    );
    let refreshed = world.refresh(&refresh).await;
    let session = &refreshed.data()["refreshSession"];
    assert_eq!(session["user"]["role"], "Admin");
    let second_admin = session["access_token"].as_str().unwrap().to_owned();
    set(second_admin, own_id, "Nasabah").await.data();
    // Its token still says admin, the database does not.
    assert_eq!(
        world.ask(Some(&admin), "{ users { email } }", json!({})).await.code(),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn users_are_paged_and_searched() {
    let world = World::start().await;
    for name in ["naruto", "sasuke", "per_cent"] {
        world.register(name).await;
    }
    let admin = world.admin_token().await;
    let list = |variables: Value| {
        let (world, admin) = (&world, &admin);
        async move {
            let document = "query ($first: Int, $after: String, $query: String) \
                { users(first: $first, after: $after, query: $query) { user_id username } }";
            world.ask(Some(admin), document, variables).await
        }
    };
    let names = |answer: &crate::world::Answer| -> Vec<String> {
        let users = answer.data()["users"].as_array().unwrap();
        users
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = list(json!({})).await;
    assert_eq!(names(&all), ["per_cent", "sasuke", "naruto", "admin"]);
    let page = list(json!({"first": 2})).await;
    assert_eq!(names(&page), ["per_cent", "sasuke"]);
    let next = list(json!({"first": 2, "after": page.data()["users"][1]["user_id"]})).await;
    assert_eq!(names(&next), ["naruto", "admin"]);
    for (query, expect) in [
        ("SASU", vec!["sasuke"]),
        ("_", vec!["per_cent"]),
        ("%", vec![]),
        ("gmail.com", vec!["per_cent", "sasuke", "naruto"]),
        ("' OR 1=1 --", vec![]),
    ] {
        assert_eq!(names(&list(json!({"query": query})).await), expect, "{query}");
    }
    for bad in [
        json!({"first": 0}),
        json!({"first": 501}),
        json!({"after": "x"}),
        json!({"query": "x".repeat(101)}),
    ] {
        assert_eq!(list(bad).await.code(), "BAD_USER_INPUT");
    }
}
