//! A finished call as a span of the OpenTelemetry SDK, by the semantic conventions for gRPC
//! (opentelemetry.io/docs/specs/semconv/rpc/grpc).

use super::TraceContext;
use crate::{
    call::Kind,
    code::{code_name, is_server_error},
};
use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::{net::SocketAddr, str::FromStr, time::SystemTime};

/// A call that is over.
pub(crate) struct Finished<'a> {
    pub(crate) kind: Kind,
    pub(crate) context: &'a TraceContext,
    pub(crate) parent: Option<[u8; 8]>,
    /// "pkg.Service/Method", or `_OTHER`.
    pub(crate) method: &'a str,
    /// The caller of a server call, the callee of a client call.
    pub(crate) peer: &'a str,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) code: i32,
    pub(crate) error: Option<&'a str>,
    pub(crate) start: SystemTime,
    pub(crate) end: SystemTime,
}

impl Finished<'_> {
    pub(crate) fn into_span(self) -> SpanData {
        SpanData {
            span_context: self.span_context(),
            parent_span_id: self.parent.map_or(SpanId::INVALID, SpanId::from_bytes),
            parent_span_is_remote: self.kind == Kind::Server && self.parent.is_some(),
            span_kind: match self.kind {
                Kind::Server => SpanKind::Server,
                Kind::Client => SpanKind::Client,
            },
            name: self.method.to_owned().into(),
            start_time: self.start,
            end_time: self.end,
            attributes: self.attributes(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.status(),
            instrumentation_scope: InstrumentationScope::builder("treaty")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }

    fn span_context(&self) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(self.context.sampled);
        let state = self.context.state.as_deref().and_then(|state| TraceState::from_str(state).ok());
        let trace_id = TraceId::from_bytes(self.context.trace_id);
        let span_id = SpanId::from_bytes(self.context.span_id);
        SpanContext::new(trace_id, span_id, flags, false, state.unwrap_or_default())
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", self.method.to_owned()),
            KeyValue::new("rpc.response.status_code", code_name(self.code)),
        ];
        let peer = match self.kind {
            Kind::Server => "treaty.caller",
            Kind::Client => "server.address",
        };
        if !self.peer.is_empty() {
            attributes.push(KeyValue::new(peer, self.peer.to_owned()));
        }
        if let Some(error) = error_type(self.kind, self.code, self.error) {
            attributes.push(KeyValue::new("error.type", error.to_owned()));
        }
        if let Some(address) = self.address {
            attributes.push(KeyValue::new("network.peer.address", address.ip().to_string()));
            attributes.push(KeyValue::new("network.peer.port", i64::from(address.port())));
        }
        attributes
    }

    fn status(&self) -> Status {
        match error_type(self.kind, self.code, None) {
            Some(_) => Status::error(self.error.unwrap_or_default().to_owned()),
            None => Status::Unset,
        }
    }
}

/// `error.type`: the mesh's reason if the mesh made the error, else the status code if it is an error for
/// this side of the call.
pub(crate) fn error_type(kind: Kind, code: i32, reason: Option<&str>) -> Option<&str> {
    let is_error = match kind {
        Kind::Server => is_server_error(code),
        Kind::Client => code != 0,
    };
    reason.or_else(|| is_error.then(|| code_name(code)))
}
