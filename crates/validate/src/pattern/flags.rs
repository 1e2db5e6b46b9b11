//! The flags of a group: `(?i-s:…)`, `(?m)`.

/// What is written for the flags behind `(?`, whether a colon ended them, and what follows. Among flags that are said
/// twice the last one holds.
pub(super) fn flags(text: &str) -> Result<(String, bool, &str), String> {
    let none = || "a group of the pattern is none of RE2's".to_owned();
    let end = text.find([':', ')']).ok_or_else(none)?;
    let (names, after) = text.split_at(end);
    let colon = after.starts_with(':');
    let after = after.get(1..).unwrap_or_default();
    let (on, off) = match names.split_once('-') {
        // A minus takes away something.
        Some((_, "")) => return Err(none()),
        Some((on, off)) => (on, off),
        None => (names, ""),
    };
    if !on.chars().chain(off.chars()).all(|c| "imsU".contains(c)) {
        return Err(none());
    }
    let said = |among: &str| "imsU".chars().filter(|c| among.contains(*c)).collect::<String>();
    let off = said(off);
    let on: String = said(on).chars().filter(|c| !off.contains(*c)).collect();
    Ok(match (on.is_empty() && off.is_empty(), colon) {
        (true, true) => ("(?:".to_owned(), colon, after),
        (true, false) => (String::new(), colon, after),
        (false, _) => {
            let minus = if off.is_empty() { "" } else { "-" };
            (format!("(?{on}{minus}{off}{}", if colon { ':' } else { ')' }), colon, after)
        }
    })
}
