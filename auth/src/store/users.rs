//! The table `users`.

use ids::UserId;
use service::Timestamp;
use service::token::Role;
use store::{ColumnRef, FromColumn, Param, Row, Snapshot, StoreError, ToParam, Tx};

/// Whether somebody may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserStatus {
    Active,
    Disabled,
}

/// A user without credentials.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) user_id: UserId,
    pub(crate) username: String,
    pub(crate) username_key: String,
    pub(crate) fullname: String,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) role: Role,
    pub(crate) status: UserStatus,
    pub(crate) has_pin: bool,
    /// Since when a second factor is asked for, if one is.
    pub(crate) totp_since: Option<Timestamp>,
    pub(crate) time_zone: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// A user and the hashes of their password and, if they have set one, of their PIN.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) user: User,
    pub(crate) password_hash: String,
    pub(crate) pin_hash: Option<String>,
}

/// Which of the two names is in use already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Username,
    Email,
}

macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "SELECT user_id, username, username_key, fullname, email, email_key, role, status, created_at, password_hash, \
             pin_hash, time_zone, (SELECT confirmed_at FROM second_factors \
             WHERE second_factors.user_id = users.user_id) FROM users ",
            $($rest),+
        )
    };
}

impl UserStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }
}

impl ToParam for UserStatus {
    fn to_param(&self) -> Param<'_> {
        Param::Text(self.as_str().into())
    }
}

impl FromColumn for UserStatus {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        let text = String::from_column(column)?;
        [Self::Active, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("{text:?} is no status"))
    }
}

/// A role's place in a row.
struct StoredRole(Role);

impl FromColumn for StoredRole {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        let text = String::from_column(column)?;
        Role::parse(&text)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no role"))
    }
}

/// Adds a user, unless one of the names is taken: the constraint decides, so that of two at once one wins.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &Credentials) -> Result<Result<(), Taken>, StoreError> {
    let user = &new.user;
    let inserted = tx.execute(
        "INSERT INTO users (user_id, username, username_key, fullname, email, email_key, role, status, password_hash, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT DO NOTHING",
        &[
            &user.user_id,
            &user.username,
            &user.username_key,
            &user.fullname,
            &user.email,
            &user.email_key,
            &user.role.as_str(),
            &user.status,
            &new.password_hash,
            &user.created_at,
        ],
    )?;
    if inserted == 1 {
        return Ok(Ok(()));
    }
    let by_email = by_email_key(tx, &user.email_key)?;
    Ok(Err(if by_email.is_some() {
        Taken::Email
    } else {
        Taken::Username
    }))
}

pub(crate) fn by_id(snapshot: &Snapshot<'_>, user_id: UserId) -> Result<Option<User>, StoreError> {
    snapshot.query_opt(select!("WHERE user_id = $1"), &[&user_id], read_user)
}

pub(crate) fn credentials(snapshot: &Snapshot<'_>, user_id: UserId) -> Result<Option<Credentials>, StoreError> {
    snapshot.query_opt(select!("WHERE user_id = $1"), &[&user_id], read_credentials)
}

pub(crate) fn by_email_key(snapshot: &Snapshot<'_>, email_key: &str) -> Result<Option<Credentials>, StoreError> {
    snapshot.query_opt(select!("WHERE email_key = $1"), &[&email_key], read_credentials)
}

pub(crate) fn by_username_key(snapshot: &Snapshot<'_>, username_key: &str) -> Result<Option<User>, StoreError> {
    snapshot.query_opt(select!("WHERE username_key = $1"), &[&username_key], read_user)
}

/// Which users a page shows.
pub(crate) struct Page {
    pub(crate) first: i64,
    /// Only users that registered before this one.
    pub(crate) after: Option<UserId>,
    /// Only users with this in username, e-mail or name.
    pub(crate) containing: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<UserStatus>,
}

/// The end of every page's statement. Behind every id there is: `~`.
macro_rules! page_select {
    ($filter:literal) => {
        select!(
            "WHERE user_id < $1 AND (CAST($2 AS TEXT) IS NULL OR username_key LIKE $2 ESCAPE '!' \
             OR email_key LIKE $2 ESCAPE '!' OR LOWER(fullname) LIKE $2 ESCAPE '!') ",
            $filter,
            " ORDER BY user_id DESC LIMIT $3"
        )
    };
}

