//! Rules against values: what is called "not tightened" refuses nothing that was accepted, and every example
//! does what it says. `validate` is the judge.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may end here")]

use compat::{Finding, Level, Party, Settings, Verdict, breaking, contradictions};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::time::{Duration, SystemTime};
use validate::Program;

const HEAD: &str = r#"
    syntax = "proto3";
    package t;
    import "buf/validate/validate.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/wrappers.proto";
    service S { rpc Do(M) returns (R); }
    message R {}
    enum E { E_NONE = 0; E_ONE = 1; E_TWO = 2; E_FIVE = 5; }
"#;

/// What examples are made for.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn party(body: &str) -> Party {
    let text = format!("{HEAD}{body}");
    let set =
        contract::compile::texts(&[("t.proto", &text)]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Party::read(set.bytes).unwrap()
}

fn tightened(old: &Party, new: &Party) -> Vec<Finding> {
    let verdicts = breaking(old, new, &Settings::default());
    let all = verdicts.iter().flat_map(Verdict::findings);
    all.filter(|finding| finding.rule == "validation-tightened" || finding.rule == "validation-changed")
        .cloned()
        .collect()
}

/// A type of field, with rules and encoded values of it under number 1.
#[derive(Clone, Debug)]
struct Subject {
    declared: &'static str,
    rules: fn() -> BoxedStrategy<String>,
    values: fn() -> BoxedStrategy<Vec<u8>>,
}

fn subjects() -> Vec<Subject> {
    vec![
        Subject { declared: "int32", rules: || numbers("int32"), values: varints },
        Subject { declared: "optional int32", rules: || numbers("int32"), values: varints },
        Subject { declared: "uint64", rules: || positive("uint64"), values: varints },
        Subject { declared: "sint32", rules: || numbers("sint32"), values: varints },
        Subject { declared: "double", rules: doubles, values: fixed64 },
        Subject { declared: "E", rules: enums, values: varints },
        Subject { declared: "string", rules: strings, values: texts },
        Subject { declared: "optional string", rules: strings, values: texts },
        Subject { declared: "bytes", rules: blobs, values: texts },
        Subject { declared: "repeated int32", rules: lists, values: packed },
        Subject { declared: "map<string, int32>", rules: maps, values: entries },
        Subject { declared: "google.protobuf.Duration", rules: durations, values: times },
        Subject { declared: "google.protobuf.FieldMask", rules: masks, values: paths },
        Subject { declared: "google.protobuf.StringValue", rules: strings, values: wrapped },
    ]
}

/// Some of these, each once, in braces.
fn some_of(family: &'static str, rules: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let optional =
        rules.into_iter().map(|rule| prop_oneof![2 => Just(String::new()), 1 => rule]).collect::<Vec<_>>();
    optional
        .prop_map(move |rules| {
            let rules: Vec<_> = rules.into_iter().filter(|rule| !rule.is_empty()).collect();
            format!("{family} {{ {} }}", rules.join(", "))
        })
        .boxed()
}

fn of<T: std::fmt::Display + std::fmt::Debug>(
    name: &'static str,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<String> {
    value.prop_map(move |value| format!("{name}: {value}")).boxed()
}

fn either(rules: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    proptest::strategy::Union::new(rules).boxed()
}

fn list_of(name: &'static str, entry: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    prop::collection::vec(entry, 1..4).prop_map(move |all| format!("{name}: [{}]", all.join(", "))).boxed()
}

fn ordered(family: &'static str, value: fn() -> BoxedStrategy<String>) -> Vec<BoxedStrategy<String>> {
    let _ = family;
    vec![
        either(vec![of("lt", value()), of("lte", value())]),
        either(vec![of("gt", value()), of("gte", value())]),
        list_of("in", value()),
        list_of("not_in", value()),
        of("const", value()),
    ]
}

fn numbers(family: &'static str) -> BoxedStrategy<String> {
    some_of(family, ordered(family, || (-6_i32..7).prop_map(|n| n.to_string()).boxed()))
}

