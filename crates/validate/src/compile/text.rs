//! Rules of strings.

use super::{
    Compiler, display,
    number::Checks,
    options::Rules,
    standard::{Family, types},
};
use crate::{
    failure::CompileError,
    formats::{self, IpVersion},
    rules::{SiteId, Text, Within},
    violation::PathElement,
};

/// The numbers that [`Compiler::text`] reads.
pub(super) const KNOWN: [u32; 36] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32, 33, 35, 37, 38,
];

/// The oneof `StringRules.well_known`.
const WELL_KNOWN: [u32; 21] =
    [12, 13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 37, 38];
const WELL_KNOWN_REGEX: u32 = 24;

/// A well-known format: number, name, what a valid value is called, the test, and whether the empty string
/// is told apart.
type Format = (u32, &'static str, &'static str, fn(&str) -> bool, bool);

#[rustfmt::skip]
const FORMATS: [Format; 20] = [
    (12, "email", "email address", formats::is_email, true),
    (13, "hostname", "hostname", formats::is_hostname, true),
    (14, "ip", "IP address", |text| formats::is_ip(text, IpVersion::Any), true),
    (15, "ipv4", "IPv4 address", |text| formats::is_ip(text, IpVersion::V4), true),
    (16, "ipv6", "IPv6 address", |text| formats::is_ip(text, IpVersion::V6), true),
    (17, "uri", "URI", formats::is_uri, true),
    (18, "uri_ref", "URI Reference", formats::is_uri_ref, false),
    (21, "address", "hostname, or ip address", formats::is_address, true),
    (22, "uuid", "UUID", formats::is_uuid, true),
    (26, "ip_with_prefixlen", "IP prefix", |text| formats::is_ip_prefix(text, IpVersion::Any, false), true),
    (27, "ipv4_with_prefixlen", "IPv4 address with prefix length",
        |text| formats::is_ip_prefix(text, IpVersion::V4, false), true),
    (28, "ipv6_with_prefixlen", "IPv6 address with prefix length",
        |text| formats::is_ip_prefix(text, IpVersion::V6, false), true),
    (29, "ip_prefix", "IP prefix", |text| formats::is_ip_prefix(text, IpVersion::Any, true), true),
    (30, "ipv4_prefix", "IPv4 prefix", |text| formats::is_ip_prefix(text, IpVersion::V4, true), true),
    (31, "ipv6_prefix", "IPv6 prefix", |text| formats::is_ip_prefix(text, IpVersion::V6, true), true),
    (32, "host_and_port", "host (hostname or IP address) and port pair",
        |text| formats::is_host_and_port(text, true), true),
    (33, "tuuid", "trimmed UUID", formats::is_tuuid, true),
    (35, "ulid", "ULID", formats::is_ulid, true),
    (37, "protobuf_fqn", "fully-qualified Protobuf name", formats::is_fqn, true),
    (38, "protobuf_dot_fqn", "fully-qualified Protobuf name with a leading dot", formats::is_dotted_fqn, true),
];

