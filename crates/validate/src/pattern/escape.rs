//! What follows a backslash, within brackets and outside.

use super::names;
use std::str::Chars;

/// What an escape stands for.
pub(super) enum Escape {
    /// A code point; surrogates are among them.
    Character(u32),
    /// A class, written so that it may stand by itself as well as between brackets.
    Class(String),
}

/// A class that no character is in.
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// Reads an escape whose backslash has been read.
pub(super) fn escape(rest: &mut Chars<'_>) -> Result<Escape, String> {
    let Some(c) = rest.next() else { return Err("the pattern ends with a backslash".to_owned()) };
    Ok(match c {
        'd' | 'D' | 'w' | 'W' | 's' | 'S' => Escape::Class(perl(c).to_owned()),
        'p' | 'P' => Escape::Class(property(c == 'P', rest)?),
        other => Escape::Character(character(other, rest)?),
    })
}

/// An escape of one character, whose first one has been read.
fn character(first: char, rest: &mut Chars<'_>) -> Result<u32, String> {
    Ok(match first {
        '0'..='7' => octal(first, rest)?,
        'x' => hexadecimal(rest)?,
        'a' => 7,
        'f' => 0xc,
        't' => 9,
        'n' => 0xa,
        'r' => 0xd,
        'v' => 0xb,
        // Whatever has no meaning of its own is itself; letters, digits, and what is not ASCII might get one.
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c.into(),
        c => return Err(format!(r"`\{c}` is no escape of RE2's")),
    })
}

/// One to three octal digits; `\1` to `\7` alone would refer back, which RE2 does not.
fn octal(first: char, rest: &mut Chars<'_>) -> Result<u32, String> {
    let mut value = first.to_digit(8).unwrap_or_default();
    let mut digits = 1;
    while let Some(digit) = rest.as_str().chars().next().and_then(|c| c.to_digit(8)).filter(|_| digits < 3) {
        value = value * 8 + digit;
        digits += 1;
        rest.next();
    }
    if digits == 1 && first != '0' {
        return Err(format!(r"`\{first}` refers back, which RE2 does not"));
    }
    Ok(value)
}

/// Two digits, or any number of them in braces.
fn hexadecimal(rest: &mut Chars<'_>) -> Result<u32, String> {
    let text = rest.as_str();
    let (digits, length) = match text.strip_prefix('{') {
        Some(braced) => {
            let digits = braced.split_once('}').map_or("", |(digits, _)| digits);
            (digits, digits.len() + 2)
        }
        None => (text.get(..2).unwrap_or_default(), 2),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok().filter(|value| is_number && *value <= 0x10_ffff);
    let value = value
        .ok_or_else(|| r"`\x` is followed by two hexadecimal digits, or by braces around them".to_owned())?;
    *rest = text.get(length..).unwrap_or_default().chars();
    Ok(value)
}

/// A class of Unicode, in braces or of one letter. `\p{^Greek}` is another way to write `\P{Greek}`.
fn property(negated: bool, rest: &mut Chars<'_>) -> Result<String, String> {
    let text = rest.as_str();
    let unclosed = || r"`\p` is followed by a letter, or by a name in braces".to_owned();
    let (name, after) = match text.strip_prefix('{') {
        Some(braced) => braced.split_once('}').ok_or_else(unclosed)?,
        None => text.split_at(text.chars().next().ok_or_else(unclosed)?.len_utf8()),
    };
    *rest = after.chars();
    let (negated, name) = match name.strip_prefix('^') {
        Some(name) => (!negated, name),
        None => (negated, name),
    };
    if !names::is_class(name) {
        return Err(format!(r"`\p{{{name}}}` is no class that RE2 knows"));
    }
    Ok(match (name, negated) {
        // Halves of characters, which no text has.
        ("Cs", false) => NOTHING.to_owned(),
        ("Cs", true) => r"\p{Any}".to_owned(),
        (name, false) => format!(r"\p{{{name}}}"),
        (name, true) => format!(r"\P{{{name}}}"),
    })
}

const fn perl(class: char) -> &'static str {
    match class {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => r"[\t\n\f\r ]",
        _ => r"[^\t\n\f\r ]",
    }
}