fn positive(family: &'static str) -> BoxedStrategy<String> {
    some_of(family, ordered(family, || (0_u32..7).prop_map(|n| n.to_string()).boxed()))
}

fn doubles() -> BoxedStrategy<String> {
    let value = || {
        prop_oneof![Just("0"), Just("-1.5"), Just("1.5"), Just("3"), Just("inf")]
            .prop_map(str::to_owned)
            .boxed()
    };
    let mut rules = ordered("double", value);
    rules.push(Just("finite: true".to_owned()).boxed());
    some_of("double", rules)
}

fn enums() -> BoxedStrategy<String> {
    let value = || (0_i32..6).prop_map(|n| n.to_string());
    let rules = vec![
        Just("defined_only: true".to_owned()).boxed(),
        list_of("in", value()),
        list_of("not_in", value()),
        of("const", value()),
    ];
    some_of("enum", rules)
}

fn word() -> BoxedStrategy<String> {
    "[ab]{0,3}".prop_map(|text| format!("'{text}'")).boxed()
}

fn strings() -> BoxedStrategy<String> {
    let length = || 0_u32..5;
    let patterns = prop_oneof![Just("'^a'"), Just("'b$'"), Just("'^[ab]*$'"), Just("'^a?b?$'"), Just("'é'")];
    let formats =
        prop_oneof![Just("uuid: true"), Just("hostname: true"), Just("address: true"), Just("ip: true")];
    some_of(
        "string",
        vec![
            either(vec![of("min_len", length()), of("len", length())]),
            of("max_len", length()),
            of("min_bytes", length()),
            of("max_bytes", 0_u32..9),
            of("prefix", word()),
            of("suffix", word()),
            of("contains", word()),
            of("not_contains", "[ab]{1,2}".prop_map(|text| format!("'{text}'"))),
            list_of("in", word()),
            list_of("not_in", word()),
            of("pattern", patterns),
            formats.prop_map(str::to_owned).boxed(),
        ],
    )
}

fn blobs() -> BoxedStrategy<String> {
    let length = || 0_u32..5;
    some_of(
        "bytes",
        vec![
            of("min_len", length()),
            of("max_len", length()),
            of("prefix", word()),
            of("suffix", word()),
            of("contains", word()),
            list_of("in", word()),
            list_of("not_in", word()),
            Just("ipv4: true".to_owned()).boxed(),
        ],
    )
}

fn with_ignore(rules: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let ignore = prop_oneof![4 => Just(""), 1 => Just(", ignore: IGNORE_IF_ZERO_VALUE"), 1 => Just(", ignore: IGNORE_ALWAYS")];
    (rules, ignore).prop_map(|(rules, ignore)| format!("{{ {rules}{ignore} }}")).boxed()
}

fn lists() -> BoxedStrategy<String> {
    let items = with_ignore(numbers("int32"));
    let rules = vec![
        of("min_items", 0_u32..3),
        of("max_items", 2_u32..5),
        Just("unique: true".to_owned()).boxed(),
        items.prop_map(|items| format!("items: {items}")).boxed(),
    ];
    some_of("repeated", rules)
}

fn maps() -> BoxedStrategy<String> {
    let rules = vec![
        of("min_pairs", 0_u32..3),
        of("max_pairs", 2_u32..5),
        with_ignore(strings()).prop_map(|keys| format!("keys: {keys}")).boxed(),
        with_ignore(numbers("int32")).prop_map(|values| format!("values: {values}")).boxed(),
    ];
    some_of("map", rules)
}

fn durations() -> BoxedStrategy<String> {
    some_of("duration", ordered("duration", || (-3_i32..4).prop_map(|s| format!("{{seconds: {s}}}")).boxed()))
}

fn masks() -> BoxedStrategy<String> {
    let path =
        || prop_oneof![Just("'a'"), Just("'a.b'"), Just("'b'"), Just("'a.b.c'")].prop_map(str::to_owned);
    some_of("field_mask", vec![list_of("in", path()), list_of("not_in", path())])
}

