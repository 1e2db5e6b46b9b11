//! The line that a diagnostic is about, with what is meant underlined.

use crate::origin::Origin;
use std::fmt;

/// A line of a source file, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// From 1.
    pub line: u32,
    /// The line, without what ends it; a tab is one blank.
    pub text: String,
    /// Characters before the part that is meant.
    pub indent: usize,
    /// Characters of the part that is meant; at least 1.
    pub width: usize,
}

impl Excerpt {
    /// The statement at `origin`. `None` if it is not in `source`.
    pub fn of(origin: &Origin, source: &str) -> Option<Self> {
        let (line, _) = origin.position()?;
        Self::of_line(origin, source.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?)
    }

    /// The statement at `origin`, whose line is `text`. `None` if it is not there.
    pub fn of_line(origin: &Origin, text: &str) -> Option<Self> {
        let (line, column) = origin.position()?;
        // Columns count bytes, as in descriptors.
        let (before, rest) = text.split_at_checked(usize::try_from(column).ok()?.checked_sub(1)?)?;
        Some(Self {
            line,
            text: text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
            indent: before.chars().count(),
            width: statement(rest).chars().count().max(1),
        })
    }

    /// The same line, with `width` characters underlined.
    #[must_use]
    pub fn with_width(self, width: usize) -> Self {
        Self { width: width.max(1), ..self }
    }
}

/// Three lines, with a margin for the line's number; no line break at the end.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let (blank, carets) = (" ".repeat(self.indent), "^".repeat(self.width));
        write!(f, "{margin} |\n{number} | {}\n{margin} | {blank}{carets}", self.text)
    }
}

/// What begins here and ends on this line: a declaration up to its brace, an option or a field up to
/// what ends it, an entry of an aggregate up to the end of its value.
fn statement(rest: &str) -> &str {
    let mut depth = 0_u32;
    let mut quote = None;
    let mut value = false;
    let entry = is_entry(rest);
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        let (until, through) =
            (rest.get(..at).unwrap_or(rest), rest.get(..at + c.len_utf8()).unwrap_or(rest));
        if let Some(open) = quote {
            if !escaped && c == open {
                quote = None;
                if entry && depth == 0 {
                    return through;
                }
            }
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            ':' if entry => value = true,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return until.trim_end(),
            ')' | ']' | '}' => {
                depth -= 1;
                if entry && depth == 0 {
                    return through;
                }
            }
            ';' | ',' if depth == 0 => return until.trim_end(),
            _ if c.is_whitespace() && value && depth == 0 && !until.trim_end().ends_with(':') => {
                return until.trim_end();
            }
            _ => {}
        }
    }
    rest.trim_end().trim_end_matches('{').trim_end().trim_end_matches(['=', ':']).trim_end()
}

/// `name: value`, or `name {`.
fn is_entry(rest: &str) -> bool {
    let name = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let after = rest.get(name..).unwrap_or_default().trim_start();
    name > 0 && (after.starts_with(':') || after.starts_with('{'))
}
