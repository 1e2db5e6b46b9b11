//! Messages that show a finding: values, how a writer encodes them, and what a reader makes of them.

pub(crate) mod binary;
pub(crate) mod json;
pub(crate) mod missing;
pub(crate) mod read;
pub(crate) mod text;
pub(crate) mod value;