/// Rules of a field, with what else may stand beside them.
fn options(subject: &Subject) -> BoxedStrategy<String> {
    let ignore = prop_oneof![
        5 => Just(""),
        1 => Just("ignore: IGNORE_IF_ZERO_VALUE"),
        1 => Just("ignore: IGNORE_ALWAYS"),
    ];
    let rules = prop_oneof![4 => (subject.rules)(), 1 => Just(String::new())];
    (rules, ignore, prop::bool::weighted(0.2))
        .prop_map(|(rules, ignore, required)| {
            let parts = [rules.as_str(), ignore, if required { "required: true" } else { "" }];
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            format!("[(buf.validate.field) = {{ {} }}]", parts.join(", "))
        })
        .boxed()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn delimited(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![tag], varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// Nothing now and then; else what the strategy says.
fn or_nothing(values: impl Strategy<Value = Vec<u8>> + 'static) -> BoxedStrategy<Vec<u8>> {
    prop_oneof![1 => Just(Vec::new()), 9 => values].boxed()
}

fn varints() -> BoxedStrategy<Vec<u8>> {
    let number = prop_oneof![8 => -8_i64..9, 1 => Just(i64::from(i32::MAX)), 1 => Just(i64::from(i32::MIN))];
    or_nothing(number.prop_map(|n| [vec![8], varint(n.cast_unsigned())].concat()))
}

fn fixed64() -> BoxedStrategy<Vec<u8>> {
    let value = prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(1.5),
        Just(-1.5),
        Just(3.0),
        Just(1e300),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::NAN),
        -4.0..4.0
    ];
    or_nothing(value.prop_map(|value: f64| [vec![9], value.to_le_bytes().to_vec()].concat()))
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        8 => "[abé]{0,5}",
        1 => Just("192.0.2.1".to_owned()),
        1 => Just("::1".to_owned()),
        1 => Just("123e4567-e89b-12d3-a456-426614174000".to_owned()),
        1 => Just("a.b".to_owned()),
    ]
    .boxed()
}

fn texts() -> BoxedStrategy<Vec<u8>> {
    or_nothing(text().prop_map(|text| delimited(10, text.as_bytes())))
}

fn wrapped() -> BoxedStrategy<Vec<u8>> {
    or_nothing(text().prop_map(|text| {
        let inner = if text.is_empty() { Vec::new() } else { delimited(10, text.as_bytes()) };
        delimited(10, &inner)
    }))
}

fn packed() -> BoxedStrategy<Vec<u8>> {
    let items = prop::collection::vec(-8_i64..9, 0..6);
    items
        .prop_map(|items| {
            items.into_iter().flat_map(|n| [vec![8], varint(n.cast_unsigned())].concat()).collect()
        })
        .boxed()
}

fn entries() -> BoxedStrategy<Vec<u8>> {
    let entry = (text(), -8_i64..9).prop_map(|(key, value)| {
        let inner = [delimited(10, key.as_bytes()), vec![16], varint(value.cast_unsigned())].concat();
        delimited(10, &inner)
    });
    prop::collection::vec(entry, 0..5).prop_map(|entries| entries.concat()).boxed()
}

fn times() -> BoxedStrategy<Vec<u8>> {
    or_nothing((-4_i64..5, -2_i64..3).prop_map(|(seconds, nanos)| {
        delimited(
            10,
            &[vec![8], varint(seconds.cast_unsigned()), vec![16], varint(nanos.cast_unsigned())].concat(),
        )
    }))
}

fn paths() -> BoxedStrategy<Vec<u8>> {
    let path = prop_oneof![Just("a"), Just("a.b"), Just("a.b.c"), Just("ab"), Just("b"), Just("c")];
    let mask = prop::collection::vec(path, 0..3).prop_map(|paths| {
        delimited(10, &paths.into_iter().flat_map(|path| delimited(10, path.as_bytes())).collect::<Vec<_>>())
    });
    or_nothing(mask)
}

/// A subject, its rules before and after, and values of it.
fn cases() -> impl Strategy<Value = (&'static str, [String; 2], Vec<Vec<u8>>)> {
    prop::sample::select(subjects()).prop_flat_map(|subject| {
        let values = prop::collection::vec((subject.values)(), 24);
        (Just(subject.declared), [options(&subject), options(&subject)], values)
    })
}

