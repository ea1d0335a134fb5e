//! Request ids and W3C trace context, carried from the client through the gateway to every service.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use rand::RngExt as _;

/// `traceparent`, see <https://www.w3.org/TR/trace-context/>.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// `x-request-id`: what a client quotes to support.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request stands in its trace, and what support calls it.
#[derive(Clone, Debug)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    sampled: bool,
    request_id: String,
}

impl TraceContext {
    /// Continues the caller's trace, or starts one when the headers carry none (or rubbish).
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let span_id = rand::rng().random_range(1..=u64::MAX);
        let (trace_id, sampled) = text(&TRACEPARENT)
            .and_then(parse_traceparent)
            .unwrap_or_else(|| (rand::rng().random_range(1..=u128::MAX), true));
        let request_id = text(&REQUEST_ID)
            .filter(|id| is_request_id(id))
            .map_or_else(|| format!("{trace_id:032x}"), str::to_owned);
        Self {
            trace_id,
            span_id,
            sampled,
            request_id,
        }
    }

    /// A new trace, for work that no request started: recovery, deliveries.
    pub fn start() -> Self {
        Self::from_headers(&HeaderMap::new())
    }

    /// Writes the context where the next service finds it.
    pub fn inject(&self, headers: &mut HeaderMap) {
        let flags = u8::from(self.sampled);
        let traceparent = format!("00-{:032x}-{:016x}-{flags:02x}", self.trace_id, self.span_id);
        for (name, text) in [
            (TRACEPARENT, traceparent.as_str()),
            (REQUEST_ID, self.request_id.as_str()),
        ] {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
    }

    /// The id to answer in `x-request-id` and to log.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.trace_id)
    }
}

fn parse_traceparent(text: &str) -> Option<(u128, bool)> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version.len() != 2 || version == "ff" || trace.len() != 32 || span.len() != 16 || flags.len() != 2 {
        return None;
    }
    let trace_id = u128::from_str_radix(trace, 16).ok().filter(|&id| id != 0)?;
    u64::from_str_radix(span, 16).ok().filter(|&id| id != 0)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some((trace_id, flags & 1 == 1))
}

/// Request ids end up in logs: only short and harmless ones are taken over from a client.
fn is_request_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_continued_and_rubbish_is_not() {
        let mut headers = HeaderMap::new();
        headers.insert(
            TRACEPARENT,
            HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        );
        headers.insert(REQUEST_ID, HeaderValue::from_static("order-4711"));
        let context = TraceContext::from_headers(&headers);
        assert_eq!(context.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.request_id(), "order-4711");
        let mut onward = HeaderMap::new();
        context.inject(&mut onward);
        let traceparent = onward[TRACEPARENT].to_str().unwrap();
        assert!(traceparent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(
            !traceparent.contains("00f067aa0ba902b7"),
            "the next hop gets our span, not our caller's"
        );

        for rubbish in [
            "",
            "00-0-0-0",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-zz",
        ] {
            headers.insert(TRACEPARENT, HeaderValue::from_str(rubbish).unwrap());
            headers.insert(REQUEST_ID, HeaderValue::from_static("a b"));
            let context = TraceContext::from_headers(&headers);
            assert_ne!(context.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
            assert_eq!(context.request_id(), context.to_string());
        }
    }
}
