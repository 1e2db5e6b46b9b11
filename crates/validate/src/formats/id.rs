//! Identifiers: UUID, ULID, names of protobuf elements.

/// Whether `text` is a UUID with its four hyphens (RFC 9562 section 4), in either case, of any
/// version and variant.
pub fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether `text` is a trimmed UUID: 32 hexadecimal digits, no hyphens.
pub fn is_tuuid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `text` is a ULID: 26 digits of Crockford's base 32 in either case, of which the
/// first is at most 7, as 128 bits have no more.
pub fn is_ulid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 26
        && matches!(bytes.first(), Some(b'0'..=b'7'))
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() && !b"ILOUilou".contains(byte))
}

/// Whether `text` is a fully qualified protobuf name (`pkg.Message.field`), without a dot in
/// front.
pub fn is_fqn(text: &str) -> bool {
    text.as_bytes().split(|byte| *byte == b'.').all(is_identifier)
}

/// Whether `text` is a fully qualified protobuf name with a dot in front (`.pkg.Message`).
pub fn is_dotted_fqn(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(is_fqn)
}

/// `[A-Za-z_][A-Za-z_0-9]*`
fn is_identifier(part: &[u8]) -> bool {
    part.first().is_some_and(|byte| !byte.is_ascii_digit())
        && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
