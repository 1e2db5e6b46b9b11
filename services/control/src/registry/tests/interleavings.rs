//! Whatever happens in whatever order, the promises hold.

use super::*;
use crate::{
    LINGER,
    reason::Reason,
    registry::{
        Comparison, Judgement, Outcome, Refusal, admission::Verdict, compared::Compared, index::Index,
        memo::Memo, whom::Newcomer,
    },
};
use compat::History;
use parking_lot::Mutex;
use proptest::prelude::*;
use std::collections::BTreeSet;

const WORKLOADS: [&str; 3] = ["demo/a", "demo/b", "other/a"];
/// Sets that steps are made of.
const USED: [usize; 9] = [0, 1, 2, 3, BREAKS, REPORTS, STRICT, SMALL, LIMITED];

#[derive(Clone, Debug)]
enum Step {
    Open { workload: usize, instance: usize, port: u16, set: usize },
    Consume { workload: usize, instance: usize, set: usize },
    Again { lease: usize, port: u16, set: usize },
    Compare { which: usize },
    Upload { lease: usize },
    Ready { lease: usize, ready: bool },
    Close { lease: usize, lost: bool },
    Send { workload: usize, bytes: u32 },
    Wait { seconds: u64 },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3usize, 0..2usize, 1..5u16, 0..USED.len())
            .prop_map(|(workload, instance, port, set)| Step::Open { workload, instance, port, set }),
        3 => (0..3usize, 2..4usize, 0..USED.len())
            .prop_map(|(workload, instance, set)| Step::Consume { workload, instance, set }),
        2 => (0..6usize, 1..5u16, 0..USED.len()).prop_map(|(lease, port, set)| Step::Again { lease, port, set }),
        5 => (0..4usize).prop_map(|which| Step::Compare { which }),
        5 => (0..6usize).prop_map(|lease| Step::Upload { lease }),
        3 => (0..6usize, any::<bool>()).prop_map(|(lease, ready)| Step::Ready { lease, ready }),
        3 => (0..6usize, any::<bool>()).prop_map(|(lease, lost)| Step::Close { lease, lost }),
        2 => (0..3usize, 90..110u32).prop_map(|(workload, bytes)| Step::Send { workload, bytes }),
        1 => (1..20u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Restart),
    ]
}

/// Open streams: whose they are.
type Streams = Vec<(LeaseId, usize, usize)>;

fn run(sim: &mut Sim, streams: &mut Streams, step: &Step) {
    let pick = |lease: usize| streams.get(lease % streams.len().max(1)).copied();
    match *step {
        Step::Open { workload, instance, port, set } => {
            let offer = provider(&format!("i{instance}"), port, USED[set]);
            streams.push((sim.open(WORKLOADS[workload], offer), workload, instance));
        }
        Step::Consume { workload, instance, set } => {
            let offer = viewer(&format!("i{instance}"), USED[set]);
            streams.push((sim.open(WORKLOADS[workload], offer), workload, instance));
        }
        Step::Compare { which } => drop(sim.compare(which)),
        Step::Again { lease, port, set } => {
            if let Some((lease, workload, instance)) = pick(lease) {
                sim.register(lease, WORKLOADS[workload], provider(&format!("i{instance}"), port, USED[set]));
            }
        }
        Step::Upload { lease } => {
            pick(lease).into_iter().for_each(|(lease, ..)| sim.upload(lease));
        }
        Step::Ready { lease, ready } => {
            pick(lease).into_iter().for_each(|(lease, ..)| sim.handle(Event::Readiness { lease, ready }));
        }
        Step::Close { lease, lost } => {
            if let Some((lease, ..)) = pick(lease) {
                streams.retain(|(other, ..)| *other != lease);
                if lost { sim.lose(lease) } else { sim.close(lease) }
            }
        }
        Step::Send { workload, bytes } => sim.sent(WORKLOADS[workload], bytes, Duration::from_secs(1)),
        Step::Wait { seconds } => sim.later(Duration::from_secs(seconds)),
        Step::Restart => {
            streams.clear();
            sim.restart();
        }
    }
}

