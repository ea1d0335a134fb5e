//! What staff did is found again, newest first, and for each object by itself.

use actions::{NewAction, list, reason, record, required_reason};
use service::Timestamp;
use store::{Database, Options, StoreError};

#[tokio::test]
async fn actions_are_listed_newest_first_in_pages_and_by_object() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("a.db"), &[]).with_migrations(actions::MIGRATIONS);
    let database = Database::open(&options).unwrap();
    for number in 0..5_i64 {
        database
            .write(move |tx| {
                let action = NewAction {
                    actor: "usr_1",
                    action: "freezeWallet",
                    object: if number % 2 == 0 { "wal_even" } else { "wal_odd" },
                    reason: Some("asked for by the owner"),
                    detail: None,
                };
                record(tx, &action, Timestamp::from_micros(number))
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
    }
    let (all, odd) = database
        .read(|snapshot| {
            Ok::<_, StoreError>((
                list(snapshot, None, None, 9)?,
                list(snapshot, Some("wal_odd"), None, 9)?,
            ))
        })
        .await
        .unwrap();
    let shown = |list: &[actions::AdminAction]| format!("{list:?}").matches("wal_odd").count();
    assert_eq!((all.len(), shown(&all)), (5, 2));
    assert_eq!((odd.len(), shown(&odd)), (2, 2));
}

#[test]
fn a_reason_has_something_in_it_and_an_end() {
    assert_eq!(reason(Some("  why ".to_owned())).unwrap().as_deref(), Some("why"));
    assert_eq!(reason(Some("  ".to_owned())).unwrap(), None);
    assert!(reason(Some("x".repeat(501))).is_err());
    assert!(required_reason(" ".to_owned()).is_err());
}
