//! Rules of enums.

use super::{
    Compiler, display,
    number::Checks,
    options::Rules,
    standard::{Family, types},
};
use crate::{
    rules::{Listed, Number, SiteId},
    value::Value,
    violation::PathElement,
};
use contract::schema::{EnumId, FieldKind};

/// The numbers that [`Compiler::enumeration`] reads.
pub(super) const KNOWN: [u32; 4] = [1, 2, 3, 4];

/// The numbers that are defined, sorted, and the site of `defined_only`.
pub(super) type Defined = (Vec<i32>, SiteId);

impl<'s> Compiler<'s> {
    /// The rules of an enum: what is defined, and the others.
    pub(super) fn enumeration(
        &mut self,
        family: Family,
        id: EnumId,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> (Option<Defined>, Checks<Number<i64>>) {
        let all = |number: u32| -> Vec<i64> {
            let values = rules.values(number, FieldKind::Int32).into_iter();
            values
                .filter_map(|value| if let Value::Int(number) = value { Some(number) } else { None })
                .collect()
        };
        let mut checks = Vec::new();
        let mut add = |compiler: &mut Self, number: u32, name: &str, message: String, check: Number<i64>| {
            let path = [prefix, &family.path(number, name, types::INT32)].concat();
            let site = compiler.site(path, format!("enum.{name}"), message, &rules.place.within(number));
            checks.push((check, site));
        };
        if let Some(constant) = all(1).pop() {
            add(self, 1, "const", format!("must equal {constant}"), Number::Const(constant));
        }
        let (list, refused) = (all(3), all(4));
        if !list.is_empty() {
            let message = format!("must be in list {}", display::list(&list, i64::to_string));
            add(self, 3, "in", message, Number::In(Listed::of(list)));
        }
        if !refused.is_empty() {
            let message = format!("must not be in list {}", display::list(&refused, i64::to_string));
            add(self, 4, "not_in", message, Number::NotIn(Listed::of(refused)));
        }
        let defined = (rules.flag(2) == Some(true)).then(|| {
            let path = [prefix, &family.path(2, "defined_only", types::BOOL)].concat();
            let message = "value must be one of the defined enum values".to_owned();
            let site = self.site(path, "enum.defined_only", message, &rules.place.within(2));
            (self.schema.enum_at(id).numbers.clone(), site)
        });
        (defined, checks)
    }
}
