//! The line that a diagnostic is about, with what is meant underlined.

use crate::origin::Origin;
use std::fmt;

/// A line of a source file, and the part of it that is meant. Of a line that nobody could read, only what is
/// around that part is shown, with "…" for what was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// From 1.
    pub line: u32,
    /// Where in the whole line the part that is meant begins, in characters from 1.
    pub column: usize,
    /// The line, without what ends it; a tab is one blank.
    pub text: String,
    /// Characters of `text` before the part that is meant.
    pub indent: usize,
    /// Characters of the part that is meant, as far as `text` shows it; at least 1.
    pub width: usize,
}

/// Characters of a line that are shown whole. Generated and minified sources have lines of megabytes.
const MAX_LINE: usize = 240;
/// Of a longer line: characters before the part that is meant, and from there on.
const BEFORE: usize = 40;
const AFTER: usize = 120;

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
        let indent = before.chars().count();
        let whole = Self { line, column: indent + 1, text: String::new(), indent, width: 0 };
        let shown = if text.chars().nth(MAX_LINE).is_none() {
            Self { text: printable(text), ..whole }
        } else {
            whole.cut(before, rest)
        };
        Some(shown.with_width(statement(first(rest, MAX_LINE)).chars().count()))
    }

    /// With what is around the part that is meant.
    fn cut(self, before: &str, rest: &str) -> Self {
        let skipped = self.indent.saturating_sub(BEFORE);
        let kept: String = before.chars().skip(skipped).collect();
        let from = first(rest, AFTER);
        let open = if skipped > 0 { "…" } else { "" };
        let close = if from.len() < rest.len() { "…" } else { "" };
        let indent = (self.indent - skipped) + open.chars().count();
        Self { text: printable(&format!("{open}{kept}{from}{close}")), indent, ..self }
    }

    /// The same line, with `width` characters underlined, as far as they are shown.
    #[must_use]
    pub fn with_width(self, width: usize) -> Self {
        let shown = self.text.chars().count().saturating_sub(self.indent);
        Self { width: width.min(shown).max(1), ..self }
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// So many characters of it.
fn first(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(column: u32, text: &str) -> Excerpt {
        let origin = Origin::At { file: "a.proto".to_owned(), line: 1, column };
        Excerpt::of(&origin, text).unwrap()
    }

    #[test]
    fn of_a_line_that_nobody_could_read_what_matters_is_shown() {
        let filler = "int32 é = 1; ".repeat(100_000);
        let text = format!("{filler}Missing m = 2; {filler}");
        let column = u32::try_from(filler.len() + 1).unwrap();
        let excerpt = at(column, &text);
        insta::assert_snapshot!(excerpt, @r"
          |
        1 | … int32 é = 1; int32 é = 1; int32 é = 1; Missing m = 2; int32 é = 1; int32 é = 1; int32 é = 1; int32 é = 1; int32 é = 1; int32 é = 1; int32 é = 1; int32 é = 1; i…
          |                                          ^^^^^^^^^^^^^
        ");
        assert_eq!(excerpt.column, filler.chars().count() + 1);
        let shown: String = excerpt.text.chars().skip(excerpt.indent).take(excerpt.width).collect();
        assert_eq!(shown, "Missing m = 2");
    }

    #[test]
    fn a_statement_that_does_not_end_is_cut_and_so_is_its_underline() {
        let excerpt = at(1, &format!("message {}", "M".repeat(1_000_000)));
        assert!(excerpt.text.ends_with('…') && excerpt.text.chars().count() < 200, "{}", excerpt.text);
        assert_eq!(excerpt.indent + excerpt.width, excerpt.text.chars().count());
        assert!(excerpt.to_string().len() < 1000);
        assert_eq!(excerpt.with_width(usize::MAX).width, 121);
    }

    #[test]
    fn a_line_that_fits_is_shown_as_it_is() {
        let text = format!("  int32 {} = 1;", "a".repeat(200));
        let excerpt = at(3, &text);
        assert_eq!((excerpt.text.as_str(), excerpt.indent, excerpt.column), (text.as_str(), 2, 3));
        assert_eq!(excerpt.width, text.len() - 3);
    }
}
