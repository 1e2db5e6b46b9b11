//! W3C Trace Context (Recommendation, and level 2's random flag): `traceparent` by hand.

use super::state;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{fmt, sync::Arc};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;
/// `00-<32 hex>-<16 hex>-<2 hex>`.
const LENGTH: usize = 55;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A position in a distributed trace.
#[derive(Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace; never all zero.
    pub trace_id: [u8; 16],
    /// The span that speaks; never all zero.
    pub span_id: [u8; 8],
    /// Whether whoever started the trace wants it recorded.
    pub sampled: bool,
    /// Whether the last seven bytes of the trace id are random (level 2).
    pub random: bool,
    /// `tracestate`, valid, as received; passed on untouched.
    pub state: Option<Arc<str>>,
}

/// Why a `traceparent` is not one. Such a header is treated as absent (section 3.2.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceContextError {
    /// Shorter than any version, or longer than this version allows.
    Length,
    /// A dash is missing, or something that is not lowercase hexadecimal is where digits belong.
    Syntax,
    /// Version ff, which can never be.
    Version,
    /// A trace id or span id of zeroes.
    ZeroId,
}

impl fmt::Display for TraceContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "traceparent has the wrong length; want 00-<32 hex>-<16 hex>-<2 hex>",
            Self::Syntax => "traceparent is malformed; want 00-<32 hex>-<16 hex>-<2 hex>, lowercase",
            Self::Version => "traceparent has version ff, which is forbidden",
            Self::ZeroId => "traceparent has an id of zeroes",
        })
    }
}

impl std::error::Error for TraceContextError {}

impl TraceContext {
    /// A new trace, not sampled.
    pub fn root() -> Self {
        Self { trace_id: random_id(), span_id: random_id(), sampled: false, random: true, state: None }
    }

    /// A new span in the same trace.
    pub fn child(&self) -> Self {
        Self { span_id: random_id(), ..self.clone() }
    }

    /// Reads a `traceparent`. Versions above 00 are read as 00 as far as they go (section 3.2.2.1).
    pub fn parse(traceparent: &str) -> Result<Self, TraceContextError> {
        let bytes = traceparent.as_bytes();
        let Some((head, rest)) = bytes.split_at_checked(LENGTH) else {
            return Err(TraceContextError::Length);
        };
        let mut fields = head.split(|byte| *byte == b'-');
        let [version] = hex(fields.next())?;
        let trace_id: [u8; 16] = hex(fields.next())?;
        let span_id: [u8; 8] = hex(fields.next())?;
        let [flags] = hex(fields.next())?;
        match (version, rest) {
            (0xff, _) => return Err(TraceContextError::Version),
            (_, []) => {}
            (0, _) => return Err(TraceContextError::Length),
            (_, [b'-', ..]) => {}
            _ => return Err(TraceContextError::Syntax),
        }
        if trace_id == [0; 16] || span_id == [0; 8] {
            return Err(TraceContextError::ZeroId);
        }
        let (sampled, random) = (flags & SAMPLED != 0, flags & RANDOM != 0);
        Ok(Self { trace_id, span_id, sampled, random, state: None })
    }

    /// The caller's context, if it sent exactly one sound `traceparent`; with its `tracestate`, if that is
    /// sound too.
    pub fn extract(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let (first, None) = (values.next()?, values.next()) else { return None };
        let mut context = Self::parse(first.to_str().ok()?.trim_matches([' ', '\t'])).ok()?;
        context.state = state::join(headers.get_all(TRACESTATE).iter());
        Some(context)
    }

    /// Replaces the `traceparent` and `tracestate` in `headers` by this context.
    pub fn inject(&self, headers: &mut HeaderMap) {
        headers.remove(TRACESTATE);
        if let Ok(value) = HeaderValue::from_bytes(&self.bytes()) {
            headers.insert(TRACEPARENT, value);
        }
        if let Some(Ok(state)) = self.state.as_deref().map(HeaderValue::from_str) {
            headers.insert(TRACESTATE, state);
        }
    }

    /// The value of the `traceparent` header.
    pub fn header(&self) -> String {
        self.bytes().iter().copied().map(char::from).collect()
    }

    /// The trace id as 32 lowercase hexadecimal digits.
    pub fn trace_id_hex(&self) -> String {
        hex_string(&self.trace_id)
    }

    /// The span id as 16 lowercase hexadecimal digits.
    pub fn span_id_hex(&self) -> String {
        hex_string(&self.span_id)
    }

