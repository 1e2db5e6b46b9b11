//! What happens once a message has spent its steps, or has broken as many rules as are told: nothing that costs.

#![allow(clippy::unwrap_used, reason = "tests may end here")]

mod support;

use support::{delimited, now};
use validate::{Failure, Program};

fn program(body: &str) -> Program {
    let text = format!("syntax = \"proto3\"; package p; import \"buf/validate/validate.proto\"; {body}");
    support::program(&text, "p.M")
}

/// What is said of a message: "field rule" of each violation, or the rule that is too dear; and the steps spent.
fn judged(program: &Program, bytes: &[u8]) -> (Vec<String>, u64) {
    let mut steps = program.steps(bytes.len());
    let said = match program.examine_within(bytes, now(), &mut steps) {
        Ok(()) => Vec::new(),
        Err(Failure::Violations(found)) => {
            found.0.iter().map(|one| format!("{} {}", one.field, one.rule_id)).collect()
        }
        Err(Failure::Runtime(error)) if error.too_dear => vec![format!("too dear: {}", error.rule_id)],
        Err(error) => vec![error.to_string()],
    };
    (said, steps.spent())
}

fn numbered(declaration: &str, count: usize, options: &str) -> String {
    (1..=count).map(|at| format!("{declaration}{at} = {at} {options}; ")).collect()
}

#[test]
fn nothing_is_matched_after_a_hundred_violations() {
    let pattern = "[(buf.validate.field).repeated.items.string.pattern = '^a$']";
    let program = program(&format!("message M {{ repeated string s = 1 {pattern}; }}"));
    let (first, _) = judged(&program, &[10, 0].repeat(100));
    let (found, steps) = judged(&program, &[10, 0].repeat(100_000));
    assert_eq!((found, first.len()), (first, 100));
    assert!(steps < 50_000, "{steps}");
}

#[test]
fn no_states_are_built_that_nobody_can_pay_for() {
    let program = program(
        "message M { repeated string s = 1 [(buf.validate.field).repeated.items.string.pattern = '[ab]*a[ab]{500}c']; }",
    );
    let mut seed = 7_u32;
    let mut letter = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if seed >> 30 & 1 == 0 { b'a' } else { b'b' }
    };
    let texts = (0..300).flat_map(|_| delimited(1, &std::array::from_fn::<u8, 1000, _>(|_| letter())));
    let bytes: Vec<u8> = texts.collect();
    let mut said = Vec::new();
    let measured = allocation_counter::measure(|| said = judged(&program, &bytes).0);
    // Those that were found before are told.
    assert!(said.len() < 100, "{said:?}");
    // Four bytes a step.
    assert!(measured.bytes_total < 100 << 20, "{} MiB", measured.bytes_total >> 20);
}

#[test]
fn looking_for_what_is_not_there_is_paid_for() {
    let fields = numbered("string f", 1000, "[(buf.validate.field).string.max_len = 9]");
    let program = program(&format!(
        "message M {{ repeated I all = 1 [(buf.validate.field).repeated.min_items = 1]; }} message I {{ {fields} }}"
    ));
    assert_eq!(judged(&program, &[10, 0].repeat(1000)).0, [""; 0]);
    let (said, steps) = judged(&program, &[10, 0].repeat(200_000));
    assert_eq!((said, steps), (vec!["too dear: string.max_len".to_owned()], (4 << 20) + 8 * 400_000));
}

#[test]
fn so_many_as_a_contract_admits_are_looked_at() {
    let fields = numbered("string f", 300, "[(buf.validate.field).string.max_len = 9]");
    let program = program(&format!(
        "message M {{ repeated I all = 1 [(buf.validate.field).repeated.max_items = 20000]; }} message I {{ {fields} }}"
    ));
    let (said, steps) = judged(&program, &[10, 0].repeat(20_000));
    assert_eq!(said, [""; 0]);
    assert!(steps > 4 << 20, "{steps}");
}

