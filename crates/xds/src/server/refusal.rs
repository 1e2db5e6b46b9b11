//! Why a stream is not opened, or ends: the client is wrong, or takes too much.

use super::{MAX_NAME_BYTES, MAX_NAMES, MAX_NAMES_BYTES, MAX_STREAMS, MAX_STREAMS_OF_WORKLOAD};
use identity::WorkloadId;
use resource::Kind;
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// `ErrorInfo.domain` of everything that the mesh says.
const DOMAIN: &str = "treaty";

/// Why a stream is not opened, or ends: the client is wrong, or takes too much. As a [`Status`] it has a
/// `google.rpc.ErrorInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No certificate.
    #[error("configuration is given to workloads only: connect with an SVID")]
    Anonymous,
    /// More than [`MAX_STREAMS_OF_WORKLOAD`].
    #[error(
        "{workload} has {MAX_STREAMS_OF_WORKLOAD} streams open, which is the most for one workload: open one for each process"
    )]
    TooManyOfWorkload {
        /// Whose.
        workload: WorkloadId,
    },
    /// More than [`MAX_STREAMS`].
    #[error("{MAX_STREAMS} streams are open, which is the most")]
    TooManyStreams,
    /// xDS protocol: "the first request on a stream must have a node".
    #[error("the first request on a stream must have `node` with an `id`")]
    NodeMissing,
    /// More than [`MAX_NAMES`].
    #[error("{count} names of {kind} in one subscription: at most {MAX_NAMES} are served")]
    TooManyNames {
        /// Of which type.
        kind: Kind,
        /// How many.
        count: usize,
    },
    /// More than [`MAX_NAMES_BYTES`].
    #[error(
        "the names of one stream's subscriptions have {bytes} bytes: at most {MAX_NAMES_BYTES} are served"
    )]
    TooManyBytes {
        /// How many.
        bytes: usize,
    },
    /// More than [`MAX_NAME_BYTES`].
    #[error("`{field}` has {bytes} bytes: at most {MAX_NAME_BYTES} are accepted")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// How many.
        bytes: usize,
    },
}

impl Refusal {
    const fn reason(&self) -> (Code, &'static str) {
        match self {
            Self::Anonymous => (Code::Unauthenticated, "CALLER_UNAUTHENTICATED"),
            Self::TooManyOfWorkload { .. } => (Code::ResourceExhausted, "WORKLOAD_STREAMS_EXHAUSTED"),
            Self::TooManyStreams => (Code::ResourceExhausted, "STREAMS_EXHAUSTED"),
            Self::TooManyNames { .. } | Self::TooManyBytes { .. } => {
                (Code::ResourceExhausted, "SUBSCRIPTION_TOO_LARGE")
            }
            Self::NodeMissing | Self::TooLong { .. } => (Code::InvalidArgument, "REQUEST_INVALID"),
        }
    }
}

impl From<&Refusal> for Status {
    fn from(refusal: &Refusal) -> Self {
        let (code, reason) = refusal.reason();
        status(code, reason, &refusal.to_string())
    }
}

/// What open streams are told when there will be nothing to say any more.
pub(super) fn leaving() -> Status {
    status(Code::Unavailable, "CONTROL_PLANE_LEAVING", "the control plane shuts down; come back")
}

fn status(code: Code, reason: &str, message: &str) -> Status {
    Status::with_error_details(code, message, ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new()))
}
