//! How bad it is, where, and in which encoding.

use serde::Serialize;
use std::fmt;

/// How bad a difference is. `Safe < Lossy < Breaking`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Nothing is lost; worth a note.
    #[default]
    Safe,
    /// The message is read, but something in it is lost or changed.
    Lossy,
    /// The call fails, or what is read is something else.
    Breaking,
}

impl Level {
    /// "SAFE", "LOSSY", "BREAKING".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "SAFE",
            Self::Lossy => "LOSSY",
            Self::Breaking => "BREAKING",
        }
    }
}

/// How messages are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Encoding {
    /// The protobuf wire format.
    Binary,
    /// ProtoJSON.
    Json,
}

impl Encoding {
    /// "BINARY", "JSON".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::Json => "JSON",
        }
    }
}

/// Which message of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// Written by the consumer, read by the provider.
    Request,
    /// Written by the provider, read by the consumer.
    Response,
}

impl Direction {
    /// "REQUEST", "RESPONSE".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Response => "RESPONSE",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
