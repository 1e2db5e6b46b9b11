//! How findings look. Colours are dropped where the output is no terminal, or `NO_COLOR` is set.

use crate::output;
use anstyle::{AnsiColor, Style};
use std::io::Write as _;

pub(super) const ERROR: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
pub(super) const WARNING: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const PLACE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));

/// To standard output, whole.
///
/// # Errors
/// It cannot be written, for people. A reader that went away had enough.
pub(super) fn print(text: &str) -> Result<(), String> {
    output::print(&format!("{}\n", text.trim_end()))
}

/// To standard error.
pub(super) fn complain(message: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{ERROR}error:{ERROR:#} {message}");
}

/// To standard error, for what does not stop the work.
pub(super) fn warn(message: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{WARNING}warning:{WARNING:#} {message}");
}

/// "1 error", "2 errors".
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
