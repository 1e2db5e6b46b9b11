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

/// What of a contract a client of this dialect does not enforce, for people; empty for Treaty's own.
pub fn not_enforced(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Treaty => &[],
        _ => &["max_request_bytes and max_response_bytes: the provider enforces them, this client does not"],
    }
}
