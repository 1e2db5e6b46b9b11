//! Differences that the generated schemas and messages do not come across, each with a message that shows it: found by
//! people who looked for them. Where a runtime begins to judge otherwise, this test says so.

use crate::{corpus::Case, differential::answers, toolchains::toolchains_are_there};
use contract::compile;
use serde_json::Value;

/// Judged otherwise by one of the three.
struct Remaining {
    reason: &'static str,
    /// What stands in the message, in proto2.
    body: &'static str,
    bytes: &'static [u8],
    /// The verdicts of Treaty, Python and Go: "valid", the ids of broken rules, "compilation", or "runtime" where the
    /// message cannot be read, or a rule not be evaluated.
    verdicts: [&'static str; 3],
}

/// As neither of the runtimes.
const MEANT: [Remaining; 5] = [
    Remaining {
        reason: "a contract is judged as a whole: a fault in a type that the message does not use is one",
        body: "optional Inner i = 1; message Inner { optional int32 x = 1 [(buf.validate.field).string.min_len = 1]; }",
        bytes: b"",
        verdicts: ["compilation", "valid", "valid"],
    },
    Remaining {
        reason: "so is one in a type whose field is never judged: others may use the type",
        body: "optional Inner i = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS]; \
               message Inner { optional int32 x = 1 [(buf.validate.field).string.min_len = 1]; }",
        bytes: b"",
        verdicts: ["compilation", "valid", "valid"],
    },
    Remaining {
        reason: "for CEL, each byte of a string that belongs to no character is U+FFFD; Go keeps the byte, Python refuses it",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "this == '\\ufffd'"}];"#,
        bytes: b"\x0a\x01\xff",
        verdicts: ["valid", "runtime", "c"],
    },
    Remaining {
        reason: "an offset of more than a day is refused where it is written; Python takes it, Go refuses it at each call",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "now.getHours('+25:00') >= 0"}];"#,
        bytes: b"\x0a\x01a",
        verdicts: ["compilation", "valid", "runtime"],
    },
    Remaining {
        reason: "so is a key that no map has; Python refuses it at each call, Go takes it",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "{1.5: 2}.size() > 0"}];"#,
        bytes: b"\x0a\x01a",
        verdicts: ["compilation", "runtime", "valid"],
    },
];

/// As Python.
const AS_PYTHON: [Remaining; 9] = [
    Remaining {
        reason: "Go overlooks the rules of lists of wrappers",
        body: "repeated google.protobuf.StringValue a = 1 [(buf.validate.field).repeated.min_items = 1];",
        bytes: b"",
        verdicts: ["repeated.min_items", "repeated.min_items", "valid"],
    },
    Remaining {
        reason: "times beyond what 64 bits of nanoseconds reach wrap around in Go",
        body: "optional google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.gt = {seconds: 5}];",
        bytes: b"\x0a\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        verdicts: ["valid", "valid", "timestamp.gt"],
    },
    Remaining {
        reason: "so they do when they are compared with now",
        body: "optional google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.lt_now = true];",
        bytes: b"\x0a\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        verdicts: ["timestamp.lt_now", "timestamp.lt_now", "valid"],
    },
    Remaining {
        reason: "so they do in CEL",
        body: r#"optional google.protobuf.Timestamp a = 1 [(buf.validate.field).cel = {id: "c", expression: "this > timestamp(5)"}];"#,
        bytes: b"\x0a\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        verdicts: ["valid", "valid", "c"],
    },
    Remaining {
        reason: "more than a hundred groups within each other, known or not, are too many; Go has more room",
        body: "optional int32 a = 1 [(buf.validate.field).int32.gte = 0];",
        bytes: &NESTED,
        verdicts: ["runtime", "runtime", "valid"],
    },
    Remaining {
        reason: "Go reads underscores in the text of a double",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "double(this) > 0.0"}];"#,
        bytes: b"\x0a\x031_0",
        verdicts: ["runtime", "runtime", "valid"],
    },
    Remaining {
        reason: "Go compares no bytes with anything where it looks for what comes twice",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "['a', b'a'].unique()"}];"#,
        bytes: b"\x0a\x01a",
        verdicts: ["valid", "valid", "runtime"],
    },
    Remaining {
        reason: "rules with durations beyond 292 years are none for Go",
        body: "optional google.protobuf.Duration a = 1 [(buf.validate.field).duration.lt = {seconds: 253402300799}];",
        bytes: b"\x0a\x02\x08\x05",
        verdicts: ["valid", "valid", "compilation"],
    },
    Remaining {
        reason: "for Go, an entry with an unknown number of a closed enum is one",
        body: "enum C { C0 = 0; C1 = 1; } map<int32, C> f = 1 [(buf.validate.field).required = true]; optional int32 g = 2; \
               option (buf.validate.message).oneof = {fields: [\"f\", \"g\"]};",
        bytes: b"\x0a\x04\x08\x01\x10\x09\x10\x01",
        verdicts: ["required", "required", "message.oneof"],
    },
];

