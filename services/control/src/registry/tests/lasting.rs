//! What time, restarts and other namespaces do to who meets whom.

use super::{breaking::town, *};
use crate::{LINGER, reason::Reason};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn another_namespace_is_nobodys_business_while_it_has_a_provider_of_its_own() {
    let (mut sim, ..) = town();
    let other = sim.join("staging/greeter", provider("s", 2, BREAKS));
    assert!(sim.is_admitted(other));
    let guest = sim.join("third/client", viewer("g", BREAKS));
    assert_eq!(sim.reasons(guest), ["CONTRACT_BREAKS"], "it would call the first one");
}

#[test]
fn whoever_falls_back_to_another_namespace_is_sent_to_nobody_that_breaks_it() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("far", 1, 0));
    let near = sim.join("third/greeter", provider("near", 2, REPORTS));
    let client = sim.join("third/client", viewer("c", REPORTS));
    sim.close(near);
    assert_eq!(sim.endpoints(GREETER, "third"), [""; 0], "away is not given up");
    let without = sim.join("third/greeter", provider("near", 2, 2));
    assert!(sim.warnings(without)[0].message.contains("reports only"), "what it left had such a gate");
    assert_eq!(sim.endpoints(GREETER, "third"), [""; 0], "the other one would break it");
    assert!(sim.is_admitted(client), "it is there");
    let late = sim.join("third/client", viewer("late", REPORTS));
    let warnings = sim.warnings(late);
    assert!(warnings[0].message.ends_with("; calls of its namespace do not go there"), "{warnings:?}");
    sim.close(client);
    sim.leave(late);
    let other = sim.join("third/client", viewer("other", 0));
    assert!(sim.is_admitted(other));
    assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:1"]);
}

#[test]
fn what_was_placed_together_stays_together_over_a_restart() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("old", 1, 0));
    sim.join("demo/client", viewer("c", 0));
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "of whom nobody has heard yet");
    let client = sim.join("demo/client", viewer("c", 0));
    assert!(sim.is_admitted(client));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    sim.leave(client);
    assert!(sim.is_admitted(new));

    // Both were there when a rule came that would have kept them apart: nobody is thrown out.
    let mut sim = Sim::new();
    sim.join("demo/client", consumer("c", GREETER));
    sim.join("demo/greeter", provider("new", 2, BREAKS));
    let mut placement = sim.placements.remove(&key("demo/client", "c")).unwrap();
    placement.claim.views = viewer("c", 0).check().unwrap().views;
    sim.contracts.insert(digest(0), SETS[0].clone());
    sim.placements.insert(placement.key.clone(), placement);
    sim.restart();
    let client = sim.join("demo/client", viewer("c", 0));
    assert_eq!(sim.warnings(client)[0].reason, Reason::CONTRACT_BREAKS);
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert!(sim.warnings(new)[0].message.contains("both are there already"));
}

#[test]
fn a_consumer_whose_stream_breaks_is_not_forgotten_at_once() {
    let (mut sim, _, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    sim.lose(client);
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "it may go on calling");
    let client = sim.open("demo/client", viewer("c", 0));
    assert!(sim.is_admitted(client), "it comes back to what it had");
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    sim.lose(client);
    sim.later(LINGER - Duration::from_secs(1));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    assert_eq!(sim.registry.next_lapse(), Some(sim.clock.wall + Duration::from_secs(1)));
    sim.later(Duration::from_secs(1));
    assert!(sim.is_admitted(new), "it is gone for good");
    assert_eq!(sim.registry.next_lapse(), None);
}

#[test]
fn a_consumer_whose_stream_breaks_is_not_forgotten_over_a_restart() {
    let (mut sim, _, client) = town();
    sim.lose(client);
    assert_eq!(sim.placements.len(), 2, "it is kept");
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "it may go on calling");
    sim.later(GRACE - Duration::from_secs(1));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    let client = sim.open("demo/client", viewer("c", 0));
    assert!(sim.is_admitted(client) && sim.warnings(client).is_empty());
    sim.lose(client);
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    sim.later(GRACE);
    assert!(sim.is_admitted(new), "nobody heard of it since");

    // Once it has been away for long enough, nothing is kept of it.
    let (mut sim, _, client) = town();
    sim.lose(client);
    sim.later(LINGER);
    assert_eq!(sim.placements.len(), 1);
}

