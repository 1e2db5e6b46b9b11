//! Whether the rules of one field became tighter: what its old rules accept and its new ones refuse.

use super::{
    encode::{Content, Sample},
    rules::{Check, Ignore, Judged, Rule, Space},
    set::{HIGH, Set},
    show,
    values::{Kind, distinct, values},
};
use contract::schema::{Cardinality, Field, FieldKind, Presence, Schema};

/// A field on one side, with its rules.
pub(super) struct Side<'a> {
    pub(super) schema: &'a Schema,
    pub(super) field: &'a Field,
    pub(super) judged: Judged,
}

/// A new rule that refuses what the old ones accepted, or may.
pub(super) struct Narrowed {
    pub(super) rule: Rule,
    /// The old rule of this name.
    pub(super) before: Option<Rule>,
    pub(super) when: Option<String>,
    /// Whether it refuses something for sure; else only if an example can be found.
    pub(super) certain: bool,
    pub(super) part: Part,
    /// What the old rules accept and this one refuses; each is to be tried.
    pub(super) tries: Vec<Try>,
}

/// Which part of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Items,
    Keys,
    Values,
}

/// What a field may carry to show something.
#[derive(Clone, Debug)]
pub(super) enum Try {
    /// Exactly this.
    This(Content),
    /// An entry with this key, and any value.
    Key(Sample),
    /// An entry with this value, and any key.
    Value(Sample),
    /// So many items or entries, all different.
    Count(usize),
    /// Two items that are the same.
    Twice,
}

/// What the field of the provider refuses that the consumer's accepted; `old` is none where the consumer does
/// not have it. `is_set`: whether other rules of the consumer demand that it is set.
pub(super) fn field(old: Option<&Side<'_>>, new: &Side<'_>, is_set: impl FnOnce() -> bool) -> Vec<Narrowed> {
    if new.judged.ignore == Ignore::Always {
        return Vec::new();
    }
    let mut found: Vec<Narrowed> = absence(old, new).filter(|_| !is_set()).into_iter().collect();
    let Some(old) = old else { return found };
    let more = match (old.field.cardinality, new.field.cardinality) {
        (Cardinality::Singular, Cardinality::Singular) => singular(old, new),
        (Cardinality::Singular, Cardinality::List) => {
            let one = Judged { items: Some(Box::new(old.judged.clone())), ..Judged::default() };
            list(&Side { judged: one, ..*old }, new, 1)
        }
        (Cardinality::List, Cardinality::List) => list(old, new, HIGH),
        (Cardinality::Map, Cardinality::Map) => map(old, new),
        // One, a list, or a map in place of another: nobody can tell without trying.
        _ => unknown(&old.judged, &new.judged, Part::Whole),
    };
    for narrowed in more {
        // The same rule may refuse absence and values: one finding says both.
        match found
            .iter_mut()
            .find(|known| known.rule.path == narrowed.rule.path && known.part == narrowed.part)
        {
            Some(known) => known.absorb(narrowed),
            None => found.push(narrowed),
        }
    }
    found
}

impl Narrowed {
    fn absorb(&mut self, other: Self) {
        self.when = match (self.when.take(), other.when) {
            (Some(one), Some(more)) => Some(format!("{one}, and {more}")),
            (one, more) => one.or(more),
        };
        self.certain |= other.certain;
        self.tries.extend(other.tries);
    }
}

/// Rules of values that are not what they were: each may refuse.
pub(super) fn unknown(old: &Judged, new: &Judged, part: Part) -> Vec<Narrowed> {
    let parts = [(&new.items, Part::Items), (&new.keys, Part::Keys)];
    let within = parts.into_iter().filter_map(|(judged, part)| Some((judged.as_deref()?, part)));
    let all = [(new, part)].into_iter().chain(within);
    let rules = all.flat_map(|(judged, part)| judged.rules.iter().map(move |rule| (rule, part)));
    let narrowed = rules.map(|(rule, part)| Narrowed {
        rule: rule.clone(),
        before: before(old, rule),
        when: None,
        certain: false,
        part,
        tries: Vec::new(),
    });
    narrowed.collect()
}

