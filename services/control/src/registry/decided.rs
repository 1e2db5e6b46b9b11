//! What one meeting means, decided once: every finding is looked at, a few are kept to be told, and the others are
//! counted. Texts are made of what is told in the end.

use super::{
    compare::{MethodOutcome, Outcome},
    few::Few,
    gate::{Decision, Need, decide, decide_failed, need},
    kept::bytes,
    usage::InUse,
    whom::{Calls, Meeting},
};
use compat::{Direction, Finding, Level};
use contract::{MethodPath, Origin};
use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The worst first.
pub(super) const LEVELS: [Level; 3] = [Level::Breaking, Level::Lossy, Level::Safe];

/// What comes of one meeting.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) refused: Few<Found>,
    /// What nothing gates.
    pub(super) warned: Few<Found>,
    /// When that may be another, whatever happens.
    pub(super) lapses: Option<SystemTime>,
    /// When something of it ceases to be in use.
    pub(super) turns: Option<SystemTime>,
    /// Of which limits something is said.
    pub(super) limits: BTreeSet<Limit>,
    /// How many findings were looked at.
    pub(super) effort: usize,
}

/// A limit of a method, and which of its rules speaks of it.
pub(super) type Limit = (Option<MethodPath>, &'static str, Option<Direction>);

/// Something to be told.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) level: Level,
    /// `None`: the service as a whole.
    pub(super) path: Option<MethodPath>,
    pub(super) what: What,
    pub(super) cause: Option<u64>,
    pub(super) need: Option<Need>,
    pub(super) decision: Decision,
}

#[derive(Debug)]
pub(super) enum What {
    /// The contracts could not be compared.
    Failed,
    Finding(Arc<Finding>),
    /// So many findings of which more is not known.
    Unknown(usize),
}

impl Decided {
    /// Looks at all that was found.
    pub(super) fn of(meeting: &Meeting, outcome: &Outcome, window: Duration, now: SystemTime) -> Self {
        let mut decided = Self::default();
        let methods = match outcome {
            Outcome::Judged(methods) => methods,
            Outcome::Failed => {
                decided.add(meeting, Found::failed(meeting));
                return decided;
            }
        };
        decided.turns = turns(&meeting.calls, methods, window, now);
        let (mut causes, mut refused) = (Causes::default(), BTreeSet::new());
        for level in LEVELS {
            for (at, method) in methods.iter().enumerate() {
                for finding in method.findings.iter().filter(|finding| finding.level == level) {
                    let Some(found) = decided.look(meeting, method, finding, window, now) else { continue };
                    let found = Found { cause: causes.of(meeting, finding), ..found };
                    if matches!(found.decision, Decision::Refuse { .. }) {
                        refused.insert(at);
                    }
                    decided.add(meeting, found);
                }
            }
            for (at, method) in methods.iter().enumerate() {
                decided.add_others(meeting, method, level, refused.contains(&at), window, now);
            }
        }
        decided
    }

    /// Decides about one finding.
    fn look(
        &mut self,
        meeting: &Meeting,
        method: &MethodOutcome,
        finding: &Arc<Finding>,
        window: Duration,
        now: SystemTime,
    ) -> Option<Found> {
        self.effort += 1;
        let found = Found::of(meeting, method, finding, window, now)?;
        if finding.bound.is_some() {
            self.limits.insert((method.path.clone(), finding.rule, finding.direction));
        }
        Some(found)
    }

    fn add(&mut self, meeting: &Meeting, found: Found) {
        let few = match found.decision {
            Decision::Refuse { until } => {
                self.lapses = self.lapses.into_iter().chain(until).min();
                &mut self.refused
            }
            Decision::Warn(_) => &mut self.warned,
        };
        few.add(found.cause, found.service(meeting), || found);
    }

