//! Host names, and hosts with ports.

use super::email::is_label;
use super::scan::decimal;
use super::{ipv4, ipv6};

/// Whether `text` is a host name: labels of 1 to 63 letters, digits and inner hyphens, joined
/// by dots, at most 253 bytes, the last label not digits only. One trailing dot is allowed and
/// does not count (RFC 1123, RFC 1034 section 3.5).
pub fn is_hostname(text: &str) -> bool {
    hostname(text.as_bytes())
}

/// Whether `text` is a host name or an IP address of either version.
pub fn is_address(text: &str) -> bool {
    let bytes = text.as_bytes();
    hostname(bytes) || ipv4::is_address(bytes) || ipv6::is_address(bytes)
}

/// Whether `text` is a host (a host name, an IPv4 address, or an IPv6 address in square
/// brackets) followed by `:` and a port of 0 to 65535. With `port_required` false the port,
/// with its colon, may be left out.
pub fn is_host_and_port(text: &str, port_required: bool) -> bool {
    let bytes = text.as_bytes();
    if let Some(bracketed) = bytes.strip_prefix(b"[") {
        return bracketed_and_port(bracketed, port_required);
    }
    match bytes.iter().rposition(|byte| *byte == b':') {
        None => !port_required && name_or_ipv4(bytes),
        Some(colon) => {
            let (host, port) = bytes.split_at(colon);
            name_or_ipv4(host) && is_port(port)
        }
    }
}

/// What follows the opening bracket: an IPv6 address, `]`, and perhaps a port. A zone may hold
/// brackets itself, so the last one closes.
fn bracketed_and_port(bytes: &[u8], port_required: bool) -> bool {
    let Some(end) = bytes.iter().rposition(|byte| *byte == b']') else { return false };
    let (address, rest) = bytes.split_at(end);
    let rest = rest.get(1..).unwrap_or_default();
    let port = if rest.is_empty() { !port_required } else { is_port(rest) };
    port && ipv6::is_address(address)
}

fn name_or_ipv4(bytes: &[u8]) -> bool {
    hostname(bytes) || ipv4::is_address(bytes)
}

/// `:` and a decimal number of 0 to 65535.
fn is_port(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b":").is_some_and(|digits| decimal(digits, 65535).is_some())
}

fn hostname(bytes: &[u8]) -> bool {
    let name = bytes.strip_suffix(b".").unwrap_or(bytes);
    if name.len() > 253 {
        return false;
    }
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    !last.iter().all(u8::is_ascii_digit) && name.split(|byte| *byte == b'.').all(is_label)
}
