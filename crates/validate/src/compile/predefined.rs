//! Predefined rules, where they are declared: one that nobody uses yet should be sound too.

use super::{
    Compiler,
    options::Place,
    standard::{FAMILIES, Family, family},
};
use crate::{
    cel::{CelRule, Environment},
    failure::CompileError,
    pattern::Patterns,
    value::{OwnedMessage, Type},
};
use contract::schema::{Field, FieldKind, Message, Schema};

/// Where options stand in a field's descriptor.
const FIELD_OPTIONS: i32 = 8;

/// What is wrong with the predefined rules that a schema declares, whoever uses them: expressions that do not
/// type-check. What they cost is known only where they are used.
pub fn check_predefined(schema: &Schema) -> Vec<CompileError> {
    let families = FAMILIES.into_iter().filter_map(family);
    families.flat_map(|family| of_family(schema, family)).collect()
}

fn of_family(schema: &Schema, family: Family) -> Vec<CompileError> {
    let Some(message) = schema.message(family.message) else { return Vec::new() };
    let Some(this) = this(schema, family, message) else { return Vec::new() };
    let declared = schema.extensions(family.message).iter();
    declared.filter_map(|field| check(schema, field, message, this).err()).collect()
}

fn check(schema: &Schema, field: &Field, message: &Message, this: Type) -> Result<(), CompileError> {
    let of = format!("{}.{}", message.name, field.name);
    let place = Place { schema, of, declared: &field.place, path: vec![FIELD_OPTIONS] };
    let environment = Environment {
        schema: schema.clone(),
        this,
        rules: Some(OwnedMessage { message: message.id, bytes: Vec::new().into() }),
        rule: Some(field.clone()),
        bounds: None,
        around: 0,
        patterns: Patterns::default(),
    };
    for source in Compiler::predefined_sources(field, &place)? {
        CelRule::type_check(&source.expression, &environment)
            .map_err(|reason| place.error(format!("the expression of `{}`: {reason}", source.id)))?;
    }
    Ok(())
}

/// What rules of a family apply to. What is in lists and maps, they do not know.
fn this(schema: &Schema, family: Family, rules: &Message) -> Option<Type> {
    let message = |name| schema.message_id(name).map(|id| Type::One(FieldKind::Message(id)));
    Some(Type::One(match family.number {
        1 => FieldKind::Float,
        2 => FieldKind::Double,
        5 | 6 | 9 | 10 => FieldKind::Uint64,
        13 => FieldKind::Bool,
        14 => FieldKind::String,
        15 => FieldKind::Bytes,
        18 => return Some(Type::List(FieldKind::Bool)),
        19 => return Some(Type::Map(rules.id)),
        20 => return message("google.protobuf.Any"),
        21 => return message("google.protobuf.Duration"),
        22 => return message("google.protobuf.Timestamp"),
        28 => return message("google.protobuf.FieldMask"),
        // Enums are numbers.
        _ => FieldKind::Int64,
    }))
}
