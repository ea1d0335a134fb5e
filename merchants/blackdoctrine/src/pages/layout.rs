//! What every page has around it.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::app::App;
use crate::error::Error;
use crate::pages::form::TOKEN_FIELD;
use crate::pages::visitor::Visitor;
use crate::pages::{assets, link};

/// A page about to be shown.
pub(super) struct Page {
    title: String,
    head: Markup,
    account: Markup,
    main: Markup,
}

impl Page {
    /// A page for this visitor; `here` is its own address, where a visitor who signs in comes back to.
    pub(super) fn new(app: &App, visitor: &Visitor, here: &str, title: &str, main: Markup) -> Result<Self, Error> {
        let account = match &visitor.user {
            Some(user) => html! {
                a href="/pesanan" aria-current=[current(here, "/pesanan")] { "Pesanan saya" }
                form.sign-out method="post" action="/keluar" {
                    (token_field(app, visitor)?)
                    span.who { (user.nama) }
                    button.link type="submit" { "Keluar" }
                }
            },
            None => html! {
                a href=(link::sign_in(here)) aria-current=[current(here, "/masuk")] { "Masuk" }
                a href=(link::register(here)) aria-current=[current(here, "/daftar")] { "Daftar" }
            },
        };
        Ok(Self {
            account: html! {
                a href="/" aria-current=[current(here, "/")] { "Produk" }
                (account)
            },
            ..Self::without_account(title, main)
        })
    }

    /// A page that does not know who looks at it.
    pub(super) fn without_account(title: &str, main: Markup) -> Self {
        Self {
            title: title.to_owned(),
            head: html! {},
            account: html! { a href="/" { "Produk" } },
            main,
        }
    }

    /// Adds to the page's head.
    pub(super) fn with_head(self, head: Markup) -> Self {
        Self { head, ..self }
    }

    pub(super) fn respond(self, status: StatusCode) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="id" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " · BlackDoctrine" }
                    link rel="stylesheet" href=(assets::STYLE.path());
                    link rel="icon" type="image/svg+xml" href=(assets::ICON.path());
                    (self.head)
                }
                body {
                    a.skip href="#isi" { "Langsung ke isi" }
                    header.top {
                        div.wrap {
                            a.brand href="/" { "Black" span { "Doctrine" } }
                            nav aria-label="Utama" { (self.account) }
                        }
                    }
                    main.wrap #isi tabindex="-1" { (self.main) }
                    footer.bottom {
                        div.wrap {
                            p { "BlackDoctrine · hasil bumi dan kriya Nusantara" }
                            p { "Pembayaran lewat dompet digital Sawit" }
                        }
                    }
                }
            }
        };
        (status, Html(page.into_string())).into_response()
    }
}

/// The field by which a form is known as ours.
pub(super) fn token_field(app: &App, visitor: &Visitor) -> Result<Markup, Error> {
    let token = visitor.form_token(app)?;
    Ok(html! { input type="hidden" name=(TOKEN_FIELD) value=(token); })
}

fn current(here: &str, link: &str) -> Option<&'static str> {
    (here == link).then_some("page")
}
