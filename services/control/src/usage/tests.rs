use super::{
    book::{Book, Due, FORGOTTEN, MAX_DIGESTS, MAX_METHODS, MAX_SERVICES, MAX_WRITTEN, Pace},
    said::Said,
};
use crate::store::{UsageKey, UsageRecord};
use contract::Digest;
use identity::WorkloadId;
use proptest::prelude::*;
use stack::client::usage::MAX_PATHS;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn orders() -> WorkloadId {
    "shop/orders".parse().unwrap()
}

fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

fn said(service: &str, method: &str, calls: u64, written: &[&[u32]]) -> Said {
    let written = written.iter().map(|path| path.to_vec()).collect();
    let peaks = Default::default();
    Said {
        service: service.to_owned(),
        method: method.to_owned(),
        digest: Some(digest(0)),
        calls,
        written,
        peaks,
        over: None,
        provider: None,
    }
}

fn book() -> Book {
    Book::new(Pace::of(MONTH), Vec::new(), Vec::new())
}

/// Everything that the book holds, by what it would keep.
fn all(book: &mut Book) -> BTreeMap<UsageKey, UsageRecord> {
    let far = at(u64::from(u32::MAX));
    let Due { tell, .. } = book.due(far);
    let records = tell.into_iter().map(|known| {
        let methods = known.methods.into_iter().map(|(name, called)| {
            let crate::registry::MethodUse { last_used, calls, digest, written, peaks } = called;
            let rates = Default::default();
            (name, crate::store::CalledRecord { last_used, calls, digest, written, peaks, rates })
        });
        let record = UsageRecord {
            declared: known.declared,
            seen: at(0),
            methods: methods.collect(),
            since: known.since,
        };
        ((known.workload, known.service), record)
    });
    records.collect()
}

#[test]
fn reports_add_up() {
    let mut book = book();
    book.declare(&orders(), "a.B", None, at(100));
    assert_eq!(book.report(&orders(), vec![said("a.B", "C", 2, &[&[1]])], at(200)), 0);
    assert_eq!(book.report(&orders(), vec![said("a.B", "C", 3, &[&[4, 2]])], at(300)), 0);
    let record = all(&mut book).remove(&(orders(), "a.B".to_owned())).unwrap();
    assert_eq!(record.declared, at(100));
    let called = &record.methods["C"];
    assert_eq!((called.calls, called.last_used, called.digest.clone()), (5, at(300), Some(digest(0))));
    assert_eq!(called.written, BTreeSet::from([vec![1], vec![4, 2]]));
}

/// Of all processes of a caller, and of all callers of a provider.
#[test]
fn how_often_is_added_up() {
    let provider: WorkloadId = "shop/catalog".parse().unwrap();
    let one = |calls| Said {
        over: Some(Duration::from_secs(10)),
        provider: Some(provider.clone()),
        ..said("a.B", "C", calls, &[])
    };
    let mut book = book();
    let agent: WorkloadId = "shop/agent".parse().unwrap();
    for (workload, calls, seconds) in
        [(&orders(), 40, 10), (&orders(), 30, 19), (&agent, 50, 59), (&agent, 7, 3700), (&agent, 9, 90_000)]
    {
        book.report(workload, vec![one(calls)], at(seconds));
    }
    // Nobody knows in which time.
    book.report(&agent, vec![Said { over: None, ..one(1000) }], at(90_001));
    let far = at(100_000);
    let Due { tell, tell_totals, keep_totals, .. } = book.due(far);
    let rates = |known: &crate::registry::Use| {
        let rates = known.methods["C"].peaks.rates(MONTH, far).unwrap();
        [rates.per_minute, rates.per_hour, rates.per_day]
    };
    assert_eq!(tell.iter().map(rates).collect::<Vec<_>>(), [[50, 50, 57], [70, 70, 70]]);
    let [total] = tell_totals.as_slice() else { panic!("{tell_totals:?}") };
    assert_eq!((&total.workload, rates(total), total.methods["C"].calls), (&provider, [120, 120, 127], 1136));
    // What is under way is counted on after a restart.
    let kept = keep_totals.into_iter().map(|(key, record)| (key, record.unwrap())).collect();
    let mut after = Book::new(Pace::of(MONTH), Vec::new(), kept);
    after.report(&orders(), vec![one(120)], at(90_010));
    assert_eq!(rates(&after.due(far).tell_totals[0]), [120, 120, 129]);
}

