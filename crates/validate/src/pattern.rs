//! Patterns in RE2's syntax, which protovalidate prescribes, for the `regex` crate.
//!
//! The two agree on almost everything; where they do not, RE2 is what the author meant
//! (<https://github.com/google/re2/wiki/Syntax>):
//! - `\d`, `\w`, `\s` and `\b` know ASCII only; `\s` leaves out the vertical tab;
//! - `\Q…\E` quotes; `\<` and `\>` are those characters; `\012` is octal;
//! - within brackets `[`, `&&`, `--` and `~~` are what they are, no sets of sets;
//! - a brace that opens no repetition is a brace; nothing is repeated twice in a row, nor more than a thousand
//!   times, repetitions within repetitions multiplied;
//! - the flags are `i`, `m`, `s` and `U`; names of groups may start with a digit, and come again.

use regex::bytes::{Regex, RegexBuilder};

/// How large a compiled pattern may become, in bytes.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// How often something may be repeated.
const MAX_REPEAT: u32 = 1000;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// Whether it asks for the absence of a border of words (`\B`), which an ASCII border is within characters too.
    borderless: bool,
}

impl Pattern {
    /// The pattern as the crate `regex` writes it, to be read as a pattern of bytes.
    pub fn translated(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        if !self.borderless {
            return self.regex.is_match(text.as_bytes());
        }
        // Only an empty match can begin within a character: everything else reads whole ones.
        self.regex.find_iter(text.as_bytes()).any(|found| text.is_char_boundary(found.start()))
    }
}

/// Compiles a pattern of RE2's syntax.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn compile(pattern: &str) -> Result<Pattern, String> {
    let translated =
        Translation { rest: pattern.chars(), out: String::new(), groups: vec![1], last: 1 }.run()?;
    let built = RegexBuilder::new(&translated).size_limit(MAX_SIZE).build();
    let regex = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("the pattern needs more than {limit} bytes"),
        other => format!("no pattern of RE2's syntax: {}", last_line(&other.to_string())),
    })?;
    Ok(Pattern { regex, borderless: translated.contains(r"\B") })
}

/// The crate draws the pattern first, and says what is wrong in the last line.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim().trim_start_matches("error: ").to_owned()
}

struct Translation<'p> {
    rest: std::str::Chars<'p>,
    out: String,
    /// Of each group that is open, and of the whole: how often something in it is repeated at most.
    groups: Vec<u32>,
    /// The same of what was read last.
    last: u32,
}

