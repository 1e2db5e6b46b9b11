//! Doubles to text and back, as Go writes and reads them, which is what CEL's texts were written after.

/// `string(double)`: as few digits as name the number, and an exponent below 1e-4 and from 1e21 on.
pub(super) fn shortest(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = with_exponent(&format!("{number:e}"));
    let exponent = scientific.rsplit_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    match exponent {
        Some(exponent) if number == 0.0 || (-4..GO_EXPONENT).contains(&exponent) => number.to_string(),
        _ => scientific,
    }
}

/// From which power of ten on Go's `%g` writes an exponent, where it writes as few digits as possible.
const GO_EXPONENT: i32 = 6;

/// The exponent with a sign and at least two digits.
fn with_exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else { return text.to_owned() };
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

/// `%s` and `%d` of a format: never an exponent.
pub(super) fn plain(number: f64) -> String {
    special(number).unwrap_or_else(|| number.to_string())
}

/// `%.nf`.
pub(super) fn fixed(number: f64, precision: usize) -> String {
    special(number).unwrap_or_else(|| format!("{number:.precision$}"))
}

/// `%.ne`.
pub(super) fn scientific(number: f64, precision: usize) -> String {
    special(number).unwrap_or_else(|| with_exponent(&format!("{number:.precision$e}")))
}

fn special(number: f64) -> Option<String> {
    if number.is_nan() {
        return Some("NaN".to_owned());
    }
    match number {
        f64::INFINITY => Some("Infinity".to_owned()),
        f64::NEG_INFINITY => Some("-Infinity".to_owned()),
        _ => None,
    }
}

/// Reads a decimal number, or a hexadecimal one with a power of two ("0x1.8p3"); the names of infinity and NaN in any
/// case. What is larger than any double is none.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(digits) = magnitude.strip_prefix("0x").or_else(|| magnitude.strip_prefix("0X")) {
        return hexadecimal(digits).map(|number| if negative { -number } else { number });
    }
    let number: f64 = text.parse().ok()?;
    let is_name = !text.bytes().any(|byte| byte.is_ascii_digit());
    (number.is_finite() || is_name).then_some(number)
}

/// "1.8p3": digits to the base of sixteen, and by which power of two they are multiplied.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let (sign, power) = match exponent.strip_prefix('-') {
        Some(power) => (-1, power),
        None => (1, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str, radix: u32| text.bytes().all(|byte| char::from(byte).is_digit(radix));
    if whole.len() + part.len() == 0 || !is_number(whole, 16) || !is_number(part, 16) {
        return None;
    }
    if power.is_empty() || !is_number(power, 10) {
        return None;
    }
    // More than this is nothing or beyond all doubles, however many digits there are.
    let mut exponent = sign * power.parse::<i64>().unwrap_or(FAR).min(FAR);
    exponent -= 4 * i64::try_from(part.len()).unwrap_or(FAR);
    let mut mantissa = 0_u128;
    for digit in whole.chars().chain(part.chars()).filter_map(|digit| digit.to_digit(16)) {
        if mantissa >> 124 == 0 {
            mantissa = mantissa << 4 | u128::from(digit);
        } else {
            // Far below what a double holds: it only tells a half from more than a half.
            mantissa |= u128::from(digit != 0);
            exponent += 4;
        }
    }
    scaled(mantissa, exponent)
}

/// An exponent that no digits make up for.
const FAR: i64 = 1 << 40;

/// The nearest double to a number times a power of two; nothing where that is beyond all doubles.
#[allow(clippy::cast_precision_loss, reason = "rounded before to what a double holds")]
#[allow(clippy::cast_possible_truncation, reason = "within the exponents of doubles")]
fn scaled(mut mantissa: u128, mut exponent: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let length = 128 - i64::from(mantissa.leading_zeros());
    // The lowest bit that is kept: of 53, or the last one that there is.
    let dropped = (length - 53).max(-1074 - exponent);
    if dropped > length {
        return Some(0.0);
    }
    if dropped > 0 {
        let half = 1_u128 << (dropped - 1);
        let (kept, rest) =
            (if dropped == 128 { 0 } else { mantissa >> dropped }, mantissa & (half << 1).wrapping_sub(1));
        mantissa = kept + u128::from(rest > half || (rest == half && kept & 1 == 1));
        exponent += dropped;
    }
    let length = 128 - i64::from(mantissa.leading_zeros());
    if mantissa > 0 && length + exponent > 1024 {
        return None;
    }
    // In two steps, each of which is exact.
    let half = exponent.clamp(-2000, 2000) / 2;
    let power = |exponent: i64| 2_f64.powi(exponent as i32);
    Some(mantissa as f64 * power(half) * power(exponent.clamp(-2000, 2000) - half))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn hexadecimal_numbers_are_read_as_go_reads_them() {
        for (text, number) in [
            ("0x1p3", 8.0),
            ("0X1P+3", 8.0),
            ("-0x1.8p1", -3.0),
            ("+0x.8p0", 0.5),
            ("0x1.p-1", 0.5),
            ("0x1p-1074", f64::from_bits(1)),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", f64::from_bits(1)),
            ("0x1.0000000000001p-1075", f64::from_bits(1)),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.00000000000018p0", 1.0 + 2.0 * f64::EPSILON),
            ("0x1.000000000000080000000000000000000000000000001p0", 1.0 + f64::EPSILON),
            ("0x0p999999999999999999999", 0.0),
            ("0x1p-999999999999999999999", 0.0),
            ("0x123456789abcdef123456789abcdef123456789abcdefp-120", f64::from_bits(0x4372_3456_789a_bcdf)),
        ] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for text in [
            "0x",
            "0x1",
            "0x.p1",
            "0x1p",
            "0xp1",
            "0xgp1",
            "0x1p1.0",
            "0x1p1024",
            "0x1.fffffffffffff8p1023",
            "1e999",
            "0x-1p1",
            "--1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!((parse("-Infinity"), parse("1.5e3")), (Some(f64::NEG_INFINITY), Some(1500.0)));
    }
}
