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

/// Reads a decimal number; the names of infinity and NaN in any case; hexadecimal not.
pub(super) fn parse(text: &str) -> Option<f64> {
    text.parse().ok()
}
