//! From RE2's syntax to that of the crate `regex`.

use super::{class::range, escape::Escape};

/// How often something may be repeated.
const MAX_REPEAT: u32 = 1000;

/// The pattern in the other syntax; what only the other parser would refuse is left to it.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    Translation { rest: pattern.chars(), out: String::new(), groups: vec![1], last: 1 }.run()
}

/// A pattern while it is translated.
pub(super) struct Translation<'p> {
    pub(super) rest: std::str::Chars<'p>,
    pub(super) out: String,
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
                '\\' => self.escaped()?,
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
            let (written, colon, after) = super::flags::flags(flags)?;
            self.out.push_str(&written);
            self.rest = after.chars();
            if !colon {
                return Ok(());
            }
        } else {
            self.out.push('(');
        }
        self.groups.push(1);
        Ok(())
    }

    /// What follows a backslash outside of brackets.
    fn escaped(&mut self) -> Result<(), String> {
        match self.rest.as_str().chars().next() {
            Some(look @ ('A' | 'z' | 'b' | 'B')) => {
                self.rest.next();
                self.out.push_str(match look {
                    'A' => r"\A",
                    'z' => r"\z",
                    'b' => r"(?-u:\b)",
                    _ => r"(?-u:\B)",
                });
            }
            Some('Q') => {
                self.rest.next();
                self.quoted();
            }
            Some('C') => return Err(r"`\C`, a single byte, has no meaning in text".to_owned()),
            _ => match super::escape::escape(&mut self.rest)? {
                Escape::Class(class) => self.out.push_str(&class),
                Escape::Character(c) => self.out.push_str(&range(c, c)),
            },
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

    fn literal(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex_syntax::escape(c.encode_utf8(&mut buffer)));
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
        // With a zero in front of it, RE2 takes the brace for a brace.
        let is_number = is_number && (digits == "0" || !digits.starts_with('0'));
        is_number.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, None),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, inner.len() + 1))
}
