//! The fine print of the wire, case by case.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may end here")]

mod support;

use support::{delimited, now, program, tag, varint};
use validate::{Failure, Malformed, Program, Steps};

const HEAD: &str = "syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; ";
const OLD: &str = "syntax = \"proto2\"; package p; import \"buf/validate/validate.proto\"; ";

fn three(body: &str) -> Program {
    program(&format!("{HEAD}{body}"), "p.M")
}

fn two(body: &str) -> Program {
    program(&format!("{OLD}{body}"), "p.M")
}

/// "field rule_id" of each violation; "malformed: …".
fn found(program: &Program, bytes: &[u8]) -> Vec<String> {
    match program.check(bytes, now()) {
        Ok(()) => Vec::new(),
        Err(Failure::Violations(found)) => {
            found.0.iter().map(|one| format!("{} {}", one.field, one.rule_id)).collect()
        }
        Err(error) => vec![format!("malformed: {error}")],
    }
}

fn malformed(program: &Program, bytes: &[u8]) -> Option<Malformed> {
    match program.check(bytes, now()) {
        Err(Failure::Malformed(error)) => Some(error),
        _ => None,
    }
}

#[test]
fn the_last_scalar_wins() {
    let program = three("message M { int32 a = 1 [(buf.validate.field).int32.gt = 5]; }");
    assert_eq!(found(&program, &[8, 1, 8, 9]), [""; 0]);
    assert_eq!(found(&program, &[8, 9, 8, 1]), ["a int32.gt"]);
}

#[test]
fn varints_are_cut_to_their_kind() {
    let program = three(
        "message M { int32 a = 1 [(buf.validate.field).required = true]; \
         bool b = 2 [(buf.validate.field).bool.const = true]; \
         sint32 c = 3 [(buf.validate.field).sint32.const = -1]; uint32 d = 4 [(buf.validate.field).uint32.const = 1]; }",
    );
    // 2^32 is zero as an int32, and so absent; 2 is a true bool; 2^33 + 1 is -1 as a sint32.
    let mut bytes = Vec::new();
    for (number, value) in [(1, 1 << 32), (2, 2), (3, (1 << 33) + 1), (4, (1 << 32) + 1)] {
        tag(&mut bytes, number, 0);
        varint(&mut bytes, value);
    }
    assert_eq!(found(&program, &bytes), ["a required"]);
}

#[test]
fn minus_zero_is_set_and_still_equals_zero() {
    let program = three(
        "message M { double a = 1 [(buf.validate.field).required = true]; \
         double b = 2 [(buf.validate.field).double.const = 0]; \
         repeated double c = 3 [(buf.validate.field).repeated.unique = true]; }",
    );
    let minus = (-0.0_f64).to_le_bytes();
    let mut bytes = [&[9][..], &minus, &[17], &minus].concat();
    assert_eq!(found(&program, &bytes), [""; 0]);
    bytes.extend(delimited(3, &[minus, 0.0_f64.to_le_bytes()].concat()));
    assert_eq!(found(&program, &bytes), ["c repeated.unique"]);
}

#[test]
fn sub_messages_merge_and_repeated_ones_do_not() {
    let program = three(
        "message M { N n = 1; repeated N ns = 2; } \
         message N { string a = 1 [(buf.validate.field).required = true]; string b = 2 [(buf.validate.field).required = true]; }",
    );
    let (a, b) = (delimited(1, b"x"), delimited(2, b"y"));
    assert_eq!(found(&program, &[delimited(1, &a), delimited(1, &b)].concat()), [""; 0]);
    assert_eq!(
        found(&program, &[delimited(2, &a), delimited(2, &b)].concat()),
        ["ns[0].b required", "ns[1].a required"]
    );
}

