//! Proofs, checkpoints and receipts, as somebody sees them who trusts nothing but a public key.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{World, payment, refused, with};
use history::evidence::{
    Checkpoint, Grown, Hash, NoteError, ReceiptError, VerifierKey, leaf_hash, verify_consistency, verify_inclusion,
    verify_receipt,
};
use serde_json::{Value, json};

const PROOF: &str = "entry leafIndex treeSize path checkpoint keyId";

async fn public_key(world: &World) -> VerifierKey {
    let answer = world.api.public(None, "{ historyPublicKey }", json!({})).await;
    VerifierKey::parse(answer.data()["historyPublicKey"].as_str().unwrap()).unwrap()
}

fn hashes(path: &Value) -> Vec<Hash> {
    let path = path.as_array().unwrap().iter();
    path.map(|hash| BASE64.decode(hash.as_str().unwrap()).unwrap().try_into().unwrap())
        .collect()
}

async fn receipt(world: &World, transaction_id: &str) -> String {
    let document = format!(r#"{{ receipt(transactionId: "{transaction_id}") }}"#);
    let answer = world.ask(&world.narto, &document).await;
    answer.data()["receipt"].as_str().unwrap().to_owned()
}

async fn code(world: &World, transaction_id: &str) -> String {
    let document = format!(r#"{{ receiptCode(transactionId: "{transaction_id}") }}"#);
    let answer = world.ask(&world.narto, &document).await;
    answer.data()["receiptCode"].as_str().unwrap().to_owned()
}

/// What the service says to anybody who asks about a receipt.
async fn told(world: &World, receipt: &str, key: Option<&str>) -> Value {
    let document = "query ($receipt: String!, $key: String) { verifyReceipt(receipt: $receipt, publicKey: $key) {
        holds problem explanation sequence recordedAt treeSize signedAt publicKey entry { transactionId status } } }";
    let variables = json!({ "receipt": receipt, "key": key });
    let answer = world.api.public(None, document, variables).await;
    answer.data()["verifyReceipt"].clone()
}

async fn checkpoints(world: &World) -> Vec<Checkpoint> {
    let key = public_key(world).await;
    let document = "{ historyCheckpoints(first: 500) { size rootHash createdAt keyId note } }";
    let answer = world.ask(&world.narto, document).await;
    let found = answer.data()["historyCheckpoints"].as_array().unwrap().clone();
    found
        .iter()
        .map(|told| {
            let checkpoint = key.verify(told["note"].as_str().unwrap()).unwrap();
            assert_eq!(told["size"].as_u64().unwrap(), checkpoint.size);
            assert_eq!(told["rootHash"], json!(BASE64.encode(checkpoint.root)));
            assert_eq!(told["createdAt"], json!(checkpoint.time.to_string()));
            assert_eq!(told["keyId"], json!(key.id()));
            checkpoint
        })
        .collect()
}

