//! Paths of requests that a client says it writes, held against the contract by which it says so: whatever it
//! reports, what nobody declared or nobody may see is not kept.

use super::said::Said;
use crate::registry::{Known, View};
use compat::Party;
use contract::{
    Digest,
    schema::{Field, MessageId, Schema},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Of one report: what it costs is linear in the report and in the contracts that it names, each once.
pub(super) struct Paths<'a> {
    view: &'a View,
    by_digest: BTreeMap<&'a Digest, Fields<'a>>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        Self { view, by_digest: BTreeMap::new() }
    }

    /// Takes those paths away that the caller's contract does not declare, and those of what it, or the one in
    /// `force`, calls sensitive. Where the caller's is not known, the one in force declares; without either,
    /// nothing is. Returns whether any was.
    pub(super) fn keep_declared(&mut self, said: &mut Said, force: Option<&Known>) -> bool {
        let before = said.written.len();
        let caller = said.digest.as_ref().and_then(|digest| self.view.sets.get_key_value(digest));
        let force = force.and_then(|known| self.view.sets.get_key_value(&known.contract.digest));
        let Some(declaring) = caller.or(force) else {
            said.written.clear();
            return before > 0;
        };
        for (sets, wanted) in [(Some(declaring), Found::Open), (force, Found::Nothing)] {
            let Some((digest, party)) = sets else { continue };
            let Some(input) = input(party, said) else {
                if wanted == Found::Open {
                    said.written.clear();
                }
                continue;
            };
            let fields = self.by_digest.entry(digest).or_insert_with(|| Fields::of(&party.schema));
            // What the one in force does not know, it calls nothing.
            said.written.retain(|path| {
                let found = fields.at(input, path);
                found == Found::Open || found == wanted
            });
        }
        said.written.len() < before
    }

    /// Takes those kept paths away that either the caller's contract or the one in `force` calls sensitive by now, and
    /// those of which neither knows. Where the caller's cannot be had, nobody can tell what it knew: then only what
    /// is sensitive goes, unless it is `lost` for good.
    pub(super) fn keep_still(&mut self, said: &mut Said, force: &Known, lost: bool) {
        let sets = &self.view.sets;
        let caller = said.digest.as_ref().and_then(|digest| sets.get_key_value(digest));
        let untold = caller.is_none() && said.digest.is_some() && !lost;
        let force = sets.get_key_value(&force.contract.digest);
        let (mut masked, mut open) = (BTreeSet::new(), BTreeSet::new());
        for (digest, party) in caller.into_iter().chain(force) {
            let Some(input) = input(party, said) else { continue };
            let fields = self.by_digest.entry(digest).or_insert_with(|| Fields::of(&party.schema));
            for path in &said.written {
                match fields.at(input, path) {
                    Found::Masked => drop(masked.insert(path.clone())),
                    Found::Open => drop(open.insert(path.clone())),
                    Found::Nothing => {}
                }
            }
        }
        said.written.retain(|path| !masked.contains(path) && (untold || open.contains(path)));
    }
}

/// The type of the method's requests.
fn input(party: &Party, said: &Said) -> Option<MessageId> {
    let mut methods = party.contract.service(&said.service)?.methods.iter();
    let method = methods.find(|method| method.path.method() == said.method)?;
    party.schema.message_id(&method.input)
}

/// What a contract says of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It leads to no field.
    Nothing,
    /// To a field, and through none that is sensitive.
    Open,
    /// Through one that is, or to one.
    Masked,
}

/// The fields and extensions of a contract's messages, by number, as they are asked for.
struct Fields<'a> {
    schema: &'a Schema,
    met: HashMap<MessageId, HashMap<u32, &'a Field>>,
}

impl<'a> Fields<'a> {
    fn of(schema: &'a Schema) -> Self {
        Self { schema, met: HashMap::new() }
    }

    fn at(&mut self, input: MessageId, path: &[u32]) -> Found {
        let mut of = Some(input);
        for number in path {
            match of.and_then(|of| self.field(of, *number)) {
                None => return Found::Nothing,
                Some(field) if field.masked => return Found::Masked,
                Some(field) => of = field.kind.message(),
            }
        }
        Found::Open
    }

    fn field(&mut self, of: MessageId, number: u32) -> Option<&'a Field> {
        let schema = self.schema;
        let fields = self.met.entry(of).or_insert_with(|| {
            let message = schema.message_at(of);
            let all = message.fields.iter().chain(schema.extensions(&message.name));
            all.map(|field| (field.number, field)).collect()
        });
        fields.get(&number).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const SOURCE: &str = r#"syntax = "proto2"; package a.v1; import "treaty/v1/options.proto";
        service B { option (treaty.v1.service) = { owner: "a" allow: "a/c" }; rpc C(M) returns (M); }
        message M {
          optional string name = 1; optional Person person = 2;
          optional Person sender = 3 [(treaty.v1.field).sensitivity = PII]; map<string, Person> people = 4;
          repeated group Line = 5 { optional int32 count = 1; } extensions 100 to 200;
        }
        message Person { optional string email = 1 [debug_redact = true]; optional string city = 2; }
        extend M { optional string note = 100; }"#;

    fn party(source: &str) -> Party {
        Party::read(testkit::descriptor_set(&[("a/v1/a.proto", source)])).unwrap()
    }