#[test]
fn news_goes_out_at_once_and_more_of_the_same_later() {
    let mut book = book();
    let key = (orders(), "a.B".to_owned());
    let kept = |due: &Due| due.keep.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let call = |book: &mut Book, seconds, written: &[&[u32]]| {
        book.report(&orders(), vec![said("a.B", "C", 1, written)], at(seconds));
        (book.is_urgent(), book.due(at(seconds)))
    };
    let (urgent, due) = call(&mut book, 1000, &[]);
    assert!(urgent && due.tell.len() == 1 && kept(&due) == [key.clone()]);
    let (urgent, due) = call(&mut book, 1001, &[]);
    assert!(!urgent && due.tell.is_empty() && due.keep.is_empty(), "too soon");
    let due = book.due(at(1005));
    assert!(due.tell.len() == 1 && due.keep.is_empty(), "the registry after five seconds");
    assert_eq!(due.tell[0].methods["C"].calls, 2);
    assert_eq!(kept(&book.due(at(1060))), std::slice::from_ref(&key), "the store after a minute");
    assert!(book.due(at(9000)).keep.is_empty(), "nothing is new");
    let (urgent, due) = call(&mut book, 9001, &[&[7]]);
    assert!(urgent && due.tell.len() == 1 && kept(&due) == [key], "a new path");
}

#[test]
fn what_is_kept_comes_back() {
    let mut before = book();
    before.declare(&orders(), "d.E", None, at(5));
    before.report(&orders(), vec![said("a.B", "C", 2, &[&[1]])], at(9));
    let kept = before.rest().0.into_iter().map(|(key, record)| (key, record.unwrap())).collect();
    assert!(before.rest().0.is_empty());
    let mut after = Book::new(Pace::of(MONTH), kept, Vec::new());
    let due = after.due(at(10));
    assert_eq!((due.tell.len(), due.keep.len()), (2, 0), "the registry is told, the store knows");
    assert!(after.rest().0.is_empty());
}

#[test]
fn who_is_not_seen_is_forgotten_and_who_comes_back_is_new() {
    let mut book = book();
    book.declare(&orders(), "a.B", None, at(0));
    book.declare(&orders(), "d.E", None, at(0));
    book.due(at(0));
    let later = SystemTime::UNIX_EPOCH + FORGOTTEN;
    book.declare(&orders(), "a.B", None, later);
    book.prune(later);
    let Due { tell, keep, .. } = book.due(later);
    assert_eq!((tell.len(), tell[0].declared), (1, later));
    let gone: Vec<_> =
        keep.iter().map(|((_, service), record)| (service.as_str(), record.is_some())).collect();
    assert_eq!(gone, [("d.E", false), ("a.B", true)]);
}

