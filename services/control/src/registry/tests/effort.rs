//! An event costs what it changes, and one workload cannot make the others pay. Work is counted, not timed.

use super::*;
use crate::{
    reason::Reason,
    registry::{MAX_SETS, Room, bounds::MAX_SET_BYTES},
};
use compat::Party;
use contract::Contract;

impl Sim {
    /// What `work` costs: verdicts, and instances looked at.
    fn effort(&mut self, work: impl FnOnce(&mut Self)) -> (usize, usize) {
        let before = (self.registry.verdicts, self.registry.looked_at);
        work(self);
        (self.registry.verdicts - before.0, self.registry.looked_at - before.1)
    }

    fn learn(&mut self, bytes: &Arc<[u8]>) {
        self.handle(Event::Learn { judged: Judged::of(bytes.clone()), stored: false });
    }
}

/// One set with this many services, each with an error.
fn faulty(services: usize) -> (Offer, Arc<[u8]>) {
    let service = |n| {
        format!(
            "service S{n} {{\n  option (treaty.v1.service) = {{ owner: \"x\" defaults: {{ timeout: \"{n}\" }} }};\n  \
             rpc A(M) returns (M);\n}}\n"
        )
    };
    let services_text: String = (0..services).map(service).collect();
    let source = format!(
        "syntax = \"proto3\";\npackage bad.v1;\nimport \"treaty/v1/options.proto\";\n{services_text}message M {{}}\n"
    );
    let bytes: Arc<[u8]> = testkit::descriptor_set(&[("bad/v1/bad.proto", &source)]).into();
    let digest = Digest::of(&bytes).to_string();
    let serves = (0..services).map(|n| (format!("bad.v1.S{n}"), digest.clone())).collect();
    (Offer { serves, ..provider("bad", 9, 0) }, bytes)
}

#[test]
fn faults_are_counted_once_told_in_part_and_not_looked_at_again() {
    let mut sim = Sim::new();
    let (offer, bytes) = faulty(256);
    let bad = sim.open("demo/bad", offer);
    let (verdicts, looked_at) = sim.effort(|sim| sim.learn(&bytes));
    assert_eq!((verdicts, looked_at), (1, 1));
    let Answer::Refused(refusals) = sim.told[&bad].clone() else { panic!() };
    assert_eq!(refusals.len(), 21);
    assert!(refusals[..20].iter().all(|refusal| refusal.reason == Reason::LINT_ERROR));
    assert_eq!(
        (refusals[20].reason, refusals[20].message.as_str()),
        (Reason::REFUSALS_OMITTED, "and 236 more")
    );
    // Nobody else's life has to do with it.
    let (verdicts, looked_at) = sim.effort(|sim| {
        let lease = sim.join("demo/greeter", provider("a", 1, 0));
        sim.handle(Event::Readiness { lease, ready: true });
        sim.close(lease);
    });
    assert!(verdicts <= 2 && looked_at <= 4, "{verdicts}, {looked_at}");
}

#[test]
fn a_crowd_that_is_refused_costs_only_those_whom_it_waits_for() {
    let mut sim = Sim::new();
    let holder = sim.join("demo/greeter", provider("a", 1, 0));
    for n in 0..200 {
        let effort = sim.effort(|sim| {
            sim.open("demo/crowd", provider(&format!("{n}"), 1000 + n, 0));
        });
        assert_eq!(effort, (1, 1), "{n}");
    }
    let unrelated = sim.effort(|sim| {
        let lease = sim.join("demo/other", provider("o", 2, 2));
        sim.handle(Event::Readiness { lease, ready: false });
        let client = sim.open("demo/client", consumer("c", GREETER));
        sim.close(client);
        sim.close(lease);
        sim.handle(Event::Readiness { lease: holder, ready: false });
    });
    assert!(unrelated.0 <= 3 && unrelated.1 <= 9, "{unrelated:?}");
    let (verdicts, _) = sim.effort(|sim| sim.close(holder));
    assert_eq!(verdicts, 200);
    let dialled = sim.placements.values().filter(|placed| placed.claim.address.is_some());
    assert_eq!(dialled.count(), 200);
}

