//! Durations as contracts write them: "250ms", "15s", "5m", "1h".

use std::time::Duration;

/// Ten years. Longer than any promise, and short enough to be added to any point in time.
const MAX: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Reads `[0-9]+(ms|s|m|h)`, greater than zero.
///
/// # Errors
/// What is wrong with the text, to be read after "because".
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
    if number.is_empty() {
        return Err("it does not begin with a number");
    }
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err("it has no unit"),
        _ => return Err("its unit is none of ms, s, m, h"),
    };
    let total =
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis)).map(Duration::from_millis);
    match total {
        Some(Duration::ZERO) => Err("it is zero"),
        Some(total) if total <= MAX => Ok(total),
        _ => Err("it is longer than ten years"),
    }
}

/// The shortest text that [`parse`] reads as this duration, cut to milliseconds.
pub fn format(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if millis > 0 && millis.is_multiple_of(size) {
            return format!("{}{unit}", millis / size);
        }
    }
    format!("{millis}ms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn says_what_is_wrong() {
        for (text, reason) in [
            ("", "it does not begin with a number"),
            ("s", "it does not begin with a number"),
            ("-1s", "it does not begin with a number"),
            ("15", "it has no unit"),
            ("15 s", "its unit is none of ms, s, m, h"),
            ("1.5s", "its unit is none of ms, s, m, h"),
            ("0s", "it is zero"),
            ("99999999999999999999h", "it is longer than ten years"),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(millis in 1..MAX.as_millis()) {
            let duration = Duration::from_millis(u64::try_from(millis).unwrap());
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
