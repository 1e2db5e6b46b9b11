use super::*;

#[test]
fn a_set_is_asked_for_once_and_its_provider_admitted() {
    let mut sim = Sim::new();
    let first = sim.open("demo/greeter", provider("a", 1, 0));
    assert_eq!(sim.told[&first], Answer::Wanted(vec![digest(0)]));
    assert_eq!(sim.state("a"), State::Joined);
    sim.upload(first);
    let listener = "grpc/server?xds.resource.listening_address=127.0.0.1:1".to_owned();
    assert_eq!(sim.told[&first], Answer::Admitted { listener, warnings: Arc::default() });
    assert_eq!(sim.endpoints(GREETER, ""), [""; 0]);
    sim.handle(Event::Readiness { lease: first, ready: true });
    let second = sim.open("demo/greeter", provider("b", 2, 0));
    assert!(sim.is_admitted(second), "known by now");
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"]);
    sim.handle(Event::Readiness { lease: second, ready: true });
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1", "127.0.0.1:2"]);
    sim.handle(Event::Readiness { lease: first, ready: false });
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:2"]);
    assert_eq!(sim.history, [(GREETER.to_owned(), digest(0)), (GREETER.to_owned(), digest(0))]);
    assert_eq!(*sim.contracts.keys().next().unwrap(), digest(0));
}

#[test]
fn readiness_that_came_early_counts() {
    let mut sim = Sim::new();
    let lease = sim.open("demo/greeter", provider("a", 1, 0));
    sim.handle(Event::Readiness { lease, ready: true });
    sim.upload(lease);
    assert_eq!(sim.state("a"), State::Ready);
}

#[test]
fn the_second_workload_is_refused_by_name_until_the_first_leaves() {
    let mut sim = Sim::new();
    let first = sim.join("demo/greeter", provider("a", 1, 0));
    let second = sim.join("demo/impostor", provider("b", 2, 1));
    assert_eq!(sim.reasons(second), ["CONTRACT_CLAIMED"]);
    let Answer::Refused(refusals) = &sim.told[&second] else { panic!() };
    assert_eq!(
        refusals[0].message,
        "demo.v1.Greeter is provided by demo/greeter; demo/impostor claims it too"
    );
    assert_eq!((sim.state("a"), sim.state("b")), (State::Ready, State::Refused));
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"]);
    sim.close(first);
    assert!(sim.is_admitted(second));
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:2"]);
    assert_eq!(
        sim.audit,
        [
            AuditKind::InstanceAdmitted,
            AuditKind::RegistrationRefused,
            AuditKind::InstanceLeft,
            AuditKind::InstanceAdmitted
        ]
    );
}

#[test]
fn another_namespace_has_a_provider_of_its_own() {
    let mut sim = Sim::new();
    let first = sim.join("demo/greeter", provider("a", 1, 0));
    let second = sim.join("staging/greeter", provider("b", 2, 1));
    assert!(sim.is_admitted(first) && sim.is_admitted(second));
    assert_eq!(sim.view().divided(), ["staging".to_owned()].into());
    for (namespace, address) in
        [("demo", "127.0.0.1:1"), ("staging", "127.0.0.1:2"), ("third", "127.0.0.1:1")]
    {
        assert_eq!(sim.endpoints(GREETER, namespace), [address], "{namespace}");
    }
    // The first stays everybody's while it is restarted.
    sim.close(first);
    assert_eq!(sim.endpoints(GREETER, "third"), [""; 0]);
    sim.join("demo/greeter", provider("c", 3, 0));
    assert_eq!(sim.endpoints(GREETER, "third"), ["127.0.0.1:3"]);
}

#[test]
fn the_contract_registered_last_is_in_force() {
    let mut sim = Sim::new();
    let in_force = |sim: &Sim| sim.view().contracts[GREETER][0].contract.digest.clone();
    let old = sim.join("demo/greeter", provider("a", 1, 0));
    let new = sim.join("demo/greeter", provider("b", 2, 1));
    assert_eq!(in_force(&sim), digest(1));
    sim.close(old);
    let old = sim.join("demo/greeter", provider("a", 1, 0));
    assert_eq!(in_force(&sim), digest(1), "a stream that breaks registers nothing new");
    sim.close(new);
    assert_eq!(in_force(&sim), digest(0));
    sim.close(old);
    assert_eq!(in_force(&sim), digest(0), "nobody is there, and that is not nothing");
    assert!(!sim.view().contracts[GREETER][0].served);
    sim.join("demo/greeter", provider("a", 1, 2));
    assert!(!sim.view().contracts.contains_key(GREETER), "it was given up");
}

#[test]
fn an_instance_may_change_what_it_serves() {
    let mut sim = Sim::new();
    let lease = sim.join("demo/greeter", provider("a", 1, 0));
    sim.register(lease, "demo/greeter", provider("a", 1, 2));
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"], "until the new set is here");
    sim.upload(lease);
    assert_eq!(
        (sim.endpoints(GREETER, ""), sim.endpoints(SERVICES[2], "")),
        (vec![], vec!["127.0.0.1:1".to_owned()])
    );
    sim.register(lease, "demo/greeter", provider("a", 1, 3));
    sim.upload(lease);
    assert_eq!(sim.reasons(lease), ["LINT_ERROR"]);
    assert!(sim.placements.is_empty());
}

