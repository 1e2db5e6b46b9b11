//! Who would break whom: what is refused, what is only said, and what frees whoever waits.

use super::*;
use crate::{
    peaks::{Measure, Peaks},
    reason::Reason,
    registry::{MethodUse, Refusal, Use},
};

use std::collections::BTreeSet;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Sim {
    pub(super) fn refusals(&self, lease: LeaseId) -> Vec<Refusal> {
        match &self.told[&lease] {
            Answer::Refused(refusals) => refusals.to_vec(),
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(super) fn warnings(&self, lease: LeaseId) -> Vec<Refusal> {
        match &self.told[&lease] {
            Answer::Admitted { warnings, .. } => warnings.to_vec(),
            other => panic!("not admitted: {other:?}"),
        }
    }

    /// It becomes known that `workload` declared the greeter so long ago, and called it so long ago.
    pub(super) fn used(&mut self, workload: &str, declared: Duration, called: Option<(Duration, usize)>) {
        let methods = called.map(|(ago, set)| {
            let last_used = self.clock.wall - ago;
            let digest = Some(digest(set));
            let (written, peaks) = Default::default();
            ("SayHello".to_owned(), MethodUse { last_used, calls: 1, digest, written, peaks })
        });
        let known = Use {
            workload: self::workload(workload),
            service: GREETER.to_owned(),
            declared: self.clock.wall - declared,
            methods: methods.into_iter().collect(),
            since: ["SayHello", "SayMore"].map(|name| (name.to_owned(), self.clock.wall - declared)).into(),
        };
        self.handle(Event::Used(vec![known]));
    }

    /// It becomes known that a request of `workload` had so many bytes, so long ago.
    pub(super) fn sent(&mut self, workload: &str, bytes: u32, ago: Duration) {
        self.used(workload, DAY, Some((ago, 0)));
        let known = self.registry.uses.of(GREETER, &self::workload(workload));
        let mut known = Use::clone(known.unwrap());
        let peaks = contracts::treaty::v1::Peaks { request_bytes: bytes, ..Default::default() };
        let at = self.clock.wall - ago;
        known.methods.get_mut("SayHello").unwrap().peaks = Peaks::reported(&peaks, at);
        self.handle(Event::Used(vec![known]));
    }

    /// It becomes known how often at most `workload` called within a minute, an hour and a day.
    fn called(&mut self, workload: &str, most: [u64; 3], total: bool) {
        self.used(workload, DAY, Some((DAY, 0)));
        let known = self.registry.uses.of(GREETER, &self::workload(workload));
        let mut known = Use::clone(known.unwrap());
        let peaks = &mut known.methods.get_mut("SayHello").unwrap().peaks;
        for ((measure, _), value) in Measure::RATES.into_iter().zip(most) {
            peaks.see(measure, value, self.clock.wall - DAY);
        }
        self.handle(if total { Event::Totals(vec![known]) } else { Event::Used(vec![known]) });
    }
}

/// A provider and a consumer that fit.
pub(super) fn town() -> (Sim, LeaseId, LeaseId) {
    town_of(0)
}

/// The same, where the provider serves this set.
fn town_of(set: usize) -> (Sim, LeaseId, LeaseId) {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, set));
    let client = sim.join("demo/client", viewer("c", 0));
    assert!(sim.is_admitted(old) && sim.is_admitted(client));
    (sim, old, client)
}

