//! What a process serves and what it consumes, as descriptor sets.

use contract::{Contract, Digest, ReadError, Service};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// So many methods of a service can be named to the registry.
const MAX_NAMED: usize = 1024;

/// The contracts that a process serves and consumes. Each is an encoded
/// `google.protobuf.FileDescriptorSet` of one package, with its imports: the `CONTRACT` constant that the
/// build makes beside the generated code.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    serving: Vec<Arc<[u8]>>,
    consuming: Vec<Consumed>,
}

/// A set that is consumed.
#[derive(Clone, Debug)]
struct Consumed {
    set: Arc<[u8]>,
    /// The methods that are called, as somebody named them; `None`: any may be.
    methods: Option<Vec<String>>,
}

/// What a process says of itself, read from its descriptor sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Full names of the services served, with the digest of the set that declares them.
    pub serves: BTreeMap<String, Digest>,
    /// Full names of the services consumed, likewise.
    pub consumes: BTreeMap<String, Digest>,
    /// Of the services consumed, the own names of the methods that are called; a service that is missing
    /// here may be called by any.
    pub methods: BTreeMap<String, BTreeSet<String>>,
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
    /// A method is to be called that is not there.
    #[error("`{method}` was given to `Contracts::consuming_methods` and is in none of {declared}")]
    MethodUnknown {
        /// As it was given.
        method: String,
        /// The services of the set, with their methods, for people.
        declared: String,
    },
    /// More methods are to be called than the control plane lets anybody name.
    #[error(
        "{given} methods of `{service}` were given to `Contracts::consuming_methods`, and at most {MAX_NAMED} can \
         be named: give the set to `Contracts::consuming`, which means all of them"
    )]
    TooManyMethods {
        /// The service's full name.
        service: String,
        /// How many were given.
        given: usize,
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
        self.consuming.push(Consumed { set: contract.into(), methods: None });
        self
    }

    /// May open channels to those services of `contract` that have these methods ("GetProduct"; where several
    /// services have one of that name and not all are meant, "shop.catalog.v1.Catalog/GetProduct"), and says
    /// that it calls no others: then a new version of the contract is held against these methods alone.
    ///
    /// The promise is not enforced: what is called although it was not named is counted, and protected as long as that
    /// was lately. Where the contract does not have a method of this name, it counts as if none were named.
    #[must_use]
    pub fn consuming_methods<M: Into<String>>(
        mut self,
        contract: impl Into<Arc<[u8]>>,
        methods: impl IntoIterator<Item = M>,
    ) -> Self {
        let methods = Some(methods.into_iter().map(Into::into).collect());
        self.consuming.push(Consumed { set: contract.into(), methods });
        self
    }

    /// The same, called by somebody who counts no calls: whatever nobody named counts as called, for ever.
    pub(crate) fn uncounted(mut self) -> Result<Self, ContractsError> {
        for consumed in self.consuming.iter_mut().filter(|consumed| consumed.methods.is_none()) {
            let contract = read("consuming", &consumed.set)?;
            let methods = contract.services.iter().flat_map(|service| &service.methods);
            let all: Vec<_> =
                methods.map(|method| method.path.as_str().trim_start_matches('/').to_owned()).collect();
            consumed.methods = (all.len() <= MAX_NAMED).then_some(all);
        }
        Ok(self)
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
        let mut serves = BTreeMap::new();
        for bytes in &self.serving {
            let contract = read("serving", bytes)?;
            for service in &contract.services {
                declare(&mut serves, service, &contract)?;
            }
            sets.insert(contract.digest, contract.bytes);
        }
        let (mut consumes, mut calls) = (BTreeMap::new(), Calls::new());
        for Consumed { set, methods } in &self.consuming {
            let contract = read("consuming", set)?;
            for (service, methods) in called(&contract, methods.as_deref())? {
                declare(&mut consumes, service, &contract)?;
                let known = calls.entry(service.name.clone()).or_insert_with(|| Some(BTreeSet::new()));
                *known = known.take().zip(methods).map(|(known, more)| &known | &more);
            }
            sets.insert(contract.digest, contract.bytes);
        }
        let methods: BTreeMap<_, BTreeSet<_>> =
            calls.into_iter().filter_map(|(service, methods)| Some((service, methods?))).collect();
        if let Some((service, methods)) = methods.iter().find(|(_, methods)| methods.len() > MAX_NAMED) {
            let (service, given) = (service.clone(), methods.len());
            return Err(ContractsError::TooManyMethods { service, given });
        }
        Ok(Declared { serves, consumes, methods, sets })
    }
}

/// By service, the own names of the methods that are called; `None`: any may be.
type Calls = BTreeMap<String, Option<BTreeSet<String>>>;

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

fn read(given: &'static str, bytes: &Arc<[u8]>) -> Result<Contract, ContractsError> {
    let contract =
        Contract::read(bytes.clone()).map_err(|source| ContractsError::Unreadable { given, source })?;
    if contract.services.is_empty() { Err(ContractsError::Empty { given }) } else { Ok(contract) }
}

fn declare(
    services: &mut BTreeMap<String, Digest>,
    service: &Service,
    contract: &Contract,
) -> Result<(), ContractsError> {
    let before = services.insert(service.name.clone(), contract.digest.clone());
    if before.is_some_and(|before| before != contract.digest) {
        return Err(ContractsError::Twice { service: service.name.clone() });
    }
    Ok(())
}

