//! Points in time as JSON has them (RFC 3339), from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z: all that
//! `google.protobuf.Timestamp` may say, to the last nanosecond.

use contract::rfc3339::{self, date_of};
use std::ops::RangeInclusive;

/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const DAY: i64 = 86_400;

/// Seconds since 1970, and nanoseconds beyond them; nothing of what is no such text, or out of range.
pub(super) fn parse(text: &str) -> Option<(i64, i32)> {
    let read = rfc3339::parse(text).filter(|read| read.exact && SECONDS.contains(&read.seconds))?;
    Some((read.seconds, read.nanos.try_into().ok()?))
}

/// The same in UTC, with as many decimals as needed; nothing of what is out of range.
pub(super) fn write(seconds: i64, nanos: i64) -> Option<String> {
    if !SECONDS.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let part = if nanos == 0 { String::new() } else { format!(".{nanos:09}") };
    let part = part.trim_end_matches('0');
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{part}Z"))
}

#[cfg(test)]
mod tests {
    use super::{parse, write};

    #[test]
    fn all_that_a_timestamp_may_say_is_read_and_written() {
        for (text, seconds, nanos) in [
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("1969-12-31T23:59:59.25Z", -1, 250_000_000),
            ("1970-01-01T00:00:00.000000001Z", 0, 1),
            ("2000-02-29T12:30:00Z", 951_827_400, 0),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
        ] {
            assert_eq!(parse(text), Some((seconds, nanos)), "{text}");
            assert_eq!(write(seconds, nanos.into()).as_deref(), Some(text));
        }
        assert_eq!(parse("2026-01-31T12:00:00+02:00"), parse("2026-01-31T10:00:00Z"));
        assert_eq!(parse("9999-12-31T22:59:59-01:00"), parse("9999-12-31T23:59:59Z"));
        assert_eq!((write(253_402_300_800, 0), write(0, -1), write(i64::MIN, 0)), (None, None, None));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "9999-12-31T23:59:59-01:00",
            "0001-01-01T00:00:00+01:00",
            "10000-01-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31t12:00:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00.0000000001Z",
            "2026-01-31T12:00:00+2:00",
            "2026-01-31T12:00:00Z ",
            "2026-01-3\u{e9}T12:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
