//! Rules of strings.

use super::SiteId;
use crate::{
    pattern::Pattern,
    steps::{Exhausted, Steps},
};

/// A rule of a string. Lengths count characters (Unicode code points), or bytes.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Const(String),
    Characters(Within),
    Bytes(Within),
    Pattern(Pattern),
    Prefix(String),
    Suffix(String),
    Contains(String),
    NotContains(String),
    /// Sorted.
    In(Vec<String>),
    /// Sorted.
    NotIn(Vec<String>),
    /// A well-known format; where the empty string is told apart, the site of that.
    Format(fn(&str) -> bool, Option<SiteId>),
}

/// A length: exactly, at least, at most.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Within {
    Exactly(u64),
    AtLeast(u64),
    AtMost(u64),
}

impl Text {
    /// The site of what is broken, which is `site` unless the rule has a second one.
    #[inline]
    pub(crate) fn broken(
        &self,
        text: &str,
        site: SiteId,
        steps: &mut Steps,
    ) -> Result<Option<SiteId>, Exhausted> {
        let holds = match self {
            Self::Const(constant) => text == constant,
            Self::Characters(within) => within.holds_characters(text),
            Self::Bytes(within) => within.holds(text.len() as u64),
            Self::Pattern(pattern) => pattern.is_match_within(text, steps)?,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::NotContains(part) => !text.contains(part.as_str()),
            Self::In(list) => list.binary_search_by(|entry| entry.as_str().cmp(text)).is_ok(),
            Self::NotIn(list) => list.binary_search_by(|entry| entry.as_str().cmp(text)).is_err(),
            Self::Format(_, Some(empty)) if text.is_empty() => return Ok(Some(*empty)),
            Self::Format(format, _) => format(text),
        };
        Ok((!holds).then_some(site))
    }
}

impl Within {
    #[inline]
    pub(crate) const fn holds(self, length: u64) -> bool {
        match self {
            Self::Exactly(wanted) => length == wanted,
            Self::AtLeast(least) => length >= least,
            Self::AtMost(most) => length <= most,
        }
    }

    /// A character has one to four bytes: often the bytes decide, and nothing need be counted.
    #[inline]
    fn holds_characters(self, text: &str) -> bool {
        let bytes = text.len() as u64;
        match self {
            Self::AtLeast(least) if bytes < least => false,
            Self::AtLeast(least) if bytes.div_ceil(4) >= least => true,
            Self::AtMost(most) if bytes <= most => true,
            Self::AtMost(most) if bytes.div_ceil(4) > most => false,
            Self::Exactly(wanted) if bytes < wanted || bytes.div_ceil(4) > wanted => false,
            within => within.holds(text.chars().count() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn characters_are_counted_as_chars_are(text in "[a-zé€𝄞]{0,12}", limit in 0_u64..14) {
            let length = text.chars().count() as u64;
            prop_assert_eq!(Within::AtLeast(limit).holds_characters(&text), length >= limit);
            prop_assert_eq!(Within::AtMost(limit).holds_characters(&text), length <= limit);
            prop_assert_eq!(Within::Exactly(limit).holds_characters(&text), length == limit);
        }
    }
}
