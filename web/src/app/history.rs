//! `/app/history`: what happened, by type, status and day.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use service::Timestamp;

use super::history_csv::ROWS_MAX;
use super::sign_in_first;
use crate::api::{HistoryEntry, documents};
use crate::format::{day_begins, rupiah};
use crate::pages::form::{Input, Mistake, summary};
use crate::pages::layout::{Kind, Page};
use crate::pages::{problem, words};
use crate::receipts::show as receipt;
use crate::text::{Text, app, failures, receipts, statements};
use crate::visit::Visit;

const PAGE: usize = 20;
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
const TYPES: [&str; 3] = ["PAYMENT", "TRANSFER", "DEPOSIT"];
const STATUSES: [&str; 4] = ["SUCCESS", "FAILED", "AUTHORIZED", "REVIEW"];

/// The filter as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

/// The filter, understood.
pub(super) struct Filter {
    kind: Option<&'static str>,
    status: Option<&'static str>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Asked {
    /// Names the fields that cannot be understood.
    pub(super) fn filter(&self) -> Result<Filter, Vec<&'static str>> {
        let from = day_begins(&self.from);
        // The whole of the last day: until the next one begins.
        let to = day_begins(&self.to).map(|day| Timestamp::from_micros(day.micros().saturating_add(DAY_MICROS)));
        let bad: Vec<&'static str> = [("from", &self.from, from), ("to", &self.to, to)]
            .into_iter()
            .filter(|(_, text, day)| !text.is_empty() && day.is_none())
            .map(|(name, ..)| name)
            .collect();
        if !bad.is_empty() {
            return Err(bad);
        }
        Ok(Filter {
            kind: TYPES.into_iter().find(|kind| *kind == self.kind),
            status: STATUSES.into_iter().find(|status| *status == self.status),
            from,
            to,
        })
    }

    /// The same filter as the query of an address.
    fn query(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = [
            ("type", &self.kind),
            ("status", &self.status),
            ("from", &self.from),
            ("to", &self.to),
        ];
        for (name, value) in pairs {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        query.finish()
    }

    fn is_set(&self) -> bool {
        [&self.kind, &self.status, &self.from, &self.to]
            .into_iter()
            .any(|value| !value.is_empty())
    }
}

impl Filter {
    pub(super) fn variables(&self, first: usize, after: Option<&str>) -> Value {
        json!({
            "first": first, "after": after, "type": self.kind, "status": self.status,
            "from": self.from.map(|instant| instant.to_string()), "to": self.to.map(|instant| instant.to_string()),
        })
    }
}

pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let filter = match asked.filter() {
        Ok(filter) => filter,
        Err(fields) => {
            let mistakes: Vec<Mistake> = fields
                .into_iter()
                .map(|field| Mistake::at(field, &visit, failures::BAD_DATE))
                .collect();
            return render(&visit, &asked, &[], &mistakes);
        }
    };
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    // One more than is shown says whether there are more.
    match visit
        .ask(&documents::MY_HISTORY, filter.variables(PAGE + 1, after))
        .await
    {
        Ok(found) => render(&visit, &asked, &found, &[]),
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}

fn render(visit: &Visit, asked: &Asked, found: &[HistoryEntry], mistakes: &[Mistake]) -> Response {
    let shown = found.get(..PAGE).unwrap_or(found);
    let older = shown
        .last()
        .filter(|_| found.len() > PAGE)
        .map(|entry| entry.history_id.as_str());
    let title = visit.say(app::HISTORY);
    let main = html! {
        h1 { (title) }
        section.card {
            (summary(visit, mistakes))
            (filter_form(visit, asked, mistakes))
        }
        section.card {
            @if shown.is_empty() {
                p.hint { (visit.say(if asked.is_set() { app::NOTHING_FOUND } else { app::NOTHING_YET })) }
            } @else { (entries(visit, shown)) }
            div.pages {
                @if !asked.after.is_empty() { a href={ "/app/history?" (asked.query(None)) } { (visit.say(app::NEWEST)) } }
                @if older.is_some() { a.button.second href={ "/app/history?" (asked.query(older)) } { (visit.say(app::OLDER)) } }
            }
        }
        p.aside {
            a href="/app/statements" { (visit.say(statements::TITLE)) } " · "
            a href={ "/app/history.csv?" (asked.query(None)) } { (visit.say(app::DOWNLOAD)) }
            " " span.hint { (visit.fill(app::DOWNLOAD_HINT, &[&ROWS_MAX.to_string()])) }
        }
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Page::new(title, Kind::App("/app/history"), main).respond_with(visit, status)
}

fn filter_form(visit: &Visit, asked: &Asked, mistakes: &[Mistake]) -> Markup {
    let day = |name, label: Text, value| Input {
        kind: "date",
        value,
        required: false,
        says_optional: false,
        length_max: 10,
        ..Input::text(name, visit.say(label))
    };
    html! {
        form.filter method="get" action="/app/history" {
            (choice(visit, "type", app::FILTER_TYPE, &TYPES.map(|kind| (kind, words::kind(kind))), &asked.kind))
            (choice(visit, "status", app::FILTER_STATUS, &STATUSES.map(|status| (status, words::status(status))), &asked.status))
            (day("from", app::FILTER_FROM, &asked.from).render(visit, mistakes))
            (day("to", app::FILTER_TO, &asked.to).render(visit, mistakes))
            div.actions {
                button.second type="submit" { (visit.say(app::FILTER_APPLY)) }
                @if asked.is_set() { a.quiet href="/app/history" { (visit.say(app::FILTER_CLEAR)) } }
            }
        }
    }
}

fn choice(visit: &Visit, name: &str, label: Text, options: &[(&str, Option<Text>)], chosen: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (visit.say(label)) }
            select id=(name) name=(name) {
                option value="" { (visit.say(app::ALL)) }
                @for (code, text) in options {
                    option value=(code) selected[*code == chosen] { (words::or_code(visit, *text, code)) }
                }
            }
        }
    }
}

/// A list of what happened.
pub(super) fn entries(visit: &Visit, entries: &[HistoryEntry]) -> Markup {
    html! {
        ul.entries {
            @for entry in entries {
                @let is_in = entry.direction == "IN";
                @let is_done = entry.status == "SUCCESS";
                li {
                    span.what {
                        strong { (words::or_code(visit, words::kind(&entry.kind), &entry.kind)) }
                        @if let Some(va_number) = &entry.va_number { span.hint { (va_number) } }
                        span.hint { (words::instant(visit, entry.created_at)) }
                        @if let Some(code) = &entry.failure_code { span.hint { (visit.say(words::failure(code).0)) } }
                        @if let Some(path) = receipt::path(&entry.transaction_id) {
                            a.receipt href=(path) { (visit.say(receipts::SEE_RECEIPT)) span.hidden-visually { " " (entry.transaction_id) } }
                        }
                    }
                    span.money.in[is_in && is_done].void[!is_done] {
                        @if is_in { "+" } @else { "−" } (rupiah(entry.amount()))
                        @if !is_done { span.tag { (words::or_code(visit, words::status(&entry.status), &entry.status)) } }
                    }
                }
            }
        }
    }
}
