use super::{
    IpVersion, is_address, is_dotted_fqn, is_email, is_fqn, is_header_name, is_header_value,
    is_host_and_port, is_hostname, is_ip, is_ip_prefix, is_loose_header_name, is_loose_header_value,
    is_tuuid, is_ulid, is_uri, is_uri_ref, is_uuid,
};

/// Whoever `check` accepts, and whoever it refuses.
fn table(check: impl Fn(&str) -> bool, accepts: &[&str], refuses: &[&str]) {
    for text in accepts {
        assert!(check(text), "refuses {text:?}");
    }
    for text in refuses {
        assert!(!check(text), "accepts {text:?}");
    }
}

#[test]
fn email() {
    let long = format!("a@{}", "b".repeat(63));
    let too_long = format!("a@{}", "b".repeat(64));
    table(
        is_email,
        &["a@b", "foo@example.com", "a.b+c@x-y.z", ".a.@b", "!#$%&'*+/=?^_`{|}~-@b", "0@1.2", &long],
        &[
            "",
            "@",
            "a",
            "a@",
            "@b",
            "a@b.",
            "a@.b",
            "a@-b",
            "a@b-",
            "a@b..c",
            "a@b@c",
            "a b@c",
            "é@b",
            "a@é",
            "a@b_c",
            "<a@b>",
            " a@b",
            "a@b ",
            "a@b\n",
            "a@[1.2.3.4]",
            &too_long,
        ],
    );
}

#[test]
fn hostname() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    let dotted = format!("{longest}.");
    let too_long = format!("{longest}a");
    let long_label = "a".repeat(64);
    table(
        is_hostname,
        &["a", "example.com", "example.com.", "A.ISI.EDU", "1.a", "a1", "xn--a", "a--b", &longest, &dotted],
        &[
            "",
            ".",
            "..",
            "a..",
            ".a",
            "a..b",
            "-a",
            "a-",
            "a.-b",
            "a.b-",
            "a_b",
            "1",
            "a.1",
            "a.1.",
            "1.2.3.4",
            "é",
            "İ",
            "a b",
            "a:1",
            "a\n",
            &too_long,
            &long_label,
        ],
    );
}

#[test]
fn ipv4_addresses() {
    table(
        |text| is_ip(text, IpVersion::V4),
        &["0.0.0.0", "127.0.0.1", "255.255.255.255", "1.2.3.4"],
        &[
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "01.2.3.4",
            "1.2.3.00",
            "1.2.3.4 ",
            " 1.2.3.4",
            "1..3.4",
            "1.2.3.4/24",
            "0x1.2.3.4",
            "1.2.3.-4",
            "1.2.3.+4",
            "1.2.3.99999999999999999999",
            "::1",
        ],
    );
}

#[test]
fn ipv6_addresses() {
    table(
        |text| is_ip(text, IpVersion::V6),
        &[
            "::",
            "::1",
            "1::",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::3:4:5:6:7:8",
            "2001:0DB8:ABCD:0012::0",
            "::ffff:1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
            "::1.2.3.4",
            "fe80::a%en1",
            "::1%x]y",
            "::%é",
            "::1.2.3.4%en1",
        ],
        &[
            "",
            ":",
            ":::",
            "1",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1::2::3",
            "12345::",
            "g::",
            ":1::",
            "1:",
            "1::2:",
            "::1:",
            "1:2:3:4:5:6:7:8::",
            "1:2:3:4:5:6:7:8::1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1:2:3:4:5:6:7::1.2.3.4",
            "::1.2.3.256",
            "::1.2.3.4:1",
            "::1234567",
            "::1%",
            "::a:%en1",
            "::%\0",
            "::1%a\0b",
            "[::1]",
            "::1/64",
            "1.2.3.4",
            " ::1",
            "::1 ",
        ],
    );
}

#[test]
fn addresses_of_either_version() {
    table(|text| is_ip(text, IpVersion::Any), &["1.2.3.4", "::1"], &["", "1.2.3", "::g"]);
    assert_eq!(IpVersion::from_number(0), Some(IpVersion::Any));
    assert_eq!(IpVersion::from_number(5), None);
}

#[test]
fn ip_prefixes() {
    let lenient = |version| move |text: &str| is_ip_prefix(text, version, false);
    let strict = |version| move |text: &str| is_ip_prefix(text, version, true);
    table(
        lenient(IpVersion::V4),
        &["1.2.3.4/0", "1.2.3.4/24", "1.2.3.4/32"],
        &[
            "1.2.3.4",
            "1.2.3.4/",
            "1.2.3.4/33",
            "1.2.3.4/024",
            "1.2.3.4/24 ",
            "1.2.3/24",
            "::/0",
            "1.2.3.4/-1",
        ],
    );
    table(
        strict(IpVersion::V4),
        &["0.0.0.0/0", "1.2.3.0/24", "1.2.3.4/32", "128.0.0.0/1", "1.2.3.4/30"],
        &["1.2.3.4/24", "0.0.0.1/0", "1.2.3.5/31", "1.2.3.0/22"],
    );
    table(
        lenient(IpVersion::V6),
        &["::/0", "::1/128", "2001:db8:abcd:12::1f/64", "::1.2.3.4/96"],
        &["::", "::/", "::/129", "::/0128", "::1%en1/64", "::1:/64", "1.2.3.4/24", "::/1 "],
    );
    table(
        strict(IpVersion::V6),
        &[
            "::/0",
            "::1/128",
            "2001:db8::/32",
            "8000::/1",
            "0:0:0:1::/64",
            "::1.2.3.0/120",
            "fd7a:115c:a1e0:ab12:4843:cd96:626b:4000/118",
        ],
        &[
            "::1/127",
            "::1/0",
            "2001:db8:abcd:12::1f/64",
            "0:0:0:1::/63",
            "0:0:0:0:1::/64",
            "fd7a:115c:a1e0:ab12:4843:cd96:626b:430b/118",
        ],
    );
    table(strict(IpVersion::Any), &["1.2.3.0/24", "::/64"], &["1.2.3.4/24", "::1/64"]);
}

