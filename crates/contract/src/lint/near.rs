//! What a misspelt name was meant to be.

/// The one of `known` that `name` misspells, if it is plain which: case, `_` and blanks aside, at most a quarter of it is
/// something else.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    let written = plain(name);
    let near = known.into_iter().map(|known| (distance(&written, &plain(known)), known)).min()?;
    (near.0 <= written.len() / 4).then_some(near.1)
}

/// Levenshtein's; both are short.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, c) in one.chars().take(64).enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (d, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(*d != c);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
