//! What a visitor sees when a page cannot be shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::error::Error;
use crate::pages::layout::Page;
use crate::pages::{link, text};

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Only for who is signed in; afterwards the visitor goes on to this page.
    SignIn(String),
    /// No such page, or somebody else's: the two look alike.
    NotFound,
    /// The form does not come from a page of ours, or from one too old; the page it should stand on.
    Forged(String),
    Failed(Error),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::NotFound,
            error => Self::Failed(error),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, explanation, (target, label)) = match &self {
            Self::SignIn(page) => return link::go(&link::sign_in(page)).into_response(),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Halaman tidak ditemukan",
                "Alamatnya mungkin salah ketik, atau halaman ini bukan untuk akun Anda.".to_owned(),
                ("/", "Ke daftar produk"),
            ),
            Self::Forged(page) => (
                StatusCode::FORBIDDEN,
                "Formulir tidak bisa diterima",
                "Formulir ini sudah kedaluwarsa atau tidak dikirim dari halaman BlackDoctrine. Tidak ada yang berubah. \
                 Buka lagi halamannya, lalu kirim ulang."
                    .to_owned(),
                (page.as_str(), "Buka lagi halamannya"),
            ),
            Self::Failed(error) => (
                text::status_code(error),
                "Maaf, ada gangguan",
                text::explain(error),
                ("/", "Ke daftar produk"),
            ),
        };
        if let Self::Failed(Error::Internal(cause)) = &self {
            tracing::error!(error = format!("{cause:#}"), "a page failed");
        }
        let main = html! {
            div.message {
                p.message-code { (status.as_u16()) }
                h1 { (title) }
                p { (explanation) }
                p { a.button href=(target) { (label) } }
            }
        };
        Page::without_account(title, main).respond(status)
    }
}
