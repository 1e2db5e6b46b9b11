//! Texts that a pattern matches: a few, to try whether another rule takes them.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Parts of one text.
const LONGEST: usize = 4096;

/// How choices are made where a pattern leaves one.
#[derive(Clone, Copy)]
struct Choice {
    /// Which alternative, and which character of a class: counted from the front, or from the back.
    at: usize,
    /// How often something open is repeated beyond its least.
    more: usize,
}

/// Texts that the pattern is meant to match, of various lengths. Whoever uses them tries them: the syntax is
/// not quite RE2's.
pub(super) fn samples(pattern: &str, lengths: &[usize]) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let mut found = Vec::new();
    let repeats =
        [0, 1, 2, usize::MAX].into_iter().chain(lengths.iter().copied().filter(|length| *length > 2));
    for more in repeats {
        for at in 0..4 {
            let mut out = String::new();
            if write(&hir, Choice { at, more }, &mut out).is_some() {
                found.push(out);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn write(hir: &Hir, choice: Choice, out: &mut String) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => out.push(character(class, choice.at)?),
        HirKind::Capture(capture) => write(&capture.sub, choice, out)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, choice, out))?,
        HirKind::Alternation(parts) => write(parts.get(choice.at % parts.len().max(1))?, choice, out)?,
        HirKind::Repetition(repetition) => {
            let least = repetition.min as usize;
            let most = repetition.max.map_or(usize::MAX, |most| most as usize);
            // "As often as it may be" is once where there is no end.
            let more = if choice.more == usize::MAX && most == usize::MAX { 1 } else { choice.more };
            for _ in 0..least.saturating_add(more).min(most) {
                write(&repetition.sub, choice, out)?;
            }
        }
    }
    Some(())
}

/// One of a class: one end or the other of its ranges, letters and digits first.
fn character(class: &Class, at: usize) -> Option<char> {
    let Class::Unicode(class) = class else {
        let Class::Bytes(class) = class else { return None };
        return class.iter().map(|range| char::from(range.start())).find(char::is_ascii);
    };
    let ranges: Vec<(char, char)> = class.iter().map(|range| (range.start(), range.end())).collect();
    let plain = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
    let preferred: Vec<char> = ['a', '0', 'A', '-', 'z', '_'].into_iter().filter(|c| plain(*c)).collect();
    let ends: Vec<char> = ranges.iter().flat_map(|(low, high)| [*low, *high]).collect();
    match at {
        0 | 1 => preferred.get(at).or_else(|| preferred.first()).or_else(|| ends.first()).copied(),
        2 => ends.last().copied(),
        _ => ends.first().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_match() {
        for pattern in ["^[a-z]{2,5}$", "^(a|bc)+\\.[0-9]*$", "x", "^[^a]{3}$", "^\\d{4}-\\d{2}$"] {
            let compiled = validate::pattern::compile(pattern).unwrap();
            let samples = samples(pattern, &[9]);
            assert!(samples.iter().any(|text| compiled.is_match(text)), "{pattern}: {samples:?}");
        }
        assert!(samples("^[a-z]{2,5}$", &[]).iter().any(|text| text.len() == 5));
        assert!(samples("(", &[]).is_empty());
    }
}
