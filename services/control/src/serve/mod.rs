//! The control plane's contracts over gRPC: messages in, messages out. What they mean is decided elsewhere.

pub(crate) mod admin;
pub(crate) mod identity;
mod mesh_status;
pub(crate) mod registry;
mod session;

use crate::reason::Reason;
use ::identity::{Peer, SpiffeId};
use std::{collections::HashMap, sync::Arc, time::SystemTime};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Who calls. The server stack has judged whether it may; a handler that needs a name insists on one.
fn caller<T>(request: &Request<T>) -> Result<SpiffeId, Status> {
    let peer = request.extensions().get::<Arc<Peer>>();
    peer.and_then(|peer| peer.id.clone()).ok_or_else(|| {
        refusal(
            Code::Unauthenticated,
            Reason::CALLER_UNAUTHENTICATED,
            "connect with an SVID of this trust domain",
            &[],
        )
    })
}

/// A status with `google.rpc.ErrorInfo`.
fn refusal(code: Code, reason: Reason, message: &str, metadata: &[(&str, &str)]) -> Status {
    let metadata: HashMap<String, String> =
        metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let details = ErrorDetails::with_error_info(reason.as_str(), stack::status::DOMAIN, metadata);
    Status::with_error_details(code, message, details)
}

/// A failure of ours. What exactly failed is for our log, not for callers.
fn internal(error: &dyn std::error::Error) -> Status {
    tracing::error!(%error, "a request failed");
    refusal(Code::Internal, Reason::CONTROL_PLANE_FAILED, "the control plane failed; its log says why", &[])
}

/// The control plane goes: whoever is told so comes back.
fn leaving() -> Status {
    refusal(Code::Unavailable, Reason::CONTROL_PLANE_LEAVING, "the control plane shuts down; come back", &[])
}

fn timestamp(time: SystemTime) -> prost_types::Timestamp {
    time.into()
}
