//! What is only said: to both sides, the same whenever it is asked, and no oftener than it changes. And what a consumer
//! says of itself.

use super::{breaking::town, *};
use crate::{reason::Reason, registry::Use};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn messages(sim: &Sim, lease: LeaseId) -> Vec<String> {
    sim.warnings(lease).into_iter().map(|warning| warning.message).collect()
}

#[test]
fn both_sides_are_warned_and_a_restart_changes_nothing() {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, BETA));
    let client = sim.join("demo/client", viewer("c", BETA));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let said = [old, client, new].map(|lease| messages(&sim, lease));
    assert!(said[0].is_empty() && said[2][0].ends_with("; the method is not STABLE"), "{said:?}");
    let other_side = "demo/client cannot call demo/greeter (owner: demo) as it is: ";
    assert!(
        said[1][0].starts_with(other_side) && said[1][0].ends_with("; the method is not STABLE"),
        "{said:?}"
    );
    let view = sim.view();
    let shown = view.instances.iter().find(|known| known.key.instance == "c").unwrap();
    assert_eq!(shown.warnings[0].message, said[1][0]);
    for _ in 0..2 {
        sim.restart();
        let old = sim.join("demo/greeter", provider("old", 1, BETA));
        let client = sim.join("demo/client", viewer("c", BETA));
        let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
        assert_eq!([old, client, new].map(|lease| messages(&sim, lease)), said);
    }
}

/// What is said of use changes with it, and with time alone.
#[test]
fn what_is_called_again_is_said_to_be() {
    let (mut sim, _, client) = town();
    sim.used("demo/client", 40 * DAY, None);
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    let ends = |sim: &Sim, end: &str| {
        for lease in [client, new] {
            let said: Vec<_> = messages(sim, lease)
                .into_iter()
                .filter(|said| !said.contains("in JSON") && !said.contains("loses values"))
                .collect();
            assert!(!said.is_empty() && said.iter().all(|said| said.ends_with(end)), "{end}: {said:?}");
        }
    };
    ends(&sim, "; it was never called");
    sim.used("demo/client", 40 * DAY, Some((Duration::ZERO, 0)));
    ends(&sim, "; both are there already");
    sim.used("demo/client", 40 * DAY, Some((Duration::ZERO, 0)));
    sim.later(29 * DAY);
    ends(&sim, "; both are there already");
    assert_eq!(sim.registry.next_lapse(), Some(sim.clock.wall + DAY));
    sim.later(DAY);
    ends(&sim, "; it has not been called for long");
    assert_eq!(sim.registry.next_lapse(), None);
}

#[test]
fn a_replica_is_no_news() {
    let (mut sim, ..) = town();
    for n in 0..20 {
        sim.join("demo/client", viewer(&format!("c{n}"), 0));
        sim.join("demo/greeter", provider(&format!("p{n}"), 10 + n, 0));
    }
    // Another consumer is its provider's business, and nobody else's.
    for n in 0..20 {
        let before = sim.registry.warned;
        sim.join(&format!("demo/extra{n}"), viewer("c", 0));
        assert_eq!(sim.registry.warned, before + 1);
    }
    let before = sim.registry.warned;
    let replica = sim.join("demo/client", viewer("replica", 0));
    sim.leave(replica);
    assert_eq!(sim.registry.warned, before);
    sim.join("demo/greeter", provider("new", 2, RENAMED));
    assert_eq!(
        sim.registry.warned,
        before + 22,
        "those who provide, and those of each caller, are told the same"
    );
    assert!(
        sim.view()
            .instances
            .iter()
            .filter(|known| known.key.workload == workload("demo/client"))
            .all(|known| !known.warnings.is_empty())
    );
}

