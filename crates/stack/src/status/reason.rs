//! The kinds of failures, and the code of each.

use contract::Code;
use std::fmt;

/// Why the mesh failed a call: `ErrorInfo.reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No `allow` of the method reaches the caller.
    CallerNotAllowed,
    /// The caller's own process was not admitted to the mesh, because it could not go on with the provider.
    CallerNotAdmitted,
    /// The caller showed no certificate.
    CallerUnauthenticated,
    /// The contract has no such method.
    MethodUnknown,
    /// The method is not `public`, and the caller stands outside of the mesh.
    MethodNotPublic,
    /// The provider has not learnt its contract from the control plane yet.
    PolicyNotReady,
    /// The deadline passed.
    DeadlineExceeded,
    /// A request message is larger than the contract admits.
    RequestTooLarge,
    /// A response message is larger than the contract admits.
    ResponseTooLarge,
    /// Headers or trailers are larger than their receiver takes; or an error's status was, and was shortened.
    MetadataTooLarge,
    /// A request message breaks rules of `buf.validate` in its contract.
    Validation,
    /// A request message is no message of its type.
    MessageMalformed,
    /// A request message is compressed, so that its rules cannot be applied.
    MessageCompressed,
    /// A rule of the contract cannot be evaluated on a message.
    RuleNotApplicable,
    /// Judging a request message by its rules would take more steps than a message may cost.
    MessageTooDear,
    /// A response message breaks rules of its contract, or is none of its type: the provider's own fault.
    ResponseInvalid,
    /// No instance of the provider is ready.
    NoEndpoint,
    /// No connection to any instance.
    EndpointUnreachable,
    /// All instances are busy, and too many calls wait for them already.
    TooManyWaiting,
    /// The connection broke while the call was being processed.
    ConnectionLost,
    /// The control plane has said nothing about the service yet.
    ContractUnknown,
    /// The other side refused the handshake, or is not who it should be.
    PeerRefused,
    /// The other side gave the call up without a status.
    PeerReset,
    /// The other side's answer breaks the rules of HTTP/2 or gRPC, or its metadata is much too large.
    ResponseUnusable,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 24] = [
        Self::CallerNotAllowed,
        Self::CallerNotAdmitted,
        Self::CallerUnauthenticated,
        Self::MethodUnknown,
        Self::MethodNotPublic,
        Self::PolicyNotReady,
        Self::DeadlineExceeded,
        Self::RequestTooLarge,
        Self::ResponseTooLarge,
        Self::MetadataTooLarge,
        Self::Validation,
        Self::MessageMalformed,
        Self::MessageCompressed,
        Self::RuleNotApplicable,
        Self::MessageTooDear,
        Self::ResponseInvalid,
        Self::NoEndpoint,
        Self::EndpointUnreachable,
        Self::TooManyWaiting,
        Self::ConnectionLost,
        Self::ContractUnknown,
        Self::PeerRefused,
        Self::PeerReset,
        Self::ResponseUnusable,
    ];

    /// As in `ErrorInfo.reason`: UPPER_SNAKE_CASE.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CallerNotAllowed => "CALLER_NOT_ALLOWED",
            Self::CallerNotAdmitted => "CALLER_NOT_ADMITTED",
            Self::CallerUnauthenticated => "CALLER_UNAUTHENTICATED",
            Self::MethodUnknown => "METHOD_UNKNOWN",
            Self::MethodNotPublic => "METHOD_NOT_PUBLIC",
            Self::PolicyNotReady => "POLICY_NOT_READY",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::ResponseTooLarge => "RESPONSE_TOO_LARGE",
            Self::MetadataTooLarge => "METADATA_TOO_LARGE",
            Self::Validation => "VALIDATION",
            Self::MessageMalformed => "MESSAGE_MALFORMED",
            Self::MessageCompressed => "MESSAGE_COMPRESSED",
            Self::RuleNotApplicable => "RULE_NOT_APPLICABLE",
            Self::MessageTooDear => "MESSAGE_TOO_DEAR",
            Self::ResponseInvalid => "RESPONSE_INVALID",
            Self::NoEndpoint => "NO_ENDPOINT",
            Self::EndpointUnreachable => "ENDPOINT_UNREACHABLE",
            Self::TooManyWaiting => "TOO_MANY_WAITING",
            Self::ConnectionLost => "CONNECTION_LOST",
            Self::ContractUnknown => "CONTRACT_UNKNOWN",
            Self::PeerRefused => "PEER_REFUSED",
            Self::PeerReset => "PEER_RESET",
            Self::ResponseUnusable => "RESPONSE_UNUSABLE",
        }
    }

    /// The table: which status each becomes.
    pub const fn code(self) -> Code {
        match self {
            Self::CallerNotAllowed => Code::PermissionDenied,
            // Not UNAVAILABLE: trying again helps nobody before somebody deploys something else.
            Self::CallerNotAdmitted => Code::FailedPrecondition,
            Self::CallerUnauthenticated => Code::Unauthenticated,
            Self::MethodUnknown | Self::MethodNotPublic | Self::MessageCompressed => Code::Unimplemented,
            Self::Validation | Self::MessageMalformed => Code::InvalidArgument,
            Self::RuleNotApplicable | Self::ResponseInvalid => Code::Internal,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::RequestTooLarge
            | Self::ResponseTooLarge
            | Self::MetadataTooLarge
            | Self::MessageTooDear => Code::ResourceExhausted,
            Self::PeerReset | Self::ResponseUnusable => Code::Internal,
            Self::PolicyNotReady
            | Self::NoEndpoint
            | Self::EndpointUnreachable
            | Self::TooManyWaiting
            | Self::ConnectionLost
            | Self::ContractUnknown
            | Self::PeerRefused => Code::Unavailable,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
