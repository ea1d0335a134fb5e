//! The HTTP side of a service: `/graphql`, `/internal/graphql`, health and metrics.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{
    Name, ObjectType, PathSegment, Request as GraphqlExecution, Response as GraphqlResponse, Schema, ServerError,
    SubscriptionType, ValidationMode,
};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use money::MoneyError;
use tokio::sync::Semaphore;

use crate::document::{self, Document, Documents, InputTypes};
use crate::error::{ApiError, ErrorCode};
use crate::graphql_http::{GraphqlRequest, HttpRequestError, ResponseFormat, error_body, read_request};
use crate::name::ServiceName;
use crate::token::{Caller, Role, TokenVerifier};
use crate::trace::{REQUEST_ID, TraceContext};

/// The gateway's own token, beside the client's: it vouches for [`CLIENT_ADDRESS`].
pub const SERVICE_AUTHORIZATION: HeaderName = HeaderName::from_static("x-sawit-service-authorization");
/// The client's address as the gateway saw it.
pub const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-sawit-client-address");
/// The idempotency key of clients that keep it out of the input.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How long a client may take to send its body.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// Requests under way at once at one endpoint; more are refused, not queued.
const IN_FLIGHT_MAX: usize = 2_048;
/// An operation that has not ended by then is given up; what it had committed stays, and recovery finishes it.
const EXECUTION_TIME_MAX: Duration = Duration::from_secs(60);

/// Where the request came from: the client's address behind the gateway, or the peer's.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub Option<IpAddr>);

/// The `Idempotency-Key` header, if there was one.
#[derive(Clone, Debug)]
pub struct IdempotencyKeyHeader(pub Option<String>);

/// What differs between the two endpoints of a service.
struct Door {
    path: &'static str,
    body_bytes_max: usize,
    /// Whether all root fields may be null. Public ones may: in a document of a person one failing field must not take the
    /// others' answers away. Between services an answer is whole or an error.
    roots_are_nullable: bool,
}

/// What anybody may send.
const BODY_BYTES_MAX: usize = 256 * 1024;

const PUBLIC: Door = Door {
    path: "/graphql",
    body_bytes_max: BODY_BYTES_MAX,
    roots_are_nullable: true,
};
const INTERNAL: Door = Door {
    path: "/internal/graphql",
    body_bytes_max: 8 * 1024 * 1024,
    roots_are_nullable: false,
};

/// The schema once more, for documents that were found valid in it before: an own service asks the same few, thousands of
/// times a second, and to see each time that they are valid takes longer than many of them take to answer.
struct Proven<Q: 'static, M: 'static, S: 'static> {
    schema: Schema<Q, M, S>,
    inputs: InputTypes,
}

/// One GraphQL endpoint of a service.
struct Endpoint<Q: 'static, M: 'static, S: 'static> {
    service: ServiceName,
    schema: Schema<Q, M, S>,
    proven: Option<Proven<Q, M, S>>,
    verifier: TokenVerifier,
    door: Door,
    documents: Documents,
    in_flight: Semaphore,
}

impl Door {
    /// Only a service is let send more than anybody: read into memory, a body takes many times its size.
    fn body_bytes_max(&self, caller: &Caller) -> usize {
        match caller.with_role(&[Role::Service]) {
            Ok(_) => self.body_bytes_max,
            Err(_) => self.body_bytes_max.min(BODY_BYTES_MAX),
        }
    }
}

/// A service's routes: its public schema at `/graphql`, what other services use at `/internal/graphql`, `/healthz` and
/// `/readyz`. A service listens only after its database is open, so whoever answers is ready.
///
/// Every root field of the public schema must be nullable.
///
/// Every internal operation needs a service's token, which its resolvers check with [`require_service`]; the one
/// exception is the operation that hands out those tokens. That schema is made twice, in both ways of validation: a
/// document is validated the first time it comes. After that only the variables can be wrong.
pub fn router<Q, M, S, IQ, IM, IS>(
    service: ServiceName,
    verifier: &TokenVerifier,
    public: Schema<Q, M, S>,
    internal: impl Fn(ValidationMode) -> Schema<IQ, IM, IS>,
) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
    IQ: ObjectType + 'static,
    IM: ObjectType + 'static,
    IS: SubscriptionType + 'static,
{
    let (schema, quick) = (internal(ValidationMode::Strict), internal(ValidationMode::Fast));
    let proven = match InputTypes::of(&schema.sdl()) {
        Ok(inputs) => Some(Proven { schema: quick, inputs }),
        Err(error) => {
            tracing::error!(service = service.as_str(), %error, "the internal schema cannot be read; each document is validated");
            None
        }
    };
    Router::new()
        .merge(route(PUBLIC, service, verifier, public, None))
        .merge(route(INTERNAL, service, verifier, schema, proven))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(|| async { "ok" }))
}