/// Whether absence was accepted and is refused.
fn absence(old: Option<&Side<'_>>, new: &Side<'_>) -> Option<Narrowed> {
    if !old.is_none_or(|old| old.field.presence != Presence::Required && old.accepts_absence()) {
        return None;
    }
    let rule = new.refuses_absence()?;
    let before = old.and_then(|old| before(&old.judged, &rule));
    let implicit = new.field.presence == Presence::Implicit;
    let when = match (old, new.field.cardinality) {
        (None, _) => None,
        (_, Cardinality::List | Cardinality::Map) => Some("when it is empty".to_owned()),
        (_, Cardinality::Singular) if implicit => Some(match new.field.kind {
            FieldKind::String | FieldKind::Bytes => "when it is empty".to_owned(),
            FieldKind::Bool => "when it is false".to_owned(),
            _ => "when it is zero".to_owned(),
        }),
        (_, Cardinality::Singular) => Some("when it is not set".to_owned()),
    };
    let certain = old.is_none_or(|old| !has_opaque(&old.judged.rules));
    Some(Narrowed { before, when, certain, part: Part::Whole, tries: vec![Try::This(Content::Absent)], rule })
}

impl Side<'_> {
    fn has_presence(&self) -> bool {
        self.field.presence != Presence::Implicit
    }

    fn accepts_absence(&self) -> bool {
        self.judged.ignore == Ignore::Always || self.refuses_absence().is_none()
    }

    fn refuses_absence(&self) -> Option<Rule> {
        if self.judged.required.is_some() {
            return self.judged.required.clone();
        }
        if self.has_presence() || self.judged.ignore == Ignore::IfZero {
            return None;
        }
        refuses_zero(&self.judged.rules)
    }
}

/// The first rule that refuses zero, or what is empty.
fn refuses_zero(rules: &[Rule]) -> Option<Rule> {
    let refuses = |rule: &&Rule| match &rule.check {
        Check::Number(set) | Check::Count(set) => !set.contains(0),
        Check::Octets(octets) => !octets.holds(&[]),
        Check::Now(_) | Check::Mask(_) | Check::Unique | Check::Opaque(_) => false,
    };
    rules.iter().find(refuses).cloned()
}

pub(super) fn has_opaque(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| matches!(rule.check, Check::Opaque(_)))
}

pub(super) fn before(old: &Judged, rule: &Rule) -> Option<Rule> {
    let all = old.rules.iter().chain(&old.required);
    let kind = |id: &str| id.rsplit_once('.').map_or(id.to_owned(), |(family, _)| family.to_owned());
    all.clone()
        .find(|old| old.id == rule.id)
        .or_else(|| all.clone().find(|old| kind(&old.id) == kind(&rule.id)))
        .cloned()
}

fn singular(old: &Side<'_>, new: &Side<'_>) -> Vec<Narrowed> {
    let (writes_zero, sees_zero) = (old.has_presence(), new.has_presence());
    let (from, to) = (Kind::of(old.schema, old.field.kind), Kind::of(new.schema, new.field.kind));
    // Minus zero is set without presence too, and is zero to rules.
    let float = matches!(from.space, Space::Float | Space::Double);
    let without_zero = !(float || writes_zero && sees_zero);
    let mut found = values(&from, &old.judged, &to, &new.judged, without_zero);
    if !sees_zero && new.judged.ignore != Ignore::IfZero {
        // What is not written is zero, and is judged: of expressions nobody knows before.
        let opaque = found.iter_mut().filter(|narrowed| matches!(narrowed.rule.check, Check::Opaque(_)));
        opaque.for_each(|narrowed| narrowed.tries.insert(0, Try::This(Content::Absent)));
    }
    if writes_zero
        && !sees_zero
        && refuses_zero(&old.judged.rules).is_none()
        && let Some(rule) = new.refuses_absence()
        && let Some(zero) = from.zero()
    {
        let before = before(&old.judged, &rule);
        let when = Some("when it is set to zero".to_owned());
        let certain = !has_opaque(&old.judged.rules);
        found.push(Narrowed { rule, before, when, certain, part: Part::Whole, tries: vec![one(zero)] });
    }
    found
}

pub(super) fn one(sample: Sample) -> Try {
    Try::This(Content::Values(vec![sample]))
}

/// `most`: how many items the writer can write.
fn list(old: &Side<'_>, new: &Side<'_>, most: i128) -> Vec<Narrowed> {
    let mut found = counts(old, new, most, Part::Whole);
    let (from, to) = (Kind::of(old.schema, old.field.kind), Kind::of(new.schema, new.field.kind));
    if let Some(items) = &new.judged.items {
        let none = Judged::default();
        found.extend(item(&from, old.judged.items.as_deref().unwrap_or(&none), &to, items, Part::Items));
    }
    found
}

