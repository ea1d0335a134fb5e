//! Carrying a plan out: forward, or send the parts and merge what comes back.

use std::borrow::Cow;

use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use futures::future::join_all;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use service::ServiceName;

use super::authenticate::onward_headers;
use super::call::{Failure, ServiceAnswer, call};
use super::merge::{Part, merge};
use super::route::{RootField, RootFields, Route, Source, Undecided};
use super::shape::Refusal;
use super::split::{Split, Step};
use super::variables::RawVariables;
use super::{Outcome, Ready, Served, Way};

pub(super) async fn execute(ready: &Ready<'_>) -> Result<Served, Refusal> {
    match &ready.plan.route {
        Route::Forward(service, fields) => forward(ready, *service, fields).await,
        Route::Split(parts) => split(ready, parts).await,
        Route::Conditional(source) => {
            let fields = decide(ready, source)?;
            split(ready, &Split::new(source, fields, &ready.gateway.schema)).await
        }
    }
}

/// The fast path: the client's bytes to the service, the service's bytes to the client.
async fn forward(ready: &Ready<'_>, service: ServiceName, fields: &RootFields) -> Result<Served, Refusal> {
    let fields = match fields {
        RootFields::Known(fields) => Cow::Borrowed(fields),
        RootFields::Conditional(source) => Cow::Owned(decide(ready, source)?),
    };
    if fields.is_empty() {
        let response = ready
            .format
            .respond(StatusCode::OK, merge(&fields, ready.plan.kind, &[]).body);
        return Ok(Served {
            response,
            way: Way::Local,
            outcome: Outcome::Ok,
        });
    }
    let headers = onward_headers(ready.parts, ready.format, ready.trace, &ready.gateway.config);
    // A GET has no body to forward.
    let body = if ready.parts.method == Method::POST {
        ready.body.clone()
    } else {
        ready.envelope.to_body()
    };
    match call(ready.gateway, service, headers, body, ready.deadline).await {
        Ok(answer) => {
            let mut response = ready.format.respond(answer.status, answer.body);
            if let Some(value) = answer.retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            let outcome = if answer.has_errors {
                Outcome::Errors
            } else {
                Outcome::Ok
            };
            Ok(Served {
                response,
                way: Way::Fast,
                outcome,
            })
        }
        Err(failure) => {
            let indexes: Vec<usize> = (0..fields.len()).collect();
            let part = Part {
                fields: &indexes,
                result: Err(failure),
            };
            let merged = merge(&fields, ready.plan.kind, &[part]);
            let response = ready.format.respond(StatusCode::OK, merged.body);
            Ok(Served {
                response,
                way: Way::Fast,
                outcome: Outcome::Unavailable,
            })
        }
    }
}

/// The root fields of an operation that has them depend on variables.
fn decide(ready: &Ready<'_>, source: &Source) -> Result<Vec<RootField>, Refusal> {
    let variables = RawVariables::read(ready.envelope.variables.as_deref()).map_err(Refusal::Variables)?;
    source
        .root_fields(&ready.gateway.schema, &|name| {
            variables.boolean(&ready.plan.declared, name)
        })
        .map_err(|Undecided(name)| Refusal::Variables(format!("the variable ${name} must be true or false")))
}

async fn split(ready: &Ready<'_>, split: &Split) -> Result<Served, Refusal> {
    let variables = RawVariables::read(ready.envelope.variables.as_deref()).map_err(Refusal::Variables)?;
    let headers = onward_headers(ready.parts, ready.format, ready.trace, &ready.gateway.config);
    let answers = match ready.plan.kind {
        OperationType::Mutation => in_order(ready, &split.steps, &headers, &variables).await,
        _ => {
            join_all(
                split
                    .steps
                    .iter()
                    .map(|step| send(ready, step, headers.clone(), &variables)),
            )
            .await
        }
    };
    let introspection = split
        .introspection
        .as_ref()
        .map(|introspection| introspection.answer(ready.envelope.variables.as_deref(), &ready.gateway.schema));
    let introspected: Vec<usize> = split.introspected().collect();

    let results = split.steps.iter().zip(&answers);
    let mut parts: Vec<Part<'_>> = results
        .map(|(step, answer)| Part {
            fields: &step.fields,
            result: answer.as_ref().map(|answer| &*answer.body).map_err(|failure| *failure),
        })
        .collect();
    parts.extend(introspection.as_deref().map(|body| Part {
        fields: &introspected,
        result: Ok(body),
    }));
    let merged = merge(&split.fields, ready.plan.kind, &parts);

    let outcome = match merged.has_errors {
        false => Outcome::Ok,
        true if answers.iter().any(Result::is_err) => Outcome::Unavailable,
        true => Outcome::Errors,
    };
    let mut response = ready.format.respond(StatusCode::OK, merged.body);
    if let Some(value) = longest_wait(&answers) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    let way = if split.steps.is_empty() { Way::Local } else { Way::Split };
    Ok(Served { response, way, outcome })
}

/// Mutations one after the other: each sees what the ones before it did.
async fn in_order(
    ready: &Ready<'_>,
    steps: &[Step],
    headers: &HeaderMap,
    variables: &RawVariables<'_>,
) -> Vec<Result<ServiceAnswer, Failure>> {
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        answers.push(send(ready, step, headers.clone(), variables).await);
    }
    answers
}

async fn send(
    ready: &Ready<'_>,
    step: &Step,
    headers: HeaderMap,
    variables: &RawVariables<'_>,
) -> Result<ServiceAnswer, Failure> {
    let mut body = step.body_start.clone();
    if !step.variables.is_empty() {
        body.push_str(",\"variables\":");
        variables.push_object(&mut body, &ready.plan.declared, &step.variables);
    }
    body.push('}');
    call(ready.gateway, step.service, headers, Bytes::from(body), ready.deadline).await
}

/// Of several services that ask for patience, the one that asks for the most.
fn longest_wait(answers: &[Result<ServiceAnswer, Failure>]) -> Option<HeaderValue> {
    let waits = answers
        .iter()
        .flatten()
        .filter_map(|answer| answer.retry_after.as_ref());
    waits
        .max_by_key(|value| value.to_str().ok().and_then(|text| text.parse::<u64>().ok()))
        .cloned()
}
