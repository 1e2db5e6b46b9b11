//! Who is at the other end, and what it makes of a contract.

/// The implementation of xDS that a client is, by its `node.user_agent_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Treaty's own data planes.
    Treaty,
    /// gRPC's C core: C++, Python, Ruby.
    GrpcCore,
    /// grpc-go.
    GrpcGo,
    /// grpc-java.
    GrpcJava,
    /// Envoy.
    Envoy,
    /// Somebody else. Gets what gRPC's clients get.
    Other,
}

impl Dialect {
    /// By `node.user_agent_name`: "treaty", "gRPC C-core …", "gRPC Go", "gRPC Java", "envoy".
    pub fn of(user_agent_name: &str) -> Self {
        let name = user_agent_name.to_ascii_lowercase().replace(' ', "-");
        let starts = |prefix: &str| name.starts_with(prefix);
        match () {
            () if name == "treaty" => Self::Treaty,
            () if starts("grpc-c") => Self::GrpcCore,
            () if starts("grpc-go") => Self::GrpcGo,
            () if starts("grpc-java") => Self::GrpcJava,
            () if starts("envoy") => Self::Envoy,
            () => Self::Other,
        }
    }
}

/// What gRPC's own xDS clients leave out, whatever their language.
const GRPC: [&str; 8] = [
    "max_request_bytes, max_response_bytes: the other side enforces them, if it is one of Treaty's",
    "retry: only on CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED and UNAVAILABLE, at most 5 attempts",
    "retry.per_try: not followed",
    "balance RING_HASH: least request instead",
    "max_in_flight: counted for all endpoints of a provider together",
    "timeout, as a provider: callers' deadlines hold, the contract's ceiling does not",
    "validate: as a provider it judges no message by buf.validate; the gateway does, where the contract asks for it",
    "errors: the refusals this process makes carry no ErrorInfo",
];

/// What Envoy leaves out of what it is served now.
const ENVOY: [&str; 5] = [
    "listeners: those of consumers are for proxyless gRPC; Envoy needs listeners with an address of its own",
    "certificates: they come from the provider instance \"mesh\"; Envoy reads certificates from SDS",
    "max_request_bytes, max_response_bytes: the other side enforces them, if it is one of Treaty's",
    "validate: as a provider it judges no message by buf.validate; the gateway does, where the contract asks for it",
    "errors: the refusals this process makes carry no ErrorInfo",
];

/// What of a contract a client of this dialect does not enforce, for people; empty for Treaty's own.
pub const fn not_enforced(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Treaty => &[],
        Dialect::GrpcCore | Dialect::GrpcGo | Dialect::GrpcJava | Dialect::Other => &GRPC,
        Dialect::Envoy => &ENVOY,
    }
}
