//! Whether the rules of one value became tighter.

use super::{
    candidates,
    compare::{Narrowed, Part, Side, before, has_opaque, one, unknown},
    encode::Sample,
    language::{Included, included},
    mask::{mask_implied, mask_samples},
    nothing::{PAST, accept_nothing, by_now},
    octets::{Implied, Octets, every, lengths},
    rules::{Check, Ignore, Judged, Mask, Now, Rule, Space, domain, space},
    set::Set,
    show,
};
use contract::schema::{FieldKind, Schema};

/// What the values of a field are on one side.
pub(super) struct Kind<'a> {
    pub(super) schema: &'a Schema,
    /// As it is declared.
    declared: FieldKind,
    /// Of the value within a wrapper.
    pub(super) kind: FieldKind,
    pub(super) space: Space,
}

impl<'a> Kind<'a> {
    pub(super) fn of(schema: &'a Schema, kind: FieldKind) -> Self {
        let (space, wrapped) = space(schema, kind);
        Self { schema, declared: kind, kind: wrapped.unwrap_or(kind), space }
    }

    /// Of the keys (1) or values (2) of a map.
    pub(super) fn of_entry(side: &Side<'a>, number: u32) -> Option<Self> {
        let entry = side.schema.message_at(side.field.kind.message()?);
        Some(Self::of(side.schema, entry.field(number)?.kind))
    }

    pub(super) fn zero(&self) -> Option<Sample> {
        match self.space {
            Space::Octets => Some(Sample::Octets(Vec::new())),
            Space::Int | Space::Float | Space::Double => Some(Sample::Number(0)),
            Space::Duration | Space::Timestamp => Some(Sample::Number(0)),
            Space::Any | Space::Mask | Space::Message => Some(Sample::Message(Vec::new())),
        }
    }
}

/// One value, rule by rule.
pub(super) fn values(
    from: &Kind<'_>,
    old: &Judged,
    to: &Kind<'_>,
    new: &Judged,
    without_zero: bool,
) -> Vec<Narrowed> {
    if accepts_nothing(from, old) {
        return Vec::new();
    }
    if from.space != to.space {
        return unknown(old, new, Part::Whole);
    }
    let opaque = has_opaque(&old.rules);
    let same = |rule: &Rule| {
        old.rules.iter().any(|known| known.check == rule.check) && !depends_on_kind(rule, from, to)
    };
    let mut found = Vec::new();
    for rule in new.rules.iter().filter(|rule| !same(rule)) {
        let refused = match &rule.check {
            Check::Number(set) => number(from, to, old, set, without_zero),
            Check::Octets(octets) => text(from, old, octets, without_zero),
            Check::Now(now) => moment(from, to, old, *now),
            Check::Mask(mask) => paths(old, mask),
            Check::Opaque(_) => Some(tried(from, old, without_zero)),
            Check::Count(_) | Check::Unique => None,
        };
        let Some((when, certain, samples)) = refused else { continue };
        found.push(Narrowed {
            rule: rule.clone(),
            before: before(old, rule),
            when,
            certain: certain && !opaque,
            part: Part::Whole,
            tries: samples.into_iter().map(one).collect(),
        });
    }
    found
}

/// For which values, whether for sure, and some of them.
type Refused = (Option<String>, bool, Vec<Sample>);

fn number(from: &Kind<'_>, to: &Kind<'_>, old: &Judged, set: &Set, without_zero: bool) -> Option<Refused> {
    let shown = accepted(from, to, old, without_zero).minus(set);
    let refused = shown.and(&by_now(&old.rules.iter().collect::<Vec<_>>()));
    if refused.is_empty() {
        return None;
    }
    let float = matches!(from.space, Space::Float | Space::Double);
    let mut samples: Vec<_> = refused.plainest().into_iter().map(Sample::Number).collect();
    samples.extend((float && refused.contains(0)).then_some(Sample::MinusZero));
    samples.extend(refused.some(3).into_iter().chain(refused.most()).map(Sample::Number));
    samples.extend(refused.nan.then_some(Sample::NotANumber));
    let all = domain(from.schema, from.kind);
    Some((Some(show::refused(from.space, from.kind, &all, &shown)), true, samples))
}