#[test]
fn a_run_may_be_packed_or_not_or_both() {
    for body in [
        "message M { repeated int32 a = 1 [(buf.validate.field).repeated = {max_items: 3, items: {int32: {lt: 9}}}]; }",
        "message M { repeated int32 a = 1 [packed = false, (buf.validate.field).repeated = {max_items: 3, items: {int32: {lt: 9}}}]; }",
    ] {
        let program = three(body);
        assert_eq!(found(&program, &[8, 1, 10, 2, 2, 3]), [""; 0]);
        assert_eq!(found(&program, &[8, 1, 10, 2, 2, 9, 8, 3]), ["a repeated.max_items", "a[2] int32.lt"]);
        assert_eq!(malformed(&program, &[10, 2, 2, 0x80]), Some(Malformed::Truncated));
    }
}

#[test]
fn of_entries_with_the_same_key_the_last_one_counts() {
    let program = three(
        "message M { map<string, int32> a = 1 [(buf.validate.field).map = {min_pairs: 2, values: {int32: {gt: 0}}}]; }",
    );
    let entry = |key: &[u8], value: u8| delimited(1, &[delimited(1, key), vec![16, value]].concat());
    assert_eq!(found(&program, &[entry(b"a", 0), entry(b"a", 1)].concat()), ["a map.min_pairs"]);
    assert_eq!(found(&program, &[entry(b"a", 0), entry(b"b", 1), entry(b"a", 2)].concat()), [""; 0]);
    assert_eq!(
        found(&program, &[entry(b"a", 1), entry(b"b", 1), entry(b"a", 0)].concat()),
        ["a[\"a\"] int32.gt"]
    );
    // Many of them, which takes another way.
    let many: Vec<u8> = (0..40).flat_map(|at| entry(&[b'a' + at % 20], at / 20)).collect();
    assert_eq!(found(&program, &many), [""; 0]);
    let many: Vec<u8> = (0..40).flat_map(|at| entry(&[b'a' + at % 20], 1 - at / 20)).collect();
    assert_eq!(found(&program, &many).len(), 20);
}

#[test]
fn missing_keys_and_values_are_zero() {
    let program = three(
        "message M { map<string, N> a = 1 [(buf.validate.field).map.keys.string.min_len = 1]; } \
         message N { int32 b = 1 [(buf.validate.field).int32.gt = 0]; }",
    );
    assert_eq!(found(&program, &delimited(1, &[])), ["a[\"\"] string.min_len", "a[\"\"].b int32.gt"]);
    let value = |b: u8| delimited(2, &[8, b]);
    // Within one entry the last key counts, and values merge.
    let entry = [delimited(1, b"x"), value(0), delimited(1, b"y"), value(1)].concat();
    assert_eq!(found(&program, &delimited(1, &entry)), [""; 0]);
}

#[test]
fn the_last_member_of_a_oneof_wins_and_the_others_start_afresh() {
    let program = three(
        "message M { oneof o { option (buf.validate.oneof).required = true; \
         string a = 1 [(buf.validate.field).string.min_len = 3]; N n = 2; } } \
         message N { int32 b = 1 [(buf.validate.field).int32.gt = 0]; int32 c = 2 [(buf.validate.field).int32.gt = 0]; }",
    );
    let (a, n_b, n_c) = (delimited(1, b"x"), delimited(2, &[8, 1]), delimited(2, &[16, 1]));
    assert_eq!(found(&program, &[]), ["o required"]);
    assert_eq!(found(&program, &[n_b.clone(), a.clone()].concat()), ["a string.min_len"]);
    assert_eq!(found(&program, &[a.clone(), n_b.clone(), n_c.clone()].concat()), [""; 0]);
    assert_eq!(found(&program, &[n_b, a.clone(), n_c].concat()), ["n.b int32.gt"]);
    // What was displaced must have been sound.
    assert_eq!(malformed(&program, &[delimited(2, &[8]), a.clone()].concat()), Some(Malformed::Truncated));
    assert_eq!(malformed(&program, &[delimited(1, &[0xff]), a].concat()), Some(Malformed::Utf8));
}

