//! Rules of bytes.

use super::{
    Compiler, display,
    number::Checks,
    options::Rules,
    standard::{Family, types},
    text::Said,
};
use crate::{
    failure::CompileError,
    rules::{Blob, SiteId, Within},
    violation::PathElement,
};
use memchr::memmem::Finder;

/// The numbers that [`Compiler::blob`] reads.
pub(super) const KNOWN: [u32; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15];

/// The oneof `BytesRules.well_known`: number, name, what a valid value is called, and its lengths.
const FORMATS: [(u32, &str, &str, &[usize]); 4] = [
    (10, "ip", "IP address", &[4, 16]),
    (11, "ipv4", "IPv4 address", &[4]),
    (12, "ipv6", "IPv6 address", &[16]),
    (15, "uuid", "UUID", &[16]),
];

/// Parts: number, name, and what is said where the rule is broken.
type Part = (u32, &'static str, &'static str, fn(Vec<u8>) -> Blob);

const PARTS: [Part; 4] = [
    (1, "const", "must be", Blob::Const),
    (5, "prefix", "does not have prefix", Blob::Prefix),
    (6, "suffix", "does not have suffix", Blob::Suffix),
    (7, "contains", "does not contain", |part| Blob::Contains(Box::new(Finder::new(&part).into_owned()))),
];

/// Lengths: number, name, what is said where the rule is broken, and the rule.
type Length = (u32, &'static str, &'static str, fn(u64) -> Within);

const LENGTHS: [Length; 3] = [
    (13, "len", "must be", Within::Exactly),
    (2, "min_len", "must be at least", Within::AtLeast),
    (3, "max_len", "must be at most", Within::AtMost),
];

impl<'s> Compiler<'s> {
    /// The rules of bytes.
    pub(super) fn blob(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Blob>, CompileError> {
        let mut checks = Vec::new();
        for (number, name, words, within) in LENGTHS {
            if let Some(length) = rules.count(number) {
                let said = Said { number, name, type_number: types::UINT64, id: name };
                let message = format!("{words} {length} bytes");
                checks.push((Blob::Length(within(length)), self.said(family, rules, prefix, said, message)));
            }
        }
        for (number, name, words, check) in PARTS {
            if let Some(part) = rules.blobs(number).pop() {
                let said = Said { number, name, type_number: types::BYTES, id: name };
                let message = format!("{words} {}", display::hex(&part));
                checks.push((check(part), self.said(family, rules, prefix, said, message)));
            }
        }
        if let Some(text) = rules.text(4) {
            let pattern =
                self.patterns.compile(&text).map_err(|reason| rules.place.within(4).error(reason))?;
            let said = Said { number: 4, name: "pattern", type_number: types::STRING, id: "pattern" };
            let message = format!("must match regex pattern `{text}`");
            checks.push((Blob::Pattern(pattern), self.said(family, rules, prefix, said, message)));
        }
        for (number, name, words) in [(8, "in", "must be"), (9, "not_in", "must not be")] {
            let mut list = rules.blobs(number);
            if list.is_empty() {
                continue;
            }
            let shown = display::list(&list, |entry| String::from_utf8_lossy(entry).into_owned());
            list.sort_unstable();
            let check = if number == 8 { Blob::In(list) } else { Blob::NotIn(list) };
            let said = Said { number, name, type_number: types::BYTES, id: name };
            let message = format!("{words} in list {shown}");
            checks.push((check, self.said(family, rules, prefix, said, message)));
        }
        checks.extend(self.blob_format(family, rules, prefix));
        Ok(checks)
    }

    fn blob_format(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Option<(Blob, SiteId)> {
        let formats = FORMATS.map(|format| format.0);
        let chosen = rules.chosen(&formats).find(|number| rules.flag(*number).is_some())?;
        let (number, name, what, lengths) = *FORMATS.iter().find(|format| format.0 == chosen)?;
        if rules.flag(number) != Some(true) {
            return None;
        }
        let (type_number, id) = (types::BOOL, format!("{name}_empty"));
        let said = Said { number, name, type_number, id: name };
        let site = self.said(family, rules, prefix, said, format!("must be a valid {what}"));
        let message = format!("value is empty, which is not a valid {what}");
        let said = Said { number, name, type_number, id: &id };
        let empty = self.said(family, rules, prefix, said, message);
        Some((Blob::Format(lengths, empty), site))
    }
}
