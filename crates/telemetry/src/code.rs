//! Names of gRPC status codes.

/// How many codes gRPC knows.
pub(crate) const CODES: usize = 17;

const NAMES: [&str; CODES] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The name of a gRPC status code: "DEADLINE_EXCEEDED". A number that gRPC does not know is "UNKNOWN", as
/// gRPC clients read it.
pub fn code_name(code: i32) -> &'static str {
    usize::try_from(code).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("UNKNOWN")
}

/// Whether a server's span and measurement count `code` as an error: only what is the server's own fault
/// (OpenTelemetry semantic conventions for gRPC, server).
pub(crate) fn is_server_error(code: i32) -> bool {
    matches!(
        code_name(code),
        "UNKNOWN" | "DEADLINE_EXCEEDED" | "UNIMPLEMENTED" | "INTERNAL" | "UNAVAILABLE" | "DATA_LOSS"
    )
}
