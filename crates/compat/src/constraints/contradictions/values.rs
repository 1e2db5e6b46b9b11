//! Rules of values against each other.

use super::{
    super::{
        compare::Side,
        nothing::{accept_nothing, fewest},
        octets::Octets,
        rules::{Check, Ignore, Judged, Rule, Space},
        set::{HIGH, Set},
        values::{Kind, distinct},
    },
    Finder, Spot, words,
};
use contract::schema::{Cardinality, Field, Presence};

impl Finder<'_> {
    /// A field with one value.
    pub(super) fn single(&mut self, spot: Spot<'_>, field: &Field, judged: &Judged) {
        let schema = self.schema;
        let kind = Kind::of(schema, field.kind);
        // Where presence does not count, what must be there is not zero.
        let required = judged.required.as_ref().filter(|_| field.presence == Presence::Implicit);
        let required = required.and_then(|rule| {
            let check = match kind.space {
                Space::Int => Check::Number(Set::of([0]).complement()),
                Space::Octets => Check::Octets(Octets::NotIn(vec![Vec::new()])),
                _ => return None,
            };
            Some(Rule { check, ..rule.clone() })
        });
        self.value(spot, &kind, judged, required.as_ref());
    }

    /// A list or a map: how many there are, and what they are.
    pub(super) fn several(&mut self, spot: Spot<'_>, field: &Field, judged: &Judged) {
        let schema = self.schema;
        let side = Side { schema, field, judged: judged.clone() };
        let of_map = field.cardinality == Cardinality::Map;
        let (keys, items) = if of_map {
            (Kind::of_entry(&side, 1), Kind::of_entry(&side, 2))
        } else {
            (None, Some(Kind::of(schema, field.kind)))
        };
        let name = |what: &str| format!("{what} of {}", spot.name);
        let (key, item) = (name("key"), name(if of_map { "value" } else { "item" }));
        for (kind, rules, name) in [(&keys, &judged.keys, &key), (&items, &judged.items, &item)] {
            if let (Some(kind), Some(rules)) = (kind, rules) {
                self.value(Spot { name, ..spot }, kind, rules, None);
            }
        }
        let (differing, rules) = if of_map { (&keys, &judged.keys) } else { (&items, &judged.items) };
        let none = Judged::default();
        let rules = rules.as_deref().filter(|rules| rules.ignore == Ignore::Unset).unwrap_or(&none);
        let different = differing.as_ref().and_then(|kind| distinct(kind, rules)).filter(|count| *count > 0);
        self.counts(spot, judged, of_map, different);
    }

    fn counts(&mut self, spot: Spot<'_>, judged: &Judged, of_map: bool, different: Option<i128>) {
        let least_one = |rule: &Rule| Rule { check: Check::Count(Set::between(1, HIGH)), ..rule.clone() };
        let required = judged.required.as_ref().map(least_one);
        let rules: Vec<&Rule> = judged.rules.iter().chain(&required).collect();
        let left = |rules: &[&Rule], most: i128| {
            let counts = rules.iter().filter_map(|r| match &r.check {
                Check::Count(set) => Some(set),
                _ => None,
            });
            counts.fold(Set::between(0, most), |left, set| left.and(set))
        };
        let limit = |rules: &[&Rule]| match different {
            Some(count) if of_map || rules.iter().any(|rule| rule.check == Check::Unique) => count,
            _ => HIGH,
        };
        let kept = fewest(&rules, |rules| left(rules, limit(rules)).is_empty());
        match (different, left(&kept, HIGH).is_empty()) {
            _ if kept.is_empty() => {}
            (Some(count), false) => {
                let shown: Vec<_> = kept.iter().map(|rule| format!("`{}`", rule.shown)).collect();
                let verb = if kept.len() == 1 { "asks" } else { "ask" };
                let message = format!(
                    "{} {verb} for more of {} than the {count} different there are",
                    words::and(&shown),
                    spot.name
                );
                let path = kept.first().map(|rule| rule.path.clone()).unwrap_or_default();
                self.add(spot.place, &path, true, message, "ask for fewer");
            }
            _ => self.unkeepable(spot, &kept, &format!("size of {}", spot.name)),
        }
    }

    /// One value, item or key.
    fn value(&mut self, spot: Spot<'_>, kind: &Kind<'_>, judged: &Judged, required: Option<&Rule>) {
        if judged.ignore == Ignore::Always {
            return;
        }
        let rules: Vec<&Rule> = judged.rules.iter().chain(required).collect();
        let nothing = |rules: &[&Rule]| accept_nothing(kind, rules);
        let kept = fewest(&rules, nothing);
        if !kept.is_empty() {
            let of = match spot.name.strip_prefix('`') {
                Some(_) => format!("value of {}", spot.name),
                None => spot.name.to_owned(),
            };
            self.unkeepable(spot, &kept, &of);
            return;
        }
        for example in &judged.examples {
            let all: Vec<&Rule> = rules.iter().copied().chain([example]).collect();
            let broken = fewest(&all, nothing);
            let broken = broken.into_iter().filter(|rule| rule.shown != example.shown);
            let broken: Vec<_> = broken.map(|rule| format!("`{}`", rule.shown)).collect();
            if !broken.is_empty() {
                let message =
                    format!("`{}`, of {}, breaks {}", example.shown, spot.name, words::and(&broken));
                self.add(spot.place, &example.path, false, message, "give one that the rules allow");
            }
        }
        self.idle(spot, &rules);
    }

    /// What an exact length or value beside it leaves nothing to say to.
    fn idle(&mut self, spot: Spot<'_>, rules: &[&Rule]) {
        let is = |rule: &Rule, name: &str| rule.id.rsplit('.').next() == Some(name);
        let bounds = [("len", ["min_len", "max_len"]), ("len_bytes", ["min_bytes", "max_bytes"])];
        for (exact, others) in bounds {
            let Some(exact) = rules.iter().find(|rule| is(rule, exact)) else { continue };
            for idle in rules.iter().filter(|rule| others.iter().any(|name| is(rule, name))) {
                self.nothing_new(spot, exact, idle);
            }
        }
        let Some(constant) = rules.iter().find(|rule| is(rule, "const")) else { return };
        let others = rules.iter().filter(|rule| rule.path != constant.path && rule.id != "required");
        let idle = others.filter(|rule| !matches!(rule.check, Check::Opaque(_))).copied();
        for idle in idle.collect::<Vec<_>>() {
            self.nothing_new(spot, constant, idle);
        }
    }

    fn nothing_new(&mut self, spot: Spot<'_>, exact: &Rule, idle: &Rule) {
        let message =
            format!("`{}`, of {}, says nothing that `{}` does not", idle.shown, spot.name, exact.shown);
        self.add(spot.place, &idle.path, false, message, "take it away");
    }
}
