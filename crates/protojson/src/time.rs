//! Points in time as JSON has them (RFC 3339), from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z: all that
//! `google.protobuf.Timestamp` may say, to the last nanosecond.

use std::ops::RangeInclusive;

/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const DAY: i64 = 86_400;

/// Seconds since 1970, and nanoseconds beyond them; nothing of what is no such text, or out of range.
pub(super) fn parse(text: &str) -> Option<(i64, i32)> {
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let [year, month, day] = numbers(date, [4, 2, 2], '-')?;
    let [hour, minute, second] = numbers(clock.strip_prefix('T')?, [2, 2, 2], ':')?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, zone) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let days = days_of(year, month, day);
    if date_of(days) != (year, month, day) {
        return None;
    }
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - east(zone)?;
    SECONDS.contains(&seconds).then_some((seconds, nanos))
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

/// Numbers of so many digits each.
fn numbers<const N: usize>(text: &str, widths: [usize; N], separator: char) -> Option<[i64; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for (slot, width) in found.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Nanoseconds of one to nine digits after the dot, and what follows them.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).filter(|_| (1..=9).contains(&length))?;
    Some((format!("{digits:0<9}").parse().ok()?, rest))
}

/// Seconds east of UTC.
fn east(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hour, minute] = numbers(zone.strip_prefix(['+', '-'])?, [2, 2], ':')?;
    (hour <= 23 && minute <= 59).then_some(sign * (hour * 3600 + minute * 60))
}

/// The days from 1970-01-01 to a date. Years start in March here, so that the leap day is the last.
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

const fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let day_of_era = days.rem_euclid(146_097);
    let of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = of_era + days.div_euclid(146_097) * 400;
    (if month <= 2 { year + 1 } else { year }, month, day_of_year - (153 * shifted + 2) / 5 + 1)
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