#[test]
fn a_version_that_breaks_a_consumer_is_refused_until_the_consumer_leaves() {
    let (mut sim, _, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    let refusal = sim.refusals(new).remove(0);
    let breakage = refusal.breakage.clone().unwrap();
    assert_eq!(
        [&breakage.provider, &breakage.owner, &breakage.consumer, &breakage.method].map(String::as_str),
        ["demo/greeter", "demo", "demo/client", "demo.v1.Greeter/SayHello"]
    );
    assert_eq!((breakage.direction.as_str(), breakage.level.as_str()), ("RESPONSE", "BREAKING"));
    assert_eq!(breakage.path, "SayHelloResponse.message");
    assert!(refusal.origin.starts_with("demo/v1/greeter.proto:"), "{refusal:?}");
    for part in ["demo/greeter", "owner: demo", "demo/client", "SayHello", "response", "message"] {
        assert!(refusal.message.contains(part), "{part}: {refusal:?}");
    }
    assert!(!refusal.remedy.is_empty());
    assert_eq!(sim.endpoints(GREETER, "demo"), ["127.0.0.1:1"], "the one before keeps serving");

    sim.leave(client);
    assert!(sim.is_admitted(new), "without a restart");
    assert_eq!(sim.endpoints(GREETER, "demo"), ["127.0.0.1:1", "127.0.0.1:2"]);
}

#[test]
fn a_consumer_that_is_upgraded_frees_the_provider() {
    let (mut sim, _, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    // It must go on with the version before, too.
    sim.register(client, "demo/client", viewer("c", BREAKS));
    sim.upload(client);
    assert_eq!(sim.reasons(client), ["CONTRACT_BREAKS"]);
    assert!(sim.is_admitted(new), "the old view is nobody's any more");
}

#[test]
fn a_consumer_is_held_against_every_version_that_serves() {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, 0));
    sim.join("demo/greeter", provider("new", 2, BREAKS));
    let client = sim.join("demo/client", viewer("c", BREAKS));
    assert_eq!(sim.reasons(client), ["CONTRACT_BREAKS"]);
    assert!(sim.refusals(client)[0].message.starts_with("demo/client cannot call demo/greeter"));
    sim.leave(old);
    assert!(sim.is_admitted(client));
    let back = sim.join("demo/greeter", provider("old", 1, 0));
    assert_eq!(sim.reasons(back), ["CONTRACT_BREAKS"], "who came first stays");
}

#[test]
fn whoever_comes_while_others_are_compared_meets_them() {
    let mut sim = Sim::new();
    sim.join("demo/client", viewer("first", 0));
    sim.slow = true;
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert!(!matches!(sim.told.get(&new), Some(Answer::Admitted { .. })), "not yet");
    let other = sim.join("demo/visitor", viewer("second", 0));
    assert!(!sim.told.contains_key(&other), "who came first is judged first");
    while sim.compare(0) {}
    assert!(sim.is_admitted(other));
    let consumers: Vec<_> =
        sim.refusals(new).iter().map(|refusal| refusal.breakage.clone().unwrap().consumer.clone()).collect();
    assert_eq!(consumers, ["demo/client", "demo/visitor"]);
}

#[test]
fn of_two_versions_that_race_the_first_decides_for_consumers_and_none_for_the_other() {
    let mut sim = Sim::new();
    sim.slow = true;
    let one = sim.join("demo/greeter", provider("one", 1, 0));
    let two = sim.join("demo/greeter", provider("two", 2, BREAKS));
    assert!(sim.is_admitted(one) && sim.is_admitted(two), "they break nobody who is there");
    let client = sim.join("demo/client", viewer("c", 0));
    while sim.compare(0) {}
    assert_eq!(sim.reasons(client), ["CONTRACT_BREAKS"]);
    sim.leave(two);
    assert!(sim.is_admitted(client));
}

#[test]
fn a_gate_that_reports_admits_and_says_what_it_would_have_done() {
    let (mut sim, ..) = town_of(AUDITED);
    let new = sim.join("demo/greeter", provider("new", 2, REPORTS));
    let warnings = sim.warnings(new);
    assert_eq!(warnings[0].reason, Reason::CONTRACT_BREAKS);
    assert!(warnings[0].message.contains("reports only"), "{warnings:?}");
    let view = sim.view();
    let shown = view.instances.iter().find(|known| known.key.instance == "new").unwrap();
    assert_eq!(shown.warnings.to_vec(), warnings);
}