#[test]
fn a_consumer_that_names_its_methods_means_them_and_what_it_calls() {
    let misnamed = "of demo.v1.Greeter, `SayHallo` are named as called, and the view does not have them: as long as that is so, \
                    the consumer counts as one that names none";
    for (named, declared, called, refused) in [
        (&["SayMore"][..], DAY, None, false),
        (&["SayMore"], 40 * DAY, Some(DAY), true),
        (&["SayMore"], 40 * DAY, Some(40 * DAY), false),
        (&["SayHello"], 40 * DAY, None, true),
        (&["SayMore", "SayHallo"], DAY, None, true),
        (&["SayMore", "SayHallo"], 40 * DAY, None, false),
    ] {
        let mut sim = Sim::new();
        sim.join("demo/greeter", provider("old", 1, MORE));
        let mut offer = viewer("c", MORE);
        offer.views[0].methods = named.iter().map(|name| (*name).to_owned()).collect();
        let client = sim.join("demo/client", offer);
        let said = messages(&sim, client);
        let warned = if named.contains(&"SayHallo") { vec![misnamed] } else { Vec::new() };
        assert_eq!(said, warned);
        assert!(sim.warnings(client).iter().all(|warning| warning.reason == Reason::CONSUMER_METHOD_UNKNOWN));
        sim.used("demo/client", declared, called.map(|ago| (ago, MORE)));
        let new = sim.join("demo/greeter", provider("new", 2, MORE_BREAKS));
        assert_eq!(sim.is_admitted(new), !refused, "{named:?} {called:?}");
    }
}

/// However long a consumer has been there, what a new version of it knows is new.
#[test]
fn a_method_counts_from_when_a_view_came_that_has_it() {
    let known = |methods: &[(&str, Duration)], sim: &mut Sim| {
        sim.used("demo/client", 40 * DAY, None);
        let known = sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap();
        let since = methods.iter().map(|(name, ago)| ((*name).to_owned(), sim.clock.wall - *ago)).collect();
        let known = Use { since, ..Use::clone(known) };
        sim.handle(Event::Used(vec![known]));
    };
    // As it comes: the provider does not have it.
    let (mut sim, ..) = town();
    known(&[("SayHello", 40 * DAY)], &mut sim);
    let new = sim.join("demo/client", viewer("new", MORE));
    let refusals = sim.refusals(new);
    assert_eq!(refusals[0].breakage.as_ref().unwrap().method, "demo.v1.Greeter/SayMore");
    assert!(refusals.len() == 1, "{refusals:?}");

    // Once it is there: no provider comes without it, until it was not called for as long as the window is.
    for (ago, said) in [(DAY, None), (40 * DAY, Some("; it was never called"))] {
        let mut sim = Sim::new();
        sim.join("demo/greeter", provider("old", 1, MORE));
        let client = sim.join("demo/client", viewer("c", MORE));
        assert!(sim.is_admitted(client));
        known(&[("SayHello", 40 * DAY), ("SayMore", ago)], &mut sim);
        let without = sim.join("demo/greeter", provider("without", 2, 0));
        if let Some(said) = said {
            assert!(messages(&sim, without)[0].ends_with(said), "{:?}", messages(&sim, without));
        } else {
            assert_eq!(sim.reasons(without), ["CONTRACT_BREAKS"]);
            sim.later(29 * DAY);
            assert!(sim.is_admitted(without));
        }
    }
}

/// What the book is told of a workload's views.
#[test]
fn the_views_of_a_workload_are_shown_as_long_as_they_count() {
    let viewed = |sim: &Sim| -> Vec<Digest> {
        let viewed = sim.view().viewed.get(&workload("demo/client")).cloned().unwrap_or_default();
        viewed.get(GREETER).into_iter().flatten().cloned().collect()
    };
    let sorted = |mut digests: Vec<Digest>| {
        digests.sort();
        digests
    };
    let (mut sim, _, client) = town();
    assert_eq!(viewed(&sim), [digest(0)]);
    let other = sim.join("demo/client", viewer("d", RENAMED));
    assert_eq!(viewed(&sim), sorted(vec![digest(0), digest(RENAMED)]));
    sim.leave(client);
    assert_eq!(viewed(&sim), [digest(RENAMED)]);
    sim.close(other);
    assert_eq!(viewed(&sim), [digest(RENAMED)], "it may come back");
    sim.later(LINGER);
    assert!(viewed(&sim).is_empty());
}
