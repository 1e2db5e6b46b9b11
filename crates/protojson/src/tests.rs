//! Against prost-reflect, which reads the same texts, and in words where it does not.

use super::{decode, encode, encode_value, image};
use contract::{compile, schema::Schema};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};

const TEXT: &str = r#"syntax = "proto2";
package t;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message M {
  optional double double = 1; optional float float = 2;
  optional int32 int32 = 3; optional int64 int64 = 4; optional uint32 uint32 = 5; optional uint64 uint64 = 6;
  optional sint32 sint32 = 7; optional sint64 sint64 = 8; optional fixed32 fixed32 = 9;
  optional fixed64 fixed64 = 10; optional sfixed32 sfixed32 = 11; optional sfixed64 sfixed64 = 12;
  optional bool bool = 13; optional string string = 14; optional bytes bytes = 15; optional Kind kind = 16;
  optional M one_more = 17; repeated M many = 18; repeated int32 numbers = 19 [packed = true];
  map<string, M> by_name = 20; map<int64, string> by_number = 21; map<bool, Kind> by_truth = 22;
  oneof either { string left = 23; string right = 24; }
  optional group Group = 25 { optional string inner = 1; }
  optional google.protobuf.Timestamp time = 30; optional google.protobuf.Duration duration = 31;
  optional google.protobuf.FieldMask mask = 32; optional google.protobuf.Any any = 33;
  optional google.protobuf.Struct struct = 34; optional google.protobuf.Value value = 35;
  optional google.protobuf.ListValue list = 36; optional google.protobuf.NullValue null = 37;
  optional google.protobuf.StringValue string_value = 38; optional google.protobuf.Int64Value int64_value = 39;
  extensions 100 to 200;
}
enum Kind { NONE = 0; SOME = 5; NEGATIVE = -1; }
extend M { optional string note = 100; }
"#;

/// Every kind of field, and every message that has a form of its own.
const TEXTS: &[&str] = &[
    r#"{"double": 1.5, "float": "-2.5", "int32": -3, "int64": "-4", "uint32": 5.0, "uint64": "18446744073709551615"}"#,
    r#"{"double": "NaN", "float": "-Infinity", "int32": "7", "int64": 9007199254740993}"#,
    r#"{"sint32": -1, "sint64": "-9223372036854775808", "fixed32": 1, "fixed64": "2", "sfixed32": -3, "sfixed64": -4}"#,
    r#"{"bool": true, "string": "\u00e9\ud83d\ude00", "bytes": "AQID_-8", "kind": "SOME"}"#,
    r#"{"kind": -1, "one_more": {"oneMore": {"int32": 1}}, "many": [{}, {"kind": 7}], "numbers": [1, -1, "2"]}"#,
    r#"{"byName": {"": {}, "a": {"bool": false}}, "byNumber": {"-5": "five"}, "by_truth": {"true": "SOME"}}"#,
    r#"{"left": "l", "right": null, "string": null}"#,
    r#"{"time": "1969-12-31T23:59:59.25Z", "duration": "-1.500s", "mask": "a.fooBar,b"}"#,
    r#"{"time": "2026-01-31T12:00:00+02:00", "duration": "315576000000s", "mask": ""}"#,
    r#"{"time": "0001-01-01T00:00:00Z", "duration": "-315576000000.999999999s"}"#,
    r#"{"struct": {"a": [1, "b", null, true, {"c": {}}]}, "value": null, "list": [[], {}], "null": null}"#,
    r#"{"value": {"x": 1}, "stringValue": "", "int64Value": "5"}"#,
    r#"{"any": {"@type": "type.googleapis.com/t.M", "int32": 1}}"#,
    r#"{"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}}"#,
    r#"{"group": {"inner": "g"}, "[t.note]": "n"}"#,
    "{}",
];

fn set() -> Vec<u8> {
    compile::texts(&[("t.proto", TEXT)]).unwrap().bytes
}

