//! Rules of texts and bytes; texts that are nearly right.

use super::{
    Random, Value,
    fields::Ruled,
    texts::{BYTES, FORMATS, HEADERS, NEAR_ABC, PLAIN},
};

pub(crate) fn ruled(random: &mut Random) -> Vec<Ruled> {
    let mut all = Vec::new();
    for (rules, values) in PLAIN {
        all.push(of_texts(rules, values.iter().map(|text| (*text).to_owned()).collect()));
    }
    for (rules, seeds) in FORMATS {
        let mut values: Vec<String> = seeds.iter().map(|text| (*text).to_owned()).collect();
        values.extend(long());
        for seed in *seeds {
            values.extend((0..6).map(|_| mutated(seed, random)));
        }
        all.push(of_texts(rules, values));
    }
    for _ in 0..PATTERNS {
        let made = pattern(random, 3);
        let rules = format!("pattern: {made:?}").replace("\\u{", "\\\\u{");
        all.push(of_texts(&rules, NEAR_ABC.iter().map(|text| (*text).to_owned()).collect()));
    }
    let strict = |rules: &str| rules.replace("true", "true, strict: false");
    for rules in
        ["well_known_regex: KNOWN_REGEX_HTTP_HEADER_NAME", "well_known_regex: KNOWN_REGEX_HTTP_HEADER_VALUE"]
    {
        let values: Vec<String> = HEADERS.iter().map(|text| (*text).to_owned()).collect();
        for rules in [rules.to_owned(), format!("{rules}, strict: true"), format!("{rules}, strict: false")] {
            all.push(of_texts(
                &strict(&rules).replace("strict: true, strict: false", "strict: true"),
                values.clone(),
            ));
        }
    }
    for (rules, values) in BYTES {
        let values = values.iter().map(|value| Value::Bytes(value.to_vec())).collect();
        all.push(Ruled { type_name: "bytes", rules: format!("bytes: {{ {rules} }}"), values });
    }
    all
}

/// Patterns of the grammar below.
const PATTERNS: usize = 60;

/// A regular expression.
fn pattern(random: &mut Random, depth: u32) -> String {
    const ATOMS: [&str; 24] = [
        "a",
        "b",
        "c",
        "foo",
        ".",
        "[a-c]",
        "[^a]",
        "[[:alpha:]]",
        r"\d",
        r"\w",
        r"\s",
        r"\W",
        r"\b",
        r"\B",
        "^",
        "$",
        r"\x61",
        r"\p{L}",
        r"\PN",
        r"[\d_]",
        r"\.",
        r"\A",
        r"\z",
        "\u{e9}",
    ];
    const REPEATS: [&str; 9] = ["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??"];
    match if depth == 0 { 9 } else { random.below(10) } {
        0..3 => (0..=random.below(3)).map(|_| pattern(random, depth - 1)).collect(),
        3 => format!("({}|{})", pattern(random, depth - 1), pattern(random, depth - 1)),
        4 => format!("(?:{})", pattern(random, depth - 1)),
        5 => format!("(?{}:{})", random.pick(&["i", "s", "m", "is"]), pattern(random, depth - 1)),
        6 => format!("({}){}", pattern(random, depth - 1), random.pick(&REPEATS)),
        7 => format!("{}{}", random.pick(&ATOMS[..5]), random.pick(&REPEATS)),
        _ => (*random.pick(&ATOMS)).to_owned(),
    }
}

fn of_texts(rules: &str, texts: Vec<String>) -> Ruled {
    let values = texts.into_iter().map(|text| Value::Bytes(text.into_bytes())).collect();
    Ruled { type_name: "string", rules: format!("string: {{ {rules} }}"), values }
}

/// One or two changes.
fn mutated(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(2) {
        let at = random.below(chars.len() + 1);
        let other = *random.pick(&ALPHABET);
        match random.below(4) {
            0 => chars.insert(at, other),
            1 if at < chars.len() => chars[at] = other,
            2 if at < chars.len() => _ = chars.remove(at),
            _ if at < chars.len() => chars.insert(at, chars[at]),
            _ => chars.push(other),
        }
    }
    chars.into_iter().collect()
}

const ALPHABET: [char; 46] = [
    'a',
    'b',
    'f',
    'g',
    'z',
    'A',
    'F',
    'Z',
    'I',
    'O',
    'U',
    'T',
    '0',
    '1',
    '2',
    '5',
    '9',
    '.',
    '.',
    '-',
    '_',
    ':',
    ':',
    '/',
    '@',
    '%',
    '[',
    ']',
    '?',
    '#',
    '+',
    '~',
    '!',
    '$',
    '&',
    '\'',
    '(',
    ',',
    ';',
    '=',
    ' ',
    '\t',
    '\n',
    '\0',
    '\u{e9}',
    '\u{1f600}',
];

/// At the borders of what names of hosts may be long.
fn long() -> Vec<String> {
    let label = |length| "a".repeat(length);
    let name = |last| format!("{0}.{0}.{0}.{1}", label(63), label(last));
    vec![
        label(63),
        label(64),
        name(61),
        name(62),
        format!("{}.", name(61)),
        format!("a@{}", label(63)),
        format!("a@{}", label(64)),
        format!("{}@example.com", label(65)),
        format!("https://{}/", name(61)),
        format!("{}:80", name(61)),
    ]
}