#[test]
fn a_strict_gate_compares_with_the_version_in_force_whoever_is_there() {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, 0));
    let new = sim.join("demo/greeter", provider("new", 2, STRICT));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    assert!(sim.refusals(new)[0].message.contains("could break callers of the one in force"));
    assert_eq!(sim.refusals(new)[0].breakage.as_ref().unwrap().consumer, "");
    assert!(sim.refusals(new)[0].remedy.contains("GATE_CONSUMERS instead of GATE_STRICT"));
    sim.leave(old);
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "what was in force last still is");
    sim.restart();
    let new = sim.join("demo/greeter", provider("new", 2, STRICT));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "whatever happens to the control plane");
    assert!(!sim.view().contracts.contains_key(GREETER), "nobody claims it any more");
    let fresh = sim.join("staging/greeter", provider("fresh", 3, STRICT));
    assert!(sim.is_admitted(fresh), "nothing was in force there");
    let mended = sim.join("demo/greeter", provider("mended", 4, 0));
    assert!(sim.is_admitted(mended) && sim.left.is_empty());
    sim.leave(mended);
    sim.restart();
    sim.join("demo/greeter", provider("other", 4, 2));
    assert!(sim.left.is_empty(), "it came back without it");
    let new = sim.join("demo/greeter", provider("new", 2, STRICT));
    assert!(sim.is_admitted(new));
}

#[test]
fn what_is_beta_or_in_json_only_is_reported() {
    let mut sim = Sim::new();
    sim.join("demo/greeter", provider("old", 1, BETA));
    sim.join("demo/client", viewer("c", BETA));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert!(sim.warnings(new).iter().any(|warning| warning.message.contains("not STABLE")));

    let (mut sim, ..) = town();
    let new = sim.join("demo/greeter", provider("new", 2, RENAMED));
    let warnings = sim.warnings(new);
    assert!(!warnings.is_empty());
    assert!(
        warnings.iter().all(|warning| warning.breakage.as_ref().unwrap().encoding == "JSON"),
        "{warnings:?}"
    );
}

#[test]
fn a_method_that_is_not_called_is_not_in_use_and_time_alone_makes_it_so() {
    let (mut sim, ..) = town();
    sim.used("demo/client", 40 * DAY, None);
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert!(sim.warnings(new)[0].message.ends_with("; it was never called"));

    let (mut sim, ..) = town();
    sim.used("demo/client", 40 * DAY, Some((DAY, 0)));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    sim.later(28 * DAY);
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    assert_eq!(sim.registry.next_lapse(), Some(sim.clock.wall + DAY));
    sim.later(DAY);
    assert!(sim.is_admitted(new));
    assert_eq!(sim.registry.next_lapse(), None);
}

#[test]
fn outsiders_count_by_what_the_gateway_called() {
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", provider("old", 1, 0));
    sim.used("treaty/gateway", 40 * DAY, Some((DAY, 0)));
    sim.close(old);
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.refusals(new)[0].breakage.as_ref().unwrap().consumer, "treaty/gateway");
    sim.later(29 * DAY);
    assert!(sim.is_admitted(new), "{:?}", sim.told[&new]);
}

#[test]
fn a_view_must_be_sound_and_have_the_service() {
    let mut sim = Sim::new();
    let mut offer = viewer("c", 2);
    offer.views[0].service = GREETER.to_owned();
    let lease = sim.open("demo/client", offer);
    assert_eq!(sim.told[&lease], Answer::Wanted(vec![digest(2)]), "it is asked for as served ones are");
    sim.upload(lease);
    assert_eq!(sim.reasons(lease), ["SERVICE_UNKNOWN"]);
    // What is wrong with a contract is its provider's to mend.
    let lease = sim.join("demo/client", viewer("d", 3));
    assert!(sim.is_admitted(lease));
    let junk: Arc<[u8]> = Arc::from(&[0xff, 1, 2][..]);
    let mut offer = viewer("e", 0);
    offer.views[0].digest = Digest::of(&junk).to_string();
    let lease = sim.open("demo/client", offer);
    sim.handle(Event::Learn { judged: Judged::of(junk), stored: false });
    assert_eq!(sim.reasons(lease), ["DESCRIPTOR_SET_UNSOUND"]);
    let mut offer = viewer("f", 0);
    offer.views[0].digest = "sha256:1".to_owned();
    let lease = sim.open("demo/client", offer);
    assert_eq!(sim.reasons(lease), ["DIGEST_INVALID"]);
}

