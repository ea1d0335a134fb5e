//! A user's wallets: pages, names, and how many there may be.

use serde_json::{Value, json};

use crate::world::*;

const PAGE: &str =
    "query($first: Int, $after: String) { myWallets(first: $first, after: $after) { walletId walletName } }";

async fn page(world: &World, person: &Person, variables: Value) -> Vec<(String, String)> {
    let answer = world.ask(person, PAGE, variables).await;
    let wallets = answer.data()["myWallets"].as_array().unwrap().clone();
    wallets
        .iter()
        .map(|wallet| (text(&wallet["walletId"]), text(&wallet["walletName"])))
        .collect()
}

#[tokio::test]
async fn wallets_come_oldest_first_page_by_page() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    let mut names = Vec::new();
    for number in 0..7 {
        let name = format!("Dompet {number}");
        world.ask(&ani, CREATE, json!({ "walletName": name })).await.data();
        world.ask(&budi, CREATE, json!({ "walletName": "Budi" })).await.data();
        names.push(name);
    }
    let all = page(&world, &ani, json!({})).await;
    assert_eq!(all.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>(), names);

    let mut walked = Vec::new();
    let mut after = Value::Null;
    loop {
        let part = page(&world, &ani, json!({ "first": 3, "after": after })).await;
        assert!(part.len() <= 3);
        let Some((last, _)) = part.last() else { break };
        after = json!(last);
        walked.extend(part);
    }
    assert_eq!(walked, all);
    // Somebody else's wallet is a place in the order like any other, and shows nothing of theirs.
    let foreign = page(&world, &budi, json!({ "first": 1 })).await[0].0.clone();
    assert_eq!(page(&world, &ani, json!({ "after": foreign })).await, all[1..]);

    for (variables, code) in [
        (json!({ "first": 0 }), "BAD_USER_INPUT"),
        (json!({ "first": -1 }), "BAD_USER_INPUT"),
        (json!({ "first": 501 }), "BAD_USER_INPUT"),
        (json!({ "after": "x" }), "NOT_FOUND"),
        (json!({ "first": 500 }), "OK"),
    ] {
        assert_eq!(
            world.ask(&ani, PAGE, variables.clone()).await.code(),
            code,
            "{variables}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn fifty_open_wallets_are_enough_for_anybody() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    for _ in 0..50 {
        world.wallet_with(&ani, 0).await;
    }
    let one_more = world.ask(&ani, CREATE, json!({ "walletName": "Lagi" })).await;
    assert_eq!(one_more.code(), "CONFLICT");
    world.wallet_with(&budi, 0).await;
    let mine = page(&world, &ani, json!({})).await;
    assert_eq!(mine.len(), 50);
    // A closed wallet makes room, and stays closed.
    world.ask(&ani, DELETE, json!({ "walletId": mine[0].0 })).await.data();
    world.wallet_with(&ani, 0).await;
    assert_eq!(
        world.ask(&ani, CREATE, json!({ "walletName": "Lagi" })).await.code(),
        "CONFLICT"
    );
    world.end().await;
}

#[tokio::test]
async fn names_are_checked() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let long = "a".repeat(61);
    for bad in ["", "   ", "a\u{0}b", "a\nb", "\u{200b}", &long] {
        let answer = world.ask(&ani, CREATE, json!({ "walletName": bad })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{bad:?}");
    }
    let name = "  <script>alert(1)</script> 💰 ";
    let created = world.ask(&ani, CREATE, json!({ "walletName": name })).await;
    assert_eq!(created.data()["createWallet"]["walletName"], json!(name.trim()));
    assert_eq!(page(&world, &ani, json!({})).await.len(), 1);
    world.end().await;
}
