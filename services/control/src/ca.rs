//! The two authorities, and the control plane's own identity.

use crate::{
    Config, Error,
    store::{AuthorityRecord, AuthorityRecords, Store},
};
use identity::{
    Authority, AuthorityKind, Csr, IssueError, Name, PrivateKey, SpiffeId, TrustBundle, TrustDomain,
    Validity, X509Svid, pem,
};
use rustls_pki_types::CertificateDer;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use transport::{HotIdentity, Material, RenewalClock};
use zeroize::Zeroizing;

/// The control plane's own workload.
pub(crate) const OWN_WORKLOAD: &str = "treaty/control";

/// Issues every certificate of one trust domain.
pub(crate) struct Ca {
    mesh: Authority,
    edge: Authority,
    bundle: TrustBundle,
    ttl: Duration,
    edge_names: Vec<Name>,
    own_names: Vec<Name>,
}

impl Ca {
    /// Two fresh authorities, for a new store.
    pub(crate) fn generate(trust_domain: &TrustDomain) -> Result<AuthorityRecords, String> {
        let record = |kind| {
            let authority = Authority::generate(kind, trust_domain, SystemTime::now())
                .map_err(|error| error.to_string())?;
            let key = Zeroizing::new(authority.key_der().to_vec());
            Ok::<_, String>(AuthorityRecord { certificate: authority.certificate_der().to_vec(), key })
        };
        Ok(AuthorityRecords { mesh: record(AuthorityKind::Mesh)?, edge: record(AuthorityKind::Edge)? })
    }

    /// The authorities of a store.
    pub(crate) fn open(store: &Store, config: &Config) -> Result<Self, Error> {
        let AuthorityRecords { mesh, edge } = store.authorities()?;
        let (mesh, edge) = (authority(mesh)?, authority(edge)?);
        let bundle = TrustBundle::new(config.trust_domain.clone(), [mesh.certificate_der().clone()]);
        let bundle = bundle.map_err(|error| Error::Authority(error.to_string()))?;
        let edge_names = names(&config.edge_names, "the edge")?;
        let own_names = names(&config.names, "the control plane")?;
        Ok(Self { mesh, edge, bundle, ttl: config.svid_ttl, edge_names, own_names })
    }

    /// What everybody in the mesh believes each other by.
    pub(crate) const fn bundle(&self) -> &TrustBundle {
        &self.bundle
    }

    /// The SVID of a workload for whoever holds the key behind `csr`.
    pub(crate) fn issue(&self, csr: &[u8], id: &SpiffeId) -> Result<X509Svid, IssueError> {
        self.mesh.issue_svid(csr, id, &[], self.validity())
    }

    /// The edge certificate for whoever holds the key behind `csr`.
    pub(crate) fn issue_edge(&self, csr: &[u8]) -> Result<Vec<CertificateDer<'static>>, IssueError> {
        self.edge.issue_server(csr, &self.edge_names, self.validity())
    }

    /// What clients at the edge believe.
    pub(crate) const fn edge_root(&self) -> &CertificateDer<'static> {
        self.edge.certificate_der()
    }

    /// The same, as a file.
    pub(crate) fn edge_pem(&self) -> String {
        pem::certificates([self.edge_root()])
    }

    /// How long certificates live.
    pub(crate) const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A fresh key and SVID for the control plane itself.
    pub(crate) fn own(&self) -> Result<Material, Error> {
        let own = || -> Result<Material, String> {
            let key = PrivateKey::generate().map_err(|error| error.to_string())?;
            let csr = Csr::new(&key).map_err(|error| error.to_string())?;
            let workload = OWN_WORKLOAD.parse().map_err(|error: identity::NameError| error.to_string())?;
            let id = SpiffeId::new(self.bundle.trust_domain.clone(), workload);
            let svid = self.mesh.issue_svid(csr.der(), &id, &self.own_names, self.validity());
            Ok(Material { svid: svid.map_err(|error| error.to_string())?, key, bundle: self.bundle.clone() })
        };
        own().map_err(Error::Authority)
    }

    fn validity(&self) -> Validity {
        Validity { now: SystemTime::now(), ttl: self.ttl }
    }
}

/// Renews the control plane's own identity, for ever. A failure leaves the current one, and is tried again.
pub(crate) async fn renew(ca: Arc<Ca>, own: HotIdentity) {
    let clock = |own: &HotIdentity| {
        let svid = &own.current().svid;
        RenewalClock::new(svid.not_before, svid.not_after)
    };
    let mut renewal = clock(&own);
    loop {
        renewal.due().await;
        let renewed =
            ca.own().and_then(|next| own.rotate(next).map_err(|error| Error::Authority(error.to_string())));
        match renewed {
            Ok(()) => {
                renewal = clock(&own);
                tracing::debug!("the control plane's own identity is renewed");
            }
            Err(error) => {
                let failures = renewal.failed();
                tracing::error!(%error, failures, "the control plane cannot renew its own identity");
            }
        }
    }
}

fn authority(record: AuthorityRecord) -> Result<Authority, Error> {
    let key = PrivateKey::from_der(&record.key).map_err(|error| Error::Authority(error.to_string()))?;
    Authority::from_der(record.certificate.into(), key).map_err(|error| Error::Authority(error.to_string()))
}

fn names(names: &[String], whose: &'static str) -> Result<Vec<Name>, Error> {
    let parse = |name: &String| name.parse().map_err(|_| Error::Name { name: name.clone(), whose });
    names.iter().map(parse).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::Path;

    /// A store with authorities of its own.
    pub(crate) fn store(directory: &Path) -> Store {
        let trust_domain = "treaty.local".parse().unwrap();
        Store::open(directory, &trust_domain, &|| Ca::generate(&trust_domain)).unwrap()
    }

    fn config(directory: &Path) -> Config {
        Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            state_dir: directory.to_owned(),
            trust_domain: "treaty.local".parse().unwrap(),
            svid_ttl: Duration::from_secs(30),
            edge_names: vec!["localhost".to_owned(), "::1".to_owned()],
            names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            metrics: None,
            relearn_grace: Duration::from_secs(10),
            usage_window: crate::USAGE_WINDOW,
            linger: crate::LINGER,
        }
    }

    #[test]
    fn authorities_survive_and_certify_the_control_plane() {
        let directory = tempfile::tempdir().unwrap();
        let first = Ca::open(&store(directory.path()), &config(directory.path())).unwrap();
        let again = Ca::open(&store(directory.path()), &config(directory.path())).unwrap();
        assert_eq!(first.bundle(), again.bundle());
        assert_eq!(first.edge_pem(), again.edge_pem());
        let own = again.own().unwrap();
        assert_eq!(own.svid.id.to_string(), "spiffe://treaty.local/ns/treaty/sa/control");
        HotIdentity::new(own).unwrap();
    }

    #[test]
    fn a_bad_name_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        config.edge_names = vec!["no name".to_owned()];
        let error = Ca::open(&store(directory.path()), &config).err().unwrap();
        assert_eq!(error.to_string(), "`no name` (of the edge) is neither a DNS name nor an IP address");
    }
}
