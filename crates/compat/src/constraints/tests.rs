//! One rule each, before and after.

use crate::{Level, Party, Settings, breaking};
use std::time::{Duration, SystemTime};
use validate::Program;

const HEAD: &str = r#"
    syntax = "proto3";
    package t;
    import "buf/validate/validate.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/any.proto";
    service S { rpc Do(M) returns (R); }
    message R {}
    enum E { E_NONE = 0; E_ONE = 1; E_TWO = 2; }
"#;

fn party(body: &str) -> Party {
    let text = format!("{HEAD}{body}");
    Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

/// "rule when | path", for each finding about constraints; examples are held against both sides.
fn found(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (party(old), party(new));
    let verdicts = breaking(&old, &new, &Settings::default());
    let findings = verdicts.iter().flat_map(crate::Verdict::findings);
    let ours = findings.filter(|finding| finding.rule.starts_with("validation-"));
    ours.map(|finding| {
        let mut line = format!("{} {}", finding.rule, finding.path);
        if let Some(when) = &finding.when {
            line.push_str(&format!(" | {when}"));
        }
        match &finding.example {
            Some(example) => {
                let (writer, reader) = match finding.direction {
                    Some(crate::Direction::Response) => (&new, &old),
                    _ => (&old, &new),
                };
                let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
                let check = |party: &Party| {
                    let name = finding.path.split('.').next().unwrap();
                    Program::compile(&party.schema, &format!("t.{name}")).unwrap().check(&example.bytes, now)
                };
                assert!(check(writer).is_ok(), "{finding:#?}");
                assert!(check(reader).is_err(), "{finding:#?}");
                line.push_str(&format!(" | {}", example.written));
            }
            None => line.push_str(" | -"),
        }
        match finding.rule {
            "validation-tightened" => assert_eq!(finding.level, Level::Breaking),
            "validation-changed" | "validation-enforced" => assert_eq!(finding.level, Level::Lossy),
            _ => assert_eq!(finding.level, Level::Safe),
        }
        line
    })
    .collect()
}

/// A field, with its rules before and after.
fn field(declared: &str, old: &str, new: &str) -> Vec<String> {
    let message = |rules: &str| {
        let options = if rules.is_empty() { String::new() } else { format!(" [{rules}]") };
        format!("message M {{ {declared} f = 1{options}; }}")
    };
    found(&message(old), &message(new))
}

/// `(buf.validate.field).` in front of each.
fn rules(text: &str) -> String {
    let all: Vec<_> = text.split(';').map(|rule| format!("(buf.validate.field).{}", rule.trim())).collect();
    if text.is_empty() { String::new() } else { all.join(", ") }
}

fn one(declared: &str, old: &str, new: &str) -> String {
    field(declared, &rules(old), &rules(new)).join("\n")
}

#[test]
fn numbers() {
    let table = [
        ("int32", "int32.lt = 100", "int32.lte = 99"),
        ("int32", "int32.lte = 100", "int32.lt = 50"),
        ("int32", "", "int32.gte = 0"),
        ("uint32", "", "uint32.gte = 0"),
        ("int32", "", "int32.gt = 0"),
        ("int32", "int32 = {gt: 0, lt: 10}", "int32 = {in: [1, 2, 3]}"),
        ("int32", "int32 = {in: [1, 2]}", "int32 = {gt: 0, lt: 10}"),
        ("int32", "int32 = {not_in: [5]}", "int32 = {not_in: [5, 6]}"),
        ("int32", "int32 = {lt: 5, gt: 10}", "int32 = {lt: 4, gt: 10}"),
        ("optional int64", "int64.lt = 100", "int64.const = 7"),
        ("double", "", "double.finite = true"),
        ("double", "double.finite = true", "double.lt = 1e308"),
        ("float", "float.gte = 0.5", "float = {gte: 0.5, lt: 1}"),
        ("bool", "", "bool.const = true"),
        ("E", "", "enum.defined_only = true"),
        ("E", "enum.defined_only = true", "enum = {in: [0, 1]}"),
        ("sint64", "sint64.gte = -5", "sint64.gte = -4"),
        ("fixed64", "", "fixed64.lt = 9223372036854775808"),
    ];
    let lines =
        table.map(|(kind, old, new)| format!("{kind} {{{old}}} → {{{new}}}: {}", one(kind, old, new)));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn strings_and_bytes() {
    let table = [
        ("string", "string.max_len = 100", "string.max_len = 50"),
        ("string", "string.max_len = 50", "string.max_len = 100"),
        ("string", "string.max_len = 10", "string.max_bytes = 40"),
        ("string", "string.max_len = 10", "string.max_bytes = 39"),
        ("string", "", "string.min_len = 1"),
        ("string", "string.min_len = 1", "required = true"),
        ("string", "string.prefix = 'ab'", "string.prefix = 'abc'"),
        ("string", "string.prefix = 'abc'", "string = {prefix: 'ab', contains: 'c'}"),
        ("string", "string = {in: ['a', 'bb']}", "string.max_len = 1"),
        ("string", "string.in = 'a'", "string.pattern = '^[a-c]$'"),
        ("string", "string.pattern = '^[a-z]{1,20}$'", "string = {pattern: '^[a-z]{1,20}$', max_len: 20}"),
        ("string", "string.pattern = '^[a-z]{1,20}$'", "string = {pattern: '^[a-z]{1,20}$', max_len: 19}"),
        ("string", "string.pattern = '^[a-z]+$'", "string.pattern = '^[a-z0-9]+$'"),
        ("string", "string.pattern = '^[a-z0-9]+$'", "string.pattern = '^[a-z]+$'"),
        ("string", "string.ip = true", "string.ipv4 = true"),
        ("string", "string.ipv4 = true", "string.ip = true"),
        ("string", "string.uuid = true", "string = {uuid: true, max_len: 36}"),
        ("string", "string.email = true", "string = {email: true, max_len: 254}"),
        ("string", "string.not_contains = 'x'", "string.not_contains = 'xy'"),
        ("string", "", "string.not_contains = 'x'"),
        ("string", "", "string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_VALUE"),
        ("bytes", "bytes.max_len = 8", "bytes.len = 8"),
        ("bytes", "bytes.ip = true", "bytes.ipv6 = true"),
        ("bytes", "bytes.ipv4 = true", "bytes.ip = true"),
        ("string", "string.max_len = 1000000", "string.max_len = 500000"),
    ];
    let lines =
        table.map(|(kind, old, new)| format!("{kind} {{{old}}} → {{{new}}}: {}", one(kind, old, new)));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn lists_maps_and_presence() {
    let table = [
        ("repeated string", "repeated.max_items = 5", "repeated.max_items = 3"),
        ("repeated string", "repeated.max_items = 1", "repeated.unique = true"),
        ("repeated string", "", "repeated.unique = true"),
        ("repeated string", "", "repeated.min_items = 1"),
        ("repeated string", "", "required = true"),
        ("repeated string", "repeated.items.string.min_len = 1", "repeated.items.string.min_len = 2"),
        (
            "repeated int32",
            "repeated.items = {int32: {gt: 0}, ignore: IGNORE_IF_ZERO_VALUE}",
            "repeated.items.int32.gt = 0",
        ),
        (
            "map<string, int32>",
            "",
            "map = {max_pairs: 3, keys: {string: {max_len: 2}}, values: {int32: {gt: 0}}}",
        ),
        ("map<string, int32>", "map.keys.string.max_len = 1", "map.keys.string.max_len = 2"),
        ("string", "string.min_len = 3; ignore = IGNORE_IF_ZERO_VALUE", "string.min_len = 3"),
        ("optional string", "string.min_len = 3", "string.min_len = 3; required = true"),
        ("optional string", "", "string.min_len = 1"),
        ("string", "string.min_len = 3", "string.min_len = 3; ignore = IGNORE_ALWAYS"),
        ("string", "string.min_len = 3; ignore = IGNORE_ALWAYS", "string.min_len = 3"),
    ];
    let lines =
        table.map(|(kind, old, new)| format!("{kind} {{{old}}} → {{{new}}}: {}", one(kind, old, new)));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn messages_that_mean_values() {
    let table = [
        ("google.protobuf.Duration", "", "duration.gte = {seconds: 1}"),
        (
            "google.protobuf.Duration",
            "duration.lt = {seconds: 5}",
            "duration.lt = {seconds: 4, nanos: 500000000}",
        ),
        ("google.protobuf.Duration", "duration = {in: [{seconds: 5}]}", "duration.lte = {seconds: 5}"),
        (
            "google.protobuf.Timestamp",
            "timestamp.lt_now = true",
            "timestamp = {lt_now: true, within: {seconds: 60}}",
        ),
        ("google.protobuf.Timestamp", "timestamp.within = {seconds: 5}", "timestamp.within = {seconds: 60}"),
        ("google.protobuf.Timestamp", "", "timestamp.gt = {seconds: 1700000000}"),
        ("google.protobuf.Timestamp", "timestamp.gt_now = true", "timestamp.gt = {seconds: 1700000000}"),
        ("google.protobuf.Timestamp", "timestamp.gt_now = true", "timestamp.gt = {seconds: 4000000000}"),
        ("google.protobuf.Timestamp", "timestamp.lt = {seconds: 1700000000}", "timestamp.lt_now = true"),
        ("google.protobuf.Timestamp", "timestamp.lt = {seconds: 4000000000}", "timestamp.lt_now = true"),
        (
            "google.protobuf.Timestamp",
            "timestamp.within = {seconds: 60}",
            "timestamp.gt = {seconds: 1700000000}",
        ),
        ("google.protobuf.FieldMask", "field_mask.in = 'a'", "field_mask.in = 'a.b'"),
        (
            "repeated google.protobuf.FieldMask",
            "repeated.items = {field_mask: {in: ['a', 'b']}}",
            "repeated = {max_items: 1, items: {field_mask: {in: ['a', 'b']}}}",
        ),
        ("repeated google.protobuf.FieldMask", "", "repeated.max_items = 0"),
        ("google.protobuf.FieldMask", "field_mask.in = 'a.b'", "field_mask.in = 'a'"),
        ("google.protobuf.FieldMask", "", "field_mask.not_in = 'a'"),
        ("google.protobuf.Any", "any = {in: ['t/a', 't/b']}", "any = {in: ['t/a']}"),
        ("google.protobuf.StringValue", "string.max_len = 5", "string.max_len = 4"),
        ("google.protobuf.Int32Value", "", "int32.gt = 0"),
        ("google.protobuf.Int32Value", "", "required = true"),
    ];
    let lines =
        table.map(|(kind, old, new)| format!("{kind} {{{old}}} → {{{new}}}: {}", one(kind, old, new)));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_cannot_be_compared_may_refuse() {
    let cel = |text: &str| format!("(buf.validate.field).cel = {{id: 'x', expression: '{text}'}}");
    let lines = [
        field("int32", "", &cel("this > 1")),
        field("int32", &cel("this > 1"), &cel("this > 1")),
        field("int32", &cel("this > 1"), &cel("this > 2")),
        field("int32", &cel("this > 1"), &format!("{}, (buf.validate.field).int32.lt = 9", cel("this > 1"))),
        found(
            "message M { int32 a = 1; int32 b = 2; option (buf.validate.message).cel_expression = 'this.a < 5'; }",
            "message M { int32 a = 2; int32 b = 1; option (buf.validate.message).cel_expression = 'this.a < 5'; }",
        ),
    ];
    insta::assert_snapshot!(lines.concat().join("\n"));
}

#[test]
fn rules_of_values_that_are_not_what_they_were() {
    let lines = [
        found(
            "message M { string a = 1; }",
            "message M { google.protobuf.StringValue a = 1 [(buf.validate.field).string.min_len = 3]; }",
        ),
        found(
            "message M { repeated string a = 1; }",
            "message M { string a = 1 [(buf.validate.field).string.max_len = 2]; }",
        ),
        found(
            "message M { map<string, string> a = 1; } message En { string key = 1; string value = 2; }",
            "message M { repeated En a = 1 [(buf.validate.field).repeated.max_items = 1]; } message En { string key = 1; string value = 2; }",
        ),
        found(
            "message M { N a = 1; } message N { int32 b = 1; }",
            "message M { bytes a = 1 [(buf.validate.field).bytes.max_len = 1]; }",
        ),
    ];
    insta::assert_snapshot!(lines.concat().join("\n"));
}

#[test]
fn the_worst_of_many_is_shown_and_what_is_not_is_counted() {
    let fields = |rules: bool| -> String {
        let cel = "[(buf.validate.field).cel = {id: 'x', message: 'x', expression: 'this.size() < 100000'}]";
        let many = (1..=1200).map(|n| format!("string f{n} = {n} {};", if rules { cel } else { "" }));
        let last = if rules { "[(buf.validate.field).string.max_len = 3]" } else { "" };
        many.chain([format!("string last = 2000 {last};")]).collect()
    };
    let [old, new] = [false, true].map(|rules| party(&format!("message M {{ {} }}", fields(rules))));
    let verdicts = breaking(&old, &new, &Settings::default());
    let findings: Vec<_> = verdicts.iter().flat_map(crate::Verdict::findings).collect();
    let ours: Vec<_> = findings.iter().filter(|finding| finding.rule.starts_with("validation-")).collect();
    assert_eq!((ours.len(), ours[0].path.as_str(), ours[0].level), (1000, "M.last", Level::Breaking));
    let omitted = findings.iter().find(|finding| finding.rule == "findings-omitted").unwrap();
    assert!(omitted.message.starts_with("201 more"), "{}", omitted.message);
}

#[test]
fn a_predefined_rule_is_what_its_extension_says() {
    let text = |expression: &str| {
        format!(
            "syntax = \"proto2\"; package t; import \"buf/validate/validate.proto\";
             extend buf.validate.Int32Rules {{ optional bool even = 1161
               [(buf.validate.predefined).cel = {{id: 'even', message: 'm', expression: '{expression}'}}]; }}
             message M {{ optional int32 a = 1 [(buf.validate.field).int32.(t.even) = true]; }}
             message R {{}} service S {{ rpc Do(M) returns (R); }}"
        )
    };
    let party = |expression: &str| {
        Party::read(contract::compile::texts(&[("t.proto", &text(expression))]).unwrap().bytes).unwrap()
    };
    let said = |old: &str, new: &str| -> Vec<_> {
        let verdicts = breaking(&party(old), &party(new), &Settings::default());
        verdicts.iter().flat_map(crate::Verdict::findings).map(|finding| finding.rule).collect()
    };
    assert_eq!(said("this % 2 == 0", "this % 2 == 0"), [""; 0]);
    assert!(said("this % 2 == 0", "this < 5").iter().any(|rule| rule.starts_with("validation-")));
}

#[test]
fn oneofs() {
    let lines = [
        found(
            "message M { oneof c { string a = 1; string b = 2; } }",
            "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; string b = 2; } }",
        ),
        found(
            "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; } }",
            "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; string b = 2; } }",
        ),
        found(
            "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; string b = 2; } }",
            "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; } string b = 2; }",
        ),
        found(
            "message M { string a = 1; string b = 2; string c = 3; }",
            "message M { option (buf.validate.message).oneof = {fields: ['a', 'b'], required: true};
               string a = 1; string b = 2; string c = 3; }",
        ),
        found(
            "message M { option (buf.validate.message).oneof = {fields: ['a', 'b', 'c'], required: true};
               string a = 1; string b = 2; string c = 3; }",
            "message M { option (buf.validate.message).oneof = {fields: ['a', 'b']};
               string a = 1; string b = 2; string c = 3; }",
        ),
    ];
    insta::assert_snapshot!(lines.concat().join("\n"));
}

#[test]
fn what_must_be_set_may_be_said_in_three_ways() {
    let ways = [
        "message M { string a = 1 [(buf.validate.field).required = true]; }",
        "message M { option (buf.validate.message).oneof = {fields: ['a'], required: true}; string a = 1; }",
        "message M { string a = 1 [(buf.validate.field).string.min_len = 1]; }",
    ];
    let present = [
        "message M { oneof c { option (buf.validate.oneof).required = true; string a = 1; } }",
        "message M { optional string a = 1 [(buf.validate.field).required = true]; }",
        "message M { option (buf.validate.message).oneof = {fields: ['a'], required: true}; optional string a = 1; }",
    ];
    for ways in [ways, present] {
        for (old, new) in ways.iter().flat_map(|old| ways.iter().map(move |new| (old, new))) {
            assert_eq!(found(old, new), [""; 0], "{old}\n{new}");
        }
    }
}

#[test]
fn rules_are_found_wherever_a_request_leads_and_shown_from_its_top() {
    let old = "
        message M {
          string id = 1 [(buf.validate.field).string.uuid = true];
          repeated Item items = 2 [(buf.validate.field).repeated.min_items = 1];
          map<int32, Item> more = 3;
          google.protobuf.Duration wait = 4 [(buf.validate.field).required = true];
        }
        message Item {
          string sku = 1 [(buf.validate.field).string.min_len = 3];
          int32 count = 2;
          Item inner = 3;
          oneof kind { option (buf.validate.oneof).required = true; string a = 4; int32 b = 5; }
        }";
    let new = old.replace("int32 count = 2", "int32 count = 2 [(buf.validate.field).int32.gt = 0]");
    let added =
        old.replace("string sku", "string needed = 9 [(buf.validate.field).required = true]; string sku");
    insta::assert_snapshot!([found(old, &new), found(old, &added), found(old, old)].concat().join("\n"));
}

/// "level rule | when", of a method with rules on both sides, with an option before and after.
fn option(old: &str, new: &str) -> String {
    let of = |option: &str, rule: &str| {
        party(&format!(
            "import \"treaty/v1/options.proto\";
             message M {{}}
             message N {{ int32 n = 1 [(buf.validate.field).cel = {{id: 'x', expression: '{rule}'}}]; }}
             service T {{
               rpc Get(N) returns (N) {{ option (treaty.v1.method).validate = {{ {option} }}; }}
               rpc Plain(M) returns (M) {{ option (treaty.v1.method).validate = {{ {option} }}; }}
             }}"
        ))
    };
    let verdicts = breaking(&of(old, "this != 7"), &of(new, "this != 7"), &Settings::default());
    let found = verdicts.iter().flat_map(crate::Verdict::findings);
    let line = |found: &crate::Finding| {
        let method = found.method.as_ref().unwrap().method();
        let (was, is, when) = (&found.written.text, &found.read.text, found.when.clone().unwrap_or_default());
        format!("{} {method} {}: {was} → {is} | {when}", found.level, found.rule)
    };
    found.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn rules_that_are_held_as_of_now_may_refuse() {
    insta::assert_snapshot!([option("requests: NOBODY", ""), option("", "responses: REFUSE")].join("\n"));
    for (old, new) in [
        ("", "requests: NOBODY"),
        ("requests: SERVER", "requests: GATEWAY"),
        ("responses: REFUSE", ""),
        ("", "responses: REPORT"),
    ] {
        assert_eq!(option(old, new), "", "{old} → {new}");
    }
}

/// Twice as many values cost twice as much, not four times; and nobody is shown all of them.
#[test]
fn long_lists_and_expressions_are_cut_and_quick() {
    let list = |values: usize| {
        let values: Vec<String> = (0..values).map(|at| format!("\"value {at}\"")).collect();
        format!("(buf.validate.field).string = {{ in: [{}] }}", values.join(", "))
    };
    let found = field("string", &list(30_001), &list(30_000)).concat();
    assert_eq!(found, "validation-tightened M.f | for [\"value 30000\"] | f: \"value 30000\"");
    let long = "this != 'x' && ".repeat(1000) + "this != 'y'";
    let rule = format!("(buf.validate.field).cel = {{id: 'x', expression: \"{long}\"}}");
    let old = party("message M { string f = 1; }");
    let new = party(&format!("message M {{ string f = 1 [{rule}]; }}"));
    for verdict in breaking(&old, &new, &Settings::default()) {
        assert!(verdict.findings().all(|found| found.message.len() + found.read.text.len() < 1000));
    }
}

#[test]
fn responses_that_carry_more_are_a_note() {
    let old = "message M {} message A { int32 n = 1 [(buf.validate.field).int32.lt = 5]; }
        service T { rpc Get(M) returns (A); }";
    insta::assert_snapshot!(found(old, &old.replace("lt = 5", "lt = 9")).join("\n"));
}