#[test]
fn hosts_and_ports() {
    table(
        |text| is_host_and_port(text, true),
        &["example.com:0", "a:65535", "1.2.3.4:80", "[::1]:80", "[::1%x]y]:8", "a.:1"],
        &[
            "",
            ":80",
            "a",
            "a:",
            "a:65536",
            "a:00",
            "a:080",
            "a:+1",
            "a:1:2",
            "::1:80",
            "[::1]",
            "[::1]80",
            "[::1]:",
            "[::1",
            "[1.2.3.4]:80",
            "[a]:80",
            "256.1.1.1:80",
            "a:99999999999999999999",
            "[]:1",
        ],
    );
    table(
        |text| is_host_and_port(text, false),
        &["a", "a:1", "1.2.3.4", "[::1]", "[::1]:1"],
        &["", "::1", "a:", "[::1]:", "[::1]x", "[", "]", "[]"],
    );
    table(is_address, &["a.b", "1.2.3.4", "::1"], &["", "1.2.3", "[::1]", "a:1"]);
}

/// Separated by spaces.
const URIS: &str = "https://example.com/foo/bar?baz=quux#frag A:// a: a:b a:/b a:b:c a+-.1:b a:?b#c mailto:a@b urn:x:y \
     http://user:p%40w@h:80/ http://h:/ http://h: http://[::1]:80/a http://[fe80::a%25en1]/ \
     http://[v1.x:] http://%c3%96/ http://a%25b:1 http:///a a://@ a:/// a:/ a:b//c a:%41 a://b//c \
     a:b?/?:@#/?:@ http://1.2.3.4";
/// Separated by spaces.
const NO_URIS: &str = ": a 1a:b /a //h ./a a:b^ a:%4 a:%4g a:b#c#d http://h:x http://h:1:2 http://[::1 http://::1] \
     http://[fe80::a%en1]/ http://[fe80::a%25]/ http://[::1.2.3.4]/ http://[v.x] http://[vx.x] \
     http://[v1.] http://a@b@c http://%c3x%96/ http://%ff/ http://h/é http://é/ a:[ a:b?[ é:b";

#[test]
fn uris() {
    let uris: Vec<_> = URIS.split(' ').collect();
    let no_uris: Vec<_> = NO_URIS.split(' ').collect();
    table(is_uri, &uris, &no_uris);
    table(is_uri, &[], &["", "a b:c", " a:b", "a:b "]);
    table(is_uri_ref, &uris, &[]);
    table(
        is_uri_ref,
        &["", "a", "/", "/a", "//h", "//h/a?b#c", "./a:b", "?", "#", "?a#b", "a/b:c", "a@b", "//[::1]", "//"],
        &["1a:b", ":", ":a", "^", "a b", "//[", "//h:x", "/a//[", "#a#b", "%", "a:b?//[::1]", "/é"],
    );
}

#[test]
fn identifiers() {
    table(
        is_uuid,
        &[
            "550e8400-e29b-41d4-a716-446655440000",
            "00000000-0000-0000-0000-000000000000",
            "AAAAAAAA-bbbb-CCCC-dddd-EEEEEEEEEEEE",
        ],
        &[
            "",
            "550e8400e29b41d4a716446655440000",
            "550e8400-e29b-41d4-a716-44665544000",
            "550e8400-e29b-41d4-a716-4466554400000",
            "g50e8400-e29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a716446655440000-",
            "{550e8400-e29b-41d4-a716-446655440000}",
        ],
    );
    table(
        is_tuuid,
        &["550e8400e29b41d4a716446655440000", "AAAAAAAABBBBCCCCDDDDEEEEEEEEEEEE"],
        &[
            "",
            "550e8400-e29b-41d4-a716-446655440000",
            "550e8400e29b41d4a71644665544000",
            "550e8400e29b41d4a71644665544000g",
        ],
    );
    table(
        is_ulid,
        &["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
        &[
            "",
            "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
            "0IARZ3NDEKTSV4RRFFQ69G5FAV",
            "0lARZ3NDEKTSV4RRFFQ69G5FAV",
            "0oARZ3NDEKTSV4RRFFQ69G5FAV",
            "0uARZ3NDEKTSV4RRFFQ69G5FAV",
            "A1ARZ3NDEKTSV4RRFFQ69G5FAV",
        ],
    );
    table(is_fqn, &["a", "a.b", "_a.B_1", "A"], &["", ".a", "a.", "a..b", "1a", "a.1", "a-b", "é", "a "]);
    table(is_dotted_fqn, &[".a", ".a.b"], &["", ".", "a.b", "..a", ".a.", ".1"]);
}

#[test]
fn headers() {
    table(
        is_header_name,
        &["a", "Content-Type", ":authority", "a,b", "!#$%&'*+-.^_|~`", "0"],
        &["", ":", "::a", "a:b", "a b", "a/b", "a\n", "é", "a(", "a\0", "\"a\""],
    );
    table(
        is_header_value,
        &["", "a", "a\tb", "é", "a b", "\u{80}"],
        &["\0", "\n", "\r", "a\u{7f}", "\u{8}", "\u{1f}"],
    );
    table(is_loose_header_name, &["a b", "\u{7f}", "é"], &["", "\0", "a\nb", "\r"]);
    table(is_loose_header_value, &["", "a b", "\u{7f}"], &["\0", "a\nb", "\r"]);
}
