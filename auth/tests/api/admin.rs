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

const STAFF_READS: [&str; 3] = [
    "{ users { email } }",
    "{ authActions { action } }",
    "query ($id: String!) { user(userId: $id) { email timeZone } }",
];

#[tokio::test]
async fn staff_look_at_accounts_and_change_none() {
    let world = World::start().await;
    let admin = world.admin_token().await;
    let id = world.register("naruto").await;
    for role in ["Support", "FraudAnalyst"] {
        let staff_id = world.register(&role.to_lowercase()).await;
        let variables = json!({"id": staff_id, "role": role});
        let given = world.ask(Some(&admin), SET_ROLE, variables).await;
        assert_eq!(given.data()["setUserRole"]["role"], role);
        let (staff, refresh) = world.session(&role.to_lowercase()).await;
        for document in STAFF_READS {
            let variables = if document.contains("$id") {
                json!({"id": id})
            } else {
                json!({})
            };
            world.ask(Some(&staff), document, variables).await.data();
        }
        let missing = world.ask(Some(&staff), STAFF_READS[2], json!({"id": "nobody"})).await;
        assert_eq!(missing.code(), "NOT_FOUND");
        for document in [DISABLE, ENABLE, UNLOCK] {
            assert_eq!(
                world.ask(Some(&staff), document, json!({"id": id})).await.code(),
                "FORBIDDEN"
            );
        }
        let raise = json!({"id": staff_id, "role": "Admin"});
        assert_eq!(world.ask(Some(&staff), SET_ROLE, raise).await.code(), "FORBIDDEN");

        // No longer staff: the token still says so, and auth does not go by it; nor does the next token say it.
        let lowered = json!({"id": staff_id, "role": "Nasabah"});
        world.ask(Some(&admin), SET_ROLE, lowered).await.data();
        assert_eq!(
            world.ask(Some(&staff), STAFF_READS[0], json!({})).await.code(),
            "FORBIDDEN"
        );
        let refreshed = world.refresh(&refresh).await;
        let token = refreshed.data()["refreshSession"]["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(refreshed.data()["refreshSession"]["user"]["role"], "Nasabah");
        assert_eq!(world.verifier().verify(&token).unwrap().role.as_str(), "Nasabah");
    }
    let (customer, _) = world.session("naruto").await;
    for document in STAFF_READS {
        let variables = if document.contains("$id") {
            json!({"id": id})
        } else {
            json!({})
        };
        assert_eq!(
            world.ask(Some(&customer), document, variables.clone()).await.code(),
            "FORBIDDEN"
        );
        assert_eq!(world.ask(None, document, variables).await.code(), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn what_admins_do_is_noted_with_who_and_why() {
    let world = World::start().await;
    let id = world.register("naruto").await;
    let admin = world.admin_token().await;
    let with_reason = [
        "mutation ($id: String!, $r: String) { setUserRole(userId: $id, role: \"Support\", reason: $r) { role } }",
        "mutation ($id: String!, $r: String) { disableUser(userId: $id, reason: $r) { status } }",
        "mutation ($id: String!, $r: String) { enableUser(userId: $id, reason: $r) { status } }",
        "mutation ($id: String!, $r: String) { unlockUser(userId: $id, reason: $r) { status } }",
    ];
    for (number, document) in with_reason.into_iter().enumerate() {
        let long = json!({"id": id, "r": "x".repeat(501)});
        assert_eq!(world.ask(Some(&admin), document, long).await.code(), "BAD_USER_INPUT");
        let reason = json!({"id": id, "r": format!(" because {number} ")});
        world.ask(Some(&admin), document, reason.clone()).await.data();
        if !document.contains("unlockUser") {
            // Again: nothing changes, so nothing is noted.
            world.ask(Some(&admin), document, reason).await.data();
        }
    }
    let own_id = world.profile(&admin).await.data()["myProfile"]["user_id"].clone();
    let list = "query ($id: String, $first: Int, $after: String) \
        { authActions(object: $id, first: $first, after: $after) { actionId actor action object reason detail } }";
    let noted = world.ask(Some(&admin), list, json!({"id": id})).await;
    let noted = noted.data()["authActions"].as_array().unwrap();
    let column = |field: &str| -> Vec<Value> { noted.iter().map(|action| action[field].clone()).collect() };
    assert_eq!(
        column("action"),
        ["unlockUser", "enableUser", "disableUser", "setUserRole"]
    );
    assert_eq!(column("reason"), ["because 3", "because 2", "because 1", "because 0"]);
    assert_eq!(column("detail")[3], "Nasabah → Support");
    assert!(column("actor").iter().all(|actor| *actor == own_id));
    let page = json!({"first": 1, "after": noted[1]["actionId"]});
    let page = world.ask(Some(&admin), list, page).await;
    assert_eq!(page.data()["authActions"][0]["action"], "disableUser");
    for bad in [
        json!({"first": 0}),
        json!({"id": "x".repeat(101)}),
        json!({"after": "x".repeat(101)}),
    ] {
        assert_eq!(world.ask(Some(&admin), list, bad).await.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn users_are_filtered_by_role_and_by_being_locked_out() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for name in ["naruto", "sasuke", "sakura"] {
        ids.push(world.register(name).await);
    }
    let admin = world.admin_token().await;
    world
        .ask(Some(&admin), SET_ROLE, json!({"id": ids[1], "role": "Support"}))
        .await
        .data();
    for id in [&ids[1], &ids[2]] {
        world.ask(Some(&admin), DISABLE, json!({"id": id})).await.data();
    }
    let list = "query ($role: String, $off: Boolean, $query: String, $first: Int, $after: String) \
        { users(role: $role, isDisabled: $off, query: $query, first: $first, after: $after) { username } }";
    for (filter, expect) in [
        (json!({}), "sakura sasuke naruto admin"),
        (json!({"role": "Nasabah"}), "sakura naruto"),
        (json!({"role": "Support"}), "sasuke"),
        (json!({"role": "FraudAnalyst"}), ""),
        (json!({"off": true}), "sakura sasuke"),
        (json!({"off": false}), "naruto admin"),
        (json!({"role": "Nasabah", "off": true}), "sakura"),
        (json!({"role": "Nasabah", "off": true, "query": "naru"}), ""),
        (json!({"role": "Nasabah", "query": "naru"}), "naruto"),
        (json!({"role": "Nasabah", "first": 1}), "sakura"),
        (json!({"off": true, "after": ids[2]}), "sasuke"),
        (json!({"role": "Nasabah", "after": ids[2]}), "naruto"),
        (
            json!({"role": "Nasabah", "off": false, "after": ids[2], "first": 1}),
            "naruto",
        ),
    ] {
        let answer = world.ask(Some(&admin), list, filter.clone()).await;
        let users = answer.data()["users"].as_array().unwrap();
        let names: Vec<&str> = users.iter().map(|user| user["username"].as_str().unwrap()).collect();
        assert_eq!(names.join(" "), expect, "{filter}");
    }
    for role in ["Service", "nasabah", ""] {
        assert_eq!(
            world.ask(Some(&admin), list, json!({"role": role})).await.code(),
            "BAD_USER_INPUT"
        );
    }
}

#[tokio::test]
async fn a_token_says_the_domain_of_the_mail_and_the_zone_of_its_owner() {
    let world = World::start().await;
    world.try_register("naruto", "Naruto@Mail.Konoha.ID").await.data();
    let (token, refresh) = crate::world::tokens(&world.login("naruto@mail.konoha.id", PASSWORD).await, "loginUser");
    let claims = world.verifier().verify(&token).unwrap();
    assert_eq!(
        (claims.email_domain.as_deref(), claims.zoneinfo.as_deref()),
        (Some("mail.konoha.id"), None)
    );

    let set = "mutation ($name: String!) { setTimeZone(name: $name) { timeZone } }";
    for bad in ["", "Asia/Konoha", "+07:00", "../../../etc/passwd"] {
        assert_eq!(
            world.ask(Some(&token), set, json!({"name": bad})).await.code(),
            "BAD_USER_INPUT",
            "{bad}"
        );
    }
    assert_eq!(
        world.ask(None, set, json!({"name": "UTC"})).await.code(),
        "UNAUTHENTICATED"
    );
    let done = world.ask(Some(&token), set, json!({"name": "asia/makassar"})).await;
    assert_eq!(done.data()["setTimeZone"]["timeZone"], "Asia/Makassar");
    let refreshed = world.refresh(&refresh).await;
    let token = refreshed.data()["refreshSession"]["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        world.verifier().verify(&token).unwrap().zoneinfo.as_deref(),
        Some("Asia/Makassar")
    );
    let service = world.service_token("wallet").await;
    let claims = world.verifier().verify(&service).unwrap();
    assert_eq!((&claims.email_domain, &claims.zoneinfo), (&None, &None));
}
