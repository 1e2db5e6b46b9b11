//! Messages, and their oneofs.

use super::{
    Compiler, RULES,
    options::{Place, Rules},
};
use crate::{
    compiled::{ByNumber, MessageProgram, NONE, OneOf, Oneof},
    failure::CompileError,
    value::Type,
    violation::PathElement,
};
use contract::schema::{FieldKind, Message, MessageId};
use std::collections::HashSet;

/// Where options stand in the descriptors of messages and oneofs.
const MESSAGE_OPTIONS: i32 = 7;
const ONEOF_OPTIONS: i32 = 2;

/// Fields of `MessageRules`.
const CEL: u32 = 3;
const ONE_OF: u32 = 4;
const CEL_EXPRESSION: u32 = 5;

impl<'s> Compiler<'s> {
    pub(super) fn message(&mut self, id: MessageId) -> Result<MessageProgram, CompileError> {
        let schema = self.schema;
        let message = schema.message_at(id);
        let place =
            Place { schema, of: message.name.clone(), declared: &message.place, path: vec![MESSAGE_OPTIONS] };
        let rules = Rules::of(&message.options, RULES, &place)?;
        let (mut expressions, mut one_of) = (Vec::new(), Vec::new());
        if let Some(rules) = &rules {
            let this = Type::One(FieldKind::Message(id));
            expressions = self.expressions(rules, [CEL_EXPRESSION, CEL], this, None)?;
            for rule in rules.messages(ONE_OF)? {
                one_of.push(self.one_of(message, &rule)?);
            }
        }
        self.holder = Some(id);
        let named: HashSet<u32> = one_of.iter().flat_map(|rule| rule.fields.iter().copied()).collect();
        let mut fields = Vec::with_capacity(message.fields.len());
        for (position, field) in message.fields.iter().enumerate() {
            let of_one_of = u32::try_from(position).is_ok_and(|at| named.contains(&at));
            fields.push(self.field(message, position, field, of_one_of)?);
        }
        Ok(MessageProgram {
            message: id,
            judged: false,
            by_number: ByNumber::of(message.fields.iter().map(|field| field.number)),
            tracked: Vec::new(),
            slots: 0,
            expressions,
            one_of,
            oneofs: self.oneofs(message)?,
            masked: fields.iter().any(|field| field.masked),
            toll: 0,
            site: NONE,
            fields,
        })
    }

    /// `(buf.validate.message).oneof`: at most one of these fields, or exactly one.
    fn one_of(&mut self, message: &Message, rule: &Rules<'s>) -> Result<OneOf, CompileError> {
        let names = rule.texts(1);
        if names.is_empty() {
            return Err(rule.place.error("a oneof rule names at least one field"));
        }
        let mut fields = Vec::new();
        for name in &names {
            let found = message.fields.iter().position(|field| field.name == *name);
            let Some(position) = found.and_then(|at| u32::try_from(at).ok()) else {
                return Err(rule.place.error(format!("`{}` has no field `{name}`", message.name)));
            };
            if fields.contains(&position) {
                return Err(rule.place.error(format!("`{name}` is named twice")));
            }
            fields.push(position);
        }
        let names = names.join(", ");
        let several = format!("only one of {names} can be set");
        let none = format!("one of {names} must be set");
        Ok(OneOf {
            fields,
            required: rule.flag(2) == Some(true),
            several: self.site(Vec::new(), "message.oneof", several, &rule.place),
            none: self.site(Vec::new(), "message.oneof", none, &rule.place),
        })
    }

    fn oneofs(&mut self, message: &'s Message) -> Result<Vec<Oneof>, CompileError> {
        let mut oneofs = Vec::new();
        for oneof in &message.oneofs {
            let of = format!("{}.{}", message.name, oneof.name);
            let place = Place { schema: self.schema, of, declared: &oneof.place, path: vec![ONEOF_OPTIONS] };
            let rules = Rules::of(&oneof.options, RULES, &place)?;
            let required = rules.filter(|rules| rules.flag(1) == Some(true)).map(|rules| {
                let message = "exactly one field is required in oneof".to_owned();
                self.site(Vec::new(), "required", message, &rules.place.within(1))
            });
            oneofs.push(Oneof { slot: NONE, element: PathElement::oneof(&oneof.name), required });
        }
        Ok(oneofs)
    }
}
