//! The well-known formats of strings: email, host names, addresses, URIs, identifiers,
//! HTTP headers. Each is one pass over the bytes, without allocation; standard rules and
//! CEL functions share them, so that `string.email` and `this.isEmail()` cannot differ.
//!
//! The grammars are protovalidate's, which are narrower or wider than the RFCs in places;
//! every function says where its grammar comes from.

mod email;
mod header;
mod host;
mod id;
mod ipv4;
mod ipv6;
mod scan;
mod uri;

pub use email::is_email;
pub use header::{is_header_name, is_header_value, is_loose_header_name, is_loose_header_value};
pub use host::{is_address, is_host_and_port, is_hostname};
pub use id::{is_dotted_fqn, is_fqn, is_tuuid, is_ulid, is_uuid};
pub use uri::{is_uri, is_uri_ref};

/// Which version of IP an address must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpVersion {
    /// Either of the two.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl IpVersion {
    /// The version that protovalidate's CEL functions mean by a number: 0 is either, 4 and
    /// 6 are themselves; no address has another.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Any),
            4 => Some(Self::V4),
            6 => Some(Self::V6),
            _ => None,
        }
    }
}

/// Whether `text` is an IPv4 address in dotted decimal (`192.0.2.1`, no leading zeros) or an
/// IPv6 address (RFC 4291, with an optional zone identifier of RFC 4007 after `%`).
pub fn is_ip(text: &str, version: IpVersion) -> bool {
    let bytes = text.as_bytes();
    match version {
        IpVersion::Any => ipv4::is_address(bytes) || ipv6::is_address(bytes),
        IpVersion::V4 => ipv4::is_address(bytes),
        IpVersion::V6 => ipv6::is_address(bytes),
    }
}

/// Whether `text` is an address followed by `/` and the length of its network part in bits.
/// With `strict` every bit to the right of that length must be zero. Zones are not allowed.
pub fn is_ip_prefix(text: &str, version: IpVersion, strict: bool) -> bool {
    let bytes = text.as_bytes();
    match version {
        IpVersion::Any => ipv6::is_prefix(bytes, strict) || ipv4::is_prefix(bytes, strict),
        IpVersion::V4 => ipv4::is_prefix(bytes, strict),
        IpVersion::V6 => ipv6::is_prefix(bytes, strict),
    }
}

#[cfg(test)]
mod tests;
