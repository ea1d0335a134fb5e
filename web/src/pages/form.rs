//! Forms: fields with labels, what is wrong with them, and the hidden ones that protect them.

use maud::{Markup, html};

use crate::text::{Text, common};
use crate::visit::Visit;

/// What is wrong with a form: at a field, or with the whole.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

impl Mistake {
    pub(crate) fn at(field: &'static str, visit: &Visit, text: Text) -> Self {
        Self {
            field,
            message: visit.say(text).to_owned(),
        }
    }
}

/// A field that is typed into.
pub(crate) struct Input<'a> {
    pub(crate) name: &'static str,
    pub(crate) label: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) value: &'a str,
    pub(crate) autocomplete: &'static str,
    pub(crate) hint: Option<&'a str>,
    pub(crate) numeric: bool,
    pub(crate) required: bool,
    /// Whether a field that may stay empty says so; one of two that are needed does not.
    pub(crate) says_optional: bool,
    pub(crate) length_max: u16,
}

impl<'a> Input<'a> {
    pub(crate) const fn text(name: &'static str, label: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value: "",
            autocomplete: "off",
            hint: None,
            numeric: false,
            required: true,
            says_optional: true,
            length_max: 200,
        }
    }

    pub(crate) const fn email(label: &'a str) -> Self {
        Self {
            kind: "email",
            autocomplete: "username",
            length_max: 254,
            ..Self::text("email", label)
        }
    }

    pub(crate) const fn password(name: &'static str, label: &'a str, autocomplete: &'static str) -> Self {
        Self {
            kind: "password",
            autocomplete,
            length_max: 128,
            ..Self::text(name, label)
        }
    }

    /// Six digits. Not remembered by browsers as a password.
    pub(crate) const fn pin(name: &'static str, label: &'a str) -> Self {
        Self {
            kind: "password",
            numeric: true,
            length_max: 6,
            ..Self::text(name, label)
        }
    }

    pub(crate) const fn amount(label: &'a str, hint: &'a str) -> Self {
        Self {
            numeric: true,
            hint: Some(hint),
            length_max: 24,
            ..Self::text("amount", label)
        }
    }

    pub(crate) fn render(&self, visit: &Visit, mistakes: &[Mistake]) -> Markup {
        let mistake = mistakes.iter().find(|mistake| mistake.field == self.name);
        let hint_id = format!("{}-hint", self.name);
        let mistake_id = format!("{}-mistake", self.name);
        let described: Vec<&str> = [
            self.hint.map(|_| hint_id.as_str()),
            mistake.map(|_| mistake_id.as_str()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            div.field {
                label for=(self.name) {
                    (self.label)
                    @if !self.required && self.says_optional { span.optional { " (" (visit.say(common::OPTIONAL)) ")" } }
                }
                @if let Some(hint) = self.hint { p.hint id=(hint_id) { (hint) } }
                @if let Some(mistake) = mistake { p.mistake id=(mistake_id) { (mistake.message) } }
                input id=(self.name) name=(self.name) type=(self.kind) value=[Some(self.value).filter(|value| !value.is_empty())]
                    autocomplete=(self.autocomplete) maxlength=(self.length_max) required[self.required]
                    inputmode=[self.numeric.then_some("decimal")] spellcheck="false" autocapitalize="none"
                    aria-describedby=[described] aria-invalid=[mistake.map(|_| "true")];
            }
        }
    }
}

/// What is wrong, with links to where it is. The script moves the focus here.
pub(crate) fn summary(visit: &Visit, mistakes: &[Mistake]) -> Markup {
    html! {
        @if !mistakes.is_empty() {
            div.summary role="alert" tabindex="-1" data-focus {
                h2 { (visit.say(common::SUMMARY_ONE)) }
                ul {
                    @for mistake in mistakes {
                        li {
                            @if mistake.field.is_empty() { (mistake.message) }
                            @else { a href={ "#" (mistake.field) } { (mistake.message) } }
                        }
                    }
                }
            }
        }
    }
}

/// What every form that is sent by POST begins with.
pub(crate) fn token(visit: &Visit) -> Markup {
    html! { input type="hidden" name="form_token" value=(visit.form_token()); }
}

/// A field that is not seen.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
