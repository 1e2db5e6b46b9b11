//! Points in time and spans of it, as CEL has them: exact to the nanosecond, within limits.

use super::fault::Fault;
use contract::rfc3339::{self, date_of, days_of};
use std::cmp::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

const NANOS: i128 = 1_000_000_000;
/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;
/// What `google.protobuf.Duration` allows, in seconds either way.
const MAX_SECONDS: u128 = 315_576_000_000;

/// A span of time. What arithmetic makes is within 64 bits of nanoseconds; what a message holds may be more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duration {
    seconds: i64,
    /// From zero, whatever the sign of the seconds.
    nanos: u32,
    /// Whether a message held more than it may.
    beyond: bool,
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Duration {}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Duration {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// A point in time. One that a message holds may be out of range until somebody computes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp {
    seconds: i64,
    nanos: u32,
}

/// Whole seconds and what is left from zero to one, of what a message may say in any other way.
fn normalized(seconds: i64, nanos: i64) -> (i64, u32) {
    let carried = seconds.saturating_add(nanos.div_euclid(1_000_000_000));
    (carried, u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default())
}

fn split(nanos: i128) -> Option<(i64, u32)> {
    let seconds = i64::try_from(nanos.div_euclid(NANOS)).ok()?;
    Some((seconds, u32::try_from(nanos.rem_euclid(NANOS)).ok()?))
}

impl Duration {
    /// Of the two fields of `google.protobuf.Duration`.
    ///
    /// What is out of range there is the longest span that 64 bits of nanoseconds hold, as Go has it: whoever sends
    /// it gets a verdict.
    pub(super) fn of_fields(seconds: i64, nanos: i64) -> Self {
        let (whole, nanos) = normalized(seconds, nanos);
        let exact = Self { seconds: whole, nanos, beyond: false };
        if (exact.nanos() / NANOS).unsigned_abs() > MAX_SECONDS {
            let nanos = if seconds < 0 { i64::MIN } else { i64::MAX };
            let (seconds, nanos) = split(nanos.into()).unwrap_or_default();
            return Self { seconds, nanos, beyond: true };
        }
        exact
    }

    /// Within 64 bits, as arithmetic demands.
    fn of_nanos(nanos: i128) -> Result<Self, Fault> {
        let within = i64::try_from(nanos).ok().and_then(|nanos| split(nanos.into()));
        let (seconds, nanos) = within.ok_or_else(|| Fault::new("a duration overflows"))?;
        Ok(Self { seconds, nanos, beyond: false })
    }

    /// In nanoseconds, as both official runtimes compute with it: what is longer is as long as can be.
    fn within_64_bits(self) -> i128 {
        self.nanos().clamp(i64::MIN.into(), i64::MAX.into())
    }

    pub(super) fn nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    pub(super) fn plus(self, other: Self) -> Result<Self, Fault> {
        Self::of_nanos(self.within_64_bits() + other.within_64_bits())
    }

    pub(super) fn minus(self, other: Self) -> Result<Self, Fault> {
        Self::of_nanos(self.within_64_bits() - other.within_64_bits())
    }

    /// Whole units of so many nanoseconds, cut towards zero.
    pub(super) fn whole(self, unit: i128) -> i64 {
        i64::try_from(self.nanos() / unit).unwrap_or(i64::MAX)
    }

    /// The two fields of `google.protobuf.Duration`, of the same sign.
    pub(super) fn fields(self) -> (i64, i32) {
        let nanos = self.nanos();
        (i64::try_from(nanos / NANOS).unwrap_or_default(), i32::try_from(nanos % NANOS).unwrap_or_default())
    }

    /// Seconds with as many decimals as needed: "1.5s".
    pub(super) fn text(self) -> Result<String, Fault> {
        if self.beyond {
            return Err(Fault::new("a duration is out of range"));
        }
        let nanos = self.nanos();
        let sign = if nanos < 0 { "-" } else { "" };
        let magnitude = nanos.unsigned_abs();
        Ok(format!("{sign}{}{}s", magnitude / 1_000_000_000, fraction(magnitude % 1_000_000_000)))
    }

    /// Reads numbers with units, "1h30m" or "-1.5s".
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        parse_duration(text)
            .and_then(|nanos| Self::of_nanos(nanos).ok())
            .ok_or_else(|| Fault::new("a string is no duration, such as \"1h30m\" or \"1.5s\""))
    }
}

/// Decimals after a dot, without zeros at the end; nothing for a whole number.
fn fraction(nanos: u128) -> String {
    if nanos == 0 {
        return String::new();
    }
    format!(".{nanos:09}").trim_end_matches('0').to_owned()
}

