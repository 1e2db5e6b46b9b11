use super::*;
use crate::{
    audit,
    registry::{
        Comparison, Offer, Outcome, Question,
        tests::{GREETER, provider},
    },
    store::{Change, HistoryEntry, SETS_KEPT},
};
use compat::Party;
use std::time::{Duration, UNIX_EPOCH};

fn workload() -> WorkloadId {
    "demo/greeter".parse().unwrap()
}

/// A registrar at work on a new store.
fn start(directory: &std::path::Path) -> (Registrar, Store) {
    let store = crate::ca::tests::store(directory);
    let (audit, unwritten) = Audit::new(Vec::new());
    tokio::spawn(audit::write(unwritten, store.clone()));
    let registry = Registry::new(Vec::new(), Default::default(), Vec::new(), Instant::now());
    let (registrar, work) = registrar(registry, store.clone(), audit, Metrics::default());
    tokio::spawn(work.run());
    (registrar, store)
}

/// The same contract, with another comment each time.
fn version(n: usize) -> Arc<[u8]> {
    let source = testkit::GREETER.replace("// Greets.", &format!("// Greets, {n} times."));
    testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]).into()
}

/// Registers version `n` on a stream, and sends its set if it is asked for; whether it was.
async fn register(lease: &Lease, answers: &mut watch::Receiver<Option<Answer>>, n: usize) -> bool {
    let bytes = version(n);
    let digest = Digest::of(&bytes);
    let serves = vec![(GREETER.to_owned(), digest.to_string())];
    let offer = Box::new(Offer { serves, ..provider("a", 1, 0) });
    assert!(lease.tell(Event::Register { lease: lease.id, workload: workload(), offer }).await);
    let asked = matches!(&*answers.borrow_and_update(), Some(Answer::Wanted(_)));
    if asked {
        assert!(lease.tell(Event::Learn { judged: Judged::of(bytes), stored: false }).await);
    }
    let answer = answers.borrow_and_update().clone();
    assert!(matches!(answer, Some(Answer::Admitted { .. })), "{answer:?}");
    asked
}

#[tokio::test]
async fn what_is_registered_again_and_again_leaves_a_bounded_history() {
    let directory = tempfile::tempdir().unwrap();
    let (registrar, store) = start(directory.path());
    let (lease, mut answers) = registrar.open(&workload()).unwrap();
    for n in 0..50 {
        assert!(register(&lease, &mut answers, n).await);
    }
    assert_eq!(store.contracts().unwrap().len(), SETS_KEPT);
    assert_eq!(store.history(GREETER).unwrap().len(), SETS_KEPT);
    assert!(store.contract(&Digest::of(&version(49))).unwrap().is_some(), "in force");
    assert!(!register(&lease, &mut answers, 45).await, "history that is kept need not be sent");
    assert!(register(&lease, &mut answers, 0).await, "what was pruned is asked for");
    assert!(store.contract(&Digest::of(&version(0))).unwrap().is_some(), "and kept again");
}

#[test]
fn a_number_is_known_by_its_first_name_when_the_version_is_long_gone() {
    let directory = tempfile::tempdir().unwrap();
    let store = crate::ca::tests::store(directory.path());
    let set = |field: &str| -> Arc<[u8]> {
        let source = testkit::GREETER.replace("string message = 1;", field);
        testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]).into()
    };
    let first = set("string message = 1;");
    let later = (2..60).map(|number| set(&format!("reserved 1; string other = {number};")));
    for (n, bytes) in [first.clone()].into_iter().chain(later).enumerate() {
        let digest = Digest::of(&bytes);
        let (service, time) = (GREETER.to_owned(), UNIX_EPOCH + Duration::from_secs(n as u64));
        let entry = HistoryEntry {
            service,
            digest: digest.clone(),
            workload: workload(),
            version: String::new(),
            time,
        };
        let put = Change::PutContract { digest: digest.clone(), bytes };
        let prune = Change::Prune { used: [digest].into() };
        store.commit(&[put, Change::History(entry), prune]).unwrap();
    }
    assert_eq!(store.contract(&Digest::of(&first)).unwrap(), None, "it is gone");
    let (consumer, provider) = (set("string message = 1; // As it was built."), set("string label = 1;"));
    let comparison = Comparison {
        service: GREETER.to_owned(),
        consumer: Digest::of(&consumer),
        provider: Digest::of(&provider),
        caller: None,
        served: true,
    };
    let [consumer, provider] = [consumer, provider].map(|bytes| Party::read(bytes).unwrap());
    let question = Question { comparison, consumer, provider, today: None };
    let Outcome::Judged(methods) = comparing::answer(&question, &store, &Default::default()) else {
        panic!("it is comparable")
    };
    let found = methods.iter().flat_map(|method| &*method.findings).map(|finding| finding.rule);
    assert!(found.collect::<Vec<_>>().contains(&"field-number-reused"), "{methods:#?}");
}

#[tokio::test]
async fn what_live_instances_serve_is_never_pruned() {
    let directory = tempfile::tempdir().unwrap();
    let (registrar, store) = start(directory.path());
    let old = version(1000);
    let (first, mut answers) = registrar.open(&workload()).unwrap();
    register(&first, &mut answers, 1000).await;
    let (second, mut answers) = registrar.open(&workload()).unwrap();
    for n in 0..30 {
        let bytes = version(n);
        let serves = vec![(GREETER.to_owned(), Digest::of(&bytes).to_string())];
        let offer = Box::new(Offer { serves, ..provider("b", 2, 0) });
        second.tell(Event::Register { lease: second.id, workload: workload(), offer }).await;
        second.tell(Event::Learn { judged: Judged::of(bytes), stored: false }).await;
        assert!(matches!(&*answers.borrow_and_update(), Some(Answer::Admitted { .. })));
    }
    assert!(store.contract(&Digest::of(&old)).unwrap().is_some());
    assert!(store.contracts().unwrap().len() <= SETS_KEPT + 1);
}

#[tokio::test]
async fn a_workload_has_so_many_streams_at_most() {
    let directory = tempfile::tempdir().unwrap();
    let (registrar, _store) = start(directory.path());
    let mut streams: Vec<_> = (0..MAX_STREAMS).map(|_| registrar.open(&workload()).unwrap()).collect();
    assert!(registrar.open(&workload()).is_none());
    let other = registrar.open(&"demo/other".parse().unwrap());
    assert!(other.is_some(), "others have their own share");
    streams.pop();
    assert!(registrar.open(&workload()).is_some());
}
