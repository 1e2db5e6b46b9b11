//! Rules of texts and bytes; texts that are nearly right.

use super::{Random, Value, fields::Ruled};

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
        let pattern = pattern(random, 3);
        let rules = format!("pattern: {:?}", pattern).replace("\\u{", "\\\\u{");
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

const NEAR_ABC: &[&str] = &[
    "",
    "a",
    "ab",
    "abc",
    "abcd",
    "abcabc",
    "xabcx",
    "ABC",
    "ab\u{e9}",
    "\u{e9}\u{e9}\u{e9}",
    "\u{1f600}",
    "\u{1f600}bc",
    "e\u{301}",
    "foo",
    "foo12",
    "bar345",
    "a\nc",
    "\u{3b1}",
    " abc",
    "abc\n",
    "0",
    "a1",
];

const PLAIN: &[(&str, &[&str])] = &[
    ("const: 'abc'", NEAR_ABC),
    ("const: ''", NEAR_ABC),
    ("len: 3", NEAR_ABC),
    ("min_len: 3", NEAR_ABC),
    ("max_len: 3", NEAR_ABC),
    ("min_len: 2, max_len: 3", NEAR_ABC),
    ("min_len: 3, max_len: 2", NEAR_ABC),
    ("min_len: 3, max_len: 3", NEAR_ABC),
    ("len_bytes: 4", NEAR_ABC),
    ("min_bytes: 4", NEAR_ABC),
    ("max_bytes: 4", NEAR_ABC),
    ("min_bytes: 3, max_bytes: 4", NEAR_ABC),
    ("prefix: 'ab'", NEAR_ABC),
    ("suffix: 'bc'", NEAR_ABC),
    ("contains: 'bc'", NEAR_ABC),
    ("not_contains: 'bc'", NEAR_ABC),
    ("prefix: '\u{e9}', contains: ''", NEAR_ABC),
    ("in: ['abc', '']", NEAR_ABC),
    ("not_in: ['abc', '\u{1f600}']", NEAR_ABC),
    ("pattern: '^[a-z]+$'", NEAR_ABC),
    ("pattern: '^(foo|bar)\\\\d{2,3}$'", NEAR_ABC),
    ("pattern: '(?i)ABC'", NEAR_ABC),
    ("pattern: 'a.c'", NEAR_ABC),
    ("pattern: '(?s)a.c'", NEAR_ABC),
    ("pattern: '^.$'", NEAR_ABC),
    ("pattern: '\\\\p{Greek}'", NEAR_ABC),
    ("pattern: '^\\\\w+\\\\z'", NEAR_ABC),
    ("pattern: '\\\\babc\\\\b'", NEAR_ABC),
    ("pattern: '[[:alpha:]]\\\\d'", NEAR_ABC),
    ("pattern: '(?m)^c$'", NEAR_ABC),
    ("pattern: ''", NEAR_ABC),
    ("pattern: '^\\\\x{1F600}'", NEAR_ABC),
    ("pattern: '\\\\s'", NEAR_ABC),
    ("pattern: '(unclosed'", &["a"]),
    ("min_len: 2, pattern: '^[a-z]*$', prefix: 'x', not_in: ['foo']", NEAR_ABC),
];

