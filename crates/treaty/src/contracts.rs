//! What a process serves and what it consumes, as descriptor sets.

use contract::{Contract, Digest, ReadError};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The contracts that a process serves and consumes. Each is an encoded
/// `google.protobuf.FileDescriptorSet` of one package, with its imports: the `CONTRACT` constant that the
/// build makes beside the generated code.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    serving: Vec<Arc<[u8]>>,
    consuming: Vec<Arc<[u8]>>,
}

/// What a process says of itself, read from its descriptor sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Full names of the services served, with the digest of the set that declares them.
    pub serves: BTreeMap<String, Digest>,
    /// Full names of the services consumed, likewise.
    pub consumes: BTreeMap<String, Digest>,
    /// The descriptor sets, byte for byte.
    pub sets: BTreeMap<Digest, Arc<[u8]>>,
}

/// Why descriptor sets are no declaration.
#[derive(Debug, thiserror::Error)]
pub enum ContractsError {
    /// One of them cannot be read.
    #[error("a descriptor set that was given to `Contracts::{given}` cannot be read: {source}")]
    Unreadable {
        /// "serving" or "consuming".
        given: &'static str,
        /// What is wrong with it.
        source: ReadError,
    },
    /// One of them declares no service.
    #[error(
        "a descriptor set that was given to `Contracts::{given}` declares no service: give the set of the \
         package whose services are meant"
    )]
    Empty {
        /// "serving" or "consuming".
        given: &'static str,
    },
    /// Two of them declare the same service.
    #[error("`{service}` stands in two descriptor sets that differ: give one of them")]
    Twice {
        /// The service's full name.
        service: String,
    },
}

impl Contracts {
    /// Neither serves nor consumes anything.
    pub fn none() -> Self {
        Self::default()
    }

    /// Serves every service of `contract`.
    pub fn serving(contract: impl Into<Arc<[u8]>>) -> Self {
        Self::none().and_serving(contract)
    }

    /// Serves every service of `contract` too.
    #[must_use]
    pub fn and_serving(mut self, contract: impl Into<Arc<[u8]>>) -> Self {
        self.serving.push(contract.into());
        self
    }

    /// May open channels to every service of `contract`.
    #[must_use]
    pub fn consuming(mut self, contract: impl Into<Arc<[u8]>>) -> Self {
        self.consuming.push(contract.into());
        self
    }

    /// The descriptor sets of what is served, as they were given.
    pub fn served_sets(&self) -> impl Iterator<Item = Arc<[u8]>> + '_ {
        self.serving.iter().cloned()
    }

    /// Reads the descriptor sets.
    ///
    /// # Errors
    /// One of them cannot be read, declares nothing, or contradicts another.
    pub fn declared(&self) -> Result<Declared, ContractsError> {
        let mut sets = BTreeMap::new();
        let serves = services("serving", &self.serving, &mut sets)?;
        let consumes = services("consuming", &self.consuming, &mut sets)?;
        Ok(Declared { serves, consumes, sets })
    }
}

/// Serves it.
impl From<&'static [u8]> for Contracts {
    fn from(contract: &'static [u8]) -> Self {
        Self::serving(contract)
    }
}

impl Declared {
    /// Checks that `offered`, the names of the servers at hand, are the services of the contracts served.
    /// Health and reflection are no contracts' business.
    pub(crate) fn differs_from(&self, offered: &BTreeSet<String>) -> Option<Difference> {
        let undeclared = offered.iter().find(|name| !self.serves.contains_key(*name));
        let unserved = self.serves.keys().find(|name| !offered.contains(*name));
        let undeclared = undeclared.cloned().map(Difference::Undeclared);
        undeclared.or_else(|| unserved.cloned().map(Difference::Unserved))
    }
}

/// How contracts and servers can differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// A server whose contract was not given.
    Undeclared(String),
    /// A contract whose server was not given.
    Unserved(String),
}

fn services(
    given: &'static str,
    contracts: &[Arc<[u8]>],
    sets: &mut BTreeMap<Digest, Arc<[u8]>>,
) -> Result<BTreeMap<String, Digest>, ContractsError> {
    let mut services = BTreeMap::new();
    for bytes in contracts {
        let contract =
            Contract::read(bytes.clone()).map_err(|source| ContractsError::Unreadable { given, source })?;
        if contract.services.is_empty() {
            return Err(ContractsError::Empty { given });
        }
        for service in &contract.services {
            let before = services.insert(service.name.clone(), contract.digest.clone());
            if before.is_some_and(|before| before != contract.digest) {
                return Err(ContractsError::Twice { service: service.name.clone() });
            }
        }
        sets.insert(contract.digest, contract.bytes);
    }
    Ok(services)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeter() -> Vec<u8> {
        testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)])
    }

    #[test]
    fn a_set_declares_its_services_by_digest() {
        let declared = Contracts::serving(greeter()).consuming(greeter()).declared().unwrap();
        let digest = Digest::of(&greeter());
        assert_eq!(declared.serves, BTreeMap::from([("demo.v1.Greeter".to_owned(), digest.clone())]));
        assert_eq!(declared.consumes, declared.serves);
        assert_eq!(declared.sets.get(&digest).map(|bytes| bytes.to_vec()), Some(greeter()));
    }

    #[test]
    fn garbage_and_empty_sets_are_told_apart() {
        let error = Contracts::serving(&b"\xff\xff\xff"[..]).declared().unwrap_err();
        assert!(error.to_string().starts_with("a descriptor set that was given to `Contracts::serving`"));
        let nothing =
            testkit::descriptor_set(&[("demo/v1/a.proto", "syntax = \"proto3\"; package demo.v1;")]);
        let error = Contracts::none().consuming(nothing).declared().unwrap_err();
        assert!(matches!(error, ContractsError::Empty { given: "consuming" }));
    }

    #[test]
    fn a_service_stands_in_one_set_only() {
        let other = testkit::GREETER.replace("A sentence", "Some words");
        let other = testkit::descriptor_set(&[("demo/v1/greeter.proto", &other)]);
        let error = Contracts::serving(greeter()).and_serving(other).declared().unwrap_err();
        assert!(matches!(error, ContractsError::Twice { service } if service == "demo.v1.Greeter"));
    }

    #[test]
    fn servers_and_contracts_must_fit() {
        let declared = Contracts::serving(greeter()).declared().unwrap();
        let offered = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(declared.differs_from(&offered(&["demo.v1.Greeter"])), None);
        assert_eq!(
            declared.differs_from(&offered(&["demo.v1.Greeter", "demo.v1.Other"])),
            Some(Difference::Undeclared("demo.v1.Other".to_owned()))
        );
        assert_eq!(
            declared.differs_from(&offered(&[])),
            Some(Difference::Unserved("demo.v1.Greeter".to_owned()))
        );
    }
}
