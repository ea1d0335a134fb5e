//! `/app`: wallets, their total, and what happened last.

use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use money::Money;
use serde::Deserialize;
use serde_json::json;

use super::history::entries;
use super::sign_in_first;
use crate::api::{HistoryEntry, Wallet, documents};
use crate::format::{IDR, rupiah};
use crate::pages::form::{Input, Mistake, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, line};
use crate::pages::problem;
use crate::text::{app, checkout, common, statements};
use crate::visit::Visit;

const RECENT: u32 = 5;

#[derive(Deserialize)]
pub(crate) struct Before {
    opened: Option<String>,
}

pub(crate) async fn show(visit: Visit, Query(before): Query<Before>) -> Response {
    let message = before
        .opened
        .map(|_| visit.say(app::WALLET_CREATED))
        .unwrap_or_default();
    match page(&visit, &[], "", message).await {
        Ok(page) => page.respond(&visit),
        Err(response) => response,
    }
}

/// The page, also after a wallet was not opened.
pub(super) async fn page<'a>(
    visit: &'a Visit,
    mistakes: &[Mistake],
    wallet_name: &str,
    message: &str,
) -> Result<Page<'a>, Response> {
    let Some(session) = visit.session() else {
        return Err(sign_in_first(visit));
    };
    let (wallets, recent) = tokio::join!(
        visit.ask(&documents::MY_WALLETS, ()),
        visit.ask(&documents::MY_HISTORY, json!({ "first": RECENT }))
    );
    let wallets = wallets.map_err(|failure| problem::of_failure(visit, &failure))?;
    let main = html! {
        div.head {
            div {
                p.eyebrow { (visit.fill(app::HELLO, &[&session.fullname])) }
                h1 { (visit.say(app::TOTAL)) " " span.amount { (rupiah(total(&wallets))) } }
            }
            form method="post" action="/app/logout" {
                (token(visit))
                button.link type="submit" { (visit.say(common::SIGN_OUT)) }
            }
        }
        @if !message.is_empty() { (line(Tone::Good, message)) }
        div.quick {
            a.button href="/app/transfer" { (visit.say(app::TRANSFER)) }
            a.button.second href="/app/topup" { (visit.say(app::TOPUP)) }
            a.button.second href="/pay" { (visit.say(app::PAY_BILL)) }
        }
        (wallet_cards(visit, &wallets))
        div.pair {
            section.card {
                h2 { (visit.say(app::RECENT)) }
                (recent_entries(visit, recent.as_deref().ok()))
            }
            section.card #open {
                h2 { (visit.say(app::NEW_WALLET)) }
                (summary(visit, mistakes))
                (wallet_form(visit, mistakes, wallet_name, wallets.is_empty()))
            }
        }
    };
    Ok(Page::new(visit.say(app::HOME), Kind::App("/app"), main))
}

/// What all wallets hold, exactly.
fn total(wallets: &[Wallet]) -> Money {
    let zero = Money::zero(IDR);
    wallets
        .iter()
        .fold(zero, |sum, wallet| sum.checked_add(wallet.balance()).unwrap_or(sum))
}

fn wallet_cards(visit: &Visit, wallets: &[Wallet]) -> Markup {
    html! {
        section aria-labelledby="wallets-title" {
            h2 #wallets-title { (visit.say(app::YOUR_WALLETS)) }
            @if wallets.is_empty() { p.hint { (visit.say(app::NO_WALLETS)) } }
            ul.wallets {
                @for wallet in wallets {
                    li.wallet.frozen[!wallet.is_active()] {
                        span.name { (wallet.wallet_name) }
                        span.money { (rupiah(wallet.balance())) }
                        @if !wallet.is_active() { span.remark.bad { (visit.say(common::WALLET_FROZEN)) } }
                        @else if let Some(held) = wallet.held() {
                            span.remark { (visit.fill(checkout::HELD, &[&rupiah(held)])) }
                        }
                        a.remark href={ "/app/statements?wallet=" (wallet.wallet_id) } { (visit.say(statements::TITLE)) }
                    }
                }
            }
            @if wallets.iter().any(|wallet| !wallet.is_active()) { p.hint { (visit.say(app::FROZEN_NOTE)) } }
        }
    }
}

fn recent_entries(visit: &Visit, recent: Option<&[HistoryEntry]>) -> Markup {
    html! {
        @match recent {
            None => p.hint { (visit.say(crate::text::failures::DOWN)) },
            Some([]) => p.hint { (visit.say(app::NOTHING_YET)) },
            Some(recent) => {
                (entries(visit, recent))
                p.aside { a href="/app/history" { (visit.say(app::SEE_ALL)) } }
            }
        }
    }
}

fn wallet_form(visit: &Visit, mistakes: &[Mistake], wallet_name: &str, is_first: bool) -> Markup {
    let input = Input {
        value: wallet_name,
        length_max: 60,
        ..Input::text("wallet_name", visit.say(app::WALLET_NAME))
    };
    html! {
        form method="post" action="/app/wallets" data-once {
            (token(visit))
            (input.render(visit, mistakes))
            button.second[!is_first] type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::CREATE)) }
        }
    }
}
