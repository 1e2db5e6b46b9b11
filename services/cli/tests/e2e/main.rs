//! The mesh end to end: real processes, real sockets, real mTLS, on loopback.

mod denial;
mod faults;
mod foreign;
mod hostile;
mod lifecycle;
mod orders;
mod rotation;
mod support;
mod traces;
mod traffic;