fn map(old: &Side<'_>, new: &Side<'_>) -> Vec<Narrowed> {
    let mut found = counts(old, new, HIGH, Part::Whole);
    let none = Judged::default();
    let parts = [
        (1, &old.judged.keys, &new.judged.keys, Part::Keys),
        (2, &old.judged.items, &new.judged.items, Part::Values),
    ];
    for (number, before, now, which) in parts {
        if let (Some(from), Some(to), Some(now)) =
            (Kind::of_entry(old, number), Kind::of_entry(new, number), now)
        {
            found.extend(item(&from, before.as_deref().unwrap_or(&none), &to, now, which));
        }
    }
    found
}

/// The rules of a list or map as a whole, where it is not empty.
fn counts(old: &Side<'_>, new: &Side<'_>, most: i128, part: Part) -> Vec<Narrowed> {
    let mut accepted = Set::between(1, most.min(different(old).unwrap_or(HIGH)));
    for rule in &old.judged.rules {
        if let Check::Count(set) = &rule.check {
            accepted = accepted.and(set);
        }
    }
    let opaque = has_opaque(&old.judged.rules);
    let same = |rule: &Rule| old.judged.rules.iter().any(|known| known.check == rule.check);
    let mut found = Vec::new();
    for rule in new.judged.rules.iter().filter(|rule| !same(rule)) {
        let (when, certain, tries) = match &rule.check {
            Check::Count(set) => {
                let refused = accepted.minus(set);
                let Some(count) = refused.plainest() else { continue };
                let tries = usize::try_from(count).ok().filter(|count| *count <= 10_000).map(Try::Count);
                (Some(show::counts("size", &refused)), !opaque, tries.into_iter().collect())
            }
            Check::Unique if accepted.most().is_some_and(|most| most > 1) => {
                (Some("when an item comes twice".to_owned()), !opaque, vec![Try::Twice])
            }
            Check::Opaque(_) => (None, false, Vec::new()),
            _ => continue,
        };
        found.push(Narrowed {
            rule: rule.clone(),
            before: before(&old.judged, rule),
            when,
            certain,
            part,
            tries,
        });
    }
    found
}

/// How many different items or keys there can be, where they must differ; none, where nothing is accepted.
fn different(old: &Side<'_>) -> Option<i128> {
    let none = Judged::default();
    let judged = |part: &Option<Box<Judged>>| part.as_deref().cloned().unwrap_or_default();
    let (kind, rules) = match old.field.cardinality {
        Cardinality::Map => (Kind::of_entry(old, 1)?, judged(&old.judged.keys)),
        _ => (Kind::of(old.schema, old.field.kind), judged(&old.judged.items)),
    };
    let rules = if rules.ignore == Ignore::Unset { &rules } else { &none };
    let count = distinct(&kind, rules)?;
    let differ = old.judged.rules.iter().any(|rule| rule.check == Check::Unique);
    (differ || count == 0 || old.field.cardinality == Cardinality::Map).then_some(count)
}

/// An item, or a key or value of a map.
fn item(from: &Kind<'_>, old: &Judged, to: &Kind<'_>, new: &Judged, part: Part) -> Vec<Narrowed> {
    if new.ignore == Ignore::Always {
        return Vec::new();
    }
    let none = Judged::default();
    let passed_by = old.ignore == Ignore::IfZero;
    let old = if old.ignore == Ignore::Always { &none } else { old };
    let mut found = values(from, old, to, new, new.ignore == Ignore::IfZero);
    // What the old rules passed by whatever it was.
    if passed_by
        && new.ignore != Ignore::IfZero
        && let Some(rule) = refuses_zero(&new.rules)
        && !found.iter().any(|known| known.rule.path == rule.path)
        && let Some(zero) = from.zero()
    {
        let (before, when) = (before(old, &rule), Some("for zero".to_owned()));
        found.push(Narrowed { rule, before, when, certain: true, part, tries: vec![one(zero)] });
    }
    for narrowed in &mut found {
        narrowed.part = part;
        for tried in &mut narrowed.tries {
            let Try::This(Content::Values(samples)) = tried else { continue };
            match (part, samples.pop()) {
                (Part::Keys, Some(sample)) => *tried = Try::Key(sample),
                (Part::Values, Some(sample)) => *tried = Try::Value(sample),
                (_, sample) => samples.extend(sample),
            }
        }
    }
    found
}

/// Whether a field must be set, and not to zero where presence does not count.
pub(super) fn demands(side: &Side<'_>) -> bool {
    side.field.presence == Presence::Required || !side.accepts_absence()
}
