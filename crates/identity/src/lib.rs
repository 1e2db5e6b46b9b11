//! Who somebody is: SPIFFE identities, X.509-SVIDs, the trust bundle that proves them, the authority
//! that issues them, join tokens, and when to renew.
//!
//! Pure: time and key material are arguments or results; no socket, no clock, no file. It authenticates
//! nobody by itself (`transport` does, in the handshake) and decides nothing about what an identity may do.

mod names;

pub use names::{NameError, SpiffeId, TrustDomain, WorkloadId};
