//! Stage 0, reading: what a request says, without taking it apart further than needed.
//!
//! The variables stay the text that the client sent. Most requests are forwarded as they came, and a payment should
//! not be parsed and written again on its way.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, header, request};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;
use service::graphql_http::{HttpRequestError, JSON};

/// A request as text. Borrows from the body as far as JSON's escapes let it.
pub(crate) struct Envelope<'a> {
    pub(crate) query: Cow<'a, str>,
    pub(crate) operation_name: Option<Cow<'a, str>>,
    /// A JSON object, when there is one.
    pub(crate) variables: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct PostBody<'a> {
    #[serde(borrow)]
    query: Text<'a>,
    #[serde(borrow, default, rename = "operationName")]
    operation_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    variables: Option<&'a RawValue>,
}

/// A string that is borrowed where possible, also inside an `Option`.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// Reads a request from its head and its body.
pub(crate) fn envelope<'a>(parts: &'a request::Parts, body: &'a [u8]) -> Result<Envelope<'a>, HttpRequestError> {
    match parts.method {
        Method::GET => from_query_string(parts.uri.query().unwrap_or_default()),
        Method::POST => from_body(&parts.headers, body),
        _ => Err(HttpRequestError::MethodNotAllowed),
    }
}

/// A form on another site can send a POST with the user's cookies, but never as `application/json`: insisting on it
/// keeps such requests out.
fn from_body<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Envelope<'a>, HttpRequestError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(JSON) {
        return Err(HttpRequestError::UnsupportedMediaType);
    }
    // serde reads structs from arrays too; a batch must not pass for a request.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(HttpRequestError::Malformed("expected one JSON object".into()));
    }
    let body: PostBody<'a> =
        serde_json::from_slice(body).map_err(|error| HttpRequestError::Malformed(error.to_string()))?;
    let variables = body.variables.map(|raw| Cow::Borrowed(raw.get()));
    Ok(Envelope {
        query: body.query.0,
        operation_name: body.operation_name.map(|name| name.0),
        variables: object_only(variables)?,
    })
}

fn from_query_string(query_string: &str) -> Result<Envelope<'_>, HttpRequestError> {
    let (mut query, mut operation_name, mut variables) = (None, None, None);
    for (name, value) in url::form_urlencoded::parse(query_string.as_bytes()) {
        match name.as_ref() {
            "query" => query = Some(value),
            "operationName" if !value.is_empty() => operation_name = Some(value),
            "variables" if !value.is_empty() => {
                serde_json::from_str::<&RawValue>(&value)
                    .map_err(|error| HttpRequestError::Malformed(format!("variables: {error}")))?;
                variables = Some(Cow::Owned(value.trim().to_owned()));
            }
            _ => {}
        }
    }
    let query = query.ok_or_else(|| HttpRequestError::Malformed("the parameter `query` is missing".into()))?;
    Ok(Envelope {
        query,
        operation_name,
        variables: object_only(variables)?,
    })
}

fn object_only(variables: Option<Cow<'_, str>>) -> Result<Option<Cow<'_, str>>, HttpRequestError> {
    match variables {
        Some(text) if text.starts_with('{') => Ok(Some(text)),
        Some(text) if text != "null" => Err(HttpRequestError::Malformed("`variables` must be an object".into())),
        _ => Ok(None),
    }
}

impl Envelope<'_> {
    /// The request as a POST body, for one that came by GET.
    pub(crate) fn to_body(&self) -> Bytes {
        let mut body = String::with_capacity(self.query.len() + 64);
        body.push_str("{\"query\":");
        push_json_string(&mut body, &self.query);
        if let Some(name) = &self.operation_name {
            body.push_str(",\"operationName\":");
            push_json_string(&mut body, name);
        }
        if let Some(variables) = &self.variables {
            body.push_str(",\"variables\":");
            body.push_str(variables);
        }
        body.push('}');
        Bytes::from(body)
    }
}

/// Appends a string as JSON.
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: Method, uri: &str, content_type: &str) -> request::Parts {
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header(header::CONTENT_TYPE, content_type);
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_plain_body_is_borrowed() {
        let parts = parts(Method::POST, "/graphql", "application/json");
        let body = br#" {"query":"{a}","operationName":"x","variables":{"v":0.10},"extensions":{}} "#;
        let read = envelope(&parts, body).unwrap();
        assert!(matches!(read.query, Cow::Borrowed("{a}")));
        assert!(matches!(read.operation_name, Some(Cow::Borrowed("x"))));
        assert!(matches!(read.variables, Some(Cow::Borrowed(r#"{"v":0.10}"#))));
    }

    #[test]
    fn a_get_becomes_the_same_post() {
        let parts = parts(
            Method::GET,
            "/graphql?query=%7Ba%7D&operationName=q&variables=%7B%22x%22%3A1.50%7D",
            "",
        );
        let read = envelope(&parts, b"").unwrap();
        assert_eq!(
            read.to_body(),
            r#"{"query":"{a}","operationName":"q","variables":{"x":1.50}}"#
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        #[track_caller]
        fn check(body: &str, status: u16) {
            let parts = parts(Method::POST, "/graphql", "application/json");
            let error = envelope(&parts, body.as_bytes()).err().unwrap();
            assert_eq!(error.status().as_u16(), status, "{body}");
        }
        check("", 400);
        check("{", 400);
        check("{}", 400);
        check(r#"["{a}"]"#, 400);
        check(r#"[{"query":"{a}"}]"#, 400);
        check(r#"{"query":1}"#, 400);
        check(r#"{"query":"{a}","query":"{b}"}"#, 400);
        check(r#"{"query":"{a}","variables":[1]}"#, 400);
        check(r#"{"query":"{a}","variables":"{}"}"#, 400);
        check(r#"{"query":"{a}","variables":{"a":}}"#, 400);
        check(r#"{"query":"{a}"} trailing"#, 400);
        check("{\"query\":\"\u{0}\"}", 400);
    }
}