    fn bytes(&self) -> [u8; LENGTH] {
        let flags = (u8::from(self.sampled) * SAMPLED) | (u8::from(self.random) * RANDOM);
        let trace = self.trace_id.iter().flat_map(digits);
        let span = self.span_id.iter().flat_map(digits);
        let text = [b'0', b'0', b'-'].into_iter().chain(trace).chain([b'-']).chain(span).chain([b'-']);
        let mut out = [0; LENGTH];
        for (slot, byte) in out.iter_mut().zip(text.chain(digits(&flags))) {
            *slot = byte;
        }
        out
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({}, state: {:?})", self.header(), self.state)
    }
}

/// Random and not all zero.
fn random_id<const N: usize>() -> [u8; N] {
    loop {
        let mut id = [0; N];
        rand::fill(&mut id[..]);
        if id != [0; N] {
            return id;
        }
    }
}

/// Exactly `N` bytes in lowercase hexadecimal.
fn hex<const N: usize>(field: Option<&[u8]>) -> Result<[u8; N], TraceContextError> {
    let (pairs, rest) = field.unwrap_or_default().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(TraceContextError::Syntax);
    }
    let mut out = [0; N];
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = nibble(*high)? << 4 | nibble(*low)?;
    }
    Ok(out)
}

fn nibble(digit: u8) -> Result<u8, TraceContextError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(TraceContextError::Syntax),
    }
}

fn digits(byte: &u8) -> [u8; 2] {
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    [digit(byte >> 4), digit(byte & 0xf)]
}

fn hex_string(bytes: &[u8]) -> String {
    bytes.iter().flat_map(digits).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_recommendations_example_reads_and_writes() {
        let context = TraceContext::parse(PARENT).unwrap();
        assert_eq!(context.trace_id_hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.span_id_hex(), "00f067aa0ba902b7");
        assert!(context.sampled && !context.random);
        assert_eq!(context.header(), PARENT);
    }

    #[test]
    fn later_versions_are_read_as_far_as_they_go() {
        assert!(TraceContext::parse(&PARENT.replacen("00", "cc", 1)).is_ok());
        assert!(TraceContext::parse(&format!("{}-what-comes", PARENT.replacen("00", "01", 1))).is_ok());
        let glued = format!("{}x", PARENT.replacen("00", "01", 1));
        assert_eq!(TraceContext::parse(&glued), Err(TraceContextError::Syntax));
    }

    #[test]
    fn what_is_wrong_is_told() {
        use TraceContextError::{Length, Syntax, Version, ZeroId};
        let wrong = [
            (String::new(), Length),
            (PARENT[..54].to_owned(), Length),
            (format!("{PARENT}-"), Length),
            (PARENT.to_uppercase(), Syntax),
            (PARENT.replace('-', "_"), Syntax),
            (PARENT.replacen("00", "ff", 1), Version),
            (PARENT.replace("00f067aa0ba902b7", "0000000000000000"), ZeroId),
            (PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", "00000000000000000000000000000000"), ZeroId),
        ];
        for (header, why) in wrong {
            assert_eq!(TraceContext::parse(&header), Err(why), "{header}");
        }
    }

    #[test]
    fn two_parents_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_static(PARENT));
        headers.append(TRACESTATE, HeaderValue::from_static("a=1"));
        headers.append(TRACESTATE, HeaderValue::from_static("b=2"));
        let context = TraceContext::extract(&headers).unwrap();
        assert_eq!(context.state.as_deref(), Some("a=1,b=2"));
        headers.append(TRACEPARENT, HeaderValue::from_static(PARENT));
        assert_eq!(TraceContext::extract(&headers), None);
        context.inject(&mut headers);
        assert_eq!(TraceContext::extract(&headers), Some(context));
    }

    proptest! {
        #[test]
        fn hostile_headers_do_not_panic(text in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = TraceContext::parse(&text);
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.insert(TRACEPARENT, value.clone());
                headers.insert(TRACESTATE, value);
            }
            let _ = TraceContext::extract(&headers);
        }

        #[test]
        fn what_is_written_is_read(trace_id in any::<[u8; 16]>(), span_id in any::<[u8; 8]>(), sampled: bool, random: bool) {
            prop_assume!(trace_id != [0; 16] && span_id != [0; 8]);
            let context = TraceContext { trace_id, span_id, sampled, random, state: None };
            prop_assert_eq!(TraceContext::parse(&context.header()), Ok(context));
        }
    }
}
