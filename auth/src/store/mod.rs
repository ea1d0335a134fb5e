//! All SQL of auth, one file per table.

pub(crate) mod attempts;
pub(crate) mod recovery_codes;
pub(crate) mod refresh_tokens;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod users;

use std::path::PathBuf;

use store::{Migration, Options};

const MIGRATIONS: &[Migration] = store::migrations![
    "0001_users.sql",
    "0002_merchants_and_pins.sql",
    "0003_staff_and_second_factors.sql"
];

/// Where the database is, and its tables.
pub(crate) fn options(path: PathBuf) -> Options {
    Options::new(path, MIGRATIONS).with_migrations(actions::MIGRATIONS)
}

#[cfg(test)]
mod tests {
    use ids::UserId;
    use service::token::Role;
    use store::{Database, StoreError};

    use super::*;

    const BEFORE: &[&str] = &[
        "INSERT INTO users VALUES ('usr_00000000000000000000000001', 'boss', 'boss', 'B', 'b@x.id', 'b@x.id', 'Admin', \
         'ACTIVE', 'hash of b', 1, 2)",
        "INSERT INTO users VALUES ('usr_00000000000000000000000002', 'Naruto', 'naruto', 'N', 'n@x.id', 'n@x.id', 'Nasabah', \
         'DISABLED', 'hash of n', 3, 4)",
        "INSERT INTO sessions (session_id, user_id, generation, created_at, last_used_at, expires_at) \
         VALUES ('ses_00000000000000000000000001', 'usr_00000000000000000000000001', 1, 1, 1, 9)",
    ];

    /// Accounts from before there were merchants and PINs are the same afterwards, and what refers to them still does.
    #[test]
    fn accounts_outlive_the_change_of_their_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.db");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let before = Database::open(&Options::new(path.clone(), &MIGRATIONS[..1])).unwrap();
            let written = before.write(|tx| {
                for sql in BEFORE {
                    tx.execute(sql, &[])?;
                }
                Ok::<_, StoreError>(())
            });
            written.await.unwrap();
            before.close().await;
            drop(before);

            let after = Database::open(&options(path)).unwrap();
            let id = |number: u8| UserId::parse(&format!("usr_{number:026}")).unwrap();
            let read = after.read(move |snapshot| {
                let user = |number| users::credentials(snapshot, id(number)).map(Option::unwrap);
                Ok::<_, StoreError>([user(1)?, user(2)?])
            });
            let [boss, naruto] = read.await.unwrap();
            assert_eq!((boss.user.role, naruto.user.role), (Role::Admin, Role::Nasabah));
            assert_eq!(naruto.user.status, users::UserStatus::Disabled);
            assert_eq!(
                (naruto.user.username.as_str(), naruto.password_hash.as_str()),
                ("Naruto", "hash of n")
            );
            assert_eq!((naruto.user.has_pin, naruto.pin_hash), (false, None));
            assert_eq!(naruto.user.created_at.micros(), 3);

            let set = |role: &'static str| {
                let sql = "UPDATE users SET role = $1 WHERE username = 'Naruto'";
                after.write(move |tx| tx.execute(sql, &[&role]))
            };
            assert_eq!(set("Merchant").await.unwrap(), 1);
            assert!(
                set("Service").await.is_err(),
                "a role that nobody has is refused by the table itself"
            );
            let orphan = after.write(|tx| tx.execute("DELETE FROM users WHERE role = 'Admin'", &[]));
            assert!(orphan.await.is_err(), "a session still belongs to somebody");
            after.close().await;
        });
    }
}