fn parse_duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0_i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (digits, after) = rest.split_at(number);
        let unit = after.len() - after.trim_start_matches(|c: char| c != '.' && !c.is_ascii_digit()).len();
        let (unit, after) = after.split_at(unit);
        total = total.checked_add(parse_amount(digits, unit_nanos(unit)?)?)?;
        rest = after;
    }
    Some(if negative { -total } else { total })
}

fn unit_nanos(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS,
        "m" => 60 * NANOS,
        "h" => 3600 * NANOS,
        _ => return None,
    })
}

/// A decimal number of units; what is less than a nanosecond is cut off.
fn parse_amount(digits: &str, unit: i128) -> Option<i128> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && part.is_empty()) || part.contains('.') || whole.len() > 19 {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? };
    let mut below = 0_i128;
    let mut scale = 1_i128;
    for digit in part.bytes().take(18) {
        below = below * 10 + i128::from(digit.checked_sub(b'0')?);
        scale *= 10;
    }
    whole.checked_mul(unit)?.checked_add(below.checked_mul(unit)?.checked_div(scale)?)
}

impl Timestamp {
    /// Of the two fields of `google.protobuf.Timestamp`.
    pub(super) fn of_fields(seconds: i64, nanos: i64) -> Self {
        let (seconds, nanos) = normalized(seconds, nanos);
        Self { seconds, nanos }
    }

    pub(super) fn of_seconds(seconds: i64) -> Result<Self, Fault> {
        Self { seconds, nanos: 0 }.in_range()
    }

    pub(super) fn of_system(time: SystemTime) -> Self {
        let nanos = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        let (seconds, nanos) = nanos.ok().and_then(split).unwrap_or_default();
        Self { seconds, nanos }
    }

    fn in_range(self) -> Result<Self, Fault> {
        if (FIRST_SECOND..=LAST_SECOND).contains(&self.seconds) {
            return Ok(self);
        }
        Err(Fault::new("a timestamp is out of range, which is 0001-01-01 to 9999-12-31"))
    }

    fn nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    pub(super) const fn seconds(self) -> i64 {
        self.seconds
    }

    /// The two fields of `google.protobuf.Timestamp`.
    pub(super) const fn fields(self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }

    pub(super) fn plus(self, span: Duration) -> Result<Self, Fault> {
        Self::of_nanos(self.nanos() + span.nanos())
    }

    /// By no more than 64 bits of nanoseconds hold, as both official runtimes have it; the lowest of these numbers
    /// is the opposite of none.
    pub(super) fn minus(self, span: Duration) -> Result<Self, Fault> {
        let most = i128::from(i64::MAX);
        let nanos = span.nanos().min(most);
        if nanos < -most {
            return Err(Fault::new("a duration overflows"));
        }
        Self::of_nanos(self.nanos() - nanos)
    }

    pub(super) fn since(self, other: Self) -> Result<Duration, Fault> {
        Duration::of_nanos(self.nanos() - other.nanos())
    }

    fn of_nanos(nanos: i128) -> Result<Self, Fault> {
        let (seconds, nanos) = split(nanos).unwrap_or((i64::MAX, 0));
        Self { seconds, nanos }.in_range()
    }

    /// The same, of what a string can be read as again.
    pub(super) fn text_in_range(self) -> Result<String, Fault> {
        self.in_range().map(Self::text)
    }

    /// RFC 3339 in UTC, with as many decimals as needed.
    pub(super) fn text(self) -> String {
        let civil = self.civil(0);
        let Civil { year, month, day, hour, minute, second, .. } = civil;
        let fraction = fraction(self.nanos.into());
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
    }

    /// Reads RFC 3339, capital letters only, leap seconds not at all.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        rfc3339::parse(text)
            .map(|read| Self { seconds: read.seconds, nanos: read.nanos })
            .ok_or_else(|| Fault::new("a string is no timestamp, such as \"2024-02-29T12:00:00Z\""))?
            .in_range()
    }

    /// What calendar and clock show, so many seconds east of UTC.
    pub(super) fn civil(self, offset: i32) -> Civil {
        let local = i128::from(self.seconds) + i128::from(offset);
        let part = |part: i128| i64::try_from(part).unwrap_or_default();
        let (days, clock) = (part(local.div_euclid(86_400)), part(local.rem_euclid(86_400)));
        let (year, month, day) = date_of(days);
        Civil {
            year,
            month,
            day,
            day_of_year: days - days_of(year, 1, 1),
            weekday: (days + 4).rem_euclid(7),
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60,
            millisecond: i64::from(self.nanos) / 1_000_000,
        }
    }
}

/// A point in time as calendar and clock show it. Counts start where people start, but for `day_of_year` and
/// `weekday`, which start from zero (on Sunday).
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) day_of_year: i64,
    pub(super) weekday: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}
