//! Texts.

use super::{Hint, Want, example, words};
use crate::{dice::Dice, limits::BYTES, pattern::Shape};
use validate::{
    formats::{self, IpVersion},
    pattern::{self, Pattern},
};

/// How many variations of one text are tried.
const VARIATIONS: u32 = 12;

/// A text that obeys the standard rules, as far as one is found.
pub(crate) fn text(want: &Want<'_>, dice: &mut Dice) -> String {
    if let Some(constant) = want.said("const") {
        return constant.to_owned();
    }
    let judge = Judge::of(want);
    let listed: Vec<&str> = want.texts("in").into_iter().filter(|text| judge.holds(text)).collect();
    if let Some(one) =
        usize::try_from(want.theme).ok().and_then(|at| listed.get(at.checked_rem(listed.len())?))
    {
        return if want.wild == 0 {
            (*one).to_owned()
        } else {
            dice.pick(&listed).copied().unwrap_or(one).to_owned()
        };
    }
    let varied = if want.wild > 0 { varied(want, &judge, dice) } else { None };
    varied.or_else(|| plausible(want, &judge, dice)).unwrap_or_else(|| judge.fit(words::slug(want.theme)))
}

fn plausible(want: &Want<'_>, judge: &Judge<'_>, dice: &mut Dice) -> Option<String> {
    // A title for everything is better made up: an example is always the same one.
    let titles = ["display_name", "title", "description", "email"].contains(&want.name);
    let examples = example::texts(want.comment, want.theme);
    let from_comment = || examples.iter().find(|text| judge.holds(text)).cloned();
    let from_rule =
        || want.texts("example").into_iter().find(|text| judge.holds(text)).map(ToOwned::to_owned);
    let formatted = format(want, dice).filter(|text| judge.holds(text));
    let worded = |dice: &mut Dice| {
        let bare = words::text(want, dice);
        let behind_prefix =
            judge.shape.as_ref().map(|shape| format!("{}{}", shape.prefix, words::slug(want.theme)));
        let candidates = [Some(bare), behind_prefix, Some(words::slug(want.theme))].into_iter().flatten();
        candidates.map(|text| judge.fit(text)).find(|text| judge.holds(text))
    };
    let first = if titles { None } else { from_rule().or_else(from_comment) };
    first.or(formatted).or_else(|| worded(dice)).or_else(|| walked(judge, dice))
}

/// Something else that obeys: what expressions mention, small things, and what the pattern leads to.
fn varied(want: &Want<'_>, judge: &Judge<'_>, dice: &mut Dice) -> Option<String> {
    for _ in 0..VARIATIONS {
        let theme = dice.below(200);
        let text = match want.hint(dice) {
            Some(Hint::Text(text)) => match dice.below(4) {
                0 => format!("{text}{}", words::slug(theme)),
                1 => format!("{}{text}", words::slug(theme)),
                _ => text.clone(),
            },
            Some(Hint::Pattern(pattern)) => {
                let shape = Shape::of(pattern);
                let stretch = dice.index(VARIATIONS as usize) as u32;
                shape.and_then(|shape| shape.text(dice, stretch)).unwrap_or_default()
            }
            _ => match dice.below(6) {
                0 => String::new(),
                1 => ["a", "b", "0", "1", "A"].get(dice.index(5)).copied().unwrap_or_default().to_owned(),
                2 => format(want, dice).unwrap_or_default(),
                3 => "x".repeat(dice.index(40)),
                4 => judge.fit(words::text(&Want { theme, ..*want }, dice)),
                _ => walked(judge, dice).unwrap_or_default(),
            },
        };
        if judge.holds(&text) {
            return Some(text);
        }
        let text = judge.fit(text);
        if judge.holds(&text) {
            return Some(text);
        }
    }
    None
}

fn walked(judge: &Judge<'_>, dice: &mut Dice) -> Option<String> {
    let shape = judge.shape.as_ref()?;
    for stretch in 0..VARIATIONS * 4 {
        let text = shape.text(dice, stretch)?;
        if judge.holds(&text) {
            return Some(text);
        }
    }
    None
}

/// A text of the well-known format, if the rules name one.
fn format(want: &Want<'_>, dice: &mut Dice) -> Option<String> {
    const NAMES: [&str; 20] = [
        "email",
        "hostname",
        "ip",
        "ipv4",
        "ipv6",
        "uri",
        "uri_ref",
        "address",
        "uuid",
        "tuuid",
        "ip_with_prefixlen",
        "ipv4_with_prefixlen",
        "ipv6_with_prefixlen",
        "ip_prefix",
        "ipv4_prefix",
        "ipv6_prefix",
        "host_and_port",
        "ulid",
        "protobuf_fqn",
        "protobuf_dot_fqn",
    ];
    let slug = words::slug(want.theme);
    let name = NAMES.into_iter().find(|name| want.flag(name));
    let Some(name) = name else { return header(want, &slug) };
    let number = dice.below(250) + 1;
    Some(match name {
        "email" => words::text(&Want { name: "email", ..*want }, dice),
        "hostname" | "address" => format!("{slug}.example.com"),
        "ip" | "ipv4" => format!("192.0.2.{number}"),
        "ipv6" => format!("2001:db8::{number:x}"),
        "uri" => format!("https://example.com/{slug}"),
        "uri_ref" => format!("/{slug}"),
        "uuid" => words::uuid(dice),
        "tuuid" => words::uuid(dice).replace('-', ""),
        "ip_with_prefixlen" | "ipv4_with_prefixlen" => format!("192.0.2.{number}/24"),
        "ipv6_with_prefixlen" => format!("2001:db8::{number:x}/64"),
        "ip_prefix" | "ipv4_prefix" => format!("10.{number}.0.0/16"),
        "ipv6_prefix" => format!("2001:db8:{number:x}::/48"),
        "host_and_port" => format!("{slug}.example.com:8443"),
        "ulid" => format!("01J{:023X}", dice.next()).chars().take(26).collect(),
        "protobuf_fqn" => "shop.orders.v1.Order".to_owned(),
        _ => ".shop.orders.v1.Order".to_owned(),
    })
}

