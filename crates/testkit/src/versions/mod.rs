//! Versions of a file that follow each other: random ones, and random changes of every kind that a comparison
//! of contracts has a row for. Whoever holds verdicts against a runtime, or against another checker, starts
//! here.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    reason = "a model that only its tests read: its words are protobuf's own"
)]

mod change;
mod choices;
mod differences;
mod grow;
mod model;
mod node;
mod places;
mod same;
mod values;

pub use change::{CHANGES, Change, change};
pub use choices::{Choices, bytes};
pub use differences::{Difference, Place, differences};
pub use grow::grow;
pub use model::{Enum, Field, File, Kind, Label, Message};
pub use node::Node;
pub use places::{place, places};
pub use values::random;