/// A service, and its methods that are called; `None`: any may be.
type Called<'c> = (&'c Service, Option<BTreeSet<String>>);

/// The services of a set that are consumed.
fn called<'c>(contract: &'c Contract, methods: Option<&[String]>) -> Result<Vec<Called<'c>>, ContractsError> {
    let Some(methods) = methods else {
        return Ok(contract.services.iter().map(|service| (service, None)).collect());
    };
    let has = |service: &Service, name: &String| {
        let mut own = service.methods.iter().map(|method| &method.path);
        own.any(|path| path.method() == name || path.as_str().strip_prefix('/') == Some(name))
    };
    if let Some(unknown) = methods.iter().find(|name| !contract.services.iter().any(|one| has(one, name))) {
        return Err(ContractsError::MethodUnknown { method: unknown.clone(), declared: shown(contract) });
    }
    let own = |name: &String| name.rsplit('/').next().unwrap_or(name).to_owned();
    let named = contract.services.iter().map(|service| {
        let of_it: BTreeSet<_> = methods.iter().filter(|name| has(service, name)).map(own).collect();
        (service, Some(of_it))
    });
    Ok(named.filter(|(_, methods)| methods.as_ref().is_some_and(|methods| !methods.is_empty())).collect())
}

/// "shop.catalog.v1.Catalog (GetProduct, ListProducts)".
fn shown(contract: &Contract) -> String {
    let service = |service: &Service| {
        let methods: Vec<_> = service.methods.iter().map(|method| method.path.method()).collect();
        format!("{} ({})", service.name, methods.join(", "))
    };
    contract.services.iter().map(service).collect::<Vec<_>>().join(", ")
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
    fn a_consumer_may_name_what_it_calls() {
        const TWO: &str = r#"
            syntax = "proto3";
            package demo.v1;
            service Books { rpc Read(Book) returns (Book); rpc Write(Book) returns (Book); }
            service Walls { rpc Write(Book) returns (Book); rpc Paint(Book) returns (Book); }
            message Book {}
        "#;
        let set = testkit::descriptor_set(&[("demo/v1/two.proto", TWO)]);
        let methods = |contracts: Contracts| {
            let declared = contracts.declared().unwrap();
            let shown = |name: &String| {
                let methods =
                    declared.methods.get(name).map(|names| names.iter().cloned().collect::<Vec<_>>());
                format!("{name}: {}", methods.map_or("any".to_owned(), |names| names.join(" ")))
            };
            declared.consumes.keys().map(shown).collect::<Vec<_>>()
        };
        let of = |names: &[&str]| Contracts::none().consuming_methods(set.clone(), names.iter().copied());
        assert_eq!(methods(of(&["Read"])), ["demo.v1.Books: Read"]);
        assert_eq!(methods(of(&["Write"])), ["demo.v1.Books: Write", "demo.v1.Walls: Write"]);
        assert_eq!(
            methods(of(&["demo.v1.Walls/Write", "Read"])),
            ["demo.v1.Books: Read", "demo.v1.Walls: Write"]
        );
        let both = of(&["Read"]).consuming_methods(set.clone(), ["demo.v1.Books/Write"]);
        assert_eq!(methods(both), ["demo.v1.Books: Read Write"]);
        assert_eq!(
            methods(of(&["Read"]).consuming(set.clone())),
            ["demo.v1.Books: any", "demo.v1.Walls: any"]
        );
        assert_eq!(
            of(&["Read", "Reed"]).declared().unwrap_err().to_string(),
            "`Reed` was given to `Contracts::consuming_methods` and is in none of \
             demo.v1.Books (Read, Write), demo.v1.Walls (Write, Paint)"
        );
    }

    /// The control plane would end the registration over it, and nobody but its log would say why.
    #[test]
    fn more_methods_than_the_registry_takes_are_refused_at_once() {
        let names: Vec<String> = (0..=MAX_NAMED).map(|at| format!("Do{at}")).collect();
        let rpcs: String = names.iter().map(|name| format!("rpc {name}(Book) returns (Book);\n")).collect();
        let text =
            format!("syntax = \"proto3\"; package demo.v1; message Book {{}} service Books {{ {rpcs} }}");
        let set = testkit::descriptor_set(&[("demo/v1/books.proto", &text)]);
        let of =
            |names: &[String]| Contracts::none().consuming_methods(set.clone(), names.to_vec()).declared();
        assert_eq!(of(&names[1..]).unwrap().methods["demo.v1.Books"].len(), MAX_NAMED);
        assert_eq!(
            of(&names).unwrap_err().to_string(),
            "1025 methods of `demo.v1.Books` were given to `Contracts::consuming_methods`, and at most 1024 can be \
             named: give the set to `Contracts::consuming`, which means all of them"
        );
        let all = Contracts::none().consuming(set.clone()).uncounted().unwrap().declared().unwrap();
        assert!(all.methods.is_empty(), "all of them, without naming any");
    }

    #[test]
    fn who_counts_nothing_calls_everything() {
        let contracts = Contracts::none().consuming(greeter()).uncounted().unwrap();
        let named = contracts.declared().unwrap().methods;
        assert_eq!(named["demo.v1.Greeter"], BTreeSet::from(["SayHello".to_owned()]));
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