/// As Go.
const AS_GO: [Remaining; 12] = [
    Remaining {
        reason: "Python refuses durations out of range as soon as CEL reads them",
        body: r#"optional google.protobuf.Duration a = 1 [(buf.validate.field).cel = {id: "c", expression: "this > duration('5s')"}];"#,
        bytes: b"\x0a\x07\x08\x81\xbc\xae\xce\x97\x09",
        verdicts: ["valid", "runtime", "valid"],
    },
    Remaining {
        reason: "Python refuses the tag of a field in more than five bytes",
        body: "optional int32 a = 1 [(buf.validate.field).int32.gt = 5];",
        bytes: b"\x88\x80\x80\x80\x80\x00\x07",
        verdicts: ["valid", "runtime", "valid"],
    },
    Remaining {
        reason: "strings of proto2 that are no UTF-8 are judged by their bytes; Python refuses to look",
        body: r#"optional string a = 1 [(buf.validate.field).string = {len_bytes: 1, const: "\357\277\275"}];"#,
        bytes: b"\x0a\x01\xff",
        verdicts: ["string.const", "runtime", "string.const"],
    },
    Remaining {
        reason: "each byte of them that belongs to no character is one",
        body: r#"optional string a = 1 [(buf.validate.field).string = {len: 2, pattern: "^..$"}];"#,
        bytes: b"\x0a\x02\xe2\x82",
        verdicts: ["valid", "runtime", "valid"],
    },
    Remaining {
        reason: "Python reads hexadecimal doubles without an exponent",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "double(this) > 0.0"}];"#,
        bytes: b"\x0a\x030x1",
        verdicts: ["runtime", "valid", "runtime"],
    },
    Remaining {
        reason: "in Python, what is larger than any double is infinite",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "double(this) > 0.0"}];"#,
        bytes: b"\x0a\x051e999",
        verdicts: ["runtime", "valid", "runtime"],
    },
    Remaining {
        reason: "Python minds no blanks around the text of a double",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "double(this) > 0.0"}];"#,
        bytes: b"\x0a\x02 8",
        verdicts: ["runtime", "valid", "runtime"],
    },
    Remaining {
        reason: "Python says that a list of nulls cannot be unique when it gets there, the others where it is written",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "[null].unique()"}];"#,
        bytes: b"\x0a\x01a",
        verdicts: ["compilation", "runtime", "compilation"],
    },
    Remaining {
        reason: "a pattern nests at most a thousand deep; RE2 in C++ minds no depth",
        body: "optional string a = 1 [(buf.validate.field).string.pattern = \"DEEP\"];",
        bytes: b"\x0a\x01a",
        verdicts: ["compilation", "valid", "compilation"],
    },
    Remaining {
        reason: "Python writes doubles with all the digits that they have",
        body: r#"optional double a = 1 [(buf.validate.field).cel = {id: "c", expression: "string(this) == '0.3'"}];"#,
        bytes: b"\x09\x33\x33\x33\x33\x33\x33\xd3\x3f",
        verdicts: ["valid", "c", "valid"],
    },
    Remaining {
        reason: "and times with three, six or nine decimals",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "string(timestamp(this)) == '2024-01-01T00:00:00.1Z'"}];"#,
        bytes: b"\x0a\x172024-01-01T00:00:00.10Z",
        verdicts: ["valid", "c", "valid"],
    },
    Remaining {
        reason: "Python minds no blanks around the text of a whole number",
        body: r#"optional string a = 1 [(buf.validate.field).cel = {id: "c", expression: "int(this) == 1"}];"#,
        bytes: b"\x0a\x02 1",
        verdicts: ["runtime", "valid", "runtime"],
    },
];

/// 101 groups of field 15.
const NESTED: [u8; 202] = {
    let mut bytes = [0x7b; 202];
    let mut at = 101;
    while at < 202 {
        bytes[at] = 0x7c;
        at += 1;
    }
    bytes
};

const HEAD: &str = r#"syntax = "proto2";
package t;
import "buf/validate/validate.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
"#;

#[test]
fn what_remains_is_as_it_is_written_down() {
    if !toolchains_are_there() {
        return;
    }
    let all: Vec<&Remaining> = MEANT.iter().chain(&AS_PYTHON).chain(&AS_GO).collect();
    let deep = "(".repeat(1001) + "a" + &")".repeat(1001);
    let message = |(at, one): (usize, &&Remaining)| {
        format!("message M{at} {{ {} }}\n", one.body.replace("DEEP", &deep))
    };
    let text = HEAD.to_owned() + &all.iter().enumerate().map(message).collect::<String>();
    let set = compile::texts(&[("t.proto", &text)]).unwrap().bytes;
    let case = |(at, one): (usize, &&Remaining)| Case {
        type_name: format!("t.M{at}"),
        strayed: false,
        bytes: one.bytes.to_vec(),
    };
    let cases: Vec<Case> = all.iter().enumerate().map(case).collect();
    let judges = answers(&set, &cases);
    let mut changed = String::new();
    for (at, one) in all.iter().enumerate() {
        let found = [0, 1, 2].map(|judge| verdict(&judges[judge][at]));
        if found != one.verdicts {
            changed += &format!("{}: {found:?} instead of {:?}\n  ", one.reason, one.verdicts);
            changed += &judges.iter().map(|judge| format!("{}\n  ", judge[at])).collect::<String>();
        }
    }
    assert!(changed.is_empty(), "{changed}");
    assert!(AS_PYTHON.iter().all(|one| one.verdicts[0] == one.verdicts[1]));
    assert!(AS_GO.iter().all(|one| one.verdicts[0] == one.verdicts[2]));
}

fn verdict(answer: &Value) -> String {
    if answer.get("compilation_error").is_some() {
        return "compilation".to_owned();
    }
    let Some(violations) = answer.get("violations").and_then(Value::as_array) else {
        return "runtime".to_owned();
    };
    let mut ids: Vec<&str> = violations.iter().filter_map(|one| one["ruleId"].as_str()).collect();
    ids.sort_unstable();
    if ids.is_empty() { "valid".to_owned() } else { ids.join(" ") }
}
