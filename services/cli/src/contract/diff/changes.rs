//! Every change, once: what the engine finds, and what it never mentions because nobody breaks.

use super::{
    inventory::{self, Element, Inventory, Kind},
    policy::{self, PolicyChange, Turn},
};
use crate::contract::{
    breaking::{Broken, Weight, grouped},
    source,
};
use compat::{Party, Settings};
use contract::{
    HttpBinding, MethodPath, Origin,
    schema::{Field, Schema},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a change means for callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    Breaks,
    Loses,
    Safe,
    Tighter,
    Looser,
    Policy,
    Documentation,
}

impl Meaning {
    pub(super) const ALL: [Self; 7] = [
        Self::Breaks,
        Self::Loses,
        Self::Safe,
        Self::Tighter,
        Self::Looser,
        Self::Policy,
        Self::Documentation,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Breaks => "breaks callers",
            Self::Loses => "loses something",
            Self::Safe => "nobody breaks",
            Self::Tighter => "policy: tighter for callers",
            Self::Looser => "policy: looser for callers",
            Self::Policy => "policy: otherwise",
            Self::Documentation => "documentation, and where things stand",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Breaks => "BREAKS",
            Self::Loses => "LOSES",
            Self::Safe => "SAFE",
            Self::Tighter => "POLICY_TIGHTER",
            Self::Looser => "POLICY_LOOSER",
            Self::Policy => "POLICY",
            Self::Documentation => "DOCUMENTATION",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) meaning: Meaning,
    /// '+', '-' or '~'.
    pub(super) sign: char,
    /// One sentence.
    pub(super) text: String,
    /// Below it, for people: what breaks whom, and the way out.
    pub(super) notes: Vec<String>,
    pub(super) old: Origin,
    pub(super) new: Origin,
}

pub(super) fn between(old: &Party, new: &Party, settings: &Settings<'_>) -> Result<Vec<Change>, String> {
    let verdicts = compat::breaking(old, new, settings);
    let found = verdicts.iter().flat_map(compat::Verdict::findings).map(|finding| Broken::of(finding, None));
    let found = grouped(found.collect());
    let mentioned = Mentioned::of(&found);
    let mut changes: Vec<Change> = found.iter().map(of_broken).collect();
    let (before, after) = (inventory::of(&old.contract.bytes)?, inventory::of(&new.contract.bytes)?);
    changes.extend(declared(&before, &after, &mentioned));
    let turned = policy::changes(&old.contract, &new.contract);
    changes.extend(turned.into_iter().filter(|change| !mentioned.rule(change)).map(of_policy));
    changes.extend(bindings(old, new));
    changes.extend(options(old, new, &mentioned));
    changes.sort_by(|one, other| (one.meaning, &one.text).cmp(&(other.meaning, &other.text)));
    Ok(changes)
}

/// What findings are about already.
struct Mentioned<'a> {
    found: &'a [Broken],
    old: BTreeSet<&'a Origin>,
    new: BTreeSet<&'a Origin>,
}

impl<'a> Mentioned<'a> {
    fn of(found: &'a [Broken]) -> Self {
        let placed = |origin: &&Origin| origin.position().is_some();
        Self {
            found,
            old: found.iter().map(|broken| &broken.old.origin).filter(placed).collect(),
            new: found.iter().map(|broken| &broken.new.origin).filter(placed).collect(),
        }
    }

    fn element(&self, old: Option<&Element>, new: Option<&Element>) -> bool {
        old.is_some_and(|element| self.old.contains(&element.origin))
            || new.is_some_and(|element| self.new.contains(&element.origin))
            || old.or(new).is_some_and(|element| self.named(element))
    }

    /// By name, where there are no places, and for values: a finding is about the field that carries them.
    fn named(&self, element: &Element) -> bool {
        let own = element.name.rsplit(['.', '/']).next().unwrap_or_default();
        let has_word =
            |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == own);
        let placed = element.origin.position().is_some();
        self.found.iter().any(|broken| match element.kind {
            Kind::Value => {
                has_word(&broken.message) || has_word(&broken.old.text) || has_word(&broken.new.text)
            }
            Kind::Field => {
                let ends_so = |path: &str| path.rsplit('.').next().is_some_and(&has_word);
                !placed && broken.uses.iter().any(|at| ends_so(&at.path))
            }
            Kind::Method => {
                !placed && broken.uses.iter().any(|at| at.path.is_empty() && at.method == element.name)
            }
            _ => false,
        })
    }

    /// Whether a finding says that this rule of this method changed.
    fn rule(&self, change: &PolicyChange) -> bool {
        self.found.iter().filter(|broken| broken.weight != Weight::Note).any(|broken| {
            let of_method = broken.uses.iter().any(|at| at.method == change.of);
            let same_place = |one: &Origin, other: &Origin| one.position().is_some() && one == other;
            let placed = same_place(&broken.old.origin, &change.was_at)
                || same_place(&broken.new.origin, &change.is_at);
            of_method && (placed || broken.rule.starts_with(&change.rule.replace('_', "-")))
        })
    }
}

