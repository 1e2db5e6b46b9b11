//! Descriptor-set bytes to a contract.
//!
//! The bytes may come from anybody who may register a contract. So they are looked at before they are
//! decoded ([`guard`]), decoded by messages of our own ([`descriptor`]), checked for names that clash or
//! lead nowhere ([`imports`], [`index`]), and only then believed.

pub(crate) mod descriptor;
mod fields;
mod findings;
mod guard;
mod imports;
pub(crate) mod index;
pub(crate) mod places;
mod policy;
pub(crate) mod schema;
mod service;
pub(crate) mod vocabulary;
pub(crate) mod wire;

#[cfg(test)]
mod tests;

use crate::{digest::Digest, model::Contract, origin::Origin};
use descriptor::FileSet;
use fields::Reachable;
use findings::Findings;
pub(crate) use guard::Bounds;
use index::Index;
use prost::Message as _;
use schema::Schema;
use std::{collections::HashMap, sync::Arc};

/// Why bytes are no contract. Each is one line that names the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// More than this crate looks at.
    #[error("the descriptor set is too large: more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much of it is accepted.
        limit: usize,
    },
    /// The bytes are no descriptor set, or no sound one.
    #[error("{}: no sound descriptor set: {reason}", or_set(file))]
    Malformed {
        /// The file in question; empty where none is known.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The set uses an edition whose features this build does not know.
    #[error("{}: this edition of protobuf is not supported: write `edition = \"2024\";`", or_set(file))]
    Editions {
        /// The file in question.
        file: String,
    },
    /// An import that is not in the set.
    #[error("{file}: imports `{import}`, which is not in the set: build it with its imports")]
    MissingImport {
        /// The importing file.
        file: String,
        /// What it imports.
        import: String,
    },
    /// A file that imports itself by a detour.
    #[error("{file}: its imports lead back to it")]
    Cycle {
        /// One file of the cycle, or one that imports it.
        file: String,
    },
    /// Something is there twice.
    #[error("{file}: `{name}` is declared twice")]
    Duplicate {
        /// What.
        name: String,
        /// The file of the second declaration.
        file: String,
    },
    /// A type that is not in the set.
    #[error("{file}: the type `{name}` is not in the set")]
    Unresolved {
        /// The type.
        name: String,
        /// The file that uses it.
        file: String,
    },
    /// A name that is none.
    #[error("{}: `{name}` is no name", or_set(file))]
    Name {
        /// What stands there instead; cut, and without control characters.
        name: String,
        /// The file in question; empty where the name is the file's.
        file: String,
    },
    /// An option of the vocabulary that carries what the vocabulary does not say.
    #[error("{origin}: the option of `{of}` cannot be read: {reason}")]
    Option {
        /// The service, method or field.
        of: String,
        /// Where the option stands.
        origin: Origin,
        /// What is wrong with it.
        reason: String,
    },
    /// The set brings a vocabulary that means something else.
    #[error("{file}: not the vocabulary of this mesh: {reason}")]
    Vocabulary {
        /// The file that declares it.
        file: String,
        /// Where the two differ.
        reason: String,
    },
}

impl Contract {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`, imports included.
    ///
    /// Values that are wrong by themselves (a duration that is none) do not stop the reading: the
    /// default holds in their place, and [`crate::lint::lint`] reports them.
    ///
    /// # Errors
    /// When the bytes are no sound descriptor set, or one that this crate refuses. Never panics,
    /// whatever the bytes.
    pub fn read(bytes: impl Into<Arc<[u8]>>) -> Result<Self, ReadError> {
        Self::read_within(bytes.into(), Bounds::THEIRS)
    }

    /// As [`Self::read`], of a set that whoever runs this has named on a machine of their own: 128 MiB are read, and
    /// not only 16.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_own(bytes: impl Into<Arc<[u8]>>) -> Result<Self, ReadError> {
        Self::read_within(bytes.into(), Bounds::OWN)
    }

    fn read_within(bytes: Arc<[u8]>, bounds: Bounds) -> Result<Self, ReadError> {
        guard::inspect(&bytes, bounds)?;
        let set = FileSet::decode(&*bytes)
            .map_err(|error| ReadError::Malformed { file: String::new(), reason: error.to_string() })?;
        imports::check(&set)?;
        let index = Index::of(&set)?;
        let schema = Schema::known()?;
        schema.check_copy(&set, &index)?;
        let mut findings = Findings::default();
        let mut reachable = Reachable::of(&index, schema, &mut findings)?;
        let (mut services, mut http) = (Vec::new(), HashMap::new());
        for at in &index.files {
            let (places, reachable, findings) = (&at.places, &mut reachable, &mut findings);
            let http = &mut http;
            let mut reader = service::Reader { schema, file: at.file, places, reachable, findings, http };
            for (position, service) in at.file.service.iter().enumerate() {
                services.push(reader.service(index::as_step(position), service)?);
            }
        }
        services.sort_by(|one, other| one.name.cmp(&other.name));
        drop(reachable);
        drop(index);
        Ok(Self { digest: Digest::of(&bytes), bytes, services, http, findings: findings.0 })
    }
}

/// Whether the bytes are a sound descriptor set: bounded, names unique, imports there, types resolved.
pub(crate) fn sound(bytes: &[u8], bounds: Bounds) -> Result<(), ReadError> {
    guard::inspect(bytes, bounds)?;
    let set = FileSet::decode(bytes)
        .map_err(|error| ReadError::Malformed { file: String::new(), reason: error.to_string() })?;
    imports::check(&set)?;
    Index::of(&set).map(|_| ())
}

fn or_set(file: &str) -> &str {
    if file.is_empty() { "the descriptor set" } else { file }
}

/// At most eighty characters, with nothing that could move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..320).unwrap_or(bytes));
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The text without control characters but the line break.
pub(crate) fn readable(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}
