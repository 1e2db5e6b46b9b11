//! What the shop's services have in common beneath their business: a SQLite file with its own thread,
//! page tokens, resource names, complaints about input, statuses with details, and starting up.
//!
//! It knows no product, no stock and no order, and no contract of the shop. Each service has its own
//! file; nothing here lets one see another's.

mod database;
pub mod input;
pub mod name;
mod page;
mod process;
pub mod status;
pub mod time;

pub use database::{Database, DatabaseError, OpenError};
pub use page::{Page, PageError};
pub use process::{Place, ProcessError, data_file, fail, standalone};

/// The `domain` of every `google.rpc.ErrorInfo` that the shop makes.
pub const DOMAIN: &str = "shop";