#[test]
fn whether_a_message_is_empty_is_asked_as_long_as_there_are_steps() {
    let program = program(&format!(
        "message M {{ string a = 1 [(buf.validate.field).string.max_len = 9]; \
         repeated I all = 2 [(buf.validate.field).repeated.items = {{ ignore: IGNORE_IF_ZERO_VALUE \
         cel: {{ id: 'c' expression: 'true' }} }}]; }} message I {{ {} }}",
        numbered("int32 f", 500, "")
    ));
    // Nobody knows before the end that zero stays the last word.
    let item = delimited(2, &[8, 1, 8, 0].repeat(1000));
    assert_eq!(judged(&program, &item).0, [""; 0]);
    let (said, steps) = judged(&program, &item.repeat(100));
    assert_eq!((said, steps), (vec!["too dear: c".to_owned()], (4 << 20) + 8 * 100 * item.len() as u64));
    // One that was written in the usual way is read once.
    let (said, steps) = judged(&program, &delimited(2, &[8, 0].repeat(40_000)));
    assert_eq!(said, [""; 0]);
    assert!(steps < 40_000 * 65, "{steps}");
}

#[test]
fn what_is_too_long_is_refused_for_that_whatever_it_costs() {
    let program = program(
        "message M { repeated O orders = 1; } message O { repeated L lines = 1 [(buf.validate.field) = { \
         cel: { id: 'differ' expression: 'this.filter(a, this.filter(b, b.id == a.id).size() == 1).size() == 51' } repeated: { max_items: 50 } }]; } \
         message L { string id = 1 [(buf.validate.field).string.max_len = 36]; }",
    );
    let lines = |count: usize| delimited(1, &[10, 2, 10, 0].repeat(count));
    assert_eq!(
        judged(&program, &lines(51)).0,
        ["orders[0].lines differ", "orders[0].lines repeated.max_items"]
    );
    assert_eq!(judged(&program, &lines(100_000)).0, ["orders[0].lines repeated.max_items"]);
    // What broke a rule before is told too, and all the bytes are sound.
    let long = [lines(51), lines(100_000)].concat();
    assert_eq!(judged(&program, &long).0, ["orders[0].lines differ", "orders[0].lines repeated.max_items"]);
    let cut = [lines(100_000), delimited(1, &[10, 7])].concat();
    assert_eq!(judged(&program, &cut).0, ["the message ends in the middle of a field"]);
}

#[test]
fn parts_are_paid_for_each_time_they_are_listed() {
    let lists = numbered(
        "repeated int32 f",
        400,
        "[(buf.validate.field).cel = { id: 'c' expression: 'this.size() < 9' }]",
    );
    let program = program(&format!("message M {{ I i = 1; }} message I {{ {lists} string z = 999; }}"));
    let part = delimited(1, &delimited(999, b"z"));
    assert_eq!(judged(&program, &part.repeat(2)).0, [""; 0]);
    assert_eq!(judged(&program, &part.repeat(50_000)).0, ["too dear: c"]);
}

#[test]
fn what_is_told_takes_little_room() {
    let keys = program(
        "message M { map<string, V> m = 1; } message V { \
         repeated int32 x = 1 [(buf.validate.field).repeated.items.int32.gt = 0]; }",
    );
    let entry = [delimited(1, &vec![b'k'; 2_000_000]), delimited(2, &delimited(1, &[0; 200]))].concat();
    let sentences = program(
        "message M { repeated string s = 1 [(buf.validate.field).repeated.items.cel = { \
         id: 'c' expression: \"'unknown: ' + this\" }]; }",
    );
    let long = delimited(1, &[b'k'; 50_000]).repeat(100);
    for (program, bytes) in [(keys, delimited(1, &entry)), (sentences, long)] {
        let measured = allocation_counter::measure(|| {
            let Err(Failure::Violations(found)) = program.check(&bytes, now()) else { return };
            assert!(found.0.len() == 100 && found.to_string().len() < 2 << 20);
        });
        assert!((1 << 20..7 << 20).contains(&measured.bytes_max), "{} KiB", measured.bytes_max >> 10);
    }
}
