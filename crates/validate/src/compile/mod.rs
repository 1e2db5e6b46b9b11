//! Schemas to programs.

mod budget;
mod bytes;
mod display;
mod each;
mod enums;
mod expressions;
mod field;
mod finish;
mod lists;
mod message;
mod number;
mod options;
mod predefined;
mod standard;
mod text;
mod time;
mod value;

pub use each::check_rules;
pub use predefined::check_predefined;

use crate::{
    compiled::{Compiled, MessageProgram},
    failure::CompileError,
    pattern::Patterns,
    rules::{Site, SiteId},
    violation::{FieldPath, PathElement},
};
use budget::Budget;
use contract::{
    Origin,
    schema::{MessageId, Schema},
};
use options::Place;
use std::collections::HashMap;

/// The extension of `google.protobuf.{Message,Oneof,Field}Options` that carries rules.
pub(crate) const RULES: u32 = 1159;
/// The extension of `google.protobuf.FieldOptions` that makes a rule of a field of rules.
pub(crate) const PREDEFINED: u32 = 1160;

/// Message types that one program may reach.
const MAX_MESSAGES: usize = 20_000;

/// One of the message types that were asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    /// The number of its program.
    pub(crate) program: u32,
    /// The steps that a message within the bounds of its rules may need.
    pub(crate) steps: u64,
}

/// Compiles the rules of everything that the message types of these full names reach, each type once; and says which
/// programs are those of the names.
pub(crate) fn compile(schema: &Schema, names: &[&str]) -> Result<(Compiled, Vec<Root>), CompileError> {
    let mut compiler = Compiler::new(schema);
    let mut roots = Vec::with_capacity(names.len());
    let mut messages: Vec<MessageProgram> = Vec::new();
    for name in names {
        let Some(root) = schema.message_id(name) else {
            return Err(CompileError {
                of: (*name).to_owned(),
                origin: Origin::Default,
                reason: format!("there is no message type `{name}`"),
            });
        };
        roots.push((compiler.program_of(root), root));
        while let Some(id) = compiler.pending.get(messages.len()).copied() {
            // Several together may reach more than one of them may.
            if messages.len() >= MAX_MESSAGES && each::reaches_too_many(schema, root) {
                return Err(too_many(name));
            }
            messages.push(compiler.message(id)?);
        }
    }
    finish::finish(&mut messages);
    let mut budget = Budget::default();
    for message in &messages {
        budget.add(message.message, compiler.own(message));
    }
    let roots = roots.into_iter().map(|(program, id)| Ok(Root { program, steps: budget.of(schema, id)? }));
    let roots = roots.collect::<Result<_, CompileError>>()?;
    Ok((Compiled { schema: schema.clone(), messages, sites: compiler.sites }, roots))
}

fn too_many(message: &str) -> CompileError {
    let reason = format!("it reaches more than {MAX_MESSAGES} message types");
    CompileError { of: message.to_owned(), origin: Origin::Default, reason }
}

struct Compiler<'s> {
    schema: &'s Schema,
    sites: Vec<Site>,
    numbers: HashMap<MessageId, u32>,
    /// The types whose programs have numbers; a program's number is its position.
    pending: Vec<MessageId>,
    patterns: Patterns,
    /// The message whose fields are compiled.
    holder: Option<MessageId>,
}

impl<'s> Compiler<'s> {
    fn new(schema: &'s Schema) -> Self {
        let (sites, numbers, pending) = (Vec::new(), HashMap::new(), Vec::new());
        Self { schema, sites, numbers, pending, patterns: Patterns::default(), holder: None }
    }

    /// The number of a type's program, which may still have to be compiled.
    fn program_of(&mut self, id: MessageId) -> u32 {
        let Self { numbers, pending, .. } = self;
        *numbers.entry(id).or_insert_with(|| {
            pending.push(id);
            u32::try_from(pending.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn site(
        &mut self,
        rule: Vec<PathElement>,
        id: impl Into<String>,
        message: String,
        at: &Place<'s>,
    ) -> SiteId {
        let site = Site { rule: FieldPath(rule), rule_id: id.into(), message, origin: at.origin() };
        self.sites.push(site);
        u32::try_from(self.sites.len() - 1).unwrap_or(u32::MAX)
    }
}
