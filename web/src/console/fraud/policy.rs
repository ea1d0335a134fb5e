//! `/console/fraud/policy`: what a score means, and what is done about it.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::documents;
use super::types::Policy;
use crate::console::frame::Staff;
use crate::console::kit::{Field, badge, facts, good, instant, reason_field_of, refused, user};
use crate::fields::Fields;
use crate::format::read_amount;
use crate::pages::form::{hidden, token};
use crate::pages::notice::{Tone, notice};
use crate::visit::see_other;

const PATH: &str = "/console/fraud/policy";
const ACTIONS: [(&str, &str); 3] = [
    ("ALLOW", "Let it go on"),
    ("REVIEW", "Hold the money for the desk"),
    ("BLOCK", "Refuse it"),
];

/// What stands in the form: the policy in force, or what was typed and refused.
struct Draft {
    suspicious_from: String,
    suspicious_action: String,
    fraud_from: String,
    fraud_action: String,
    expires: String,
    expiry: String,
    above: String,
    reason: String,
}

impl Draft {
    fn of(policy: &Policy) -> Self {
        Self {
            suspicious_from: policy.suspicious_from.to_string(),
            suspicious_action: policy.suspicious_action.clone(),
            fraud_from: policy.fraud_from.to_string(),
            fraud_action: policy.fraud_action.clone(),
            expires: policy.review_expires_after_seconds.to_string(),
            expiry: policy.review_expiry_decision.clone(),
            above: policy.four_eyes_above.map(|amount| amount.plain()).unwrap_or_default(),
            reason: String::new(),
        }
    }

    fn typed(fields: &Fields) -> Self {
        let typed = |name| fields.get(name).to_owned();
        Self {
            suspicious_from: typed("suspicious_from"),
            suspicious_action: typed("suspicious_action"),
            fraud_from: typed("fraud_from"),
            fraud_action: typed("fraud_action"),
            expires: typed("expires"),
            expiry: typed("expiry"),
            above: typed("above"),
            reason: typed("reason"),
        }
    }
}

pub(crate) async fn show(staff: Staff) -> Response {
    let done = (staff.params().get("done") == "set").then(|| good("The policy is in force from the next check on."));
    page(&staff, done, StatusCode::OK, None).await
}

async fn page(staff: &Staff, message: Option<Markup>, status: StatusCode, typed: Option<&Fields>) -> Response {
    let policy = match staff.ask(&documents::POLICY, json!({})).await {
        Ok(policy) => policy,
        Err(failure) => return staff.problem("Policy", PATH, &failure),
    };
    let draft = typed.map_or_else(|| Draft::of(&policy), Draft::typed);
    let main = html! {
        h1 { "Policy of the bands" }
        @if let Some(message) = message { (message) }
        section.card { (bands(&policy)) (now(&policy)) }
        @if staff.is_admin() { section.card { h2 { "Change" } (form(staff, &policy, &draft)) } }
        @else { p.aside { "Only an admin changes the policy." } }
    };
    staff.respond_with("Policy", PATH, main, status)
}

/// Scores from 0 to 100, and where the bands begin.
fn bands(policy: &Policy) -> Markup {
    let of = |from: i64, to: i64| {
        if from >= to {
            "none".to_owned()
        } else if from + 1 == to {
            from.to_string()
        } else {
            format!("{from} to {}", to - 1)
        }
    };
    html! {
        ol.bands {
            li.safe { strong { "Safe" } span { "Score " (of(0, policy.suspicious_from)) } (badge("ALLOW")) }
            li.suspicious { strong { "Suspicious" } span { "Score " (of(policy.suspicious_from, policy.fraud_from)) } (badge(&policy.suspicious_action)) }
            li.fraud { strong { "Fraud" } span { "Score " (of(policy.fraud_from, 101)) } (badge(&policy.fraud_action)) }
        }
    }
}

fn now(policy: &Policy) -> Markup {
    let above = policy
        .four_eyes_above
        .map_or("no amount".to_owned(), |amount| amount.text());
    facts(&[
        (
            "A case ends by itself after",
            html! { (duration(policy.review_expires_after_seconds)) ", with " (badge(&policy.review_expiry_decision)) },
        ),
        ("Two people approve above", html! { (above) }),
        (
            "Version",
            html! { (policy.version) " since " (instant(policy.created_at.0)) },
        ),
        ("By", user(&policy.author)),
        ("Reason", html! { (policy.reason) }),
    ])
}

fn duration(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (hours, 0, 0) => format!("{hours} h"),
        (hours, minutes, 0) => format!("{hours} h {minutes} min"),
        (hours, minutes, seconds) => format!("{hours} h {minutes} min {seconds} s"),
    }
}

fn form(staff: &Staff, policy: &Policy, draft: &Draft) -> Markup {
    html! {
        form method="post" action=(PATH) {
            (token(&staff.visit))
            // Of what is shown above: whoever sends the form again has seen the policy that it takes the place of.
            (hidden("version", &policy.version.to_string()))
            div.pair {
                (Field::new("suspicious_from", "Suspicious from score", &draft.suspicious_from).kind("number").max(100).required().input())
                (Field::new("suspicious_action", "Suspicious payments", &draft.suspicious_action).select(&ACTIONS))
                (Field::new("fraud_from", "Fraud from score", &draft.fraud_from).kind("number").max(100).required().input())
                (Field::new("fraud_action", "Fraudulent payments", &draft.fraud_action).select(&ACTIONS))
                (Field::new("expires", "A case ends by itself after (seconds)", &draft.expires).max(9).required().input())
                (Field::new("expiry", "and counts as", &draft.expiry).select(&[("REJECT", "Rejected"), ("APPROVE", "Approved")]))
                (Field::new("above", "Two people approve above (rupiah)", &draft.above).hint("Empty: one person is always enough.").max(24).input())
            }
            (reason_field_of("policy-reason", &draft.reason))
            button type="submit" { "Set the policy" }
        }
    }
}

pub(crate) async fn set(staff: Staff, fields: Fields) -> Response {
    let bad = StatusCode::UNPROCESSABLE_ENTITY;
    let what = "The policy was not changed";
    let above = fields.filled("above").map(read_amount);
    if above == Some(None) {
        let message = notice(Tone::Bad, what, "The amount cannot be read: write it as 59.000.");
        return page(&staff, Some(message), bad, Some(&fields)).await;
    }
    let number = |name| fields.get(name).parse::<i32>().map_or(Value::Null, Value::from);
    let input = json!({
        "expectedVersion": number("version"), "suspiciousFrom": number("suspicious_from"), "fraudFrom": number("fraud_from"),
        "suspiciousAction": fields.get("suspicious_action"), "fraudAction": fields.get("fraud_action"),
        "reviewExpiresAfterSeconds": number("expires"), "reviewExpiryDecision": fields.get("expiry"),
        "fourEyesAbove": above.flatten().map(money::Decimal::from), "reason": fields.get("reason"),
    });
    match staff.ask(&documents::SET_POLICY, json!({ "input": input })).await {
        Ok(_) => see_other("/console/fraud/policy?done=set"),
        Err(failure) => page(&staff, Some(refused(what, &failure)), bad, Some(&fields)).await,
    }
}