fn of_broken(broken: &Broken) -> Change {
    let mut notes = Vec::new();
    let methods: BTreeSet<&str> =
        broken.uses.iter().map(|at| at.method.as_str()).filter(|m| !m.is_empty()).collect();
    if broken.weight != Weight::Note && !methods.is_empty() {
        notes.push(format!("in {}", methods.into_iter().collect::<Vec<_>>().join(", ")));
    }
    notes.extend(broken.when.iter().map(|when| format!("only: {when}")));
    if !broken.remedy.is_empty() {
        notes.push(format!("help: {}", broken.remedy));
    }
    Change {
        meaning: match broken.weight {
            Weight::Breaks | Weight::Spared => Meaning::Breaks,
            Weight::Loses => Meaning::Loses,
            Weight::Note => Meaning::Safe,
        },
        sign: match (&broken.old.origin, &broken.new.origin) {
            (Origin::At { .. }, Origin::Default) => '-',
            (Origin::Default, Origin::At { .. }) => '+',
            _ => '~',
        },
        text: broken.message.clone(),
        notes,
        old: broken.old.origin.clone(),
        new: broken.new.origin.clone(),
    }
}

fn declared(old: &Inventory, new: &Inventory, mentioned: &Mentioned<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, element) in new {
        match old.get(key) {
            None if in_something_new(element, old) || mentioned.element(None, Some(element)) => {}
            None => changes.push(added(element)),
            Some(before) => changes.extend(changed(before, element, mentioned)),
        }
    }
    for (key, element) in old {
        let gone = !new.contains_key(key) && !in_something_new(element, new);
        if gone && !mentioned.element(Some(element), None) {
            changes.push(Change {
                meaning: Meaning::Safe,
                sign: '-',
                text: format!("{} {} is gone, and no method used it", element.kind.name(), element.name),
                notes: Vec::new(),
                old: element.origin.clone(),
                new: Origin::Default,
            });
        }
    }
    changes
}

/// What is declared in something that the other side does not have either, goes without saying.
fn in_something_new(element: &Element, other: &Inventory) -> bool {
    element.within.as_ref().is_some_and(|within| !other.contains_key(within))
}

fn added(element: &Element) -> Change {
    let holds = |what: &str| match element.holds {
        0 => String::new(),
        1 => format!(", with 1 {what}"),
        number => format!(", with {number} {what}s"),
    };
    let more = match element.kind {
        Kind::Service => holds("method"),
        Kind::Message => holds("field"),
        Kind::Enum => holds("value"),
        Kind::Method | Kind::Field | Kind::Value => format!(": `{}`", element.text),
    };
    Change {
        meaning: Meaning::Safe,
        sign: '+',
        text: format!("{} {}{more}", element.kind.name(), element.name),
        notes: Vec::new(),
        old: Origin::Default,
        new: element.origin.clone(),
    }
}

/// Its declaration, its promise, and what stands beside it.
fn changed(old: &Element, new: &Element, mentioned: &Mentioned<'_>) -> Vec<Change> {
    let change = |meaning, text| Change {
        meaning,
        sign: '~',
        text,
        notes: Vec::new(),
        old: old.origin.clone(),
        new: new.origin.clone(),
    };
    let what = format!("{} {}", new.kind.name(), new.name);
    let mut changes = Vec::new();
    if old.text != new.text && !mentioned.element(Some(old), Some(new)) {
        changes.push(change(Meaning::Safe, format!("{what}: `{}` is now `{}`", old.text, new.text)));
    }
    // That of services and methods is a rule among others.
    if old.deprecated != new.deprecated && !matches!(new.kind, Kind::Service | Kind::Method) {
        changes.push(match new.deprecated {
            true => change(Meaning::Tighter, format!("{what} is deprecated")),
            false => change(Meaning::Looser, format!("{what} is no longer deprecated")),
        });
    }
    if old.comment != new.comment {
        let how = match (old.comment.is_empty(), new.comment.is_empty()) {
            (true, _) => "has a comment",
            (_, true) => "lost its comment",
            _ => "has another comment",
        };
        changes.push(change(Meaning::Documentation, format!("{what} {how}")));
    }
    if old.origin.file() != new.origin.file() && old.within.is_none() {
        let (from, to) = (old.origin.file(), new.origin.file());
        changes.push(change(Meaning::Documentation, format!("{what} moved from {from} to {to}")));
    }
    changes
}

