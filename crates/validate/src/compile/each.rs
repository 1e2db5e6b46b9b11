//! The rules of all messages of a schema, each message by itself.

use super::{Compiler, MAX_MESSAGES, budget::Budget, too_many};
use crate::{failure::CompileError, pattern::Patterns};
use contract::schema::{MessageId, Schema};
use std::collections::HashSet;

/// What is wrong with the rules that a schema declares: of each message the first thing, whoever uses it. And of
/// those that will be enforced, given by full name: which reach too much.
///
/// Says what [`crate::Program::compile`] of every message would say, in time linear in the schema, not in all that
/// each message reaches.
pub fn check_rules<'n>(schema: &Schema, enforced: impl IntoIterator<Item = &'n str>) -> Vec<CompileError> {
    let patterns = Patterns::default();
    let mut budget = Budget::default();
    let mut alone = |id| {
        let mut compiler = Compiler { patterns: patterns.clone(), ..Compiler::new(schema) };
        match compiler.message(id) {
            Ok(program) => {
                budget.add(id, compiler.own(&program));
                None
            }
            Err(error) => Some(error),
        }
    };
    let mut errors: Vec<_> = schema.messages().filter_map(|message| alone(message.id)).collect();
    let names: HashSet<&str> = enforced.into_iter().collect();
    let roots = names.iter().filter_map(|name| schema.message_id(name));
    errors.extend(roots.filter_map(|root| budget.of(schema, root).err()));
    if schema.messages().count() > MAX_MESSAGES {
        let large = |name: &&str| schema.message_id(name).is_some_and(|id| reaches_too_many(schema, id));
        errors.extend(names.into_iter().filter(large).map(too_many));
    }
    errors.sort_by_cached_key(|error| (error.origin.clone(), error.of.clone(), error.reason.clone()));
    // A rule that several fields use is wrong once.
    errors.dedup();
    errors
}

pub(super) fn reaches_too_many(schema: &Schema, from: MessageId) -> bool {
    let (mut reached, mut pending) = (HashSet::from([from]), vec![from]);
    while let Some(id) = pending.pop() {
        if reached.len() > MAX_MESSAGES {
            return true;
        }
        let next = schema.message_at(id).fields.iter().filter_map(|field| field.kind.message());
        pending.extend(next.filter(|id| reached.insert(*id)));
    }
    reached.len() > MAX_MESSAGES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Program;
    use contract::compile;
    use std::fmt::Write as _;

    fn schema(body: &str) -> Schema {
        let text = format!("syntax = \"proto3\"; package t; import \"buf/validate/validate.proto\"; {body}");
        Schema::read(&compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
    }

    #[test]
    fn each_message_says_what_its_program_would() {
        let wrong = "[(buf.validate.field).string.min_len = 1]";
        let schema = schema(&format!(
            "message Sound {{ Wrong wrong = 1; }} message Wrong {{ int32 a = 1 {wrong}; int32 b = 2 {wrong}; }}
             message Also {{ Sound sound = 1; map<string, Sound> all = 2; bool c = 3 {wrong}; }}"
        ));
        let found = check_rules(&schema, []);
        assert_eq!(
            found.iter().map(|error| error.of.as_str()).collect::<Vec<_>>(),
            ["t.Wrong.a", "t.Also.c"]
        );
        for message in schema.messages() {
            if let Err(error) = Program::compile(&schema, &message.name) {
                assert!(found.contains(&error), "{error}");
            }
        }
    }

    #[test]
    fn a_long_chain_is_looked_at_once_and_found_too_long() {
        // From its end, so that what each message reaches was not looked at before it.
        let mut body = "message M0 {}".to_owned();
        for at in 1..=MAX_MESSAGES {
            _ = write!(body, " message M{at} {{ M{} next = 1; }}", at - 1);
        }
        let schema = schema(&body);
        assert_eq!(check_rules(&schema, []), []);
        let (last, before) = (format!("t.M{MAX_MESSAGES}"), format!("t.M{}", MAX_MESSAGES - 1));
        let found = check_rules(&schema, [last.as_str(), last.as_str(), before.as_str()]);
        assert_eq!(found, [Program::compile(&schema, &last).unwrap_err()]);
        Program::compile(&schema, &before).unwrap();
    }
}
