//! What this crate promises, over loopback.

mod endings;
mod refusals;
mod rotation;
mod strangers;
mod world;
