//! Rules of lists and maps.

use super::{Compiler, options::Rules, standard::types, text::Said};
use crate::{
    compiled::{ListRules, MapRules, ValueRules},
    failure::CompileError,
    value::Type,
};
use contract::schema::{Field, FieldKind, MessageId};

impl<'s> Compiler<'s> {
    pub(super) fn list(&mut self, field: &Field, rules: &Rules<'s>) -> Result<ValueRules, CompileError> {
        let expressions = self.field_expressions(rules, Type::List(field.kind), &[])?;
        let mut found = ValueRules { expressions, ..ValueRules::default() };
        let Some((family, rules)) = self.family(rules, super::standard::of_whole(field))? else {
            return Ok(found);
        };
        let mut list = ListRules::default();
        if let Some(least) = rules.count(1) {
            let message = format!("must contain at least {least} item(s)");
            let said = Said { number: 1, name: "min_items", type_number: types::UINT64, id: "min_items" };
            list.min = Some((least, self.said(family, &rules, &[], said, message)));
        }
        if let Some(most) = rules.count(2) {
            let message = format!("must contain no more than {most} item(s)");
            let said = Said { number: 2, name: "max_items", type_number: types::UINT64, id: "max_items" };
            list.max = Some((most, self.said(family, &rules, &[], said, message)));
        }
        if rules.flag(3) == Some(true) {
            if field.kind.message().is_some() {
                return Err(rules
                    .place
                    .within(3)
                    .error("`unique` is for scalars and enums, not for messages"));
            }
            let message = "repeated value must contain unique items".to_owned();
            let said = Said { number: 3, name: "unique", type_number: types::BOOL, id: "unique" };
            list.unique = Some(self.said(family, &rules, &[], said, message));
        }
        if let Some(items) = rules.message(4)? {
            let prefix = family.path(4, "items", types::MESSAGE);
            list.items = self.item(field.kind, &items, &prefix)?;
        }
        let this = Type::List(field.kind);
        found.predefined = self.predefined(family, &rules, &[1, 2, 3, 4], this, &[])?;
        found.list = Some(Box::new(list));
        Ok(found)
    }

    pub(super) fn map(
        &mut self,
        field: &Field,
        entry: MessageId,
        rules: &Rules<'s>,
    ) -> Result<ValueRules, CompileError> {
        let expressions = self.field_expressions(rules, Type::Map(entry), &[])?;
        let mut found = ValueRules { expressions, ..ValueRules::default() };
        let Some((family, rules)) = self.family(rules, super::standard::of_whole(field))? else {
            return Ok(found);
        };
        let mut map = MapRules::default();
        if let Some(least) = rules.count(1) {
            let message = format!("map must be at least {least} entries");
            let said = Said { number: 1, name: "min_pairs", type_number: types::UINT64, id: "min_pairs" };
            map.min = Some((least, self.said(family, &rules, &[], said, message)));
        }
        if let Some(most) = rules.count(2) {
            let message = format!("map must be at most {most} entries");
            let said = Said { number: 2, name: "max_pairs", type_number: types::UINT64, id: "max_pairs" };
            map.max = Some((most, self.said(family, &rules, &[], said, message)));
        }
        let kind =
            |number| self.schema.message_at(entry).field(number).map_or(FieldKind::Bool, |field| field.kind);
        let (key, value) = (kind(1), kind(2));
        if let Some(keys) = rules.message(4)? {
            map.keys = self.item(key, &keys, &family.path(4, "keys", types::MESSAGE))?;
        }
        if let Some(values) = rules.message(5)? {
            map.values = self.item(value, &values, &family.path(5, "values", types::MESSAGE))?;
        }
        found.predefined = self.predefined(family, &rules, &[1, 2, 4, 5], Type::Map(entry), &[])?;
        found.map = Some(Box::new(map));
        Ok(found)
    }
}
