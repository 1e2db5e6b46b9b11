//! Which rules hold, and what they say.

mod breaking;
pub(super) mod rules;
mod table;

pub(super) use table::settings_of;
pub(crate) use table::{ContractTable, TableError};
