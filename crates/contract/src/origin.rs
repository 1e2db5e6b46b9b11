//! Where a value of a contract is written.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(into = "String", from = "String")]
pub enum Origin {
    /// Nobody wrote it: the mesh's default.
    #[default]
    Default,
    /// It stands in a file. Line and column count from 1; 0 where the descriptor set carries no
    /// source info.
    At {
        /// The file's name in the descriptor set: "shop/orders/v1/orders.proto".
        file: String,
        /// From 1.
        line: u32,
        /// From 1.
        column: u32,
    },
}

impl Origin {
    /// The file's name; empty for a default.
    pub fn file(&self) -> &str {
        match self {
            Self::Default => "",
            Self::At { file, .. } => file,
        }
    }

    /// Line and column, both from 1; `None` for a default, and without source info.
    pub const fn position(&self) -> Option<(u32, u32)> {
        match self {
            Self::Default | Self::At { line: 0, .. } => None,
            Self::At { line, column, .. } => Some((*line, *column)),
        }
    }
}

/// "file.proto:line:column", "file.proto" without source info, or "default".
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::At { file, line: 0, .. } => f.write_str(file),
            Self::At { file, line, column } => write!(f, "{file}:{line}:{column}"),
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

/// The inverse of `Display`; a text that is no such place becomes a file name.
impl From<String> for Origin {
    fn from(text: String) -> Self {
        if text.is_empty() || text == "default" {
            return Self::Default;
        }
        let mut parts = text.rsplitn(3, ':');
        let (column, line, file) = (parts.next(), parts.next(), parts.next());
        match (file, line.map(str::parse), column.map(str::parse)) {
            (Some(file), Some(Ok(line)), Some(Ok(column))) => {
                Self::At { file: file.to_owned(), line, column }
            }
            _ => Self::At { file: text, line: 0, column: 0 },
        }
    }
}

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Sourced<T> {
    /// The value in force.
    pub value: T,
    /// Where it is written.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value that nobody wrote.
    pub const fn default_of(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}