#[tokio::test]
async fn every_entry_is_proven_and_every_history_begins_with_the_ones_before() {
    let world = World::start().await;
    let key = public_key(&world).await;
    let mut ids = Vec::new();
    for number in 0..23 {
        ids.extend(world.append(vec![payment(number)]).await);
        if number % 3 == 0 {
            receipt(&world, &format!("trx_{number}")).await;
        }
    }
    for (leaf, id) in ids.iter().enumerate() {
        let document = format!(r#"{{ historyProof(historyId: "{id}") {{ {PROOF} }} }}"#);
        let answer = world.ask(&world.narto, &document).await;
        let proof = &answer.data()["historyProof"];
        let checkpoint = key.verify(proof["checkpoint"].as_str().unwrap()).unwrap();
        let entry = BASE64.decode(proof["entry"].as_str().unwrap()).unwrap();
        assert!(entry.windows(id.len()).any(|part| part == id.as_bytes()));
        assert_eq!(proof["leafIndex"], json!(leaf));
        assert_eq!(proof["treeSize"], json!(checkpoint.size));
        let (leaf, path) = (leaf as u64, hashes(&proof["path"]));
        let hash = leaf_hash(&entry);
        assert!(verify_inclusion(hash, leaf, checkpoint.size, &path, &checkpoint.root));
    }

    let checkpoints = checkpoints(&world).await;
    assert!(checkpoints.len() >= 8, "{checkpoints:?}");
    for pair in checkpoints.windows(2) {
        assert!(pair[0].size > pair[1].size, "newest first");
    }
    for old in &checkpoints {
        for new in checkpoints.iter().filter(|new| new.size >= old.size) {
            let document = format!(
                "{{ historyConsistency(fromSize: {}, toSize: {}) {{ fromSize toSize path }} }}",
                old.size, new.size
            );
            let answer = world.ask(&world.sasuke, &document).await;
            let grown = Grown {
                from: old.size,
                from_root: old.root,
                to: new.size,
                to_root: new.root,
            };
            let path = hashes(&answer.data()["historyConsistency"]["path"]);
            assert!(verify_consistency(&grown, &path), "{} to {}", old.size, new.size);
        }
    }
    for sizes in [
        "fromSize: 0, toSize: 5",
        "fromSize: 5, toSize: 4",
        "fromSize: 1, toSize: 24",
    ] {
        let document = format!("{{ historyConsistency({sizes}) {{ path }} }}");
        assert_eq!(
            world.ask(&world.narto, &document).await.code(),
            "BAD_USER_INPUT",
            "{sizes}"
        );
    }
}

#[tokio::test]
async fn a_receipt_is_the_same_whenever_it_is_asked_for_and_survives_a_restart() {
    let mut world = World::start().await;
    world.append((0..5).map(payment).collect()).await;
    let first = receipt(&world, "trx_3").await;
    world.append((5..9).map(payment).collect()).await;
    receipt(&world, "trx_8").await;
    assert_eq!(receipt(&world, "trx_3").await, first);
    world.restart(|_| {}).await;
    assert_eq!(receipt(&world, "trx_3").await, first);

    let verified = verify_receipt(&first, &public_key(&world).await).unwrap();
    assert_eq!((verified.sequence, verified.checkpoint.size), (4, 5));
    assert_eq!(verified.entry.transaction_id, "trx_3");
    assert_eq!(
        (verified.entry.amount, verified.entry.status.as_str()),
        (2_000_000, "SUCCESS")
    );
}

#[tokio::test]
async fn a_receipt_tells_of_the_success_and_only_ones_own_side() {
    let world = World::start().await;
    let sasukes = json!({ "entryKey": "trx_1:SUCCESS:usr_sasuke", "direction": "IN", "userId": "usr_sasuke" });
    let mut incoming = payment(1);
    for (field, value) in sasukes.as_object().unwrap() {
        incoming = with(incoming, field, value.clone());
    }
    let tried = with(payment(1), "entryKey", json!("trx_1:AUTHORIZED:usr_narto"));
    let tried = with(tried, "status", json!("AUTHORIZED"));
    let released = with(payment(1), "entryKey", json!("trx_1:VOIDED:usr_narto"));
    let released = with(released, "status", json!("VOIDED"));
    // A transaction whose id begins like the other's.
    world
        .append(vec![tried, payment(1), incoming, released, payment(11)])
        .await;
    let key = public_key(&world).await;
    let of = async |token: &str| {
        let answer = world.ask(token, r#"{ receipt(transactionId: "trx_1") }"#).await;
        let receipt = answer.data()["receipt"].as_str().unwrap().to_owned();
        verify_receipt(&receipt, &key).unwrap().sequence
    };
    assert_eq!(of(&world.narto).await, 2);
    assert_eq!(of(&world.sasuke).await, 3);
    assert_eq!(of(&world.admin).await, 3);
    // Staff who take part get their own side, too.
    let own = with(payment(1), "entryKey", json!("trx_1:SUCCESS:usr_admin"));
    let late = with(payment(1), "entryKey", json!("trx_1:SUCCESS:usr_other"));
    world
        .append(vec![
            with(own, "userId", json!("usr_admin")),
            with(late, "userId", json!("usr_other")),
        ])
        .await;
    assert_eq!(of(&world.admin).await, 6);
    for (token, id) in [
        (&world.sasuke, "trx_11"),
        (&world.narto, "trx_"),
        (&world.narto, "trx_%"),
    ] {
        let document = format!(r#"{{ receipt(transactionId: "{id}") }}"#);
        assert_eq!(world.ask(token, &document).await.code(), "NOT_FOUND", "{id}");
    }
}

/// Whatever is changed in a receipt, it does not hold any more.
#[tokio::test]
async fn a_forged_receipt_is_refused() {
    let world = World::start().await;
    world.append((0..7).map(payment).collect()).await;
    let key = public_key(&world).await;
    let good: Value = serde_json::from_str(&receipt(&world, "trx_2").await).unwrap();
    let check = |change: &dyn Fn(&mut Value)| {
        let mut receipt = good.clone();
        change(&mut receipt);
        verify_receipt(&receipt.to_string(), &key)
    };
    assert!(check(&|_| {}).is_ok());
    let refused = check(&|receipt| receipt["entry"]["amountMinor"] = json!(2_000_001));
    assert_eq!(refused, Err(ReceiptError::Disagrees));
    assert_eq!(
        check(&|receipt| receipt["keyId"] = json!("00000000")),
        Err(ReceiptError::Disagrees)
    );
    for (field, value) in [("leafIndex", json!(3)), ("treeSize", json!(8)), ("path", json!([]))] {
        let refused = check(&|receipt| receipt[field] = value.clone());
        assert_eq!(refused, Err(ReceiptError::NotIncluded), "{field}");
    }
    for field in ["format", "entryBytes", "path", "entry"] {
        let refused = check(&|receipt| receipt[field] = json!("no"));
        assert!(
            matches!(refused, Err(ReceiptError::Malformed(_))),
            "{field}: {refused:?}"
        );
    }
    let bytes = BASE64.decode(good["entryBytes"].as_str().unwrap()).unwrap();
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        let refused = check(&|receipt| receipt["entryBytes"] = json!(BASE64.encode(&bytes)));
        assert!(refused.is_err(), "byte {at}");
    }
    let note = good["checkpoint"].as_str().unwrap();
    let larger = note.replace("\n7\n", "\n8\n");
    let refused = check(&|receipt| receipt["checkpoint"] = json!(larger));
    assert_eq!(refused, Err(ReceiptError::Note(NoteError::BadSignature)));
    // Another provider's key, with the same name.
    let other = World::start().await;
    let refused = verify_receipt(&good.to_string(), &public_key(&other).await);
    assert_eq!(refused, Err(ReceiptError::Note(NoteError::UnknownKey)));
}

#[tokio::test]
async fn a_code_proves_what_its_receipt_proves() {
    let world = World::start().await;
    world.append((0..5).map(payment).collect()).await;
    world.append(vec![refused(5)]).await;
    let key = public_key(&world).await;
    for transaction_id in ["trx_0", "trx_3", "trx_5"] {
        let (receipt, code) = (
            receipt(&world, transaction_id).await,
            code(&world, transaction_id).await,
        );
        let verified = verify_receipt(&code, &key).unwrap();
        assert_eq!(verified.entry.transaction_id, transaction_id);
        assert_eq!(verify_receipt(&receipt, &key), Ok(verified));
    }
    // The longest entry there can be.
    let mut longest = with(refused(6), "counterparty", json!("𠮷".repeat(200)));
    for field in ["vaNumber", "walletId"] {
        longest = with(longest, field, json!("x".repeat(64)));
    }
    for field in ["kind", "failureCode"] {
        longest = with(longest, field, json!("X".repeat(32)));
    }
    let key_of_it = format!("trx_6:{}", "x".repeat(194));
    world.append(vec![with(longest, "entryKey", json!(key_of_it))]).await;
    assert!(verify_receipt(&code(&world, "trx_6").await, &key).is_ok());
}

/// Whoever cannot verify asks, and hears the same.
#[tokio::test]
async fn the_service_tells_anybody_whether_a_receipt_holds() {
    let mut world = World::start().await;
    world.append((0..7).map(payment).collect()).await;
    let (receipt, code) = (receipt(&world, "trx_2").await, code(&world, "trx_2").await);
    let key = public_key(&world).await.to_string();
    let expect = json!({
        "holds": true, "problem": null, "explanation": null, "sequence": 3, "recordedAt": "2026-11-19T09:06:40.000000Z",
        "treeSize": 7, "signedAt": "2026-11-19T09:06:40.000000Z", "publicKey": key,
        "entry": { "transactionId": "trx_2", "status": "SUCCESS" },
    });
    for text in [&receipt, &code, &format!("https://pay.example/verify#{code}")] {
        assert_eq!(told(&world, text, None).await, expect);
        assert_eq!(told(&world, text, Some(&key)).await, expect);
    }
    let other = public_key(&World::start().await).await.to_string();
    for (text, key, problem) in [
        (receipt.replace("\"SUCCESS\"", "\"FAILED\""), None, "DISAGREES"),
        (receipt.replace("\\n7\\n", "\\n8\\n"), None, "BAD_SIGNATURE"),
        (
            receipt.replace("\"leafIndex\": 2", "\"leafIndex\": 3"),
            None,
            "NOT_INCLUDED",
        ),
        (receipt.clone(), Some(other.as_str()), "UNKNOWN_KEY"),
        (code.clone(), Some(&other), "UNKNOWN_KEY"),
        (String::new(), None, "MALFORMED"),
        ("{".repeat(60_000), None, "MALFORMED"),
        ("x".repeat(70_000), None, "MALFORMED"),
        (code[..code.len() - 1].to_owned(), None, "MALFORMED"),
    ] {
        let told = told(&world, &text, key).await;
        assert_eq!((&told["holds"], &told["problem"]), (&json!(false), &json!(problem)));
        assert_eq!((&told["entry"], &told["publicKey"]), (&json!(null), &json!(null)));
        assert!(told["explanation"].as_str().unwrap().len() > 10, "{told}");
    }
    let document = "{ verifyReceipt(receipt: \"x\", publicKey: \"no key\") { holds } }";
    assert_eq!(world.ask(&world.narto, document).await.code(), "BAD_USER_INPUT");

    // Another key signs from here on, and what the old one signed holds all the same.
    let pem = std::fs::read_dir(world.folder.path().join("keys/history")).unwrap();
    let mut pem = pem
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "pem"));
    std::fs::remove_file(pem.next().unwrap()).unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    world.restart(|_| {}).await;
    let answer = world
        .api
        .public(None, "{ historyPublicKey historyPublicKeys }", json!({}))
        .await;
    let (new, keys) = (&answer.data()["historyPublicKey"], &answer.data()["historyPublicKeys"]);
    assert_eq!(keys, &json!([new, key]));
    assert_eq!(told(&world, &receipt, None).await, expect);
}