fn of_policy(change: PolicyChange) -> Change {
    let PolicyChange { of, rule, turn, was, is, was_at, is_at } = change;
    Change {
        meaning: match turn {
            Turn::Tighter => Meaning::Tighter,
            Turn::Looser => Meaning::Looser,
            Turn::Other => Meaning::Policy,
        },
        sign: '~',
        text: format!("{of} {rule}: {was} → {is}"),
        notes: Vec::new(),
        old: was_at,
        new: is_at,
    }
}

/// New ways to call a method by HTTP; of those that went, the engine speaks.
fn bindings(old: &Party, new: &Party) -> Vec<Change> {
    let known =
        |path: &MethodPath| old.contract.services.iter().any(|s| s.methods.iter().any(|m| m.path == *path));
    let methods = new.contract.services.iter().flat_map(|service| &service.methods);
    let mut changes = Vec::new();
    for method in methods.filter(|method| known(&method.path)) {
        let before = old.contract.http(&method.path);
        let is_new = |binding: &&HttpBinding| {
            !before.iter().any(|before| before.verb == binding.verb && before.path == binding.path)
        };
        for binding in new.contract.http(&method.path).iter().filter(is_new) {
            changes.push(Change {
                meaning: Meaning::Looser,
                sign: '+',
                text: format!(
                    "{} can be called as {} {}",
                    method.path.as_str().trim_start_matches('/'),
                    binding.verb,
                    binding.path
                ),
                notes: Vec::new(),
                old: Origin::Default,
                new: binding.origin.clone(),
            });
        }
    }
    changes
}

/// Options of fields, where no finding says what that does to callers.
fn options(old: &Party, new: &Party, mentioned: &Mentioned<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for message in new.schema.messages().filter(|message| !message.map_entry) {
        let Some(before) = old.schema.message(&message.name) else { continue };
        for field in &message.fields {
            let Some(was) = before.field(field.number) else { continue };
            let (old_at, new_at) = (old.schema.origin(&was.place, &[]), new.schema.origin(&field.place, &[]));
            if mentioned.old.contains(&old_at) || mentioned.new.contains(&new_at) {
                continue;
            }
            for (sign, what) in options_of(was, field, &new.schema) {
                let text = format!("field {}.{}: {what}", message.name, field.name);
                let (old, new) = (old_at.clone(), new_at.clone());
                changes.push(Change { meaning: Meaning::Policy, sign, text, notes: Vec::new(), old, new });
            }
        }
    }
    changes
}

/// Each option that is new, gone or different, by name; `deprecated` is spoken of elsewhere.
fn options_of(old: &Field, new: &Field, schema: &Schema) -> Vec<(char, String)> {
    const DEPRECATED: u32 = 3;
    let (was, is) = (by_number(&old.options), by_number(&new.options));
    let numbers: BTreeSet<u32> = was.keys().chain(is.keys()).copied().collect();
    let mut changes = Vec::new();
    for number in numbers.into_iter().filter(|number| *number != DEPRECATED) {
        let name = option_name(schema, number);
        match (was.get(&number), is.get(&number)) {
            (None, _) => changes.push(('+', format!("has {name}"))),
            (_, None) => changes.push(('-', format!("no longer has {name}"))),
            (was, is) if was != is => changes.push(('~', format!("{name} says something else"))),
            _ => {}
        }
    }
    changes
}

fn option_name(schema: &Schema, number: u32) -> String {
    const OPTIONS: &str = "google.protobuf.FieldOptions";
    let own = || Some(schema.message(OPTIONS)?.field(number)?.name.clone());
    let extension = || Some(format!("({})", schema.extension(OPTIONS, number)?.name));
    own().or_else(extension).unwrap_or_else(|| format!("option {number}"))
}

/// The records of encoded options; none where they are malformed.
fn by_number(options: &[u8]) -> BTreeMap<u32, Vec<u8>> {
    source::records(options).unwrap_or_default().into_iter().fold(
        BTreeMap::new(),
        |mut all, (number, raw)| {
            all.entry(number).or_insert_with(Vec::new).extend_from_slice(raw);
            all
        },
    )
}