    /// Decides about what is not kept in full. That a method refuses is told, be it without the reason.
    fn add_others(
        &mut self,
        meeting: &Meeting,
        method: &MethodOutcome,
        level: Level,
        mut told: bool,
        window: Duration,
        now: SystemTime,
    ) {
        for others in method.others.iter().filter(|others| others.level == level) {
            let finding = Arc::new(others.finding());
            let Some(found) = self.look(meeting, method, &finding, window, now) else { continue };
            let few = match found.decision {
                Decision::Refuse { until } => {
                    self.lapses = self.lapses.into_iter().chain(until).min();
                    &mut self.refused
                }
                Decision::Warn(_) => &mut self.warned,
            };
            if matches!(found.decision, Decision::Refuse { .. }) && !std::mem::replace(&mut told, true) {
                let what = What::Unknown(others.count);
                self.add(meeting, Found { what, need: None, ..found });
            } else {
                few.add_unseen(others.count);
            }
        }
    }

    /// What it takes.
    pub(super) fn bytes(&self) -> usize {
        let all = self.refused.shown().iter().chain(self.warned.shown());
        let of = |found: &Found| {
            let finding = if let What::Finding(finding) = &found.what { bytes(finding) } else { 0 };
            size_of::<Found>() + finding
        };
        size_of::<Self>() + all.map(of).sum::<usize>() + self.limits.len() * size_of::<Limit>()
    }
}

/// When one of these methods ceases to be in use.
fn turns(calls: &Calls, methods: &[MethodOutcome], window: Duration, now: SystemTime) -> Option<SystemTime> {
    let used = methods.iter().filter_map(|method| match &method.path {
        Some(path) => calls.in_use(path.method(), window, now),
        None => Some(calls.any_in_use(window, now)),
    });
    used.filter_map(|used| if let InUse::Until(end) = used { Some(end) } else { None }).min()
}

impl Found {
    pub(super) fn of(
        meeting: &Meeting,
        method: &MethodOutcome,
        finding: &Arc<Finding>,
        window: Duration,
        now: SystemTime,
    ) -> Option<Self> {
        let need = need(meeting, method, finding, window, now);
        let decision = decide(meeting, method, finding, need, window, now)?;
        Some(Self {
            level: finding.level,
            path: method.path.clone(),
            what: What::Finding(finding.clone()),
            cause: None,
            need,
            decision,
        })
    }

    fn failed(meeting: &Meeting) -> Self {
        let (level, decision) = (Level::Breaking, decide_failed(meeting));
        Self { level, path: None, what: What::Failed, cause: None, need: None, decision }
    }

    /// The service that it is about.
    pub(super) fn service<'a>(&self, meeting: &'a Meeting) -> Option<&'a str> {
        (!matches!(self.what, What::Failed)).then_some(meeting.comparison.service.as_str())
    }
}

/// Numbers of causes, each made once.
#[derive(Default)]
pub(super) struct Causes(HashMap<usize, Option<u64>>);

impl Causes {
    pub(super) fn of(&mut self, meeting: &Meeting, finding: &Arc<Finding>) -> Option<u64> {
        *self.0.entry(Arc::as_ptr(finding).addr()).or_insert_with(|| cause(meeting, finding))
    }
}

/// A number for the cause of a finding: the same for those that have the same one, which is the same rule about the
/// same two declarations, whoever of them writes, to the same people. `None`: it has none but itself.
fn cause(meeting: &Meeting, finding: &Finding) -> Option<u64> {
    if finding.path.is_empty() {
        return None;
    }
    let side = |said: &compat::Declaration| {
        let mut hasher = DefaultHasher::new();
        said.text.hash(&mut hasher);
        if let Origin::At { file, line, column } = &said.origin {
            (file, line, column).hash(&mut hasher);
        }
        hasher.finish()
    };
    let mut sides = [side(&finding.written), side(&finding.read)];
    sides.sort_unstable();
    let mut hasher = DefaultHasher::new();
    (&meeting.provider, meeting.consumer(), finding.rule, finding.level, sides).hash(&mut hasher);
    Some(hasher.finish())
}