#[test]
fn what_is_called_after_its_sunset_is_said_to_both_and_refuses_nobody() {
    let said = |sim: &Sim, lease| -> Vec<String> {
        let warnings = sim.warnings(lease).into_iter().filter(|it| it.reason != Reason::CALLS_DENIED);
        warnings
            .inspect(|warning| assert_eq!(warning.reason, Reason::SUNSET_PASSED))
            .map(|w| w.message)
            .collect()
    };
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, SUNSET));
    let client = sim.join("demo/client", viewer("c", SUNSET));
    assert_eq!((said(&sim, old).len(), said(&sim, client).len()), (0, 0), "the day is not over");
    sim.later(DAY);
    assert_eq!(said(&sim, old).len(), 0, "a new day alone makes no verdict");
    let new = sim.join("demo/greeter", provider("new", 2, SUNSET));
    let both =
        "the sunset of demo.v1.Greeter/SayHello was 1970-01-01, and it is called still, by demo/client";
    assert_eq!(said(&sim, new), [both]);
    assert!(sim.warnings(new)[0].origin.starts_with("demo/v1/greeter.proto:"));
    let visitor = sim.join("demo/visitor", viewer("v", SUNSET));
    let own = "demo/visitor calls demo.v1.Greeter/SayHello of demo/greeter, whose sunset was 1970-01-01";
    assert_eq!(said(&sim, visitor), [own]);
    assert_eq!(said(&sim, new), [format!("{both}, demo/visitor")]);
    sim.join("demo/stranger", viewer("s", SUNSET));
    assert_eq!(said(&sim, new), [format!("{both}, demo/visitor")], "it may not call");
    sim.leave(client);
    sim.leave(visitor);
    assert_eq!(said(&sim, new), [""; 0], "nobody is left");

    // Without it, whoever calls it breaks all the same, and is told since when it might.
    sim.join("demo/client", viewer("c", SUNSET));
    let gone = sim.join("demo/greeter", provider("gone", 3, AFTER));
    assert_eq!(sim.reasons(gone), ["CONTRACT_BREAKS"]);
    assert!(sim.refusals(gone)[0].message.contains("until 1970-01-01"), "{:?}", sim.refusals(gone));
}

fn key(workload: &str, instance: &str) -> InstanceKey {
    InstanceKey { workload: self::workload(workload), instance: instance.to_owned() }
}

#[test]
fn whoever_may_call_nothing_of_what_it_consumes_is_told_so_and_so_is_a_provider_that_comes_later() {
    let denied = |sim: &Sim, lease| -> Vec<String> {
        let warnings = sim.warnings(lease).into_iter();
        warnings.filter(|it| it.reason == Reason::CALLS_DENIED).map(|it| it.message).collect()
    };
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, SUNSET));
    let client = sim.join("demo/client", viewer("c", SUNSET));
    let stranger = sim.join("demo/stranger", viewer("s", SUNSET));
    let said = "demo/stranger consumes demo.v1.Greeter, and the contract of demo/greeter lets it call nothing of \
                it: such calls fail with PERMISSION_DENIED";
    assert_eq!(denied(&sim, stranger), [said]);
    assert!(sim.is_admitted(stranger), "it may be allowed tomorrow");
    let warning = &sim.warnings(stranger)[0];
    assert!(warning.origin.starts_with("demo/v1/greeter.proto:"), "{warning:?}");
    assert_eq!((denied(&sim, old), denied(&sim, client).len()), (vec![said.to_owned()], 0));
    let new = sim.join("demo/greeter", provider("new", 2, SUNSET));
    assert_eq!(denied(&sim, new), [said]);
    sim.leave(stranger);
    assert_eq!(denied(&sim, new), [""; 0]);
    // Of what it names, that alone.
    let mut offer = viewer("n", SUNSET);
    offer.views[0].methods = vec!["SayHello".to_owned()];
    let stranger = sim.join("demo/stranger", offer);
    assert_eq!(denied(&sim, stranger), [said]);
}

