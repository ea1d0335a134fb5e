use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use auth::keys::{self, CLIENTS, KeysError};
use service::Timestamp;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn kids(dir: &Path) -> Vec<(String, bool)> {
    let report = keys::show(dir).unwrap();
    report.keys.into_iter().map(|key| (key.kid, key.signs)).collect()
}

#[test]
fn what_is_missing_is_made_with_the_right_modes_and_what_is_there_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("keys");
    let made = keys::generate_if_missing(&dir).unwrap();
    let kid = made.signing_key.unwrap();
    assert_eq!(made.clients, CLIENTS);
    for (path, expect) in [
        (String::new(), 0o700),
        ("private".into(), 0o700),
        ("public".into(), 0o755),
        ("clients".into(), 0o700),
        (format!("private/{kid}.pem"), 0o600),
        ("private/second-factors.key".into(), 0o600),
        (format!("public/{kid}.pem"), 0o644),
        ("clients/wallet.secret".into(), 0o600),
        ("clients/wallet.sha256".into(), 0o644),
    ] {
        assert_eq!(mode(&dir.join(&path)), expect, "{path}");
    }
    let secret = keys::client_secret(&dir, "wallet").unwrap();
    assert_eq!(secret.expose().len(), 43);
    assert!(matches!(
        keys::client_secret(&dir, "../wallet"),
        Err(KeysError::UnknownClient(_))
    ));

    let private = std::fs::read(dir.join(format!("private/{kid}.pem"))).unwrap();
    assert_eq!(keys::generate_if_missing(&dir).unwrap(), keys::Made::default());
    // Half of it gone: that half is made again from what is there.
    std::fs::remove_file(dir.join(format!("public/{kid}.pem"))).unwrap();
    std::fs::remove_file(dir.join("clients/wallet.sha256")).unwrap();
    std::fs::write(dir.join("public/.x.pem.0.part"), "cut off").unwrap();
    assert_eq!(keys::generate_if_missing(&dir).unwrap(), keys::Made::default());
    assert_eq!(std::fs::read(dir.join(format!("private/{kid}.pem"))).unwrap(), private);
    assert_eq!(keys::client_secret(&dir, "wallet").unwrap().expose(), secret.expose());
    assert!(dir.join(format!("public/{kid}.pem")).exists());
    assert!(!dir.join("public/.x.pem.0.part").exists());
    assert_eq!(kids(&dir), [(kid, true)]);
}

#[test]
fn a_rotation_replaces_the_signer_and_forgets_public_keys_a_day_later() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let start = Timestamp::parse("2026-11-21T05:00:00Z").unwrap();
    let hours = |hours: u64| start.after(Duration::from_secs(hours * 3_600));
    let first = keys::generate_if_missing_at(dir, start).unwrap().signing_key.unwrap();
    assert!(first.starts_with("20261121T050000Z-"), "{first}");
    std::fs::write(dir.join("public/by-hand.pem"), "kept").unwrap();

    // The first key signed for two days: it was replaced only now, however old it is.
    let second = keys::rotate_at(dir, hours(48)).unwrap();
    assert!(second.removed.is_empty());
    let third = keys::rotate_at(dir, hours(72)).unwrap();
    assert!(third.removed.is_empty(), "a day is not more than a day");
    let fourth = keys::rotate_at(dir, hours(73)).unwrap();
    assert_eq!(fourth.removed, [first]);
    let listed = kids(dir);
    assert_eq!(
        listed,
        [
            (second.kid, false),
            (third.kid, false),
            (fourth.kid.clone(), true),
            ("by-hand".into(), false)
        ]
    );
    let private = std::fs::read_dir(dir.join("private")).unwrap();
    let mut private: Vec<String> = private
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    private.sort_unstable();
    assert_eq!(
        private,
        [format!("{}.pem", fourth.kid), "second-factors.key".to_owned()],
        "one key signs; what second factors are stored under outlives it"
    );

    // A clock that was set back, and two rotations in one second: the newest still sorts last.
    let fifth = keys::rotate_at(dir, start).unwrap();
    let sixth = keys::rotate_at(dir, start).unwrap();
    assert!(fourth.kid < fifth.kid && fifth.kid < sixth.kid);
}

#[test]
fn a_public_key_that_never_signed_does_not_make_the_signer_look_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let start = Timestamp::parse("2026-11-21T05:00:00Z").unwrap();
    let days = |days: u64| start.after(Duration::from_secs(days * 86_400));
    let first = keys::generate_if_missing_at(dir, start).unwrap().signing_key.unwrap();
    // What a crash leaves that comes between the two files of a pair.
    let orphan = dir.join("public/20261121T060000Z-00000000.pem");
    std::fs::copy(dir.join(format!("public/{first}.pem")), &orphan).unwrap();
    let second = keys::rotate_at(dir, days(3)).unwrap();
    assert!(!orphan.exists());
    let third = keys::rotate_at(dir, days(3).after(Duration::from_secs(3_600))).unwrap();
    assert_eq!(kids(dir), [(first, false), (second.kid, false), (third.kid, true)]);
}

#[test]
fn a_key_that_cannot_be_used_is_named_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let kid = keys::generate_if_missing(dir).unwrap().signing_key.unwrap();
    let path = dir.join(format!("private/{kid}.pem"));
    std::fs::write(&path, "not a key").unwrap();
    std::fs::remove_file(dir.join(format!("public/{kid}.pem"))).unwrap();
    let error = keys::generate_if_missing(dir).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("{kid}.pem: holds no RSA private key")),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"not a key");
}
