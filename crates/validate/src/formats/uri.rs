//! URIs and references to them (RFC 3986, with the zones of RFC 6874 in IPv6 literals).
//!
//! Each function is the production of the RFC in its doc comment. A function that returns
//! false has left the scan anywhere: whoever tries something else rewinds.

use super::ipv6;
use super::scan::Scan;

/// Whether `text` is a URI with a scheme: `https://example.com/a?b#c`.
pub fn is_uri(text: &str) -> bool {
    let mut scan = Scan::new(text.as_bytes());
    scheme(&mut scan) && hier_part(&mut scan) && query_and_fragment(&mut scan)
}

/// Whether `text` is a URI or a relative reference: `./a?b`, `//host/a`, or nothing at all.
pub fn is_uri_ref(text: &str) -> bool {
    let mut scan = Scan::new(text.as_bytes());
    is_uri(text) || (relative_part(&mut scan) && query_and_fragment(&mut scan))
}

/// `[ "?" query ] [ "#" fragment ]`, to the end.
fn query_and_fragment(scan: &mut Scan<'_>) -> bool {
    if scan.take(b'?') {
        while pchar(scan) || scan.take(b'/') || scan.take(b'?') {}
    }
    if scan.take(b'#') {
        while pchar(scan) || scan.take(b'/') || scan.take(b'?') {}
    }
    scan.is_end()
}

/// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":"`
fn scheme(scan: &mut Scan<'_>) -> bool {
    if !scan.take_if(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    scan.take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    scan.take(b':')
}

/// `"//" authority path-abempty / path-absolute / path-rootless / path-empty`
fn hier_part(scan: &mut Scan<'_>) -> bool {
    let start = scan.position();
    if with_authority(scan) {
        return true;
    }
    scan.rewind(start);
    if scan.peek() == Some(b'/') {
        return path_absolute(scan);
    }
    while pchar(scan) {}
    path_abempty(scan)
}

/// `"//" authority path-abempty / path-absolute / path-noscheme / path-empty`
fn relative_part(scan: &mut Scan<'_>) -> bool {
    let start = scan.position();
    if with_authority(scan) {
        return true;
    }
    scan.rewind(start);
    if scan.peek() == Some(b'/') {
        return path_absolute(scan);
    }
    // A first segment without a colon, which would read as a scheme.
    while unreserved(scan) || pct_encoded(scan) || sub_delim(scan) || scan.take(b'@') {}
    path_abempty(scan)
}

/// `"//" authority path-abempty`
fn with_authority(scan: &mut Scan<'_>) -> bool {
    scan.take(b'/') && scan.take(b'/') && authority(scan) && path_abempty(scan)
}

/// `"/" [ segment-nz *( "/" segment ) ]`: two slashes would be an authority.
fn path_absolute(scan: &mut Scan<'_>) -> bool {
    scan.take(b'/') && (pchar(scan) || scan.peek() != Some(b'/')) && {
        while pchar(scan) {}
        path_abempty(scan)
    }
}

/// `*( "/" segment )`, up to the query, the fragment or the end.
fn path_abempty(scan: &mut Scan<'_>) -> bool {
    while scan.take(b'/') {
        while pchar(scan) {}
    }
    matches!(scan.peek(), None | Some(b'?' | b'#'))
}

/// `[ userinfo "@" ] host [ ":" port ]`, up to a slash, a query, a fragment or the end.
fn authority(scan: &mut Scan<'_>) -> bool {
    let start = scan.position();
    if !(userinfo(scan) && scan.take(b'@')) {
        scan.rewind(start);
    }
    if !host(scan) {
        return false;
    }
    if scan.take(b':') {
        scan.take_while(|byte| byte.is_ascii_digit());
    }
    is_authority_end(scan)
}

fn is_authority_end(scan: &Scan<'_>) -> bool {
    matches!(scan.peek(), None | Some(b'?' | b'#' | b'/'))
}

/// `*( unreserved / pct-encoded / sub-delims / ":" )`
fn userinfo(scan: &mut Scan<'_>) -> bool {
    while unreserved(scan) || pct_encoded(scan) || sub_delim(scan) || scan.take(b':') {}
    true
}

/// `IP-literal / IPv4address / reg-name`, of which the second is covered by the third. What is
/// percent-encoded must be UTF-8 (RFC 3986 section 3.2.2).
fn host(scan: &mut Scan<'_>) -> bool {
    let start = scan.position();
    if !ip_literal(scan) {
        scan.rewind(start);
        if !reg_name(scan) {
            return false;
        }
    }
    is_utf8_when_decoded(scan.since(start))
}

/// `*( unreserved / pct-encoded / sub-delims )`, up to a port or the end of the authority.
fn reg_name(scan: &mut Scan<'_>) -> bool {
    while unreserved(scan) || pct_encoded(scan) || sub_delim(scan) {}
    is_authority_end(scan) || scan.peek() == Some(b':')
}

/// `"[" ( IPv6address / IPv6addrz / IPvFuture  ) "]"`
fn ip_literal(scan: &mut Scan<'_>) -> bool {
    if !scan.take(b'[') {
        return false;
    }
    let start = scan.position();
    if ipv6_address(scan) && (scan.take(b']') || (zone(scan) && scan.take(b']'))) {
        return true;
    }
    scan.rewind(start);
    ipv_future(scan) && scan.take(b']')
}

/// Hexadecimal digits and colons only: a dotted tail is not taken here, as protovalidate does
/// not take it.
fn ipv6_address(scan: &mut Scan<'_>) -> bool {
    ipv6::is_address(scan.take_while(|byte| byte.is_ascii_hexdigit() || byte == b':'))
}

/// `"%25" 1*( unreserved / pct-encoded )`
fn zone(scan: &mut Scan<'_>) -> bool {
    if !(scan.take(b'%') && scan.take(b'2') && scan.take(b'5')) {
        return false;
    }
    let start = scan.position();
    while unreserved(scan) || pct_encoded(scan) {}
    scan.position() > start
}

/// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
fn ipv_future(scan: &mut Scan<'_>) -> bool {
    if !scan.take(b'v') || scan.take_while(|byte| byte.is_ascii_hexdigit()).is_empty() {
        return false;
    }
    let rest = |byte: u8| is_unreserved(byte) || is_sub_delim(byte) || byte == b':';
    scan.take(b'.') && !scan.take_while(rest).is_empty()
}

/// `unreserved / pct-encoded / sub-delims / ":" / "@"`
fn pchar(scan: &mut Scan<'_>) -> bool {
    let plain = |byte: u8| is_unreserved(byte) || is_sub_delim(byte) || byte == b':' || byte == b'@';
    scan.take_if(plain) || pct_encoded(scan)
}

fn unreserved(scan: &mut Scan<'_>) -> bool {
    scan.take_if(is_unreserved)
}

fn sub_delim(scan: &mut Scan<'_>) -> bool {
    scan.take_if(is_sub_delim)
}

/// `"%" HEXDIG HEXDIG`, or nothing is read.
fn pct_encoded(scan: &mut Scan<'_>) -> bool {
    let start = scan.position();
    let hexdig = |byte: u8| byte.is_ascii_hexdigit();
    if scan.take(b'%') && scan.take_if(hexdig) && scan.take_if(hexdig) {
        return true;
    }
    scan.rewind(start);
    false
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_sub_delim(byte: u8) -> bool {
    b"!$&'()*+,;=".contains(&byte)
}

/// Whether a host is UTF-8 once its percent-encoded bytes are decoded. The decoder keeps one
/// character at a time, so nothing is allocated.
fn is_utf8_when_decoded(host: &[u8]) -> bool {
    let mut pending = [0_u8; 4];
    let mut length = 0_usize;
    let mut scan = Scan::new(host);
    while let Some(byte) = decoded(&mut scan) {
        let Some(slot) = pending.get_mut(length) else { return false };
        *slot = byte;
        length += 1;
        match std::str::from_utf8(pending.get(..length).unwrap_or_default()) {
            Ok(_) => length = 0,
            Err(error) if error.error_len().is_some() => return false,
            Err(_) => {}
        }
    }
    length == 0
}

/// The next byte, decoded where it is percent-encoded.
fn decoded(scan: &mut Scan<'_>) -> Option<u8> {
    let byte = scan.peek()?;
    let start = scan.position();
    if pct_encoded(scan) {
        let [_, high, low] = scan.since(start) else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        return Some(digit(*high)? << 4 | digit(*low)?);
    }
    scan.take(byte);
    Some(byte)
}
