//! What this crate promises, over loopback.

mod endings;
mod refusals;
mod rotation;
mod world;