fn check(sim: &mut Sim) {
    let mut providers: BTreeMap<(String, String), WorkloadId> = BTreeMap::new();
    let mut addresses = BTreeSet::new();
    for (key, placement) in &sim.placements {
        // Who left is kept without an address.
        let there = placement.claim.address.is_some();
        for (service, digest) in placement.claim.serves.iter().filter(|_| there) {
            let place = (key.workload.namespace().to_owned(), service.clone());
            let other = providers.insert(place, key.workload.clone());
            assert!(other.is_none_or(|other| other == key.workload), "two providers of {service}");
            assert!(sim.contracts.contains_key(digest), "{key} is placed without its contract");
        }
        if placement.claim.address.is_some() && sim.state_of(key) != State::Relearning {
            assert!(addresses.insert(placement.claim.address), "two at one address");
        }
    }
    let view = sim.view();
    let placed: BTreeSet<_> =
        view.placed.iter().map(|instance| (instance.workload.clone(), instance.name.clone())).collect();
    let dialled = sim.placements.iter().filter(|(_, placement)| placement.claim.address.is_some());
    let kept: BTreeSet<_> = dialled.map(|(key, _)| (key.workload.clone(), key.instance.clone())).collect();
    assert_eq!(placed, kept, "the store holds what is placed");
    for instance in &view.placed {
        let key = InstanceKey { workload: instance.workload.clone(), instance: instance.name.clone() };
        assert_eq!(sim.placements[&key].ready, instance.ready);
    }
    for service in view.contracts.keys() {
        assert!(view.provider(service, "nowhere").unwrap().service(service).is_some());
    }
    nobody_breaks_whom_they_are_placed_with(sim);
    no_verdict_is_stale(&sim.registry);
    the_index_is_what_would_be_made_anew(&sim.registry);
    assert_eq!(sim.registry.saved_routes, sim.routes);
    // What is left in force outlasts a restart, and nobody left what is served in the namespace.
    let mut left = sim.registry.left.clone();
    for (workload, absent) in &sim.registry.absent {
        left.entry(workload.clone()).or_default().extend(absent.clone());
    }
    left.retain(|_, left| !left.is_empty());
    assert_eq!(left, sim.left);
    for (workload, service) in
        left.iter().flat_map(|(of, left)| left.keys().map(move |service| (of, service)))
    {
        let place = (workload.namespace().to_owned(), service.clone());
        assert!(!providers.contains_key(&place), "{workload} has left {service}, which somebody serves");
    }
    // Settled: nothing is left to say or to write until something happens.
    if sim.registry.relearning().is_none_or(|until| sim.clock.steady < until) {
        let effects = sim.registry.handle(Event::Tick(sim.clock.steady), sim.clock.wall);
        assert!(effects.is_empty(), "{effects:?}");
    }
}

/// Judged anew, as if nobody had met before.
fn nobody_breaks_whom_they_are_placed_with(sim: &Sim) {
    static KNOWN: Mutex<BTreeMap<Comparison, Outcome>> = Mutex::new(BTreeMap::new());
    // Who left is kept for a while, and nobody meets it.
    let there =
        |key: &InstanceKey| sim.registry.instances.get(key).is_some_and(|record| record.placed.is_some());
    for (key, placement) in sim.placements.iter().filter(|(key, _)| there(key)) {
        for meeting in sim.registry.meetings(key, &placement.claim, None) {
            let Some(consumer) = meeting.consumer() else { continue };
            // What it does not serve others may, as long as they are there.
            let Comparison { service, provider, .. } = &meeting.comparison;
            let left_behind = meeting.newcomer == Newcomer::Provider
                && placement.claim.serves.get(service) != Some(provider);
            if left_behind {
                continue;
            }
            let known = sim.view();
            let routed = known.provider(service, consumer.namespace()).map(|known| &known.workload);
            // Nobody is sent to a workload that has nothing in force: its version counts only because it was there.
            let in_force = known.contracts.get(service).into_iter().flatten();
            let went = !{ in_force }.any(|known| known.workload == meeting.provider);
            let elsewhere = routed != Some(&meeting.provider);
            assert!(went || !sim.registry.is_settled() || elsewhere == meeting.apart, "{meeting:?}");
            if meeting.apart || !sim.registry.is_settled() && elsewhere {
                continue;
            }
            let mut known = KNOWN.lock();
            let question = sim.registry.question(&meeting.comparison).unwrap();
            let outcome =
                known.entry(meeting.comparison.clone()).or_insert_with(|| question.ask(&History::default()));
            let judgement = Judgement::of([(&meeting, &*outcome)], sim.registry.window(), sim.clock.wall);
            assert!(judgement.refusals.is_empty(), "{key}: {:?}", judgement.refusals);
        }
    }
}

fn no_verdict_is_stale(registry: &Registry) {
    for (key, record) in &registry.instances {
        match registry.judge(key, record, &mut Memo::default()) {
            None => {
                let claim = record.placed.as_ref().map(|placed| &placed.claim).unwrap();
                match registry.warnings(key, claim, &mut Memo::default()) {
                    Ok((told, turns)) => {
                        assert_eq!(
                            (breaks(&told), turns),
                            (breaks(&record.warnings), record.lapses),
                            "{key}"
                        );
                    }
                    // Nobody is warned anew of what nobody has said since a restart.
                    Err(needs) => {
                        assert!(record.lease.is_none() || needs == record.comparing, "{key}: {needs:?}");
                    }
                }
            }
            Some(Verdict::Wanted(wanted)) => assert_eq!(wanted, record.wanted, "{key}"),
            Some(Verdict::Comparing(comparing)) => assert_eq!(comparing, record.comparing, "{key}"),
            Some(Verdict::Behind) => assert!(record.behind, "{key}"),
            Some(Verdict::Refused(said)) => {
                assert_eq!(
                    (said.refusals, said.warnings),
                    (record.refusals.clone(), record.warnings.clone())
                );
            }
            Some(Verdict::Admitted(..)) => panic!("{key} waits for nothing"),
        }
    }
}

