//! The way of one request:
//!
//! limits → parse → validate → authenticate → rate limit → route → merge → shape errors.
//!
//! 1. [`limits`]: the body, then the document's tokens and shape.
//! 2. [`parse`] and 3. [`validate`]: against the merged schema. Both are done once per document and kept in [`plan`].
//! 4. [`authenticate`]: the token is passed on; services decide.
//! 5. Rate limits have their place between variables and sending: there the operation is known and nothing was done.
//! 6. [`route`]: to one service as it came, or in parts ([`split`]), or answered here ([`local`]).
//! 7. [`merge`]: the parts' answers into one.
//! 8. [`shape`]: what went wrong, as clients see it.
//!
//! Nothing here waits in a queue: a request is worked on, refused, or over its time.

mod authenticate;
mod call;
mod execute;
mod limits;
mod local;
mod merge;
mod parse;
mod plan;
mod read;
mod route;
mod shape;
mod split;
mod validate;
mod variables;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use apollo_compiler::ast::OperationType;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderValue, Method, StatusCode};
use metrics::{counter, histogram};
use service::error::ErrorCode;
use service::graphql_http::{HttpRequestError, ResponseFormat, error_body};
use service::trace::{REQUEST_ID, TraceContext};

use plan::Plan;
pub(crate) use plan::PlanCache;
use shape::Refusal;

use crate::gateway::Gateway;

/// Which way a request went, for the metrics.
#[derive(Clone, Copy)]
enum Way {
    /// Forwarded as it came.
    Fast,
    /// In parts.
    Split,
    /// No service was asked.
    Local,
}

/// What came of it, for the metrics.
#[derive(Clone, Copy)]
enum Outcome {
    Ok,
    /// Answered, with errors in the answer.
    Errors,
    /// A service gave no answer.
    Unavailable,
    /// Not carried out.
    Refused,
    /// Our fault.
    Failed,
}

/// An answer and what to count.
struct Served {
    response: Response,
    way: Way,
    outcome: Outcome,
}

/// A request whose document, operation and variables are good.
struct Ready<'a> {
    gateway: &'a Gateway,
    plan: &'a Plan,
    envelope: &'a read::Envelope<'a>,
    /// What came by POST, to be forwarded unchanged.
    body: &'a Bytes,
    parts: &'a http::request::Parts,
    format: ResponseFormat,
    trace: &'a TraceContext,
    deadline: Instant,
}

/// Handles `/graphql`.
pub(crate) async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let started = Instant::now();
    let trace = TraceContext::from_headers(request.headers());
    let format = ResponseFormat::negotiate(request.headers());
    let served = match AssertUnwindSafe(serve(&gateway, request, format, &trace, started))
        .catch_unwind()
        .await
    {
        Ok(served) => served,
        Err(_) => {
            tracing::error!(request_id = trace.request_id(), "a request panicked");
            let body = error_body(
                ErrorCode::Internal,
                "something went wrong here; quote the x-request-id to support",
            );
            let response = format
                .unwrap_or(ResponseFormat::Json)
                .respond(StatusCode::INTERNAL_SERVER_ERROR, body);
            Served {
                response,
                way: Way::Local,
                outcome: Outcome::Failed,
            }
        }
    };
    let Served {
        mut response,
        way,
        outcome,
    } = served;
    let elapsed = started.elapsed();
    counter!("sawit_gateway_requests_total", "path" => way.as_str(), "outcome" => outcome.as_str()).increment(1);
    histogram!("sawit_gateway_request_seconds", "path" => way.as_str()).record(elapsed.as_secs_f64());
    tracing::debug!(
        request_id = trace.request_id(),
        path = way.as_str(),
        outcome = outcome.as_str(),
        status = response.status().as_u16(),
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "graphql"
    );
    if let Ok(value) = HeaderValue::from_str(trace.request_id()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

async fn serve(
    gateway: &Gateway,
    request: Request,
    format: Option<ResponseFormat>,
    trace: &TraceContext,
    started: Instant,
) -> Served {
    let (parts, body) = request.into_parts();
    let Some(format) = format else {
        return Served::refused(HttpRequestError::NotAcceptable.into(), ResponseFormat::Json);
    };
    match run(gateway, &parts, body, format, trace, started).await {
        Ok(served) => served,
        Err(refusal) => Served::refused(refusal, format),
    }
}

async fn run(
    gateway: &Gateway,
    parts: &http::request::Parts,
    body: Body,
    format: ResponseFormat,
    trace: &TraceContext,
    started: Instant,
) -> Result<Served, Refusal> {
    let Ok(_permit) = gateway.in_flight.try_acquire() else {
        return Err(Refusal::Busy);
    };
    let config = &gateway.config;
    let body = limits::read_body(body, &config.limits).await?;
    let envelope = read::envelope(parts, &body)?;
    let plan = gateway
        .plans
        .plan(&envelope, &gateway.schema, &config.limits, config.introspection)?;
    if parts.method == Method::GET && plan.kind != OperationType::Query {
        return Err(HttpRequestError::OnlyQueriesByGet(plan.kind.name()).into());
    }
    let variables = envelope.variables.as_deref();
    if plan.checks_types {
        variables::check_types(gateway.schema.valid(), &plan.declared, variables).map_err(Refusal::Variables)?;
    } else {
        variables::check_presence(&plan.required, variables).map_err(Refusal::Variables)?;
    }
    let deadline = started + config.timeout;
    let ready = Ready {
        gateway,
        plan: &plan,
        envelope: &envelope,
        body: &body,
        parts,
        format,
        trace,
        deadline,
    };
    execute::execute(&ready).await
}

impl Served {
    fn refused(refusal: Refusal, format: ResponseFormat) -> Self {
        Self {
            response: refusal.into_response(format),
            way: Way::Local,
            outcome: Outcome::Refused,
        }
    }
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Split => "split",
            Self::Local => "local",
        }
    }
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Errors => "errors",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}
