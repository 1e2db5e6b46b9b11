//! Plausible messages: made from a contract alone, obeying the rules of `buf.validate` that it carries.
//!
//! A [`Sampler`] makes messages of any type of a schema. What a field is called, and what its comment says by
//! way of example, decides what stands in it; a seed decides between what is equally plausible, so that the
//! same seed gives the same bytes. Every message is held against the rules before it is given away.
//!
//! Pure: a schema, a seed and a time in, a message out. This crate knows no services and no sockets, and it
//! promises nothing about a message but that it is valid: not that anybody's code would have sent it.

mod author;
mod coherent;
mod dice;
mod error;
mod json;
mod like;
mod limits;
mod pattern;
pub mod rules;
mod sampler;
pub mod tree;
mod values;

pub use error::SampleError;
pub use json::json;
pub use sampler::{Role, Sample, Sampler, Wish};