    /// What is kept of paths that are said by `digest`, where these sets are known and `force` is in force.
    fn kept(
        written: &[&[u32]],
        digest: Option<&Party>,
        known: &[&Party],
        force: Option<&Party>,
    ) -> Vec<Vec<u32>> {
        let sets = known.iter().map(|party| (party.contract.digest.clone(), (*party).clone())).collect();
        let view = View { sets: Arc::new(sets), ..View::default() };
        let force = force.map(|party| Known::of("a/b".parse().unwrap(), party.contract.clone()));
        let written: BTreeSet<_> = written.iter().map(|path| path.to_vec()).collect();
        let before = written.clone();
        let digest = digest.map(|party| party.contract.digest.clone());
        let mut said = Said {
            service: "a.v1.B".to_owned(),
            method: "C".to_owned(),
            digest,
            calls: 1,
            written,
            peaks: Default::default(),
            over: None,
            provider: None,
        };
        let dropped = Paths::new(&view).keep_declared(&mut said, force.as_ref());
        assert_eq!(dropped, said.written != before);
        said.written.into_iter().collect()
    }

    #[test]
    fn what_is_undeclared_sensitive_or_below_a_scalar_is_not_kept() {
        let a = party(SOURCE);
        let good: [&[u32]; 8] = [&[1], &[2], &[2, 2], &[4], &[4, 1], &[4, 2, 2], &[5, 1], &[100]];
        let bad: [&[u32]; 9] = [&[1, 1], &[2, 1], &[2, 3], &[3], &[3, 2], &[4, 2, 1], &[5, 2], &[77], &[101]];
        let both: Vec<_> = good.into_iter().chain(bad).collect();
        assert_eq!(kept(&both, Some(&a), &[&a], None), good);
        assert_eq!(kept(&both, Some(&a), &[&a], Some(&a)), good);
        assert_eq!(kept(&both, None, &[&a], Some(&a)), good, "by the one in force");
    }

    /// What is kept before, once `force` is in force; `caller`: by which it was called.
    fn still(caller: &Party, known: &[&Party], force: &Party, lost: bool) -> Vec<Vec<u32>> {
        let sets = known.iter().map(|party| (party.contract.digest.clone(), (*party).clone())).collect();
        let view = View { sets: Arc::new(sets), ..View::default() };
        let force = Known::of("a/b".parse().unwrap(), force.contract.clone());
        let mut said = Said {
            service: "a.v1.B".to_owned(),
            method: "C".to_owned(),
            digest: Some(caller.contract.digest.clone()),
            calls: 0,
            written: [&[1][..], &[2, 2], &[9]].map(<[u32]>::to_vec).into(),
            peaks: Default::default(),
            over: None,
            provider: None,
        };
        Paths::new(&view).keep_still(&mut said, &force, lost);
        said.written.into_iter().collect()
    }

    #[test]
    fn what_became_sensitive_goes_and_what_nobody_knows_any_more() {
        let a = party(SOURCE);
        let city = "optional string city = 2";
        let masked = party(&SOURCE.replace(city, &format!("{city} [debug_redact = true]")));
        let without = party(&SOURCE.replace("optional string name = 1;", ""));
        assert_eq!(still(&a, &[&a], &a, false), [vec![1], vec![2, 2]], "neither knows 9");
        assert_eq!(still(&a, &[&a, &masked], &masked, false), [vec![1]]);
        assert_eq!(still(&masked, &[&a, &masked], &a, false), [vec![1]], "the caller's may say so, too");
        assert_eq!(still(&a, &[&a, &without], &without, false), [vec![1], vec![2, 2]], "it writes it still");
        assert_eq!(still(&without, &[&a, &without], &without, false), [vec![2, 2]]);
        assert_eq!(
            still(&a, &[&masked], &masked, false),
            [vec![1], vec![9]],
            "what the caller's knows, nobody can tell"
        );
        assert_eq!(still(&a, &[&without], &without, true), [vec![2, 2]], "and never will");
    }

    #[test]
    fn the_callers_contract_declares_and_either_may_call_it_sensitive() {
        let a = party(SOURCE);
        let city = "optional string city = 2";
        let newer = party(
            &SOURCE
                .replace(city, &format!("{city} [debug_redact = true]"))
                .replace("string name = 1", "string label = 9"),
        );
        let paths: [&[u32]; 4] = [&[1], &[2], &[2, 2], &[9]];
        assert_eq!(kept(&paths, Some(&a), &[&a, &newer], Some(&a)), [vec![1], vec![2], vec![2, 2]]);
        assert_eq!(kept(&paths, Some(&a), &[&a, &newer], Some(&newer)), [vec![1], vec![2]]);
        assert_eq!(kept(&paths, Some(&newer), &[&a, &newer], Some(&a)), [vec![2], vec![9]]);
        assert_eq!(kept(&paths, Some(&newer), &[&a], Some(&a)), [vec![1], vec![2], vec![2, 2]]);
        assert!(kept(&paths, Some(&newer), &[&a], None).is_empty(), "nobody can tell");
        let other = party(&SOURCE.replace("rpc C", "rpc D"));
        assert!(kept(&paths, Some(&other), &[&a, &other], Some(&a)).is_empty(), "no method of its contract");
    }
}