/// A clean stop and a kill are the same to whoever waits: each restart is over before the other side is let go.
#[test]
fn whoever_is_started_again_finds_its_place() {
    type End = fn(&mut Sim, LeaseId);
    let ends: [End; 2] = [Sim::close, Sim::lose];
    for end in ends {
        let (mut sim, old, client) = town();
        let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
        end(&mut sim, client);
        let refusals = sim.refusals(new);
        assert!(
            refusals[0].message.ends_with("; demo/client has left, and counts until 1970-01-01 00:00:30 UTC"),
            "{refusals:?}"
        );
        let client = sim.join("demo/client", viewer("c", 0));
        assert!(sim.is_admitted(client));
        assert!(!sim.refusals(new)[0].message.contains("has left"));

        // The same of a provider whom a waiting consumer would shut out.
        sim.leave(new);
        let other = sim.join("demo/visitor", viewer("v", BREAKS));
        end(&mut sim, old);
        let refusals = sim.refusals(other);
        let until = "; this version of demo/greeter has left, and counts until 1970-01-01 00:01:00 UTC";
        assert!(refusals[0].message.ends_with(until), "{refusals:?}");
        let old = sim.join("demo/greeter", provider("old", 1, 0));
        assert!(sim.is_admitted(old) && !sim.refusals(other)[0].message.contains("has left"));
        assert!(sim.is_admitted(client));
        sim.leave(old);
        assert!(sim.is_admitted(other));
    }
}

