//! What others wrote, made fit to be shown.

/// `text` as one line of at most `at_most` bytes: without what steers a terminal or turns the direction of
/// reading, whoever wrote it.
pub(crate) fn line(text: &str, at_most: usize) -> String {
    const CUT: &str = "…";
    let clean = |c: char| if steers(c) { ' ' } else { c };
    if text.len() <= at_most {
        return text.chars().map(clean).collect();
    }
    let mut line = String::with_capacity(at_most);
    for c in text.chars().map(clean) {
        if line.len() + c.len_utf8() + CUT.len() > at_most {
            break;
        }
        line.push(c);
    }
    line + CUT
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and the bidirectional controls of
/// Unicode Standard Annex 9.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal_and_nothing_is_longer_than_said() {
        assert_eq!(line("a\u{1b}[31mb\u{9b}2J\n\u{202e}c", 100), "a [31mb 2J  c");
        assert_eq!(line("short", 5), "short");
        assert_eq!(line("longer", 5), "lo…");
        assert_eq!(line("äöüäöü", 8), "äö…");
    }
}
