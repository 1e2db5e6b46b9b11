//! Patterns with everything that RE2's syntax has, right and wrong: classes above all.

use super::{Random, Sources, Value};
use std::fmt::Write as _;

/// Patterns of the grammar below.
const MADE: usize = 320;

const HEAD: &str = "syntax = \"proto3\";\npackage t;\nimport \"buf/validate/validate.proto\";\n";

pub(super) fn add(sources: &mut Sources, random: &mut Random) {
    let mut text = HEAD.to_owned();
    let made: Vec<String> = (0..MADE).map(|_| whole(random)).collect();
    let written = WRITTEN.iter().map(|pattern| (*pattern).to_owned());
    for (number, pattern) in written.chain(made).enumerate() {
        let name = format!("Pattern{number}");
        let rule = format!("[(buf.validate.field).string.pattern = {}]", quoted(&pattern));
        let _ = writeln!(text, "message {name} {{ string a = 1 {rule}; }}");
        let texts = TEXTS.iter().map(|text| Value::Bytes(text.as_bytes().to_vec())).collect();
        sources.pools.insert((format!("t.{name}"), 1), texts);
    }
    sources.files.push(("patterns.proto".to_owned(), text));
}

/// As a literal of a schema, byte by byte.
fn quoted(pattern: &str) -> String {
    let bytes: String = pattern.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("\"{bytes}\"")
}

const WRITTEN: [&str; 24] = [
    r"^[a-z\s-_]+$",
    r"^[\w-~]+$",
    r"^[\w-.]+$",
    r"^[\w-+]+$",
    r"^[\p{L}-' ]+$",
    r"^[\pL-a]+$",
    "^[)[:]+$",
    "^[9--]$",
    "^[a-c-a]$",
    "^[#--]$",
    "^[--/]$",
    "^[[:alpha:]-z]$",
    "^[[:alpha]$",
    "^[a-[:digit:]]$",
    "^[]-a]$",
    "^[^]-a]$",
    r"^[\]-a]$",
    r"^\p{L}{1,255}$",
    r"^\pN{1000}$",
    r"^[\x{d800}-\x{e000}]$",
    r"^\é$",
    "(?ii)^K$",
    "(?i-i:K)",
    r"(?i)^[^\W]$",
];

fn whole(random: &mut Random) -> String {
    let flags = *random.pick(&["", "", "", "(?i)", "(?s)", "(?m)", "(?U)"]);
    let (begin, end) = (*random.pick(&["", "^"]), *random.pick(&["", "$"]));
    format!("{flags}{begin}{}{end}", branches(random, 2))
}

fn branches(random: &mut Random, depth: u32) -> String {
    let count = if random.chance(25) { 2 } else { 1 };
    (0..count).map(|_| sequence(random, depth)).collect::<Vec<_>>().join("|")
}

fn sequence(random: &mut Random, depth: u32) -> String {
    let mut made = String::new();
    for _ in 0..=random.below(2) {
        made += &atom(random, depth);
        if random.chance(35) {
            made += *random.pick(&REPEATS);
        }
    }
    made
}

fn atom(random: &mut Random, depth: u32) -> String {
    match random.below(100) {
        0..30 => (*random.pick(&CHARACTERS)).to_owned(),
        30..45 => (*random.pick(&CLASSES)).to_owned(),
        45..80 => class(random),
        80..88 => (*random.pick(&ODD)).to_owned(),
        _ if depth > 0 => format!("{}{})", random.pick(&GROUPS), branches(random, depth - 1)),
        _ => class(random),
    }
}

fn class(random: &mut Random) -> String {
    let negated = if random.chance(30) { "^" } else { "" };
    let items: String = (0..=random.below(3)).map(|_| item(random)).collect();
    format!("[{negated}{items}]")
}

fn item(random: &mut Random) -> String {
    const BESIDE: [&str; 12] = [
        "\\w",
        "\\W",
        "\\d",
        "\\s",
        "\\S",
        "[:alpha:]",
        "[:^alpha:]",
        "[:upper:]",
        "\\pL",
        "\\PL",
        "\\p{^Lu}",
        "\\pN",
    ];
    const STRANGE: [&str; 13] =
        ["&&", "--", "~~", "||", "[", "[:", "-", "\\b", "\\a", "\\E", "\\Q", "]", "\\x{10ffff}"];
    const ENDS: [&str; 17] =
        ["a", "b", "k", "z", "0", "9", "A", "Z", "\u{e9}", "!", "~", " ", "-", "[", "\\x41", "\\-", "\\101"];
    match random.below(100) {
        0..30 => (*random.pick(&CHARACTERS)).replace(['^', '['], "_"),
        30..55 => format!("{}-{}", random.pick(&ENDS), random.pick(&ENDS)),
        55..75 => (*random.pick(&BESIDE)).to_owned(),
        75..87 => format!("{}-", random.pick(&BESIDE)),
        _ => (*random.pick(&STRANGE)).to_owned(),
    }
}

const CHARACTERS: [&str; 30] = [
    "a",
    "b",
    "k",
    "K",
    "s",
    "z",
    "0",
    "9",
    "_",
    "-",
    "\u{e9}",
    "\u{df}",
    "\u{17f}",
    "\u{65e5}",
    "\\.",
    "\\-",
    "\\n",
    "\\x41",
    "\\x{1F600}",
    "\\101",
    "\\07",
    " ",
    "&",
    "~",
    "#",
    "\"",
    "\\/",
    "\\_",
    "\\\\",
    ":",
];
const CLASSES: [&str; 16] = [
    ".",
    "\\w",
    "\\W",
    "\\d",
    "\\D",
    "\\s",
    "\\S",
    "[[:alpha:]]",
    "[[:^digit:]]",
    "[[:punct:]]",
    "\\pL",
    "\\PL",
    "\\p{Lu}",
    "\\P{^Greek}",
    "\\p{^Lu}",
    "\\pN",
];
const ODD: [&str; 33] = [
    "^",
    "$",
    "\\A",
    "\\z",
    "\\b",
    "\\B",
    "\\Z",
    "\\C",
    "\\<",
    "\\e",
    "\\Qa.b\\E",
    "\\Q",
    "\\E",
    "\\0",
    "\\1",
    "\\8",
    "\\x4",
    "\\x{}",
    "\\x{110000}",
    "\\p",
    "\\p{",
    "\\pZ",
    "\\pl",
    "\\p{Any}",
    "\\p{Latin}",
    "\\p{Alphabetic}",
    "\\u0041",
    "\\y",
    "}",
    "{",
    "]",
    "{1",
    "{,2}",
];
const GROUPS: [&str; 14] = [
    "(", "(?:", "(?i:", "(?s:", "(?-i:", "(?P<n>", "(?m:", "(?U:", "(?is-m:", "(?x:", "(?=", "(?#", "(?i-:",
    "(?ii:",
];
const REPEATS: [&str; 16] = [
    "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{2}?", "{0}", "{2,1}", "{a}", "**", "{2}{2}",
    "{1 }",
];

const TEXTS: [&str; 34] = [
    "", "a", "b", "k", "K", "\u{212a}", "s", "\u{17f}", "z", "0", "9", "_", "-", "\u{e9}", "\u{c9}",
    "\u{df}", "\u{65e5}", " ", "\n", "a\nb", "ab", "ba", "a-", "-a", "a0", "A", "Z", "!", "~", "&", "[",
    "\\", "[:", "a{|}b",
];