#[test]
fn numbers_that_a_closed_enum_does_not_have_are_unknown_fields() {
    let program =
        two("enum E { A = 1; B = 2; } message M { optional E a = 1 [(buf.validate.field).enum.const = 2]; \
         repeated E b = 2 [(buf.validate.field).repeated.min_items = 2]; \
         map<int32, E> c = 3 [(buf.validate.field).map.min_pairs = 1]; }");
    let fine = [&[8, 2, 8, 9, 16, 1, 18, 3, 7, 2, 7][..], &delimited(3, &[8, 1, 16, 1])].concat();
    assert_eq!(found(&program, &fine), [""; 0]);
    let unknown = [&[8, 9, 16, 1, 16, 7][..], &delimited(3, &[8, 1, 16, 9])].concat();
    assert_eq!(found(&program, &unknown), ["b repeated.min_items", "c map.min_pairs"]);
}

#[test]
fn groups_are_messages() {
    let program = two(
        "message M { optional group G = 1 { optional int32 a = 1 [(buf.validate.field).int32.gt = 0]; } \
         repeated group H = 2 { optional int32 b = 1 [(buf.validate.field).required = true]; } }",
    );
    assert_eq!(found(&program, &[11, 8, 0, 12, 19, 20]), ["g.a int32.gt", "h[0].b required"]);
    assert_eq!(found(&program, &[11, 8, 0, 12, 11, 8, 1, 12]), [""; 0]);
    assert_eq!(malformed(&program, &[11, 8, 0]), Some(Malformed::Truncated));
    assert_eq!(malformed(&program, &[11, 8, 0, 20]), Some(Malformed::Group));
    assert_eq!(malformed(&program, &[12]), Some(Malformed::Group));
    // A field that is no group, encoded as one, is an unknown field.
    let plain = three("message M { int32 a = 1 [(buf.validate.field).required = true]; }");
    assert_eq!(found(&plain, &[11, 8, 1, 12]), ["a required"]);
}

#[test]
fn another_wire_type_is_an_unknown_field() {
    let program = three("message M { string a = 1 [(buf.validate.field).required = true]; int32 b = 2; }");
    assert_eq!(found(&program, &[8, 1, 18, 1, 0xff]), ["a required"]);
}

#[test]
fn another_wire_type_within_a_wrapper_is_an_unknown_field() {
    const STRAYS: [(u32, &[u8]); 5] = [
        (0, &[8, 0]),
        (1, &[9, 0, 0, 0, 0, 0, 0, 0, 0]),
        (2, &[10, 0]),
        (3, &[11, 12]),
        (5, &[13, 0, 0, 0, 0]),
    ];
    // A wrapper, a rule of it, the wire type of its value, a value that breaks the rule.
    let bad: [(&str, &str, u32, &[u8]); 9] = [
        ("String", "string.email", 2, b"\x0a\x03bad"),
        ("Bytes", "bytes.len = 2", 2, b"\x0a\x03bad"),
        ("Int32", "int32.lt = 3", 0, &[8, 3]),
        ("Int64", "int64.lt = 3", 0, &[8, 3]),
        ("UInt32", "uint32.lt = 3", 0, &[8, 3]),
        ("UInt64", "uint64.lt = 3", 0, &[8, 3]),
        ("Bool", "bool.const = false", 0, &[8, 1]),
        ("Double", "double.lt = 3", 1, &[9, 0, 0, 0, 0, 0, 0, 8, 64]),
        ("Float", "float.lt = 3", 5, &[13, 0, 0, 64, 64]),
    ];
    for (wrapper, rule, wire, value) in bad {
        let rule = if rule.ends_with("email") { format!("{rule} = true") } else { rule.to_owned() };
        let of = format!("google.protobuf.{wrapper}Value");
        let program = three(&format!(
            "import \"google/protobuf/wrappers.proto\"; message M {{ {of} a = 1 [(buf.validate.field).{rule}]; \
             repeated {of} b = 2 [(buf.validate.field).repeated.items.{rule}]; \
             map<string, {of}> c = 3 [(buf.validate.field).map.values.{rule}]; }}"
        ));
        let id = rule.split(' ').next().unwrap();
        let broken = [format!("a {id}"), format!("b[0] {id}"), format!("c[\"\"] {id}")];
        for (_, stray) in STRAYS.iter().filter(|(other, _)| *other != wire) {
            let inner = [value, *stray].concat();
            let (item, entry) = (delimited(2, &inner), delimited(3, &delimited(2, &inner)));
            let merged = [delimited(1, value), delimited(1, stray)].concat();
            for whole in [delimited(1, &inner), merged] {
                let bytes = [whole, item.clone(), entry.clone()].concat();
                assert_eq!(found(&program, &bytes), broken, "{wrapper} {stray:?}");
            }
        }
    }
}