fn route<Q, M, S>(
    door: Door,
    service: ServiceName,
    verifier: &TokenVerifier,
    schema: Schema<Q, M, S>,
    proven: Option<Proven<Q, M, S>>,
) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let path = door.path;
    let endpoint = Endpoint {
        service,
        schema,
        proven,
        verifier: verifier.clone(),
        door,
        documents: Documents::new(),
        in_flight: Semaphore::new(IN_FLIGHT_MAX),
    };
    Router::new()
        .route(path, axum::routing::any(serve_graphql::<Q, M, S>))
        .with_state(Arc::new(endpoint))
}

/// For internal resolvers: only our own services may pass.
pub fn require_service(context: &async_graphql::Context<'_>) -> async_graphql::Result<()> {
    crate::token::caller(context).with_role(&[Role::Service])?;
    Ok(())
}

async fn serve_graphql<Q, M, S>(State(endpoint): State<Arc<Endpoint<Q, M, S>>>, request: Request) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let trace = TraceContext::from_headers(request.headers());
    let mut response = match answer(&endpoint, request, &trace).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(trace.request_id()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

async fn answer<Q, M, S>(
    endpoint: &Endpoint<Q, M, S>,
    request: Request,
    trace: &TraceContext,
) -> Result<Response, HttpRequestError>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let format = ResponseFormat::negotiate(&parts.headers).ok_or(HttpRequestError::NotAcceptable)?;
    let Ok(_permit) = endpoint.in_flight.try_acquire() else {
        return Ok(busy(format));
    };
    let caller = Caller::from_headers(&parts.headers, &endpoint.verifier);
    let body = read_body(body, endpoint.door.body_bytes_max(&caller), BODY_TIME_MAX).await?;
    let read = read_request(&parts.method, parts.uri.query(), &parts.headers, &body)?;

    let prepared = match prepare(endpoint, read) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(respond(format, &GraphqlResponse::from_errors(vec![error]))),
    };
    match prepared.kind {
        _ if parts.method != http::Method::GET => {}
        Some(OperationType::Mutation) => return Err(HttpRequestError::OnlyQueriesByGet("mutation")),
        Some(OperationType::Subscription) => return Err(HttpRequestError::OnlyQueriesByGet("subscription")),
        Some(OperationType::Query) | None => {}
    }
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let execution = prepared
        .execution
        .data(caller)
        .data(client_address(&parts.headers, peer, &endpoint.verifier))
        .data(idempotency_key(&parts.headers))
        .data(trace.clone());

    let Ok(mut response) = tokio::time::timeout(EXECUTION_TIME_MAX, prepared.schema.execute(execution)).await else {
        let body = error_body(
            ErrorCode::ServiceUnavailable,
            "the operation took too long; its outcome is unknown",
        );
        return Ok(format.respond(StatusCode::GATEWAY_TIMEOUT, body));
    };
    if !is_refused(&response) {
        prepared.document.prove();
    }
    response.errors.iter_mut().for_each(label_error);
    if endpoint.door.roots_are_nullable {
        null_what_failed(&mut response);
    }
    metrics::histogram!("sawit_service_request_seconds", "service" => endpoint.service.as_str())
        .record(started.elapsed().as_secs_f64());
    tracing::debug!(service = endpoint.service.as_str(), %trace, errors = response.errors.len(), "answered");
    Ok(respond(format, &response))
}

/// What is to be run, and in what.
struct Prepared<'a, Q: 'static, M: 'static, S: 'static> {
    document: Arc<Document>,
    execution: GraphqlExecution,
    /// The kind of the operation. None when there is none, which the library reports.
    kind: Option<OperationType>,
    schema: &'a Schema<Q, M, S>,
}

/// Takes the document over and makes it ready to run.
fn prepare<Q, M, S>(endpoint: &Endpoint<Q, M, S>, read: GraphqlRequest) -> Result<Prepared<'_, Q, M, S>, ServerError> {
    let document = endpoint.documents.read(&read.query)?;
    let mut variables = read.variables;
    let operation = document::choose(&document.executable, read.operation_name.as_deref());
    if let Some(operation) = operation {
        document::check_repetition(&document.executable, operation)?;
        document::complete_variables(operation, &mut variables)?;
    }
    let schema = match (&endpoint.proven, operation) {
        (Some(proven), Some(operation)) if document.is_proven() => {
            proven.inputs.check(operation, &variables)?;
            &proven.schema
        }
        _ => &endpoint.schema,
    };
    let kind = operation.map(|operation| operation.ty);
    let mut execution = GraphqlExecution::new(read.query).variables(variables);
    execution.operation_name = read.operation_name;
    execution.set_parsed_query(document.executable.clone());
    Ok(Prepared {
        document,
        execution,
        kind,
        schema,
    })
}

