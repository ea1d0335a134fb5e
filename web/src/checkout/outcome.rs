//! What became of a bill, and the way back to the shop.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use super::bill::bill;
use crate::api::{CheckoutSession, Payment, SessionState};
use crate::format::rupiah;
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, outcome};
use crate::pages::words;
use crate::receipts::show;
use crate::text::{app, checkout, common, receipts};
use crate::visit::Visit;

/// The script goes back to the shop after so many seconds, unless the buyer stays.
const RETURN_SECONDS: u8 = 8;
/// Without a script, the page of a payment under way asks again after so many seconds.
const REFRESH_SECONDS: u8 = 4;
/// And that of a payment under review, which takes a person, after so many.
const REVIEW_REFRESH_SECONDS: u8 = 30;

/// A bill that is open no more.
pub(super) fn ended(visit: &Visit, session: &CheckoutSession, payment: Option<&Payment>) -> Response {
    let merchant = session.merchant_name.as_str();
    let own = payment.filter(|payment| !payment.is_failed());
    let say = |text| visit.say(text).to_owned();
    let (tone, title, text) = match session.state {
        SessionState::Paid if own.is_some() => (
            Tone::Good,
            checkout::PAID_TITLE,
            visit.fill(checkout::PAID_TEXT, &[merchant]),
        ),
        // Whoever else reads this has nothing reserved, and must not pay either.
        SessionState::Review => (
            Tone::Waiting,
            checkout::REVIEW_OTHER_TITLE,
            say(checkout::REVIEW_OTHER_TEXT),
        ),
        SessionState::Paid | SessionState::Open => (
            Tone::Good,
            checkout::ALREADY_PAID_TITLE,
            say(checkout::ALREADY_PAID_TEXT),
        ),
        SessionState::Authorized if own.is_some_and(Payment::is_authorized) => (
            Tone::Waiting,
            checkout::AUTHORIZED_TITLE,
            visit.fill(checkout::AUTHORIZED_TEXT, &[&rupiah(session.amount()), merchant]),
        ),
        // Whoever else reads this has no money on hold.
        SessionState::Authorized => (
            Tone::Quiet,
            checkout::AUTHORIZED_OTHER_TITLE,
            say(checkout::AUTHORIZED_OTHER_TEXT),
        ),
        SessionState::Expired => (
            Tone::Quiet,
            checkout::EXPIRED_TITLE,
            visit.fill(checkout::EXPIRED_TEXT, &[merchant]),
        ),
        SessionState::Cancelled => (
            Tone::Quiet,
            checkout::CANCELLED_TITLE,
            visit.fill(checkout::CANCELLED_TEXT, &[merchant]),
        ),
    };
    // Only whoever has just paid is taken back without asking: others came to read.
    let goes_back = own.is_some();
    let main = html! {
        div.columns {
            section.card.panel {
                (outcome(tone, visit.say(title), &text))
                @if let Some(payment) = own {
                    (receipt(visit, payment))
                    @if let Some(path) = show::path(&payment.transaction_id).filter(|_| visit.session().is_some()) {
                        p { a href=(path) { (visit.say(receipts::SEE_RECEIPT)) } }
                    }
                }
                (way_back(visit, session, goes_back))
            }
            (bill(visit, session))
        }
    };
    Page::new(visit.say(title), Kind::Checkout, main).respond(visit)
}

/// A payment that is under way: this page finds out by itself what becomes of it.
pub(super) fn pending(visit: &Visit, session: &CheckoutSession, payment: &Payment) -> Response {
    let watch = format!(
        "/checkout/{}/status?payment={}",
        session.session_id, payment.transaction_id
    );
    let title = visit.say(checkout::PENDING_TITLE);
    let main = html! {
        div.columns data-watch=(watch) data-state=(session.state.as_str()) data-version=(session.version) data-payment="PENDING" data-every="2" {
            section.card.panel {
                (outcome(Tone::Waiting, title, visit.say(checkout::PENDING_TEXT)))
                p.working role="status" { (visit.say(checkout::STATUS_WATCH)) }
                (receipt(visit, payment))
                div.actions { a.button.second href={ "/checkout/" (session.session_id) "?payment=" (payment.transaction_id) } { (visit.say(common::REFRESH)) } }
            }
            (bill(visit, session))
        }
    };
    let mut page = Page::new(title, Kind::Checkout, main);
    page.refresh_seconds = Some(REFRESH_SECONDS);
    page.respond_with(visit, StatusCode::OK)
}

/// A payment that somebody looks at: this page finds out by itself what they decide, and the buyer may leave it.
pub(super) fn in_review(visit: &Visit, session: &CheckoutSession, payment: &Payment) -> Response {
    let watch = format!(
        "/checkout/{}/status?payment={}",
        session.session_id, payment.transaction_id
    );
    let title = visit.say(checkout::REVIEW_TITLE);
    let text = visit.fill(
        checkout::REVIEW_TEXT,
        &[&rupiah(session.amount()), session.merchant_name.as_str()],
    );
    let main = html! {
        div.columns data-watch=(watch) data-state=(session.state.as_str()) data-version=(session.version) data-payment="REVIEW" data-every="10" {
            section.card.panel {
                (outcome(Tone::Waiting, title, &text))
                (receipt(visit, payment))
                (way_back(visit, session, false))
            }
            (bill(visit, session))
        }
    };
    let mut page = Page::new(title, Kind::Checkout, main);
    page.refresh_seconds = Some(REVIEW_REFRESH_SECONDS);
    page.respond_with(visit, StatusCode::OK)
}

fn receipt(visit: &Visit, payment: &Payment) -> Markup {
    html! {
        dl.facts {
            div { dt { (visit.say(common::AMOUNT)) } dd.number { (rupiah(payment.amount())) } }
            div { dt { (visit.say(common::TIME)) } dd { (words::instant(visit, payment.created_at)) } }
            div { dt { (visit.say(common::REFERENCE)) } dd.code { (payment.transaction_id) } }
        }
    }
}

/// A link, and not a form: no rule about forms stands in its way, and it works without a script.
fn way_back(visit: &Visit, session: &CheckoutSession, goes_back: bool) -> Markup {
    let merchant = session.merchant_name.as_str();
    html! {
        div.actions {
            @if let Some(url) = session.way_back() {
                a.button href=(url) rel="noreferrer" data-return[goes_back] { (visit.fill(checkout::RETURN_TO, &[merchant])) }
                @if goes_back {
                    div.returning hidden data-seconds=(RETURN_SECONDS) data-text=(visit.fill(checkout::RETURNING, &[merchant, "{}"])) {
                        p {}
                        button.link type="button" { (visit.say(checkout::STAY)) }
                    }
                }
            } @else { p.hint { (visit.say(checkout::CLOSE_TAB)) } }
            @if visit.session().is_some() {
                a.quiet href="/app/history" { (visit.say(checkout::SEE_HISTORY)) }
            } @else { a.quiet href="/app" { (visit.say(app::SIGN_IN_TITLE)) } }
        }
    }
}
