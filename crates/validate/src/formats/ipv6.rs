//! IPv6 addresses (RFC 4291 section 2.2, zones of RFC 4007), and their prefixes.

use super::ipv4;
use super::scan::{Scan, decimal};

pub(super) fn is_address(bytes: &[u8]) -> bool {
    let mut scan = Scan::new(bytes);
    address(&mut scan).is_some() && scan.is_end()
}

pub(super) fn is_prefix(bytes: &[u8], strict: bool) -> bool {
    let mut scan = Scan::new(bytes);
    let Some(address) = address(&mut scan) else { return false };
    if address.zone || !scan.take(b'/') {
        return false;
    }
    let Some(length) = decimal(scan.rest(), 128) else { return false };
    // Shifting by all 128 bits has no value: then there is no host part.
    !strict || address.bits().checked_shl(length).unwrap_or(0) == 0
}

/// The pieces of an address, as they were written.
#[derive(Default)]
struct Address {
    /// The 16-bit pieces, left to right; a dotted tail takes two.
    pieces: [u16; 8],
    /// How many of them were written.
    written: usize,
    /// After how many of them `::` stood.
    elided: Option<usize>,
    /// A zone identifier follows.
    zone: bool,
}

impl Address {
    fn push(&mut self, piece: u16) -> Option<()> {
        *self.pieces.get_mut(self.written)? = piece;
        self.written += 1;
        Some(())
    }

    /// All 128 bits, zeros where `::` stood.
    fn bits(&self) -> u128 {
        let tail = self.written - self.elided.unwrap_or(self.written);
        let mut bits = 0_u128;
        for (index, piece) in self.pieces.iter().take(self.written).enumerate() {
            let place = if index < self.written - tail { index } else { 8 - self.written + index };
            bits |= u128::from(*piece) << (16 * 7_usize.saturating_sub(place));
        }
        bits
    }
}

/// Reads one address, and its zone when there is one.
fn address(scan: &mut Scan<'_>) -> Option<Address> {
    let mut address = Address::default();
    while !scan.is_end() {
        if (address.elided.is_some() || address.written == 6) && dotted(scan, &mut address)? {
            break;
        }
        if hextet(scan, &mut address)? {
            continue;
        }
        if !scan.take(b':') {
            break;
        }
        colons(scan, &mut address)?;
    }
    address.zone = zone(scan)?;
    complete(address)
}

/// Eight pieces, or fewer around a `::`, which stands for at least one.
fn complete(address: Address) -> Option<Address> {
    let complete = if address.elided.is_some() { address.written < 8 } else { address.written == 8 };
    complete.then_some(address)
}

/// After one colon: perhaps a second, never a third. Alone it stands between two pieces.
fn colons(scan: &mut Scan<'_>, address: &mut Address) -> Option<()> {
    let alone_at_start = scan.position() == 1;
    if scan.take(b':') {
        let first = address.elided.is_none();
        address.elided = Some(address.written);
        return (first && scan.peek() != Some(b':')).then_some(());
    }
    (!alone_at_start && scan.peek().is_some_and(|byte| byte.is_ascii_hexdigit())).then_some(())
}

/// One to four hexadecimal digits; more are an error, none are not.
fn hextet(scan: &mut Scan<'_>, address: &mut Address) -> Option<bool> {
    let digits = scan.take_while(|byte| byte.is_ascii_hexdigit());
    if digits.is_empty() {
        return Some(false);
    }
    if digits.len() > 4 {
        return None;
    }
    let mut piece = 0_u16;
    for digit in digits {
        let value = char::from(*digit).to_digit(16).and_then(|value| u16::try_from(value).ok())?;
        piece = piece << 4 | value;
    }
    address.push(piece)?;
    Some(true)
}

/// A dotted tail for the last 32 bits. What looks like one (seven bytes or more of digits and
/// dots) must be one.
fn dotted(scan: &mut Scan<'_>, address: &mut Address) -> Option<bool> {
    let start = scan.position();
    let tail = scan.take_while(|byte| byte.is_ascii_digit() || byte == b'.');
    if tail.len() < 7 {
        scan.rewind(start);
        return Some(false);
    }
    let [a, b, c, d] = ipv4::parse(tail)?.to_be_bytes();
    address.push(u16::from_be_bytes([a, b]))?;
    address.push(u16::from_be_bytes([c, d]))?;
    Some(true)
}

/// Perhaps `%` and a zone, of anything but NUL: no standard says what a zone is made of.
fn zone(scan: &mut Scan<'_>) -> Option<bool> {
    if !scan.take(b'%') {
        return Some(false);
    }
    let zone = scan.take_while(|byte| byte != 0);
    (!zone.is_empty() && scan.is_end()).then_some(true)
}
