//! What the console's pages are put together from: parameters of the address, fields, tables, and forms that ask first.

use maud::{Markup, html};
use service::Timestamp;

use crate::api::{Code, Failure};
use crate::format;
use crate::pages::notice::{Tone, line, notice};
use crate::text::Lang;
use crate::visit::Visit;

/// Rows of a page.
pub(crate) const ROWS: usize = 25;
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// The query of the address, in its order.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn of(visit: &Visit) -> Self {
        Self::from_query(visit.uri().query().unwrap_or_default())
    }

    pub(crate) fn from_query(query: &str) -> Self {
        Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .take(32)
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// One of the codes that a list may be asked for.
    pub(crate) fn one_of(&self, name: &str, codes: &[&'static str]) -> Option<&'static str> {
        codes.iter().copied().find(|code| *code == self.get(name))
    }

    /// The same address with another value, and from the first page of the list on unless that is what is set.
    pub(crate) fn with(&self, path: &str, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (key, old) in &self.0 {
            if !old.is_empty() && key != name && key != "after" && key != "done" {
                query.append_pair(key, old);
            }
        }
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.finish())
    }

    /// Whether any of these says something.
    pub(crate) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.filled(name).is_some())
    }
}

/// An address with a query.
pub(crate) fn link(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

/// A part of a path, as it may be written into one.
pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// The day after, for a filter that names the last day to be seen.
pub(crate) fn day_after(text: &str) -> Option<Timestamp> {
    let begins = format::day_begins(text)?;
    Some(Timestamp::from_micros(begins.micros().saturating_add(DAY_MICROS)))
}

/// The calendar's day of an instant, in the desk's zone: `2026-11-25`.
pub(crate) fn day_of(instant: Timestamp) -> String {
    format::sortable(instant).chars().take(10).collect()
}

pub(crate) fn days_before(instant: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_micros(instant.micros().saturating_sub(days.saturating_mul(DAY_MICROS)))
}

pub(crate) fn instant(instant: Timestamp) -> String {
    format::instant(instant, Lang::En)
}

/// `12,345`.
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "−" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A field of a form. Ids are told, as a page may have several forms with fields of one name.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) value: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) hint: &'a str,
    pub(crate) mistake: Option<&'a str>,
    pub(crate) required: bool,
    pub(crate) max: u16,
}

impl<'a> Field<'a> {
    pub(crate) const fn new(name: &'a str, label: &'a str, value: &'a str) -> Self {
        Self {
            id: name,
            name,
            label,
            value,
            kind: "text",
            hint: "",
            mistake: None,
            required: false,
            max: 200,
        }
    }

    pub(crate) const fn id(self, id: &'a str) -> Self {
        Self { id, ..self }
    }

    pub(crate) const fn kind(self, kind: &'a str) -> Self {
        Self { kind, ..self }
    }

    pub(crate) const fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(crate) const fn max(self, max: u16) -> Self {
        Self { max, ..self }
    }

    pub(crate) fn input(self) -> Markup {
        let is_number = self.kind == "number";
        self.around(html! {
            input id=(self.id) name=(self.name) type=(self.kind) value=[Some(self.value).filter(|value| !value.is_empty())]
                autocomplete="off" maxlength=[(!is_number && self.kind != "date").then_some(self.max)] required[self.required]
                min=[is_number.then_some("0")] max=[is_number.then_some(self.max)]
                spellcheck="false" autocapitalize="none"
                aria-describedby=[self.described()] aria-invalid=[self.mistake.map(|_| "true")];
        })
    }

    pub(crate) fn area(self, rows: u8, class: &str) -> Markup {
        self.around(html! {
            textarea id=(self.id) name=(self.name) rows=(rows) class=[Some(class).filter(|class| !class.is_empty())]
                maxlength=(self.max) required[self.required] spellcheck="false" autocapitalize="none"
                aria-describedby=[self.described()] aria-invalid=[self.mistake.map(|_| "true")] { (self.value) }
        })
    }

    pub(crate) fn select(self, options: &[(&str, &str)]) -> Markup {
        self.around(html! {
            select id=(self.id) name=(self.name) required[self.required] aria-describedby=[self.described()] {
                @for (code, text) in options { option value=(code) selected[*code == self.value] { (text) } }
            }
        })
    }

    fn described(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let mistake = self.mistake.map(|_| format!("{}-mistake", self.id));
        let ids: Vec<String> = [hint, mistake].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn around(&self, control: Markup) -> Markup {
        html! {
            div.field {
                label for=(self.id) { (self.label) }
                @if !self.hint.is_empty() { p.hint id={ (self.id) "-hint" } { (self.hint) } }
                @if let Some(mistake) = self.mistake { p.mistake id={ (self.id) "-mistake" } { (mistake) } }
                (control)
            }
        }
    }
}

/// Why: what every change is recorded with.
pub(crate) fn reason_field(id: &str) -> Markup {
    reason_field_of(id, "")
}

/// The same with what was typed before.
pub(crate) fn reason_field_of(id: &str, typed: &str) -> Markup {
    Field::new("reason", "Reason", typed)
        .id(id)
        .hint("Recorded with your name.")
        .required()
        .max(500)
        .area(2, "")
}

/// A change that is asked about before it is made: closed until it is wanted, and sent with a word more.
pub(crate) struct Ask<'a> {
    pub(crate) summary: &'a str,
    pub(crate) action: String,
    pub(crate) button: &'a str,
    pub(crate) is_dangerous: bool,
    /// What it will mean.
    pub(crate) text: &'a str,
}

