//! What the tests of several modules share.

use identity::{Authority, AuthorityKind, Csr, PrivateKey, SpiffeId, TrustBundle, TrustDomain, Validity};
use std::time::{Duration, SystemTime};
use transport::Material;

/// A fresh SVID of a fresh authority.
pub(crate) fn material(workload: &str) -> Material {
    let domain: TrustDomain = "treaty.local".parse().unwrap();
    let now = SystemTime::now();
    let authority = Authority::generate(AuthorityKind::Mesh, &domain, now).unwrap();
    let key = PrivateKey::generate().unwrap();
    let id = SpiffeId::new(domain.clone(), workload.parse().unwrap());
    let validity = Validity { now, ttl: Duration::from_secs(3600) };
    let svid = authority.issue_svid(Csr::new(&key).unwrap().der(), &id, &[], validity).unwrap();
    let bundle = TrustBundle::new(domain, [authority.certificate_der().clone()]).unwrap();
    Material { svid, key, bundle }
}
