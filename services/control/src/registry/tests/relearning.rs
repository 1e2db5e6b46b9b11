use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn nothing_is_withdrawn_before_it_is_heard_of_or_the_grace_ends() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("a", 1, 0));
    sim.join("demo/greeter", provider("b", 2, 0));
    sim.join("demo/client", consumer("c", GREETER));
    sim.restart();
    assert_eq!(sim.state("a"), State::Relearning);
    let both = ["127.0.0.1:1", "127.0.0.1:2"];
    assert_eq!(sim.endpoints(GREETER, ""), both);
    let back = sim.open("demo/greeter", provider("a", 1, 0));
    assert!(sim.is_admitted(back), "the store knows the set");
    assert_eq!((sim.state("a"), sim.endpoints(GREETER, "")), (State::Ready, both.map(str::to_owned).into()));
    let impostor = sim.join("demo/impostor", provider("d", 4, 0));
    assert_eq!(sim.reasons(impostor), ["CONTRACT_CLAIMED"]);
    sim.later(GRACE - Duration::from_secs(1));
    assert_eq!(sim.endpoints(GREETER, ""), both);
    assert!(sim.view().consumes.contains_key(&workload("demo/client")));
    assert_eq!(sim.registry.relearning(), Some(sim.clock.steady + Duration::from_secs(1)));
    sim.later(Duration::from_secs(1));
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"]);
    assert_eq!(sim.registry.relearning(), None);
    assert_eq!(sim.audit.iter().filter(|kind| **kind == AuditKind::InstanceLost).count(), 2);
}

#[test]
fn setting_the_wall_clock_withdraws_nothing_and_keeps_nothing_for_ever() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("a", 1, 0));
    sim.clock.wall += 400 * DAY;
    sim.restart();
    sim.clock.wall += 400 * DAY;
    sim.later(GRACE - Duration::from_secs(1));
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"]);
    sim.clock.wall -= 800 * DAY;
    sim.later(Duration::from_secs(1));
    assert_eq!(sim.endpoints(GREETER, ""), [""; 0]);
}

#[test]
fn streams_that_end_while_the_control_plane_goes_say_nothing() {
    let mut sim = Sim::new();
    let lease = sim.join("demo/greeter", provider("a", 1, 0));
    sim.handle(Event::ShutDown);
    sim.close(lease);
    assert_eq!(sim.placements.len(), 1);
    sim.restart();
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"]);
}

#[test]
fn whoever_listens_at_the_address_of_a_remembered_one_replaces_it() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("a", 1, 0));
    sim.restart();
    let other = sim.join("other/greeter", provider("b", 1, 2));
    assert!(sim.is_admitted(other));
    assert_eq!(sim.endpoints(GREETER, ""), [""; 0]);
    assert_eq!(sim.endpoints(SERVICES[2], ""), ["127.0.0.1:1"]);
}

#[test]
fn a_restarted_process_is_not_ready_because_the_one_before_was() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("a", 1, 0));
    sim.restart();
    sim.open("demo/greeter", provider("a", 7, 0));
    assert_eq!(sim.state("a"), State::Joined);
    assert_eq!(sim.endpoints(GREETER, ""), [""; 0]);
}

#[test]
fn what_was_in_force_stays_in_force() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("a", 1, 0));
    sim.join("demo/greeter", provider("b", 2, 1));
    sim.restart();
    sim.join("demo/greeter", provider("b", 2, 1));
    sim.join("demo/greeter", provider("a", 1, 0));
    assert_eq!(sim.view().contracts[GREETER][0].contract.digest, digest(1));
    assert_eq!(sim.history.len(), 2);
}
