//! Patterns in RE2's syntax, which protovalidate prescribes, for the `regex` crate.
//!
//! The two agree on almost everything; where they do not, RE2 is what the author meant
//! (<https://github.com/google/re2/wiki/Syntax>):
//! - `\d`, `\w`, `\s` and `\b` know ASCII only; `\s` leaves out the vertical tab;
//! - `\Q…\E` quotes; `\<` and `\>` are those characters; `\012` is octal;
//! - within brackets `[`, `&&`, `--` and `~~` are what they are, no sets of sets.

use regex::{Regex, RegexBuilder};

/// How large a compiled pattern may become, in bytes.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// Compiles a pattern of RE2's syntax.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = Translation { rest: pattern.chars(), out: String::new() }.run()?;
    RegexBuilder::new(&translated).size_limit(MAX_SIZE).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("the pattern needs more than {limit} bytes"),
        other => format!("no pattern of RE2's syntax: {}", last_line(&other.to_string())),
    })
}

/// The crate draws the pattern first, and says what is wrong in the last line.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim().trim_start_matches("error: ").to_owned()
}

struct Translation<'p> {
    rest: std::str::Chars<'p>,
    out: String,
}

impl Translation<'_> {
    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                other => self.out.push(other),
            }
        }
        Ok(self.out)
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(c) = self.rest.next() else { return Err("the pattern ends with a backslash".to_owned()) };
        match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => self.out.push_str(perl(c, in_class)),
            'b' if !in_class => self.out.push_str(r"(?-u:\b)"),
            'Q' if !in_class => self.quoted(),
            'C' => return Err(r"`\C`, a single byte, has no meaning in text".to_owned()),
            '0'..='7' => self.octal(c)?,
            c if c.is_ascii_alphanumeric() => {
                self.out.push('\\');
                self.out.push(c);
            }
            c => self.literal(c),
        }
        Ok(())
    }

    fn quoted(&mut self) {
        loop {
            if let Some(after) = self.rest.as_str().strip_prefix(r"\E") {
                self.rest = after.chars();
                return;
            }
            let Some(c) = self.rest.next() else { return };
            self.literal(c);
        }
    }

    /// One to three octal digits; `\1` to `\7` alone would refer back, which RE2 does not.
    fn octal(&mut self, first: char) -> Result<(), String> {
        let mut value = first.to_digit(8).unwrap_or_default();
        let mut digits = 1;
        while let Some(digit) = self.rest.as_str().chars().next().and_then(|c| c.to_digit(8)) {
            if digits == 3 {
                break;
            }
            value = value * 8 + digit;
            digits += 1;
            self.rest.next();
        }
        if digits == 1 && first != '0' {
            return Err(format!(r"`\{first}` refers back, which RE2 does not"));
        }
        self.out.push_str(&format!(r"\x{{{value:x}}}"));
        Ok(())
    }

    fn literal(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex::escape(c.encode_utf8(&mut buffer)));
    }

    /// What stands between brackets.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        let mut first = true;
        loop {
            let Some(c) = self.rest.next() else { return Err("a `[` is not closed".to_owned()) };
            match c {
                '^' if first => {
                    self.out.push('^');
                    // A bracket right behind is no end either.
                    if let Some(after) = self.rest.as_str().strip_prefix(']') {
                        self.rest = after.chars();
                        self.out.push_str(r"\]");
                    }
                }
                ']' if first => self.out.push_str(r"\]"),
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                '[' if self.rest.as_str().starts_with(':') && self.rest.as_str().contains(":]") => {
                    self.posix();
                }
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '-' if self.rest.as_str().starts_with('-') => self.out.push_str(r"\-"),
                other => self.out.push(other),
            }
            first = false;
        }
    }

    /// `[:alpha:]`, as it is.
    fn posix(&mut self) {
        self.out.push('[');
        let end = self.rest.as_str().find(":]").map_or(0, |at| at + 2);
        let (name, after) = self.rest.as_str().split_at(end);
        self.out.push_str(name);
        self.rest = after.chars();
    }
}

const fn perl(class: char, in_class: bool) -> &'static str {
    match (class, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', false) => r"[\t\n\f\r ]",
        ('s', true) => r"\t\n\f\r ",
        _ => r"[^\t\n\f\r ]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text)
    }

    #[test]
    fn perl_classes_know_ascii_only() {
        assert!(matches(r"^\d+$", "42"));
        assert!(!matches(r"^\d+$", "٤٢"));
        assert!(!matches(r"^\w$", "é"));
        assert!(matches(r"^\W$", "é"));
        assert!(!matches(r"^\s$", "\u{b}"));
        assert!(matches(r"^[\d\s-]+$", "4 -2"));
        assert!(matches(r"^[^\D]$", "7"));
    }

    #[test]
    fn brackets_hold_characters_and_not_sets() {
        assert!(matches("^[[a]+$", "[a"));
        assert!(matches("^[a&&b]+$", "a&b"));
        assert!(matches("^[a~~b]+$", "~"));
        assert!(matches("^[]a]+$", "]a"));
        assert!(matches("^[^]a]$", "b"));
        assert!(matches("^[[:alpha:]_]+$", "ab_"));
        assert!(matches("^[a-c-]+$", "a-"));
    }

    #[test]
    fn escapes_are_re2s() {
        assert!(matches(r"^\Qa.b\E+$", "a.bb"));
        assert!(matches(r"^\<\>$", "<>"));
        assert!(matches(r"^\101\x42\x{43}$", "ABC"));
        assert!(matches(r"\bfoo\b", "a foo b"));
        assert!(matches(r"^\_\-\/$", "_-/"));
        assert!(matches(r"a\z", "a"));
        assert!(!matches(r"a$", "a\n"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        assert_eq!(compile(r"(a)\1").unwrap_err(), r"`\1` refers back, which RE2 does not");
        assert_eq!(compile("a(").unwrap_err(), "no pattern of RE2's syntax: unclosed group");
        assert_eq!(compile("[a").unwrap_err(), "a `[` is not closed");
        assert_eq!(compile("a\\").unwrap_err(), "the pattern ends with a backslash");
        assert!(compile(r"(?=a)").is_err());
        assert!(compile("(a{1000}){1000}").unwrap_err().starts_with("the pattern needs"));
    }
}
