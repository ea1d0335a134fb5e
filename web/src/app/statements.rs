//! `/app/statements`: a wallet's months, each as PDF and CSV.

use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::sign_in_first;
use crate::api::{Code, Wallet, documents};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, outcome};
use crate::pages::problem;
use crate::statements::{self, Details, LINES_MAX, Month, NoFile};
use crate::text::{common, statements as text};
use crate::visit::Visit;

const MONTHS: usize = 12;
const HISTORY: Kind = Kind::App("/app/history");

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    wallet: String,
    /// The newest month that is shown.
    #[serde(default)]
    until: String,
}

pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let wallets = match visit.ask(&documents::MY_WALLETS, ()).await {
        Ok(wallets) => wallets,
        Err(failure) => return problem::of_failure(&visit, &failure),
    };
    let chosen = wallets.iter().find(|wallet| wallet.wallet_id == asked.wallet);
    if chosen.is_none() && !asked.wallet.is_empty() {
        return problem::not_found(&visit);
    }
    let title = visit.say(text::TITLE);
    let main = html! {
        h1 { (title) }
        section.card {
            p.hint { (visit.say(text::INTRO)) }
            @match chosen.or(wallets.first()) {
                None => p { (visit.say(text::NO_WALLET)) },
                Some(wallet) => {
                    (choose(&visit, &wallets, wallet))
                    (months(&visit, wallet, &asked.until))
                },
            }
        }
        p.aside { a href="/app/history" { (visit.say(crate::text::app::HISTORY)) } }
    };
    Page::new(title, HISTORY, main).respond(&visit)
}

/// Which wallet, where there are several.
fn choose(visit: &Visit, wallets: &[Wallet], chosen: &Wallet) -> Markup {
    html! {
        @if wallets.len() == 1 { h2 { (chosen.wallet_name) } }
        @else {
            form.filter method="get" action="/app/statements" {
                div.field {
                    label for="wallet" { (visit.say(text::WALLET)) }
                    select #wallet name="wallet" {
                        @for wallet in wallets {
                            option value=(wallet.wallet_id) selected[wallet.wallet_id == chosen.wallet_id] { (wallet.wallet_name) }
                        }
                    }
                }
                div.actions { button.second type="submit" { (visit.say(text::SHOW)) } }
            }
        }
    }
}

fn months(visit: &Visit, wallet: &Wallet, until: &str) -> Markup {
    let now = visit.web().config.clock.now();
    let Some(this_month) = Month::of(now) else {
        return html! {};
    };
    let newest = Month::parse(until).unwrap_or(this_month).min(this_month);
    // One more than is shown is where the next page begins.
    let (mut shown, _) = statements::since(wallet.created_at, newest, MONTHS + 1);
    let earlier = (shown.len() > MONTHS).then(|| shown.pop()).flatten();
    let page = |until: Option<Month>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("wallet", &wallet.wallet_id);
        if let Some(until) = until {
            query.append_pair("until", &until.code());
        }
        format!("/app/statements?{}", query.finish())
    };
    html! {
        ul.months {
            @for month in shown {
                @let name = month.name(visit.lang());
                li {
                    span.what {
                        strong { (name) }
                        @if month == this_month { span.hint { (visit.say(text::SO_FAR)) } }
                    }
                    @for format in ["PDF", "CSV"] {
                        a.button.second href={ "/app/statements/" (wallet.wallet_id) "/" (month.code()) "." (format.to_lowercase()) }
                            aria-label=(visit.fill(text::FILE_OF, &[format, &name])) { (format) }
                    }
                }
            }
        }
        div.pages {
            @if newest < this_month { a href=(page(None)) { (visit.say(text::LATEST)) } }
            @if earlier.is_some() { a.button.second href=(page(earlier)) { (visit.say(text::EARLIER)) } }
        }
    }
}

pub(crate) async fn download(visit: Visit, Path((wallet_id, file)): Path<(String, String)>) -> Response {
    let Some(session) = visit.session() else {
        return sign_in_first(&visit);
    };
    let wallets = match visit.ask(&documents::MY_WALLETS, ()).await {
        Ok(wallets) => wallets,
        Err(failure) => return problem::of_failure(&visit, &failure),
    };
    let own = wallets.into_iter().map(|wallet| (wallet.wallet_id, wallet.wallet_name));
    let details = Details {
        own_wallets: own.collect(),
        has_history: true,
    };
    match statements::file(&visit, &wallet_id, &file, session.fullname.clone(), details).await {
        Ok(file) => file,
        Err(NoFile::Unknown) => problem::not_found(&visit),
        Err(NoFile::TooLong(lines)) => too_long(&visit, lines),
        // A month that is none, has not begun, or ended before the wallet was opened.
        Err(NoFile::Failed(failure)) if failure.is(Code::BadInput) => problem::not_found(&visit),
        Err(NoFile::Failed(failure)) => problem::of_failure(&visit, &failure),
    }
}

fn too_long(visit: &Visit, lines: i64) -> Response {
    let title = visit.say(text::TOO_LONG);
    let explained = visit.fill(text::TOO_LONG_TEXT, &[&lines.to_string(), &LINES_MAX.to_string()]);
    let main = html! {
        section.card.narrow {
            (outcome(Tone::Waiting, title, &explained))
            div.actions { (problem::button("/app/statements", visit.say(common::BACK))) }
        }
    };
    Page::new(title, HISTORY, main).respond_with(visit, StatusCode::UNPROCESSABLE_ENTITY)
}