fn header(want: &Want<'_>, slug: &str) -> Option<String> {
    match want.count("well_known_regex")? {
        1 => Some(format!("x-{slug}")),
        2 => Some(slug.to_owned()),
        _ => None,
    }
}

/// The standard rules of one text. Only a hint: the program has the last word.
struct Judge<'a> {
    want: &'a Want<'a>,
    pattern: Option<Pattern>,
    shape: Option<Shape>,
}

impl<'a> Judge<'a> {
    fn of(want: &'a Want<'a>) -> Self {
        let said = want.said("pattern");
        let pattern = said.and_then(|said| pattern::compile(said).ok());
        Self { want, pattern, shape: said.and_then(Shape::of) }
    }

    /// The least and the most characters, then bytes.
    fn bounds(&self) -> [u64; 4] {
        let Want { .. } = self.want;
        let count = |name| self.want.count(name);
        let (exactly, bytes) = (count("len"), count("len_bytes"));
        [
            exactly.or(count("min_len")).unwrap_or(0),
            exactly.or(count("max_len")).unwrap_or(u64::MAX),
            bytes.or(count("min_bytes")).unwrap_or(0),
            bytes.or(count("max_bytes")).unwrap_or(u64::MAX),
        ]
    }

    fn holds(&self, text: &str) -> bool {
        let [least, most, least_bytes, most_bytes] = self.bounds();
        let (length, bytes) = (text.chars().count() as u64, text.len() as u64);
        let said = |name| self.want.said(name);
        (least..=most).contains(&length)
            && (least_bytes..=most_bytes).contains(&bytes)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
            && said("prefix").is_none_or(|prefix| text.starts_with(prefix))
            && said("suffix").is_none_or(|suffix| text.ends_with(suffix))
            && said("contains").is_none_or(|part| text.contains(part))
            && said("not_contains").is_none_or(|part| !text.contains(part))
            && !self.want.texts("not_in").contains(&text)
            && self.is_formatted(text)
    }

    fn is_formatted(&self, text: &str) -> bool {
        use IpVersion::{Any, V4, V6};
        let asks = |name| self.want.flag(name);
        (!asks("email") || formats::is_email(text))
            && (!asks("hostname") || formats::is_hostname(text))
            && (!asks("address") || formats::is_address(text))
            && (!asks("uri") || formats::is_uri(text))
            && (!asks("uri_ref") || formats::is_uri_ref(text))
            && (!asks("uuid") || formats::is_uuid(text))
            && (!asks("tuuid") || formats::is_tuuid(text))
            && (!asks("ulid") || formats::is_ulid(text))
            && (!asks("host_and_port") || formats::is_host_and_port(text, true))
            && (!asks("protobuf_fqn") || formats::is_fqn(text))
            && (!asks("protobuf_dot_fqn") || formats::is_dotted_fqn(text))
            && [("ip", Any), ("ipv4", V4), ("ipv6", V6)]
                .iter()
                .all(|(name, version)| !asks(name) || formats::is_ip(text, *version))
            && [("ip_with_prefixlen", Any), ("ipv4_with_prefixlen", V4), ("ipv6_with_prefixlen", V6)]
                .iter()
                .all(|(name, version)| !asks(name) || formats::is_ip_prefix(text, *version, false))
            && [("ip_prefix", Any), ("ipv4_prefix", V4), ("ipv6_prefix", V6)]
                .iter()
                .all(|(name, version)| !asks(name) || formats::is_ip_prefix(text, *version, true))
            && match self.want.count("well_known_regex") {
                Some(1) => formats::is_header_name(text),
                Some(2) => formats::is_header_value(text),
                _ => true,
            }
    }

    /// The text with what must be in it, and as long as it must be.
    fn fit(&self, text: String) -> String {
        let said = |name| self.want.said(name).unwrap_or_default();
        let (prefix, part, suffix) = (said("prefix"), said("contains"), said("suffix"));
        let mut core = text;
        if !part.is_empty() && !core.contains(part) {
            core = format!("{part}{core}");
        }
        let core = core.strip_prefix(prefix).unwrap_or(&core);
        let core = core.strip_suffix(suffix).unwrap_or(core);
        let [least, most, least_bytes, most_bytes] = self.bounds();
        let around = prefix.chars().count() as u64 + suffix.chars().count() as u64;
        let around_bytes = prefix.len() as u64 + suffix.len() as u64;
        let (most, most_bytes) = (most.saturating_sub(around), most_bytes.saturating_sub(around_bytes));
        let least = least.min(BYTES).saturating_sub(around);
        let least_bytes = least_bytes.min(BYTES).saturating_sub(around_bytes);
        let mut fitted = String::new();
        let mut length = 0;
        for c in core.chars() {
            if length >= most || (fitted.len() + c.len_utf8()) as u64 > most_bytes {
                break;
            }
            fitted.push(c);
            length += 1;
        }
        let filler = if core.ends_with(|c: char| c.is_ascii_digit()) { '0' } else { 'a' };
        while length < least || (fitted.len() as u64) < least_bytes {
            fitted.push(filler);
            length += 1;
        }
        format!("{prefix}{fitted}{suffix}")
    }
}