#[test]
fn another_wire_type_is_an_unknown_field_wherever_it_stands() {
    let program = three(
        "import \"google/protobuf/any.proto\"; import \"google/protobuf/duration.proto\"; \
         import \"google/protobuf/field_mask.proto\"; message M { google.protobuf.Duration a = 1 [(buf.validate.field).duration.gt.seconds = 5]; \
         google.protobuf.FieldMask b = 2 [(buf.validate.field).field_mask.in = 'x']; \
         google.protobuf.Any c = 3 [(buf.validate.field).any.in = 'x/y']; \
         map<string, int32> d = 4 [(buf.validate.field).map = {keys: {string: {min_len: 2}}, values: {int32: {gt: 5}}}]; \
         repeated int32 e = 5 [(buf.validate.field).repeated = {min_items: 3, items: {int32: {gt: 5}}}]; }",
    );
    let cases: [(&[u8], &[&str]); 5] = [
        // Seconds 1, then seconds as a string and as 64 fixed bits; nanos as 32.
        (&delimited(1, &[8, 1, 10, 1, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 21, 9, 0, 0, 0]), &["a duration.gt"]),
        (&delimited(2, &[10, 1, b'y', 8, b'x']), &["b field_mask.in"]),
        (&delimited(3, &[10, 1, b'z', 8, 1, 16, 1]), &["c any.in"]),
        (
            &delimited(4, &[10, 1, b'k', 8, 1, 16, 1, 18, 1, 9, 21, 9, 0, 0, 0]),
            &["d[\"k\"] string.min_len", "d[\"k\"] int32.gt"],
        ),
        // Packed, as 32 fixed bits, as a group, unpacked.
        (&[42, 1, 1, 45, 9, 0, 0, 0, 43, 44, 40, 7], &["e repeated.min_items", "e[0] int32.gt"]),
    ];
    for (at, (bytes, broken)) in cases.iter().enumerate() {
        // The list has items in any case.
        let list: &[u8] = if at == 4 { &[] } else { &[42, 3, 7, 8, 9] };
        assert_eq!(found(&program, &[*bytes, list].concat()), *broken, "{bytes:?}");
    }
}

#[test]
fn a_number_that_a_closed_enum_does_not_have_is_no_other_for_a_stray_behind_it() {
    let program = two("enum E { A = 1; B = 2; } message M { map<int32, E> a = 1; \
         option (buf.validate.message).cel_expression = 'size(this.a) > 0'; }");
    let known = delimited(1, &[8, 1, 16, 1]);
    assert_eq!(found(&program, &known), [""; 0]);
    assert_eq!(found(&program, &delimited(1, &[8, 1, 16, 9, 18, 0])), [" size(this.a) > 0"]);
}

