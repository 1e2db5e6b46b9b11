//! Rules in CEL: of one subject with a field of every kind, and of fields by themselves.

use super::{Random, Sources, grammar};
use std::fmt::Write as _;

const HEAD: &str = r#"syntax = "proto3";
package t;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message PartInner { string s = 1; int32 i = 2; repeated PartInner more = 3; optional int32 maybe = 4; }
enum PartKind { PART_KIND_NONE = 0; PART_KIND_ONE = 1; PART_KIND_TWO = 2; }
"#;

const SUBJECT: &str = "
  int32 i = 1; int64 l = 2; uint32 u = 3; uint64 ul = 4; double d = 5; float f = 6; bool b = 7; string s = 8;
  bytes y = 9; PartKind e = 10; PartInner n = 11; repeated int32 li = 12; repeated string ls = 13;
  repeated PartInner ln = 14; map<string, int32> m = 15; map<int32, string> mi = 16; map<bool, PartInner> mn = 17;
  google.protobuf.Timestamp t = 18; google.protobuf.Duration du = 19; google.protobuf.StringValue sv = 20;
  google.protobuf.Int32Value iv = 21; optional int32 oi = 22; optional string os = 23;
  oneof one { string left = 24; PartInner right = 25; } google.protobuf.Any a = 26; sint64 z = 27; fixed32 x = 28;
  repeated double ld = 29; map<string, bytes> my = 30; google.protobuf.FieldMask fm = 31;
";

/// Expressions of the grammar.
const MADE: usize = 250;

pub(super) fn add(sources: &mut Sources, random: &mut Random) {
    let mut text = HEAD.to_owned();
    for (number, expression) in OF_MESSAGES.iter().enumerate() {
        let now = if expression.contains("now") { "Now" } else { "" };
        let _ = writeln!(
            text,
            "message {now}Cel{number} {{ option (buf.validate.message).cel_expression = {expression:?};{SUBJECT}}}"
        );
    }
    for number in 0..MADE {
        let expression = grammar::condition(random);
        let _ = writeln!(
            text,
            "message CelMade{number} {{ option (buf.validate.message).cel_expression = {expression:?};{SUBJECT}}}"
        );
    }
    for (number, (field, expression)) in OF_FIELDS.iter().enumerate() {
        let rule = format!("{{ cel: {{ id: \"it\" message: \"wrong\" expression: {expression:?} }} }}");
        let _ =
            writeln!(text, "message CelField{number} {{ {field} a = 1 [(buf.validate.field) = {rule}]; }}");
    }
    for (number, (field, rules)) in IN_LISTS.iter().enumerate() {
        let _ = writeln!(
            text,
            "message CelList{number} {{ {field} a = 1 [(buf.validate.field) = {{ {rules} }}]; }}"
        );
    }
    sources.files.push(("expressions.proto".to_owned(), text));
}

