//! The control plane behind its own contract.

use crate::{Error, ca::OWN_WORKLOAD};
use contract::{Allow, Contract, MethodPath, Origin, Sourced};
use contracts::treaty::v1::CONTRACT;
use identity::TrustDomain;
use resource::{Guard, Instance, Locality, Served, ServerListener, World, compile};
use std::net::SocketAddr;
use xds::wire::rpc;

/// What the control plane enforces at `address`: treaty.v1 as it is written, and ADS for everybody who has
/// an identity (what each sees of it, the registry decides).
pub(crate) fn listener(trust_domain: &TrustDomain, address: SocketAddr) -> Result<ServerListener, Error> {
    let unsound = |error: &dyn std::fmt::Display| Error::OwnContract(error.to_string());
    let contract = Contract::read(CONTRACT).map_err(|error| unsound(&error))?;
    let provider: identity::WorkloadId = OWN_WORKLOAD.parse().map_err(|error| unsound(&error))?;
    let services = contract.services.into_iter();
    let services =
        services.map(|service| (service.name.clone(), Served { service, provider: provider.clone() }));
    let services: std::collections::BTreeMap<_, _> = services.collect();
    let instance = Instance {
        workload: provider,
        name: "control".to_owned(),
        address,
        locality: Locality::default(),
        serves: services.keys().cloned().collect(),
        ready: true,
    };
    let world = World { trust_domain: trust_domain.clone(), services, instances: vec![instance] };
    let listener = compile(&world).server_listeners.remove(&ServerListener::name_for(address));
    let mut listener = listener.ok_or_else(|| unsound(&"it has no services"))?.as_ref().clone();
    listener
        .guards
        .extend([rpc::STREAM, rpc::DELTA].map(|method| (MethodPath::new(rpc::SERVICE, method), ads_guard())));
    Ok(listener)
}

fn ads_guard() -> Guard {
    Guard {
        allow: Sourced::default_of(vec![Allow::Any]),
        declared_at: Origin::Default,
        timeout: Sourced::default_of(None),
        max_request_bytes: Sourced::default_of(rpc::MAX_MESSAGE_BYTES),
        max_response_bytes: Sourced::default_of(rpc::MAX_MESSAGE_BYTES),
        public: Sourced::default_of(false),
        validate: Sourced::default(),
        client_streaming: true,
        server_streaming: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_guard_and_only_joining_is_anonymous() {
        let listener = listener(&"treaty.local".parse().unwrap(), "127.0.0.1:1".parse().unwrap()).unwrap();
        let allow =
            |service: &str, method: &str| &listener.guards[&MethodPath::new(service, method)].allow.value;
        let anonymous =
            listener.guards.iter().filter(|(_, guard)| guard.allow.value.contains(&Allow::Anonymous));
        let anonymous: Vec<_> = anonymous.map(|(path, _)| path.as_str()).collect();
        assert_eq!(anonymous, ["/treaty.v1.Identity/Issue"]);
        assert_eq!(*allow("treaty.v1.Registry", "Register"), [Allow::Any]);
        assert_eq!(*allow(rpc::SERVICE, rpc::STREAM), [Allow::Any]);
        assert_eq!(allow("treaty.v1.Admin", "ReadStatus")[0].to_string(), "treaty/admin");
        assert_eq!(allow("treaty.v1.Identity", "IssueEdge")[0].to_string(), "treaty/gateway");
    }
}