/// What a new version of a consumer knows is new, however long the consumer has been there.
#[test]
fn a_method_counts_from_when_a_view_came_that_has_it() {
    let (mut book, kept) = (book(), std::cell::RefCell::new(Vec::new()));
    let since = |book: &mut Book, methods: &[&str], seconds| {
        let methods: BTreeSet<_> = methods.iter().copied().collect();
        book.declare(&orders(), "a.B", Some(&methods), at(seconds));
        let mut due = book.due(at(seconds));
        kept.borrow_mut().append(&mut due.keep);
        let told = due.tell.pop();
        told.map(|known| known.since.into_iter().collect::<Vec<_>>())
    };
    let of = |known: &[(&str, u64)]| {
        Some(known.iter().map(|(name, seconds)| ((*name).to_owned(), at(*seconds))).collect::<Vec<_>>())
    };
    assert_eq!(since(&mut book, &["C"], 100), of(&[("C", 100)]));
    assert_eq!(since(&mut book, &["C", "D"], 200), of(&[("C", 100), ("D", 200)]), "told at once");
    assert_eq!(since(&mut book, &["C", "D"], 300), None);
    assert_eq!(since(&mut book, &["C"], 400), of(&[("C", 100)]), "rolled back");
    assert_eq!(since(&mut book, &["C", "D"], 500), of(&[("C", 100), ("D", 500)]), "and new once more");
    // Over a restart, and after long absence.
    let (key, record) = kept.borrow_mut().pop().unwrap();
    let mut book = Book::new(Pace::of(MONTH), vec![(key, record.unwrap())], Vec::new());
    assert_eq!(since(&mut book, &["C", "D"], 600), of(&[("C", 100), ("D", 500)]));
    let later = 601 + MONTH.as_secs();
    assert_eq!(since(&mut book, &["C", "D"], later), of(&[("C", later), ("D", later)]));
    // There is room for so many.
    let many: Vec<_> = (0..2 * MAX_METHODS).map(|n| format!("M{n:05}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(since(&mut book, &many, later + 1).unwrap().len(), MAX_METHODS);
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut book = book();
    book.report(&orders(), vec![said("a.B", "C", 1, &[])], at(9000));
    book.due(at(9000));
    book.report(&orders(), vec![said("a.B", "C", 1, &[])], at(10));
    book.prune(at(10));
    let due = book.due(at(10));
    assert_eq!(due.tell[0].methods["C"].last_used, at(9000));
    assert_eq!(due.keep.len(), 1);
}

#[test]
fn one_workload_makes_others_keep_so_much_and_no_more() {
    let mut book = book();
    for round in 0..40 {
        let paths: Vec<Vec<u32>> = (1..=256).map(|n| vec![round + 1, n]).collect();
        let paths: Vec<&[u32]> = paths.iter().map(Vec::as_slice).collect();
        let mut uses: Vec<_> =
            (0..400).map(|n| said(&format!("a.S{n}"), &format!("M{round}"), 1, &paths)).collect();
        for one in &mut uses {
            one.digest = Some(digest(u64::from(round) * 3));
        }
        let beyond = book.report(&orders(), uses, at(u64::from(round)));
        assert_eq!(beyond > 0, round * 400 + 400 > 64, "{round}");
    }
    (0..1000).for_each(|n| book.declare(&orders(), &format!("b.S{n:04}"), None, at(100)));
    let digests = |known: &BTreeMap<UsageKey, UsageRecord>| {
        let called = known.values().flat_map(|record| record.methods.values());
        called.filter_map(|called| called.digest.clone()).collect::<BTreeSet<_>>().len()
    };
    let known = all(&mut book);
    assert_eq!(known.len(), MAX_SERVICES);
    assert!(digests(&known) <= MAX_DIGESTS);
    let methods: usize = known.values().map(|record| record.methods.len()).sum();
    assert!(methods <= MAX_METHODS);
}

#[test]
fn of_many_contracts_the_latest_are_named() {
    let mut book = book();
    for number in 0..100 {
        let one = Said { digest: Some(digest(number)), ..said("a.B", &format!("M{number:03}"), 1, &[]) };
        book.report(&orders(), vec![one], at(number));
    }
    let record = all(&mut book).into_values().next().unwrap();
    let named: Vec<_> = record.methods.values().map(|called| called.digest.is_some()).collect();
    assert_eq!(named.iter().filter(|named| **named).count(), MAX_DIGESTS);
    assert!(named[100 - MAX_DIGESTS..].iter().all(|named| *named));
}

fn report() -> impl Strategy<Value = (u64, Vec<Said>)> {
    let path = prop::collection::vec(1u32..6, 1..4);
    let one = (0u8..3, 0u8..3, 0u64..3, 0u64..5, prop::collection::btree_set(path, 0..60));
    let one = one.prop_map(|(service, method, set, calls, written)| Said {
        service: format!("a.S{service}"),
        method: format!("M{method}"),
        digest: (set > 0).then(|| digest(set)),
        calls,
        written,
        peaks: Default::default(),
        over: None,
        provider: None,
    });
    (0u64..1000, prop::collection::vec(one, 0..6))
}

proptest! {
    /// In whatever order reports come, the same is known in the end; nothing is counted twice or not at all.
    #[test]
    fn the_order_of_reports_does_not_matter(
        reports in prop::collection::vec(report(), 0..12),
        order in any::<prop::sample::Index>(),
    ) {
        let know = |reports: &[(u64, Vec<Said>)]| {
            let mut book = book();
            // Declared before, as it is in life: who calls, has registered.
            (0..3).for_each(|n| book.declare(&orders(), &format!("a.S{n}"), None, at(0)));
            reports.iter().for_each(|(time, said)| { book.report(&orders(), said.clone(), at(*time)); });
            all(&mut book)
        };
        let mut other = reports.clone();
        if !other.is_empty() {
            let by = order.index(other.len());
            other.rotate_left(by);
            other.swap(0, by);
        }
        let known = know(&reports);
        prop_assert_eq!(&known, &know(&other));
        let calls: u64 = reports.iter().flat_map(|(_, said)| said).map(|said| said.calls).sum();
        let counted = known.values().flat_map(|record| record.methods.values());
        prop_assert_eq!(calls, counted.clone().map(|called| called.calls).sum::<u64>());
        prop_assert!(counted.clone().all(|called| called.written.len() <= MAX_PATHS));
        prop_assert!(counted.map(|called| called.written.len()).sum::<usize>() <= MAX_WRITTEN);
    }
}
