//! Every change, once: what the engine finds, and what it never mentions because nobody breaks.

use super::{
    inventory::{self, Element, Inventory, Kind},
    mentioned::Mentioned,
    options,
    policy::{self, PolicyChange, Turn},
};
use crate::contract::breaking::{Broken, Weight, grouped};
use compat::{Party, Settings};
use contract::Origin;
use std::collections::BTreeSet;

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
            Self::Loses => "loses something, or may be refused",
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
    changes.extend(options::bindings(old, new));
    changes.extend(options::options(old, new, &mentioned));
    changes.sort_by(|one, other| (one.meaning, &one.text).cmp(&(other.meaning, &other.text)));
    Ok(changes)
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
