//! What is to be paid, and to whom.

use std::time::Duration;

use maud::{Markup, html};

use crate::api::{CheckoutSession, SessionState};
use crate::format::rupiah;
use crate::pages::words;
use crate::text::checkout;
use crate::visit::Visit;

/// An end that is further away is not the shop's: of a marketplace's own bill only the marketplace knows it.
const TOLD_WITHIN: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The bill. Its countdown is a sentence with an end; the script makes it run.
pub(super) fn bill(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        section.card.bill aria-labelledby="bill-title" {
            p.eyebrow { (visit.say(checkout::PAYING_TO)) }
            h1 #bill-title { (session.merchant_name) }
            p.amount { (rupiah(session.amount())) }
            @if session.state == SessionState::Open { (deadline(visit, session)) }
            @if let Some(description) = &session.description { p.description { (description) } }
            (items(visit, session))
            dl.facts {
                @if let Some(order) = &session.order_id {
                    div { dt { (visit.say(checkout::ORDER)) } dd { (order) } }
                }
                div { dt { (visit.say(checkout::VA_NUMBER)) } dd.number { (session.va_number) } }
            }
        }
    }
}

fn deadline(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        @if session.expires_at.is_some_and(|ends| ends.since(session.now) > TOLD_WITHIN) {
            p.deadline { (visit.say(checkout::SHOPS_TIME)) }
        } @else if let Some(ends) = session.expires_at {
            p.deadline {
                (visit.say(checkout::PAY_BEFORE)) " "
                time datetime=(ends) { (words::instant(visit, ends)) }
                span.countdown hidden role="timer" aria-live="off" data-now=(session.now) data-ends=(ends)
                    data-days=(visit.say(checkout::DAYS)) data-soon=(visit.say(checkout::MINUTES_LEFT_SOON)) {
                    (visit.say(checkout::TIME_LEFT)) " " span.clock {}
                }
            }
            p.hidden-visually.soon role="status" {}
        }
    }
}

fn items(visit: &Visit, session: &CheckoutSession) -> Markup {
    let items = session.items.as_deref().unwrap_or_default();
    html! {
        @if !items.is_empty() {
            h2 { (visit.say(checkout::ITEMS)) }
            ul.items {
                @for item in items {
                    li {
                        span { (item.name) }
                        span.price { (visit.fill(checkout::LINE, &[&item.quantity.to_string(), &rupiah(item.price())])) }
                    }
                }
            }
        }
    }
}
