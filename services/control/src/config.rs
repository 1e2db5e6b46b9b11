//! What the control plane is told.

use identity::TrustDomain;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// The shortest lifetime of an SVID: below it, renewal at half life would be all that anybody does.
pub const MIN_SVID_TTL: Duration = Duration::from_secs(30);

/// Thirty days: for how long a method counts as in use after a call, where nobody says otherwise.
pub const USAGE_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Half a minute: for how long whoever left counts, where nobody says otherwise. A process that is started again is
/// back by then.
pub const LINGER: Duration = Duration::from_secs(30);

/// What the control plane is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the one listener stands: Identity, Registry, Admin and ADS. Port 0 lets the kernel choose;
    /// the file `address` says what it chose.
    pub listen: SocketAddr,
    /// Where the store and the generated files live; created with mode 0700.
    pub state_dir: PathBuf,
    /// The one trust domain. A store that belongs to another is refused.
    pub trust_domain: TrustDomain,
    /// How long an SVID is valid; at least [`MIN_SVID_TTL`].
    pub svid_ttl: Duration,
    /// The DNS names and IP addresses that the edge certificate carries, and no others.
    pub edge_names: Vec<String>,
    /// DNS names and IP addresses of the control plane itself: foreign xDS clients check these beside
    /// the SPIFFE ID.
    pub names: Vec<String>,
    /// Where Prometheus metrics are shown, the file `metrics-address` says where exactly; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// How long an instance that is remembered from before a restart stays an endpoint without having
    /// been heard of.
    pub relearn_grace: Duration,
    /// For how long a method counts as in use after a call of it, and after its consumer first said that it
    /// consumes the contract; [`USAGE_WINDOW`] by default. New versions break no method that is in use.
    pub usage_window: Duration,
    /// For how long an instance that left, with a farewell or without one, counts for those who would break it, or it
    /// them; [`LINGER`] by default.
    pub linger: Duration,
}
