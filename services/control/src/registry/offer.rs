//! What an instance says of itself, before and after it is checked.

use super::{Refusal, refusal::Refusals};
use crate::{
    reason::Reason,
    store::{Claim, Consumed},
    text::steers,
};
use contract::Digest;
use resource::Locality;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
};

/// More services than this are no instance's.
const MAX_CONTRACTS: usize = 256;
/// More methods than this are no contract's.
const MAX_METHODS: usize = 1024;
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
    /// Of what it consumes, what it knows of it.
    pub(crate) views: Vec<OfferedView>,
    pub(crate) address: String,
    pub(crate) metrics_address: String,
    pub(crate) locality: Locality,
}

/// A consumed service as its consumer knows it, as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct OfferedView {
    pub(crate) service: String,
    pub(crate) digest: String,
    pub(crate) methods: Vec<String>,
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
        let digests = self.serves.iter().map(|(_, digest)| digest);
        let digests = digests.chain(self.views.iter().map(|view| &view.digest));
        let methods = self.views.iter().flat_map(|view| &view.methods);
        singles
            .into_iter()
            .chain(services.map(|service| ("service", service)))
            .chain(digests.map(|digest| ("digest", digest)))
            .chain(methods.map(|method| ("method", method)))
            .find_map(|(what, value)| text(what, value))
            .or_else(|| self.named_too_much())
    }

    fn named_too_much(&self) -> Option<String> {
        let view = self.views.iter().find(|view| view.methods.len() > MAX_METHODS)?;
        let (number, service) = (view.methods.len(), &view.service);
        Some(format!(
            "consumes.methods: {number} of {service}, and at most {MAX_METHODS} may be named of one contract: name \
             none, which means all"
        ))
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
            views: self.views(&mut refusals),
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
            if reserved(service) {
                let message = format!("{service} is the mesh's own");
                refusals.add(Refusal::new(
                    Reason::CONTRACT_RESERVED,
                    &message,
                    "do not register it: every data plane serves it",
                ));
                continue;
            }
            let Some(digest) = parsed(service, digest, refusals) else { continue };
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

    /// What it knows of what it consumes. Of the mesh's own contracts, nobody asks.
    fn views(&self, refusals: &mut Refusals) -> BTreeMap<String, Consumed> {
        let mut views: BTreeMap<String, Consumed> = BTreeMap::new();
        for OfferedView { service, digest, methods } in &self.views {
            let digest = if reserved(service) { None } else { parsed(service, digest, refusals) };
            let Some(digest) = digest else { continue };
            let methods: BTreeSet<_> = methods.iter().cloned().collect();
            let consumed = Consumed { digest, methods };
            if views.insert(service.clone(), consumed.clone()).is_some_and(|other| other != consumed) {
                let message = format!("{service} is consumed in two ways");
                let remedy = "register each consumed service once, with one descriptor set";
                refusals.add(Refusal::new(Reason::CONTRACT_AMBIGUOUS, &message, remedy));
            }
        }
        views
    }

    /// The descriptor sets that it names, as they came.
    pub(super) fn digests(&self) -> impl Iterator<Item = &String> {
        let served = self.serves.iter().map(|(_, digest)| digest);
        let views = self.views.iter().filter(|view| !reserved(&view.service));
        served.chain(views.map(|view| &view.digest))
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
            views: claim
                .views
                .iter()
                .map(|(service, Consumed { digest, methods })| OfferedView {
                    service: service.clone(),
                    digest: digest.to_string(),
                    methods: methods.iter().cloned().collect(),
                })
                .collect(),
            address: address(claim.address),
            metrics_address: address(claim.metrics_address),
            locality: claim.locality.clone(),
        }
    }
}

pub(super) fn reserved(service: &str) -> bool {
    RESERVED.iter().any(|prefix| service.starts_with(prefix))
}

fn parsed(service: &str, digest: &str, refusals: &mut Refusals) -> Option<Digest> {
    let parsed = Digest::parse(digest);
    if parsed.is_none() {
        let message = format!("`{digest}` (of {service}) is no digest");
        let remedy = "write \"sha256:\" and 64 lower-case hexadecimal digits";
        refusals.add(Refusal::new(Reason::DIGEST_INVALID, &message, remedy));
    }
    parsed
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
