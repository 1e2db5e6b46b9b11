//! Rules of bytes.

use super::{SiteId, Within};
use crate::{
    pattern::Pattern,
    steps::{Exhausted, Steps},
};
use memchr::memmem::Finder;

/// A rule of bytes.
#[derive(Clone, Debug)]
pub(crate) enum Blob {
    Const(Vec<u8>),
    Length(Within),
    /// On bytes that are UTF-8; others cannot be judged.
    Pattern(Pattern),
    Prefix(Vec<u8>),
    Suffix(Vec<u8>),
    Contains(Box<Finder<'static>>),
    /// Sorted.
    In(Vec<Vec<u8>>),
    /// Sorted.
    NotIn(Vec<Vec<u8>>),
    /// A well-known format by the lengths it may have, and the site of "it is empty".
    Format(&'static [usize], SiteId),
}

/// What a rule says of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Broken(SiteId),
    /// A pattern on bytes that are no UTF-8.
    NotText,
}

impl Blob {
    pub(crate) fn judge(&self, bytes: &[u8], site: SiteId, steps: &mut Steps) -> Result<Verdict, Exhausted> {
        let holds = match self {
            Self::Const(constant) => bytes == constant,
            Self::Length(within) => within.holds(bytes.len() as u64),
            Self::Pattern(pattern) => match std::str::from_utf8(bytes) {
                Ok(text) => pattern.is_match_within(text, steps)?,
                Err(_) => return Ok(Verdict::NotText),
            },
            Self::Prefix(prefix) => bytes.starts_with(prefix),
            Self::Suffix(suffix) => bytes.ends_with(suffix),
            Self::Contains(part) => part.find(bytes).is_some(),
            Self::In(list) => has(list, bytes),
            Self::NotIn(list) => !has(list, bytes),
            Self::Format(_, empty) if bytes.is_empty() => return Ok(Verdict::Broken(*empty)),
            Self::Format(lengths, _) => lengths.contains(&bytes.len()),
        };
        Ok(if holds { Verdict::Holds } else { Verdict::Broken(site) })
    }
}

fn has(list: &[Vec<u8>], bytes: &[u8]) -> bool {
    list.binary_search_by(|entry| entry.as_slice().cmp(bytes)).is_ok()
}
