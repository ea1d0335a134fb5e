//! A buyer logs in.

use jiff::Timestamp;

use crate::app::App;
use crate::domain::account::{User, normalise_email};
use crate::error::Error;
use crate::store::users;

/// No password is longer, so no work is spent on one that is.
const PASSWORD_BYTES_MAX: usize = 4 * 128;

/// What a login gives.
pub(crate) struct Login {
    pub(crate) token: String,
    pub(crate) user: User,
}

pub(crate) async fn login(app: &App, email: &str, password: String) -> Result<Login, Error> {
    let email = normalise_email(email);
    if email.len() > 254 || password.len() > PASSWORD_BYTES_MAX {
        return Err(Error::WrongCredentials);
    }
    let now = Timestamp::now();
    if !app.attempts.begin(&email, now) {
        return Err(Error::TooManyAttempts);
    }
    let wanted = email.clone();
    let found = app.db.run(move |tx| users::find_with_hash(tx, &wanted)).await?;
    let (user, hash) = found.unzip();
    // Also without a user: the time must not tell whether there is one.
    let is_right = app.passwords.verify(password, hash).await?;
    let user = user.filter(|_| is_right).ok_or(Error::WrongCredentials)?;
    app.attempts.succeeded(&email);
    if !user.is_active {
        return Err(Error::AccountInactive);
    }
    Ok(Login {
        token: app.tokens.issue(user.id, now)?,
        user,
    })
}
