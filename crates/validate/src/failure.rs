//! What can go wrong, and whose fault it is.

use crate::violation::Violations;
use contract::Origin;

/// Rules that cannot be enforced as they are written: their author's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct CompileError {
    /// The message or field that the rule belongs to.
    pub of: String,
    /// Where the rule is written.
    pub origin: Origin,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

/// Why a message was not accepted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The bytes are no such message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The message breaks rules.
    #[error(transparent)]
    Violations(#[from] Violations),
    /// A rule could not be evaluated.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

/// Bytes that are no message of the type: their writer's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It ends in the middle of a field.
    #[error("the message ends in the middle of a field")]
    Truncated,
    /// A varint of more than ten bytes, or of more than 64 bits.
    #[error("a varint is longer than 64 bits")]
    Varint,
    /// A field number outside of 1 to 2^29 - 1.
    #[error("a field number is out of range")]
    FieldNumber,
    /// A wire type that does not exist.
    #[error("a wire type is unknown")]
    WireType,
    /// A group that ends without having begun, or under another number.
    #[error("a group ends that did not begin")]
    Group,
    /// A string that is no UTF-8, where the schema demands it.
    #[error("a string is no UTF-8")]
    Utf8,
    /// More messages within messages than decoders accept.
    #[error("messages are nested more than {limit} deep", limit = crate::wire::MAX_DEPTH)]
    TooDeep,
    /// More bytes than protobuf allows in one message (2 GiB).
    #[error("the message is larger than 2 GiB")]
    TooLarge,
}

/// A rule that could not be evaluated on this message, for instance a division by zero in CEL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: the rule `{rule_id}` cannot be evaluated: {reason}")]
pub struct RuntimeError {
    /// Which rule.
    pub rule_id: String,
    /// Where the rule is written.
    pub origin: Origin,
    /// What went wrong.
    pub reason: String,
    /// Whether the message would need more steps than a check may take ([`Steps`](crate::Steps)): its writer's doing
    /// rather than that of whoever wrote the rule.
    pub too_dear: bool,
}
