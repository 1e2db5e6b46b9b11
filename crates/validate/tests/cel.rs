//! CEL against what the official runtimes say.
//!
//! `vectors/cel.jsonl` was recorded from protovalidate 2.1 for Python (cel-cpp) and 1.4 for Go (cel-go): one
//! expression over the message `t.M` a line, what is expected, and what a runtime says that says otherwise. The
//! two differ from each other; where they do, what is expected is cel-go's, but
//! - where Go cannot hold a time or duration, or keeps a time zone in a timestamp, which no message has;
//! - where Go lets a map have one key twice, or keys of types that no map has;
//! - where Go looks for types of an `Any` only among those compiled into it.
//!
//! Both say otherwise about one expression: three loops within each other are too dear.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may end here")]

use contract::schema::{FieldKind, Schema};
use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use validate::cel::{CelOutcome, CelRule, Environment};
use validate::pattern::Patterns;
use validate::value::{MessageValue, OwnedMessage, Parts, Source, Type, Value};
use validate::wire::Span;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_763_000_000)
}

fn read(text: &str) -> Schema {
    let set = contract::compile::texts(&[("t.proto", text)]).expect("the schema compiles");
    Schema::read(&set.bytes).expect("the schema is sound")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// For a whole message.
fn environment(schema: &Schema, message: &str) -> Environment {
    let id = schema.message_id(message).unwrap();
    let this = Type::One(FieldKind::Message(id));
    Environment {
        schema: schema.clone(),
        this,
        rules: None,
        rule: None,
        bounds: None,
        around: 0,
        patterns: Patterns::default(),
    }
}

fn message<'a>(schema: &'a Schema, name: &str, bytes: &'a [u8]) -> MessageValue<'a> {
    let parts = Parts::One(Span::whole(bytes).unwrap());
    MessageValue::new(Source { schema, bytes }, schema.message_id(name).unwrap(), parts)
}

/// What an expression says of a message, in the words of the vectors.
fn verdict(schema: &Schema, name: &str, expression: &str, bytes: &[u8]) -> String {
    let rule = match CelRule::compile(expression, &environment(schema, name)) {
        Ok(rule) => rule,
        Err(error) => return format!("error: {error}"),
    };
    match rule.eval(&Value::Message(message(schema, name, bytes)), now()) {
        Ok(CelOutcome::Pass) => "pass".to_owned(),
        Ok(CelOutcome::Fail(None)) => "false".to_owned(),
        Ok(CelOutcome::Fail(Some(text))) => format!("fail: {text}"),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn as_the_official_runtimes() {
    let schema = read(include_str!("vectors/cel.proto"));
    let mut lines = include_str!("vectors/cel.jsonl").lines();
    let head: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut against_both = HashSet::new();
    for line in lines {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let expression = vector["e"].as_str().unwrap();
        let bytes = match vector["m"].as_str().unwrap() {
            "full" => bytes(head["full"].as_str().unwrap()),
            "empty" => Vec::new(),
            hex => bytes(hex),
        };
        let said = verdict(&schema, "t.M", expression, &bytes);
        let short = if said.starts_with("error: ") { "error" } else { &said };
        assert_eq!(short, vector["expect"], "{line}\n{said}");
        if vector.get("python").is_some() && vector.get("go").is_some() {
            against_both.insert(expression.to_owned());
        }
    }
    assert_eq!(against_both.len(), 1, "{against_both:?}");
}

#[test]
fn what_is_wrong_is_said_before_there_is_a_message() {
    let schema = read(include_str!("vectors/cel.proto"));
    let environment = environment(&schema, "t.M");
    for (expression, error) in [
        (
            "this.u32 == 0",
            "no `==` takes (uint, int); a literal of type uint is written `1u`: `this.u32 == 0`",
        ),
        ("this.n.nope > 1", "t.N has no field `nope`"),
        ("this.i32.x == 1", "a value of type int has no field `x`: `this.i32`"),
        ("this.n", "the expression is of type t.N; it must be bool, or string to say why"),
        ("that == 1", "`that` is not declared"),
        ("rule == 1", "`rule` is known to predefined rules only"),
        ("this.s.matches('(')", "no pattern of RE2's syntax: unclosed group"),
        ("this.ts > timestamp('yesterday')", "a string is no timestamp, such as \"2024-02-29T12:00:00Z\""),
        ("this.s.shout()", "there is no method `shout`"),
        ("this.s.startsWith(1)", "no `startsWith` takes (string, int): `this.s.startsWith(1)`"),
        ("this.rn.unique()", "no `unique` takes (list(t.N)): `this.rn.unique()`"),
        ("this.ri.all(x, x)", "the condition of a macro must be bool, not int: `x`"),
        ("this.s.all(x, true)", "a macro goes through a list or map, not string: `this.s`"),
        ("'%s %s'.format([1])", "a format with 2 clauses has 1 arguments"),
        ("'%d'.format(['a'])", "a format's clause Decimal takes no string"),
        (
            "this.ts.getHours('Moon/Sea') > 1",
            "a time zone is no offset such as \"+02:00\", nor a name of the IANA database",
        ),
        ("t.N{i: 'a'} == this.n", "`t.N.i` is of type int, not string"),
        (
            "this.i32 >",
            "Syntax error: mismatched input '<EOF>' expecting expression, at 1:11 of the expression",
        ),
    ] {
        assert_eq!(CelRule::compile(expression, &environment).unwrap_err(), error, "{expression}");
    }
}

#[test]
fn predefined_rules_know_their_rule_and_its_siblings() {
    let schema = read(
        "syntax = \"proto2\"; package p; import \"google/protobuf/wrappers.proto\"; \
         message StringRules { optional uint64 max = 1; repeated string few = 2; extensions 1000 to max; } \
         extend StringRules { optional uint64 longer = 1001; repeated string among = 1002; \
         optional google.protobuf.Int32Value wrapped = 1003; } message M { repeated string s = 1; }",
    );
    let rules: Vec<u8> =
        [&[0x08, 9][..], &[0xc8, 0x3e, 3], &[0xd2, 0x3e, 1, b'a'], &[0xd2, 0x3e, 1, b'b']].concat();
    let owned = OwnedMessage { message: schema.message_id("p.StringRules").unwrap(), bytes: rules.into() };
    let rule = |number| schema.extension("p.StringRules", number).cloned();
    let environment = |number, this| Environment {
        schema: schema.clone(),
        this,
        rules: Some(owned.clone()),
        rule: rule(number),
        bounds: None,
        around: 0,
        patterns: Patterns::default(),
    };
    let check = |number, expression: &str, text: &'static str| {
        let rule = CelRule::compile(expression, &environment(number, Type::One(FieldKind::String))).unwrap();
        rule.eval(&Value::String(text.into()), now()).unwrap() == CelOutcome::Pass
    };
    assert!(check(1001, "uint(size(this)) > rule && rules.max == 9u && !has(rules.few)", "four"));
    assert!(!check(1001, "uint(size(this)) > rule", "abc"));
    assert!(check(1002, "this in rule", "b"));
    assert!(!check(1002, "this in rule", "c"));
    assert!(check(1003, "rule == null", ""));
    let said = CelRule::compile(
        "size(this) > 2 ? 'must be longer than %s, not %s'.format([rule, this]) : ''",
        &environment(1001, Type::One(FieldKind::String)),
    );
    let said = said.unwrap().eval(&Value::String("abc".into()), now()).unwrap();
    assert_eq!(said, CelOutcome::Fail(Some("must be longer than 3, not abc".to_owned())));
    // One expression for lists of anything.
    let environment = environment(1001, Type::List(FieldKind::String));
    let any = CelRule::compile("this.all(x, type(x) != string || size(x) > 1)", &environment).unwrap();
    let bytes = [0x0a, 2, b'a', b'b', 0x0a, 1, b'c'];
    let list = message(&schema, "p.M", &bytes).named("s").unwrap();
    assert_eq!(any.eval(&list, now()).unwrap(), CelOutcome::Fail(None));
}

#[test]
fn values_of_all_kinds_stand_for_this() {
    let schema = read(
        "syntax = \"proto3\"; package p; import \"google/protobuf/wrappers.proto\"; enum E { A = 0; B = 5; } \
         message M { map<string, int32> m = 1; google.protobuf.StringValue w = 2; repeated E e = 3; }",
    );
    let bytes = [0x0a, 5, 0x0a, 1, b'k', 0x10, 7, 0x12, 3, 0x0a, 1, b'x', 0x1a, 2, 0, 5];
    let holds = |field: &str, expression: &str| {
        let all = message(&schema, "p.M", &bytes);
        let descriptor = schema.message("p.M").unwrap().field_named(field).unwrap();
        let environment = Environment {
            schema: schema.clone(),
            this: Type::of(descriptor),
            rules: None,
            rule: None,
            bounds: None,
            around: 0,
            patterns: Patterns::default(),
        };
        let rule = CelRule::compile(expression, &environment).unwrap();
        rule.eval(&all.named(field).unwrap(), now()).unwrap() == CelOutcome::Pass
    };
    assert!(holds("m", "this['k'] == 7 && this.k == 7 && 'k' in this && size(this) == 1"));
    assert!(holds("w", "this == 'x' && this.startsWith('x')"));
    assert!(holds("e", "this == [p.E.A, p.E.B] && this.unique() && this[1] == 5"));
    assert!(holds("e", "now == timestamp(1763000000)"));
}

#[test]
fn what_a_field_says_of_its_size_counts_for_what_it_may_cost() {
    let costs = |field: &str, rules: &str, expression: &str| {
        let text = format!(
            "syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; \
             import \"google/protobuf/wrappers.proto\"; message I {{ string s = 1; int32 n = 2; }} \
             message M {{ {field} a = 1 [(buf.validate.field) = {{ {rules} cel_expression: {expression:?} }}]; }}"
        );
        validate::Program::compile(&read(&text), "p.M").map(drop).map_err(|error| error.reason)
    };
    let pairs = "this.all(a, this.exists_one(b, a == b))";
    let triples = "this.all(a, this.all(b, this.all(c, a != b || b != c)))";
    // Two loops over what nothing bounds pass, whatever it is.
    for field in ["repeated int64", "repeated string", "repeated bytes", "map<string, int32>"] {
        assert_eq!(costs(field, "", pairs), Ok(()), "{field}");
    }
    assert_eq!(costs("repeated I", "", "this.all(a, this.exists_one(b, a.s == b.s))"), Ok(()));
    assert!(costs("repeated I", "", pairs).unwrap_err().contains("steps"));
    // Three do not; with the advice that is given then, they do.
    for (field, advice) in [
        ("repeated int64", "repeated: { max_items: 10 }"),
        ("repeated string", "repeated: { max_items: 10 }"),
        ("repeated I", "repeated: { max_items: 10 }"),
        ("map<string, int32>", "map: { max_pairs: 10 }"),
    ] {
        let refused = costs(field, "", triples).unwrap_err();
        assert!(refused.contains("`repeated.max_items`, `map.max_pairs` or `string.max_len`"), "{refused}");
        assert_eq!(costs(field, advice, triples), Ok(()), "{field}");
    }
    // Long texts count by their bytes, and what bounds them counts in lists too.
    let within = "this.all(a, this.all(b, (a + b).contains(a + b)))";
    assert!(costs("repeated string", "", within).is_err());
    assert_eq!(costs("repeated string", "repeated: { items: { string: { max_len: 4 } } }", within), Ok(()));
    assert_eq!(costs("repeated string", "repeated: { max_items: 9 }", within), Ok(()));
    // Of items, keys, values and wrappers as well.
    let replaced = "this.replace(this, this).replace(this, this) != 'x'";
    for field in ["string", "google.protobuf.StringValue"] {
        assert!(costs(field, "", replaced).is_err(), "{field}");
        assert_eq!(costs(field, "string: { max_bytes: 20 }", replaced), Ok(()), "{field}");
    }
    let items = |bound: &str| format!("repeated: {{ items: {{ {bound} cel_expression: {replaced:?} }} }}");
    assert!(costs("repeated string", &items(""), "true").is_err());
    assert_eq!(costs("repeated string", &items("string: { len: 5 }"), "true"), Ok(()));
}

#[test]
fn predefined_rules_are_checked_where_they_are_declared() {
    let found = |extendee: &str, ty: &str, expression: &str| {
        let schema = read(&format!(
            "syntax = \"proto2\"; package p; import \"buf/validate/validate.proto\"; \
             import \"google/protobuf/timestamp.proto\"; extend buf.validate.{extendee} {{ \
             optional {ty} mine = 80000 [(buf.validate.predefined).cel = {{ id: 'mine' expression: {expression:?} }}]; }}"
        ));
        validate::check_predefined(&schema).into_iter().map(|error| error.to_string()).collect::<Vec<_>>()
    };
    let wrong = found("StringRules", "int64", "this + 1 == 'a'");
    assert_eq!(wrong.len(), 1);
    assert!(
        wrong[0].starts_with("t.proto:1:") && wrong[0].contains("no `+` takes (string, int)"),
        "{wrong:?}"
    );
    let nothing: [&str; 0] = [];
    for (extendee, ty, expression) in [
        ("StringRules", "int64", "size(this) > rule && rules.min_len < 7u"),
        ("Int32Rules", "int32", "this % rule == 0"),
        ("EnumRules", "bool", "this > 3 || !rule"),
        ("UInt64Rules", "uint64", "this > rule"),
        ("RepeatedRules", "bool", "!rule || this.all(x, x == this[0])"),
        ("MapRules", "bool", "!rule || this.all(k, this[k] != 0)"),
        ("TimestampRules", "google.protobuf.Timestamp", "this > rule"),
        // What it costs is known where it is used.
        ("RepeatedRules", "bool", "this.all(a, this.all(b, this.all(c, a == b || b == c)))"),
    ] {
        assert_eq!(found(extendee, ty, expression), nothing, "{expression}");
    }
}

#[test]
fn what_takes_too_long_stops() {
    let schema = read(
        "syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; message M { \
         repeated int32 a = 1; repeated int32 b = 2 [(buf.validate.field).repeated.max_items = 10]; \
         repeated string s = 3; int32 limit = 4; }",
    );
    let compile = |expression: &str| CelRule::compile(expression, &environment(&schema, "p.M"));
    let thrice = |a: &str| format!("this.{a}.all(x, this.{a}.all(y, this.{a}.all(z, x + y + z > 0)))");
    let error = compile(&thrice("a")).unwrap_err();
    assert!(error.contains("steps") && error.contains("max_items"), "{error}");
    // What the schema bounds may loop.
    drop(compile(&thrice("b")).unwrap());

    // Ten thousand items: a loop within a loop is more than the budget, one loop is not.
    let mut items = vec![0x0a, 0x90, 0x4e];
    items.extend(std::iter::repeat_n(1, 10_000));
    items.extend([0x20, 5]);
    let this = Value::Message(message(&schema, "p.M", &items));
    let nested = compile("this.a.all(x, this.a.all(y, x + y > 0))").unwrap();
    let error = nested.eval(&this, now()).unwrap_err();
    assert_eq!(error, "the message needs more steps than a check may take");
    // Nor does `||` hide that.
    let hidden = compile("this.a.all(x, this.a.all(y, x + y > 0)) || true").unwrap();
    drop(hidden.eval(&this, now()).unwrap_err());
    // What no item changes is read once: 10 000 times through 10 000 bytes would be too much.
    let once = compile("this.a.all(x, x < this.limit && size(this.a) > x)").unwrap();
    assert_eq!(once.eval(&this, now()).unwrap(), CelOutcome::Pass);
    // Texts do not grow without end either.
    let doubled = "this.s.map(a, this.s.map(b, a + b)).map(l, l.join().replace('a', l.join())).join() == ''";
    let long = format!("\u{1a}\u{64}{}", "a".repeat(100)).repeat(300);
    let texts = Value::Message(message(&schema, "p.M", long.as_bytes()));
    match compile(doubled) {
        Ok(rule) => drop(rule.eval(&texts, now()).unwrap_err()),
        Err(error) => assert!(error.contains("steps"), "{error}"),
    }
}

#[test]
fn what_is_deep_fits_the_stack_or_is_refused() {
    let schema = read(include_str!("vectors/cel.proto"));
    let shapes: [fn(usize) -> String; 5] = [
        |depth| format!("this.i32{} < 1000", " + 1".repeat(depth)),
        |depth| format!("{}true", "this.b ? false : ".repeat(depth)),
        |depth| format!("{}this.b", "!".repeat(2 * depth)),
        |depth| format!("{}{} != []", "[".repeat(depth.min(45)), "]".repeat(depth.min(45))),
        |depth| format!("this{}.i == 0", ".n".repeat(depth)),
    ];
    for shape in shapes {
        let said = verdict(&schema, "t.M", &shape(140), &[]);
        assert!(["pass", "false"].contains(&said.as_str()) || said.contains("nests more"), "{said}");
        let refused = CelRule::compile(&shape(400), &environment(&schema, "t.M"));
        assert!(refused.is_err() || shape(400) == shape(140));
    }
}

#[test]
fn what_passes_costs_no_memory() {
    let schema = read(include_str!("vectors/cel.proto"));
    let bytes = [0x08, 5, 0x10, 9, 0x5a, 3, b'a', b'b', b'c', 0x7a, 3, 1, 2, 3, 0x8a, 1, 2, 0x08, 7];
    let bytes = [&bytes[..], &[0x82, 1, 3, b'o', b'n', b'e', 0x82, 1, 3, b't', b'w', b'o']].concat();
    let this = Value::Message(message(&schema, "t.M", &bytes));
    for expression in [
        "this.i32 < this.i64",
        "this.i32 + 4 <= this.i64 && !has(this.n) && this.ts <= now",
        "this.s.size() == 3 && this.s.startsWith('a') && this.s.matches('^[a-c]+$') && !this.s.isEmail()",
        "this.ri.all(x, x < this.i64) && this.rn.exists(n, n.i == 7)",
        "this.s in ['x', 'abc'] && this.e in [t.E.E_ZERO, t.E.E_ONE]",
        "this.i32 < 0 ? 'must not be negative' : ''",
        // Lists that are made live in the thread's room.
        "this.rn.map(n, n.i).unique() && this.rs.unique() && this.ri.unique()",
        "this.rn.filter(n, n.i > 0).size() == 1 && this.ri.map(x, x * 2).all(x, x < 7)",
        "this.ri == [1, 2, 3] && this.ri.exists_one(x, x == 2) && size(this.ri + this.ri) == 6",
        "this.ri.all(a, a > 0) && this.ri.all(b, b > 0) && this.ri.all(c, c > 0) && this.ri.all(d, d > 0) \
         && this.ri.all(e, this.ri.all(f, e + f > 0))",
        "this.ri.map(x, [x, x]).all(pair, pair[0] == pair[1])",
        "dyn(this.ri).exists(x, x == 2.0) && this.by == b'' && this.n == this.on",
    ] {
        let rule = CelRule::compile(expression, &environment(&schema, "t.M")).unwrap();
        let check = || assert_eq!(rule.eval(&this, now()), Ok(CelOutcome::Pass), "{expression}");
        check();
        assert_eq!(allocation_counter::measure(check).count_total, 0, "{expression}");
    }
}

#[test]
fn lists_that_are_made_are_bounded_and_forgotten() {
    let schema = read(include_str!("vectors/cel.proto"));
    // 1 200 000 items.
    let mut bytes = vec![0x7a, 0x80, 0x9f, 0x49];
    bytes.extend(std::iter::repeat_n(1, 1_200_000));
    let this = Value::Message(message(&schema, "t.M", &bytes));
    let answer = |expression: &str| {
        let rule = CelRule::compile(expression, &environment(&schema, "t.M")).unwrap();
        rule.eval_within(&this, now(), &mut validate::Steps::for_message(bytes.len()))
    };
    assert_eq!(answer("this.ri.all(x, x == 1)"), Ok(CelOutcome::Pass));
    let error = answer("size(this.ri.map(x, x)) > 0").unwrap_err();
    assert_eq!(error, "the message needs more steps than a check may take");
    // What the condition of one item makes is not there for the next.
    assert_eq!(answer("this.ri.all(x, size([x, x, x]) == 3)"), Ok(CelOutcome::Pass));
    // What fails half-made leaves nothing behind for the list around it.
    let odd = "[1, 2].map(x, [[x, 1 / (x - 1)][0], x] == [x, x] || true)";
    assert_eq!(answer(&format!("{odd} == [true, true]")), Ok(CelOutcome::Pass));
}

#[test]
fn whoever_reads_what_may_not_be_shown_says_so() {
    let schema = read(
        "syntax = \"proto3\"; package p; message M { string secret = 1 [debug_redact = true]; string open = 2; }",
    );
    let reads =
        |expression| CelRule::compile(expression, &environment(&schema, "p.M")).unwrap().reads_masked();
    assert!(reads("this.secret + ' is no name'"));
    assert!(reads("has(this.secret)"));
    assert!(!reads("this.open == ''"));
    // Nor do errors tell of values.
    let bytes = [0x0a, 3, b'k', b'e', b'y'];
    let error = verdict(&schema, "p.M", "int(this.secret) > 0", &bytes);
    assert_eq!(error, "error: a string cannot be read as int");
}

#[test]
fn what_fails_whatever_the_message_is_fails_before_there_is_one() {
    let schema = read(include_str!("vectors/cel.proto"));
    let compile = |expression: &str| CelRule::compile(expression, &environment(&schema, "t.M")).map(drop);
    for expression in [
        "1 / 0 == 1",
        "[1][5] == 1 ? this.b : !this.b",
        "{'a': 1}.b == 1",
        "'abc'.substring(5) == ''",
        "this.i64 > 9223372036854775807 + 1",
        "{1: 2, 1: 3}.size() > 0",
        "dyn(1) + 'a' == 'b'",
        "[1 % 0].all(x, x == this.i32)",
        "this.i32 in [1, 5 / 0]",
        "t.N{i: 99999999999}.i > 0",
        "t.N{i: 99999999999, s: this.s}.i > 0",
    ] {
        let error = compile(expression).unwrap_err();
        assert!(
            error.contains("whatever the message is") || error.contains("32 bits"),
            "{expression}: {error}"
        );
    }
    // One side may do without the other, a choice without what is not chosen, a loop without items.
    for expression in [
        "this.b || 1 / 0 == 1",
        "false && [1][5] == 1",
        "this.b ? this.i32 > 1 / 0 : true",
        "this.ri.all(x, x > 1 / 0)",
        "[1, 2].all(x, 10 / x > 0) && [0].map(x, x + 1)[0] == 1",
        "t.N{i: 2147483647, oi: -1}.i > 0",
    ] {
        assert_eq!(compile(expression), Ok(()), "{expression}");
    }
}

#[test]
fn whether_a_field_is_there_costs_no_more_than_to_look() {
    let schema = read(
        "syntax = \"proto3\"; package p; import \"google/protobuf/struct.proto\"; \
         message M { map<string, google.protobuf.Struct> m = 1; repeated google.protobuf.Struct r = 2; M n = 3; }",
    );
    let most =
        |expression: &str| CelRule::compile(expression, &environment(&schema, "p.M")).unwrap().most_steps();
    for expression in ["has(this.m)", "has(this.r)", "has(this.n.m)", "has(dyn(this).m)"] {
        assert!(most(expression) < 500, "{expression}: {}", most(expression));
    }
}

#[test]
fn durations_are_computed_with_as_far_as_64_bits_reach() {
    let said = |expression: &str, seconds: i64| {
        let schema = read(
            "syntax = \"proto3\"; package p; import \"google/protobuf/duration.proto\"; \
             message M { google.protobuf.Duration d = 1; }",
        );
        let mut number = vec![8];
        let mut rest = seconds.cast_unsigned();
        while rest >= 0x80 {
            number.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        number.push(rest.to_le_bytes()[0]);
        let bytes = [vec![10, u8::try_from(number.len()).unwrap()], number].concat();
        verdict(&schema, "p.M", expression, &bytes)
    };
    for seconds in [253_402_300_799, 315_576_000_000] {
        assert_eq!(said("this.d - duration('1s') > duration('5s')", seconds), "pass");
        assert!(said("this.d + duration('1s') > duration('5s')", seconds).contains("overflows"));
        assert_eq!(said("this.d + duration('1s') > duration('5s')", -seconds), "false");
        assert_eq!(said("this.d - this.d == duration('0s')", seconds), "pass");
    }
}