/// What is said of two who meet; what a newcomer was told of those whom it replaced is told once.
fn breaks(warnings: &[Refusal]) -> Vec<Refusal> {
    let meets = |over: &crate::registry::Breakage| !over.consumer.is_empty();
    let said = warnings.iter().filter(|warning| warning.breakage.as_deref().is_some_and(meets));
    said.cloned().collect()
}

fn the_index_is_what_would_be_made_anew(registry: &Registry) {
    let mut anew = Index::default();
    registry.instances.iter().for_each(|(key, record)| anew.add(key, record));
    for (workload, left) in registry.absent.iter().chain(&registry.left) {
        left.iter().for_each(|(service, digest)| anew.leave(workload, service, digest));
    }
    registry.lingering.iter().for_each(|(key, lingering)| anew.linger(key, lingering.claim()));
    anew.changes = Default::default();
    assert_eq!(format!("{:#?}", registry.index), format!("{anew:#?}"));
    let known: BTreeSet<_> = registry.contracts.keys().cloned().collect();
    assert!(known.is_subset(&registry.used()), "a contract that nobody refers to");
}

impl Sim {
    fn state_of(&self, key: &InstanceKey) -> State {
        self.view().instances.iter().find(|known| known.key == *key).unwrap().state
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_promises_hold(steps in proptest::collection::vec(step(), 1..60)) {
        let (mut sim, mut streams) = (Sim { slow: true, ..Sim::new() }, Streams::new());
        for step in &steps {
            let before: Vec<_> = sim.view().instances;
            run(&mut sim, &mut streams, step);
            check(&mut sim);
            // Nobody is withdrawn from memory but by time, by its own stream, or by whoever is at its address.
            if matches!(step, Step::Ready { .. } | Step::Close { .. } | Step::Restart) {
                for known in before.iter().filter(|known| known.state == State::Relearning) {
                    // Whoever leaves may let somebody in who is there.
                    let mut there = sim.placements.values().filter_map(|placed| placed.claim.address);
                    let replaced = there.any(|address| address.to_string() == known.address);
                    prop_assert!(replaced || sim.placements.contains_key(&known.key));
                }
            }
        }
    }

    #[test]
    fn the_promises_hold_whatever_happens_before_all_is_settled(
        steps in proptest::collection::vec(step(), 1..60),
        pause in 1..5usize,
    ) {
        let (mut sim, mut streams) = (Sim { slow: true, lazy: true, ..Sim::new() }, Streams::new());
        for (at, step) in steps.iter().enumerate() {
            sim.registry.slice = 1;
            run(&mut sim, &mut streams, step);
            nobody_breaks_whom_they_are_placed_with(&sim);
            if at % pause == 0 {
                sim.settle();
                check(&mut sim);
            }
        }
    }

    #[test]
    fn what_had_to_make_room_is_decided_as_it_was(steps in proptest::collection::vec(step(), 1..40)) {
        let (mut sim, mut streams) = (Sim::new(), Streams::new());
        let (mut small, mut streams_too) = (Sim::new(), Streams::new());
        for step in &steps {
            run(&mut sim, &mut streams, step);
            small.registry.compared = Compared::default().with_room(1);
            small.registry.memo = Memo::default().with_room(1);
            run(&mut small, &mut streams_too, step);
            prop_assert_eq!(&small.placements, &sim.placements);
            prop_assert_eq!(&small.told, &sim.told);
        }
    }

    #[test]
    fn everybody_who_stays_alone_is_admitted(steps in proptest::collection::vec(step(), 1..40)) {
        let (mut sim, mut streams) = (Sim { slow: true, ..Sim::new() }, Streams::new());
        for step in &steps {
            run(&mut sim, &mut streams, step);
        }
        while streams.len() > 1 {
            let (lease, ..) = streams.remove(0);
            sim.close(lease);
        }
        sim.later(GRACE.max(LINGER));
        if let Some((lease, ..)) = streams.first() {
            sim.slow = false;
            sim.upload(*lease);
            sim.later(Duration::ZERO);
            let told = &sim.told[lease];
            // A strict gate compares with what was in force last, whoever is there.
            let strict = |r: &Refusal| r.breakage.as_ref().is_some_and(|over| over.consumer.is_empty());
            let refused = |r: &Refusal| r.reason == Reason::LINT_ERROR || strict(r);
            let refused = matches!(told, Answer::Refused(refusals) if refusals.iter().all(refused));
            prop_assert!(refused || matches!(told, Answer::Admitted { .. } | Answer::Superseded), "{told:?}");
        }
    }
}
