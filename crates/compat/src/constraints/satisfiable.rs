//! Whether rules can be met at all.
//!
//! Where no message meets the old rules, no request was ever valid: whatever replaces them refuses nobody.

use super::{
    compare::Side,
    read,
    rules::{Check, Ignore, Judged, Space},
    said::carries_rules,
    set::{HIGH, Set},
    values::{Kind, accepts_nothing},
};
use contract::schema::{Cardinality, Field, Message, MessageId, Presence, Schema};
use std::{cell::OnceCell, collections::HashMap};
use validate::Needs;

/// Messages that messages need, and those again; no decoder goes deeper.
const MAX_DEPTH: usize = 100;

/// Of the types of a schema; each is looked at once.
pub(super) struct Satisfiable<'a> {
    schema: &'a Schema,
    known: HashMap<MessageId, bool>,
    needs: OnceCell<Needs>,
}

impl<'a> Satisfiable<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, known: HashMap::new(), needs: OnceCell::new() }
    }

    /// Whether some message of this type may meet its rules: expressions and patterns are taken to allow something.
    pub(super) fn message(&mut self, id: MessageId) -> bool {
        self.message_at(id, 0)
    }

    fn message_at(&mut self, id: MessageId, depth: usize) -> bool {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        // A type that leads back here is not asked again.
        self.known.insert(id, true);
        let of = self.schema.message_at(id);
        let met = depth >= MAX_DEPTH
            || self.has_end(id)
                && of.fields.iter().all(|field| self.field(field, depth))
                && self.oneofs(of, depth);
        self.known.insert(id, met);
        met
    }

    /// Whether a message of the type need not have one of its own type in it.
    fn has_end(&self, id: MessageId) -> bool {
        self.needs.get_or_init(|| Needs::of(self.schema)).least(id).is_some()
    }

    /// Whether the field may be what its rules demand, absent included.
    fn field(&mut self, field: &'a Field, depth: usize) -> bool {
        let needed = field.presence == Presence::Required;
        if !needed && !carries_rules(&field.options) {
            return true;
        }
        let judged = read::field(self.schema, field, false);
        if judged.ignore != Ignore::Unset {
            return true;
        }
        let needed = needed || judged.required.is_some();
        match field.cardinality {
            Cardinality::Singular => {
                let written = needed || field.presence == Presence::Implicit;
                !written || self.value(field, &judged, depth)
            }
            _ => self.several(field, &judged, needed),
        }
    }

    /// Whether a single field may have a value.
    fn value(&mut self, field: &'a Field, judged: &Judged, depth: usize) -> bool {
        let kind = Kind::of(self.schema, field.kind);
        match field.kind.message().filter(|_| kind.space == Space::Message) {
            Some(id) => self.message_at(id, depth + 1),
            None => !accepts_nothing(&kind, judged),
        }
    }

    /// Whether a list or map may have as many items as it must.
    fn several(&self, field: &'a Field, judged: &Judged, needed: bool) -> bool {
        let rules = judged.rules.iter();
        let counts =
            rules.filter_map(|rule| if let Check::Count(set) = &rule.check { Some(set) } else { None });
        let counts = counts.fold(Set::between(needed.into(), HIGH), |all, set| all.and(set));
        let side = Side { schema: self.schema, field, judged: judged.clone() };
        let parts = match field.cardinality {
            Cardinality::Map => {
                [(Kind::of_entry(&side, 1), &judged.keys), (Kind::of_entry(&side, 2), &judged.items)]
            }
            _ => [(Some(Kind::of(self.schema, field.kind)), &judged.items), (None, &judged.keys)],
        };
        let never = parts.into_iter().any(|(kind, rules)| {
            kind.zip(rules.as_deref()).is_some_and(|(kind, rules)| accepts_nothing(&kind, rules))
        });
        counts.contains(0) || !never && !counts.is_empty()
    }

    /// Whether a member of each oneof that must be set may be.
    fn oneofs(&mut self, of: &'a Message, depth: usize) -> bool {
        of.oneofs.iter().filter(|oneof| read::oneof_required(self.schema, oneof).is_some()).all(|oneof| {
            let mut members = oneof.fields.iter().filter_map(|at| of.fields.get(*at));
            members.any(|member| {
                let judged = read::field(self.schema, member, false);
                judged.ignore != Ignore::Unset || self.value(member, &judged, depth)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may end here")]

    use crate::{Party, Settings, Verdict, breaking};

    fn party(body: &str) -> Party {
        let text = format!(
            "syntax = 'proto3'; package t; import 'buf/validate/validate.proto'; {body}
             service S {{ rpc Do(M) returns (R); }} message R {{}}"
        );
        Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
    }

    fn found(old: &str, new: &str) -> Vec<String> {
        let verdicts = breaking(&party(old), &party(new), &Settings::default());
        verdicts
            .iter()
            .flat_map(Verdict::findings)
            .map(|found| format!("{} {}", found.rule, found.path))
            .collect()
    }

    /// The field `old` beside another that becomes required.
    fn beside(old: &str) -> Vec<String> {
        let other = "string other = 9";
        let needed = "string other = 9 [(buf.validate.field).required = true]";
        found(&format!("message M {{ {old} {other}; }} {N}"), &format!("message M {{ {old} {needed}; }} {N}"))
    }

    const NEVER: &str = "[(buf.validate.field).int32 = {gt: 5, in: [1]}]";
    const N: &str = "message N { int32 x = 1 [(buf.validate.field).int32 = {gt: 5, in: [1]}]; M m = 2; }";

    #[test]
    fn rules_that_nothing_met_refused_everything_before() {
        for old in [
            format!("int32 x = 1 {NEVER};"),
            "string x = 1 [(buf.validate.field).string = {min_len: 5, max_len: 3}];".to_owned(),
            "bytes x = 1 [(buf.validate.field).bytes = {const: 'a', prefix: 'b'}];".to_owned(),
            "repeated int32 x = 1 [(buf.validate.field).repeated = {min_items: 5, max_items: 3}];".to_owned(),
            "repeated int32 x = 1 [(buf.validate.field).repeated = {min_items: 1, items: {int32: {gt: 5, in: [1]}}}];"
                .to_owned(),
            "map<string, int32> x = 1 [(buf.validate.field).map = {min_pairs: 1, keys: {string: {in: ['a'], not_in: ['a']}}}];"
                .to_owned(),
            "N x = 1 [(buf.validate.field).required = true];".to_owned(),
            "oneof o { option (buf.validate.oneof).required = true; N x = 1; }".to_owned(),
            "M again = 1 [(buf.validate.field).required = true];".to_owned(),
            "int32 x = 1 [(buf.validate.field).int32 = {gt: 5, lt: 5}];".to_owned(),
            "string x = 1 [(buf.validate.field).string = {contains: 'abc', not_contains: 'b'}];".to_owned(),
            "string x = 1 [(buf.validate.field).string = {prefix: 'abc', max_len: 2}];".to_owned(),
        ] {
            assert!(beside(&old).is_empty(), "{old}");
        }
        let cel = |rule: &str| format!("message M {{ string x = 1 [(buf.validate.field).{rule}]; }}");
        let never = cel("string = {min_len: 5, max_len: 3}");
        assert!(found(&never, &cel("cel = {id: 'x', expression: 'this != \"a\"'}")).is_empty());
    }

    #[test]
    fn what_may_be_left_out_refuses_nothing() {
        for old in [
            format!("optional int32 x = 1 {NEVER};"),
            format!("oneof o {{ int32 x = 1 {NEVER}; }}"),
            "N x = 1;".to_owned(),
            "int32 x = 1 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, (buf.validate.field).int32 = {gt: 5, in: [1]}];"
                .to_owned(),
            "repeated int32 x = 1 [(buf.validate.field).repeated.items.int32 = {gt: 5, in: [1]}];".to_owned(),
            "oneof o { option (buf.validate.oneof).required = true; N x = 1; string y = 2; }".to_owned(),
            // More than 5, or less than 3.
            "int32 x = 1 [(buf.validate.field).int32 = {gt: 5, lt: 3}];".to_owned(),
        ] {
            assert_eq!(beside(&old), ["validation-tightened M.other"], "{old}");
        }
        // Within what nothing met, nothing is tighter; beside it, something may be.
        let n = N.replace("gt: 5, in: [1]", "const: 1");
        let of = |n: &str| format!("message M {{ N n = 1; }} {n}");
        assert!(found(&of(N), &of(&n)).is_empty());
    }
}
