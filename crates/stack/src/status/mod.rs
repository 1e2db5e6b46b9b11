//! Failures that the mesh itself makes, and the one table from them to gRPC statuses.
//!
//! Each is a `google.rpc.Status` with an `ErrorInfo` of the domain "treaty", so that a caller can tell it
//! from an application's own error, which passes through all layers untouched.

mod body;
mod reason;
mod wire;

#[cfg(test)]
mod tests;

pub use reason::Reason;
pub use wire::Fault;

pub(crate) use body::Answered;
pub(crate) use wire::{cut, put_bytes};

use contract::Origin;
use std::{collections::BTreeMap, fmt};

/// The `ErrorInfo.domain` of every failure that the mesh makes.
pub const DOMAIN: &str = "treaty";

/// A refusal or failure made by the mesh, which names itself, the rule behind it, where the rule is
/// written, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MeshError {
    /// What kind of failure.
    pub reason: Reason,
    /// One sentence for people.
    pub message: String,
    /// `ErrorInfo.metadata`: rule, origin, remedy, method, caller and what else helps.
    pub metadata: BTreeMap<&'static str, String>,
    /// What is said besides `ErrorInfo`.
    pub details: Vec<Detail>,
}

/// One more message among the details of a `google.rpc.Status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Names its type: "type.googleapis.com/google.rpc.BadRequest".
    pub type_url: &'static str,
    /// Its encoding.
    pub value: Vec<u8>,
}

impl MeshError {
    /// A failure that says nothing yet but its sentence.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), metadata: BTreeMap::new(), details: Vec::new() }
    }

    /// The rule that decided, as the contract would say it: "allow: shop/orders".
    #[must_use]
    pub fn rule(self, rule: impl fmt::Display) -> Self {
        self.with("rule", rule)
    }

    /// Where the rule is written: "file.proto:line:column", or "default".
    #[must_use]
    pub fn origin(self, origin: &Origin) -> Self {
        self.with("origin", origin)
    }

    /// The way out.
    #[must_use]
    pub fn remedy(self, remedy: impl fmt::Display) -> Self {
        self.with("remedy", remedy)
    }

    /// The path of the method that was called.
    #[must_use]
    pub fn method(self, method: impl fmt::Display) -> Self {
        self.with("method", method)
    }

    /// The workload that called, or "anonymous".
    #[must_use]
    pub fn caller(self, caller: impl fmt::Display) -> Self {
        self.with("caller", caller)
    }

    /// One more message among the details.
    #[must_use]
    pub fn detail(mut self, type_url: &'static str, value: Vec<u8>) -> Self {
        self.details.push(Detail { type_url, value });
        self
    }

    /// One more thing that helps. `key` is lower camel case, as `ErrorInfo` wants.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.metadata.insert(key, value.to_string());
        self
    }
}
