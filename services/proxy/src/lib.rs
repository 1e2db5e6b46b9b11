//! The data plane as a process of its own. Today it has one face, the [`gateway`] at the edge.
//!
//! It forwards calls by the contract and adds none of its own: it does not authorise (the provider's stack
//! does, which sees the gateway's identity), and it neither decodes nor buffers a message.

pub mod gateway;
