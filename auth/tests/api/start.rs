use std::os::unix::fs::PermissionsExt as _;

use auth::StartError;
use serde_json::json;

use crate::world::{ADMIN_PASSWORD, World, tokens};

const LIVE: [(&str, &str); 3] = [
    ("SAWIT_MODE", "live"),
    ("SAWIT_PUBLIC_URL", "https://pay.example"),
    ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
];

fn live_with_password(password: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut pairs = LIVE.to_vec();
    pairs.push(("SAWIT_ADMIN_PASSWORD", password));
    pairs
}

#[tokio::test]
async fn the_first_start_makes_an_admin_with_a_password_in_a_file() {
    let mut world = World::stopped(&[("SAWIT_ADMIN_EMAIL", "boss@sawit.example")]);
    world.up().await.unwrap();
    let notice = world.auth().admin();
    assert_eq!(notice.email, "boss@sawit.example");
    let path = notice.password_file.unwrap();
    assert_eq!(path, world.settings.data_dir.join("admin-password"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let database_mode = std::fs::metadata(world.database()).unwrap().permissions().mode();
    assert_eq!(database_mode & 0o777, 0o600);
    let password = std::fs::read_to_string(&path).unwrap().trim().to_owned();
    assert!(password.len() >= 20);

    let login = world.login("boss@sawit.example", &password).await;
    assert_eq!(login.data()["loginUser"]["user"]["role"], "Admin");
    let (access, _) = tokens(&login, "loginUser");
    world.restart().await;
    assert_eq!(
        std::fs::read_to_string(&path).unwrap().trim(),
        password,
        "a restart changes nothing"
    );
    assert_eq!(world.auth().admin().password_file, Some(path.clone()));

    // Live mode does not start with it, nor after it was merely forgotten.
    world.down().await;
    world.set(&LIVE);
    assert!(matches!(world.up().await, Err(StartError::AdminPasswordUnread { .. })));
    world.set(&[]);
    world.up().await.unwrap();
    let change =
        "mutation ($c: String!) { changePassword(currentPassword: $c, newPassword: \"a password of my own\") }";
    world.ask(Some(&access), change, json!({"c": password})).await.data();
    assert!(
        !path.exists(),
        "a password that is good for nothing need not lie around"
    );
    assert_eq!(world.auth().admin().email, "boss@sawit.example");
    world.down().await;
    world.set(&LIVE);
    world.up().await.unwrap();
}

#[tokio::test]
async fn a_crash_between_file_and_account_is_repaired_by_the_next_start() {
    let mut world = World::stopped(&[]);
    std::fs::create_dir_all(&world.settings.data_dir).unwrap();
    let path = world.settings.data_dir.join("admin-password");
    std::fs::write(&path, "of an account that was never made\n").unwrap();
    world.up().await.unwrap();
    let password = std::fs::read_to_string(&path).unwrap();
    world.login("admin@sawit.example", password.trim()).await.data();
}

#[tokio::test]
async fn live_mode_asks_for_a_password_worth_its_name() {
    let mut world = World::stopped(&LIVE);
    let missing = world.up().await.unwrap_err();
    assert!(matches!(missing, StartError::AdminPasswordMissing));
    assert!(missing.to_string().contains("SAWIT_ADMIN_PASSWORD"));
    for weak in ["password123", "short", "admin@sawit.example"] {
        world.set(&live_with_password(weak));
        let refused = world.up().await.unwrap_err();
        assert!(matches!(refused, StartError::AdminRefused(_)));
        assert!(!refused.to_string().contains(weak) || weak == "admin@sawit.example");
    }
    world.set(&live_with_password(ADMIN_PASSWORD));
    world.up().await.unwrap();
    assert_eq!(world.auth().admin().password_file, None);
    assert!(!world.settings.data_dir.join("admin-password").exists());
    world.admin_token().await;
    // What a sandbox only warns about is refused here.
    let common =
        "mutation { registerUser(username: \"narto\", fullname: \"N\", email: \"n@x.id\", password: \"password123\") }";
    assert_eq!(world.ask(None, common, json!({})).await.code(), "BAD_USER_INPUT");
    // From now on the setting is not needed.
    world.down().await;
    world.set(&LIVE);
    world.up().await.unwrap();
}

#[tokio::test]
async fn without_a_key_nothing_starts_and_the_reason_is_clear() {
    let mut world = World::stopped(&[]);
    std::fs::remove_dir_all(world.settings.keys_dir.join("private")).unwrap();
    let error = world.up().await.unwrap_err();
    assert!(error.to_string().contains("sawit keys generate"), "{error}");
}

#[tokio::test]
async fn a_password_equal_to_the_account_is_refused_in_a_sandbox_too() {
    let world = World::start().await;
    for password in ["naruto.uzumaki", "N.Uzumaki@gmail.com"] {
        let document = "mutation ($p: String!) { registerUser(username: \"naruto.uzumaki\", fullname: \"N\", \
            email: \"n.uzumaki@gmail.com\", password: $p) }";
        assert_eq!(
            world.ask(None, document, json!({"p": password})).await.code(),
            "BAD_USER_INPUT"
        );
    }
}
