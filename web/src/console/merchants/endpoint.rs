//! `/console/merchants/{merchant}/endpoints/{endpoint}`: what was sent there, and sending it once more.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::show::resend_form;
use super::types::{Attempt, Endpoint};
use super::{PATH, documents};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    ROWS, badge, cell, code, facts, good, instant, number_cell, page_of, pager, refused, segment, table,
};
use crate::fields::Fields;
use crate::visit::see_other;

type Ids = (String, String);

pub(crate) async fn show(staff: Staff, Path(ids): Path<Ids>) -> Response {
    let done = (staff.params().get("done") == "resent").then(|| good("It is sent again; the attempt appears here."));
    page(&staff, &ids, done, StatusCode::OK).await
}

async fn page(
    staff: &Staff,
    (merchant_id, endpoint_id): &Ids,
    message: Option<Markup>,
    status: StatusCode,
) -> Response {
    let params = staff.params();
    let (endpoints, attempts) = tokio::join!(
        staff.ask(&documents::ENDPOINTS, json!({ "merchantId": merchant_id })),
        staff.ask(
            &documents::ATTEMPTS,
            json!({ "endpointId": endpoint_id, "first": ROWS + 1, "after": params.filled("after") }),
        ),
    );
    let endpoint = match endpoints {
        Ok(endpoints) => endpoints
            .into_iter()
            .find(|endpoint| endpoint.endpoint_id == *endpoint_id),
        Err(failure) => return staff.problem("Webhook endpoint", PATH, &failure),
    };
    let Some(endpoint) = endpoint else {
        return staff.nothing("Webhook endpoint", PATH);
    };
    let merchant = format!("{PATH}/{}", segment(merchant_id));
    let path = format!("{merchant}/endpoints/{}", segment(endpoint_id));
    let main = html! {
        p.back { a href=(merchant) { "Merchant" } }
        @if let Some(message) = message { (message) }
        (head(&endpoint))
        section.card {
            h2 { "Attempts" }
            @match &attempts {
                Err(failure) => (not_had("The list of attempts", failure)),
                Ok(found) => {
                    @let (shown, next) = page_of(found, |attempt| &attempt.attempt_id);
                    @let rows: Vec<Markup> = shown.iter().map(|attempt| row(staff, &path, attempt)).collect();
                    @if rows.is_empty() { p.empty { "Nothing was sent there yet." } }
                    @else { (table("Attempts", &["When", "Event", "Outcome", "Took", "Answer", ""], &rows)) }
                    (pager(&params, &path, next.as_deref()))
                },
            }
        }
    };
    staff.respond_with("Webhook endpoint", PATH, main, status)
}

fn head(endpoint: &Endpoint) -> Markup {
    html! {
        section.card {
            p.eyebrow { "Webhook endpoint " (code(&endpoint.endpoint_id)) }
            h1 { (endpoint.url) " " (badge(if endpoint.enabled { "ACTIVE" } else { "OFF" })) }
            (facts(&[
                ("Events", html! { @if endpoint.events.is_empty() { "all" } @else { (endpoint.events.join(", ")) } }),
                ("Since", html! { (instant(endpoint.created_at.0)) }),
            ]))
            @if let Some(since) = endpoint.failing_since { p.mistake { "Takes nothing since " (instant(since.0)) } }
            @if let Some(reason) = &endpoint.disabled_reason { p.mistake { "Switched off: " (reason) } }
        }
    }
}

fn row(staff: &Staff, path: &str, attempt: &Attempt) -> Markup {
    html! {
        (cell("When", html! { (instant(attempt.attempted_at.0)) }))
        (cell("Event", code(&attempt.event_id)))
        (cell("Outcome", html! { (badge(&attempt.outcome)) @if let Some(status) = attempt.status { " " (status) } }))
        (number_cell("Took", &format!("{} ms", attempt.latency_ms)))
        (cell("Answer", html! { span.excerpt { (attempt.response_excerpt.as_deref().unwrap_or("—")) } }))
        (cell("", html! { @if staff.is_admin() { (resend_form(staff, &format!("{path}/resend"), &attempt.event_id)) } }))
    }
}

pub(crate) async fn resend(staff: Staff, Path(ids): Path<Ids>, fields: Fields) -> Response {
    let (merchant_id, endpoint_id) = &ids;
    let variables = json!({ "eventId": fields.get("event"), "endpointId": endpoint_id });
    match staff.ask(&documents::RESEND, variables).await {
        Ok(_) => see_other(&format!(
            "{PATH}/{}/endpoints/{}?done=resent",
            segment(merchant_id),
            segment(endpoint_id)
        )),
        Err(failure) => {
            let message = refused("It was not sent again", &failure);
            page(&staff, &ids, Some(message), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
