//! Values within messages of violations, as CEL's `format` writes them.

pub(super) fn list<T>(values: &[T], one: impl Fn(&T) -> String) -> String {
    format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", "))
}

pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        value.to_string()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds, without trailing zeros: "1.5s".
pub(super) fn duration(nanos: i128) -> String {
    let (sign, nanos) = if nanos < 0 { ("-", nanos.unsigned_abs()) } else { ("", nanos.unsigned_abs()) };
    format!("{sign}{}{}s", nanos / 1_000_000_000, fraction(nanos % 1_000_000_000))
}

/// RFC 3339, in UTC, without trailing zeros: "2026-01-02T03:04:05.6Z".
pub(super) fn timestamp(nanos: i128) -> String {
    let seconds = nanos.div_euclid(1_000_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let fraction = fraction(nanos.rem_euclid(1_000_000_000).unsigned_abs());
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn fraction(nanos: u128) -> String {
    if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() }
}

/// Year, month and day of a day since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: i128) -> (i128, i128, i128) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_cel_writes_them() {
        assert_eq!(duration(1_500_000_000), "1.5s");
        assert_eq!(duration(-3_000_000_000), "-3s");
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(1_709_210_096_000_000_001), "2024-02-29T12:34:56.000000001Z");
        assert_eq!(timestamp(-62_135_596_800_000_000_000), "0001-01-01T00:00:00Z");
        assert_eq!(timestamp(-1_000_000_000), "1969-12-31T23:59:59Z");
        assert_eq!([0.1, 5.0, f64::INFINITY].map(double), ["0.1", "5", "Infinity"]);
        assert_eq!(double(f64::from(0.1_f32)), "0.10000000149011612");
    }
}
