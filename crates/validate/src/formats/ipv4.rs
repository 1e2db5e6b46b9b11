//! IPv4 addresses in dotted decimal, and their prefixes.

use super::scan::{Scan, decimal};

pub(super) fn is_address(bytes: &[u8]) -> bool {
    let mut scan = Scan::new(bytes);
    address(&mut scan).is_some() && scan.is_end()
}

/// The 32 bits of an address that fills `bytes`.
pub(super) fn parse(bytes: &[u8]) -> Option<u32> {
    let mut scan = Scan::new(bytes);
    address(&mut scan).filter(|_| scan.is_end())
}

pub(super) fn is_prefix(bytes: &[u8], strict: bool) -> bool {
    let mut scan = Scan::new(bytes);
    let Some(bits) = address(&mut scan) else { return false };
    if !scan.take(b'/') {
        return false;
    }
    let Some(length) = decimal(scan.rest(), 32) else { return false };
    // Shifting by all 32 bits has no value: then there is no host part.
    !strict || bits.checked_shl(length).unwrap_or(0) == 0
}

/// Four octets, each without leading zeros, joined by dots.
fn address(scan: &mut Scan<'_>) -> Option<u32> {
    let mut bits = octet(scan)?;
    for _ in 0..3 {
        if !scan.take(b'.') {
            return None;
        }
        bits = bits << 8 | octet(scan)?;
    }
    Some(bits)
}

fn octet(scan: &mut Scan<'_>) -> Option<u32> {
    decimal(scan.take_while(|byte| byte.is_ascii_digit()), 255)
}
