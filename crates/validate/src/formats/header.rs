//! HTTP header names and values (RFC 9110 section 5), the `well_known_regex` of strings.

/// Whether `text` is a header name: a token, with a colon in front where it is a
/// pseudo-header of HTTP/2. `^:?[0-9a-zA-Z!#$%&'*+-.^_|~\x60]+$`, where `+-.` is a range, so
/// that a comma passes although no token has one: protovalidate's expression says so.
pub fn is_header_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let token = bytes.strip_prefix(b":").unwrap_or(bytes);
    !token.is_empty() && token.iter().all(|byte| is_token(*byte))
}

/// Whether `text` may be a header name where `strict` is off: not empty, and nothing that ends
/// a line or a string.
pub fn is_loose_header_name(text: &str) -> bool {
    !text.is_empty() && is_loose_header_value(text)
}

/// Whether `text` is a header value: no control characters but the tab.
pub fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || !byte.is_ascii_control())
}

/// Whether `text` may be a header value where `strict` is off: nothing that ends a line or a
/// string.
pub fn is_loose_header_value(text: &str) -> bool {
    text.bytes().all(|byte| !matches!(byte, 0 | b'\n' | b'\r'))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+,-.^_|~`".contains(&byte)
}
