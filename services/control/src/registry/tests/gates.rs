//! Which gate decides, and in which order.

use super::{breaking::town, *};

/// What is in force decides about what comes: a version cannot excuse itself.
#[test]
fn a_gate_that_is_loosened_counts_from_the_next_version_on() {
    let loosened = "; the gate in force decides, and what this version loosens counts once it is in force";
    let (mut sim, ..) = town();
    let new = sim.join("demo/greeter", provider("new", 2, REPORTS));
    let refusals = sim.refusals(new);
    assert!(refusals[0].message.ends_with(loosened), "{refusals:?}");
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, REPORTS));
    assert_eq!(sim.refusals(new), refusals);
    let audited = sim.join("demo/greeter", provider("audited", 3, AUDITED));
    assert!(sim.is_admitted(audited) && sim.is_admitted(new), "{:?}", sim.told[&new]);

    // From STRICT to CONSUMERS, though nobody is there; a replica of what is there loosens nothing.
    let mut sim = Sim::new();
    let before = sim.join("demo/greeter", provider("before", 1, 0));
    let steady = sim.join("demo/greeter", provider("steady", 2, STEADY));
    let replica = sim.join("demo/greeter", provider("replica", 3, 0));
    assert!(sim.is_admitted(before) && sim.is_admitted(steady) && sim.is_admitted(replica));
    sim.leave(replica);
    let new = sim.join("demo/greeter", provider("new", 4, BREAKS));
    let refusals = sim.refusals(new);
    assert_eq!(refusals[0].breakage.as_ref().unwrap().consumer, "");
    assert!(refusals[0].message.ends_with(loosened), "{refusals:?}");
}

/// While one is compared, none that came later is let in, on either side.
#[test]
fn whoever_waits_for_a_verdict_is_not_overtaken() {
    // Its view has to be compared with what is there; the version that would break it with nothing.
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, RENAMED));
    sim.slow = true;
    let client = sim.join("demo/client", viewer("c", 0));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let replica = sim.join("demo/greeter", provider("replica", 3, RENAMED));
    let waits = |sim: &Sim, lease: &LeaseId| {
        !matches!(sim.told.get(lease), Some(Answer::Admitted { .. } | Answer::Refused(_)))
    };
    assert!([client, new, replica].iter().all(|lease| waits(&sim, lease)));
    while sim.compare(0) {}
    assert!(sim.is_admitted(client) && sim.is_admitted(replica) && sim.is_admitted(old));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);

    // Whoever gives up, or says something else, is not waited for.
    for gives_up in [true, false] {
        let mut sim = Sim::new();
        sim.join("demo/greeter", provider("old", 1, RENAMED));
        sim.slow = true;
        let client = sim.join("demo/client", viewer("c", 0));
        let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
        assert!(waits(&sim, &new));
        if gives_up {
            sim.close(client);
        } else {
            sim.register(client, "demo/client", viewer("c", DROPPED));
            sim.upload(client);
        }
        assert!(sim.is_admitted(new));
        while sim.compare(0) {}
        assert!(gives_up || sim.reasons(client) == ["CONTRACT_BREAKS"]);
    }
}
