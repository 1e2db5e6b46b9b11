//! Rules of strings on bytes that are no UTF-8, which a schema need not demand (proto2, `utf8_validation = NONE`): they
//! are judged as Go judges them. Lengths, parts and constants are those of the bytes; each byte that belongs to no
//! character is one, which a pattern or format reads as U+FFFD.

use super::{SiteId, Text};
use crate::steps::{Exhausted, Steps};
use memchr::memmem;
use std::borrow::Cow;

impl Text {
    /// As [`Text::broken`], of a string that is no UTF-8. Only patterns and formats allocate.
    #[cold]
    pub(crate) fn broken_by_octets(
        &self,
        octets: &[u8],
        site: SiteId,
        steps: &mut Steps,
    ) -> Result<Option<SiteId>, Exhausted> {
        let find = |list: &[String]| list.binary_search_by(|entry| entry.as_bytes().cmp(octets)).is_ok();
        let holds = match self {
            Self::Const(constant) => octets == constant.as_bytes(),
            Self::Characters(within) => within.holds(characters(octets)),
            Self::Bytes(within) => within.holds(octets.len() as u64),
            Self::Pattern(pattern) => pattern.is_match_within(&readable(octets), steps)?,
            Self::Prefix(prefix) => octets.starts_with(prefix.as_bytes()),
            Self::Suffix(suffix) => octets.ends_with(suffix.as_bytes()),
            Self::Contains(part) => memmem::find(octets, part.as_bytes()).is_some(),
            Self::NotContains(part) => memmem::find(octets, part.as_bytes()).is_none(),
            Self::In(list) => find(list),
            Self::NotIn(list) => !find(list),
            Self::Format(format, _) => format(&readable(octets)),
        };
        Ok((!holds).then_some(site))
    }
}

fn characters(octets: &[u8]) -> u64 {
    octets.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum::<usize>()
        as u64
}

/// The text, with U+FFFD for each byte that belongs to no character.
pub(crate) fn readable(octets: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(octets) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_that_is_no_character_is_one() {
        for (octets, length, text) in [
            (&b"\xff"[..], 1, "\u{fffd}"),
            (b"\xe2\x82", 2, "\u{fffd}\u{fffd}"),
            (b"\xed\xa0\x80", 3, "\u{fffd}\u{fffd}\u{fffd}"),
            (b"a\xc3\xa9\xc3", 3, "a\u{e9}\u{fffd}"),
            (b"ok", 2, "ok"),
        ] {
            assert_eq!((characters(octets), &*readable(octets)), (length, text), "{octets:?}");
        }
    }
}