/// The verifier of the documentation, where there is a Python: it believes what we believe, and nothing else.
#[tokio::test]
async fn the_documented_verifier_agrees() {
    let world = World::start().await;
    world.append((0..11).map(payment).collect()).await;
    let (good, key) = (receipt(&world, "trx_6").await, public_key(&world).await.to_string());
    let code = code(&world, "trx_6").await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verify_receipt.py");
    let file = world.folder.path().join("receipt.json");
    let verifies = |receipt: &str, key: &str| {
        std::fs::write(&file, receipt).unwrap();
        let ran = std::process::Command::new("python3")
            .arg(script)
            .arg(&file)
            .arg(key)
            .output();
        ran.ok().map(|ran| ran.status.success())
    };
    if verifies(&good, &key).is_none() {
        println!("there is no python3 here: not tested");
        return;
    }
    assert_eq!(verifies(&good, &key), Some(true));
    assert_eq!(verifies(&good.replace("\"SUCCESS\"", "\"FAILED\""), &key), Some(false));
    assert_eq!(verifies(&good.replace("\\n11\\n", "\\n12\\n"), &key), Some(false));
    assert_eq!(
        verifies(&good.replace("\"leafIndex\": 6", "\"leafIndex\": 7"), &key),
        Some(false)
    );
    let other = public_key(&World::start().await).await.to_string();
    assert_eq!(verifies(&good, &other), Some(false));
    assert_eq!(verifies(&code, &key), Some(true));
    assert_eq!(
        verifies(&format!("https://pay.example/verify#{code}\n"), &key),
        Some(true)
    );
    assert_eq!(verifies(&code, &other), Some(false));
    assert_eq!(verifies(&code[..code.len() - 1], &key), Some(false));
    for at in [5, 60, 120, 140, 200, code.len() - 2] {
        let letter = if &code[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{letter}{}", &code[..at], &code[at + 1..]);
        assert_eq!(verifies(&changed, &key), Some(false), "letter {at}");
    }
}

#[tokio::test]
async fn many_entries_are_signed_for_without_being_asked() {
    let world = World::start().await;
    assert_eq!(checkpoints(&world).await, []);
    for part in 0..3 {
        world
            .append((part * 400..(part + 1) * 400).map(payment).collect())
            .await;
    }
    for _ in 0..200 {
        if checkpoints(&world)
            .await
            .first()
            .is_some_and(|newest| newest.size >= 1_000)
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no checkpoint after ten seconds");
}

#[tokio::test]
async fn proofs_hold_while_others_append() {
    let world = World::start().await;
    let tasks = (0..30_i64).map(|number| {
        let (api, service, narto) = (world.api.clone(), world.service.clone(), world.narto.clone());
        tokio::spawn(async move {
            let inputs: Vec<_> = (0..3).map(|part| payment(number * 10 + part)).collect();
            api.internal(Some(&service), common::APPEND, json!({ "inputs": inputs }))
                .await;
            let document = format!(r#"{{ receipt(transactionId: "trx_{}") }}"#, number * 10 + 1);
            let answer = api.public(Some(&narto), &document, json!({})).await;
            answer.data()["receipt"].as_str().unwrap().to_owned()
        })
    });
    let key = public_key(&world).await;
    for task in tasks.collect::<Vec<_>>() {
        verify_receipt(&task.await.unwrap(), &key).unwrap();
    }
    let sizes: Vec<_> = checkpoints(&world)
        .await
        .iter()
        .map(|checkpoint| checkpoint.size)
        .collect();
    assert!(
        sizes.len() <= 30,
        "one checkpoint serves all that came before it: {sizes:?}"
    );
}

/// A file of the first release, which knows no tree, and one whose catching up was cut off by a crash: both end with
/// the very tree that growing entry by entry gives.
#[tokio::test]
async fn entries_from_before_the_tree_are_brought_into_it() {
    let mut world = World::start().await;
    for part in 0..5 {
        world
            .append((part * 500..(part + 1) * 500).map(payment).collect())
            .await;
    }
    receipt(&world, "trx_2499").await;
    let grown = checkpoints(&world).await[0];
    assert_eq!(grown.size, 2_500);
    let before_the_tree = "DROP TABLE tree_nodes; DROP TABLE checkpoints;
                           DELETE FROM schema_migrations WHERE name LIKE '%tree%'";
    let in_the_middle = "DROP TRIGGER tree_nodes_are_never_removed; DROP TRIGGER checkpoints_are_never_removed;
                         DELETE FROM tree_nodes WHERE leaf >= 1003; DELETE FROM checkpoints";
    for sql in [before_the_tree, in_the_middle] {
        world.restart(|file| file.execute_batch(sql).unwrap()).await;
        receipt(&world, "trx_2499").await;
        let caught_up = checkpoints(&world).await[0];
        assert_eq!((caught_up.size, caught_up.root), (grown.size, grown.root));
    }
    world.append(vec![payment(2_500)]).await;
    let verified = verify_receipt(&receipt(&world, "trx_2500").await, &public_key(&world).await).unwrap();
    assert_eq!(verified.sequence, 2_501);
}

#[tokio::test]
async fn nothing_is_signed_over_a_tree_that_contradicts_what_was_signed_before() {
    let mut world = World::start().await;
    world.append((0..4).map(payment).collect()).await;
    receipt(&world, "trx_0").await;
    world
        .restart(|file| {
            file.execute_batch(
                "DROP TRIGGER tree_nodes_are_never_changed;
                 UPDATE tree_nodes SET hashes = zeroblob(96) WHERE leaf = 3",
            )
            .unwrap();
        })
        .await;
    world.append(vec![payment(4)]).await;
    let answer = world.ask(&world.narto, r#"{ receipt(transactionId: "trx_4") }"#).await;
    assert_eq!(answer.code(), "INTERNAL");
    assert_eq!(world.list("").await.len(), 5, "what comes in is recorded all the same");
    assert_eq!(checkpoints(&world).await.len(), 1);
}
