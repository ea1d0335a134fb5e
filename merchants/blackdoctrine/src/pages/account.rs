//! Signing in and out, and making an account.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::login::{Login, login};
use crate::app::register::register;
use crate::app::{App, SharedApp};
use crate::domain::account::Registration;
use crate::error::Error;
use crate::pages::cookies::Cookie;
use crate::pages::form::{Nothing, Sent};
use crate::pages::layout::{Page, token_field};
use crate::pages::query::Asked;
use crate::pages::visitor::Visitor;
use crate::pages::{PageError, link, text};
use crate::secrets::LIFETIME_SECONDS;

/// Where the visitor wanted to go.
#[derive(Deserialize, Default)]
pub(crate) struct Next {
    #[serde(default)]
    lanjut: String,
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    email: String,
    sandi: String,
    lanjut: String,
}

#[derive(Deserialize)]
pub(crate) struct SignUp {
    nama: String,
    email: String,
    sandi: String,
    lanjut: String,
}

/// One of the two forms, as far as it is filled in. A password is never sent back.
struct AccountForm<'a> {
    kind: Kind,
    nama: &'a str,
    email: &'a str,
    next: &'a str,
    error: Option<&'a Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SignIn,
    SignUp,
}

pub(crate) async fn show_sign_in(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Asked(next): Asked<Next>,
) -> Result<Response, PageError> {
    show_empty(&app, &visitor, Kind::SignIn, &next.lanjut)
}

pub(crate) async fn show_sign_up(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Asked(next): Asked<Next>,
) -> Result<Response, PageError> {
    show_empty(&app, &visitor, Kind::SignUp, &next.lanjut)
}

pub(crate) async fn sign_in(
    State(app): State<SharedApp>,
    Sent { visitor, fields }: Sent<SignIn>,
) -> Result<Response, PageError> {
    match login(&app, &fields.email, fields.sandi).await {
        Ok(Login { token, .. }) => welcome(&app, &token, &fields.lanjut),
        Err(error) => {
            let form = AccountForm {
                email: &fields.email,
                ..AccountForm::empty(Kind::SignIn, &fields.lanjut)
            };
            form.show_again(&app, &visitor, error)
        }
    }
}

pub(crate) async fn sign_up(
    State(app): State<SharedApp>,
    Sent { visitor, fields }: Sent<SignUp>,
) -> Result<Response, PageError> {
    let made = match Registration::parse(&fields.nama, &fields.email, fields.sandi) {
        Ok(registration) => register(&app, registration).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(user) => welcome(&app, &app.tokens.issue(user.id, Timestamp::now())?, &fields.lanjut),
        Err(error) => {
            let form = AccountForm {
                nama: &fields.nama,
                email: &fields.email,
                ..AccountForm::empty(Kind::SignUp, &fields.lanjut)
            };
            form.show_again(&app, &visitor, error)
        }
    }
}

pub(crate) async fn sign_out(State(app): State<SharedApp>, _sent: Sent<Nothing>) -> Result<Response, PageError> {
    let cookie = AppendHeaders([(header::SET_COOKIE, Cookie::Session.clear(&app)?)]);
    Ok((cookie, link::go("/")).into_response())
}

fn show_empty(app: &App, visitor: &Visitor, kind: Kind, next: &str) -> Result<Response, PageError> {
    if visitor.user.is_some() {
        return Ok(link::go(next).into_response());
    }
    AccountForm::empty(kind, next).show(app, visitor, StatusCode::OK)
}

/// The visitor is who they say: from here on they are signed in.
fn welcome(app: &App, token: &str, next: &str) -> Result<Response, PageError> {
    let cookies = AppendHeaders([
        (header::SET_COOKIE, Cookie::Session.set(app, token, LIFETIME_SECONDS)?),
        (header::SET_COOKIE, Cookie::Visitor.clear(app)?),
    ]);
    Ok((cookies, link::go(next)).into_response())
}

