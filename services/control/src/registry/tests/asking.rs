//! What nobody knows yet is asked of one instance at a time.

use super::*;
use crate::registry::asking::PATIENCE;

impl Sim {
    /// Who is asked for a set right now.
    fn asked(&self) -> Vec<LeaseId> {
        let asked = self.told.iter().filter(|(_, told)| matches!(told, Answer::Wanted(_)));
        asked.map(|(lease, _)| *lease).collect()
    }

    fn lie(&mut self, lease: LeaseId) {
        self.handle(Event::Mismatch { lease, said: digest(0), is: digest(1) });
    }
}

/// So many instances of a workload that nobody knows the contract of.
fn crowd(sim: &mut Sim, workload: &str, count: u16) -> Vec<LeaseId> {
    let open = |n| sim.open(workload, provider(&format!("{workload}-{n}"), 1000 + n, 0));
    (0..count).map(open).collect()
}

#[test]
fn a_set_is_sent_once_however_many_wait_for_it() {
    let mut sim = Sim::new();
    let all = crowd(&mut sim, "demo/greeter", 200);
    assert_eq!(sim.asked(), [all[0]]);
    sim.upload(all[0]);
    assert!(all.iter().all(|lease| sim.is_admitted(*lease)));
    assert_eq!(sim.registry.next_lapse(), None);
}

#[test]
fn whoever_fails_fails_alone() {
    let mut sim = Sim::new();
    let all = crowd(&mut sim, "demo/greeter", 4);
    sim.lie(all[0]);
    assert_eq!(sim.reasons(all[0]), ["DESCRIPTOR_SET_MISMATCH"], "the liar");
    assert_eq!(sim.asked(), [all[1]]);
    sim.close(all[1]);
    assert_eq!(sim.asked(), [all[2]]);
    sim.lose(all[2]);
    assert_eq!(sim.asked(), [all[3]]);
    sim.upload(all[3]);
    assert!(sim.is_admitted(all[3]));
}

#[test]
fn nobody_waits_for_ever_for_whoever_sends_nothing() {
    let mut sim = Sim::new();
    let silent = crowd(&mut sim, "demo/other", 100);
    let good = sim.open("demo/client", viewer("c", 0));
    assert_eq!(sim.registry.next_lapse(), Some(sim.clock.wall + PATIENCE));
    sim.later(PATIENCE - Duration::from_millis(1));
    assert_eq!(sim.asked(), [silent[0]]);
    sim.later(Duration::from_millis(1));
    assert_eq!(sim.asked(), [silent[0], good], "another workload comes before those of one that failed");
    sim.later(PATIENCE);
    assert_eq!(sim.asked()[..2], silent[..2], "then the next of the first one");
    assert!(sim.registry.next_lapse().is_some());
    // Late is better than never, and whoever it comes from.
    sim.upload(silent[0]);
    assert!(sim.is_admitted(good) && sim.is_admitted(silent[50]));
    assert_eq!(sim.registry.next_lapse(), None);
}

#[test]
fn whoever_waits_alone_is_asked_once() {
    let mut sim = Sim::new();
    let alone = sim.open("demo/greeter", provider("a", 1, 0));
    assert_eq!(sim.registry.next_lapse(), None);
    sim.later(10 * PATIENCE);
    assert_eq!(sim.asked(), [alone]);
    let next = sim.open("demo/greeter", provider("b", 2, 0));
    assert_eq!(sim.asked(), [alone, next], "it had its time");
    sim.upload(next);
    assert!(sim.is_admitted(alone));
}