/// Whether the document itself was refused: there is no data at all then, not even null fields.
fn is_refused(response: &GraphqlResponse) -> bool {
    !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

fn respond(format: ResponseFormat, response: &GraphqlResponse) -> Response {
    let status = if is_refused(response) {
        format.request_error_status()
    } else {
        StatusCode::OK
    };
    match serde_json::to_vec(response) {
        Ok(bytes) => format.respond(status, Bytes::from(bytes)),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            format.respond(
                StatusCode::INTERNAL_SERVER_ERROR,
                error_body(ErrorCode::Internal, "something went wrong on our side"),
            )
        }
    }
}

fn busy(format: ResponseFormat) -> Response {
    let body = error_body(
        ErrorCode::ServiceUnavailable,
        "too many requests are under way; try again",
    );
    let mut response = format.respond(StatusCode::SERVICE_UNAVAILABLE, body);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

async fn read_body(body: Body, limit: usize, time_max: Duration) -> Result<Bytes, HttpRequestError> {
    match tokio::time::timeout(time_max, Limited::new(body, limit).collect()).await {
        Err(_) => Err(HttpRequestError::TooSlow),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(HttpRequestError::TooLarge(limit)),
        Ok(Err(_)) => Err(HttpRequestError::Malformed("the body broke off".into())),
    }
}

/// A client's word about its address counts only when one of our services vouches for it.
fn client_address(headers: &HeaderMap, peer: Option<IpAddr>, verifier: &TokenVerifier) -> ClientAddress {
    let told = headers
        .get(CLIENT_ADDRESS)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let voucher = || {
        let value = headers.get(SERVICE_AUTHORIZATION)?.to_str().ok()?;
        let claims = verifier.verify(value.strip_prefix("Bearer ")?).ok()?;
        (claims.role == Role::Service).then_some(())
    };
    match told {
        Some(address) if voucher().is_some() => ClientAddress(Some(address)),
        _ => ClientAddress(peer),
    }
}

fn idempotency_key(headers: &HeaderMap) -> IdempotencyKeyHeader {
    IdempotencyKeyHeader(
        headers
            .get(IDEMPOTENCY_KEY)
            // A key of other bytes must be refused where keys are checked: left out, it would protect from nothing.
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
    )
}

/// Gives every root field that failed its `null`: the GraphQL library leaves it out, and says that there is no data at all
/// when nothing else was asked.
fn null_what_failed(response: &mut GraphqlResponse) {
    for error in &response.errors {
        let Some(PathSegment::Field(key)) = error.path.first() else {
            continue;
        };
        if matches!(response.data, async_graphql::Value::Null) {
            response.data = async_graphql::Value::Object(Default::default());
        }
        if let async_graphql::Value::Object(fields) = &mut response.data {
            fields.entry(Name::new(key)).or_default();
        }
    }
}

/// Gives every error its code: our own know it, the GraphQL library's are about the document or an argument.
/// Whatever else a resolver let through is logged, and the client learns nothing of it.
fn label_error(error: &mut ServerError) {
    let ours = match (error.source::<ApiError>(), error.source::<MoneyError>()) {
        (Some(ours), _) => Some(ours.clone()),
        (None, Some(money)) => Some(ApiError::bad_input(money.to_string())),
        (None, None) if error.source.is_some() => {
            tracing::error!(error = error.message, "a resolver failed in a way that has no code");
            error.message = "something went wrong on our side".to_owned();
            Some(ApiError::new(ErrorCode::Internal, error.message.clone()))
        }
        (None, None) => None,
    };
    let extensions = error.extensions.get_or_insert_default();
    match ours {
        Some(ours) => ours.describe(extensions),
        None if error.path.is_empty() => extensions.set("code", ErrorCode::GraphqlValidationFailed.as_str()),
        None => extensions.set("code", ErrorCode::BadUserInput.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let silence = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let read = read_body(silence, 1, Duration::from_millis(5)).await;
        assert!(matches!(read, Err(HttpRequestError::TooSlow)));
        let read = read_body(Body::from("ab"), 2, Duration::from_secs(5)).await;
        assert_eq!(read.unwrap(), "ab");
    }
}