#[test]
fn nothing_new_is_nothing_to_show() {
    let mut sim = Sim::new();
    let lease = sim.join("demo/greeter", provider("a", 1, 0));
    let revision = sim.registry.revision();
    sim.handle(Event::Readiness { lease, ready: true });
    sim.handle(Event::Closed { lease: LeaseId(99), lost: false });
    assert_eq!(sim.registry.revision(), revision);
    sim.handle(Event::Readiness { lease, ready: false });
    assert!(sim.registry.revision() > revision);
}

fn numbered(n: usize) -> Digest {
    Digest::of(n.to_string().as_bytes())
}

fn serving(instance: &str, port: u16, sets: impl Iterator<Item = usize>) -> Offer {
    let serves = sets.map(|n| (format!("demo.v1.S{n}"), numbered(n).to_string())).collect();
    Offer { serves, ..provider(instance, port, 0) }
}

#[test]
fn a_workload_has_so_many_sets_at_most() {
    let mut sim = Sim::new();
    let most = sim.open("demo/a", serving("most", 1, 0..MAX_SETS));
    assert!(matches!(&sim.told[&most], Answer::Wanted(digests) if digests.len() == MAX_SETS));
    let more = sim.open("demo/a", serving("more", 2, MAX_SETS..=MAX_SETS));
    assert_eq!(sim.reasons(more), ["DESCRIPTOR_SETS_TOO_MANY"]);
    assert!(!sim.registry.wants(&numbered(MAX_SETS)), "it is not asked for either");
    let known = sim.open("demo/a", serving("known", 3, 0..1));
    assert!(!sim.told.contains_key(&known), "one of those that there are, and somebody is asked for it");
    let other = sim.open("demo/b", serving("other", 4, MAX_SETS..=MAX_SETS));
    assert!(matches!(&sim.told[&other], Answer::Wanted(_)), "others have a share of their own");
    sim.close(most);
    assert!(matches!(&sim.told[&known], Answer::Wanted(_)));
    sim.close(other);
    sim.register(more, "demo/a", serving("more", 2, MAX_SETS..=MAX_SETS));
    assert!(matches!(&sim.told[&more], Answer::Wanted(_)), "there is room again");
}

#[test]
fn a_workload_has_so_many_bytes_at_most_and_keeps_none_of_what_is_refused() {
    let mut sim = Sim::new();
    let party = Party::read(SETS[0].clone()).unwrap();
    let judged = |n| {
        let mut contract = Contract::clone(&party.contract);
        contract.bytes = vec![0; MAX_SET_BYTES / 2].into();
        let party = Party { contract: Arc::new(contract), schema: party.schema.clone() };
        Judged { digest: numbered(n), party: Ok(party), faults: Default::default() }
    };
    let lease = sim.open("demo/a", serving("a", 1, 0..3));
    let room = |sim: &Sim, n| sim.registry.room(&workload("demo/a"), &numbered(n), MAX_SET_BYTES / 2);
    for n in 0..3 {
        assert_eq!(
            room(&sim, n),
            if n < 2 { Room::Free } else { Room::Exceeded },
            "known before it is looked at"
        );
        assert!(matches!(&sim.told[&lease], Answer::Wanted(_)));
        sim.handle(Event::Learn { judged: judged(n), stored: false });
    }
    assert_eq!(sim.reasons(lease), ["DESCRIPTOR_SETS_TOO_LARGE"]);
    assert!(sim.registry.contracts.is_empty());
    assert_eq!(room(&sim, 0), Room::Unwanted);
    sim.handle(Event::Learn { judged: judged(0), stored: false });
    assert!(sim.registry.contracts.is_empty(), "nobody waits for it any more");
    let lease = sim.open("demo/a", serving("b", 1, 0..3));
    sim.handle(Event::TooLarge { lease, digest: numbered(9) });
    assert!(matches!(&sim.told[&lease], Answer::Wanted(_)), "it proposes something else by now");
    sim.handle(Event::TooLarge { lease, digest: numbered(2) });
    assert_eq!(sim.reasons(lease), ["DESCRIPTOR_SETS_TOO_LARGE"]);
}
