//! What an event changes for many is done in slices, and what did not change is not done again.

use super::*;
use crate::{
    LINGER,
    registry::{Refusal, memo::Memo},
};

/// So many consumers with a view of their own, and so many instances of a version that breaks all of them.
fn crowd(consumers: u16, instances: u16) -> (Sim, Vec<LeaseId>, Vec<LeaseId>) {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("old", 1, 0));
    let consume = |n| {
        let mut offer = viewer("c", 0);
        offer.views[0].methods = vec!["SayHello".to_owned()];
        sim.join(&format!("demo/c{n}"), offer)
    };
    let consumers: Vec<_> = (0..consumers).map(consume).collect();
    let refused =
        (0..instances).map(|n| sim.join("demo/greeter", provider(&format!("{n}"), 100 + n, BREAKS)));
    let refused: Vec<_> = refused.collect();
    assert!(refused.iter().all(|lease| sim.reasons(*lease).len() == consumers.len()));
    (sim, consumers, refused)
}

impl Sim {
    /// What `work` costs: findings decided about, and verdicts made of meetings.
    fn decisions(&mut self, work: impl FnOnce(&mut Self)) -> (usize, usize) {
        let of = |memo: &Memo| (memo.findings, memo.judged);
        let before = of(&self.registry.memo);
        work(self);
        let after = of(&self.registry.memo);
        (after.0 - before.0, after.1 - before.1)
    }
}

#[test]
fn a_consumer_that_leaves_costs_one_verdict_for_each_version_and_no_decision() {
    let (mut sim, consumers, refused) = crowd(8, 150);
    let (findings, verdicts) = sim.decisions(|sim| {
        sim.close(consumers[3]);
        sim.later(LINGER);
    });
    // That it left, and that it is gone: each time the first of them is judged, and the others are told the same. The
    // seven who are left are warned for themselves.
    assert!(findings < 10 && verdicts <= 2 * (1 + 7 + 1), "{findings} {verdicts}");
    assert!(refused.iter().all(|lease| sim.reasons(*lease).len() == 7));
    let told = |sim: &Sim, lease| match &sim.told[&lease] {
        Answer::Refused(refusals) => refusals.clone(),
        other => panic!("{other:?}"),
    };
    assert!(Arc::ptr_eq(&told(&sim, refused[0]), &told(&sim, refused[1])), "told once, kept once");
    let (findings, _) = sim.decisions(|sim| {
        sim.join("demo/greeter", provider("late", 99, BREAKS));
    });
    assert_eq!(findings, 0, "another one of them meets nobody new");
    for lease in &consumers {
        sim.close(*lease);
    }
    sim.later(LINGER);
    assert!(refused.iter().all(|lease| sim.is_admitted(*lease)));
}

#[test]
fn somebody_new_is_decided_about_once() {
    let (mut sim, ..) = crowd(4, 100);
    let one = |sim: &mut Sim, n| {
        let mut offer = viewer("c", 0);
        offer.views[0].methods = vec!["SayHello".to_owned()];
        sim.decisions(|sim| assert_ne!(sim.join(&format!("demo/d{n}"), offer), LeaseId(0))).0
    };
    let (first, second) = (one(&mut sim, 1), one(&mut sim, 2));
    assert!(first > 0 && first < 30, "by one hundred instances it is met in one way: {first}");
    assert_eq!(first, second);
}

#[test]
fn others_are_heard_in_between_and_nobody_is_judged_before_who_came_first() {
    let (mut sim, consumers, refused) = crowd(3, 300);
    sim.close(consumers[0]);
    sim.clock.advance(LINGER);
    sim.registry.slice = 40;
    let mut told = BTreeMap::new();
    let hear = |told: &mut BTreeMap<LeaseId, Vec<Refusal>>, effects: Vec<Effect>| {
        let mut heard = 0;
        for effect in effects {
            if let Effect::Answer { lease, answer: Answer::Refused(refusals) } = effect {
                told.insert(lease, refusals.to_vec());
                heard += 1;
            }
        }
        heard
    };
    sim.registry.begin_slice();
    let now = sim.clock.wall;
    let first = sim.registry.handle(Event::Tick(sim.clock.steady), now);
    assert!(hear(&mut told, first) <= 40 && !sim.registry.is_settled());
    // Somebody else registers: that is taken at once, and judged in its turn.
    let workload = workload("demo/greeter");
    let offer = Box::new(provider("late", 999, BREAKS));
    let late = LeaseId(10_000);
    sim.registry.begin_slice();
    let effects = sim.registry.handle(Event::Register { lease: late, workload, offer }, now);
    assert!(hear(&mut told, effects) <= 40);
    assert!(!told.contains_key(&late) && told.contains_key(&refused[0]) && !told.contains_key(&refused[299]));
    let mut slices = 0;
    while !sim.registry.is_settled() {
        sim.registry.begin_slice();
        let effects = sim.registry.go_on(now);
        assert!(hear(&mut told, effects) <= 40);
        slices += 1;
    }
    assert!(slices >= 5, "{slices}");
    assert_eq!(told.len(), 301);
    assert!(told.values().all(|refusals| refusals.len() == 2), "by two consumers that are left");
}

#[test]
fn whoever_registers_anew_is_told_nothing_of_before_until_it_is_judged() {
    let (mut sim, consumers, _) = crowd(2, 60);
    let held = sim.join("demo/other", provider("o", 5000, 2));
    sim.registry.slice = 1;
    sim.registry.begin_slice();
    let now = sim.clock.wall;
    let workload = workload("demo/other");
    let changed = Box::new(provider("o", 5000, 3));
    drop(sim.registry.handle(Event::Closed { lease: consumers[1], lost: false }, now));
    // The slice is used up.
    let effects = sim.registry.handle(Event::Register { lease: held, workload, offer: changed }, now);
    let answers = effects.iter().filter(|effect| matches!(effect, Effect::Answer { .. })).count();
    assert_eq!((answers, sim.registry.is_settled()), (0, false));
}

#[test]
fn who_came_first_is_compared_first_and_no_workload_keeps_others_waiting() {
    let mut sim = Sim { slow: true, ..Sim::new() };
    sim.join("demo/greeter", provider("old", 1, 0));
    for set in [BREAKS, RENAMED, DROPPED] {
        sim.join("demo/busy", viewer(&format!("{set}"), set));
    }
    sim.join("demo/late", viewer("l", BETA));
    let of = |sim: &Sim, made: &[usize], most| {
        let made = sim.registry.comparing().filter(|one| made.iter().any(|set| one.consumer == digest(*set)));
        let made = made.cloned().collect();
        let next = sim.registry.next_comparisons(&made, most).into_iter();
        next.map(|one| (0..SETS.len()).find(|set| digest(*set) == one.consumer).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(of(&sim, &[], 1), [BREAKS]);
    assert_eq!(of(&sim, &[], 2), [BREAKS, BETA], "each workload one");
    assert_eq!(of(&sim, &[BREAKS], 1), [BETA]);
    assert_eq!(of(&sim, &[BREAKS, BETA], 9), [RENAMED, DROPPED]);
}
