//! Points in time as RFC 3339 writes them, with the Gregorian calendar at all times: capital letters only, as protobuf's JSON
//! has them, and no leap seconds.

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Beyond them.
    pub nanos: u32,
    /// Whether that is all of it: false where more than nine decimals were cut off.
    pub exact: bool,
}

/// Reads "2024-02-29T12:00:00.5+02:00", of any year from 0000 to 9999; nothing of what is none.
pub fn parse(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let [year, month, day] = numbers(date, [4, 2, 2], '-')?;
    let [hour, minute, second] = numbers(clock.strip_prefix('T')?, [2, 2, 2], ':')?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, exact, zone) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, true, rest),
    };
    let days = days_of(year, month, day);
    if date_of(days) != (year, month, day) {
        return None;
    }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - east(zone)?;
    Some(Moment { seconds, nanos, exact })
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

/// Nanoseconds of the digits after the dot, whether they are all of them, and what follows.
fn fraction(text: &str) -> Option<(u32, bool, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
    let nine = digits.get(..9).unwrap_or(digits);
    Some((format!("{nine:0<9}").parse().ok()?, length <= 9, rest))
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
pub const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The date so many days after 1970-01-01: year, month and day, both from one.
pub const fn date_of(days: i64) -> (i64, i64, i64) {
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
    use super::*;

    #[test]
    fn more_than_nine_decimals_are_cut_off_and_said_to_be() {
        let read = |text| parse(text).map(|read| (read.seconds, read.nanos, read.exact));
        assert_eq!(read("1970-01-01T00:00:01.123456789Z"), Some((1, 123_456_789, true)));
        assert_eq!(read("1970-01-01T00:00:01.1234567899Z"), Some((1, 123_456_789, false)));
        assert_eq!(read("1970-01-01T02:00:00.5+02:00"), Some((0, 500_000_000, true)));
        assert_eq!(read("1970-01-01T00:00:01.Z"), None);
    }

    #[test]
    fn every_day_is_its_own_date() {
        for days in -800_000..800_000 {
            let (year, month, day) = date_of(days);
            assert_eq!(days_of(year, month, day), days);
        }
    }
}