const OF_MESSAGES: &[&str] = &[
    "this.i > 0",
    "this.i >= this.l",
    "this.u == 1u && this.ul != 7u",
    "this.i + 1 > 0 ? true : this.b",
    "this.l * 2 < 100",
    "this.l - 1 > -100",
    "this.i / this.l == 1",
    "this.i % 2 == 0",
    "this.u - 1u > 0u",
    "-this.i > 0",
    "this.d > 0.5",
    "this.d / 0.0 > 1.0",
    "this.d == this.d",
    "double(this.f) < 2.0",
    "this.f >= 1.0",
    "!this.b || this.i == 7",
    "this.b ? 'yes' : ''",
    "this.b ? '' : 'b must be set, not ' + string(this.b)",
    "this.s == 'foo'",
    "this.s != '' && this.s < 'b'",
    "this.s.size() > 2",
    "size(this.s) == size(this.y)",
    "this.s + 'x' == 'foox'",
    "this.s.startsWith('f') || this.s.endsWith('c')",
    "this.s.contains('oo')",
    "this.s.matches('^[a-z]+$')",
    "matches(this.s, 'a|b')",
    "this.y == b'foo'",
    "this.y.size() < 4",
    "this.y.startsWith(b'f') || this.y.endsWith(b'a') || this.y.contains(b'23')",
    "this.y + b'x' != b'x'",
    "string(this.y) == 'foo'",
    "bytes(this.s) == b'foo'",
    "this.e == 1",
    "this.e != t.PartKind.PART_KIND_TWO",
    "this.e in [0, 1]",
    "int(this.e) < 2",
    "this.n.s == 'foo'",
    "this.n.i > 0 || this.n.more.size() == 0",
    "has(this.n)",
    "has(this.n) && has(this.n.s)",
    "has(this.i)",
    "has(this.s) == (this.s != '')",
    "has(this.oi) && this.oi == 0",
    "has(this.os)",
    "this.oi == 0",
    "has(this.li) || has(this.m)",
    "has(this.n.maybe)",
    "has(this.left)",
    "this.left == 'foo' || this.right.i == 1",
    "has(this.t) && has(this.du)",
    "has(this.sv)",
    "this.sv == 'foo'",
    "this.sv == null",
    "this.iv != null && this.iv > 0",
    "this.n == t.PartInner{}",
    "this.n == t.PartInner{s: 'foo', i: 1}",
    "this.li == [1, 2]",
    "this.li.size() < 3",
    "this.li.all(x, x > 0)",
    "this.li.exists(x, x == 7)",
    "this.li.exists_one(x, x == 7)",
    "this.li.map(x, x * 2).size() == this.li.size()",
    "this.li.filter(x, x > 0).size() > 0",
    "this.li.map(x, x > 0, x)[0] == 1",
    "this.li[0] == 1",
    "this.ls[0] == 'foo'",
    "7 in this.li",
    "!('foo' in this.ls)",
    "this.ls.all(s, s.size() > 0)",
    "this.ls.unique()",
    "this.li.unique()",
    "this.ld.unique()",
    "this.ln.all(n, n.i >= 0 && n.s != 'b')",
    "this.ln.exists(n, has(n.maybe))",
    "this.ln.map(n, n.i).exists(i, i == 1)",
    "this.ln.all(n, n.more.all(o, o.i >= 0))",
    "this.li + [1] == [1]",
    "this.m['a'] == 1",
    "'a' in this.m",
    "this.m.size() < 3",
    "size(this.mi) > 0",
    "this.m.all(k, this.m[k] >= 0)",
    "this.m.exists(k, k == 'foo')",
    "this.mi.all(k, k >= 0)",
    "this.mi[1] == 'foo'",
    "1 in this.mi",
    "true in this.mn && this.mn[true].i == 1",
    "this.m == {'a': 1}",
    "this.m.map(k, k.size()).all(s, s < 4)",
    "this.my.all(k, this.my[k].size() < 4)",
    "this.t > timestamp('2001-01-01T00:00:00Z')",
    "this.t < timestamp('2030-01-01T00:00:00Z') + duration('24h')",
    "this.t - timestamp(0) > this.du",
    "this.t.getFullYear() > 2000",
    "this.t.getMonth() == 0",
    "this.t.getDayOfMonth() == 0 || this.t.getDate() == 14",
    "this.t.getDayOfWeek() == 2",
    "this.t.getDayOfYear() > 100",
    "this.t.getHours() == 22 && this.t.getMinutes() == 13 && this.t.getSeconds() == 20",
    "this.t.getHours('+01:00') == 1",
    "this.t.getHours('Europe/Berlin') == 23",
    "this.t.getMilliseconds() == 0",
    "int(this.t) > 0",
    "string(this.t) != ''",
    "this.t < now",
    "now - this.t > duration('1h')",
    "this.du > duration('1m')",
    "this.du == duration('3600s')",
    "this.du + duration('1s') > duration('1s')",
    "this.du.getSeconds() == 60",
    "this.du.getMinutes() == 1 && this.du.getHours() == 0",
    "string(this.du) != '60s'",
    "string(this.i) + string(this.u) + string(this.b) != '00false'",
    "string(this.d) != '1.5'",
    "int(this.d) == 1",
    "uint(this.i) > 0u",
    "int(this.ul) > 0",
    "int(this.s) == 1",
    "double(this.s) < 0.0",
    "this.s.isEmail()",
    "this.s.isHostname()",
    "this.s.isIp()",
    "this.s.isIp(4)",
    "this.s.isIp(6)",
    "this.s.isIp(5)",
    "this.s.isIpPrefix()",
    "this.s.isIpPrefix(4, true)",
    "this.s.isUri()",
    "this.s.isUriRef()",
    "this.s.isHostAndPort(true)",
    "this.s.isHostAndPort(false)",
    "this.d.isNan()",
    "this.d.isInf()",
    "this.d.isInf(1)",
    "this.d.isInf(-1)",
    "getField(this, 's') == 'foo'",
    "getField(this, 'i') > 0",
    "this.s.charAt(0) == 'f'",
    "this.s.indexOf('o') == 1",
    "this.s.lastIndexOf('o') == 2",
    "this.s.lowerAscii() == this.s",
    "this.s.upperAscii() != 'FOO'",
    "this.s.replace('o', 'a') == 'faa'",
    "this.s.replace('o', 'a', 1) == 'fao'",
    "this.s.split(' ').size() < 2",
    "this.s.substring(1) == 'oo'",
    "this.s.substring(0, 1) == 'f'",
    "this.s.trim() == this.s",
    "this.ls.join(',') == 'foo'",
    "this.ls.join().size() < 4",
    "'%s-%d'.format([this.s, this.i]) == 'foo-1'",
    "'%.2f'.format([this.d]) == '1.00'",
    "this.i == 1 ? '' : 'i is %d, not 1'.format([this.i])",
    "type(this.i) == int",
    "type(this.s) == string",
    "dyn(this.i) == 1.0",
    "this.i == int(this.l) || this.i in [1, 2, 3]",
    "this.x > 0u",
    "this.z < 0",
    "[1, 2, 3].exists(x, x == this.i)",
    "{'a': this.i}.a == 1",
    "[this.i, this.l].all(x, x >= 0)",
    "this.a.type_url == ''",
    "this.fm.paths.all(p, p in ['a', 'b'])",
    "this.i < 10 || this.l / 0 == 1",
    "this.l / 0 == 1 || this.i < 10",
    "this.l / 0 == 1 && this.i < 0",
    "this.ln[0].more[0].i > 0",
    "this.li.all(x, 10 / x > 0)",
    "this.li.exists(x, 10 / x > 0)",
    "this.s.matches(this.ls[0])",
    "'\\u00e9' in this.ls || this.s.size() == 2",
    "this.u > 1u && this.u < 4294967295u",
    "this.l == 9223372036854775807 || this.l + 1 > this.l",
    "this.ul + 1u > 0u",
    "true",
    "false",
    "'always'",
    "''",
    "1",
    "this",
    "this.unknown",
    "this.i == 'foo'",
    "this.i + 'x'",
    "this.s.noSuchFunction()",
    "this.li.all(x, )",
];

