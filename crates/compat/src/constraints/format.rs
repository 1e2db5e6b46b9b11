//! Well-known formats of strings: what is in them, which lies within which, how long they are.

use validate::formats::{self, IpVersion};

/// A well-known format: the number of its rule in `buf.validate.StringRules`, told apart further where one
/// rule stands for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) number: u32,
    pub(super) variant: Variant,
}

/// What else a rule says about its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Only,
    HeaderName,
    LooseHeaderName,
    HeaderValue,
    LooseHeaderValue,
}

/// The oneof `StringRules.well_known`.
pub(super) const WELL_KNOWN: [u32; 21] =
    [12, 13, 14, 15, 16, 17, 18, 21, 22, HEADER, 26, 27, 28, 29, 30, 31, 32, 33, 35, 37, 38];
/// `well_known_regex`.
pub(super) const HEADER: u32 = 24;

/// Number, name, test, shortest, longest (in bytes; 0: no end), examples.
type Row = (u32, &'static str, fn(&str) -> bool, u64, u64, &'static [&'static str]);

#[rustfmt::skip]
const TABLE: [Row; 20] = [
    (12, "email", formats::is_email, 3, 0, &["a@b.example", "first.last+tag@mail.example.com"]),
    (13, "hostname", formats::is_hostname, 1, 254, &["a", "a.example", "a-1.example.", "1a.b"]),
    (14, "ip", |text| formats::is_ip(text, IpVersion::Any), 2, 0, &["192.0.2.1", "2001:db8::1", "fe80::1%eth0"]),
    (15, "ipv4", |text| formats::is_ip(text, IpVersion::V4), 7, 15, &["1.1.1.1", "192.168.100.100"]),
    (16, "ipv6", |text| formats::is_ip(text, IpVersion::V6), 2, 0, &["::", "2001:db8::1", "fe80::1%eth0"]),
    (17, "uri", formats::is_uri, 2, 0, &["a:b", "https://a.example/b?c=d#e", "urn:a:b"]),
    (18, "uri_ref", formats::is_uri_ref, 0, 0, &["", "a", "/b?c=d", "//a.example", "https://a.example/"]),
    (21, "address", formats::is_address, 1, 0, &["a.example", "192.0.2.1", "2001:db8::1", "a."]),
    (22, "uuid", formats::is_uuid, 36, 36, &["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"]),
    (26, "ip_with_prefixlen", |text| formats::is_ip_prefix(text, IpVersion::Any, false), 4, 0, &["192.0.2.1/24", "2001:db8::1/64"]),
    (27, "ipv4_with_prefixlen", |text| formats::is_ip_prefix(text, IpVersion::V4, false), 9, 18, &["192.0.2.1/24", "1.1.1.1/0"]),
    (28, "ipv6_with_prefixlen", |text| formats::is_ip_prefix(text, IpVersion::V6, false), 4, 0, &["2001:db8::1/64"]),
    (29, "ip_prefix", |text| formats::is_ip_prefix(text, IpVersion::Any, true), 4, 0, &["192.0.2.0/24", "2001:db8::/64"]),
    (30, "ipv4_prefix", |text| formats::is_ip_prefix(text, IpVersion::V4, true), 9, 18, &["192.0.2.0/24", "0.0.0.0/0"]),
    (31, "ipv6_prefix", |text| formats::is_ip_prefix(text, IpVersion::V6, true), 4, 0, &["2001:db8::/64", "::/0"]),
    (32, "host_and_port", |text| formats::is_host_and_port(text, true), 3, 0, &["a:1", "192.0.2.1:80", "[::1]:443"]),
    (33, "tuuid", formats::is_tuuid, 32, 32, &["123e4567e89b12d3a456426614174000"]),
    (35, "ulid", formats::is_ulid, 26, 26, &["01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
    (37, "protobuf_fqn", formats::is_fqn, 1, 0, &["a", "a.b.C"]),
    (38, "protobuf_dot_fqn", formats::is_dotted_fqn, 2, 0, &[".a", ".a.b.C"]),
];

/// Each lies within those that follow it.
const WITHIN: [(u32, &[u32]); 11] = [
    (13, &[21]),
    (14, &[21]),
    (15, &[14, 21]),
    (16, &[14, 21]),
    (17, &[18]),
    (27, &[26]),
    (28, &[26]),
    (29, &[26]),
    (30, &[29, 27, 26]),
    (31, &[29, 28, 26]),
    (37, &[18]),
];

impl Format {
    pub(super) const fn of(number: u32) -> Self {
        Self { number, variant: Variant::Only }
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.0 == self.number)
    }

    /// As the rule is called: "email", "well_known_regex".
    pub(super) fn name(self) -> &'static str {
        self.row().map_or("well_known_regex", |row| row.1)
    }

    pub(super) fn holds(self, text: &str) -> bool {
        match self.variant {
            Variant::HeaderName => formats::is_header_name(text),
            Variant::LooseHeaderName => formats::is_loose_header_name(text),
            Variant::HeaderValue => formats::is_header_value(text),
            Variant::LooseHeaderValue => formats::is_loose_header_value(text),
            Variant::Only => self.row().is_none_or(|row| (row.2)(text)),
        }
    }

    /// Whether every text of this format is one of the other: what is known for sure.
    pub(super) fn is_within(self, other: Self) -> bool {
        use Variant::{HeaderName, HeaderValue, LooseHeaderName, LooseHeaderValue, Only};
        match (self.variant, other.variant) {
            (Only, Only) => {
                self.number == other.number
                    || WITHIN
                        .iter()
                        .any(|(one, others)| *one == self.number && others.contains(&other.number))
            }
            (HeaderName, LooseHeaderName) | (HeaderValue, LooseHeaderValue) => true,
            (one, another) => one == another,
        }
    }

    /// The shortest and the longest that there are, in bytes, as far as it is known.
    pub(super) fn lengths(self) -> (u64, Option<u64>) {
        match (self.variant, self.row()) {
            (Variant::Only, Some(row)) => (row.3, Some(row.4).filter(|most| *most > 0)),
            (Variant::HeaderName | Variant::LooseHeaderName, _) => (1, None),
            _ => (0, None),
        }
    }

    /// Texts of the format: short ones, and one of each length asked for where that is easy.
    pub(super) fn samples(self, lengths: &[u64]) -> Vec<String> {
        let plain = match self.variant {
            Variant::Only => self.row().map_or(&[][..], |row| row.5),
            Variant::HeaderName => &["a", ":method"],
            Variant::LooseHeaderName => &["a", "a b"],
            Variant::HeaderValue | Variant::LooseHeaderValue => &["", "a", "a b"],
        };
        let short = plain.iter().map(|text| (*text).to_owned());
        let long = lengths.iter().filter_map(|length| usize::try_from(*length).ok());
        let long =
            long.filter(|length| *length <= super::octets::LONGEST).flat_map(|length| self.long(length));
        short.chain(long).filter(|text| self.holds(text)).collect()
    }

    fn long(self, length: usize) -> Option<String> {
        let filled = |head: &str, tail: &str| {
            let room = length.checked_sub(head.len() + tail.len()).filter(|room| *room > 0)?;
            Some(format!("{head}{}{tail}", "a".repeat(room)))
        };
        match (self.variant, self.number) {
            (Variant::Only, 12) => filled("", "@b.example"),
            (Variant::Only, 13 | 21) => Some(labels(length)),
            (Variant::Only, 14 | 16) => filled("fe80::1%", ""),
            (Variant::Only, 17) => filled("a:", ""),
            (Variant::Only, 32) => length.checked_sub(2).map(|length| format!("{}:1", labels(length))),
            (Variant::Only, 38) => filled(".", ""),
            _ => filled("", ""),
        }
    }
}

/// A host name of this length: labels of 63 letters.
fn labels(length: usize) -> String {
    let mut name: String = (0..length).map(|at| if at % 64 == 63 { '.' } else { 'a' }).collect();
    if name.ends_with('.') {
        name.pop();
        name.push('a');
        // A label of 64 letters is none: end the one before it sooner.
        if let Some(start) = name.len().checked_sub(2) {
            name.replace_range(start..=start, ".");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Format> {
        let headers =
            [Variant::HeaderName, Variant::LooseHeaderName, Variant::HeaderValue, Variant::LooseHeaderValue];
        let headers = headers.into_iter().map(|variant| Format { number: HEADER, variant });
        TABLE.iter().map(|row| Format::of(row.0)).chain(headers).collect()
    }

    #[test]
    fn samples_are_of_their_format_and_of_those_it_lies_within() {
        for format in all() {
            let samples = format.samples(&[1, 5, 40, 64, 65, 128, 200, 253]);
            assert!(!samples.is_empty(), "{}", format.name());
            let (least, most) = format.lengths();
            for text in &samples {
                assert!(text.len() as u64 >= least, "{text:?} is too short for {}", format.name());
                assert!(most.is_none_or(|most| text.len() as u64 <= most), "{text:?}");
                for other in all().into_iter().filter(|other| format.is_within(*other)) {
                    assert!(other.holds(text), "{text:?} is {} and no {}", format.name(), other.name());
                }
            }
        }
    }
}