impl Translation<'_> {
    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.rest.next() {
            match c {
                '*' | '+' | '?' => {
                    self.out.push(c);
                    self.repeated(1)?;
                    continue;
                }
                '{' => {
                    if let Some(times) = self.counted()? {
                        self.repeated(times)?;
                        continue;
                    }
                    self.literal('{');
                }
                '(' => {
                    self.open()?;
                    continue;
                }
                ')' => {
                    self.out.push(')');
                    let inner = if self.groups.len() > 1 { self.groups.pop() } else { None };
                    self.found(inner.unwrap_or(1));
                    continue;
                }
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                other => self.out.push(other),
            }
            self.found(1);
        }
        Ok(self.out)
    }

    /// Something that may be repeated.
    fn found(&mut self, times: u32) {
        self.last = times;
        if let Some(most) = self.groups.last_mut() {
            *most = times.max(*most);
        }
    }

    /// A repetition has been read: perhaps a lazy one, but none may follow.
    fn repeated(&mut self, times: u32) -> Result<(), String> {
        let product = self.last.saturating_mul(times.max(1));
        if times > MAX_REPEAT || product > MAX_REPEAT {
            return Err(format!("the pattern repeats something more than {MAX_REPEAT} times"));
        }
        self.found(product);
        if let Some(after) = self.rest.as_str().strip_prefix('?') {
            self.rest = after.chars();
            self.out.push('?');
        }
        let again = self.rest.as_str().starts_with(['*', '+', '?']) || counts(self.rest.as_str()).is_some();
        if again { Err("the pattern repeats a repetition".to_owned()) } else { Ok(()) }
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}` behind the brace, if it is one; how often at most, or at least.
    fn counted(&mut self) -> Result<Option<u32>, String> {
        let Some((least, most, length)) = counts_behind_brace(self.rest.as_str()) else { return Ok(None) };
        let (text, after) = self.rest.as_str().split_at(length);
        self.out.push('{');
        self.out.push_str(text);
        self.rest = after.chars();
        if least > MAX_REPEAT {
            return Err(format!("the pattern repeats something more than {MAX_REPEAT} times"));
        }
        Ok(Some(most.unwrap_or(least)))
    }

    /// What follows an opening parenthesis.
    fn open(&mut self) -> Result<(), String> {
        let rest = self.rest.as_str();
        let name = rest.strip_prefix("?P<").or_else(|| rest.strip_prefix("?<"));
        if let Some((name, after)) = name.and_then(|name| name.split_once('>')) {
            if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err("a group's name is of letters, digits and `_`".to_owned());
            }
            // Nobody asks for groups, and RE2 lets names come again.
            self.out.push('(');
            self.rest = after.chars();
        } else if let Some(flags) = rest.strip_prefix('?') {
            let end = flags.find([':', ')']).unwrap_or(flags.len());
            let (names, after) = flags.split_at(end);
            if !names.chars().all(|c| "imsU-".contains(c)) {
                return Err("a group of the pattern is none of RE2's".to_owned());
            }
            self.out.push_str("(?");
            self.out.push_str(names);
            let mut after = after.chars();
            let sign = after.next();
            self.out.extend(sign);
            self.rest = after;
            if sign == Some(')') {
                return Ok(());
            }
        } else {
            self.out.push('(');
        }
        self.groups.push(1);
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(c) = self.rest.next() else { return Err("the pattern ends with a backslash".to_owned()) };
        match c {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => self.out.push_str(perl(c, in_class)),
            'b' if !in_class => self.out.push_str(r"(?-u:\b)"),
            'B' if !in_class => self.out.push_str(r"(?-u:\B)"),
            'Q' if !in_class => self.quoted(),
            'C' => return Err(r"`\C`, a single byte, has no meaning in text".to_owned()),
            '0'..='7' => self.octal(c)?,
            'p' | 'P' => self.property(c),
            'x' => self.hexadecimal(),
            'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if c.is_ascii_alphanumeric() => return Err(format!(r"`\{c}` is no escape of RE2's")),
            c => self.literal(c),
        }
        Ok(())
    }

    /// A class of Unicode, in braces or of one letter. `\p{^Greek}` is another way to write `\P{Greek}`.
    fn property(&mut self, c: char) {
        let rest = self.rest.as_str();
        let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        self.out.push('\\');
        let Some((name, after)) = braced else { return self.out.push(c) };
        self.rest = after.chars();
        let (negated, name) = match name.strip_prefix('^') {
            Some(name) => (c == 'p', name),
            None => (c == 'P', name),
        };
        self.out.push(if negated { 'P' } else { 'p' });
        self.out.push('{');
        self.out.push_str(name);
        self.out.push('}');
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

    /// Two digits, or any number of them in braces, which are no repetition.
    fn hexadecimal(&mut self) {
        self.out.push_str(r"\x");
        if let Some((digits, after)) =
            self.rest.as_str().split_once('}').filter(|(digits, _)| digits.starts_with('{'))
        {
            self.out.push_str(digits);
            self.out.push('}');
            self.rest = after.chars();
        }
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

/// Whether a text begins with a repetition in braces.
fn counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    counts_behind_brace(text.strip_prefix('{')?)
}

/// The two numbers before a closing brace, and how long all of it is.
fn counts_behind_brace(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let (inner, _) = text.split_once('}')?;
    let number = |digits: &str| -> Option<u32> {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, None),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, inner.len() + 1))
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
        assert!(matches(r"^\x{1F600}{2}[\x{e9}\x41]$", "\u{1f600}\u{1f600}\u{e9}"));
        assert!(matches(r"\bfoo\b", "a foo b"));
        assert!(matches(r"\B", "\u{3b1}") && !matches(r"\B", "a\u{3b1}b") && !matches(r"b+\B", "ab\u{e9}"));
        assert!(matches(r"^a\Bb", "ab") && !matches(r"\B$", "a"));
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
        assert!(compile("(a{1000}){1000}").unwrap_err().starts_with("the pattern repeats something"));
        for pattern in ["(?u)a", "(?x)a", "(?R)a", "(?#a)", "(?P=a)", "(?P<a-b>x)", "(?P<>x)", "(?<a", "(?"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        for pattern in
            ["a**", "a+*", "a{2}{3}", "a{2}*", "a???", "a{1001}", "a{2,1}", "((a{10}){10}){11}", "*a"]
        {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        for pattern in [r"\u0061", r"\y", r"\e", r"\E", r"\Z", r"\p{nothing}"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn repetitions_and_groups_are_re2s() {
        assert!(matches(r"^a{,5}$", "a{,5}"));
        assert!(matches(r"^{a{$", "{a{"));
        assert!(matches(r"^a{2,}?b{1,2}c{2}$", "aaabcc"));
        assert!(matches(r"^(a{10}){100}$", &"a".repeat(1000)));
        assert!(matches(r"^(?P<x>a)(?<x>b)(?P<1>c)$", "abc"));
        assert!(matches(r"^(?i)A(?-i:b)(?s-m:.)$", "ab\n"));
        assert!(matches(r"^\p{^Greek}\P{^Latin}\pL$", "aaa"));
        assert!(matches(r"^()(a|)$", "a"));
    }
}
