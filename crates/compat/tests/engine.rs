//! The engine beyond single fields: recursion, paths, history, bounds, and what a finding reads like.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use compat::{
    Direction::{Request, Response},
    Encoding::{Binary, Json},
    Finding, History, Level, MAX_FINDINGS, Party, Settings, Usage, all_types, breaking, compare, judge,
};
use std::fmt::Write as _;
use support::{Case, party};

fn binary(writer: &str, reader: &str) -> Case {
    Case::new(writer, reader, Request, Binary, false)
}

fn shown(finding: &Finding) -> String {
    let mut out = String::new();
    let when = finding.when.as_deref().unwrap_or("always");
    _ = writeln!(out, "{} {}: {} ({when})", finding.level, finding.rule, finding.path);
    _ = writeln!(out, "  {}", finding.message);
    _ = writeln!(out, "  written: {} ({})", finding.written.text, finding.written.origin);
    _ = writeln!(out, "  read:    {} ({})", finding.read.text, finding.read.origin);
    if let Some(example) = &finding.example {
        let hex: Vec<_> = example.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        _ = writeln!(out, "  bytes:   {}", hex.join(" "));
        _ = writeln!(out, "  text:    {}", example.written);
        _ = writeln!(out, "  read as: {}", example.read);
    }
    _ = write!(out, "  remedy:  {}", finding.remedy);
    out
}

