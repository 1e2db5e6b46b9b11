//! Providers and consumers over loopback, with real mutual TLS: what the mesh promises to both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access;
mod deadlines;
mod echo;
mod endpoints;
mod metadata;
mod retries;
mod streams;
mod usage;
mod world;
