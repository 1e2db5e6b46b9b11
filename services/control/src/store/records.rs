//! What the store's values mean. Values are JSON: fields may be added, and an unknown one is ignored.

use crate::text::line;
use contract::Digest;
use identity::WorkloadId;
use resource::Locality;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::SystemTime,
};
use zeroize::Zeroizing;

/// The two authorities of a trust domain, as DER. Each key is PKCS#8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorityRecords {
    /// Signs SVIDs.
    pub(crate) mesh: AuthorityRecord,
    /// Signs what the gateway shows at the edge.
    pub(crate) edge: AuthorityRecord,
}

/// One authority.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AuthorityRecord {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for AuthorityRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorityRecord").finish_non_exhaustive()
    }
}

/// A join token, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    /// Whom it proves.
    pub(crate) workload: WorkloadId,
    /// When it ceases to.
    pub(crate) expires: SystemTime,
    /// Its first success.
    pub(crate) used: Option<TokenUse>,
}

/// The first success of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenUse {
    /// When.
    pub(crate) at: SystemTime,
    /// The digest of the public key that was certified: whoever lost the answer asks with it again.
    pub(crate) public_key: Digest,
}

/// One process of a workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct InstanceKey {
    pub(crate) workload: WorkloadId,
    /// Its own name for itself.
    pub(crate) instance: String,
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.workload, self.instance)
    }
}

/// What an instance says of itself, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    pub(crate) version: String,
    /// `None`: a pure consumer.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) metrics_address: Option<SocketAddr>,
    pub(crate) locality: Locality,
    /// By full service name: the descriptor set that declares it.
    pub(crate) serves: BTreeMap<String, Digest>,
    /// Full service names.
    pub(crate) consumes: BTreeSet<String>,
    /// Of these, those of which the instance shows its view; by full service name. Not in stores of the first
    /// versions.
    #[serde(default)]
    pub(crate) views: BTreeMap<String, Consumed>,
}

impl Claim {
    /// The sets of what it serves, and of what it consumes as far as it says.
    pub(crate) fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.serves.values().chain(self.views.values().map(|consumed| &consumed.digest))
    }
}

/// A consumed service as its consumer knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Consumed {
    /// Of the descriptor set that the consumer was built with.
    pub(crate) digest: Digest,
    /// The methods that it says it calls, by their own names; empty: it does not say.
    pub(crate) methods: BTreeSet<String>,
}

/// An admitted instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) key: InstanceKey,
    pub(crate) claim: Claim,
    pub(crate) ready: bool,
    /// Counts admissions: among instances of one workload, the contract of the highest is in force.
    pub(crate) order: u64,
    pub(crate) since: SystemTime,
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    To(WorkloadId),
    /// Whoever there is would break somebody who calls.
    Nowhere,
}

/// A contract that came into force with an admission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HistoryEntry {
    pub(crate) service: String,
    pub(crate) digest: Digest,
    pub(crate) workload: WorkloadId,
    pub(crate) version: String,
    pub(crate) time: SystemTime,
}

/// What kind of decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AuditKind {
    ControlPlaneStarted,
    TokenCreated,
    TokenRefused,
    SvidIssued,
    EdgeCertificateIssued,
    InstanceAdmitted,
    InstanceLeft,
    InstanceLost,
    RegistrationRefused,
    XdsNack,
}

impl AuditKind {
    /// UPPER_SNAKE_CASE, as in treaty.v1.AuditEvent.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ControlPlaneStarted => "CONTROL_PLANE_STARTED",
            Self::TokenCreated => "TOKEN_CREATED",
            Self::TokenRefused => "TOKEN_REFUSED",
            Self::SvidIssued => "SVID_ISSUED",
            Self::EdgeCertificateIssued => "EDGE_CERTIFICATE_ISSUED",
            Self::InstanceAdmitted => "INSTANCE_ADMITTED",
            Self::InstanceLeft => "INSTANCE_LEFT",
            Self::InstanceLost => "INSTANCE_LOST",
            Self::RegistrationRefused => "REGISTRATION_REFUSED",
            Self::XdsNack => "XDS_NACK",
        }
    }
}

/// A decision worth remembering. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditEvent {
    pub(crate) time: SystemTime,
    pub(crate) kind: AuditKind,
    /// Whom it concerns.
    pub(crate) workload: Option<WorkloadId>,
    /// For people.
    pub(crate) message: String,
}

/// Bytes of an audit message: parts of it come from elsewhere.
const MAX_MESSAGE: usize = 2000;

impl AuditEvent {
    /// Whether somebody without any proof of who they are made it happen: costs them nothing, and must cost
    /// nobody else's events their place.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.kind == AuditKind::TokenRefused && self.workload.is_none()
    }

    /// An event. Its message is one line for a terminal, whoever wrote its parts.
    pub(crate) fn new(
        time: SystemTime,
        kind: AuditKind,
        workload: Option<WorkloadId>,
        message: impl AsRef<str>,
    ) -> Self {
        Self { time, kind, workload, message: line(message.as_ref(), MAX_MESSAGE) }
    }
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    PutPlacement(Box<Placement>),
    RemovePlacement(InstanceKey),
    PutContract {
        digest: Digest,
        bytes: Arc<[u8]>,
    },
    /// What a workload left in force of a service; `None`: nothing, any more.
    Left {
        workload: WorkloadId,
        service: String,
        digest: Option<Digest>,
    },
    /// Where calls of a service go from a namespace without a provider of its own; `None`: nobody calls.
    Route {
        namespace: String,
        service: String,
        route: Option<Route>,
    },
    /// Kept unless it repeats the service's latest entry.
    History(HistoryEntry),
    /// Drops what is history beyond what is kept of it; descriptor sets that are `used` stay.
    Prune {
        used: BTreeSet<Digest>,
    },
    Audit(AuditEvent),
}
