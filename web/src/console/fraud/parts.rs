//! What several pages show of a check: the rules that fired, and the facts.

use maud::{Markup, html};
use serde_json::Value;

use super::types::{Fact, FiredRule};
use crate::console::kit::{cell, number_cell, rule, table};

pub(crate) fn fired(caption: &str, rules: &[FiredRule]) -> Markup {
    let rows: Vec<Markup> = rules.iter().map(fired_row).collect();
    html! {
        @if rows.is_empty() { p.empty { "No rule fired." } }
        @else { (table(caption, &["Rule", "Version", "Score"], &rows)) }
    }
}

fn fired_row(fired: &FiredRule) -> Markup {
    html! {
        (cell("Rule", html! { (rule(&fired.rule)) span.meaning { (fired.reason) } }))
        (number_cell("Version", &fired.version.to_string()))
        (number_cell("Score", &fired.score.to_string()))
    }
}

/// The facts as they were, each with what it means where that is known.
pub(crate) fn facts_table(facts: &str, known: &[Fact]) -> Markup {
    let parsed: Value = serde_json::from_str(facts).unwrap_or(Value::Null);
    let mut pairs = Vec::new();
    flatten("", &parsed, &mut pairs);
    let rows: Vec<Markup> = pairs
        .iter()
        .map(|(name, value)| {
            let meaning = known.iter().find(|fact| fact.name == *name);
            html! {
                (cell("Fact", html! {
                    span.code { (name) }
                    @if let Some(meaning) = meaning { span.meaning { (meaning.description) } }
                }))
                (cell("Value", html! { (value) }))
            }
        })
        .collect();
    html! {
        @if rows.is_empty() { p.empty { "No facts were kept with this check." } }
        @else { (table("Facts of the check", &["Fact", "Value"], &rows)) }
    }
}

fn flatten(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(&name, value, pairs);
            }
        }
        Value::Null if prefix.is_empty() => {}
        value => pairs.push((prefix.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "not known".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
