//! What is kept of comparisons is bounded, and no verdict depends on the bound.

use super::*;
use crate::LINGER;
use crate::registry::{
    Comparison, Judgement, Meeting, MethodUse, Outcome, Question, Use,
    compare::MethodOutcome,
    compared::Compared,
    kept::{MAX_BYTES, bytes_of_all, keep, keep_within},
    whom::{Calls, Newcomer},
};
use compat::{Direction, Encoding, Finding, History, Level, Party};
use contract::{Gate, MethodPath, Stability};
use std::time::SystemTime;

const WINDOW: Duration = Duration::from_secs(60);

/// A contract of so many methods of which all answer with one message, whose fields begin at this number; `each`: by
/// way of one of its own.
fn wide(methods: usize, fields: usize, from: usize, each: bool) -> Party {
    let answer = |n| if each { format!("A{n}") } else { "A".to_owned() };
    let rpcs: String = (0..methods).map(|n| format!("rpc M{n}(Q) returns ({});", answer(n))).collect();
    let own: String =
        (0..methods * usize::from(each)).map(|n| format!("message A{n} {{ A a = 1; }}")).collect();
    let fields: String = (0..fields).map(|n| format!("string f{n} = {};", from + n)).collect();
    let source = format!(
        "syntax = \"proto3\";\npackage wide.v1;\nimport \"treaty/v1/options.proto\";\nservice S {{\n\
         option (treaty.v1.service) = {{ owner: \"x\" allow: \"*\" }};\n{rpcs}\n}}\nmessage Q {{}}\nmessage A \
         {{ {fields} }}\n{own}"
    );
    Party::read(testkit::descriptor_set(&[("wide/v1/wide.proto", &source)])).unwrap()
}

fn compare(consumer: &Party, provider: &Party) -> (Comparison, Arc<[MethodOutcome]>) {
    let comparison = Comparison {
        service: "wide.v1.S".to_owned(),
        consumer: consumer.contract.digest.clone(),
        provider: provider.contract.digest.clone(),
        caller: Some(workload("demo/client")),
        served: true,
    };
    let question = Question {
        comparison: comparison.clone(),
        consumer: consumer.clone(),
        provider: provider.clone(),
        today: None,
    };
    match question.ask(&History::default()) {
        Outcome::Judged(methods) => (comparison, methods),
        Outcome::Failed => panic!("it is comparable"),
    }
}

fn meeting(comparison: Comparison, calls: Calls) -> Meeting {
    Meeting {
        comparison,
        provider: workload("demo/wide"),
        owner: String::new(),
        gate: Gate::default(),
        asked: Gate::default(),
        apart: false,
        newcomer: Newcomer::Provider,
        met: false,
        gone: None,
        known: false,
        calls,
        lowered: Arc::default(),
        total: None,
    }
}

#[test]
fn what_many_methods_show_alike_is_kept_once() {
    let (comparison, methods) = compare(&wide(200, 60, 200, false), &wide(200, 60, 1, false));
    assert_eq!(methods.len(), 200);
    assert!(methods.iter().all(|method| Arc::ptr_eq(&method.findings, &methods[0].findings)));
    let found = methods[0].findings.len();
    assert!(found >= 60 && methods[0].others.is_empty(), "{found}");
    assert!(bytes_of_all(&methods) < MAX_BYTES, "{}", bytes_of_all(&methods));
    // All of them count: of twenty causes eight places are told.
    let outcome = Outcome::Judged(methods);
    let meeting = meeting(comparison, Calls::Any);
    let told = Judgement::of([(&meeting, &outcome)], WINDOW, SystemTime::UNIX_EPOCH).refusals.told();
    assert_eq!(told.len(), 20 * 8 + 1);
    assert!(told.last().unwrap().message.starts_with("and "), "{:?}", told.last());
}

#[test]
fn of_what_differs_so_much_is_kept_and_every_method_that_breaks_refuses() {
    let (comparison, methods) = compare(&wide(300, 60, 200, true), &wide(300, 60, 1, true));
    assert_eq!(methods.len(), 300);
    assert!(methods.iter().any(|method| !method.others.is_empty()), "not all of it is kept");
    assert!(bytes_of_all(&methods) < 2 * MAX_BYTES, "{}", bytes_of_all(&methods));
    let outcome = Outcome::Judged(methods);
    for method in ["M0", "M77", "M299"] {
        let meeting = meeting(comparison.clone(), Calls::Named([method.to_owned()].into(), None));
        let told = Judgement::of([(&meeting, &outcome)], WINDOW, SystemTime::UNIX_EPOCH).refusals.told();
        let about = told[0].breakage.as_ref().unwrap();
        assert_eq!(
            (about.method.as_str(), about.consumer.as_str()),
            (&*format!("wide.v1.S/{method}"), "demo/client")
        );
    }
}

