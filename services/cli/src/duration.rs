//! Durations on the command line, written as in contracts: "250ms", "15s", "10m", "24h".

use std::time::Duration;

/// The inverse of how people write them.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let wrong = || format!("`{text}` is no duration: write a whole number and ms, s, m or h, as in 30s");
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs).ok_or_else(wrong);
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_says_what_is_wrong() {
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("24h"), Ok(Duration::from_secs(86_400)));
        for wrong in ["", "s", "1", "1.5s", "-1s", "1d", "99999999999999999999s", "18446744073709551615h"] {
            assert!(parse(wrong).unwrap_err().contains("30s"), "{wrong}");
        }
    }
}