fn moment(from: &Kind<'_>, to: &Kind<'_>, old: &Judged, now: Now) -> Option<Refused> {
    let latest = accepted(from, to, old, false).most();
    let long_past = || latest.is_none_or(|latest| latest < PAST);
    let implied =
        old.rules.iter().any(|known| now_implies(&known.check, now)) || now == Now::Before && long_past();
    let samples = || now_samples(now).into_iter().chain(latest.map(Sample::Number)).collect();
    (!implied).then(|| (Some(now_shown(now)), true, samples()))
}

fn paths(old: &Judged, mask: &Mask) -> Option<Refused> {
    let masks = old.rules.iter().filter_map(|r| if let Check::Mask(m) = &r.check { Some(m) } else { None });
    let masks: Vec<_> = masks.collect();
    let refused = || (Some("for other paths".to_owned()), true, mask_samples(&masks, mask));
    (!mask_implied(&masks, mask)).then(refused)
}

/// What nobody can tell without trying.
fn tried(from: &Kind<'_>, old: &Judged, without_zero: bool) -> Refused {
    let mut some = plausible(from.schema, from.declared, old, 4);
    some.retain(|sample| !without_zero || from.zero().as_ref() != Some(sample));
    (None, false, some)
}

/// The numbers that can be written, that the old rules accept, and that are read as themselves.
fn accepted(from: &Kind<'_>, to: &Kind<'_>, old: &Judged, without_zero: bool) -> Set {
    let mut accepted = domain(from.schema, from.kind).and(&domain(to.schema, to.kind));
    for rule in &old.rules {
        if let Check::Number(set) = &rule.check {
            accepted = accepted.and(set);
        }
    }
    if without_zero { accepted.minus(&Set::of([0])) } else { accepted }
}

/// How many values the rules accept, as far as it is known.
pub(super) fn distinct(kind: &Kind<'_>, judged: &Judged) -> Option<i128> {
    match kind.space {
        // NaN differs from itself.
        Space::Float | Space::Double if accepted(kind, kind, judged, false).nan => None,
        Space::Int | Space::Float | Space::Double => {
            Some(accepted(kind, kind, judged, false).spans().iter().map(|(low, high)| high - low + 1).sum())
        }
        Space::Octets => {
            let rules = judged
                .rules
                .iter()
                .filter_map(|r| if let Check::Octets(o) = &r.check { Some(o) } else { None });
            let rules: Vec<&Octets> = rules.collect();
            let mut all = every(&rules)?;
            all.sort_unstable();
            all.dedup();
            i128::try_from(all.iter().filter(|value| rules.iter().all(|rule| rule.holds(value))).count()).ok()
        }
        _ => None,
    }
}

/// Whether rules contradict one another, as far as that is known.
pub(super) fn accepts_nothing(kind: &Kind<'_>, judged: &Judged) -> bool {
    judged.ignore == Ignore::Unset && accept_nothing(kind, &judged.rules.iter().collect::<Vec<_>>())
}

/// The same words mean the same for numbers of any kind. Not so "unique" of a wrapper, which cannot be.
fn depends_on_kind(rule: &Rule, from: &Kind<'_>, to: &Kind<'_>) -> bool {
    matches!(rule.check, Check::Opaque(_)) && from.kind.type_number() != to.kind.type_number()
}

fn text(from: &Kind<'_>, old: &Judged, octets: &Octets, without_zero: bool) -> Option<Refused> {
    let rules = old.rules.iter().filter_map(|r| if let Check::Octets(o) = &r.check { Some(o) } else { None });
    let rules: Vec<&Octets> = rules.collect();
    let implied = octets.is_implied_by(&rules, without_zero);
    let mut between = Vec::new();
    if implied == Implied::Unknown {
        for included in rules.iter().map(|rule| included(rule, octets)) {
            match included {
                Included::Yes => return None,
                Included::No(value) => between.push(value),
                Included::Unknown => {}
            }
        }
    }
    if implied == Implied::Yes {
        return None;
    }
    let is_text = from.kind == FieldKind::String || from.space == Space::Any;
    let mut values = candidates::between(&rules, octets, is_text);
    between.retain(|value| rules.iter().all(|rule| rule.holds(value)) && !octets.holds(value));
    values.extend(between);
    values.retain(|value| !(without_zero && value.is_empty()));
    let certain = implied == Implied::No || !values.is_empty();
    let when = octets_shown(octets, &rules, without_zero);
    Some((Some(when), certain, values.into_iter().map(Sample::Octets).collect()))
}