#[test]
fn unsound_offers_are_refused_with_every_reason() {
    let mut sim = Sim::new();
    let mut offer = provider("a", 0, 0);
    offer.serves.push(("treaty.v1.Identity".to_owned(), digest(0).to_string()));
    offer.serves.push(("x.Y".to_owned(), "sha256:1".to_owned()));
    offer.metrics_address = "localhost:9".to_owned();
    let lease = sim.open("demo/greeter", offer);
    assert_eq!(
        sim.reasons(lease),
        ["ADDRESS_INVALID", "ADDRESS_INVALID", "CONTRACT_RESERVED", "DIGEST_INVALID"]
    );
    let mut offer = provider("a", 1, 0);
    offer.serves = vec![("demo.v1.Other".to_owned(), digest(0).to_string())];
    sim.register(lease, "demo/greeter", offer);
    sim.upload(lease);
    assert_eq!(sim.reasons(lease), ["SERVICE_UNKNOWN"]);
    let offer = Offer { address: String::new(), ..provider("a", 1, 0) };
    sim.register(lease, "demo/greeter", offer);
    assert_eq!(sim.reasons(lease), ["ADDRESS_MISSING"]);
    sim.register(lease, "demo/greeter", provider("a", 1, 0));
    sim.upload(lease);
    assert!(sim.is_admitted(lease), "it mended its ways on the same stream");
}

#[test]
fn lint_refuses_with_the_place() {
    let mut sim = Sim::new();
    let lease = sim.join("demo/bad", provider("a", 1, 3));
    let Answer::Refused(refusals) = &sim.told[&lease] else { panic!() };
    assert!(refusals[0].origin.starts_with("bad/v1/greeter.proto:"), "{refusals:?}");
    assert!(refusals[0].message.contains("(bad-duration)"), "{refusals:?}");
}

#[test]
fn sets_that_are_none_are_refused_for_everybody_and_swapped_ones_for_the_liar() {
    let mut sim = Sim::new();
    let junk: Arc<[u8]> = Arc::from(&[0xff, 1, 2][..]);
    let mut offer = provider("a", 1, 0);
    offer.serves = vec![("x.Y".to_owned(), Digest::of(&junk).to_string())];
    let lease = sim.open("demo/a", offer);
    sim.handle(Event::Learn { judged: Judged::of(junk), stored: false });
    assert_eq!(sim.reasons(lease), ["DESCRIPTOR_SET_UNSOUND"]);
    let liar = sim.open("demo/liar", provider("b", 2, 0));
    sim.handle(Event::Mismatch { lease: liar, said: digest(0), is: digest(1) });
    assert_eq!(sim.reasons(liar), ["DESCRIPTOR_SET_MISMATCH"]);
    let honest = sim.join("demo/honest", provider("c", 3, 0));
    assert!(sim.is_admitted(honest));
}

#[test]
fn an_address_belongs_to_one_process() {
    let mut sim = Sim::new();
    let first = sim.join("demo/greeter", provider("a", 1, 0));
    let second = sim.join("other/greeter", provider("b", 1, 2));
    assert_eq!(sim.reasons(second), ["ADDRESS_CLAIMED"]);
    sim.close(first);
    assert!(sim.is_admitted(second));
}

#[test]
fn a_newer_stream_takes_its_instance_over() {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("a", 1, 0));
    let new = sim.open("demo/greeter", provider("a", 1, 0));
    assert_eq!(sim.told[&old], Answer::Superseded);
    assert_eq!(sim.endpoints(GREETER, ""), ["127.0.0.1:1"], "the same process: still ready");
    sim.close(old);
    assert!(sim.is_admitted(new));
    let newer = sim.open("demo/greeter", provider("a", 2, 0));
    assert!(sim.is_admitted(newer));
    assert_eq!(sim.state("a"), State::Joined, "another process: not ready");
}

#[test]
fn malformed_offers_are_told_from_refused_ones() {
    assert_eq!(provider("a", 1, 0).malformed(), None);
    let bad = [
        provider("", 1, 0),
        provider(&"x".repeat(300), 1, 0),
        Offer { version: "\u{1b}[31m".to_owned(), ..provider("a", 1, 0) },
        Offer { consumes: vec![String::new(); 300], ..provider("a", 1, 0) },
    ];
    assert!(bad.iter().all(|offer| offer.malformed().is_some()));

    let mut many = viewer("a", 0);
    many.views[0].methods = vec!["Do".to_owned(); 1024];
    assert_eq!(many.malformed(), None);
    many.views[0].methods.push("Do".to_owned());
    assert_eq!(
        many.malformed().unwrap(),
        "consumes.methods: 1025 of demo.v1.Greeter, and at most 1024 may be named of one contract: name none, which \
         means all"
    );
}

#[test]
fn consumers_are_seen_and_have_no_listener() {
    let mut sim = Sim::new();
    let lease = sim.join("demo/client", consumer("a", GREETER));
    let Answer::Admitted { listener, warnings } = &sim.told[&lease] else { panic!() };
    assert_eq!((listener.as_str(), warnings.len()), ("", 1));
    assert_eq!(warnings[0].reason.as_str(), "CONSUMER_VIEW_MISSING");
    assert_eq!(*sim.view().consumes[&workload("demo/client")], [GREETER.to_owned()].into());
}