/// Messages with oneofs of both sorts, messages within messages, and lists of them; before and after.
fn messages() -> impl Strategy<Value = (String, String)> {
    let rule = |name: &'static str| {
        prop_oneof![
            3 => Just(String::new()),
            1 => Just("required: true".to_owned()),
            1 => (0_u32..3).prop_map(move |least| format!("{name} {{ {least} }}").replace("{ ", "{ min_len: ")),
        ]
    };
    let number =
        prop_oneof![2 => Just(String::new()), 1 => (0_i32..3).prop_map(|n| format!("int32 {{ gte: {n} }}"))];
    let list = prop_oneof![2 => Just(String::new()), 1 => (0_u32..3).prop_map(|n| format!("repeated {{ min_items: {n} }}"))];
    let inner = prop_oneof![3 => Just(""), 1 => Just("required: true"), 1 => Just("ignore: IGNORE_ALWAYS")];
    let oneof = prop_oneof![Just(""), Just("option (buf.validate.oneof).required = true;")];
    let one_of = prop_oneof![
        3 => Just(""),
        1 => Just("option (buf.validate.message).oneof = { fields: ['a', 'b'] };"),
        1 => Just("option (buf.validate.message).oneof = { fields: ['a', 'b'], required: true };"),
        1 => Just("option (buf.validate.message).oneof = { fields: ['a', 'b', 'n'], required: true };"),
    ];
    let side = (rule("string"), rule("string"), number, list, inner, oneof, one_of).prop_map(
        |(a, b, n, items, inner, oneof, one_of)| {
            let option = |rules: &str| {
                if rules.is_empty() {
                    String::new()
                } else {
                    format!(" [(buf.validate.field) = {{ {rules} }}]")
                }
            };
            format!(
                "message M {{ {one_of} string a = 1{}; string b = 2{}; int32 n = 3{}; repeated M items = 4{};
                   M inner = 5{}; oneof c {{ {oneof} string x = 6; int32 y = 7; M z = 8; }} }}",
                option(&a),
                option(&b),
                option(&n),
                option(&items),
                option(inner)
            )
        },
    );
    (side.clone(), side)
}

/// An `M`: fields of it in any order, as deep as `depth`.
fn message(depth: u32) -> BoxedStrategy<Vec<u8>> {
    let text = |tag| text().prop_map(move |text| delimited(tag, text.as_bytes()));
    let number = |tag| (-2_i64..4).prop_map(move |n: i64| [vec![tag], varint(n.cast_unsigned())].concat());
    let mut records: Vec<BoxedStrategy<Vec<u8>>> =
        vec![text(10).boxed(), text(18).boxed(), number(24).boxed(), text(50).boxed(), number(56).boxed()];
    if depth > 0 {
        for tag in [34, 42, 66] {
            records.push(message(depth - 1).prop_map(move |inner| delimited(tag, &inner)).boxed());
        }
    }
    let record = proptest::strategy::Union::new(records);
    prop::collection::vec(record, 0..7).prop_map(|records| records.concat()).boxed()
}

