//! Which methods there are, as far as the gateway may know: the services that the control plane calls
//! public, and whatever else their descriptor sets declare.

use contract::{Contract, Origin, Service, Sourced};
use stack::{
    client::usage::{Counter, Usage},
    validate::{Door, Rulebook},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// All that is known at one moment.
#[derive(Debug, Default)]
pub(super) struct Directory {
    services: BTreeMap<Arc<str>, Known>,
    /// By path.
    methods: HashMap<Box<str>, Entry>,
}

/// A service.
#[derive(Debug)]
struct Known {
    /// Whether the control plane lists it: others are known only because they share a descriptor set.
    listed: bool,
    methods: Vec<String>,
    declared_at: Origin,
}

/// A method.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) service: Arc<str>,
    pub(super) public: Sourced<bool>,
    /// Where the method is declared.
    pub(super) declared_at: Origin,
    /// Judges requests here already, where the contract asks for it.
    pub(super) door: Option<Door>,
    /// Counts its calls, under the version of the contract that stands here.
    pub(super) counter: Option<Arc<Counter>>,
    listed: bool,
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub(super) enum Missing<'a> {
    /// The method takes no calls from outside.
    NotPublic(&'a Entry),
    /// The service has no such method.
    NoMethod {
        /// The methods that it has.
        methods: &'a [String],
        /// Where the service is declared.
        declared_at: &'a Origin,
    },
    /// There is no such service.
    Service,
}

impl Directory {
    /// Of the contracts behind the listed services: service → contract.
    pub(super) fn new(listed: &BTreeMap<String, Arc<Contract>>, rulebook: &Rulebook, usage: &Usage) -> Self {
        let mut directory = Self::default();
        for (name, contract) in listed {
            if let Some(service) = contract.service(name) {
                directory.add(service, true, rulebook, usage);
            }
        }
        // What shares a set with a listed service and is not listed itself has no public method.
        for service in listed.values().flat_map(|contract| &contract.services) {
            if !directory.services.contains_key(service.name.as_str()) {
                directory.add(service, false, rulebook, usage);
            }
        }
        directory
    }

    fn add(&mut self, service: &Service, listed: bool, rulebook: &Rulebook, usage: &Usage) {
        let name: Arc<str> = service.name.as_str().into();
        for method in &service.methods {
            let entry = Entry {
                service: name.clone(),
                public: method.policy.public.clone(),
                declared_at: method.origin.clone(),
                door: Door::of(method, rulebook),
                counter: usage.counter(method.path.as_str()),
                listed,
            };
            self.methods.insert(method.path.as_str().into(), entry);
        }
        let methods = service.methods.iter().map(|method| method.path.method().to_owned()).collect();
        self.services.insert(name, Known { listed, methods, declared_at: service.origin.clone() });
    }

    /// The public method at `path` ("/pkg.Service/Method").
    pub(super) fn find(&self, path: &str) -> Result<&Entry, Missing<'_>> {
        match self.methods.get(path) {
            Some(entry) if entry.public.value && entry.listed => Ok(entry),
            Some(entry) => Err(Missing::NotPublic(entry)),
            None => match self.services.get(service_of(path)) {
                Some(Known { methods, declared_at, .. }) => Err(Missing::NoMethod { methods, declared_at }),
                None => Err(Missing::Service),
            },
        }
    }

    /// The services that the control plane lists, sorted.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Arc<str>> {
        self.services.iter().filter(|(_, known)| known.listed).map(|(name, _)| name)
    }

    /// Whether the control plane lists it.
    pub(super) fn lists(&self, service: &str) -> bool {
        self.services.get(service).is_some_and(|known| known.listed)
    }
}

/// "pkg.Service" of "/pkg.Service/Method".
pub(super) fn service_of(path: &str) -> &str {
    path.strip_prefix('/').and_then(|path| path.split_once('/')).map_or("", |(service, _)| service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let contract = Arc::new(Contract::read(contracts::shop::catalog::v1::CONTRACT).unwrap());
        let ours = Arc::new(Contract::read(contracts::treaty::v1::CONTRACT).unwrap());
        let listed =
            [("shop.catalog.v1.Catalog".to_owned(), contract), ("treaty.v1.Identity".to_owned(), ours)];
        Directory::new(&listed.into(), &Rulebook::default(), &Usage::default())
    }

    #[test]
    fn paths_lead_where_the_contract_says() {
        let directory = directory();
        let entry = directory.find("/shop.catalog.v1.Catalog/GetProduct").unwrap();
        assert_eq!(&*entry.service, "shop.catalog.v1.Catalog");
        assert!(matches!(directory.find("/treaty.v1.Identity/Issue"), Err(Missing::NotPublic(_))));
        assert!(matches!(directory.find("/treaty.v1.Admin/ReadStatus"), Err(Missing::NotPublic(_))));
        let Err(Missing::NoMethod { methods, .. }) = directory.find("/shop.catalog.v1.Catalog/Nope") else {
            panic!()
        };
        assert!(methods.contains(&"GetProduct".to_owned()));
        for path in ["", "/", "//", "/x", "x/y", "/shop.catalog.v1.Catalog", "/no.Such/Method"] {
            assert!(
                matches!(directory.find(path), Err(Missing::Service | Missing::NoMethod { .. })),
                "{path}"
            );
        }
        assert_eq!(directory.listed().count(), 2);
    }
}
