//! A short message on a page, with an icon.

use maud::{Markup, PreEscaped, html};

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Waiting,
    Bad,
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "notice good",
            Self::Waiting => "notice waiting",
            Self::Bad => "notice bad",
            Self::Quiet => "notice quiet",
        }
    }

    const fn icon(self) -> PreEscaped<&'static str> {
        PreEscaped(match self {
            Self::Good => {
                r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-7"/></svg>"#
            }
            Self::Waiting => {
                r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10"/><path d="M12 6.5V12l3.5 2"/></svg>"#
            }
            Self::Bad => {
                r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10"/><path d="M12 7v6.5M12 16.8v.2"/></svg>"#
            }
            Self::Quiet => {
                r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10"/><path d="M12 11v6M12 7v.2"/></svg>"#
            }
        })
    }
}

/// A message within a page.
pub(crate) fn notice(tone: Tone, title: &str, text: &str) -> Markup {
    html! {
        div class=(tone.class()) role=[(tone == Tone::Bad).then_some("alert")] tabindex=[(tone == Tone::Bad).then_some("-1")]
            data-focus[tone == Tone::Bad] {
            (tone.icon())
            div { h2 { (title) } @if !text.is_empty() { p { (text) } } }
        }
    }
}

/// A message in one line.
pub(crate) fn line(tone: Tone, text: &str) -> Markup {
    html! {
        div class=(tone.class()) role="status" { (tone.icon()) div { p { (text) } } }
    }
}

/// The head of a page that is nothing but a message.
pub(crate) fn outcome(tone: Tone, title: &str, text: &str) -> Markup {
    let class = match tone {
        Tone::Good => "outcome good",
        Tone::Waiting => "outcome waiting",
        Tone::Bad => "outcome bad",
        Tone::Quiet => "outcome quiet",
    };
    html! {
        div class=(class) {
            (tone.icon())
            h1 { (title) }
            p { (text) }
        }
    }
}