/// Whoever is replaced is not waited for: roll-outs take no longer.
#[test]
fn who_left_counts_no_more_when_a_successor_is_there() {
    let (mut sim, _, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let successor = sim.join("demo/client", viewer("d", RENAMED));
    assert!(sim.is_admitted(successor));
    sim.close(client);
    let of = |sim: &Sim| -> Vec<bool> {
        sim.refusals(new).iter().map(|refusal| refusal.message.contains("has left")).collect()
    };
    assert_eq!(of(&sim), [false], "the successor alone");
    // One that comes later, too; not one that was there before, or has the same view.
    let replica = sim.join("demo/client", viewer("e", RENAMED));
    sim.close(successor);
    assert_eq!(of(&sim), [false]);
    sim.close(replica);
    assert_eq!(of(&sim), [true]);
    let newest = sim.join("demo/client", viewer("f", 0));
    assert_eq!(of(&sim), [false]);
    sim.leave(newest);
    assert!(sim.is_admitted(new));

    // A version that was replaced, and one whose service somebody else provides now.
    for (workload, set) in [("demo/greeter", RENAMED), ("demo/other", 0)] {
        let (mut sim, old, client) = town();
        let waits = sim.join("demo/visitor", viewer("v", BREAKS));
        assert_eq!(sim.reasons(waits), ["CONTRACT_BREAKS"]);
        sim.close(client);
        sim.close(old);
        let new = sim.join(workload, provider("new", 2, set));
        assert!(sim.is_admitted(new) && sim.registry.lingering.len() == 1, "the client alone");
    }
}

/// However often a process comes and goes, what it leaves is bounded; the refused one is refused all the same.
#[test]
fn of_one_workload_only_so_many_count_after_they_left() {
    let (mut sim, ..) = town();
    for n in 0..200 {
        let client = sim.join("demo/client", viewer(&format!("c{n}"), 0));
        sim.close(client);
    }
    assert_eq!(sim.registry.lingering.len(), 64);
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
}

#[test]
fn who_left_counts_over_a_restart_as_long_as_anybody_who_is_remembered() {
    let (mut sim, old, client) = town();
    let waits = sim.join("demo/visitor", viewer("v", BREAKS));
    sim.close(client);
    sim.close(old);
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let waits = {
        assert!(!sim.told.contains_key(&waits));
        sim.join("demo/visitor", viewer("v", BREAKS))
    };
    assert_eq!((sim.reasons(new), sim.reasons(waits)), (vec!["CONTRACT_BREAKS"], vec!["CONTRACT_BREAKS"]));
    assert_eq!(sim.endpoints(GREETER, "demo"), [""; 0], "nobody is sent there");
    let old = sim.join("demo/greeter", provider("old", 1, 0));
    let client = sim.join("demo/client", viewer("c", 0));
    assert!(sim.is_admitted(old) && sim.is_admitted(client));
    sim.later(GRACE);
    assert!(sim.is_admitted(old) && sim.is_admitted(client));
}

/// Nobody is sent to a version that was never held against them, whatever becomes of the one that they called.
#[test]
fn calls_go_to_another_provider_only_where_it_breaks_nobody() {
    for (set, fits) in [(BREAKS, false), (RENAMED, true)] {
        let mut sim = Sim::new();
        let first = sim.join("demo/greeter", provider("first", 1, 0));
        sim.join("third/client", viewer("c", 0));
        let second = sim.join("other/greeter", provider("second", 2, set));
        assert!(sim.is_admitted(second), "it is called by nobody");
        sim.leave(first);
        assert_eq!(sim.endpoints(GREETER, "third"), [""; 0]);
        // With the restart it is forgotten that the first one would come back.
        for _ in 0..2 {
            sim.restart();
            let client = sim.join("third/client", viewer("c", 0));
            let second = sim.join("other/greeter", provider("second", 2, set));
            let replica = sim.join("third/client", viewer("d", 0));
            for lease in [client, second, replica] {
                assert!(sim.is_admitted(lease), "{:?}", sim.told.get(&lease));
            }
            let to: &[&str] = if fits { &["127.0.0.1:2"] } else { &[] };
            assert_eq!(sim.endpoints(GREETER, "third"), to);
            assert_eq!(sim.endpoints(GREETER, "fourth"), ["127.0.0.1:2"], "nobody is there whom it breaks");
            let warnings = sim.warnings(replica);
            let apart = warnings.iter().any(|warning| warning.message.ends_with("do not go there"));
            assert_eq!(apart, !fits, "{warnings:?}");
            sim.leave(replica);
        }
        // What was mended finds its way; whoever comes back to its own does not take it away.
        let mended = sim.join("other/greeter", provider("mended", 3, 0));
        assert!(sim.is_admitted(mended));
        assert_eq!(sim.endpoints(GREETER, "third").is_empty(), !fits, "the other is there still");
        let second = LeaseId(mended.0 - 2);
        sim.leave(second);
        assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:3"]);
        let first = sim.join("demo/greeter", provider("first", 1, 0));
        assert!(sim.is_admitted(first));
        assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:3"]);
    }
}

/// The order in which providers came is another one once their first instances have gone.
#[test]
fn a_restart_sends_nobody_elsewhere() {
    let mut sim = Sim::new();
    let first = sim.join("demo/greeter", provider("first", 1, 0));
    sim.join("other/greeter", provider("second", 2, BREAKS));
    sim.join("third/client", viewer("c", 0));
    sim.join("demo/greeter", provider("third", 3, RENAMED));
    sim.leave(first);
    assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:3"]);
    sim.restart();
    assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:3"]);
    let client = sim.join("third/client", viewer("c", 0));
    assert!(sim.is_admitted(client));
    // Nor does one from before routes were kept.
    sim.routes.clear();
    sim.restart();
    assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:2"], "as it was then");
}

/// That calls become known of which nobody knew cuts none of them off.
#[test]
fn whoever_calls_is_sent_where_it_called() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("old", 1, 0));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let both = ["127.0.0.1:1", "127.0.0.1:2"];
    assert_eq!(sim.endpoints(GREETER, "treaty"), both);
    sim.used("treaty/gateway", DAY, Some((Duration::ZERO, 0)));
    assert_eq!(sim.endpoints(GREETER, "treaty"), both);
    sim.close(new);
    let other = sim.join("demo/greeter", provider("other", 3, BREAKS));
    assert_eq!(sim.refusals(other)[0].breakage.as_ref().unwrap().consumer, "treaty/gateway");
}
