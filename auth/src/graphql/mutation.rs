//! The public mutations. All may be null, so that one that fails does not hide what the others of its document did.

use async_graphql::{Context, ID, Object};
use service::ApiError;
use service::token::caller;

use super::types::{Session, TotpSetup, User};
use super::{address, app};
use crate::app::{Confirmation, Instruction, Login, PasswordChange, PinChange, Registration, TotpEnd};
use crate::store::users::UserStatus;

/// The public mutations.
pub(crate) struct Mutation;

/// What can be done to accounts.
#[Object]
impl Mutation {
    /// Opens a customer's account and answers with its id. `register` answers with more.
    async fn register_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "3 to 32 of A-Z a-z 0-9 . _ -, unique whatever its case.")] username: String,
        #[graphql(desc = "1 to 100 printable characters.")] fullname: String,
        #[graphql(desc = "Unique whatever its case.")] email: String,
        #[graphql(desc = "8 to 128 characters.")] password: String,
    ) -> Result<Option<ID>, ApiError> {
        let registration = Registration::parse(&username, &fullname, &email, &password)?;
        let user_id = app(context).register(registration, address(context)).await?;
        Ok(Some(ID::from(user_id.to_string())))
    }

    /// Opens a customer's account and logs in.
    async fn register(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "3 to 32 of A-Z a-z 0-9 . _ -, unique whatever its case.")] username: String,
        #[graphql(desc = "1 to 100 printable characters.")] fullname: String,
        #[graphql(desc = "Unique whatever its case.")] email: String,
        #[graphql(desc = "8 to 128 characters.")] password: String,
    ) -> Result<Option<Session>, ApiError> {
        let registration = Registration::parse(&username, &fullname, &email, &password)?;
        let logged_in = app(context).register_and_login(registration, address(context)).await?;
        Ok(Some(logged_in.into()))
    }

    /// Checks e-mail and password (and the code of the second factor, from who has one: TOTP_REQUIRED when it is missing)
    /// and opens a session.
    async fn login_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As registered, in any case.")] email: String,
        #[graphql(desc = "As registered.")] password: String,
        #[graphql(desc = "Who has a second factor: the six digits of the app, or a recovery code. Good once.")]
        totp_code: Option<String>,
    ) -> Result<Option<Session>, ApiError> {
        let login = Login::new(&email, &password, address(context)).with_code(totp_code.as_deref());
        Ok(Some(app(context).login(&login).await?.into()))
    }

    /// Trades a refresh token for an access token and the next refresh token. A refresh token that is used a second
    /// time ends its session, because then somebody else has it too.
    async fn refresh_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The latest refresh token of the session.")] refresh_token: String,
    ) -> Result<Option<Session>, ApiError> {
        Ok(Some(app(context).refresh(&refresh_token).await?.into()))
    }

    /// Ends a session; false when it was over already. Its access token stays good elsewhere until it ends by itself.
    async fn logout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A refresh token of the session; without it the session of the access token ends.")]
        refresh_token: Option<String>,
    ) -> Result<Option<bool>, ApiError> {
        let was_open = app(context).logout(refresh_token.as_deref(), caller(context)).await?;
        Ok(Some(was_open))
    }

    /// Changes the caller's password and ends their other sessions. Their PIN stays.
    async fn change_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The password until now.")] current_password: String,
        #[graphql(desc = "8 to 128 characters.")] new_password: String,
    ) -> Result<Option<bool>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let change = PasswordChange::parse(&current_password, &new_password, address(context))?;
        app.change_password(&signed_in, &change).await?;
        Ok(Some(true))
    }

    /// Sets the caller's PIN, the first or another one. It confirms in `confirmIdentity`, and is no password to log in
    /// with.
    async fn set_pin(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The caller's password.")] current_password: String,
        #[graphql(desc = "Six digits; not one repeated, nor a row such as 123456.")] pin: String,
    ) -> Result<Option<bool>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let change = PinChange::parse(&current_password, &pin, address(context))?;
        app.set_pin(&signed_in, &change).await?;
        Ok(Some(true))
    }

    /// True when the password (or the PIN) is the caller's. A wrong one is BAD_USER_INPUT with `field`, and ends no
    /// session; after five wrong PINs the PIN waits, until its owner gives the password. Exactly one of the two is needed.
    async fn confirm_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The caller's password.")] password: Option<String>,
        #[graphql(desc = "The caller's PIN.")] pin: Option<String>,
    ) -> Result<Option<bool>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let confirmation = Confirmation::parse(password.as_deref(), pin.as_deref(), address(context))?;
        app.confirm_identity(&signed_in, &confirmation).await?;
        Ok(Some(true))
    }

    /// Ends one of the caller's sessions.
    async fn end_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As in `mySessions`.")] session_id: String,
    ) -> Result<Option<bool>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        app.end_session(&signed_in, &session_id).await?;
        Ok(Some(true))
    }

    /// Begins a second factor: answers what an authenticator app must be told. It is not asked for before `confirmTotp`,
    /// within the hour.
    async fn begin_totp(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The caller's password.")] current_password: String,
    ) -> Result<Option<TotpSetup>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let setup = app.begin_totp(&signed_in, &current_password, address(context)).await?;
        Ok(Some(setup.into()))
    }

    /// From now on `loginUser` asks for a code. Ends the caller's other sessions, and answers with ten recovery codes, each
    /// good once in the place of a code. They are shown this once.
    async fn confirm_totp(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The six digits that the app shows.")] code: String,
    ) -> Result<Option<Vec<String>>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let codes = app.confirm_totp(&signed_in, &code).await?;
        Ok(Some(codes.iter().map(|code| code.expose().to_owned()).collect()))
    }

    /// Ends the caller's second factor and its recovery codes.
    async fn disable_totp(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The caller's password.")] current_password: String,
        #[graphql(desc = "The six digits that the app shows, or a recovery code.")] code: String,
    ) -> Result<Option<bool>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let end = TotpEnd::parse(&current_password, &code, address(context))?;
        app.disable_totp(&signed_in, &end).await?;
        Ok(Some(true))
    }

    /// Sets the caller's time zone, which shows in their tokens from the next refresh on.
    async fn set_time_zone(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "An IANA name such as `Asia/Jakarta`.")] name: String,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        Ok(Some(app.set_time_zone(&signed_in, &name).await?.into()))
    }

    /// Gives somebody another role; it shows in their tokens from the next refresh on. For admins.
    async fn set_user_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose.")] user_id: String,
        #[graphql(desc = "`Nasabah`, `Merchant`, `Support`, `FraudAnalyst` or `Admin`, as in `User.role`.")]
        role: String,
        #[graphql(desc = "Why, for `authActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let admin = app.signed_in_admin(caller(context)).await?;
        let by = Instruction::parse(&admin, reason)?;
        let user = app.set_user_role(&user_id, &role, by).await?;
        tracing::info!(admin = %admin.user.user_id, user = %user.user_id, role, "a role was set");
        Ok(Some(user.into()))
    }

    /// Ends somebody's sessions and keeps them from logging in. For admins.
    async fn disable_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] user_id: String,
        #[graphql(desc = "Why, for `authActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let admin = app.signed_in_admin(caller(context)).await?;
        let by = Instruction::parse(&admin, reason)?;
        let user = app.set_user_status(&user_id, UserStatus::Disabled, by).await?;
        tracing::info!(admin = %admin.user.user_id, user = %user.user_id, "a user was disabled");
        Ok(Some(user.into()))
    }

    /// Lets somebody log in again. For admins.
    async fn enable_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] user_id: String,
        #[graphql(desc = "Why, for `authActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let admin = app.signed_in_admin(caller(context)).await?;
        let by = Instruction::parse(&admin, reason)?;
        let user = app.set_user_status(&user_id, UserStatus::Active, by).await?;
        tracing::info!(admin = %admin.user.user_id, user = %user.user_id, "a user was enabled");
        Ok(Some(user.into()))
    }

    /// Forgets somebody's failed logins, wrong PINs and wrong codes, so that they need not wait any longer. For admins.
    async fn unlock_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose.")] user_id: String,
        #[graphql(desc = "Why, for `authActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let admin = app.signed_in_admin(caller(context)).await?;
        let by = Instruction::parse(&admin, reason)?;
        let user = app.unlock_user(&user_id, by).await?;
        tracing::info!(admin = %admin.user.user_id, user = %user.user_id, "failed logins were forgotten");
        Ok(Some(user.into()))
    }

    /// Ends somebody's second factor, because they have lost it, and their sessions. For admins, and not for their own.
    async fn reset_totp(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose.")] user_id: String,
        #[graphql(desc = "Why, for `authActions`: at most 500 characters.")] reason: String,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let admin = app.signed_in_admin(caller(context)).await?;
        let by = Instruction::with_reason(&admin, reason)?;
        let user = app.reset_totp(&user_id, by).await?;
        tracing::info!(admin = %admin.user.user_id, user = %user.user_id, "a second factor was ended");
        Ok(Some(user.into()))
    }
}