impl Ask<'_> {
    pub(crate) fn render(&self, visit: &Visit, fields: Markup) -> Markup {
        html! {
            details.ask {
                summary { (self.summary) }
                form method="post" action=(self.action) {
                    (crate::pages::form::token(visit))
                    p { (self.text) }
                    (fields)
                    button.danger[self.is_dangerous] type="submit" { (self.button) }
                }
            }
        }
    }
}

/// A table that scrolls inside its box where it does not fit. Cells are made with [`cell`].
pub(crate) fn table(caption: &str, heads: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.grid {
                thead { tr { @for head in heads { @if head.is_empty() { td {} } @else { th scope="col" { (head) } } } } }
                tbody { @for row in rows { tr { (row) } } }
            }
        }
    }
}

pub(crate) fn cell(head: &str, content: Markup) -> Markup {
    html! { td data-head=(head) { span.cell { (content) } } }
}

pub(crate) fn number_cell(head: &str, content: &str) -> Markup {
    html! { td.number data-head=(head) { span.cell { (content) } } }
}

/// Names and values, one above the other.
pub(crate) fn facts(pairs: &[(&str, Markup)]) -> Markup {
    html! {
        dl.pairs { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } }
    }
}

/// The way to the next page of a list, and back to its beginning.
pub(crate) fn pager(params: &Params, path: &str, next: Option<&str>) -> Markup {
    html! {
        @if next.is_some() || params.filled("after").is_some() {
            nav.pages aria-label="Pages of the list" {
                @if params.filled("after").is_some() { a href=(params.with(path, "after", "")) { "Back to the beginning" } }
                @if let Some(next) = next { a.button.second href=(params.with(path, "after", next)) { "Next page" } }
            }
        }
    }
}

/// What is shown of a list that was asked for one row more, and where the next page begins.
pub(crate) fn page_of<T>(found: &[T], id: impl Fn(&T) -> &str) -> (&[T], Option<String>) {
    let shown = found.get(..ROWS).unwrap_or(found);
    let next = shown.last().filter(|_| found.len() > ROWS);
    (shown, next.map(|row| id(row).to_owned()))
}

/// A word with the colour of its meaning.
pub(crate) fn badge(code: &str) -> Markup {
    let tone = match code {
        "SAFE" | "ALLOW" | "APPROVED" | "APPROVE" | "ACTIVE" | "DONE" | "SUCCESS" | "SUCCEEDED" | "POSTED"
        | "DELIVERED" => "good",
        "SUSPICIOUS" | "REVIEW" | "OPEN" | "SHADOW" | "RUNNING" | "PENDING" | "AUTHORIZED" => "waiting",
        "FRAUD" | "BLOCK" | "REJECTED" | "REJECT" | "DENY" | "FAILED" | "SUSPENDED" | "FROZEN" | "DISABLED" => "bad",
        _ => "quiet",
    };
    html! { span class={ "badge " (tone) } { (words(code)) } }
}

/// `REVIEW_CASE` → `Review case`.
pub(crate) fn words(code: &str) -> String {
    let lower = code.to_lowercase().replace('_', " ");
    let mut chars = lower.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

pub(crate) fn code(text: &str) -> Markup {
    html! { span.code { (text) } }
}

/// A link with an id for its text.
pub(crate) fn to(href: &str, id: &str) -> Markup {
    html! { a.code href=(href) { (id) } }
}

pub(crate) fn user(id: &str) -> Markup {
    to(&format!("/console/users/{}", segment(id)), id)
}

pub(crate) fn payment(id: &str) -> Markup {
    to(&format!("/console/payments/{}", segment(id)), id)
}

pub(crate) fn merchant(id: &str) -> Markup {
    to(&format!("/console/merchants/{}", segment(id)), id)
}

pub(crate) fn log(id: &str) -> Markup {
    to(&format!("/console/fraud/logs/{}", segment(id)), id)
}

pub(crate) fn rule(name: &str) -> Markup {
    to(&format!("/console/fraud/rules/{}", segment(name)), name)
}

pub(crate) fn names(rules: &[String]) -> Markup {
    html! {
        @if rules.is_empty() { span.hint { "none" } }
        @for (place, name) in rules.iter().enumerate() {
            @if place > 0 { ", " }
            (rule(name))
        }
    }
}

/// A change was sent without saying why.
pub(crate) fn no_reason() -> Markup {
    notice(
        Tone::Bad,
        "Nothing was changed",
        "Say why: the reason is recorded with what is done.",
    )
}

/// What a part of a page says that could not be had; the rest of the page stands.
pub(crate) fn missing(what: &str, failure: &Failure) -> Markup {
    let text = match failure.code() {
        None => {
            format!("{what} cannot be shown: the service does not answer at the moment. Reload the page to try again.")
        }
        Some(Code::Forbidden) => format!("{what} is not shown to your role."),
        Some(Code::RateLimited) => format!("{what} cannot be shown: too many requests. Wait a moment."),
        Some(_) => format!("{what} cannot be shown: {}", said(failure)),
    };
    line(Tone::Waiting, &text)
}

/// Why something was not done.
pub(crate) fn refused(what: &str, failure: &Failure) -> Markup {
    let text = match failure.code() {
        None => "No answer came. It may have been done all the same: look before you try again.".to_owned(),
        Some(Code::Conflict) => format!("It has changed in the meantime. {}", said(failure)),
        Some(Code::Forbidden) => format!("You may not do this. {}", said(failure)),
        Some(Code::RateLimited) => "Too many requests. Wait a moment.".to_owned(),
        Some(_) => said(failure),
    };
    notice(Tone::Bad, what, text.trim())
}

/// The API's own words, as a sentence.
fn said(failure: &Failure) -> String {
    let Failure::Refused(refusal) = failure else {
        return String::new();
    };
    let mut text = refusal.message.trim().to_owned();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

pub(crate) fn good(text: &str) -> Markup {
    line(Tone::Good, text)
}
