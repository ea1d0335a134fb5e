//! The head of every page of the console: its pages, who is signed in, and the way out.

use maud::{Markup, PreEscaped, html};

use crate::pages::form::token;
use crate::text::common;
use crate::visit::Visit;

/// All pages, in groups. Staff may read all of them; what they may change is said on each.
const GROUPS: [(&str, &[(&str, &str)]); 4] = [
    (
        "Payments",
        &[
            ("/console", "Overview"),
            ("/console/payments", "Payments"),
            ("/console/parked", "Parked messages"),
        ],
    ),
    (
        "Fraud",
        &[
            ("/console/reviews", "Review desk"),
            ("/console/fraud/logs", "Checks"),
            ("/console/fraud/statistics", "Statistics"),
            ("/console/fraud/rules", "Rules"),
            ("/console/fraud/backtests", "Back-tests"),
            ("/console/fraud/lists", "Lists"),
            ("/console/fraud/snoozes", "Snoozes"),
            ("/console/fraud/policy", "Policy"),
        ],
    ),
    (
        "Accounts",
        &[
            ("/console/users", "Users"),
            ("/console/wallets", "Wallets"),
            ("/console/merchants", "Merchants"),
        ],
    ),
    (
        "Evidence",
        &[
            ("/console/ledger", "Ledger"),
            ("/console/audit", "Audit"),
            ("/console/actions", "Staff actions"),
        ],
    ),
];

/// `open`: the path of the page that is shown, if it is one of the menu's.
pub(crate) fn header(visit: &Visit, logo: PreEscaped<&str>, open: Option<&str>) -> Markup {
    html! {
        header.top {
            div.bar {
                a.brand href="/console" { (logo) "Sawit console" }
                @if let Some(session) = visit.session() {
                    div.signed {
                        span.name { (session.fullname) }
                        @if let Some(desk) = &session.staff { span.badge.quiet { (role_name(&desk.role)) } }
                        form method="post" action="/console/sign-out" {
                            (token(visit))
                            button.link type="submit" { "Sign out" }
                        }
                    }
                }
            }
            @if visit.web().config.sandbox { p.sandbox { (visit.say(common::SANDBOX)) } }
        }
        @if let Some(open) = open {
            nav.side aria-label="Console" {
                // Where there is little room, the menu is opened by hand.
                details.small {
                    summary { "Menu: " (name_of(open)) }
                    (groups(open))
                }
                div.large { (groups(open)) }
            }
        }
    }
}

fn groups(open: &str) -> Markup {
    html! {
        @for (group, entries) in GROUPS {
            p.group { (group) }
            ul {
                @for (path, text) in entries {
                    li { a href=(path) aria-current=[(*path == open).then_some("page")] { (text) } }
                }
            }
        }
    }
}

fn name_of(open: &str) -> &'static str {
    let mut entries = GROUPS.into_iter().flat_map(|(_, entries)| entries);
    entries.find(|(path, _)| *path == open).map_or("", |(_, text)| text)
}

/// A role as people call it.
pub(crate) fn role_name(role: &str) -> &str {
    match role {
        "FraudAnalyst" => "Fraud analyst",
        "Nasabah" => "Customer",
        other => other,
    }
}