/// Findings of all kinds that a gate tells apart, of two methods.
fn findings() -> Vec<Finding> {
    let of = |n: u32, level, direction, encoding| Finding {
        rule: "field-type",
        level,
        direction: Some(direction),
        encoding,
        path: format!("Q.f{n}"),
        numbers: vec![n % 7, n],
        message: "x".repeat(200),
        ..Finding::default()
    };
    let kinds = [
        (Level::Lossy, Direction::Request, Some(Encoding::Binary)),
        (Level::Lossy, Direction::Response, None),
        (Level::Breaking, Direction::Request, Some(Encoding::Json)),
        (Level::Safe, Direction::Response, Some(Encoding::Binary)),
    ];
    let all = (0..60).zip(kinds.into_iter().cycle());
    all.map(|(n, (level, direction, encoding))| of(n, level, direction, encoding)).collect()
}

#[test]
fn no_verdict_depends_on_what_there_was_room_for() {
    let found = |breaks: bool| {
        let method = |name: &str, breaks: bool| {
            let mut findings = findings();
            let last = findings.last().cloned().unwrap();
            let broken = Finding { level: Level::Breaking, encoding: Some(Encoding::Binary), ..last };
            findings.extend(breaks.then_some(broken));
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
            let path = Some(MethodPath::new("wide.v1.S", name));
            crate::registry::kept::Found { path, stability: Stability::Stable, open: true, findings }
        };
        vec![method("A", false), method("B", breaks)]
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
    let used = |written: Option<u32>| {
        let methods = ["A", "B"].map(|name| {
            let last_used = now - Duration::from_secs(if name == "A" { 20 } else { 30 });
            let written = written.map(|field| vec![field % 7, field]).into_iter().collect();
            let known = MethodUse { last_used, calls: 1, digest: None, written, peaks: Default::default() };
            (name.to_owned(), known)
        });
        let declared = SystemTime::UNIX_EPOCH;
        let (workload, service) = (workload("demo/client"), "wide.v1.S".to_owned());
        let since = ["A", "B"].map(|name| (name.to_owned(), declared)).into();
        Calls::Known(Arc::new(Use { workload, service, declared, since, methods: methods.into() }))
    };
    let comparison = compare(&wide(1, 1, 1, false), &wide(1, 1, 2, false)).0;
    for breaks in [false, true] {
        for written in [None].into_iter().chain((0..60).map(Some)) {
            let verdict = |room: usize| {
                let outcome = Outcome::Judged(keep_within(found(breaks), room));
                let meeting = meeting(comparison.clone(), used(written));
                let judgement = Judgement::of([(&meeting, &outcome)], WINDOW, now);
                (judgement.refusals.is_empty(), judgement.warnings.is_empty(), judgement.lapses)
            };
            let all = verdict(usize::MAX);
            for room in [1, 1000, 5000, 10_000] {
                assert_eq!(verdict(room), all, "{breaks} {written:?} {room}");
            }
        }
    }
    assert!(keep(found(true)).iter().all(|method| method.others.is_empty()), "there is room for these");
}

#[test]
fn outcomes_make_room_for_one_another_and_are_sought_again() {
    let mut sim = Sim::new();
    sim.registry.compared = Compared::default().with_room(1);
    let old = sim.join("demo/greeter", provider("old", 1, 0));
    let [first, second] = ["demo/client", "demo/visitor"].map(|name| sim.join(name, viewer(name, 0)));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS", "CONTRACT_BREAKS"], "one needs both");
    sim.close(first);
    sim.later(LINGER);
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    let late = sim.join("demo/client", viewer("late", BREAKS));
    assert_eq!(sim.reasons(late), ["CONTRACT_BREAKS"]);
    assert!(sim.registry.compared.bytes() < 10_000, "{}", sim.registry.compared.bytes());
    sim.close(second);
    sim.later(LINGER);
    assert!(sim.is_admitted(new));
    sim.close(old);
    sim.later(LINGER);
    assert!(sim.is_admitted(late) && sim.is_admitted(new));
}
