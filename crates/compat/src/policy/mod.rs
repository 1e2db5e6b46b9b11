//! What a provider's policy takes away from a caller: admission, room, retries, time, what it may write and see.
//!
//! Contracts do not say how much of a limit a caller uses. A limit that fell is therefore Lossy and says from
//! where on; what shuts a caller out altogether is Breaking.

mod admission;
mod fields;
mod limits;
mod promises;
mod reached;
mod tries;

#[cfg(test)]
mod tests;

pub(crate) use admission::GATEWAY;
pub use admission::admits;
pub use limits::lowered_limits;
pub(crate) use promises::owner;
pub(crate) use promises::passed;
pub use promises::sunset_passed;

use crate::{finding::Declaration, finding::Finding, judge::Both};
use contract::Origin;

/// What the provider's policy no longer grants.
pub(crate) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let mut found = admission::changes(both);
    found.extend(limits::changes(both));
    found.extend(promises::changes(both));
    found.extend(fields::changes(both));
    found.extend(tries::changes(both.from.1, both.to.1));
    found
}

/// An option as it is written: `(treaty.v1.method).timeout = "1s"`.
fn said(name: &str, value: &str, origin: &Origin) -> Declaration {
    Declaration { text: format!("{name} = {value}"), origin: origin.clone() }
}
