//! Email addresses.

/// Whether `text` is an email address as the HTML standard defines it for forms
/// (`<https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>`), which wilfully
/// leaves out what RFC 5322 allows and nobody writes: comments, quotes, display names.
pub fn is_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    let local = bytes.iter().take_while(|byte| is_local(**byte)).count();
    if local == 0 || bytes.get(local) != Some(&b'@') {
        return false;
    }
    let domain = bytes.get(local + 1..).unwrap_or_default();
    domain.split(|byte| *byte == b'.').all(is_label)
}

/// ``[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]``
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

/// `[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`
pub(super) fn is_label(label: &[u8]) -> bool {
    label.len() <= 63
        && label.first().is_some_and(u8::is_ascii_alphanumeric)
        && label.last().is_some_and(u8::is_ascii_alphanumeric)
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}