#[test]
fn what_prost_reflect_reads_is_read_the_same() {
    let set = set();
    let schema = Schema::read(&set).unwrap();
    let message = DescriptorPool::decode(set.as_slice()).unwrap().get_message_by_name("t.M").unwrap();
    for text in TEXTS {
        let bytes = encode(&schema, "t.M", text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let ours = DynamicMessage::decode(message.clone(), bytes.as_slice()).unwrap();
        let mut text_of_theirs = serde_json::Deserializer::from_str(text);
        let theirs = DynamicMessage::deserialize(message.clone(), &mut text_of_theirs).unwrap();
        let encoded = |message: &DynamicMessage| message.encode_to_vec();
        assert!(ours == theirs || encoded(&ours) == encoded(&theirs), "{text}: {ours} {theirs}");
    }
}

#[test]
fn errors_name_the_place_and_not_the_value() {
    let schema = Schema::read(&set()).unwrap();
    for (text, wanted) in [
        ("{", "no JSON: EOF while parsing an object at line 1 column 1"),
        ("[]", "expected an object, for a t.M"),
        (
            r#"{"many": [{}, {"int32": "secret"}]}"#,
            "many[1].int32: expected an integer of 32 bits, found a text that is none",
        ),
        (r#"{"int32": 2147483648}"#, "int32: expected an integer of 32 bits, found a number that is none"),
        (r#"{"int32": 0.5}"#, "int32: expected an integer of 32 bits, found a number that is none"),
        (r#"{"uint64": -1}"#, "uint64: expected an integer of 64 bits, found a number that is none"),
        (r#"{"float": 1e40}"#, "float: expected a number of 32 bits, found a number that is none"),
        (r#"{"tag": 1}"#, "tag: t.M has no such field"),
        (r#"{"kind": "OTHER"}"#, "kind: t.Kind has no value OTHER"),
        (r#"{"left": "l", "right": "r"}"#, "right: another field of its oneof is set"),
        (
            r#"{"byNumber": {"x": "y"}}"#,
            r#"byNumber["x"]: expected an integer of 64 bits, found a text that is none"#,
        ),
        (
            r#"{"time": "yesterday"}"#,
            "time: expected a time like 2026-01-31T12:00:00.5Z, found a text that is none",
        ),
        (
            r#"{"duration": "1.0000000001s"}"#,
            "duration: expected a duration like \"1.5s\", found a text that is none",
        ),
        (
            r#"{"any": {"@type": "x/unknown.M"}}"#,
            "any.@type: there is no message `unknown.M` in the descriptors",
        ),
        (r#"{"one_more": {}, "oneMore": {}}"#, "oneMore: the field is there twice"),
        (r#"{"bytes": "?"}"#, "bytes: expected base64, found a text that is none"),
    ] {
        assert_eq!(encode(&schema, "t.M", text.as_bytes()).unwrap_err().to_string(), wanted, "{text}");
    }
    for twice in [r#"{"int32": 1, "int32": 2}"#, r#"{"struct": {"a": [{"b": 1, "b": 1}]}}"#] {
        let error = encode(&schema, "t.M", twice.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("no JSON: an object has the same key twice at line 1 column "), "{error}");
    }
    let deep = r#"{"oneMore":"#.repeat(5000);
    assert!(encode(&schema, "t.M", deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
}

/// prost-reflect knows fewer.
#[test]
fn times_end_where_the_year_9999_does() {
    let schema = Schema::read(&set()).unwrap();
    for text in [
        r#"{"time":"9999-12-31T23:59:59.999999999Z","duration":"315576000000.999999999s"}"#,
        r#"{"time":"9999-12-30T23:00:00Z","duration":"-0.5s"}"#,
        r#"{"time":"0001-01-01T00:00:00.5Z","duration":"-315576000000s"}"#,
    ] {
        let bytes = encode(&schema, "t.M", text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(decode(&schema, "t.M", &bytes).unwrap().to_string(), text);
    }
    assert_eq!(
        encode(&schema, "t.M", br#"{"duration": "+1s"}"#),
        encode(&schema, "t.M", br#"{"duration": "1s"}"#)
    );
    for text in [
        r#"{"time": "9999-12-31T23:59:59-00:01"}"#,
        r#"{"time": "0000-12-31T23:59:59Z"}"#,
        r#"{"duration": "315576000001s"}"#,
        r#"{"duration": "-315576000001s"}"#,
        r#"{"duration": "+-1s"}"#,
    ] {
        let error = encode(&schema, "t.M", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("found a text that is none"), "{text}: {error}");
    }
}

#[test]
fn what_may_not_be_shown_is_in_no_error() {
    let text = r#"syntax = "proto3";
        package t;
        import "google/protobuf/any.proto";
        import "google/protobuf/struct.proto";
        message Open { Kind kind = 1; map<string, int32> map = 2; Hidden hidden = 3; }
        message Hidden {
          Kind kind = 1 [debug_redact = true];
          map<string, Open> map = 2 [debug_redact = true];
          map<int32, string> numbers = 3 [debug_redact = true];
          Open message = 4 [debug_redact = true];
          repeated Kind list = 5 [debug_redact = true];
          google.protobuf.Any any = 6 [debug_redact = true];
          repeated google.protobuf.Any anys = 7;
          google.protobuf.Struct struct = 8 [debug_redact = true];
          string text = 9 [debug_redact = true];
        }
        enum Kind { NONE = 0; }"#;
    let schema = Schema::read(&compile::texts(&[("t.proto", text)]).unwrap().bytes).unwrap();
    let error = |text: &str| encode(&schema, "t.Open", text.as_bytes()).unwrap_err().to_string();
    for (text, wanted) in [
        (r#"{"kind": "hunter2"}"#, "kind: t.Kind has no value hunter2"),
        (
            r#"{"map": {"hunter2": "x"}}"#,
            r#"map["hunter2"]: expected an integer of 32 bits, found a text that is none"#,
        ),
        (r#"{"hidden": {"kind": "hunter2"}}"#, "hidden.kind: t.Kind has no such value"),
        (
            r#"{"hidden": {"map": {"hunter2": {"map": {"hunter2": []}}}}}"#,
            "hidden.map[…].map[…]: expected an integer of 32 bits, found a list that is none",
        ),
        (
            r#"{"hidden": {"numbers": {"hunter2": ""}}}"#,
            "hidden.numbers[…]: expected an integer of 32 bits, found a text that is none",
        ),
        (r#"{"hidden": {"message": {"kind": "hunter2"}}}"#, "hidden.message.kind: t.Kind has no such value"),
        (r#"{"hidden": {"message": {"hunter2": 1}}}"#, "hidden.message.…: t.Open has no such field"),
        (r#"{"hidden": {"list": ["hunter2"]}}"#, "hidden.list[0]: t.Kind has no such value"),
        (
            r#"{"hidden": {"any": {"@type": "x/hunter2"}}}"#,
            "hidden.any.@type: there is no such message in the descriptors",
        ),
        (
            r#"{"hidden": {"anys": [{"@type": "x/t.Hidden", "kind": "hunter2"}]}}"#,
            "hidden.anys[0].kind: t.Kind has no such value",
        ),
    ] {
        assert_eq!(error(text), wanted, "{text}");
    }
    for text in [
        r#"{"hidden": {"struct": {"hunter2": 1, "hunter2": 1}}}"#,
        r#"{"hidden": {"map": {"hunter2": 1, "hunter2": 1}}}"#,
        r#"{"hidden": {"text": "hunter2\x"}}"#,
        r#"{"hidden": {"text": hunter2}}"#,
    ] {
        assert!(!error(text).contains("hunter2"), "{}", error(text));
    }
}

#[test]
fn what_is_written_is_read_the_same() {
    let schema = Schema::read(&set()).unwrap();
    for text in TEXTS {
        let bytes = encode(&schema, "t.M", text.as_bytes()).unwrap();
        let value = decode(&schema, "t.M", &bytes).unwrap_or_else(|error| panic!("{text}: {error}"));
        let again = encode_value(&schema, "t.M", &value).unwrap_or_else(|error| panic!("{value}: {error}"));
        let once_more = decode(&schema, "t.M", &again).unwrap();
        assert_eq!(value, once_more, "{text}");
    }
    let packed = [0x9a, 0x01, 0x02, 0x01, 0x05];
    assert_eq!(decode(&schema, "t.M", &packed).unwrap().to_string(), r#"{"numbers":[1,5]}"#);
    let nothing = [0x9a, 0x01, 0x00];
    assert_eq!(decode(&schema, "t.M", &nothing).unwrap().to_string(), "{}");
    let written = encode(&schema, "t.M", br#"{"double": 0.1, "float": 0.1, "int64": "-1"}"#).unwrap();
    let expected = r#"{"double":0.1,"float":0.1,"int64":"-1"}"#;
    assert_eq!(decode(&schema, "t.M", &written).unwrap().to_string(), expected);
}

#[test]
fn no_bytes_are_too_wild_to_be_refused() {
    let schema = Schema::read(&set()).unwrap();
    for bytes in [&b"\x08"[..], b"\x0a\xff", b"\xff\xff\xff", b"\x0b", b"\x0c", b"\xcb\x01\x08", b"\x72\x01"]
    {
        assert!(decode(&schema, "t.M", bytes).is_err(), "{bytes:?}");
    }
    // Field 17 is the message itself: each level is three bytes longer than what is in it, at the most.
    let mut deep = Vec::new();
    for _ in 0..200 {
        let mut outer = vec![0x8a, 0x01];
        prost::encoding::encode_varint(deep.len() as u64, &mut outer);
        outer.extend_from_slice(&deep);
        deep = outer;
    }
    assert!(
        decode(&schema, "t.M", &deep).unwrap_err().to_string().ends_with("nested deeper than 100 levels")
    );
}

/// What a serializer wrote in the order of numbers is written so again: JSON made of a set leads back to it.
#[test]
fn fields_are_written_in_the_order_of_their_numbers() {
    let text =
        "syntax = \"proto3\"; package a; message M { string zebra = 1; string ape = 2; M monkey = 3; }";
    let schema = Schema::read(&compile::texts(&[("a.proto", text)]).unwrap().bytes).unwrap();
    let json = br#"{ "ape": "b", "monkey": { "ape": "d", "zebra": "c" }, "zebra": "a" }"#;
    let bytes = encode(&schema, "a.M", json).unwrap();
    assert_eq!(bytes, b"\x0a\x01a\x12\x01b\x1a\x06\x0a\x01c\x12\x01d");
}

/// Places and comments too, whose numbers are packed; and the options of a real contract.
#[test]
fn a_set_that_goes_through_json_is_the_same_bytes() {
    let proto = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let set = compile::paths(&[proto], &[]).unwrap().bytes;
    let all = Schema::read(&image::with_descriptors(&set).unwrap()).unwrap();
    let json = decode(&all, image::TYPE, &set).unwrap().to_string();
    assert!(json.contains("\"leadingComments\""));
    let again = image::read(json.into_bytes()).unwrap().set;
    assert!(again == set, "{} bytes became {}", set.len(), again.len());
}

#[test]
fn lists_are_packed_where_they_are_declared_so() {
    let text = "syntax = \"proto3\"; package a; enum E { A = 0; B = 1; } message M {
        repeated int32 packed = 1; repeated int32 loose = 2 [packed = false]; repeated string texts = 3;
        repeated E kinds = 20; repeated fixed32 fixed = 4; }";
    let schema = Schema::read(&compile::texts(&[("a.proto", text)]).unwrap().bytes).unwrap();
    let encode = |json: &str| encode(&schema, "a.M", json.as_bytes());
    assert_eq!(
        encode(r#"{"packed": [1, 300], "kinds": ["B", 0]}"#).unwrap(),
        b"\x0a\x03\x01\xac\x02\xa2\x01\x02\x01\x00"
    );
    assert_eq!(
        encode(r#"{"packed": [], "loose": [1, 0], "texts": [""]}"#).unwrap(),
        b"\x10\x01\x10\x00\x1a\x00"
    );
    assert_eq!(encode(r#"{"fixed": [1]}"#).unwrap(), b"\x22\x04\x01\x00\x00\x00");
    let error = encode(r#"{"packed": [1, "x"]}"#).unwrap_err().to_string();
    assert_eq!(error, "packed[1]: expected an integer of 32 bits, found a text that is none");
}

/// grpcurl prints and reads them so: <https://github.com/fullstorydev/grpcurl>.
#[test]
fn a_field_mask_may_be_an_object_of_its_paths() {
    let schema = Schema::read(&set()).unwrap();
    let encode = |json: &str| encode(&schema, "t.M", json.as_bytes());
    for (object, canonical) in [
        (r#"{"mask": {"paths": ["display_name", "price.units"]}}"#, r#"{"mask": "displayName,price.units"}"#),
        (r#"{"mask": {"paths": []}}"#, r#"{"mask": ""}"#),
        (r#"{"mask": {}}"#, r#"{"mask": ""}"#),
        (
            r#"{"any": {"@type": "x/google.protobuf.FieldMask", "value": {"paths": ["a_b"]}}}"#,
            r#"{"any": {"@type": "x/google.protobuf.FieldMask", "value": "aB"}}"#,
        ),
        (
            r#"{"any": {"@type": "x/google.protobuf.FieldMask", "paths": ["a_b"]}}"#,
            r#"{"any": {"@type": "x/google.protobuf.FieldMask", "value": "aB"}}"#,
        ),
    ] {
        assert_eq!(encode(object).unwrap(), encode(canonical).unwrap(), "{object}");
    }
    for (text, wanted) in [
        (
            r#"{"mask": ["a"]}"#,
            r#"mask: expected a mask like "displayName,price.units" or {"paths": ["display_name", "price.units"]}, found a list that is none"#,
        ),
        (
            r#"{"mask": "a_b"}"#,
            r#"mask: expected a mask like "displayName,price.units" or {"paths": ["display_name", "price.units"]}, found a text that is none"#,
        ),
        (r#"{"mask": {"path": ["a"]}}"#, "mask.path: google.protobuf.FieldMask has no such field"),
        (r#"{"mask": {"paths": "a"}}"#, "mask.paths: expected a list"),
        (r#"{"mask": {"paths": [1]}}"#, "mask.paths[0]: expected a text, found a number that is none"),
    ] {
        assert_eq!(encode(text).unwrap_err().to_string(), wanted);
    }
}

/// As `google.golang.org/protobuf` 1.36 has it; Python 7.36 refuses "_" too, and takes the others for four paths of
/// different meaning.
#[test]
fn a_field_mask_is_refused_where_runtimes_do_not_agree_on_it() {
    let schema = Schema::read(&set()).unwrap();
    let encode = |mask: &str| encode(&schema, "t.M", format!("{{\"mask\": {mask:?}}}").as_bytes());
    for mask in ["", "a", "aB,c", "a1.bC"] {
        assert!(encode(mask).is_ok(), "{mask}");
    }
    for mask in
        ["a_b", "_a", "a_1", ",", "a,", ",a", "a,,b", " a", "a b", "a, b", "a.", ".", "*", "a-b", "1a", "é"]
    {
        assert!(encode(mask).is_err(), "{mask}");
    }
}

#[test]
fn a_field_mask_that_camel_case_cannot_say_is_written_as_an_object() {
    let schema = Schema::read(&set()).unwrap();
    let mask = |paths: &[&str]| {
        let object = serde_json::json!({ "mask": { "paths": paths } });
        let bytes = encode_value(&schema, "t.M", &object).unwrap();
        let shown = decode(&schema, "t.M", &bytes).unwrap();
        assert_eq!(encode_value(&schema, "t.M", &shown).unwrap(), bytes, "{paths:?}");
        shown["mask"].clone()
    };
    assert_eq!(mask(&["a_b.c1", "d"]), "aB.c1,d");
    for path in ["aB", "a__b", "a_1", "a_", "_a", "A", "a,b", "", "*", "a b"] {
        assert_eq!(mask(&[path]), serde_json::json!({ "paths": [path] }), "{path}");
    }
}

/// Statements of their own, packed lists and maps: whatever compilers write, JSON leads back to the same bytes.
#[test]
fn a_compiled_set_is_the_same_bytes_after_json() {
    let text = r#"syntax = "proto2";
        package t;
        import "google/protobuf/descriptor.proto";
        import "treaty/v1/options.proto";
        message Rule {
          repeated int32 packed = 1 [packed = true];
          repeated sint64 loose = 2;
          map<string, Rule> by = 3;
          map<int32, bool> numbers = 4;
        }
        extend google.protobuf.MessageOptions {
          optional Rule rule = 50001;
          repeated int32 many = 50002 [packed = true];
          repeated double few = 50003;
        }
        message A {
          option (many) = 3; option (few) = 1.5; option (many) = -1; option (few) = 2;
          option (rule) = {
            by { key: "b" value { loose: [1, -2] } }, by { key: "a" }, by { key: "b" },
            numbers { key: 10 value: true }, numbers { key: 9 }, packed: [1, 300]
          };
          option (rule).packed = 7;
        }
        service S {
          option (treaty.v1.service).owner = "till";
          option (treaty.v1.service).allow = "*";
          // Asks.
          rpc Ask(A) returns (A) {
            option (treaty.v1.method).timeout = "2s";
            option (treaty.v1.method).retry = { attempts: 3 on: [UNAVAILABLE, RESOURCE_EXHAUSTED] };
          }
        }"#;
    let set = compile::texts(&[("t.proto", text)]).unwrap().bytes;
    let all = Schema::read(&image::with_descriptors(&set).unwrap()).unwrap();
    let json = decode(&all, image::TYPE, &set).unwrap();
    let again = image::read(serde_json::to_vec(&json).unwrap()).unwrap();
    assert!(again.left_out.is_empty());
    assert!(again.set == set);
}
