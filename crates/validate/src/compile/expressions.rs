//! Rules in CEL: of messages, of fields, and predefined ones.

use super::{
    Compiler, PREDEFINED,
    options::Rules,
    standard::{Family, common, types},
};
use crate::{
    cel::{CelRule, Environment, records, rules_of_family},
    compiled::Expression,
    failure::CompileError,
    value::{OwnedMessage, Type},
    violation::{PathElement, Subscript},
};
use contract::schema::Field;
use std::sync::Arc;

/// The number of `buf.validate.Rule.expression`.
const EXPRESSION: u32 = 3;

/// `buf.validate.Rule`.
pub(super) struct Source {
    pub(super) id: String,
    message: Option<String>,
    pub(super) expression: String,
}

impl Source {
    fn of(rule: &Rules<'_>) -> Self {
        let text = |number| rule.text(number).unwrap_or_default();
        Self {
            id: text(1),
            message: rule.text(2).filter(|message| !message.is_empty()),
            expression: text(EXPRESSION),
        }
    }

    fn plain(expression: String) -> Self {
        Self { id: expression.clone(), message: None, expression }
    }
}

impl<'s> Compiler<'s> {
    /// The expressions of rules: plain ones of field `plain`, full ones of field `full`. Those of fields are
    /// told by their position; those of messages have no path.
    pub(super) fn expressions(
        &mut self,
        rules: &Rules<'s>,
        [plain, full]: [u32; 2],
        this: Type,
        prefix: Option<&[PathElement]>,
    ) -> Result<Vec<Expression>, CompileError> {
        let mut found = Vec::new();
        // Rules of messages say nothing of sizes.
        let bounds = prefix.map(|_| rules.bytes.clone());
        let path = |name, number, type_number, position: u32| match prefix {
            Some(prefix) => {
                let mut element = PathElement::new(number, name, type_number);
                element.subscript = Some(Subscript::Index(position.into()));
                [prefix, &[element]].concat()
            }
            None => Vec::new(),
        };
        for (position, expression) in (0..).zip(rules.texts(plain)) {
            let place = rules.place.within(plain).within(position);
            let path = path("cel_expression", plain, types::STRING, position);
            let environment = self.environment(this, bounds.clone());
            found.push(self.expression(Source::plain(expression), path, [&place; 2], &environment)?);
        }
        for (position, rule) in (0..).zip(rules.messages(full)?) {
            let path = path("cel", full, types::MESSAGE, position);
            let places = [&rule.place, &rule.place.within(EXPRESSION)];
            let environment = self.environment(this, bounds.clone());
            found.push(self.expression(Source::of(&rule), path, places, &environment)?);
        }
        Ok(found)
    }

    /// The expressions of a field's own rules.
    pub(super) fn field_expressions(
        &mut self,
        rules: &Rules<'s>,
        this: Type,
        prefix: &[PathElement],
    ) -> Result<Vec<Expression>, CompileError> {
        self.expressions(rules, [common::CEL_EXPRESSION, common::CEL], this, Some(prefix))
    }

    /// What a family's message says that is none of the `known` rules: extensions, and rules that are newer
    /// than this build but defined in the set's own `validate.proto`.
    pub(super) fn predefined(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        known: &[u32],
        this: Type,
        prefix: &[PathElement],
    ) -> Result<Vec<Expression>, CompileError> {
        let mut found = Vec::new();
        for number in rules.numbers().into_iter().filter(|number| !known.contains(number)) {
            let place = rules.place.within(number);
            let Some(message) = self.schema.message(family.message) else {
                return Err(
                    place.error(format!("the set has no `{}`: build it with its imports", family.message))
                );
            };
            let declared = self.schema.extension(family.message, number).or_else(|| message.field(number));
            let Some(field) = declared else {
                let reason =
                    format!("{} has no rule {number}: build the set with its imports", family.message);
                return Err(place.error(reason));
            };
            let environment = Environment {
                rules: Some(OwnedMessage { message: message.id, bytes: rules.bytes.clone() }),
                rule: Some(field.clone()),
                ..self.environment(this, Some(rules_of_family(family.number, &rules.bytes)))
            };
            let path = [prefix, &[family.element(), PathElement::of(field)]].concat();
            for source in Self::predefined_sources(field, &place)? {
                found.push(self.expression(source, path.clone(), [&place; 2], &environment)?);
            }
        }
        Ok(found)
    }

    /// The expressions that `(buf.validate.predefined)` of a rule's field has.
    pub(super) fn predefined_sources(
        field: &Field,
        place: &super::Place<'s>,
    ) -> Result<Vec<Source>, CompileError> {
        let Some(rules) = Rules::of(&field.options, PREDEFINED, place)? else {
            return Ok(Vec::new());
        };
        Ok(rules.messages(1)?.iter().map(Source::of).collect())
    }

    /// `place` is the rule's, `at` that of its text.
    fn expression(
        &mut self,
        source: Source,
        path: Vec<PathElement>,
        [place, at]: [&super::Place<'s>; 2],
        environment: &Environment,
    ) -> Result<Expression, CompileError> {
        let rule = CelRule::compile(&source.expression, environment)
            .map_err(|reason| at.error(format!("the expression of `{}`: {reason}", source.id)))?;
        let message = source.message.unwrap_or_else(|| format!("{:?} returned false", source.expression));
        Ok(Expression { rule, site: self.site(path, source.id, message, place) })
    }

    fn environment(&self, this: Type, bounds: Option<Arc<[u8]>>) -> Environment {
        Environment {
            schema: self.schema.clone(),
            this,
            rules: None,
            rule: None,
            bounds,
            around: self.holder.map_or(0, |holder| records(self.schema, holder)),
            patterns: self.patterns.clone(),
        }
    }
}
