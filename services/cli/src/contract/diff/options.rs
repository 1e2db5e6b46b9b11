//! Options and bindings that changed, where no finding says what that does to callers.

use super::{
    changes::{Change, Meaning},
    mentioned::Mentioned,
};
use crate::contract::source;
use compat::Party;
use contract::{
    HttpBinding, MethodPath, Origin,
    schema::{Field, Schema},
};
use std::collections::{BTreeMap, BTreeSet};

const OPTIONS: &str = "google.protobuf.FieldOptions";

/// New ways to call a method by HTTP; of those that went, the engine speaks.
pub(super) fn bindings(old: &Party, new: &Party) -> Vec<Change> {
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
pub(super) fn options(old: &Party, new: &Party, mentioned: &Mentioned<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for message in new.schema.messages().filter(|message| !message.map_entry) {
        let Some(before) = old.schema.message(&message.name) else { continue };
        for field in &message.fields {
            let Some(was) = before.field(field.number) else { continue };
            let (old_at, new_at) = (old.schema.origin(&was.place, &[]), new.schema.origin(&field.place, &[]));
            if mentioned.old.contains(&old_at) || mentioned.new.contains(&new_at) {
                continue;
            }
            for (sign, what) in options_of((was, &old.schema), (field, &new.schema)) {
                let text = format!("field {}.{}: {what}", message.name, field.name);
                let (old, new) = (old_at.clone(), new_at.clone());
                changes.push(Change { meaning: Meaning::Policy, sign, text, notes: Vec::new(), old, new });
            }
        }
    }
    changes
}

/// A field, and what knows its options.
type Declared<'a> = (&'a Field, &'a Schema);

/// Each option that is new, gone or different, by name; `deprecated` is spoken of elsewhere.
fn options_of((old, before): Declared<'_>, (new, now): Declared<'_>) -> Vec<(char, String)> {
    const DEPRECATED: u32 = 3;
    let (was, is) = (by_number(&old.options), by_number(&new.options));
    let numbers: BTreeSet<u32> = was.keys().chain(is.keys()).copied().collect();
    let mut changes = Vec::new();
    for number in numbers.into_iter().filter(|number| *number != DEPRECATED) {
        let name = option_name(now, number).or_else(|| option_name(before, number));
        let name = name.unwrap_or_else(|| format!("option {number}"));
        match (was.get(&number), is.get(&number)) {
            (None, _) => changes.push(('+', format!("has {name}"))),
            (_, None) => changes.push(('-', format!("no longer has {name}"))),
            (Some(was), Some(is)) if !same(number, (was, before), (is, now)) => {
                changes.push(('~', format!("{name} says something else")));
            }
            _ => {}
        }
    }
    changes
}

/// Whether two options say the same: in which order their parts stand is up to whoever wrote them.
fn same(number: u32, (was, before): (&[u8], &Schema), (is, now): (&[u8], &Schema)) -> bool {
    let read = |bytes: &[u8], schema: &Schema| {
        // What nobody declares would be passed by in silence.
        option_name(schema, number)?;
        protojson::decode(schema, OPTIONS, bytes).ok()
    };
    was == is || read(was, before).is_some_and(|was| Some(was) == read(is, now))
}

fn option_name(schema: &Schema, number: u32) -> Option<String> {
    let own = || Some(schema.message(OPTIONS)?.field(number)?.name.clone());
    let extension = || Some(format!("({})", schema.extension(OPTIONS, number)?.name));
    own().or_else(extension)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_which_an_option_is_written_says_nothing() {
        let text = "syntax = \"proto3\"; package a; import \"buf/validate/validate.proto\";
            message M { string a = 1 [(buf.validate.field).string.min_len = 1]; }";
        let schema = |text: &str| {
            let set = contract::compile::texts(&[("a.proto", text)]).unwrap();
            Schema::read(&set.bytes).unwrap()
        };
        let (known, unknown) = (schema(text), schema("syntax = \"proto3\"; package a; message M {}"));
        const FIELD: u32 = 1159;
        // (buf.validate.field).string = { min_len: 1, max_len: 9 }
        let option = |length: &[u8]| [&b"\xba\x48\x06\x72\x04"[..], length].concat();
        let (one, other) = (option(b"\x10\x01\x18\x09"), option(b"\x18\x09\x10\x01"));
        assert!(same(FIELD, (&one, &known), (&other, &known)));
        assert!(!same(FIELD, (&one, &known), (&option(b"\x10\x01\x18\x08"), &known)));
        // Nobody knows what it means.
        assert!(!same(FIELD, (&one, &unknown), (&other, &unknown)));
        assert!(same(FIELD, (&one, &unknown), (&one, &unknown)));
    }
}
