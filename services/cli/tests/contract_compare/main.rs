//! `treaty contract breaking`, `diff` and `export`, as a user types them, and everything that they read from.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where"
)]

mod breaking;
mod diff;
mod export;
mod git;
mod hook;
mod images;
mod printing;
mod servers;
mod support;