/// Each case compiles two contracts: few by default, many on demand (`PROPTEST_CASES`).
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_not_tightened_refuses_nothing_new((declared, rules, values) in cases()) {
        let [old, new] = rules.map(|rules| party(&format!("message M {{ {declared} f = 1 {rules}; }}")));
        let programs = [&old, &new].map(|party| Program::compile(&party.schema, "t.M"));
        let [Ok(before), Ok(after)] = programs else { return Ok(()) };
        let found = tightened(&old, &new);
        for finding in found.iter().filter(|finding| finding.level == Level::Breaking) {
            if let Some(example) = &finding.example {
                prop_assert!(before.check(&example.bytes, now()).is_ok(), "{:#?}", finding);
                prop_assert!(after.check(&example.bytes, now()).is_err(), "{:#?}", finding);
            }
        }
        if found.is_empty() {
            for bytes in values.iter().filter(|bytes| before.check(bytes, now()).is_ok()) {
                let verdict = after.check(bytes, now());
                prop_assert!(verdict.is_ok(), "{bytes:x?} was accepted: {verdict:?}");
            }
        }
    }

    #[test]
    fn what_nothing_is_said_to_keep_nothing_keeps((declared, [rules, _], values) in cases()) {
        let party = party(&format!("message M {{ {declared} f = 1 {rules}; }}"));
        let Ok(program) = Program::compile(&party.schema, "t.M") else { return Ok(()) };
        let found = contradictions(&party.schema);
        if rules.contains("IF_ZERO") || !found.iter().any(|found| found.unkeepable) {
            return Ok(());
        }
        // What is absent keeps everything, unless absence is zero.
        let may_be_absent = ["optional", "google", "repeated", "map"].iter().any(|way| declared.starts_with(way));
        for bytes in values.iter().filter(|bytes| !(may_be_absent && bytes.is_empty())) {
            prop_assert!(program.check(bytes, now()).is_err(), "{:x?} keeps {:#?}", bytes, found);
        }
    }

    #[test]
    fn what_is_said_to_have_no_end_has_none(
        (text, _) in messages(),
        values in prop::collection::vec(message(2), 48),
    ) {
        let party = party(&text);
        let program = Program::compile(&party.schema, "t.M").unwrap();
        if contradictions(&party.schema).iter().any(|found| found.unkeepable) {
            for bytes in &values {
                prop_assert!(program.check(bytes, now()).is_err(), "{bytes:x?} keeps {text}");
            }
        }
    }

    #[test]
    fn rules_that_stay_are_not_tightened((declared, [rules, _], _) in cases()) {
        let text = format!("message M {{ {declared} f = 1 {rules}; }}");
        prop_assert_eq!(tightened(&party(&text), &party(&text)), []);
    }

    #[test]
    fn whole_messages_that_are_not_tightened_refuse_nothing_new(
        (old, new) in messages(),
        values in prop::collection::vec(message(2), 48),
    ) {
        let [old, new] = [old, new].map(|text| party(&text));
        let programs = [&old, &new].map(|party| Program::compile(&party.schema, "t.M").unwrap());
        let [before, after] = programs;
        let found = tightened(&old, &new);
        for finding in &found {
            if let Some(example) = &finding.example {
                prop_assert!(before.check(&example.bytes, now()).is_ok(), "{:#?}", finding);
                prop_assert!(after.check(&example.bytes, now()).is_err(), "{:#?}", finding);
            }
        }
        let passing: Vec<_> = values.iter().filter(|bytes| before.check(bytes, now()).is_ok()).collect();
        if found.is_empty() {
            for bytes in passing {
                let verdict = after.check(bytes, now());
                prop_assert!(verdict.is_ok(), "{bytes:x?} was accepted: {verdict:?}");
            }
        }
    }
}

/// The same cases every time: which examples can be made is no matter of luck.
#[test]
fn what_is_called_tightened_is_nearly_always_shown() {
    let mut runner = TestRunner::deterministic();
    let (mut shown, mut owed) = (0, 0);
    for _ in 0..150 {
        let (declared, rules, values) = cases().new_tree(&mut runner).unwrap().current();
        let [old, new] = rules.map(|rules| party(&format!("message M {{ {declared} f = 1 {rules}; }}")));
        let programs = [&old, &new].map(|party| Program::compile(&party.schema, "t.M"));
        let [Ok(before), Ok(_)] = programs else { continue };
        // Rules that accept nothing at all leave nothing to show.
        let passes = values.iter().any(|bytes| before.check(bytes, now()).is_ok());
        let breaking = tightened(&old, &new).into_iter().filter(|finding| finding.level == Level::Breaking);
        for finding in breaking {
            shown += u32::from(finding.example.is_some());
            owed += u32::from(finding.example.is_none() && passes);
        }
    }
    assert!(shown > 60 && owed * 20 <= shown, "{shown} shown, {owed} not");
}