/// What a rule refuses of what the old ones accept.
fn octets_shown(octets: &Octets, old: &[&Octets], without_empty: bool) -> String {
    let (characters, bytes) = lengths(old, without_empty);
    let part = |part: &[u8]| show::octets(part);
    match octets {
        Octets::Characters(set) => show::counts("length", &characters.minus(set)),
        Octets::Bytes(set) => show::counts("length in bytes", &bytes.minus(set)),
        Octets::In(_) => match candidates::gone(old, octets).as_slice() {
            [] => "for other values".to_owned(),
            gone => format!("for {}", show::list(gone, |value| show::octets(value))),
        },
        Octets::NotIn(list) => format!("for {}", show::list(list, |value| show::octets(value))),
        Octets::Prefix(prefix) => format!("for values that do not begin with {}", part(prefix)),
        Octets::Suffix(suffix) => format!("for values that do not end with {}", part(suffix)),
        Octets::Contains(inner) => format!("for values without {}", part(inner)),
        Octets::NotContains(inner) => format!("for values with {} in them", part(inner)),
        Octets::Pattern(_) => "for values that do not match".to_owned(),
        Octets::Format(format) => format!("for values that are no {}", format.name()),
    }
}

/// Whether a rule about now follows from another.
fn now_implies(old: &Check, new: Now) -> bool {
    match (old, new) {
        (Check::Now(Now::Within(old)), Now::Within(new)) => *old <= new,
        (Check::Now(old), new) => *old == new,
        _ => false,
    }
}

fn now_shown(now: Now) -> String {
    match now {
        Now::Before => "for times to come".to_owned(),
        Now::After => "for times past".to_owned(),
        Now::Within(distance) => format!("for times further than {} from now", show::duration(distance)),
    }
}

/// Years 1 and 9999, and 1970: far from any now.
fn now_samples(now: Now) -> Vec<Sample> {
    let (first, last) = (-62_135_596_800_000_000_000_i128, 253_402_300_799_000_000_000_i128);
    let times: &[i128] = match now {
        Now::Before => &[last],
        Now::After => &[0, first],
        Now::Within(_) => &[0, last],
    };
    times.iter().map(|time| Sample::Number(*time)).collect()
}

/// So many values that the rules accept, all different; fewer where there are fewer.
pub(super) fn plausible(schema: &Schema, kind: FieldKind, judged: &Judged, count: usize) -> Vec<Sample> {
    let from = Kind::of(schema, kind);
    let none = Judged::default();
    let judged = if judged.ignore == Ignore::Always { &none } else { judged };
    let mut found = obeying(&from, judged, count);
    // What is passed by obeys too.
    let zero = from.zero().filter(|zero| judged.ignore == Ignore::IfZero && !found.contains(zero));
    if found.len() < count {
        found.extend(zero);
    }
    found
}

fn obeying(from: &Kind<'_>, judged: &Judged, count: usize) -> Vec<Sample> {
    match from.space {
        Space::Int | Space::Float | Space::Double | Space::Duration | Space::Timestamp => {
            accepted(from, from, judged, false).some(count).into_iter().map(Sample::Number).collect()
        }
        Space::Octets | Space::Any => {
            let rules = judged
                .rules
                .iter()
                .filter_map(|r| if let Check::Octets(o) = &r.check { Some(o) } else { None });
            let mut rules: Vec<&Octets> = rules.collect();
            let text = from.kind != FieldKind::Bytes;
            let numbers = (0..count.min(20_000)).map(|at| at.to_string().into_bytes());
            let numbered = Octets::one_of(numbers.collect());
            if count > 8 {
                rules.push(&numbered);
            }
            candidates::obeying(&rules, None, text).into_iter().take(count).map(Sample::Octets).collect()
        }
        Space::Mask => {
            let masks = judged
                .rules
                .iter()
                .filter_map(|r| if let Check::Mask(m) = &r.check { Some(m) } else { None });
            let mut samples = mask_samples(&masks.collect::<Vec<_>>(), &Mask::Const(vec!["\0".to_owned()]));
            samples.truncate(count);
            samples
        }
        Space::Message => Vec::new(),
    }
}