#[test]
fn rules_that_cannot_be_enforced_are_refused_with_their_place() {
    let source = testkit::GREETER
        .replace("import \"treaty", "import \"buf/validate/validate.proto\";\nimport \"treaty")
        .replace("string name = 1;", "string name = 1 [(buf.validate.field).string.pattern = \"(\"];");
    let bytes: Arc<[u8]> = testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]).into();
    let judged = Judged::of(bytes);
    let told = judged.refused().unwrap().clone().told();
    assert_eq!(told[0].reason, Reason::RULE_UNENFORCEABLE, "{told:?}");
    assert!(told[0].origin.starts_with("demo/v1/greeter.proto:"), "{told:?}");
}

#[test]
fn a_version_without_a_service_that_is_called_is_refused_while_others_serve_it() {
    let (mut sim, old, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, 2));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
    let refusal = sim.refusals(new).remove(0);
    assert_eq!(refusal.breakage.unwrap().method, GREETER);
    sim.leave(client);
    assert!(sim.is_admitted(new));
    assert!(sim.is_admitted(old));

    let (mut sim, old, client) = town();
    let new = sim.join("demo/greeter", provider("new", 2, 2));
    sim.close(old);
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"], "it is called, and nobody would serve it");
    let elsewhere = sim.join("demo/other", provider("o", 3, 0));
    assert!(sim.is_admitted(elsewhere) && sim.is_admitted(new), "somebody else provides it");
    sim.close(client);
}

/// What the workload left is asked for as what it serves, whatever happens to the control plane.
#[test]
fn a_provider_that_comes_back_without_a_service_that_is_called_is_refused() {
    for restarts in [false, true] {
        let (mut sim, old, mut client) = town();
        sim.close(old);
        if restarts {
            sim.restart();
            client = sim.join("demo/client", viewer("c", 0));
        }
        let new = sim.join("demo/greeter", provider("new", 2, 2));
        assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
        assert_eq!(sim.refusals(new)[0].breakage.as_ref().unwrap().method, GREETER);
        sim.leave(client);
        assert!(sim.is_admitted(new), "nobody calls it any more: {:?}", sim.told[&new]);
        assert!(sim.left.is_empty());
        let late = sim.join("demo/client", viewer("late", 0));
        assert!(sim.is_admitted(late));
        let replica = sim.join("demo/greeter", provider("replica", 3, 2));
        assert!(sim.is_admitted(replica), "it is long gone");
    }
}

/// A part of a workload that serves nothing takes the place of no part that does.
#[test]
fn who_serves_nothing_is_not_asked_for_what_others_left_and_takes_nothing_away() {
    let (mut sim, old, client) = town();
    let worker = sim.join("demo/greeter", consumer("worker", "other.v1.Greeter"));
    sim.close(old);
    assert!(sim.is_admitted(worker) && !sim.left.is_empty(), "what was in force is remembered");
    sim.close(worker);
    let worker = sim.join("demo/greeter", consumer("worker", "other.v1.Greeter"));
    assert!(sim.is_admitted(worker) && !sim.left.is_empty());
    assert!(sim.view().contracts.contains_key(GREETER), "nobody is there now, and it exists");
    let other = sim.join("demo/greeter", provider("new", 2, 2));
    assert_eq!(sim.reasons(other), ["CONTRACT_BREAKS"]);
    sim.leave(client);
    assert!(sim.is_admitted(other));
}