/// A page of all users, newest first. A statement for each combination, so that each goes along its index.
pub(crate) fn page(snapshot: &Snapshot<'_>, page: &Page) -> Result<Vec<User>, StoreError> {
    let pattern = page.containing.as_deref().map(contains_pattern);
    let after = page.after.map_or_else(|| "~".to_owned(), |after| after.to_string());
    let (after, first) = (&after, &page.first);
    match (page.role.map(Role::as_str), page.status) {
        (None, None) => snapshot.query(page_select!(""), &[after, &pattern, first], read_user),
        (Some(role), None) => snapshot.query(
            page_select!("AND role = $4"),
            &[after, &pattern, first, &role],
            read_user,
        ),
        (None, Some(status)) => snapshot.query(
            page_select!("AND status = $4"),
            &[after, &pattern, first, &status],
            read_user,
        ),
        (Some(role), Some(status)) => snapshot.query(
            page_select!("AND role = $4 AND status = $5"),
            &[after, &pattern, first, &role, &status],
            read_user,
        ),
    }
}

/// Replaces the hash that was read before; `false` when it is another by now.
pub(crate) fn replace_password_hash(
    tx: &mut Tx<'_>,
    known: &Credentials,
    new_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE users SET password_hash = $3, updated_at = $4 WHERE user_id = $1 AND password_hash = $2",
        &[&known.user.user_id, &known.password_hash, &new_hash, &now],
    )?;
    Ok(changed == 1)
}

/// Sets the PIN's hash, if the password is the one that was read before; `false` when it is another by now.
pub(crate) fn set_pin_hash(
    tx: &mut Tx<'_>,
    known: &Credentials,
    pin_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE users SET pin_hash = $3, updated_at = $4 WHERE user_id = $1 AND password_hash = $2",
        &[&known.user.user_id, &known.password_hash, &pin_hash, &now],
    )?;
    Ok(changed == 1)
}

pub(crate) fn set_role(tx: &mut Tx<'_>, user_id: UserId, role: Role, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET role = $2, updated_at = $3 WHERE user_id = $1",
        &[&user_id, &role.as_str(), &now],
    )?;
    Ok(())
}

pub(crate) fn set_time_zone(
    tx: &mut Tx<'_>,
    user_id: UserId,
    time_zone: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET time_zone = $2, updated_at = $3 WHERE user_id = $1",
        &[&user_id, &time_zone, &now],
    )?;
    Ok(())
}

pub(crate) fn set_status(
    tx: &mut Tx<'_>,
    user_id: UserId,
    status: UserStatus,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET status = $2, updated_at = $3 WHERE user_id = $1",
        &[&user_id, &status, &now],
    )?;
    Ok(())
}

/// How many may administer.
pub(crate) fn count_active_admins(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM users WHERE role = 'Admin' AND status = 'ACTIVE'",
        &[],
        |row| row.get(0),
    )
}

/// The admin that has been there longest.
pub(crate) fn first_admin(snapshot: &Snapshot<'_>) -> Result<Option<User>, StoreError> {
    snapshot.query_opt(select!("WHERE role = 'Admin' ORDER BY user_id LIMIT 1"), &[], read_user)
}

/// A LIKE pattern for text that is taken literally.
fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn read_user(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        user_id: row.get(0)?,
        username: row.get(1)?,
        username_key: row.get(2)?,
        fullname: row.get(3)?,
        email: row.get(4)?,
        email_key: row.get(5)?,
        role: row.get::<StoredRole>(6)?.0,
        status: row.get(7)?,
        has_pin: row.get::<Option<String>>(10)?.is_some(),
        totp_since: row.get(12)?,
        time_zone: row.get(11)?,
        created_at: row.get(8)?,
    })
}

fn read_credentials(row: &Row<'_>) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        user: read_user(row)?,
        password_hash: row.get(9)?,
        pin_hash: row.get(10)?,
    })
}