const HOSTS: &[&str] = &[
    "",
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "a",
    "a-b.c",
    "-a.com",
    "a-.com",
    "a_b.com",
    "1.2.3.4",
    "1.2.3.com",
    "com.1",
    "com.1a",
    "a..b",
    ".a",
    ".",
    "\u{e9}.com",
    "xn--caf-dma.com",
];
const IPV4: &[&str] = &[
    "",
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
];
const IPV6: &[&str] = &[
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "1:2:3:4:5:6:7:8:9",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:1.2.3.4",
    "1::2::3",
    "12345::",
    "fe80::1%eth0",
    "fe80::1%",
    "::1%a%b",
    ":1",
    "1:",
    "::%\0",
    "64:ff9b::1.2.3.256",
    "0::0::0",
    "::01.2.3.4",
    "1:2:3:4:5:6:7",
    "::2:3:4:5:6:7:8",
    "::1:2:3:4:5:6:7:8",
];
const PREFIXES: &[&str] = &[
    "10.0.0.0/8",
    "10.0.0.1/8",
    "10.0.0.1/32",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0",
    "0.0.0.0/0",
    "1.2.3/8",
    "2001:db8::/32",
    "2001:db8::1/32",
    "2001:db8::1/128",
    "2001:db8::/129",
    "::/0",
    "::1/0",
    "::1%eth0/64",
    "fe80::%a/10",
    "10.0.0.0/+8",
    "10.0.0.0/ 8",
    "::ffff:10.0.0.0/104",
];
const URIS: &[&str] = &[
    "",
    "https://example.com",
    "https://example.com/a/b?c=d#e",
    "http://user:pw@host:80/",
    "http://[::1]:80/x",
    "http://[fe80::1%25eth0]/",
    "http://[v1.a:b]/",
    "mailto:a@b.c",
    "urn:isbn:1",
    "a:",
    "a:b",
    "1a:b",
    "//host/path",
    "/path",
    "path/to",
    "./a:b",
    "a:b:c",
    "?q",
    "#f",
    "http://a b/",
    "http://a/%zz",
    "http://a/%41",
    "http://%c3%a9/",
    "http://%ff/",
    "http://host:port/",
    "http://host:",
    "http://host:99999/",
    "http:///x",
    "http://a/\u{e9}",
    "a//b",
    "//",
    "http://[::1",
    "http://a/?#",
    "http://a/#a#b",
    "foo+bar-1.2://x",
    "http://1.2.3.4/",
    "http://256.1.1.1/",
    ":foo",
    "http://[1.2.3.4]/",
    "http://a@b@c/",
    "..",
    "*",
    "http://a/^",
];
const UUIDS: &[&str] = &[
    "",
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "123e4567e89b12d3a456426614174000",
    "00000000-0000-0000-0000-000000000000",
    "{123e4567-e89b-12d3-a456-426614174000}",
    "123e4567-e89b-12d3-a456-42661417400",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "01arz3ndektsv4rrffq69g5fav",
    "81ARZ3NDEKTSV4RRFFQ69G5FAV",
    "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "01ARZ3NDEKTSV4RRFFQ69G5FAU",
];
const EMAILS: &[&str] = &[
    "",
    "a@b",
    "a@b.c",
    "a.b+c@example.com",
    "a..b@example.com",
    ".a@b.c",
    "@b.c",
    "a@",
    "a",
    "a@b@c",
    "a b@c.d",
    "\"a b\"@c.d",
    "a@-b.c",
    "a@b-.c",
    "a@b..c",
    "a@b.c.",
    "a@[127.0.0.1]",
    "!#$%&'*+/=?^_`{|}~-@x.y",
    "a@b_c.d",
    "\u{e9}@b.c",
    "a@b.c\n",
    "Foo <a@b.c>",
];
const PORTS: &[&str] = &[
    "",
    "example.com:80",
    "example.com",
    "127.0.0.1:0",
    "127.0.0.1:65535",
    "127.0.0.1:65536",
    "[::1]:80",
    "::1:80",
    "[::1]",
    "a:080",
    "a:",
    ":80",
    "a:80x",
    "[::1%eth0]:1",
    "[::1%]:1",
    "[127.0.0.1]:80",
    "a:+80",
    "256.0.0.1:80",
    "a:0",
    "[]:1",
];
const NAMES: &[&str] = &[
    "",
    "a",
    "a.b",
    "a.b.C",
    ".a",
    ".a.b",
    "a.",
    "a..b",
    "1a",
    "a1",
    "a_b.c_1",
    "_a",
    "a-b",
    ".",
    "..a",
    ".1",
    "google.protobuf.Any",
];
const HEADERS: &[&str] = &[
    "",
    "content-type",
    "Content-Type",
    ":path",
    ":",
    "::a",
    "a b",
    "a\tb",
    "a\r\nb",
    "a\0b",
    "a\u{7f}b",
    "\u{e9}",
    "x!#$%&'*+-.^_|~`9",
    "a:b",
    "a;b",
    "(a)",
    " a",
    "a ",
    "\t",
    "a\u{b}b",
    "a\u{1f}",
    "a/b",
    "a\"b",
];

const FORMATS: &[(&str, &[&str])] = &[
    ("email: true", EMAILS),
    ("hostname: true", HOSTS),
    ("ip: true", IPV6),
    ("ip: true", IPV4),
    ("ipv4: true", IPV4),
    ("ipv6: true", IPV6),
    ("uri: true", URIS),
    ("uri_ref: true", URIS),
    ("address: true", HOSTS),
    ("address: true", IPV6),
    ("uuid: true", UUIDS),
    ("tuuid: true", UUIDS),
    ("ulid: true", UUIDS),
    ("ip_with_prefixlen: true", PREFIXES),
    ("ipv4_with_prefixlen: true", PREFIXES),
    ("ipv6_with_prefixlen: true", PREFIXES),
    ("ip_prefix: true", PREFIXES),
    ("ipv4_prefix: true", PREFIXES),
    ("ipv6_prefix: true", PREFIXES),
    ("host_and_port: true", PORTS),
    ("protobuf_fqn: true", NAMES),
    ("protobuf_dot_fqn: true", NAMES),
    ("well_known_regex: KNOWN_REGEX_HTTP_HEADER_NAME", HEADERS),
    ("well_known_regex: KNOWN_REGEX_HTTP_HEADER_VALUE", HEADERS),
    ("email: false", EMAILS),
    ("uuid: true, min_len: 30, not_in: ['a']", UUIDS),
];

const NEAR_FOO: &[&[u8]] = &[
    b"",
    b"foo",
    b"fo",
    b"fooo",
    b"xfoo",
    b"foox",
    b"\xff",
    b"\xff\xfe\xfd",
    b"\x7f\0\0\x01",
    b"0123456789abcdef",
    b"0123456789abcdefg",
    b"\xc3\xa9",
    b"a\0b",
];

const BYTES: &[(&str, &[&[u8]])] = &[
    ("const: 'foo'", NEAR_FOO),
    ("const: '\\xff\\xfe\\xfd'", NEAR_FOO),
    ("len: 3", NEAR_FOO),
    ("min_len: 3", NEAR_FOO),
    ("max_len: 3", NEAR_FOO),
    ("min_len: 3, max_len: 4", NEAR_FOO),
    ("pattern: '^fo+$'", NEAR_FOO),
    ("pattern: '^\\\\x00'", NEAR_FOO),
    ("prefix: 'fo'", NEAR_FOO),
    ("suffix: 'oo'", NEAR_FOO),
    ("contains: 'oo'", NEAR_FOO),
    ("prefix: '\\xff', suffix: '\\xfd'", NEAR_FOO),
    ("in: ['foo', '\\xff']", NEAR_FOO),
    ("not_in: ['foo', '\\xff']", NEAR_FOO),
    ("ip: true", NEAR_FOO),
    ("ipv4: true", NEAR_FOO),
    ("ipv6: true", NEAR_FOO),
    ("uuid: true", NEAR_FOO),
    ("ip: false", NEAR_FOO),
];