#[test]
fn a_service_that_is_declared_still_and_served_no_more_is_gone() {
    let both = |instance: &str, port| {
        let mut offer = provider(instance, port, BESIDE);
        offer.serves.push((FAREWELLS.to_owned(), digest(BESIDE).to_string()));
        offer
    };
    let mut view = viewer("c", BESIDE);
    view.views[0].service = FAREWELLS.to_owned();
    view.consumes = vec![FAREWELLS.to_owned()];
    let mut sim = Sim::new();
    let old = sim.join("demo/greeter", both("old", 1));
    let client = sim.join("demo/client", view);
    let half = sim.join("demo/greeter", provider("half", 2, BESIDE));
    assert_eq!(sim.reasons(half), ["CONTRACT_BREAKS"], "when the old one leaves, nobody serves it");
    assert!(sim.refusals(half)[0].message.contains(FAREWELLS), "{:?}", sim.refusals(half));
    assert!({
        let whole = sim.join("demo/greeter", both("whole", 3));
        sim.is_admitted(whole)
    });
    sim.leave(client);
    assert!(sim.is_admitted(half), "nobody calls it any more");
    sim.close(old);
}

#[test]
fn what_is_lost_from_requests_refuses_where_it_is_known_to_be_written() {
    let (mut sim, ..) = town();
    let new = sim.join("demo/greeter", provider("new", 2, DROPPED));
    let warnings = sim.warnings(new);
    let lossy = |refusal: &&Refusal| refusal.breakage.as_ref().is_some_and(|over| over.level == "LOSSY");
    assert!(warnings.iter().any(|warning| lossy(&warning)), "{warnings:?}");

    let (mut sim, ..) = town();
    sim.used("demo/client", DAY, Some((DAY, 0)));
    let mut known = Use::clone(sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap());
    known.methods.get_mut("SayHello").unwrap().written.insert(vec![1]);
    sim.handle(Event::Used(vec![known]));
    let new = sim.join("demo/greeter", provider("new", 2, DROPPED));
    let refusals = sim.refusals(new);
    assert!(refusals.iter().all(|refusal| lossy(&refusal)), "{refusals:?}");
    assert_eq!(refusals[0].breakage.as_ref().unwrap().direction, "REQUEST");
}

/// Found in both encodings, it is lost no less.
#[test]
fn a_zero_that_is_lost_refuses_where_it_is_known_to_be_written() {
    for written in [false, true] {
        let mut sim = Sim::new();
        sim.join("demo/greeter", provider("old", 1, PRESENT));
        sim.join("demo/client", viewer("c", PRESENT));
        sim.used("demo/client", DAY, Some((DAY, 0)));
        let mut known = Use::clone(sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap());
        known.methods.get_mut("SayHello").unwrap().written.extend(written.then(|| vec![1]));
        sim.handle(Event::Used(vec![known]));
        let new = sim.join("demo/greeter", provider("new", 2, 0));
        assert_eq!(sim.is_admitted(new), !written);
        let said = if written { sim.refusals(new) } else { sim.warnings(new) };
        assert!(
            said.iter().any(|one| one.breakage.as_ref().is_some_and(|over| over.rule == "field-presence"))
        );
    }
}

/// A limit that falls refuses where it falls below what a consumer needed lately.
#[test]
fn a_limit_below_use_refuses_until_that_is_long_ago() {
    for (needed, refused) in [(None, false), (Some(100), false), (Some(101), true)] {
        let (mut sim, ..) = town();
        sim.used("demo/client", DAY, Some((DAY, 0)));
        let mut known = Use::clone(sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap());
        let peaks = contracts::treaty::v1::Peaks { request_bytes: needed.unwrap_or(0), ..Default::default() };
        let at = sim.clock.wall - DAY * 20;
        known.methods.get_mut("SayHello").unwrap().peaks = Peaks::reported(&peaks, at);
        sim.handle(Event::Used(vec![known]));
        let new = sim.join("demo/greeter", provider("new", 2, SMALL));
        assert_eq!(sim.is_admitted(new), !refused);
        let said = if refused { sim.refusals(new) } else { sim.warnings(new) };
        let said =
            said.iter().find(|one| one.breakage.as_ref().unwrap().rule == "size-limit-lowered").unwrap();
        let told = match needed {
            None => "now fail with RESOURCE_EXHAUSTED (for messages above 100 bytes)".to_owned(),
            Some(100) => "; the most that was seen is a message of 100 bytes".to_owned(),
            Some(more) => format!("; seen: a message of {more} bytes"),
        };
        assert!(said.message.ends_with(&told), "{}", said.message);
        if refused {
            sim.later(DAY * 11);
            assert!(sim.is_admitted(new), "whoever needed so much did so a month ago");
        }
    }
}

