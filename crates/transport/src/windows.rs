//! How much a peer may send ahead of whoever reads it (RFC 9113, section 5.2).

/// Bytes of messages that a peer may send before anybody has read them.
///
/// The connection's share is far more than a stream's, for two reasons: one reader that stalls must not keep all
/// others from reading; and h2 ends a connection (`ENHANCE_YOUR_CALM`, "`too_many_data_frames`"), with all its calls,
/// once messages of less than 256 bytes wait on it whose missing bytes are half of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Of one call.
    pub stream: u32,
    /// Of all calls on one connection together, at most 2^31 - 1.
    pub connection: u32,
}

impl Windows {
    /// For peers that are let in by their certificates. What waits is bounded by the calls, and by each one's window.
    pub const MESH: Self = Self { stream: 256 * 1024, connection: 1024 * 1024 * 1024 };
    /// For peers that anybody may be: whoever floods loses only the own connection, soon.
    pub const EDGE: Self = Self { stream: 64 * 1024, connection: 16 * 1024 * 1024 };
}
