//! Messages held against the rules of `buf.validate` that their contract carries, as their bytes pass.
//!
//! A message is held back until it is whole, judged, and passed on as it came: nothing is decoded. Methods
//! whose messages have no rules are not looked at.

mod body;
mod door;
mod judge;
mod refusal;
mod rulebook;
mod shorten;
#[cfg(test)]
mod tests;
mod verdict;
mod watched;

pub use door::{Door, Passage};
pub use rulebook::{Rulebook, RulebookError};

pub(crate) use body::Judged;
pub(crate) use judge::Judge;
pub(crate) use verdict::Verdict;
pub(crate) use watched::Watched;