/// A limit on how often is held against minutes, hours and days, of a caller or of all together.
#[test]
fn a_rate_below_use_refuses_whatever_time_it_is_over() {
    let own = |set, most| (set, most, None);
    let all = |most, total| (SHARED, most, Some(total));
    let untold =
        "SayHello: the limit is now 100 calls in 1h (all callers together) (for more calls than that)";
    for ((set, most, total), refused, said) in [
        (own(LIMITED, [120, 120, 120]), false, "; the most that was seen is 120 calls in a minute"),
        (own(LIMITED, [121, 121, 121]), true, "; seen: 121 calls in a minute"),
        (own(LIMITED, [100, 6020, 6020]), false, "; the most that was seen is 100 calls in a minute"),
        (own(LIMITED, [100, 6021, 6021]), true, "; seen: 6021 calls in an hour"),
        (own(SHARED, [9, 100, 2401]), true, "; seen: 2401 calls in a day, of all callers"),
        (all([9, 60, 60], [9, 100, 200]), false, "seen is 100 calls in an hour, of all callers"),
        (all([9, 60, 60], [101, 101, 101]), true, "; seen: 101 calls in a minute, of all callers"),
        (all([0, 0, 0], [101, 101, 101]), false, untold),
    ] {
        let (mut sim, ..) = town();
        if let Some(total) = total {
            sim.called("demo/greeter", total, true);
        }
        sim.called("demo/client", most, false);
        let new = sim.join("demo/greeter", provider("new", 2, set));
        assert_eq!(sim.is_admitted(new), !refused, "{most:?} {total:?}");
        let told = if refused { sim.refusals(new) } else { sim.warnings(new) };
        let told = told.iter().find(|one| one.breakage.as_ref().unwrap().rule == "rate-lowered").unwrap();
        assert!(told.message.ends_with(said), "{}", told.message);
        assert!(!told.message.contains("fail"), "nothing enforces it: {}", told.message);
    }
}

/// Whoever was built for the lower limit, and needs more of the version that is there, breaks all the same.
#[test]
fn a_limit_below_use_refuses_though_the_consumer_was_built_for_it() {
    let rebuilt = || {
        let (mut sim, _, client) = town();
        sim.register(client, "demo/client", viewer("c", SMALL));
        sim.upload(client);
        assert!(sim.is_admitted(client));
        sim
    };
    let lowered = |said: Vec<Refusal>| -> Vec<Refusal> {
        let rule =
            |one: &Refusal| one.breakage.as_ref().is_some_and(|over| over.rule == "size-limit-lowered");
        said.into_iter().filter(rule).collect()
    };
    let mut sim = rebuilt();
    sim.sent("demo/client", 5000, DAY * 20);
    let new = sim.join("demo/greeter", provider("new", 2, SMALL));
    let [refusal] = <[_; 1]>::try_from(sim.refusals(new)).unwrap();
    assert!(refusal.message.ends_with("; seen: a message of 5000 bytes"), "{}", refusal.message);
    let over = refusal.breakage.unwrap();
    assert_eq!(
        (over.consumer.as_str(), over.written.text.as_str()),
        ("demo/client", "max_request_bytes = 4194304")
    );
    // Another consumer of the old contract, and an instance of this one with it: each is told of once.
    let other = sim.join("demo/client", viewer("d", 0));
    assert_eq!(lowered(sim.refusals(new)).len(), 1);
    sim.close(other);
    sim.later(DAY * 11);
    assert!(sim.is_admitted(new), "whoever needed so much did so a month ago");

    for needed in [0, 100] {
        let mut sim = rebuilt();
        sim.sent("demo/client", needed, DAY);
        let new = sim.join("demo/greeter", provider("new", 2, SMALL));
        assert!(sim.is_admitted(new) && lowered(sim.warnings(new)).is_empty());
    }
    let mut sim = rebuilt();
    let small = sim.join("demo/greeter", provider("small", 2, SMALL));
    assert!(sim.is_admitted(small));
    sim.sent("demo/client", 5000, DAY);
    let replica = sim.join("demo/greeter", provider("replica", 3, SMALL));
    assert!(sim.is_admitted(replica), "it is in force");
    assert_eq!(lowered(sim.warnings(replica)).len(), 1, "and lower than what is served beside it");
}

