//! What is kept of a comparison: each finding once, however many methods show it; of all of them as many as there is room
//! for, the worst first and of every method something; of the others, what a verdict hangs on. No verdict depends on
//! what there was room for.

use super::compare::MethodOutcome;
use compat::{Bound, Direction, Encoding, Finding, Level};
use contract::{MethodPath, Origin, Stability};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

/// Bytes of the findings of one comparison that are kept in full.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// What was found in a method, the worst first.
pub(super) struct Found {
    /// `None`: in the service as a whole.
    pub(super) path: Option<MethodPath>,
    pub(super) stability: Stability,
    pub(super) open: bool,
    pub(super) findings: Vec<Finding>,
}

/// Findings of a method that are not kept in full, and decide alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Others {
    rule: &'static str,
    pub(super) level: Level,
    encoding: Option<Encoding>,
    direction: Option<Direction>,
    /// Where values are lost that a request may carry: the field.
    numbers: Box<[u32]>,
    bound: Option<Limit>,
    pub(super) count: usize,
}

/// A bound that can be put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit(Bound);

impl PartialOrd for Limit {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Limit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |Self(bound): &Self| match *bound {
            Bound::RequestBytes(limit) => (0, u128::from(limit), 0, 0, false),
            Bound::ResponseBytes(limit) => (1, u128::from(limit), 0, 0, false),
            Bound::Time(limit) => (2, limit.as_nanos(), 0, 0, false),
            Bound::InFlight(limit) => (3, u128::from(limit), 0, 0, false),
            Bound::Rate { requests, per, burst, together } => (4, per.as_nanos(), requests, burst, together),
        };
        key(self).cmp(&key(other))
    }
}

impl Others {
    fn of(finding: &Finding) -> Self {
        let written = finding.loses_values() && finding.direction == Some(Direction::Request);
        Self {
            rule: finding.rule,
            level: finding.level,
            encoding: finding.encoding,
            direction: finding.direction,
            numbers: if written { finding.numbers.as_slice().into() } else { Box::default() },
            bound: finding.bound.map(Limit),
            count: 1,
        }
    }

    /// As much of one of them as decides.
    pub(super) fn finding(&self) -> Finding {
        Finding {
            rule: self.rule,
            level: self.level,
            encoding: self.encoding,
            direction: self.direction,
            numbers: self.numbers.to_vec(),
            bound: self.bound.map(|Limit(bound)| bound),
            ..Finding::default()
        }
    }
}

/// Keeps what was found.
pub(super) fn keep(found: Vec<Found>) -> Arc<[MethodOutcome]> {
    keep_within(found, MAX_BYTES)
}

/// The same, with room for so many bytes of findings.
pub(super) fn keep_within(found: Vec<Found>, room: usize) -> Arc<[MethodOutcome]> {
    let mut distinct = Distinct::default();
    let found = found.into_iter().map(|Found { path, stability, open, findings }| {
        let ids: Vec<_> = findings.into_iter().map(|finding| distinct.id(finding, path.as_ref())).collect();
        (path, stability, open, ids)
    });
    let found: Vec<_> = found.collect();
    let room = distinct.room(found.iter().map(|(.., ids)| ids.as_slice()), room);
    let mut lists: BTreeMap<Vec<usize>, Lists> = BTreeMap::new();
    let outcomes = found.into_iter().map(|(path, stability, open, ids)| {
        let lists = lists.entry(ids).or_insert_with_key(|ids| distinct.lists(ids, &room));
        let (findings, others) = lists.clone();
        MethodOutcome { path, stability, open, findings, others }
    });
    outcomes.collect()
}

type Lists = (Arc<[Arc<Finding>]>, Arc<[Others]>);

/// Findings that differ in more than the method.
#[derive(Default)]
struct Distinct {
    all: Vec<Arc<Finding>>,
    by_hash: HashMap<u64, Vec<usize>>,
}

impl Distinct {
    fn id(&mut self, mut finding: Finding, path: Option<&MethodPath>) -> usize {
        // Whoever tells it knows where it was found.
        finding.method.take_if(|method| Some(&*method) == path);
        let known = self.by_hash.entry(hash(&finding)).or_default();
        let same = |id: &&usize| self.all.get(**id).is_some_and(|other| **other == finding);
        if let Some(id) = known.iter().find(same) {
            return *id;
        }
        let id = self.all.len();
        known.push(id);
        self.all.push(Arc::new(finding));
        id
    }

    /// Which of them are kept in full: of each level the first of every method, then the second of each, and so on.
    fn room<'a>(&self, methods: impl Iterator<Item = &'a [usize]>, mut left: usize) -> HashSet<usize> {
        let ranked = methods.flat_map(|ids| ids.iter().enumerate());
        let mut ranked: Vec<_> =
            ranked.filter_map(|(rank, id)| Some((Reverse(self.all.get(*id)?.level), rank, *id))).collect();
        ranked.sort_by_key(|(level, rank, _)| (*level, *rank));
        let mut kept = HashSet::new();
        for (_, _, id) in ranked {
            if left == 0 {
                break;
            }
            if let Some(finding) = self.all.get(id)
                && kept.insert(id)
            {
                left = left.saturating_sub(bytes(finding));
            }
        }
        kept
    }

    fn lists(&self, ids: &[usize], room: &HashSet<usize>) -> Lists {
        let of = |full: bool| {
            let ids = ids.iter().filter(move |id| room.contains(id) == full);
            ids.filter_map(|id| self.all.get(*id))
        };
        let mut others: BTreeMap<Others, usize> = BTreeMap::new();
        for finding in of(false) {
            *others.entry(Others::of(finding)).or_default() += 1;
        }
        let others = others.into_iter().map(|(others, count)| Others { count, ..others });
        (of(true).cloned().collect(), others.collect())
    }
}

fn hash(finding: &Finding) -> u64 {
    let Finding { rule, level, when, direction, encoding, path, written, read, message, .. } = finding;
    let mut hasher = DefaultHasher::new();
    (rule, level, when, direction, encoding, path, &written.text, &read.text, message).hash(&mut hasher);
    hasher.finish()
}

/// What a finding takes.
pub(super) fn bytes(finding: &Finding) -> usize {
    let declared = |said: &compat::Declaration| {
        said.text.len() + if let Origin::At { file, .. } = &said.origin { file.len() } else { 0 }
    };
    let example = finding.example.as_ref();
    let example = example.map_or(0, |shown| shown.bytes.len() + shown.written.len() + shown.read.len());
    let texts = [&finding.path, &finding.message, &finding.remedy].map(String::len);
    size_of::<Finding>()
        + texts.iter().sum::<usize>()
        + finding.when.as_ref().map_or(0, String::len)
        + size_of_val(finding.numbers.as_slice())
        + declared(&finding.written)
        + declared(&finding.read)
        + example
}

/// What the outcome of all methods takes.
pub(super) fn bytes_of_all(methods: &[MethodOutcome]) -> usize {
    let (mut seen, mut all) = (HashSet::new(), size_of_val(methods));
    for method in methods {
        all += method.path.as_ref().map_or(0, |path| path.as_str().len());
        if seen.insert(method.findings.as_ptr().addr()) {
            all += size_of_val(&*method.findings);
            let new = method.findings.iter().filter(|finding| seen.insert(Arc::as_ptr(finding).addr()));
            all += new.map(|finding| bytes(finding)).sum::<usize>();
        }
        if seen.insert(method.others.as_ptr().addr()) {
            all += size_of_val(&*method.others);
            all += method.others.iter().map(|others| size_of_val(&*others.numbers)).sum::<usize>();
        }
    }
    all
}
