//! A buyer makes an account.

use jiff::Timestamp;

use crate::app::App;
use crate::domain::account::{Registration, User};
use crate::error::Error;
use crate::store::users::{self, NewUser};

pub(crate) async fn register(app: &App, registration: Registration) -> Result<User, Error> {
    let Registration { nama, email, password } = registration;
    let password_hash = app.passwords.hash(password).await?;
    let user = NewUser {
        nama,
        email,
        password_hash,
    };
    app.db.run(move |tx| users::insert(tx, &user, Timestamp::now())).await
}
