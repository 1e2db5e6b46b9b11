//! What a check may spend, and that it is enough: whatever the message, no more than so much work and so much memory; and
//! never too little for a message within the bounds of its rules.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use contract::schema::{FieldKind, Schema};
use support::{delimited, now};
use validate::cel::{CelOutcome, CelRule, Environment};
use validate::pattern::Patterns;
use validate::value::{MessageValue, Parts, Source, Type, Value};
use validate::wire::Span;
use validate::{Failure, Program, Steps};

fn schema(body: &str) -> Schema {
    let text = format!("syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; {body}");
    Schema::read(&contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

fn program(body: &str) -> Program {
    Program::compile(&schema(body), "p.M").unwrap()
}

/// What a check spends, and whether that was not enough.
fn spent(program: &Program, bytes: &[u8]) -> (u64, bool) {
    let mut steps = program.steps(bytes.len());
    let verdict = program.examine_within(bytes, now(), &mut steps);
    (steps.spent(), matches!(verdict, Err(Failure::Runtime(error)) if error.too_dear))
}

const LOOP: &str = "message M { Sub sub = 1; } message Sub { repeated int32 li = 1; \
    option (buf.validate.message).cel = { id: 'c' expression: 'this.li.all(i, this.li[i] >= 0)' }; }";

#[test]
fn parts_without_anything_cost_nothing() {
    let program = program(LOOP);
    let list = delimited(1, &delimited(1, &[0; 500]));
    let (whole, dear) = spent(&program, &list);
    assert!(!dear && whole > 500);
    let parts = [[10, 0].repeat(200_000), list.clone(), [10, 0].repeat(200_000)].concat();
    assert_eq!(spent(&program, &parts), (whole, false));
    // One that is there is set, empty or not.
    let body =
        "message M { Sub sub = 1 [(buf.validate.field).required = true]; } message Sub { int32 a = 1; }";
    let required = support::program(
        &format!("syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; {body}"),
        "p.M",
    );
    for bytes in [&[10, 0][..], &[10, 0, 10, 0], &[10, 0, 10, 2, 8, 1, 10, 0]] {
        assert_eq!(required.check(bytes, now()), Ok(()));
    }
}

#[test]
fn each_part_is_paid_for() {
    let program = program(LOOP);
    // A part for each item.
    let parts = delimited(1, &[8, 0]).repeat(20_000);
    let (steps, dear) = spent(&program, &parts);
    assert!(!dear && steps > 2 * 20_000, "{steps}");
    // Backwards, every item is looked for from the beginning.
    let backwards = LOOP.replace("this.li[i] >= 0", "this.li[size(this.li) - 1 - i] >= 0");
    let program = support::program(
        &format!("syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; {backwards}"),
        "p.M",
    );
    let parts: Vec<u8> = (0..20_000_u32)
        .flat_map(|at| {
            let low = u8::try_from(at & 0x7f).unwrap() | 0x80;
            let (mid, high) = (u8::try_from(at >> 7 & 0x7f).unwrap() | 0x80, u8::try_from(at >> 14).unwrap());
            delimited(1, &[8, low, mid, high])
        })
        .collect();
    assert!(spent(&program, &parts).1);
}

#[test]
fn what_is_made_has_so_much_room() {
    for expression in [
        "this.rs.join(this.s).size() > 0",
        "this.rs.map(x, x + this.s).size() > 0",
        "this.rs.map(x, [x, x]).map(x, [x, x]).size() > 0",
        "'%s %s'.format([this.rs.map(x, this.s), this.s]).size() > 0",
        "this.s.split('').size() > 0",
        "this.s.replace('', this.s).size() > 0",
        "this.rs.all(x, (this.s + x).size() > 0 && this.s.lowerAscii().size() > 0)",
        "this.m.all(k, this.m[k] != k)",
        "this.rs.map(x, B{s: this.s}).size() > 0",
        "[B{s: this.s, rs: this.rs}].map(b, B{bs: [b, b, b]}).map(b, B{bs: [b, b, b]}).size() > 0",
        "B{m: this.m} == B{m: this.m}",
    ] {
        let program = program(&format!(
            "message M {{ repeated string rs = 1; string s = 2; map<string, string> m = 3; \
             option (buf.validate.message).cel = {{ id: 'c' expression: \"{}\" }}; }} \
             message B {{ string s = 1; repeated B bs = 2; repeated string rs = 3; map<string, string> m = 4; }}",
            expression.replace("B{", "p.B{")
        ));
        let entry = |at: u32| delimited(3, &delimited(1, &at.to_be_bytes().map(|byte| byte & 0x7f)));
        let bytes = [
            [10, 1, b'a'].repeat(150_000),
            delimited(2, "x".repeat(500_000).as_bytes()),
            (0..60_000).flat_map(entry).collect(),
        ]
        .concat();
        let mut steps = program.steps(bytes.len());
        let measured = allocation_counter::measure(|| {
            // Be it too much or not.
            drop(program.examine_within(&bytes, now(), &mut steps));
        });
        let room = (16 << 20) + 4 * bytes.len() as u64;
        assert!(measured.bytes_max < 3 * room, "{expression}: {} MiB", measured.bytes_max >> 20);
    }
}

/// A message whose every field has bounds.
const BOUNDED: &str = "
message M {
  repeated Item items = 1 [(buf.validate.field).repeated.max_items = 40];
  string s = 2 [(buf.validate.field).string.max_len = 30];
  bytes b = 3 [(buf.validate.field).bytes.max_len = 70];
  repeated int32 li = 4 [(buf.validate.field).repeated.max_items = 50];
  repeated string ls = 5 [(buf.validate.field).repeated = { max_items: 20 items: { string: { max_bytes: 60 } } }];
  map<string, string> m = 6 [(buf.validate.field).map = {
    max_pairs: 16 keys: { string: { max_bytes: 20 } } values: { string: { max_bytes: 40 } } }];
  Sub sub = 7;
  map<int32, Sub> ms = 8 [(buf.validate.field).map.max_pairs = 8];
}
message Item {
  string id = 1 [(buf.validate.field).string.max_len = 20];
  string sku = 2 [(buf.validate.field).string.max_bytes = 20];
  bytes picture = 3 [(buf.validate.field).bytes.max_len = 60000];
  repeated string tags = 4 [(buf.validate.field).repeated = { max_items: 5 items: { string: { max_len: 9 } } }];
}
message Sub {
  oneof o { int32 x = 1; string y = 2 [(buf.validate.field).string.max_bytes = 50]; }
  Sub2 deep = 3;
  repeated int64 n = 4 [(buf.validate.field).repeated.max_items = 12];
}
message Sub2 { string t = 1 [(buf.validate.field).string.max_bytes = 100]; double d = 2; }
";

/// The largest message that obeys: every text is as long as it may be, and the same as the others as far as that goes.
fn largest() -> Vec<u8> {
    let text = |number, bytes: usize| delimited(number, "\u{1d11e}".repeat(bytes / 4).as_bytes());
    let tags = text(4, 36).repeat(5);
    let item = [text(1, 80), text(2, 20), delimited(3, &vec![7; 60_000]), tags].concat();
    let sub2 = [text(1, 100), vec![17, 0, 0, 0, 0, 0, 0, 240, 63]].concat();
    let sub = [text(2, 48), delimited(3, &sub2), delimited(4, &[1; 12])].concat();
    let pair = |at: u8| delimited(6, &[delimited(1, &[b'a' + at; 20]), text(2, 40)].concat());
    let of_sub = |at: u8| delimited(8, &[vec![8, at], delimited(2, &sub)].concat());
    [
        delimited(1, &item).repeat(40),
        text(2, 120),
        delimited(3, &[b'z'; 70]),
        delimited(4, &(0..50).collect::<Vec<u8>>()),
        text(5, 60).repeat(20),
        (0..16).flat_map(pair).collect(),
        delimited(7, &sub),
        (1..9).flat_map(of_sub).collect(),
    ]
    .concat()
}

const EXPRESSIONS: &[&str] = &[
    "this.items.all(a, this.items.exists_one(b, b.id == a.id && b.sku == a.sku))",
    "this.items.all(a, this.items.exists(b, b.id + '/' + b.sku == a.sku + '/' + a.id))",
    "this.items.all(a, a == this.items[0])",
    "this.items.all(a, a.tags.all(t, this.ls.all(s, s != t)))",
    "this.items.map(a, a.id).unique() || this.items.map(a, size(a.picture)).unique()",
    "this.items.filter(a, a.tags.size() > 2).map(a, a.tags.join(',')).all(t, t.size() > 3)",
    "this.li.all(i, this.li[i] == i) && this.li.all(i, this.li[49 - i] >= 0)",
    "this.li.all(i, i in this.li) && !this.li.exists(i, i > 60) && this.li.unique()",
    "this.ls.all(a, this.ls.all(b, a == b && a <= b && !(a < b) && a.contains(b)))",
    "this.ls == this.ls && this.li + this.li != this.li && this.ls.unique() != true",
    "this.m.all(k, this.m[k] == this.m['aaaaaaaaaaaaaaaaaaaa'] || k in this.m)",
    "this.m == this.m && this.items.all(i, this.m.all(k, k != i.id))",
    "this.ms.all(k, this.ms[k].deep.t == this.sub.deep.t && this.ms[k] == this.sub)",
    "has(this.sub.y) && this.sub.y.size() > 1 && this.sub == this.sub && has(this.sub.deep)",
    "'%s %s %x %d'.format([this.s, this.ls, this.b, this.li[3]]).size() > 0",
    "'%s'.format([this.m]).size() > 0 && this.items.all(i, '%s:%s'.format([i.id, i.tags]) != '')",
    "this.s.lowerAscii().upperAscii().trim().reverse().size() > 0 && strings.quote(this.s) != ''",
    "this.s.replace('\u{1d11e}', this.s).split('').size() > 0 && this.s.split('a').join('b') != ''",
    "this.s.indexOf('a') < 0 && this.s.lastIndexOf('\u{1d11e}', 3) == 3 && this.s.substring(1, 9) != this.s.charAt(2)",
    "!this.s.isEmail() && !this.s.isUri() && !this.s.isHostname() && !this.s.isIp() && !this.s.isUriRef()",
    "this.s.matches('^\\\\PL+$') && this.ls.all(s, s.matches('^[^a]*$'))",
    "p.Sub{deep: this.sub.deep, n: this.sub.n} != this.sub && this.items.all(i, p.Item{id: i.id, tags: i.tags} != i)",
    "{'a': this.s, 'b': this.sub.deep.t}['a'] == this.s && this.items.all(i, {i.id: 1}[i.id] == 1)",
    "this.li.map(i, [i, i]).map(p, p + p).all(p, p.size() == 4 && p == [p[0], p[0], p[0], p[0]])",
    "string(this.b).size() == 70 && bytes(this.s).size() == 120 && int('7') + this.li[1] > 0 && double(this.li[2]) > 0.0",
    "this.sub.n.all(n, timestamp(n).getHours('Europe/Berlin') >= 0 && duration('1s') < now - timestamp(n))",
    "this.li.all(i, this.ls.all(s, string(i) != s)) ? this.s.endsWith('\u{1d11e}') : false",
    "dyn(this.li).exists(x, x == 2.0) || type(this.sub) == p.Sub || this.b == b'' || size(this.m) in [16, 17]",
];

#[test]
fn an_estimate_is_enough_for_whatever_its_bounds_admit() {
    let (schema, bytes) = (schema(BOUNDED), largest());
    Program::compile(&schema, "p.M").unwrap().check(&bytes, now()).unwrap();
    let id = schema.message_id("p.M").unwrap();
    let span = Span::whole(&bytes).unwrap();
    let this = MessageValue::new(Source { schema: &schema, bytes: &bytes }, id, Parts::One(span));
    let (mut judged, mut wrong) = (0, Vec::new());
    for expression in EXPRESSIONS {
        let environment = Environment {
            schema: schema.clone(),
            this: Type::One(FieldKind::Message(id)),
            rules: None,
            rule: None,
            bounds: None,
            around: 0,
            patterns: Patterns::default(),
        };
        let Ok(rule) = CelRule::compile(expression, &environment) else {
            wrong.push(format!("{expression}: {}", CelRule::compile(expression, &environment).unwrap_err()));
            continue;
        };
        judged += 1;
        // The states of patterns are nobody's.
        for _ in 0..3 {
            drop(rule.eval(&Value::Message(this.clone()), now()));
        }
        let mut steps = Steps::for_message(bytes.len());
        let outcome = rule.eval_within(&Value::Message(this.clone()), now(), &mut steps);
        if steps.spent() > rule.most_steps() as u64 {
            wrong.push(format!("{expression}: {} > {} ({outcome:?})", steps.spent(), rule.most_steps()));
        }
        if !matches!(outcome, Ok(CelOutcome::Pass | CelOutcome::Fail(None))) {
            wrong.push(format!("{expression}: {outcome:?}"));
        }
    }
    assert!(wrong.is_empty() && judged > 20, "{wrong:#?}");
}

#[test]
fn what_the_contract_accepts_is_judged_to_the_end() {
    // Two loops within each other over large messages: what is not read of them costs nothing.
    let basket = "message M { repeated Item items = 1 [(buf.validate.field).repeated.max_items = 60]; \
        option (buf.validate.message).cel = { id: 'c' \
        expression: 'this.items.all(a, this.items.exists_one(b, b.id == a.id && b.sku == a.sku))' }; } \
        message Item { string id = 1 [(buf.validate.field).string.max_len = 20]; \
        string sku = 2 [(buf.validate.field).string.max_len = 20]; \
        bytes picture = 3 [(buf.validate.field).bytes.max_len = 60000]; }";
    let item = [delimited(1, b"a"), delimited(2, b"b"), delimited(3, &vec![0; 59_900])].concat();
    assert!(!spent(&program(basket), &item_list(&item, 60)).1);

    // Each of many messages within each other, more than a message of that size could spend otherwise.
    let nested = |most: u32| {
        format!(
            "message M {{ repeated Item items = 1 [(buf.validate.field).repeated.max_items = {most}]; }} \
             message Item {{ repeated int32 li = 1 [(buf.validate.field).repeated.max_items = 100]; \
             string s = 2 [(buf.validate.field).string = {{ max_len: 9 pattern: '^[a-z]*$' }}]; \
             option (buf.validate.message).cel = {{ id: 'c' \
             expression: 'this.li.all(a, this.li.all(b, a + b < 9))' }}; }}"
        )
    };
    let item = delimited(1, &[1; 100]);
    let bytes = item_list(&item, 200);
    let (steps, dear) = spent(&program(&nested(200)), &bytes);
    assert!(!dear && steps > Steps::for_message(bytes.len()).left(), "{steps}");
    // Where nothing says how many there may be, a message has what its size gives it.
    assert!(spent(&program(&nested(0).replace("max_items = 0", "min_items = 0")), &bytes).1);
    // Rules that nobody could pay for are refused where they are written.
    let text =
        format!("syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; {}", nested(9000));
    let set = contract::compile::texts(&[("t.proto", &text)]).unwrap();
    let schema = Schema::read(&set.bytes).unwrap();
    let refused = Program::compile(&schema, "p.M").unwrap_err();
    assert!(refused.to_string().starts_with("t.proto:1:"), "{refused}");
    assert!(refused.reason.contains("may need") && refused.reason.contains("`max_items`"), "{refused}");
    assert_eq!(validate::check_rules(&schema, ["p.M"]), [refused]);
    assert_eq!(validate::check_rules(&schema, ["p.Item"]), []);
}

/// What may be in a contract of this body, in one line.
fn refused(body: &str) -> Option<String> {
    let schema = schema(body);
    let found: Vec<String> =
        validate::check_rules(&schema, ["p.M"]).into_iter().map(|error| error.to_string()).collect();
    assert_eq!(found.first().cloned(), Program::compile(&schema, "p.M").err().map(|error| error.to_string()));
    found.into_iter().next()
}

#[test]
fn a_type_that_holds_itself_is_counted_two_levels_deep() {
    let dear = "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, a * b > 0))";
    let tree = |most: u32, expression: &str| {
        format!(
            "message M {{ repeated M kids = 1 [(buf.validate.field).repeated.max_items = {most}]; \
             option (buf.validate.message).cel = {{ id: 'c' expression: '{expression}' }}; }}"
        )
    };
    let mutual = |most: u32| {
        format!(
            "message M {{ repeated N kids = 1 [(buf.validate.field).repeated.max_items = {most}]; \
             option (buf.validate.message).cel = {{ id: 'c' expression: '{dear}' }}; }} \
             message N {{ repeated M kids = 1 [(buf.validate.field).repeated.max_items = {most}]; }}"
        )
    };
    for body in [tree(400, dear), mutual(400)] {
        let line = refused(&body).unwrap();
        assert!(line.starts_with("t.proto:1:") && line.contains("may need"), "{line}");
    }
    assert_eq!(refused(&tree(100, "this.kids.size() != 7")), None);
    assert_eq!(refused(&mutual(20)), None);
    // Two levels are judged to the end.
    let program = program(&tree(80, dear));
    let bytes = item_list(&item_list(&[], 80), 80);
    let (steps, is_dear) = spent(&program, &bytes);
    assert!(!is_dear && steps > 4 << 20, "{steps}");
}

fn item_list(item: &[u8], many: usize) -> Vec<u8> {
    delimited(1, item).repeat(many)
}
