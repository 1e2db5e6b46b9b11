//! May a consumer keep calling a provider? Two descriptor sets in, an explained verdict out.
//!
//! Plain checkers compare two schemas and ask whether anybody *could* break. This crate compares one caller's
//! view of a service with what its provider serves: what one side writes must mean the same to the side that
//! reads it, in the binary encoding and in JSON. Every [`Finding`] carries both declarations with their places,
//! the values it holds for, bytes that show it, and what would make it safe. `docs/compatibility.md` is the
//! specification.
//!
//! Pure: it opens no socket, reads no clock and holds nothing between two questions. It does not know who is
//! alive, and it refuses nobody: what a finding means for a roll-out is the control plane's decision.

mod constraints;
mod example;
mod finding;
mod history;
mod http;
mod judge;
mod level;
mod methods;
mod party;
mod policy;
pub mod rules;
mod settings;
mod structure;

pub use constraints::{Contradiction, contradictions};
pub use finding::{Bound, Declaration, Example, Finding};
pub use history::History;
pub use judge::{MethodVerdict, Verdict, breaking, judge};
pub use level::{Direction, Encoding, Level};
pub use party::Party;
pub use policy::{admits, lowered_limits, sunset_passed};
pub use settings::{Date, Encodings, JsonReaders, Settings, Usage};
pub use structure::{MAX_FINDINGS, all_types, compare};
