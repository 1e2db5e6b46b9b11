//! The standard rules, as tests of one value each. None of them allocates.
//!
//! What a rule says when it is broken depends on the rule alone, never on the value: it is written once,
//! into a [`Site`], when the program is compiled.

mod bytes;
mod mask;
mod number;
mod octets;
mod text;
mod time;

pub(crate) use bytes::{Blob, Verdict};
pub(crate) use mask::{Mask, Paths};
pub(crate) use number::{Bound, Listed, Number, Ordered};
pub(crate) use octets::readable;
pub(crate) use text::{Text, Within};
pub(crate) use time::Moment;

use crate::violation::FieldPath;
use contract::Origin;

/// Names a [`Site`] of a program.
pub(crate) type SiteId = u32;

/// What a broken rule is reported with.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Its path within `buf.validate.FieldRules`.
    pub(crate) rule: FieldPath,
    pub(crate) rule_id: String,
    pub(crate) message: String,
    pub(crate) origin: Origin,
}

/// The standard rules of one value, each with its site.
#[derive(Clone, Debug, Default)]
pub(crate) enum Checks {
    #[default]
    None,
    Bool(Vec<(Number<bool>, SiteId)>),
    Int(Vec<(Number<i64>, SiteId)>),
    Uint(Vec<(Number<u64>, SiteId)>),
    Double(Vec<(Number<f64>, SiteId)>),
    /// The numbers that are defined, for `defined_only`, and the other rules.
    Enum(Option<(Vec<i32>, SiteId)>, Vec<(Number<i64>, SiteId)>),
    Text(Vec<(Text, SiteId)>),
    Blob(Vec<(Blob, SiteId)>),
    /// In nanoseconds.
    Duration(Vec<(Number<i128>, SiteId)>),
    /// In nanoseconds since 1970.
    Timestamp(Vec<(Moment, SiteId)>),
    Mask(Vec<(Mask, SiteId)>),
    /// On the type URL.
    Any(Vec<(Text, SiteId)>),
}

impl Checks {
    pub(crate) fn is_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::Bool(checks) => checks.is_empty(),
            Self::Int(checks) => checks.is_empty(),
            Self::Uint(checks) => checks.is_empty(),
            Self::Double(checks) => checks.is_empty(),
            Self::Enum(defined, checks) => defined.is_none() && checks.is_empty(),
            Self::Text(checks) | Self::Any(checks) => checks.is_empty(),
            Self::Blob(checks) => checks.is_empty(),
            Self::Duration(checks) => checks.is_empty(),
            Self::Timestamp(checks) => checks.is_empty(),
            Self::Mask(checks) => checks.is_empty(),
        }
    }

    /// Where each of them is written.
    pub(crate) fn sites(&self) -> Vec<SiteId> {
        fn of<T>(checks: &[(T, SiteId)]) -> Vec<SiteId> {
            checks.iter().map(|(_, site)| *site).collect()
        }
        match self {
            Self::None => Vec::new(),
            Self::Bool(checks) => of(checks),
            Self::Int(checks) => of(checks),
            Self::Uint(checks) => of(checks),
            Self::Double(checks) => of(checks),
            Self::Enum(defined, checks) => defined.iter().map(|(_, site)| *site).chain(of(checks)).collect(),
            Self::Text(checks) | Self::Any(checks) => of(checks),
            Self::Blob(checks) => of(checks),
            Self::Duration(checks) => of(checks),
            Self::Timestamp(checks) => of(checks),
            Self::Mask(checks) => of(checks),
        }
    }
}