/// That nobody was there for a moment changes nothing; a gate that reports only reports this too.
#[test]
fn a_limit_below_use_is_told_by_whoever_comes_after_the_last_and_by_a_gate_that_reports() {
    for (before, set, admitted) in [(0, SMALL, false), (AUDITED, SMALL_REPORTS, true)] {
        let (mut sim, old, client) = town_of(before);
        sim.close(client);
        let rebuilt = sim.join("demo/client", viewer("c", set));
        assert!(sim.is_admitted(rebuilt));
        sim.sent("demo/client", 5000, DAY);
        sim.close(old);
        let new = sim.join("demo/greeter", provider("new", 2, set));
        assert_eq!(sim.is_admitted(new), admitted);
        let said = if admitted { sim.warnings(new) } else { sim.refusals(new) };
        let seen = if admitted {
            "5000 bytes; the contract's gate reports only"
        } else {
            "; seen: a message of 5000 bytes"
        };
        assert!(said.iter().any(|one| one.message.ends_with(seen)), "{said:?}");
    }
}

/// What was admitted stays: a limit that use has outgrown since refuses no replica of it, and no consumer.
#[test]
fn what_is_in_force_is_not_refused_for_what_became_known_since() {
    let (mut sim, old, client) = town();
    let small = sim.join("demo/greeter", provider("small", 2, SMALL));
    assert!(sim.is_admitted(small), "nothing is known yet");
    sim.close(old);
    sim.used("demo/client", DAY, Some((DAY, 0)));
    let mut known = Use::clone(sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap());
    let peaks = contracts::treaty::v1::Peaks { request_bytes: 5000, ..Default::default() };
    known.methods.get_mut("SayHello").unwrap().peaks = Peaks::reported(&peaks, sim.clock.wall);
    sim.handle(Event::Used(vec![known]));
    let replica = sim.join("demo/greeter", provider("replica", 3, SMALL));
    assert!(sim.is_admitted(replica));
    sim.close(client);
    let again = sim.join("demo/client", viewer("again", 0));
    assert!(sim.is_admitted(again), "{:?}", sim.told[&again]);
    for lease in [small, replica] {
        sim.close(lease);
    }
    let restarted = sim.join("demo/greeter", provider("restarted", 4, SMALL));
    assert!(sim.is_admitted(restarted), "{:?}", sim.told[&restarted]);
}

/// That a version was there before excuses no break of somebody who came while nobody was.
#[test]
fn who_comes_back_to_somebody_whom_it_breaks_is_refused() {
    let (mut sim, old, client) = town();
    sim.leave(client);
    sim.leave(old);
    let other = sim.join("demo/client", viewer("other", BREAKS));
    assert!(sim.is_admitted(other));
    let back = sim.join("demo/greeter", provider("old", 2, 0));
    assert_eq!(sim.reasons(back), ["CONTRACT_BREAKS"]);
}

