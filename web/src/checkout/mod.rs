//! The hosted checkout: a bill, who pays it, and what came of it.

mod bill;
pub(crate) mod enter;
pub(crate) mod open;
mod outcome;
pub(crate) mod pay;
pub(crate) mod show;
pub(crate) mod status;
mod till;
pub(crate) mod wallet;

use axum::response::Response;
use http::StatusCode;
use maud::html;

use crate::api::{CheckoutSession, Code, Failure, documents};
use crate::pages::layout::Kind;
use crate::pages::notice::Tone;
use crate::pages::problem::{self, Problem};
use crate::text::{Text, checkout, failures};
use crate::visit::{Visit, see_other};

/// Reads the bill. Whoever has its id may: nobody's name stands in it.
async fn load(visit: &Visit, session_id: &str) -> Result<CheckoutSession, Response> {
    if !is_id(session_id, "cks_") {
        return Err(unknown(visit));
    }
    let variables = serde_json::json!({ "sessionId": session_id });
    match visit.ask_anonymously(&documents::CHECKOUT_SESSION, variables).await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => Err(unknown(visit)),
        Err(failure) => Err(match failure.code() {
            Some(Code::NotFound | Code::BadInput) => unknown(visit),
            _ => problem::of_failure(visit, &failure),
        }),
    }
}

fn unknown(visit: &Visit) -> Response {
    let problem = Problem {
        status: StatusCode::NOT_FOUND,
        tone: Tone::Quiet,
        title: failures::NO_SESSION,
        text: failures::NO_SESSION_TEXT,
        kind: Kind::Checkout,
    };
    problem.respond(visit, html! {})
}

/// Ids of the provider: a prefix and 26 letters and digits.
fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// What happened at the step before, told by the page that follows it. The address names it, and only these are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// The session of the browser ended; nothing was done.
    SignInAgain,
    /// The payment's answer did not come.
    Unknown,
    /// Somebody else, or the same in another tab, is paying.
    Busy,
    WalletGone,
    Refused,
    ToppedUp,
    TopUpFailed,
    /// The bill is over another amount than stood on the form.
    AmountChanged,
}

impl Told {
    const ALL: [Self; 8] = [
        Self::SignInAgain,
        Self::Unknown,
        Self::Busy,
        Self::WalletGone,
        Self::Refused,
        Self::ToppedUp,
        Self::TopUpFailed,
        Self::AmountChanged,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::SignInAgain => "sign-in",
            Self::Unknown => "unknown",
            Self::Busy => "busy",
            Self::WalletGone => "wallet",
            Self::Refused => "refused",
            Self::ToppedUp => "topped-up",
            Self::TopUpFailed => "no-topup",
            Self::AmountChanged => "amount",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.code() == code)
    }

    const fn words(self) -> (Tone, Text, Option<Text>) {
        match self {
            Self::SignInAgain => (
                Tone::Waiting,
                checkout::SESSION_GONE_TITLE,
                Some(checkout::SESSION_GONE_TEXT),
            ),
            Self::Unknown => (Tone::Waiting, failures::PAY_UNKNOWN, Some(failures::PAY_UNKNOWN_TEXT)),
            Self::Busy => (Tone::Waiting, failures::IN_PROGRESS, Some(failures::IN_PROGRESS_TEXT)),
            Self::WalletGone => (Tone::Bad, failures::WALLET_GONE, Some(failures::WALLET_GONE_TEXT)),
            Self::Refused | Self::TopUpFailed => (Tone::Bad, failures::REFUSED, Some(failures::REFUSED_TEXT)),
            Self::AmountChanged => (Tone::Bad, failures::MISMATCH, Some(failures::MISMATCH_TEXT)),
            Self::ToppedUp => (Tone::Good, checkout::TOPUP_DONE, None),
        }
    }
}

/// To the bill's page, which then tells this.
fn back_with(session_id: &str, told: Told) -> Response {
    see_other(&format!("/checkout/{session_id}?told={}", told.code()))
}

/// What a form that was sent without a session is answered: the way to sign in, or that nobody can tell.
fn without_session(visit: &Visit, session_id: &str) -> Response {
    if visit.session_is_unknown() {
        return problem::down(visit);
    }
    back_with(session_id, Told::SignInAgain)
}

/// What of a failure is the same for all forms here.
fn told_of(failure: &Failure) -> Option<Told> {
    match failure.code()? {
        Code::Unauthenticated => Some(Told::SignInAgain),
        Code::NotFound | Code::Forbidden => Some(Told::WalletGone),
        Code::Conflict => Some(Told::Busy),
        Code::RateLimited => None,
        Code::BadInput | Code::TotpRequired | Code::Other => Some(Told::Refused),
    }
}