/// Lengths: number, name, what is counted, and how.
type Length = (u32, &'static str, &'static str, fn(u64) -> Text, &'static str);

const LENGTHS: [Length; 6] = [
    (19, "len", "must be", |length| Text::Characters(Within::Exactly(length)), "characters"),
    (2, "min_len", "must be at least", |length| Text::Characters(Within::AtLeast(length)), "characters"),
    (3, "max_len", "must be at most", |length| Text::Characters(Within::AtMost(length)), "characters"),
    (20, "len_bytes", "must be", |length| Text::Bytes(Within::Exactly(length)), "bytes"),
    (4, "min_bytes", "must be at least", |length| Text::Bytes(Within::AtLeast(length)), "bytes"),
    (5, "max_bytes", "must be at most", |length| Text::Bytes(Within::AtMost(length)), "bytes"),
];

/// Parts: number, name, and what is said where the rule is broken.
type Part = (u32, &'static str, &'static str, fn(String) -> Text);

const PARTS: [Part; 5] = [
    (1, "const", "must equal", Text::Const),
    (7, "prefix", "does not have prefix", Text::Prefix),
    (8, "suffix", "does not have suffix", Text::Suffix),
    (9, "contains", "does not contain substring", Text::Contains),
    (23, "not_contains", "contains substring", Text::NotContains),
];

impl<'s> Compiler<'s> {
    /// The rules of a string.
    pub(super) fn text(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Text>, CompileError> {
        let mut checks = Vec::new();
        for (number, name, words, check, unit) in LENGTHS {
            if let Some(length) = rules.count(number) {
                let site = Said { number, name, type_number: types::UINT64, id: name };
                let message = format!("{words} {length} {unit}");
                checks.push((check(length), self.said(family, rules, prefix, site, message)));
            }
        }
        for (number, name, words, check) in PARTS {
            if let Some(part) = rules.text(number) {
                let site = Said { number, name, type_number: types::STRING, id: name };
                let message = format!("{words} `{part}`");
                checks.push((check(part), self.said(family, rules, prefix, site, message)));
            }
        }
        if let Some(text) = rules.text(6) {
            let pattern =
                self.patterns.compile(&text).map_err(|reason| rules.place.within(6).error(reason))?;
            let site = Said { number: 6, name: "pattern", type_number: types::STRING, id: "pattern" };
            let message = format!("does not match regex pattern `{text}`");
            checks.push((Text::Pattern(pattern), self.said(family, rules, prefix, site, message)));
        }
        for (number, name, words) in [(10, "in", "must be"), (11, "not_in", "must not be")] {
            let mut list = rules.texts(number);
            if list.is_empty() {
                continue;
            }
            let message = format!("{words} in list {}", display::list(&list, String::clone));
            list.sort_unstable();
            let check = if number == 10 { Text::In(list) } else { Text::NotIn(list) };
            let site = Said { number, name, type_number: types::STRING, id: name };
            checks.push((check, self.said(family, rules, prefix, site, message)));
        }
        checks.extend(self.format(family, rules, prefix));
        Ok(checks)
    }

    /// The oneof `well_known`.
    fn format(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Option<(Text, SiteId)> {
        let number = rules.chosen(&WELL_KNOWN).find(|number| rules.count(*number).is_some())?;
        if number == WELL_KNOWN_REGEX {
            return self.header(family, rules, prefix);
        }
        let (_, name, what, test, empty) = *FORMATS.iter().find(|format| format.0 == number)?;
        if rules.flag(number) != Some(true) {
            return None;
        }
        let (type_number, id) = (types::BOOL, format!("{name}_empty"));
        let said = Said { number, name, type_number, id: name };
        let site = self.said(family, rules, prefix, said, format!("must be a valid {what}"));
        // The one place where the words differ.
        let what = if number == 32 { "host and port pair" } else { what };
        let message = format!("value is empty, which is not a valid {what}");
        let said = Said { number, name, type_number, id: &id };
        let empty = empty.then(|| self.said(family, rules, prefix, said, message));
        Some((Text::Format(test, empty), site))
    }

    /// `well_known_regex`: names and values of HTTP headers.
    fn header(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Option<(Text, SiteId)> {
        let strict = rules.flag(25).unwrap_or(true);
        let said =
            |id| Said { number: WELL_KNOWN_REGEX, name: "well_known_regex", type_number: types::ENUM, id };
        match rules.count(WELL_KNOWN_REGEX)? {
            1 => {
                let test = if strict { formats::is_header_name } else { formats::is_loose_header_name };
                let message = "must be a valid HTTP header name".to_owned();
                let id = "well_known_regex.header_name";
                let site = self.said(family, rules, prefix, said(id), message);
                let message = "value is empty, which is not a valid HTTP header name".to_owned();
                let id = "well_known_regex.header_name_empty";
                let empty = self.said(family, rules, prefix, said(id), message);
                Some((Text::Format(test, Some(empty)), site))
            }
            2 => {
                let test = if strict { formats::is_header_value } else { formats::is_loose_header_value };
                let message = "must be a valid HTTP header value".to_owned();
                let id = "well_known_regex.header_value";
                Some((Text::Format(test, None), self.said(family, rules, prefix, said(id), message)))
            }
            _ => None,
        }
    }

    /// The site of one rule of a family.
    pub(super) fn said(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
        said: Said<'_>,
        message: String,
    ) -> SiteId {
        let path = [prefix, &family.path(said.number, said.name, said.type_number)].concat();
        let id = format!("{}.{}", family.name, said.id);
        self.site(path, id, message, &rules.place.within(said.number))
    }
}

/// Which rule of a family, and what its violations are called.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) number: u32,
    pub(super) name: &'a str,
    pub(super) type_number: i32,
    pub(super) id: &'a str,
}