#[test]
fn what_is_equal_or_empty_knows_unknown_fields() {
    let program = three(
        "message N { int32 x = 1; } message M { N a = 1; N b = 2; \
         option (buf.validate.message).cel_expression = 'this.a == this.b'; \
         repeated N c = 3 [(buf.validate.field).repeated.items = {ignore: IGNORE_IF_ZERO_VALUE, \
           cel_expression: 'this.x > 1'}]; }",
    );
    let differ = ["this.a == this.b".to_owned()].map(|id| format!(" {id}"));
    for unknown in [&[16, 1][..], &[10, 0], &[13, 0, 0, 0, 0]] {
        assert_eq!(found(&program, &delimited(1, unknown)), differ, "{unknown:?}");
        assert_eq!(found(&program, &delimited(3, unknown)), ["c[0] this.x > 1"], "{unknown:?}");
    }
    assert_eq!(
        found(&program, &[delimited(1, &[8, 0]), delimited(2, &[]), delimited(3, &[8, 0])].concat()),
        [""; 0]
    );
}

#[test]
fn text_must_be_utf8_where_the_schema_says_so() {
    let rule = "[(buf.validate.field).string.min_len = 2]";
    let strict = three(&format!("message M {{ string a = 1 {rule}; string b = 2; repeated string c = 3; }}"));
    for number in 1..=3 {
        let bytes = [delimited(1, b"ab"), delimited(number, &[0xff])].concat();
        assert_eq!(malformed(&strict, &bytes), Some(Malformed::Utf8), "{number}");
    }
    // An overwritten one too.
    let bytes = [delimited(1, &[0xff]), delimited(1, b"ab")].concat();
    assert_eq!(malformed(&strict, &bytes), Some(Malformed::Utf8));
    let loose = two(&format!("message M {{ optional string a = 1 {rule}; }}"));
    assert_eq!(found(&loose, &delimited(1, &[0xff, 0xfe])), [""; 0]);
    assert_eq!(found(&loose, &delimited(1, &[0xff])), ["a string.min_len"]);
}

#[test]
fn malformed_bytes_are_told_apart() {
    let program = three("message M { int32 a = 1 [(buf.validate.field).int32.gt = 5]; M m = 2; }");
    let cases: [(&[u8], Malformed); 9] = [
        (&[8], Malformed::Truncated),
        (&[8, 0x80], Malformed::Truncated),
        (&[18, 5, 8], Malformed::Truncated),
        (&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2], Malformed::Varint),
        (&[8, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1], Malformed::Varint),
        (&[0, 1], Malformed::FieldNumber),
        (&[0x80, 0x80, 0x80, 0x80, 0x10, 1], Malformed::FieldNumber),
        (&[15], Malformed::WireType),
        (&[18, 1, 8], Malformed::Truncated),
    ];
    for (bytes, expected) in cases {
        assert_eq!(malformed(&program, bytes), Some(expected), "{bytes:?}");
    }
    // Even where a violation came first.
    assert_eq!(malformed(&program, &[8, 1, 18, 1, 8]), Some(Malformed::Truncated));
    // An over-long form of a small number is fine.
    assert_eq!(found(&program, &[8, 0x89, 0x80, 0x80, 0x00]), [""; 0]);
}

#[test]
fn depth_is_bounded_as_decoders_bound_it() {
    let program = three("message M { int32 a = 1 [(buf.validate.field).int32.gte = 0]; M m = 2; }");
    let nested = |depth: usize| (0..depth).fold(Vec::new(), |inner, _| delimited(2, &inner));
    assert_eq!(found(&program, &nested(100)), [""; 0]);
    assert_eq!(malformed(&program, &nested(101)), Some(Malformed::TooDeep));
    let groups = |depth: usize| [[0x9b, 6].repeat(depth), [0x9c, 6].repeat(depth)].concat();
    assert_eq!(found(&program, &groups(100)), [""; 0]);
    assert_eq!(malformed(&program, &groups(101)), Some(Malformed::TooDeep));
}

#[test]
fn what_breaks_everything_is_told_up_to_a_point() {
    let program =
        three("message M { repeated int32 a = 1 [(buf.validate.field).repeated.items.int32.gt = 0]; }");
    assert_eq!(found(&program, &delimited(1, &[0; 5000])).len(), 100);
}

