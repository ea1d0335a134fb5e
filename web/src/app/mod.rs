//! The wallet app.

pub(crate) mod account;
pub(crate) mod devices;
pub(crate) mod history;
pub(crate) mod history_csv;
pub(crate) mod home;
pub(crate) mod profile;
pub(crate) mod security;
pub(crate) mod statements;
pub(crate) mod topup;
pub(crate) mod transfer;
pub(crate) mod wallets;

use axum::response::Response;
use maud::{Markup, html};

use crate::api::Wallet;
use crate::format::rupiah;
use crate::local_path::LocalPath;
use crate::pages::form::Mistake;
use crate::pages::problem;
use crate::text::common;
use crate::visit::{Place, Visit, see_other};

/// To the sign-in page, and from there back here.
pub(crate) fn sign_in_first(visit: &Visit) -> Response {
    if visit.session_is_unknown() {
        return problem::down(visit);
    }
    if visit.session().is_some() {
        // The gateway does not accept its token any more.
        visit.keep_session(None);
    }
    let here = LocalPath::or_home(visit.uri().path_and_query().map(|path| path.as_str()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", here.as_str());
    let page = match visit.place() {
        Place::App => "/app/login",
        Place::Console => "/console/sign-in",
    };
    see_other(&format!("{page}?{}", query.finish()))
}

/// A list of wallets to choose one from.
fn wallet_select(visit: &Visit, label: &str, wallets: &[Wallet], chosen: &str, mistakes: &[Mistake]) -> Markup {
    let mistake = mistakes.iter().find(|mistake| mistake.field == "wallet");
    html! {
        div.field {
            label for="wallet" { (label) }
            @if let Some(mistake) = mistake { p.mistake #wallet-mistake { (mistake.message) } }
            select #wallet name="wallet" required aria-describedby=[mistake.map(|_| "wallet-mistake")]
                aria-invalid=[mistake.map(|_| "true")] {
                @for wallet in wallets {
                    option value=(wallet.wallet_id) selected[wallet.wallet_id == chosen] disabled[!wallet.is_active()] {
                        (wallet.wallet_name) " · " (rupiah(wallet.available()))
                        @if !wallet.is_active() { " · " (visit.say(common::WALLET_FROZEN)) }
                    }
                }
            }
        }
    }
}
