//! The rules of the method level.

use super::Rule;
use crate::level::Level::{Breaking, Lossy, Safe};

pub(super) const METHODS: [Rule; 33] = [
    Rule {
        id: "package-deleted",
        summary: "The provider has no service of this package any more.",
        levels: &[Breaking],
        buf: &["PACKAGE_NO_DELETE", "PACKAGE_SERVICE_NO_DELETE"],
    },
    Rule {
        id: "service-deleted",
        summary: "The provider no longer has a service.",
        levels: &[Breaking],
        buf: &["SERVICE_NO_DELETE", "PACKAGE_SERVICE_NO_DELETE"],
    },
    Rule {
        id: "method-deleted",
        summary: "The provider no longer has a method: calls fail with UNIMPLEMENTED.",
        levels: &[Breaking],
        buf: &["RPC_NO_DELETE"],
    },
    Rule {
        id: "request-no-longer-streamed",
        summary: "The provider reads one request where the caller streams none or several.",
        levels: &[Breaking, Lossy],
        buf: &["RPC_SAME_CLIENT_STREAMING"],
    },
    Rule {
        id: "request-now-streamed",
        summary: "The provider reads a stream; a caller with one request is a stream of one.",
        levels: &[Safe],
        buf: &["RPC_SAME_CLIENT_STREAMING"],
    },
    Rule {
        id: "response-now-streamed",
        summary: "The provider streams responses to a caller that expects exactly one.",
        levels: &[Breaking],
        buf: &["RPC_SAME_SERVER_STREAMING"],
    },
    Rule {
        id: "response-no-longer-streamed",
        summary: "The provider sends one response to a caller that reads a stream.",
        levels: &[Safe],
        buf: &["RPC_SAME_SERVER_STREAMING"],
    },
    Rule {
        id: "caller-dropped",
        summary: "`allow` no longer admits a caller: its calls fail with PERMISSION_DENIED.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "public-withdrawn",
        summary: "The gateway no longer reaches the method: calls from outside fail.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "scopes-added",
        summary: "The gateway demands more scopes of the end user.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "size-limit-lowered",
        summary: "Messages above the new limit fail with RESOURCE_EXHAUSTED.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "timeout-lowered",
        summary: "Calls that take longer than the new ceiling fail with DEADLINE_EXCEEDED.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "rate-lowered",
        summary: "The method may be called less often than before.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "in-flight-lowered",
        summary: "Fewer calls at once go to one instance: more wait, or fail.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "criticality-lowered",
        summary: "Under overload, the method's calls are shed earlier.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "per-try-lowered",
        summary: "Each try of a call has less time; where all of them are given up, the call fails.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "idempotency-withdrawn",
        summary: "A method that could be called twice can no longer: its callers' retries stop, or do it twice.",
        levels: &[Lossy],
        buf: &["RPC_SAME_IDEMPOTENCY_LEVEL"],
    },
    Rule {
        id: "retries-lowered",
        summary: "Failed calls are tried less often, or after fewer codes.",
        levels: &[Safe],
        buf: &[],
    },
    Rule {
        id: "hedging-lowered",
        summary: "Slow calls are raced by fewer attempts, or by none.",
        levels: &[Safe],
        buf: &[],
    },
    Rule {
        id: "stability-lowered",
        summary: "The method is promised less firmly than the consumer was built on.",
        levels: &[Safe],
        buf: &[],
    },
    Rule { id: "sunset-passed", summary: "The method's sunset is over.", levels: &[Safe], buf: &[] },
    Rule { id: "method-deprecated", summary: "The method is deprecated.", levels: &[Safe], buf: &[] },
    Rule {
        id: "http-route-deleted",
        summary: "An HTTP binding is gone, and nothing took its place.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "http-route-taken",
        summary: "A new HTTP binding of another method takes paths of this one.",
        levels: &[Breaking, Lossy],
        buf: &[],
    },
    Rule {
        id: "http-verb-changed",
        summary: "An HTTP binding has another verb.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "http-path-changed",
        summary: "The paths of an HTTP binding are no longer routed, or mean something else.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "http-path-narrowed",
        summary: "The template of an HTTP binding takes fewer paths.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "http-body-changed",
        summary: "Another part of the request is the body, or query and body changed places.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "http-response-body-changed",
        summary: "Another part of the response is the body.",
        levels: &[Breaking],
        buf: &[],
    },
    Rule {
        id: "validation-tightened",
        summary: "A `buf.validate` rule refuses requests that the consumer's view allowed.",
        levels: &[Breaking, Safe],
        buf: &[],
    },
    Rule {
        id: "validation-changed",
        summary: "A rule that cannot be compared is new or another one (CEL, a predefined rule): it may refuse \
                  what was taken before.",
        levels: &[Lossy, Safe],
        buf: &[],
    },
    Rule {
        id: "validation-enforced",
        summary: "The mesh now refuses requests or responses that break rules, and did not look before.",
        levels: &[Lossy],
        buf: &[],
    },
    Rule {
        id: "validation-loosened",
        summary: "Responses may carry values that the consumer's view ruled out.",
        levels: &[Safe],
        buf: &[],
    },
];
