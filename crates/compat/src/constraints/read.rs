//! The options of a field to its rules.

use super::{
    family::Family,
    rules::{Check, Ignore, Judged, Rule},
    said::Said,
    show,
};
use contract::schema::{Cardinality, Field, FieldKind, Message, Oneof, Schema};

/// Where options stand in the descriptor of a field.
const FIELD_OPTIONS: i32 = 8;
/// Fields of `FieldRules` that are no family.
pub(super) const CEL: u32 = 23;
pub(super) const REQUIRED: u32 = 25;
pub(super) const IGNORE: u32 = 27;
const CEL_EXPRESSION: u32 = 29;
/// The oneof `FieldRules.type`.
const FAMILIES: [(u32, &str); 22] = [
    (1, "float"),
    (2, "double"),
    (3, "int32"),
    (4, "int64"),
    (5, "uint32"),
    (6, "uint64"),
    (7, "sint32"),
    (8, "sint64"),
    (9, "fixed32"),
    (10, "fixed64"),
    (11, "sfixed32"),
    (12, "sfixed64"),
    (13, "bool"),
    (14, "string"),
    (15, "bytes"),
    (16, "enum"),
    (18, "repeated"),
    (19, "map"),
    (20, "any"),
    (21, "duration"),
    (22, "timestamp"),
    (28, "field_mask"),
];

/// The rules of a field. `of_one_of`: whether `(buf.validate.message).oneof` names it, which passes by what
/// is zero.
pub(super) fn field(schema: &Schema, field: &Field, of_one_of: bool) -> Judged {
    let Some(said) = Said::of(schema, &field.options, FIELD_OPTIONS) else { return Judged::default() };
    let mut judged = Reader { schema, prefix: "" }.judged(&said, field.cardinality, field.kind);
    if of_one_of && said.count(IGNORE).is_none() {
        judged.ignore = Ignore::IfZero;
    }
    if judged.ignore == Ignore::Always {
        return Judged { ignore: Ignore::Always, ..Judged::default() };
    }
    judged.required = (said.flag(REQUIRED) == Some(true)).then(|| Rule {
        check: Check::Opaque(Vec::new()),
        id: "required".to_owned(),
        shown: "required = true".to_owned(),
        path: said.at(REQUIRED),
        expression: None,
    });
    judged
}

/// The rules in CEL that a declaration carries.
pub(super) fn expressions(said: &Said<'_>, [plain, full]: [u32; 2]) -> Vec<Rule> {
    let plain = said.texts(plain).into_iter().map(|text| (text.clone(), text, said.at(plain)));
    let full = said.messages(full).into_iter().map(|rule| {
        let text = |number| rule.text(number).unwrap_or_default();
        (text(1), text(3), rule.at(3))
    });
    let rule = |(id, text, path): (String, String, Vec<i32>)| Rule {
        shown: format!("cel {id}: {}", show::cut(&text)),
        expression: Some(id),
        check: Check::Opaque(text.into_bytes()),
        id: "cel".to_owned(),
        path,
    };
    plain.chain(full).map(rule).collect()
}

struct Reader<'s> {
    schema: &'s Schema,
    /// "repeated.items.", for what is said of items.
    prefix: &'static str,
}

impl Reader<'_> {
    fn judged(&self, said: &Said<'_>, cardinality: Cardinality, kind: FieldKind) -> Judged {
        let mut judged = Judged {
            ignore: match said.count(IGNORE) {
                Some(1) => Ignore::IfZero,
                Some(3) => Ignore::Always,
                _ => Ignore::Unset,
            },
            rules: expressions(said, [CEL_EXPRESSION, CEL]),
            ..Judged::default()
        };
        let numbers = FAMILIES.map(|(number, _)| number);
        let Some(number) = said.chosen(&numbers) else { return judged };
        let Some((_, name)) = FAMILIES.iter().find(|(found, _)| *found == number) else { return judged };
        let Some(said) = said.message_among(number, &numbers) else { return judged };
        let kind = super::rules::space(self.schema, kind).1.unwrap_or(kind);
        let mut family = Family { name, prefix: self.prefix, kind, said: &said, rules: Vec::new() };
        let known: &[u32] = match (number, cardinality) {
            (18, Cardinality::List) => family.list(),
            (19, Cardinality::Map) => family.map(),
            (1..=12, _) => family.number(),
            (13, _) => family.bool(),
            (14, _) => family.text(),
            (15, _) => family.blob(),
            (16, _) => family.enumeration(self.schema),
            (20, _) => family.any(),
            (21, _) => family.duration(),
            (22, _) => family.timestamp(),
            (28, _) => family.mask(),
            _ => &[],
        };
        family.predefined(number, known);
        judged.examples = family.examples(number);
        judged.rules.append(&mut family.rules);
        let part = |number, prefix, kind| {
            let said = said.message(number)?;
            Some(Box::new(Reader { schema: self.schema, prefix }.judged(&said, Cardinality::Singular, kind)))
        };
        if (number, cardinality) == (18, Cardinality::List) {
            judged.items = part(4, "repeated.items.", kind);
        }
        if let (19, Some(entry)) = (number, kind.message().map(|id| self.schema.message_at(id))) {
            judged.keys = entry.field(1).and_then(|key| part(4, "map.keys.", key.kind));
            judged.items = entry.field(2).and_then(|value| part(5, "map.values.", value.kind));
        }
        judged
    }
}

/// What a message says of itself: `(buf.validate.message)`.
#[derive(Default)]
pub(super) struct OfMessage {
    pub(super) expressions: Vec<Rule>,
    /// `oneof`: names, whether one must be set, and the rule.
    pub(super) one_of: Vec<(Vec<String>, bool, Rule)>,
}

pub(super) fn message(schema: &Schema, message: &Message) -> OfMessage {
    let Some(said) = Said::of(schema, &message.options, 7) else { return OfMessage::default() };
    let one_of = said.messages(4).into_iter().map(|rule| {
        let (fields, required) = (rule.texts(1), rule.flag(2) == Some(true));
        let shown = format!("oneof {{ fields: [{}], required: {required} }}", fields.join(", "));
        let path = rule.path.clone();
        let rule = Rule {
            check: Check::Opaque(Vec::new()),
            id: "message.oneof".to_owned(),
            shown,
            path,
            expression: None,
        };
        (fields, required, rule)
    });
    OfMessage { one_of: one_of.collect(), expressions: expressions(&said, [5, 3]) }
}

/// Whether one of the members of a oneof must be set.
pub(super) fn oneof_required(schema: &Schema, oneof: &Oneof) -> Option<Rule> {
    let said = Said::of(schema, &oneof.options, 2)?;
    (said.flag(1) == Some(true)).then(|| Rule {
        check: Check::Opaque(Vec::new()),
        id: "oneof.required".to_owned(),
        shown: "required = true".to_owned(),
        path: said.at(1),
        expression: None,
    })
}
