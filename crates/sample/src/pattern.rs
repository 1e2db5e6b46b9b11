//! Texts that match a pattern, found by walking its syntax.

use crate::dice::Dice;
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

/// Repetitions without an end go at most so far beyond their beginning.
const FURTHER: u32 = 12;
/// Longer texts are given up.
const MAX_LENGTH: usize = 64 * 1024;

/// A pattern that can be turned around.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    hir: Hir,
    /// What every match begins with, where the pattern says so: "products/".
    pub(crate) prefix: String,
}

impl Shape {
    /// Of a pattern of RE2's syntax; nothing where it is none.
    pub(crate) fn of(pattern: &str) -> Option<Self> {
        let pattern = validate::pattern::compile(pattern).ok()?;
        let hir = ParserBuilder::new().utf8(false).build().parse(pattern.translated()).ok()?;
        let mut prefix = Vec::new();
        leading(&hir, &mut prefix);
        Some(Self { prefix: String::from_utf8(prefix).unwrap_or_default(), hir })
    }

    /// A text that likely matches: assertions within it are not looked at. Longer ones for a greater
    /// `stretch`.
    pub(crate) fn text(&self, dice: &mut Dice, stretch: u32) -> Option<String> {
        let mut out = Vec::new();
        walk(&self.hir, dice, stretch, &mut out)?;
        String::from_utf8(out).ok()
    }
}

/// Appends what is literal at the beginning; false where something else follows.
fn leading(hir: &Hir, out: &mut Vec<u8>) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            out.extend_from_slice(&literal.0);
            true
        }
        HirKind::Capture(capture) => leading(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().all(|part| leading(part, out)),
        HirKind::Class(_) | HirKind::Repetition(_) | HirKind::Alternation(_) => false,
    }
}

/// How deep is bounded by the parser.
fn walk(hir: &Hir, dice: &mut Dice, stretch: u32, out: &mut Vec<u8>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.extend_from_slice(&literal.0);
            Some(())
        }
        HirKind::Class(class) => {
            push_member(class, dice, out)?;
            Some(())
        }
        HirKind::Capture(capture) => walk(&capture.sub, dice, stretch, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| walk(part, dice, stretch, out)),
        HirKind::Alternation(parts) => walk(dice.pick(parts)?, dice, stretch, out),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let wanted =
                repetition.min.max(1).saturating_add(dice.below(u64::from(FURTHER.min(stretch) + 1)) as u32);
            let times = if stretch == 0 { repetition.min } else { wanted.saturating_add(stretch / 3) };
            for _ in 0..times.clamp(repetition.min, most) {
                if out.len() > MAX_LENGTH {
                    return None;
                }
                walk(&repetition.sub, dice, stretch, out)?;
            }
            Some(())
        }
    }
}

/// A member that is easy on the eye, if there is one.
fn push_member(class: &Class, dice: &mut Dice, out: &mut Vec<u8>) -> Option<()> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect(),
        // Above ASCII a single byte is no character.
        Class::Bytes(class) => {
            let ascii = class.ranges().iter().filter(|r| r.start() < 0x80);
            ascii.map(|r| (r.start().into(), r.end().min(0x7f).into())).collect()
        }
    };
    let within = |low: char, high: char| -> Vec<(u32, u32)> {
        let (low, high) = (u32::from(low), u32::from(high));
        let cut = ranges.iter().map(|(start, end)| (*start.max(&low), *end.min(&high)));
        cut.filter(|(start, end)| start <= end).collect()
    };
    let friendly = [('a', 'z'), ('A', 'Z'), ('0', '9'), ('!', '~'), (' ', ' '), ('\u{a1}', '\u{2fff}')];
    let nice = friendly.iter().map(|(low, high)| within(*low, *high)).find(|found| !found.is_empty());
    // Now and then another one: what a rule besides the pattern may ask for.
    let ranges = if dice.chance(12) { within('0', '9') } else { Vec::new() };
    let ranges = if ranges.is_empty() { nice.unwrap_or_else(|| within('\0', char::MAX)) } else { ranges };
    let (start, end) = *dice.pick(&ranges)?;
    let code = u32::try_from(dice.between(start.into(), end.into())).ok()?;
    let c = char::from_u32(code).or_else(|| char::from_u32(start))?;
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_their_pattern() {
        for pattern in [
            "^products/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            "^[A-Z]{3}$",
            r"^\d{4}-\d{2}$",
            "^(a|bc|d{2,4})+$",
            r"^[^a-z\s]{5}$",
            "^.{3,}$",
            r"^\p{Greek}{2}$",
            "x",
            "^(?i)abc$",
            r"^\Qa.b\E+$",
        ] {
            let shape = Shape::of(pattern).unwrap();
            let compiled = validate::pattern::compile(pattern).unwrap();
            for seed in 0..40 {
                let text = shape.text(&mut Dice::of(seed, &[]), u32::try_from(seed).unwrap() % 5).unwrap();
                assert!(compiled.is_match(&text), "{pattern}: {text:?}");
            }
        }
    }

    #[test]
    fn what_a_pattern_begins_with_is_known() {
        assert_eq!(Shape::of("^products/[a-z]+$").unwrap().prefix, "products/");
        assert_eq!(Shape::of("^(ord)_x?").unwrap().prefix, "ord_");
        assert_eq!(Shape::of("[a-z]").unwrap().prefix, "");
        assert!(Shape::of("(").is_none());
    }

    #[test]
    fn what_would_grow_without_end_is_given_up() {
        let shape =
            Shape::of("(((a{100}){10})+){1,1}b{1000}").map(|shape| shape.text(&mut Dice::of(1, &[]), 9));
        assert!(shape.is_none_or(|text| text.is_none_or(|text| text.len() <= 80 * 1024)));
    }
}
