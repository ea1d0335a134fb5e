//! A wallet's statements for staff: as its owner has them, without what only the owner's history tells.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;
use service::Timestamp;

use super::api;
use super::frame::Staff;
use super::kit::segment;
use super::types::Wallet;
use super::wallets::PATH;
use crate::api::Failure;
use crate::pages::notice::{Tone, outcome};
use crate::statements::{self, Details, LINES_MAX, Month, NoFile};
use crate::text::Lang;

/// Older ones are had by their address.
const MONTHS: usize = 24;
const TITLE: &str = "Statement";

/// The months of a wallet, on its page.
pub(super) fn section(wallet: &Wallet, now: Timestamp) -> Markup {
    let (months, _) = match Month::of(now) {
        Some(newest) => statements::since(wallet.created_at, newest, MONTHS),
        None => Default::default(),
    };
    html! {
        section.card {
            h2 { "Statements" }
            ul.months {
                @for month in months {
                    @let name = month.name(Lang::En);
                    li {
                        span.what { (name) }
                        @for format in ["PDF", "CSV"] {
                            a href={ (PATH) "/" (segment(&wallet.wallet_id)) "/statements/" (month.code()) "." (format.to_lowercase()) }
                                aria-label={ (format) ", " (name) } { (format) }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) async fn download(staff: Staff, Path((wallet_id, file)): Path<(String, String)>) -> Response {
    let holder = match holder(&staff, &wallet_id).await {
        Ok(holder) => holder,
        Err(failure) => return staff.problem(TITLE, PATH, &failure),
    };
    match statements::file(&staff.visit, &wallet_id, &file, holder, Details::default()).await {
        Ok(file) => file,
        Err(NoFile::Unknown) => staff.nothing(TITLE, PATH),
        Err(NoFile::Failed(failure)) => staff.problem(TITLE, PATH, &failure),
        Err(NoFile::TooLong(lines)) => {
            let text = format!(
                "That month has {lines} lines; a file holds {LINES_MAX} at most. All of them can be had from the API."
            );
            let main = html! {
                section.card.narrow {
                    (outcome(Tone::Waiting, "This statement is too long", &text))
                    div.actions { a.button.second href={ (PATH) "/" (segment(&wallet_id)) } { "Back" } }
                }
            };
            staff.respond_with(TITLE, PATH, main, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// Whose wallet it is: the name of a user, and of a merchant what its wallet is called.
async fn holder(staff: &Staff, wallet_id: &str) -> Result<String, Failure> {
    let wallet = staff.ask(&api::WALLET, json!({ "walletId": wallet_id })).await?;
    if !wallet.user_id.starts_with("usr_") {
        return Ok(wallet.wallet_name);
    }
    let user = staff.ask(&api::USER, json!({ "userId": wallet.user_id })).await?;
    Ok(user.map_or(wallet.user_id, |user| user.fullname))
}
