//! Stage 7, merging: the answers of several services become one, in the order of the client's document.
//!
//! Values are copied as text: a number keeps every digit its service wrote.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::OperationType;
use apollo_compiler::parser::LineColumn;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::error::ErrorCode;

use super::call::{Failure, GraphqlResponse};
use super::route::{Owner, RootField};
use super::shape::{Extensions, GraphqlError};

/// Errors that one answer lists at most. Nobody reads more, and a service may give one for each item of a long list.
const ERRORS_MAX: usize = 200;

/// What came of some of the root fields.
pub(super) struct Part<'a> {
    /// Their places among the operation's root fields.
    pub(super) fields: &'a [usize],
    pub(super) result: Result<&'a [u8], Failure>,
}

/// A merged answer.
pub(super) struct Merged {
    pub(super) body: Vec<u8>,
    pub(super) has_errors: bool,
}

/// An error as a service wrote it.
#[derive(Deserialize)]
struct ServiceError<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    path: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    extensions: Option<&'a RawValue>,
}

impl<'a> ServiceError<'a> {
    /// The response key of the root field where it happened.
    fn root(&self) -> Option<&'a str> {
        self.path.as_ref()?.first().map(|key| key.get().trim_matches('"'))
    }
}

/// An error as the client gets it: places in the service's part of the document become places in the client's.
#[derive(Serialize)]
struct ClientError<'a> {
    message: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<[LineColumn; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a [&'a RawValue]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a RawValue>,
}

/// Merges the parts of an answer.
pub(super) fn merge(fields: &[RootField], kind: OperationType, parts: &[Part<'_>]) -> Merged {
    let mut values: Vec<Option<&RawValue>> = vec![None; fields.len()];
    let mut errors = Errors::default();
    for part in parts {
        match part.result {
            Ok(body) => take(fields, kind, part, body, &mut values, &mut errors),
            Err(failure) => part
                .fields
                .iter()
                .for_each(|index| errors.push_failure(&fields[*index], failure, kind)),
        }
    }
    let size = values.iter().flatten().map(|value| value.get().len()).sum::<usize>();
    let mut body = Vec::with_capacity(size + errors.list.len() * 256 + fields.len() * 24 + 32);
    body.extend_from_slice(b"{\"data\":{");
    for (index, (field, value)) in fields.iter().zip(values).enumerate() {
        if index > 0 {
            body.push(b',');
        }
        // Names of GraphQL need no escapes in JSON.
        body.push(b'"');
        body.extend_from_slice(field.key.as_bytes());
        body.extend_from_slice(b"\":");
        match (field.owner, value) {
            (Owner::Typename, _) => push_typename(&mut body, kind),
            (_, Some(value)) => body.extend_from_slice(value.get().as_bytes()),
            (_, None) => body.extend_from_slice(b"null"),
        }
    }
    body.push(b'}');
    if !errors.list.is_empty() {
        body.extend_from_slice(b",\"errors\":[");
        body.extend_from_slice(errors.list.join(",").as_bytes());
        body.push(b']');
    }
    body.push(b'}');
    Merged {
        body,
        has_errors: !errors.list.is_empty(),
    }
}

fn push_typename(body: &mut Vec<u8>, kind: OperationType) {
    body.extend_from_slice(match kind {
        OperationType::Query => b"\"Query\"".as_slice(),
        OperationType::Mutation => b"\"Mutation\"",
        OperationType::Subscription => b"\"Subscription\"",
    });
}

fn take<'a>(
    fields: &[RootField],
    kind: OperationType,
    part: &Part<'a>,
    body: &'a [u8],
    values: &mut [Option<&'a RawValue>],
    errors: &mut Errors,
) {
    let own = || part.fields.iter().map(|index| (*index, &fields[*index]));
    let Some(response) = GraphqlResponse::read(body) else {
        own().for_each(|(_, field)| errors.push_failure(field, Failure::Unusable, kind));
        return;
    };
    let data: Option<HashMap<&str, &RawValue>> = response.data.and_then(|data| serde_json::from_str(data.get()).ok());
    let reported = response.errors.unwrap_or_default();
    let mut failed = HashSet::new();
    for raw in &reported {
        match serde_json::from_str::<ServiceError<'_>>(raw.get()) {
            Ok(error) if error.root().is_some() || data.is_some() => {
                failed.extend(error.root());
                errors.push(fields, &error);
            }
            // The service refused its part as a whole: that is an error of each of its fields.
            Ok(error) => own().for_each(|(_, field)| errors.push_at(field, &error)),
            Err(_) => own().for_each(|(_, field)| errors.push_failure(field, Failure::Unusable, kind)),
        }
    }
    let Some(data) = data else { return };
    for (index, field) in own() {
        match data.get(field.key.as_str()) {
            Some(value) => values[index] = Some(value),
            // Some executors leave a field that failed out of `data`; its error was taken over above.
            None if failed.contains(field.key.as_str()) => {}
            None => errors.push_failure(field, Failure::Unusable, kind),
        }
    }
}

#[derive(Default)]
struct Errors {
    /// Each one JSON.
    list: Vec<String>,
}

impl Errors {
    fn push(&mut self, fields: &[RootField], error: &ServiceError<'_>) {
        let root = error
            .path
            .as_ref()
            .and_then(|path| path.first())
            .map(|key| key.get().trim_matches('"'));
        let location = root
            .and_then(|key| fields.iter().find(|field| field.key == *key))
            .and_then(|field| field.location);
        self.write(error, location, error.path.as_deref());
    }

    fn push_at(&mut self, field: &RootField, error: &ServiceError<'_>) {
        let Ok(key) = serde_json::value::to_raw_value(field.key.as_str()) else {
            return;
        };
        self.write(error, field.location, Some(&[&*key]));
    }

    fn write(&mut self, error: &ServiceError<'_>, location: Option<LineColumn>, path: Option<&[&RawValue]>) {
        let unspoken = serde_json::value::to_raw_value("the service reported an error without a message").ok();
        let Some(message) = error.message.or(unspoken.as_deref()) else {
            return;
        };
        let locations = location.map(|location| [location]);
        self.add(&ClientError {
            message,
            locations,
            path,
            extensions: error.extensions,
        });
    }

    fn push_failure(&mut self, field: &RootField, failure: Failure, kind: OperationType) {
        let Owner::Service(service) = field.owner else { return };
        self.add(&GraphqlError {
            message: &failure.message(service, kind),
            locations: field.location.as_slice(),
            path: Some([field.key.as_str()]),
            extensions: Extensions {
                code: ErrorCode::ServiceUnavailable.as_str(),
                service: Some(service.as_str()),
            },
        });
    }

    fn add(&mut self, error: &impl Serialize) {
        if self.list.len() < ERRORS_MAX
            && let Ok(json) = serde_json::to_string(error)
        {
            self.list.push(json);
        }
    }
}
