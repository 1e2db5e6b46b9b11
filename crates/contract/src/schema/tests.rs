use super::*;
use crate::compile;

fn schema(text: &str) -> Schema {
    Schema::read(&compile::texts(&[("t.proto", text)]).unwrap().bytes).unwrap()
}

#[test]
fn proto3_and_proto2_mean_different_presence() {
    let three = schema(
        "syntax = \"proto3\"; package p; message M { int32 a = 1; optional int32 b = 2; M c = 3; \
         repeated int32 d = 4; map<string, M> e = 5; oneof o { string f = 6; } string g_h = 7; }",
    );
    let message = three.message("p.M").unwrap();
    let presence: Vec<_> = message.fields.iter().map(|field| field.presence).collect();
    use Presence::{Explicit, Implicit};
    assert_eq!(presence, [Implicit, Explicit, Explicit, Implicit, Implicit, Explicit, Implicit]);
    assert_eq!(message.oneofs.len(), 1);
    assert_eq!(message.oneofs[0].fields, [5]);
    assert_eq!(message.fields[1].oneof, None);
    assert_eq!(message.fields[5].oneof, Some(0));
    assert!(message.fields[3].packed);
    assert_eq!(message.fields[4].cardinality, Cardinality::Map);
    assert_eq!(message.fields[6].json_name, "gH");
    assert!(message.fields[6].utf8);
    assert_eq!(three.origin(&message.fields[0].place, &[]).to_string(), "t.proto:1:43");
}

#[test]
fn proto2_defaults_groups_and_closed_enums() {
    let two = schema(
        "syntax = \"proto2\"; package p; enum E { ONE = 1; TWO = 2; } message M { \
         optional int32 a = 1 [default = -7]; required string b = 2 [default = \"x\"]; \
         optional bytes c = 3 [default = \"\\001\\377z\"]; optional E d = 4; optional E e = 5 [default = TWO]; \
         optional group G = 6 { optional float f = 1 [default = inf]; } repeated int32 h = 7; \
         repeated int32 i = 8 [packed = true]; }",
    );
    let message = two.message("p.M").unwrap();
    let defaults: Vec<_> = message.fields.iter().filter_map(|field| field.default.clone()).collect();
    assert_eq!(
        defaults,
        [
            DefaultValue::Int(-7),
            DefaultValue::String("x".into()),
            DefaultValue::Bytes(vec![1, 255, b'z']),
            DefaultValue::Enum(1),
            DefaultValue::Enum(2),
        ]
    );
    assert_eq!(message.fields[1].presence, Presence::Required);
    assert!(matches!(message.fields[5].kind, FieldKind::Group(_)));
    assert!(!message.fields[6].packed);
    assert!(message.fields[7].packed);
    assert!(two.enumeration("p.E").unwrap().closed);
}

#[test]
fn what_is_reserved_and_where_values_are() {
    let schema = schema(
        "syntax = \"proto2\"; package p; message M { reserved 2, 4 to 6; reserved \"old\"; \
         enum E { A = 1; B = 2; reserved -3 to -1, 9; reserved \"C\"; } } \
         message S { option message_set_wire_format = true; extensions 4 to max; }",
    );
    let reserved = &schema.message("p.M").unwrap().reserved;
    assert_eq!(reserved.ranges, [2..=2, 4..=6]);
    assert!(reserved.has_name("old") && reserved.has_number(6) && !reserved.has_number(7));
    let of_enum = schema.enumeration("p.M.E").unwrap();
    assert_eq!(of_enum.reserved.ranges, [-3..=-1, 9..=9]);
    assert_eq!(of_enum.reserved.names, ["C"]);
    assert_eq!(schema.origin(&of_enum.values[1].place, &[]).to_string(), "t.proto:1:95");
    assert!(schema.message("p.S").unwrap().message_set);
    assert!(!schema.message("p.M").unwrap().message_set);
}