/// What may refuse is no proof that it does, though the field is known to be written.
#[test]
fn a_rule_that_may_refuse_warns_and_refuses_nobody() {
    let (mut sim, ..) = town();
    sim.used("demo/client", DAY, Some((DAY, 0)));
    let mut known = Use::clone(sim.registry.uses.of(GREETER, &workload("demo/client")).unwrap());
    known.methods.get_mut("SayHello").unwrap().written.insert(vec![1]);
    sim.handle(Event::Used(vec![known]));
    let new = sim.join("demo/greeter", provider("new", 2, RULED));
    let warnings = sim.warnings(new);
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    let breakage = warning.breakage.as_ref().unwrap();
    assert_eq!((breakage.rule.as_str(), breakage.level.as_str()), ("validation-changed", "LOSSY"));
    assert!(warning.message.contains("may refuse") && !warning.message.contains("loses"), "{warning:?}");
}

#[test]
fn a_warning_goes_with_whom_it_is_about() {
    let (mut sim, _, client) = town_of(AUDITED);
    let new = sim.join("demo/greeter", provider("new", 2, REPORTS));
    let about = |sim: &Sim| -> BTreeSet<String> {
        let over = sim.warnings(new).into_iter().filter_map(|warning| warning.breakage);
        over.map(|breakage| breakage.consumer.clone()).collect()
    };
    assert_eq!(about(&sim), ["demo/client".to_owned()].into());
    let other = sim.join("demo/visitor", viewer("v", 0));
    assert_eq!(sim.warnings(other)[0].reason, Reason::CONTRACT_BREAKS, "the gate reports to both");
    assert_eq!(about(&sim), ["demo/client".to_owned(), "demo/visitor".to_owned()].into());
    sim.leave(client);
    sim.leave(other);
    assert!(sim.warnings(new).is_empty());
}

#[test]
fn what_neither_contract_lets_a_consumer_call_does_not_break_it_unless_it_calls_all_the_same() {
    let join = || {
        let mut sim = Sim::new();
        sim.join("demo/greeter", provider("old", 1, 0));
        sim.join("demo/stranger", viewer("s", 0));
        sim
    };
    let mut sim = join();
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert!(sim.is_admitted(new));
    let reasons: Vec<_> = sim.warnings(new).iter().map(|warning| warning.reason).collect();
    assert_eq!(reasons, [Reason::CALLS_DENIED], "that is another matter");

    let mut sim = join();
    sim.used("demo/stranger", DAY, Some((DAY, 0)));
    let new = sim.join("demo/greeter", provider("new", 2, BREAKS));
    assert_eq!(sim.reasons(new), ["CONTRACT_BREAKS"]);
}

#[test]
fn a_number_that_belonged_to_another_field_is_told_though_nobody_is_there_who_reads_it_so() {
    let mut sim = Sim::new();
    let first = sim.join("demo/greeter", provider("first", 1, 0));
    let second = sim.join("demo/greeter", provider("second", 2, DROPPED));
    sim.close(first);
    let client = sim.join("demo/client", viewer("c", DROPPED));
    let third = sim.join("demo/greeter", provider("third", 3, RECYCLED));
    let warned = sim.warnings(third);
    let warning = warned.iter().find(|warning| warning.breakage.is_some()).unwrap();
    let breakage = warning.breakage.as_ref().unwrap();
    assert_eq!((breakage.rule.as_str(), breakage.level.as_str()), ("field-number-used-before", "SAFE"));
    assert_eq!(
        warning.message,
        "this version of demo/greeter (owner: demo) breaks nobody who is live, and could break others: \
         demo.v1.Greeter/SayHello, request SayHelloRequest.title: field 1 was `name` in older versions and is `title` \
         now: what older callers or stored messages have there is read as something else"
    );
    sim.close(second);
    assert!(sim.warnings(client).is_empty(), "a consumer can do nothing about it");
    let late = sim.join("demo/client", viewer("d", DROPPED));
    assert!(sim.warnings(late).is_empty());
    let fresh = sim.join("demo/greeter", provider("fresh", 4, DROPPED));
    assert!(sim.warnings(fresh).iter().all(|warning| warning.breakage.is_none()));
}
