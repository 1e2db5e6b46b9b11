//! What an instance says of itself, before and after it is checked.

use super::{Refusal, refusal::Refusals};
use crate::{reason::Reason, store::Claim, text::steers};
use contract::Digest;
use resource::Locality;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
};

/// More services than this are no instance's.
const MAX_CONTRACTS: usize = 256;
/// Bytes of a name.
const MAX_NAME: usize = 256;
/// Served by the control plane or by every data plane itself.
const RESERVED: &[&str] = &["treaty.", "grpc.health.", "grpc.reflection.", "envoy."];

/// What an instance says of itself, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Offer {
    pub(crate) instance: String,
    pub(crate) version: String,
    /// Service and digest.
    pub(crate) serves: Vec<(String, String)>,
    pub(crate) consumes: Vec<String>,
    pub(crate) address: String,
    pub(crate) metrics_address: String,
    pub(crate) locality: Locality,
}

impl Offer {
    /// What no sound client says; such a stream ends.
    pub(crate) fn malformed(&self) -> Option<String> {
        let text = |what: &str, text: &str| {
            let sound = text.len() <= MAX_NAME && !text.chars().any(steers);
            (!sound).then(|| format!("{what}: at most {MAX_NAME} bytes, without control characters"))
        };
        if self.instance.is_empty() {
            return Some("instance: every process needs a name, unique among its workload's".to_owned());
        }
        if self.serves.len().max(self.consumes.len()) > MAX_CONTRACTS {
            return Some(format!("serves, consumes: at most {MAX_CONTRACTS} contracts each"));
        }
        let Locality { region, zone } = &self.locality;
        let singles = [
            ("instance", &self.instance),
            ("version", &self.version),
            ("address", &self.address),
            ("metrics_address", &self.metrics_address),
            ("locality.region", region),
            ("locality.zone", zone),
        ];
        let services = self.serves.iter().map(|(service, _)| service).chain(&self.consumes);
        let digests = self.serves.iter().map(|(_, digest)| ("digest", digest));
        singles
            .into_iter()
            .chain(services.map(|service| ("service", service)))
            .chain(digests)
            .find_map(|(what, value)| text(what, value))
    }

    /// The claim that this offer makes, or every reason why it makes none.
    pub(crate) fn check(&self) -> Result<Claim, Refusals> {
        let mut refusals = Refusals::default();
        let claim = Claim {
            version: self.version.clone(),
            address: address("address", &self.address, &mut refusals),
            metrics_address: address("metrics_address", &self.metrics_address, &mut refusals),
            locality: self.locality.clone(),
            serves: self.serves(&mut refusals),
            consumes: self.consumes.iter().cloned().collect::<BTreeSet<_>>(),
        };
        if self.address.is_empty() && !self.serves.is_empty() {
            let message = "it serves contracts and says not where";
            refusals.add(Refusal::new(
                Reason::ADDRESS_MISSING,
                message,
                "register the `ip:port` it listens on",
            ));
        }
        if refusals.is_empty() { Ok(claim) } else { Err(refusals) }
    }

    fn serves(&self, refusals: &mut Refusals) -> BTreeMap<String, Digest> {
        let mut serves = BTreeMap::new();
        for (service, digest) in &self.serves {
            if RESERVED.iter().any(|prefix| service.starts_with(prefix)) {
                let message = format!("{service} is the mesh's own");
                refusals.add(Refusal::new(
                    Reason::CONTRACT_RESERVED,
                    &message,
                    "do not register it: every data plane serves it",
                ));
                continue;
            }
            let Some(digest) = Digest::parse(digest) else {
                let message = format!("`{digest}` (of {service}) is no digest");
                refusals.add(Refusal::new(
                    Reason::DIGEST_INVALID,
                    &message,
                    "write \"sha256:\" and 64 lower-case hexadecimal digits",
                ));
                continue;
            };
            if serves.insert(service.clone(), digest.clone()).is_some_and(|other| other != digest) {
                let message = format!("{service} is registered with two descriptor sets");
                refusals.add(Refusal::new(
                    Reason::CONTRACT_AMBIGUOUS,
                    &message,
                    "register each service once",
                ));
            }
        }
        serves
    }

    /// The offer that made this claim.
    pub(super) fn of(instance: &str, claim: &Claim) -> Self {
        let address =
            |address: Option<SocketAddr>| address.map_or_else(String::new, |address| address.to_string());
        Self {
            instance: instance.to_owned(),
            version: claim.version.clone(),
            serves: claim
                .serves
                .iter()
                .map(|(service, digest)| (service.clone(), digest.to_string()))
                .collect(),
            consumes: claim.consumes.iter().cloned().collect(),
            address: address(claim.address),
            metrics_address: address(claim.metrics_address),
            locality: claim.locality.clone(),
        }
    }
}

/// xDS clients refuse names, and nobody can dial "any address".
fn address(field: &str, text: &str, refusals: &mut Refusals) -> Option<SocketAddr> {
    if text.is_empty() {
        return None;
    }
    let dialled = |address: &SocketAddr| {
        let anywhere = address.ip().is_unspecified() && field == "address";
        let broadcast = matches!(address.ip(), IpAddr::V4(ip) if ip.is_broadcast());
        address.port() != 0 && !anywhere && !broadcast && !address.ip().is_multicast()
    };
    let parsed = text.parse().ok().filter(dialled);
    if parsed.is_none() {
        let message = format!("`{text}` ({field}) is no address that others can dial");
        let remedy = "register an IP address and a port, such as \"10.0.0.7:4000\" or \"[::1]:4000\"";
        refusals.add(Refusal::new(Reason::ADDRESS_INVALID, &message, remedy));
    }
    parsed
}