impl<'a> AccountForm<'a> {
    const fn empty(kind: Kind, next: &'a str) -> Self {
        Self {
            kind,
            nama: "",
            email: "",
            next,
            error: None,
        }
    }

    fn show_again(self, app: &App, visitor: &Visitor, error: Error) -> Result<Response, PageError> {
        // Nothing that other fields would mend.
        if let Error::Internal(_) = error {
            return Err(error.into());
        }
        let form = AccountForm {
            error: Some(&error),
            ..self
        };
        form.show(app, visitor, text::status_code(&error))
    }

    fn show(self, app: &App, visitor: &Visitor, status: StatusCode) -> Result<Response, PageError> {
        let (here, title) = match self.kind {
            Kind::SignIn => ("/masuk", "Masuk"),
            Kind::SignUp => ("/daftar", "Daftar"),
        };
        let main = self.render(app, visitor, here, title)?;
        let mut response = Page::new(app, visitor, here, title, main)?.respond(status);
        if let Some(cookie) = visitor.new_cookie(app)? {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    fn render(&self, app: &App, visitor: &Visitor, here: &str, title: &str) -> Result<Markup, Error> {
        let next = link::own(self.next);
        Ok(html! {
            form.panel.narrow method="post" action=(here) {
                h1 { (title) }
                (token_field(app, visitor)?)
                input type="hidden" name="lanjut" value=(next);
                @if let Some(error) = self.error { p.problem #masalah role="alert" { (text::explain(error)) } }
                @if self.kind == Kind::SignUp { (self.name_field()) }
                (self.email_field())
                (self.password_field())
                p.actions { button.button type="submit" { (title) } }
                @match self.kind {
                    Kind::SignIn => p.note { "Belum punya akun? " a href=(link::register(next)) { "Daftar" } },
                    Kind::SignUp => p.note { "Sudah punya akun? " a href=(link::sign_in(next)) { "Masuk" } },
                }
            }
        })
    }

    fn name_field(&self) -> Markup {
        html! {
            div.field {
                label for="nama" { "Nama" }
                input #nama name="nama" type="text" required maxlength="100" autocomplete="name" value=(self.nama)
                    aria-invalid=[self.invalid(&["nama"])] aria-describedby=[self.described(&["nama"])];
            }
        }
    }

    fn email_field(&self) -> Markup {
        html! {
            div.field {
                label for="email" { "Email" }
                input #email name="email" type="email" required maxlength="254" autocomplete="email"
                    value=(self.email) aria-invalid=[self.invalid(&["email", "login"])]
                    aria-describedby=[self.described(&["email", "login"])];
            }
        }
    }

    fn password_field(&self) -> Markup {
        let autocomplete = match self.kind {
            Kind::SignIn => "current-password",
            Kind::SignUp => "new-password",
        };
        html! {
            div.field {
                label for="sandi" { "Kata sandi" }
                input #sandi name="sandi" type="password" required autocomplete=(autocomplete)
                    minlength=[(self.kind == Kind::SignUp).then_some("8")] maxlength="128"
                    aria-invalid=[self.invalid(&["password", "login"])]
                    aria-describedby=[self.described(&["password", "login"])];
                @if self.kind == Kind::SignUp { p.note { "Sedikitnya 8 karakter." } }
            }
        }
    }

    /// The field that the error is about; a refused login is about both.
    fn wrong_field(&self) -> Option<&'static str> {
        match self.error? {
            Error::BadInput { field, .. } => Some(field),
            Error::EmailTaken => Some("email"),
            Error::WrongCredentials => Some("login"),
            _ => None,
        }
    }

    fn invalid(&self, fields: &[&str]) -> Option<&'static str> {
        self.wrong_field()
            .is_some_and(|field| fields.contains(&field))
            .then_some("true")
    }

    fn described(&self, fields: &[&str]) -> Option<&'static str> {
        self.invalid(fields).map(|_| "masalah")
    }
}
