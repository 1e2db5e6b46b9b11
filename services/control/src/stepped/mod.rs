//! Control plane and data planes stepped together: what is promised to whoever calls and is called.

mod world;

use crate::registry::tests::{GRACE, GREETER, consumer, provider};
use contract::MethodPath;
use std::{collections::BTreeSet, sync::LazyLock, time::Duration};
use world::{Nowhere, World};

static HELLO: LazyLock<MethodPath> = LazyLock::new(|| MethodPath::new(GREETER, "SayHello"));
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A consumer, and providers at these ports, ready.
fn town(ports: &[u16]) -> World {
    let mut world = World::new();
    world.join("demo/client", consumer("c", GREETER));
    for port in ports {
        let name = port.to_string();
        world.join("demo/greeter", provider(&name, *port, 0));
        world.ready(&name);
    }
    world
}

fn goes_to(ports: &[u16]) -> Result<BTreeSet<u16>, Nowhere> {
    Ok(ports.iter().copied().collect())
}

#[test]
fn calls_follow_a_provider_from_its_joining_to_its_end() {
    let mut world = town(&[]);
    assert_eq!(world.calls("c", &HELLO), Err(Nowhere::Unknown));
    world.join("demo/greeter", provider("1", 1, 0));
    assert_eq!(world.calls("c", &HELLO), Err(Nowhere::NoEndpoint), "joined is not ready");
    world.ready("1");
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1]));
    world.join("demo/greeter", provider("2", 2, 0));
    world.ready("2");
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]));
    world.end("1");
    assert_eq!(world.calls("c", &HELLO), goes_to(&[2]), "with its lease, the endpoint is withdrawn");
    world.end("2");
    assert_eq!(world.calls("c", &HELLO), Err(Nowhere::NoEndpoint), "the contract is known still");
}

#[test]
fn calls_go_on_while_the_control_plane_is_away_and_until_it_knows_better() {
    let mut world = town(&[1, 2]);
    world.stop_control_plane();
    world.sim.clock.advance(DAY);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]), "data planes need nobody");

    world.start_control_plane();
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]));
    world.register("c");
    world.register("1");
    // Whoever sets the clock does not end the grace.
    world.sim.clock.wall += 400 * DAY;
    world.later(GRACE - SECOND);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]), "nothing is withdrawn within the grace");
    world.later(SECOND);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1]), "nobody heard of 2 since");
    world.register("2");
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]), "late is better than never");
}

#[test]
fn a_changed_rule_reaches_every_instance_of_its_provider() {
    let mut world = town(&[1]);
    let before = world.allowed("1", &HELLO);
    assert!(before.contains(&"demo/client".to_owned()), "{before:?}");
    // A newer version of the contract is rolled out, and is in force for the older instance, too.
    world.join("demo/greeter", provider("2", 2, 1));
    for provider in ["1", "2"] {
        let allowed = world.allowed(provider, &HELLO);
        assert!(allowed.contains(&"demo/visitor".to_owned()), "{provider}: {allowed:?}");
        assert!(!allowed.contains(&"demo/client".to_owned()), "{provider}: {allowed:?}");
    }
    world.end("2");
    assert_eq!(world.allowed("1", &HELLO), before, "rolled back");
}

#[test]
fn whoever_cannot_use_what_is_new_keeps_the_last_good_and_says_so() {
    let mut world = town(&[1]);
    let before = world.allowed("1", &HELLO);
    world.refuses("1", true);
    world.refuses("c", true);
    world.join("demo/greeter", provider("2", 2, 1));
    world.ready("2");
    assert_eq!(world.allowed("1", &HELLO), before);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1]));
    let nacks = world.nacks("1");
    assert!(nacks.len() == 1 && nacks[0].contains("not for me"), "{nacks:?}");
    assert!(!world.nacks("c").is_empty());

    world.refuses("1", false);
    world.refuses("c", false);
    // Of the refused version nothing more is said. Another one, or another stream, is another chance.
    world.later(SECOND);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1]));
    world.stop_control_plane();
    world.start_control_plane();
    assert_ne!(world.allowed("1", &HELLO), before);
    assert_eq!(world.calls("c", &HELLO), goes_to(&[1, 2]));
    assert_eq!((world.nacks("1"), world.nacks("c")), (Vec::new(), Vec::new()));
}