#[test]
fn a_finding_explains_itself() {
    let one = "repeated Item items = 3; --- message Item { Price price = 2; } message Price { string currency = 1; int64 units = 2; }";
    let case = binary(one, &one.replace("int64", "int32"));
    insta::assert_snapshot!(shown(&case.findings[0]), @r"
    LOSSY field-range: M.items[].price.units (for values below -2147483648 or above 2147483647)
      `units` is written as int64 and read as int32: the reader changes or drops values below -2147483648 or above 2147483647
      written: int64 units = 2 (t.proto:12:73)
      read:    int32 units = 2 (t.proto:12:73)
      bytes:   1a 08 12 06 10 80 80 80 80 08
      text:    items { price { units: 2147483648 } }
      read as: items { price { units: -2147483648 } }
      remedy:  read `units` with a type that holds all of int64, or give the new type a field of its own
    ");
    assert_eq!(case.findings[0].numbers, [3, 2, 2]);
    let json = Case::new(one, &one.replace("units", "amount"), Request, Json, false);
    insta::assert_snapshot!(shown(&json.findings[0]), @r#"
    BREAKING field-renamed: M.items[].price.units (where `units` is set)
      `units` is "units" in the writer's JSON and "amount" in the reader's
      written: int64 units = 2 (t.proto:12:73)
      read:    int64 amount = 2 (t.proto:12:73)
      bytes:   7b 22 69 74 65 6d 73 22 3a 20 5b 7b 22 70 72 69 63 65 22 3a 20 7b 22 75 6e 69 74 73 22 3a 20 22 37 22 7d 7d 5d 7d
      text:    {"items": [{"price": {"units": "7"}}]}
      read as: refused: the field "units" is unknown
      remedy:  write `json_name = "units"` to the new name
    "#);
}

#[test]
fn what_is_read_as_an_entry_of_a_map_needs_a_key() {
    let response = |writer: &str, reader: &str| Case::new(writer, reader, Response, Binary, false).verdict();
    let of = |rest: &str| format!("N one = 1; --- message N {{ {rest} }}");
    let map = "map<string, string> one = 1;";
    for part in ["string key = 1;", "string value = 2;"] {
        assert!(response(&of(part), map).contains("field-only-read"), "{part}");
    }
    assert_eq!(response(&of("string key = 1; string value = 2;"), map), "");
    let several = binary("repeated N one = 1; --- message N { string value = 2; }", map);
    let lists = several.findings.iter().find(|found| found.rule == "field-cardinality").unwrap();
    assert_eq!(lists.when.as_deref(), Some("for lists of two or more"));
}

#[test]
fn recursive_and_mutually_recursive_types_end() {
    let tree = "M left = 1; M right = 2; Other other = 4; A a = 3; --- message A { B b = 1; map<string, A> more = 3; } message B { A a = 1; M m = 2; int64 deep = 3; }";
    assert_eq!(binary(tree, tree).verdict(), "");
    let case = binary(tree, &tree.replace("int64 deep", "string deep"));
    assert_eq!(case.findings.len(), 1, "each pair is compared once");
    assert_eq!(case.findings[0].path, "M.a.b.deep");
    assert_eq!(case.disprove(), Vec::<String>::new());
}

#[test]
fn paths_go_through_lists_maps_extensions_and_groups() {
    let changed = |text: &str| text.replace("int32 n", "string n");
    let of = |body: &str| {
        let one = format!("proto2 {body} --- message In {{ optional int32 n = 1; }}");
        let case = binary(&one, &changed(&one));
        assert_eq!(case.disprove(), Vec::<String>::new());
        (case.findings[0].path.clone(), case.findings[0].numbers.clone())
    };
    assert_eq!(of("map<string, In> ins = 1;"), ("M.ins{}.value.n".to_owned(), vec![1, 2, 1]));
    assert_eq!(of("repeated In list = 4;"), ("M.list[].n".to_owned(), vec![4, 1]));
    assert_eq!(of("optional group G = 2 { repeated In p = 1; }"), ("M.g.p[].n".to_owned(), vec![2, 1, 1]));
    assert_eq!(
        of("extensions 100; extend M { optional In e = 100; }"),
        ("M.[t.M.e].n".to_owned(), vec![100, 1])
    );
    // Of several ways, a shortest.
    assert_eq!(of("map<string, In> ins = 1; optional In last = 9;").0, "M.last.n");
}

#[test]
fn required_fields_on_the_way_are_in_the_example() {
    let one = "proto2 required string id = 1; optional Inner inner = 2; --- message Inner { required int32 must = 1; optional Deep deep = 2; optional int64 n = 3; } message Deep { required Part part = 1; }";
    let case = binary(one, &one.replace("int64 n", "int32 n"));
    let example = case.findings[0].example.clone().unwrap();
    assert_eq!(example.written, "id: \"a\" inner { must: 7 n: 2147483648 }");
    assert_eq!(example.read, "id: \"a\" inner { must: 7 n: -2147483648 }");
}

#[test]
fn numbers_with_a_past_are_not_given_to_others() {
    let versions = ["int32 a = 1; int32 b = 2;", "int32 b = 2;", "int32 b = 2; int32 c = 1;"].map(party);
    let id = |party: &Party| party.schema.message_id("t.M").unwrap();
    let between = |one: &Party, other: &Party, direction, history: &History| {
        let (one, other) = ((&one.schema, id(one)), (&other.schema, id(other)));
        let found = compare(one, other, Binary, false, direction, history);
        let told = |rule: &str| rule.starts_with("field-number-");
        found.iter().filter(|f| f.level > Level::Safe || told(f.rule)).map(|f| f.rule).collect::<Vec<_>>()
    };
    let [old, gap, new] = &versions;
    let history = History::of(&versions);
    assert_eq!(between(old, new, Request, &history), ["field-number-reused"]);
    assert_eq!(between(new, old, Response, &history), ["field-number-reused"]);
    // Whether the version in force is already part of history does not matter.
    assert_eq!(between(old, new, Request, &History::of(&versions[..2])), ["field-number-reused"]);
    // Nobody who is asked knows the number by its old name, but somebody did: a note.
    assert_eq!(between(gap, new, Request, &history), ["field-number-used-before"]);
    assert_eq!(between(new, gap, Response, &history), ["field-number-used-before"]);
    assert_eq!(between(gap, new, Request, &History::new()), [""; 0]);
    assert_eq!(between(old, new, Request, &History::new()), [""; 0], "without history it is a new name");
    // A field that only changed its name was never removed.
    let renamed = History::of(&[old.clone(), new.clone()]);
    assert_eq!(between(old, new, Request, &renamed), [""; 0]);
    // Back under its old name: the same field.
    let back = History::of(&[old.clone(), gap.clone(), old.clone()]);
    assert_eq!(between(old, old, Request, &back), [""; 0]);
}

#[test]
fn notes_are_no_verdicts() {
    let rules = |one: &str, other: &str| {
        binary(one, other).findings.iter().map(|f| (f.level, f.rule)).collect::<Vec<_>>()
    };
    let only = (Level::Lossy, "field-only-written");
    assert_eq!(rules("int32 a = 1;", ""), [only, (Level::Safe, "field-unreserved")]);
    assert_eq!(rules("int32 a = 1;", "reserved 1; reserved \"a\";"), [only]);
    assert_eq!(rules("reserved 1 to 5;", "reserved 1 to 2, 4 to 5;"), [(Level::Safe, "reserved-deleted")]);
    assert_eq!(rules("reserved 1 to 5;", "reserved 1 to 3, 4 to 9;"), []);
    assert_eq!(rules("proto2 optional string a = 1;", "string a = 1;")[1], (Level::Safe, "text-validation"));
    let values = |more: &str| format!("E e = 1; --- enum E {{ A = 0; {more} }}");
    assert_eq!(rules(&values("B = 1;"), &values("")), [(Level::Safe, "enum-value-unreserved")]);
    assert_eq!(rules(&values("B = 1;"), &values("reserved 1;")), []);
    assert_eq!(rules(&values("reserved 1;"), &values("")), [(Level::Safe, "reserved-deleted")]);
    assert_eq!(rules(&values("reserved 1;"), &values("reserved 1 to 4;")), []);
}

#[test]
fn message_sets_are_seen() {
    let set = "proto2 option message_set_wire_format = true; extensions 4 to max; extend M { optional Part e = 100; }";
    let plain = set.replace("option message_set_wire_format = true;", "").replace("4 to max", "4 to 200");
    let case = binary(set, &plain);
    assert_eq!(case.verdict(), "BREAKING message-set");
    let example = case.findings[0].example.clone().unwrap();
    assert_eq!(example.bytes, [0x0b, 0x10, 100, 0x1a, 0, 0x0c]);
    assert_eq!(binary(set, set).verdict(), "");
    let inner = binary(set, &set.replace("Part e", "Text e"));
    assert_eq!(inner.verdict(), "BREAKING field-type");
    let example = inner.findings[0].example.clone().unwrap();
    assert_eq!(
        (example.written.as_str(), example.read.as_str()),
        ("[t.M.e] { x: 7 }", "refused, or passed over: [t.M.e] {}")
    );
}

#[test]
fn findings_are_capped_and_the_last_says_so() {
    let fields = |kind: &str| (1..=1500).map(|n| format!("{kind} f{n} = {n};")).collect::<String>();
    let case = binary(&fields("int32"), &fields("string"));
    assert_eq!(case.findings.len(), MAX_FINDINGS + 1);
    let last = case.findings.last().unwrap();
    assert_eq!((last.rule, last.level), ("findings-omitted", Level::Breaking));
    assert!(last.message.starts_with("500 more"), "{}", last.message);
}

#[test]
fn deep_nesting_is_judged_and_shown_shortened() {
    const DEPTH: usize = 300;
    let messages: String = (0..DEPTH).map(|n| format!("message D{n} {{ D{} d = 1; }} ", n + 1)).collect();
    let chain = |kind: &str| format!("D0 d = 1; --- {messages} message D{DEPTH} {{ {kind} x = 1; }}");
    let case = binary(&chain("int32"), &chain("string"));
    let finding = &case.findings[0];
    assert_eq!((case.findings.len(), finding.rule), (1, "field-type"));
    assert!(finding.path.starts_with("M.d.d.") && finding.path.contains(" more).d.d"), "{}", finding.path);
    assert!(finding.path.len() < 200 && finding.example.is_none(), "no runtime reads so deep");
}

#[test]
fn circles_of_different_lengths_are_compared_so_far() {
    let circle = |length: usize| {
        let next = |n: usize| format!("message C{n} {{ C{} next = 1; }} ", (n + 1) % length);
        format!("C0 first = 1; --- {}", (0..length).map(next).collect::<String>())
    };
    let case = binary(&circle(520), &circle(519));
    assert_eq!(case.verdict(), "BREAKING comparison-too-large");
    assert_eq!(binary(&circle(20), &circle(19)).verdict(), "");
}

#[test]
fn examples_do_not_grow_with_what_is_required() {
    let required = |next: &str| {
        let fields: String = (1..=10).map(|n| format!("required {next} f{n} = {n}; ")).collect();
        format!("{{ {fields} }}")
    };
    let messages: String =
        (0..12).map(|n| format!("message R{n} {} ", required(&format!("R{}", n + 1)))).collect();
    let one = format!("proto2 optional R0 r = 1; optional int64 n = 2; --- {messages} message R12 {{}}");
    let other = one.replace("optional R0 r", "optional string r").replace("int64 n", "int32 n");
    let case = binary(&one, &other);
    assert_eq!(case.verdict(), "BREAKING field-type, LOSSY(v) field-range");
    assert!(case.findings[0].example.is_none(), "nobody writes a billion of fields");
}

#[test]
fn what_is_required_is_in_examples_however_deep() {
    const DEPTH: usize = 40;
    let chain: String =
        (0..DEPTH).map(|n| format!("message D{n} {{ required D{} d = 1; }} ", n + 1)).collect();
    let one = format!(
        "proto2 required D0 d = 1; optional int64 n = 2; --- {chain} message D{DEPTH} {{ required int32 x = 1; }}"
    );
    let case = binary(&one, &one.replace("int64 n", "int32 n"));
    assert_eq!(case.disprove(), Vec::<String>::new());
    assert!(case.findings[0].example.clone().unwrap().written.contains("d { x: 7 }"));
    // Nobody can write what needs itself.
    let endless = "proto2 required M m = 1; optional int64 n = 2;";
    let case = binary(endless, &endless.replace("int64 n", "int32 n"));
    assert!(case.findings[0].example.is_none());
}

#[test]
fn examples_say_what_comes_of_the_whole_message() {
    let reads = |writer: &str, reader: &str, encoding| -> Vec<String> {
        let case = Case::new(writer, reader, Response, encoding, true);
        assert_eq!(case.disprove(), Vec::<String>::new());
        case.findings.iter().filter_map(|finding| Some(finding.example.clone()?.read)).collect()
    };
    // Whatever else is lost, what is required is missing.
    for encoding in [Binary, Json] {
        let missing = "refused: the required field `r` is missing";
        let found = reads("proto2 ", "proto2 optional int32 a = 1; required int32 r = 2;", encoding);
        assert_eq!(found, [missing, missing]);
    }
    // A zero that nobody writes is not in the example.
    let values = |values: &str| format!("E e = 1; --- enum E {{ {values} }}");
    let found = reads(&values("A = 0; B = 1;"), &values("Z = 0; B = 1; A = 2;"), Binary);
    assert_eq!(found, ["`e` as Z"]);
    let case = Case::new(&values("A = 0;"), &values("Z = 0; A = 2;"), Response, Binary, true);
    assert!(case.findings[0].example.clone().unwrap().bytes.is_empty());
}

#[test]
fn enums_are_named_by_their_first_values() {
    let values = |count: usize| (1..=count).map(|n| format!("V{n} = {n}; ")).collect::<String>();
    let of = |values: &str| format!("proto2 optional E e = 1; --- enum E {{ V0 = 0; {values} }}");
    let case = binary(&of(&values(9)), &of(&values(2)));
    assert_eq!(case.findings[0].when.as_deref(), Some("for V3, V4, V5 and 4 more"));
    let case = binary(&of(&values(3)), &of(&values(1)));
    assert_eq!(case.findings[0].when.as_deref(), Some("for V2 and V3"));
    // Zero is not written to JSON where it means absence.
    let renamed = |field: &str| {
        let of = |name: &str| format!("{field} --- enum E {{ {name} = 0; }}");
        Case::new(&of("A"), &of("B"), Request, Json, false).verdict()
    };
    assert_eq!(renamed("E e = 1;"), "");
    assert_eq!(renamed("optional E e = 1;"), "BREAKING(v) enum-value-renamed");
    assert_eq!(renamed("repeated E e = 1;"), "BREAKING(v) enum-value-renamed");
}

const SERVICE: &str = "
syntax = \"proto3\"; package s;
import \"treaty/v1/options.proto\";
service S { option (treaty.v1.service) = { owner: \"o\" allow: \"*\" };
  rpc One(A) returns (B); rpc Two(C) returns (C); }
message A { int32 x = 1; } message B { int64 y = 1; } message C { string z = 1; }
";

fn service(text: &str) -> Party {
    Party::read(testkit::descriptor_set(&[("s.proto", text)])).unwrap()
}

#[test]
fn a_method_is_judged_in_both_directions_and_encodings() {
    let consumer = service(SERVICE);
    let provider = service(&SERVICE.replace("int32 x", "string x").replace("int64 y", "uint64 y"));
    let settings = Settings::default();
    let verdict = judge(&consumer, &provider, "s.S", &Usage::default(), &settings);
    assert_eq!(verdict.level(), Level::Breaking);
    let short: Vec<_> = verdict.methods[0]
        .findings
        .iter()
        .map(|f| (f.level, f.direction, f.encoding, f.path.as_str()))
        .collect();
    assert_eq!(
        short,
        [
            (Level::Breaking, Some(Request), None, "A.x"),
            (Level::Breaking, Some(Response), Some(Json), "B.y"),
            (Level::Lossy, Some(Response), Some(Binary), "B.y"),
        ]
    );
    assert_eq!(verdict.methods[1].level, Level::Safe);
    let used = ["Two".to_owned()].into();
    let usage = Usage { methods: Some(&used), written: None };
    assert_eq!(judge(&consumer, &provider, "s.S", &usage, &settings).level(), Level::Safe);
    assert_eq!(breaking(&consumer, &provider, &settings)[0], verdict);
}

#[test]
fn all_types_are_compared_as_what_they_are() {
    let old = party("--- message Gone { int32 x = 1; }");
    let new = party("--- message Here { int32 x = 1; }");
    let rules =
        |findings: Vec<Finding>| findings.iter().map(|f| (f.rule, f.path.clone())).collect::<Vec<_>>();
    let settings = Settings::default();
    assert_eq!(rules(all_types(&old, &new, &settings)), [("message-deleted", "t.Gone".to_owned())]);
    let changed = party("--- message Gone { string x = 1; }");
    let found = rules(all_types(&old, &changed, &settings));
    // As a response JSON text may be a number: that is another finding than the binary one.
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|(rule, path)| *rule == "field-type" && path == "Gone.x"));
}

#[test]
fn several_values_are_spoken_of_as_several() {
    let of = |values: &str| format!("E e = 1; --- enum E {{ A = 0; {values} }}");
    let said = |old: &str, new: &str| {
        let found = binary(&of(old), &of(new)).findings;
        found
            .into_iter()
            .find(|found| found.level > Level::Safe)
            .map(|found| (found.message, found.remedy))
            .unwrap()
    };
    assert_eq!(
        said("B = 1; C = 2;", "B = 3; C = 2;"),
        (
            "B has another number to the reader of `e`".to_owned(),
            "give B back its number, and new values new ones".to_owned()
        )
    );
    assert_eq!(
        said("B = 1; C = 2;", "B = 3; C = 4;"),
        (
            "B and C have other numbers to the reader of `e`".to_owned(),
            "give B and C back their numbers, and new values new ones".to_owned()
        )
    );
}