const OF_FIELDS: &[(&str, &str)] = &[
    ("int32", "this > 0"),
    ("optional int32", "this > 0"),
    ("uint64", "this < 7u"),
    ("double", "!this.isNan() && this < 2.0"),
    ("float", "this.isInf(0)"),
    ("bool", "this"),
    ("string", "this.size() < 3 ? '' : 'too long: ' + this"),
    ("string", "this.isEmail()"),
    ("bytes", "this.size() > 1"),
    ("PartKind", "this == 1"),
    ("PartInner", "this.i > 0"),
    ("PartInner", "has(this.maybe)"),
    ("repeated int32", "this.size() > 1"),
    ("repeated string", "this.all(s, s != '')"),
    ("repeated PartInner", "this.exists(n, n.i == 7)"),
    ("map<string, int32>", "this.size() == 1"),
    ("map<string, int32>", "!('a' in this)"),
    ("map<int64, PartInner>", "this.all(k, this[k].i >= 0)"),
    ("google.protobuf.Timestamp", "this > timestamp(0)"),
    ("google.protobuf.Duration", "this < duration('1h')"),
    ("google.protobuf.StringValue", "this == 'foo'"),
    ("google.protobuf.Int32Value", "this > 0"),
    ("google.protobuf.BoolValue", "this"),
    ("google.protobuf.Any", "this.type_url != ''"),
    ("google.protobuf.FieldMask", "this.paths.size() == 1"),
];

const IN_LISTS: &[(&str, &str)] = &[
    ("repeated int32", "repeated: { items: { cel: { id: 'a' expression: 'this > 0' } } }"),
    ("repeated string", "repeated: { items: { cel_expression: 'this != \"a\"', string: { max_len: 3 } } }"),
    ("repeated PartInner", "repeated: { items: { cel: { id: 'a' message: 'm' expression: 'this.i > 0' } } }"),
    (
        "map<string, int32>",
        "map: { values: { cel_expression: 'this > 0' }, keys: { cel_expression: 'this != \"a\"' } }",
    ),
    (
        "map<int32, PartInner>",
        "map: { values: { cel_expression: 'this.s != \"a\"' } }, cel_expression: 'this.size() < 3'",
    ),
    (
        "repeated bool",
        "cel: { id: 'one' expression: 'this[0]' }, cel: { id: 'two' expression: 'this.size() > 1' }",
    ),
    ("string", "cel: { id: 'one' expression: 'this != \"a\"' }, required: true, string: { min_len: 2 }"),
    ("string", "cel: { id: 'one' expression: 'this != \"a\"' }, ignore: IGNORE_IF_ZERO_VALUE"),
    ("string", "cel: { expression: 'this != \"a\"' }"),
    ("string", "cel: { id: '' message: 'm' expression: 'this != \"a\"' }"),
    ("string", "cel: { id: 'x' message: 'm' expression: \"this == 'a' ? 'dynamic' : ''\" }"),
];
