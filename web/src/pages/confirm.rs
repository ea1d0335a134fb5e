//! PIN or password once more, before much money moves.

use maud::{Markup, html};
use money::Money;
use serde_json::json;

use super::form::{Input, Mistake, hidden};
use super::words;
use crate::api::{Code, Failure, documents};
use crate::fields::Fields;
use crate::format::rupiah;
use crate::text::{Text, checkout, failures};
use crate::visit::Visit;

/// What the form asks for. One field alone is there, so that a password manager cannot fill in the other one unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Pin,
    Password,
}

impl Means {
    /// The PIN where there is one, unless the password was asked for or has to be corrected.
    pub(crate) fn of(has_pin: bool, asked: &str, mistakes: &[Mistake]) -> Self {
        let is_password = asked == "password" || mistakes.iter().any(|mistake| mistake.field == "password");
        if has_pin && !is_password {
            Self::Pin
        } else {
            Self::Password
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Password => "password",
        }
    }

    /// The other way, for whoever has both, and what leads there.
    pub(crate) fn other(self, has_pin: bool) -> Option<(&'static str, Text)> {
        has_pin.then_some(match self {
            Self::Pin => (Self::Password.name(), checkout::USE_PASSWORD),
            Self::Password => (Self::Pin.name(), checkout::USE_PIN),
        })
    }
}

pub(crate) fn is_needed(visit: &Visit, amount: Money) -> bool {
    amount.minor() > visit.web().config.confirm_above.minor()
}

pub(crate) fn fieldset(visit: &Visit, means: Means, mistakes: &[Mistake]) -> Markup {
    let input = match means {
        Means::Pin => Input::pin("pin", visit.say(checkout::CONFIRM_PIN)),
        Means::Password => Input::password("password", visit.say(checkout::CONFIRM_PASSWORD), "current-password"),
    };
    let limit = rupiah(visit.web().config.confirm_above);
    html! {
        fieldset.confirm {
            legend { (visit.say(checkout::CONFIRM_TITLE)) }
            p.hint { (visit.fill(checkout::CONFIRM_HINT, &[&limit])) }
            (hidden("with", means.name()))
            (input.render(visit, mistakes))
        }
    }
}

/// What keeps this amount from being sent: neither PIN nor password, or not the right one. A PIN that was typed counts, also
/// beside a password that a browser filled in.
pub(crate) async fn mistakes(visit: &Visit, amount: Money, fields: &Fields) -> Result<Vec<Mistake>, Failure> {
    if !is_needed(visit, amount) {
        return Ok(Vec::new());
    }
    let (means, value) = match (fields.get("pin"), fields.raw("password")) {
        ("", "") => {
            let field = match fields.get("with") {
                "pin" => Means::Pin,
                _ => Means::Password,
            };
            return Ok(vec![Mistake::at(field.name(), visit, checkout::NEED_CONFIRM)]);
        }
        ("", password) => (Means::Password, password),
        (pin, _) => (Means::Pin, pin),
    };
    let field = means.name();
    match visit.ask(&documents::CONFIRM_IDENTITY, json!({ field: value })).await {
        Ok(true) => Ok(Vec::new()),
        Ok(false) => Ok(vec![wrong(visit, means)]),
        Err(failure) => match failure.code() {
            Some(Code::BadInput) => Ok(vec![wrong(visit, means)]),
            Some(Code::Conflict) => Ok(vec![Mistake::at("password", visit, failures::NO_PIN)]),
            Some(Code::RateLimited) => Ok(vec![Mistake {
                field,
                message: words::of_failure(visit, &failure),
            }]),
            _ => Err(failure),
        },
    }
}

fn wrong(visit: &Visit, means: Means) -> Mistake {
    let text = match means {
        Means::Pin => failures::WRONG_PIN,
        Means::Password => failures::WRONG_PASSWORD,
    };
    Mistake::at(means.name(), visit, text)
}
