//! The rules of one side's messages, as they are enforced.

use crate::{level::Direction, party::Party};
use contract::{
    Method,
    schema::{MessageId, Schema},
};
use std::{
    collections::{BTreeSet, HashMap},
    mem,
};
use validate::Program;

/// Of the types that methods take, or return. They are compiled at the first question, all together: what they
/// reach in common, once.
pub(super) struct Programs<'a> {
    pub(super) schema: &'a Schema,
    /// Those that are not compiled yet.
    roots: BTreeSet<&'a str>,
    /// One of those that were, which knows all that they reach.
    any: Option<Program>,
    compiled: HashMap<MessageId, Option<Program>>,
}

impl<'a> Programs<'a> {
    pub(super) fn new(party: &'a Party, direction: Direction) -> Self {
        let of = |method: &'a Method| match direction {
            Direction::Request => method.input.as_str(),
            Direction::Response => method.output.as_str(),
        };
        let methods = party.contract.services.iter().flat_map(|service| &service.methods);
        Self { schema: &party.schema, roots: methods.map(of).collect(), any: None, compiled: HashMap::new() }
    }

    /// Nothing where the rules cannot be enforced.
    pub(super) fn of(&mut self, id: MessageId) -> Option<&Program> {
        let schema = self.schema;
        let roots: Vec<&str> = mem::take(&mut self.roots).into_iter().collect();
        if !roots.is_empty() {
            self.any = Program::compile_all(schema, &roots).ok().and_then(|all| all.into_iter().next());
        }
        let any = self.any.as_ref();
        // Where one of them could not be compiled, the others may be.
        let alone = || Program::compile(schema, &schema.message_at(id).name).ok();
        self.compiled.entry(id).or_insert_with(|| any.and_then(|any| any.within(id)).or_else(alone)).as_ref()
    }
}
