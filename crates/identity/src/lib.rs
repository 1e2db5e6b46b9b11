//! Who somebody is: SPIFFE identities, X.509-SVIDs, the trust bundle that proves them, the authority
//! that issues them, join tokens, and when to renew.
//!
//! Pure: time and key material are arguments or results; no socket, no clock, no file. It authenticates
//! nobody by itself (`transport` does, in the handshake) and decides nothing about what an identity may do.

mod authority;
mod bundle;
mod csr;
mod key;
mod names;
mod peer;
pub mod pem;
pub mod rotation;
mod svid;
pub mod token;

pub use authority::{Authority, AuthorityError, AuthorityKind, IssueError, Name, Validity};
pub use bundle::{BundleError, TrustBundle};
pub use csr::{Csr, CsrError};
pub use key::{KeyError, PrivateKey};
pub use names::{NameError, SpiffeId, TrustDomain, WorkloadId};
pub use peer::Peer;
pub use svid::{SvidError, X509Svid, peer_id};