#[test]
fn all_rules_of_a_message_are_paid_from_one_purse() {
    let program = three(
        "message I { repeated int64 li = 1; \
           option (buf.validate.message).cel_expression = 'this.li.all(a, this.li.all(b, a + b >= 0))'; } \
         message M { repeated I items = 1; }",
    );
    let item = |numbers: usize| delimited(1, &delimited(1, &vec![0; numbers]));
    for (numbers, items, dear) in [(700, 1, false), (700, 300, true), (20, 1000, false), (200, 4000, true)] {
        let bytes = item(numbers).repeat(items);
        let mut steps = Steps::for_message(bytes.len());
        let found = program.examine_within(&bytes, now(), &mut steps);
        assert!(steps.spent() <= (1 << 22) + 8 * bytes.len() as u64);
        match found {
            Err(Failure::Runtime(error)) => assert!(error.too_dear && dear && steps.are_spent(), "{error}"),
            found => assert!(found == Ok(()) && !dear && !steps.are_spent(), "{found:?} {numbers} {items}"),
        }
    }
}

#[test]
fn maps_within_maps_are_walked_once() {
    // Were every level looked through before it is judged, this would be looked through fifty times.
    let program = three(
        "message M { map<int32, M> m = 1; string s = 2 [(buf.validate.field) = {string: {min_len: 2}, ignore: IGNORE_IF_ZERO_VALUE}]; }",
    );
    let inner = delimited(2, b"x");
    let nested = (0..49).fold(inner, |inner, _| delimited(1, &delimited(2, &inner)));
    let path = "m[0].".repeat(49);
    assert_eq!(found(&program, &nested), [format!("{path}s string.min_len")]);
    // What is overwritten must have been sound.
    let bytes = [delimited(1, &delimited(2, &[18])), delimited(1, &[])].concat();
    assert_eq!(malformed(&program, &bytes), Some(Malformed::Truncated));
    let plain = three(
        "message N { string t = 1; } message M { map<int32, N> m = 1 [(buf.validate.field).map.max_pairs = 1]; }",
    );
    assert_eq!(malformed(&plain, &delimited(1, &delimited(2, &[10]))), Some(Malformed::Truncated));
}

#[test]
fn without_rules_nothing_is_looked_at() {
    let program = three("message M { string a = 1; M m = 2; }");
    assert!(program.is_empty());
    assert_eq!(found(&program, &[255]), [""; 0]);
}

#[test]
fn an_entry_with_an_unknown_number_of_a_closed_enum_sets_no_map() {
    let program = two("enum C { C0 = 0; C1 = 1; } message M { \
         option (buf.validate.message).oneof = { fields: ['f', 'g'] required: true }; \
         map<int32, C> f = 1; optional int32 g = 2; }");
    let (unknown, known) = ([10, 4, 8, 1, 16, 9], [10, 4, 8, 1, 16, 1]);
    assert_eq!(found(&program, &unknown), [" message.oneof"]);
    assert_eq!(found(&program, &[&unknown[..], &[16, 1]].concat()), [""; 0]);
    assert_eq!(found(&program, &known), [""; 0]);
    assert_eq!(found(&program, &[&unknown[..], &known, &[16, 1]].concat()), [" message.oneof"]);
    // It is there, as unknown fields are.
    let program = two(
        "enum C { C0 = 0; C1 = 1; } message M { repeated I i = 1 [(buf.validate.field).repeated.items = { \
         ignore: IGNORE_IF_ZERO_VALUE cel: { id: 'c' expression: 'false' } }]; } \
         message I { map<int32, C> f = 1; }",
    );
    assert_eq!(found(&program, &delimited(1, &unknown)), ["i[0] c"]);
    assert_eq!(found(&program, &delimited(1, &known)), ["i[0] c"]);
    assert_eq!(found(&program, &delimited(1, &[])), [""; 0]);
}
