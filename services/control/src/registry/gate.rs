//! What a comparison means for a newcomer: what refuses it, and what is only said.

use super::{
    Refusal, Registry,
    breakage::{Breakage, declaration},
    compare::{MethodOutcome, Outcome},
    decided::{Causes, Decided, Found, LEVELS, Limit, What},
    refusal::Refusals,
    usage::InUse,
    whom::{Meeting, Newcomer},
};
use crate::{peaks::Measure, reason::Reason};
use compat::{Bound, Direction, Encoding, Finding, Level};
use contract::{Gate, MethodPath, Stability};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, SystemTime},
};
use time::OffsetDateTime;

/// Of a gate that is stricter than the newcomer's own.
const LOOSENED: &str =
    "; the gate in force decides, and what this version loosens counts once it is in force";

/// What comes of all meetings of a newcomer.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) refusals: Refusals,
    /// What nothing gates.
    pub(crate) warnings: Refusals,
    /// When a reason may lapse, because a method ceases to be in use.
    pub(crate) lapses: Option<SystemTime>,
}

/// What decides about a finding, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decision {
    Refuse {
        until: Option<SystemTime>,
    },
    /// With what is to be added to the message.
    Warn(&'static str),
}

/// What a consumer was seen to need, where a limit falls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    measure: Measure,
    value: u64,
    at: SystemTime,
    /// More than the limit.
    above: bool,
    /// That is a call that would fail.
    exceeds: bool,
}

impl Registry {
    /// How long a method counts as in use after a call.
    pub(crate) const fn window(&self) -> Duration {
        self.window
    }
}

impl Judgement {
    /// What comes of meetings. Nothing depends on the order in which they were judged.
    pub(crate) fn of<'a>(
        judged: impl IntoIterator<Item = (&'a Meeting, &'a Outcome)>,
        window: Duration,
        now: SystemTime,
    ) -> Self {
        let decided = |(meeting, outcome)| (meeting, Decided::of(meeting, outcome, window, now));
        let decided: Vec<_> = judged.into_iter().map(decided).collect();
        let decided = decided.iter().map(|(meeting, decided)| (*meeting, decided));
        Self::of_decided(decided.collect(), window, now)
    }

    /// The same, of meetings that were decided about.
    pub(super) fn of_decided(
        mut decided: Vec<(&Meeting, &Decided)>,
        window: Duration,
        now: SystemTime,
    ) -> Self {
        // The worst first, then by whom it concerns. The sort is stable: within a method, the engine's order.
        let order = |meeting: &Meeting| (meeting.comparison.clone(), meeting.provider.clone());
        decided.sort_by_cached_key(|(meeting, _)| order(meeting));
        let lowered = lowered(&decided, window, now);
        let mut judgement = Self::default();
        for level in LEVELS {
            for ((meeting, decided), lowered) in decided.iter().zip(&lowered) {
                let found = decided.refused.shown().iter().chain(decided.warned.shown()).chain(lowered);
                found.filter(|found| found.level == level).for_each(|found| judgement.add(meeting, found));
            }
        }
        for (_, decided) in decided {
            judgement.refusals.few().add_hidden_of(&decided.refused);
            judgement.warnings.few().add_hidden_of(&decided.warned);
            judgement.lapses = judgement.lapses.into_iter().chain(decided.lapses).min();
        }
        judgement
    }

    fn add(&mut self, meeting: &Meeting, found: &Found) {
        let reasons = match found.decision {
            Decision::Refuse { until } => {
                self.lapses = self.lapses.into_iter().chain(until).min();
                &mut self.refusals
            }
            Decision::Warn(_) => &mut self.warnings,
        };
        reasons.few().add(found.cause, found.service(meeting), || told(meeting, found));
    }
}

/// Limits of which nothing was said: whoever was built for the lower one, and needed more, has not been told yet.
fn lowered(decided: &[(&Meeting, &Decided)], window: Duration, now: SystemTime) -> Vec<Vec<Found>> {
    let said = |meeting: &Meeting, (path, rule, direction): &Limit| {
        (meeting.provider.clone(), meeting.consumer().cloned(), path.clone(), *rule, *direction)
    };
    let about = decided.iter().filter(|_| decided.iter().any(|(meeting, _)| !meeting.lowered.is_empty()));
    let about = about.flat_map(|(meeting, decided)| decided.limits.iter().map(|limit| said(meeting, limit)));
    let mut known: BTreeSet<_> = about.collect();
    let mut of = |meeting: &Meeting| {
        let (mut found, mut causes) = (Vec::new(), Causes::default());
        for (method, finding) in meeting.lowered.iter().flat_map(each) {
            let limit = (method.path.clone(), finding.rule, finding.direction);
            if let Some(one) = Found::of(meeting, method, finding, window, now)
                && one.need.is_some_and(|need| need.above)
                && known.insert(said(meeting, &limit))
            {
                found.push(Found { cause: causes.of(meeting, finding), ..one });
            }
        }
        found
    };
    decided.iter().map(|(meeting, _)| of(meeting)).collect()
}

fn each(method: &MethodOutcome) -> impl Iterator<Item = (&MethodOutcome, &Arc<Finding>)> {
    method.findings.iter().map(move |finding| (method, finding))
}

/// In words.
fn told(meeting: &Meeting, Found { level, path, what, need, decision, .. }: &Found) -> Refusal {
    match what {
        What::Failed => failed(meeting),
        What::Finding(finding) => refusal(meeting, path.as_ref(), finding, *need, decision),
        What::Unknown(count) => unknown(meeting, path.as_ref(), *level, *count),
    }
}

pub(super) fn decide_failed(meeting: &Meeting) -> Decision {
    // Else nobody could ever loosen it.
    if meeting.met || meeting.asked == Gate::Report {
        Decision::Warn("")
    } else {
        Decision::Refuse { until: None }
    }
}

/// What is to be done about a finding; `None`: nothing, it is nobody's business.
pub(super) fn decide(
    meeting: &Meeting,
    method: &MethodOutcome,
    finding: &Finding,
    need: Option<Need>,
    window: Duration,
    now: SystemTime,
) -> Option<Decision> {
    // A note on what the provider did; the consumer can do nothing about it.
    if finding.level == Level::Safe && meeting.newcomer == Newcomer::Consumer {
        return None;
    }
    let name = method.path.as_ref().map(MethodPath::method);
    let in_use = match name {
        Some(name) if !method.open && !meeting.calls.despite(name, window, now) => return None,
        Some(name) => meeting.calls.in_use(name, window, now)?,
        None => meeting.calls.any_in_use(window, now),
    };
    let until = match in_use {
        InUse::Declared => None,
        InUse::Until(end) => Some(end),
        InUse::No if meeting.calls.ever(name) => {
            return Some(Decision::Warn("; it has not been called for long"));
        }
        InUse::No => return Some(Decision::Warn("; it was never called")),
    };
    let known_to_write = |name| meeting.calls.writes(name, &finding.numbers);
    let written = finding.direction == Some(Direction::Request) && name.is_some_and(known_to_write);
    let exceeds = need.filter(|need| need.exceeds);
    let gated = match finding.level {
        Level::Breaking => true,
        // A value that is lost, a limit below what is needed; what only may refuse is no proof.
        Level::Lossy => written && finding.loses_values() || exceeds.is_some(),
        Level::Safe => false,
    };
    Some(if finding.encoding == Some(Encoding::Json) {
        Decision::Warn("; in JSON, which nothing gates")
    } else if !gated {
        Decision::Warn("")
    } else if meeting.gate == Gate::Report {
        Decision::Warn("; the contract's gate reports only")
    } else if method.stability != Stability::Stable {
        Decision::Warn("; the method is not STABLE")
    } else if meeting.apart {
        Decision::Warn("; calls of its namespace do not go there")
    } else if meeting.met || meeting.known && finding.level == Level::Lossy {
        // Of a version that was there before, it may have become known since.
        Decision::Warn("; both are there already")
    } else {
        // What was needed long ago is forgotten.
        let forgotten = exceeds.and_then(|need| need.at.checked_add(window));
        Decision::Refuse { until: until.into_iter().chain(forgotten).min() }
    })
}

/// What the consumer was seen to need of a limit that falls; `None`: nothing was seen.
pub(super) fn need(
    meeting: &Meeting,
    method: &MethodOutcome,
    finding: &Finding,
    window: Duration,
    now: SystemTime,
) -> Option<Need> {
    let name = method.path.as_ref()?.method();
    let (measure, limit) = match finding.bound? {
        Bound::RequestBytes(limit) => (Measure::RequestBytes, limit.into()),
        Bound::ResponseBytes(limit) => (Measure::ResponseBytes, limit.into()),
        Bound::Time(limit) => (Measure::Millis, u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
        Bound::InFlight(limit) => (Measure::InFlight, limit.into()),
        rate @ Bound::Rate { .. } => return often(meeting, name, rate, window, now),
    };
    let (value, at) = meeting.calls.most(name, measure, window, now)?;
    let above = value > limit;
    // More at once than may be wait: nothing is lost.
    Some(Need { measure, value, at, above, exceeds: above && measure != Measure::InFlight })
}

/// How often the method was seen to be called, by the consumer or, where they share the limit, by all together: more
/// often than is permitted, if it was; else at most, in a time that is like that of the limit.
fn often(meeting: &Meeting, name: &str, rate: Bound, window: Duration, now: SystemTime) -> Option<Need> {
    let Bound::Rate { requests, per, burst, together } = rate else { return None };
    let seen = |(measure, time): (Measure, Duration)| {
        let own = meeting.calls.most(name, measure, window, now)?;
        let all = meeting.total.as_ref().filter(|_| together).and_then(|total| total.methods.get(name));
        let (value, at) = all.and_then(|all| all.peaks.most(measure, window, now)).unwrap_or(own);
        // However the times of the limit lie in this one: so many are permitted, and not one more.
        let times = time.as_millis().div_ceil(per.as_millis().max(1));
        let limit = u128::from(requests).saturating_mul(times).saturating_add(burst.into());
        let exceeds = u128::from(value) > limit;
        Some((time, Need { measure, value, at, above: exceeds, exceeds }))
    };
    let seen: Vec<_> = Measure::RATES.into_iter().filter_map(seen).collect();
    let above = seen.iter().find(|(_, need)| need.exceeds);
    let like = seen.iter().find(|(time, _)| *time >= per).or(seen.last());
    above.or(like).map(|(_, need)| *need)
}

/// "; seen: a message of 81920 bytes".
fn needed(need: Need, bound: Bound) -> String {
    let Need { measure, value, exceeds, .. } = need;
    let what = match measure {
        Measure::RequestBytes | Measure::ResponseBytes => format!("a message of {value} bytes"),
        Measure::Millis => format!("a call of {}", contract::duration::format(Duration::from_millis(value))),
        Measure::InFlight => format!("{value} at once"),
        Measure::CallsPerMinute => format!("{value} calls in a minute"),
        Measure::CallsPerHour => format!("{value} calls in an hour"),
        Measure::CallsPerDay => format!("{value} calls in a day"),
    };
    let whose = if matches!(bound, Bound::Rate { together: true, .. }) { ", of all callers" } else { "" };
    if exceeds {
        format!("; seen: {what}{whose}")
    } else {
        format!("; the most that was seen is {what}{whose}")
    }
}

/// "this version of shop/catalog (owner: catalog@example.com) breaks shop/orders".
fn sentence(meeting: &Meeting, level: Level) -> String {
    let consumer = meeting.consumer().map_or_else(|| "somebody".to_owned(), ToString::to_string);
    let owner = if meeting.owner.is_empty() { String::new() } else { format!(" (owner: {})", meeting.owner) };
    let provider = &meeting.provider;
    match (meeting.newcomer, meeting.consumer()) {
        (Newcomer::Provider, _) if level == Level::Safe => {
            format!("this version of {provider}{owner} breaks nobody who is live, and could break others")
        }
        (Newcomer::Provider, Some(_)) => format!("this version of {provider}{owner} breaks {consumer}"),
        (Newcomer::Provider, None) => {
            format!("this version of {provider}{owner} could break callers of the one in force")
        }
        (Newcomer::Consumer, _) => format!("{consumer} cannot call {provider}{owner} as it is"),
    }
}

/// "; shop/orders has left, and counts until 2026-11-21 13:31:39 UTC".
fn besides(meeting: &Meeting) -> String {
    let loosened = if meeting.gate == meeting.asked { "" } else { LOOSENED };
    let Some(until) = meeting.gone.map(OffsetDateTime::from) else { return loosened.to_owned() };
    let who = match meeting.newcomer {
        Newcomer::Provider => meeting.consumer().map(ToString::to_string).unwrap_or_default(),
        Newcomer::Consumer => format!("this version of {}", meeting.provider),
    };
    let (hour, minute, second) = until.to_hms();
    let day = until.date();
    format!("{loosened}; {who} has left, and counts until {day} {hour:02}:{minute:02}:{second:02} UTC")
}

fn failed(meeting: &Meeting) -> Refusal {
    let service = &meeting.comparison.service;
    let message = format!(
        "{}: {service} could not be compared, a fault of the mesh",
        sentence(meeting, Level::Breaking)
    );
    let remedy = "report it with both descriptor sets; the gate GATE_REPORT admits meanwhile";
    Refusal::new(Reason::CONTRACT_BREAKS, &message, remedy)
}

/// Where a comparison found more than is kept of it.
fn unknown(meeting: &Meeting, method: Option<&MethodPath>, level: Level, count: usize) -> Refusal {
    let finding = Finding { level, ..Finding::default() };
    let breakage = breakage(meeting, method, &finding);
    let what = match count {
        1 => "one change is not told, among so many".to_owned(),
        count => format!("{count} changes are not told, among so many"),
    };
    let message = format!("{}: {}: {what}", sentence(meeting, level), breakage.method);
    let remedy = "`treaty contract breaking` shows every one of them";
    Refusal::new(Reason::CONTRACT_BREAKS, &message, remedy).over(breakage)
}

fn refusal(
    meeting: &Meeting,
    method: Option<&MethodPath>,
    finding: &Finding,
    need: Option<Need>,
    decision: &Decision,
) -> Refusal {
    let breakage = breakage(meeting, method, finding);
    let place = [&breakage.direction.to_lowercase(), &breakage.path].map(String::as_str).join(" ");
    let place = if place.trim().is_empty() { String::new() } else { format!(", {}", place.trim()) };
    let lossy = if finding.loses_values() { "loses values: " } else { "" };
    let when = finding.when.as_ref().map_or(String::new(), |when| format!(" ({when})"));
    let why = if let Decision::Warn(why) = decision { why } else { "" };
    let needed = need.zip(finding.bound).map_or(String::new(), |(need, bound)| needed(need, bound));
    let besides = if matches!(decision, Decision::Refuse { .. }) { besides(meeting) } else { String::new() };
    let message = format!(
        "{}: {}{place}: {lossy}{}{when}{needed}{why}{besides}",
        sentence(meeting, finding.level),
        breakage.method,
        finding.message.trim_end_matches('.')
    );
    // The newcomer's own source first: that is what can be changed.
    let newcomer_writes =
        (finding.direction == Some(Direction::Request)) == (meeting.newcomer == Newcomer::Consumer);
    let (own, other) = if newcomer_writes {
        (&breakage.written.origin, &breakage.read.origin)
    } else {
        (&breakage.read.origin, &breakage.written.origin)
    };
    let origin = if own.is_empty() { other } else { own }.clone();
    let strict = match meeting.consumer() {
        // Nobody can leave or be upgraded to make it right.
        None => {
            "; where the change is meant, GATE_CONSUMERS instead of GATE_STRICT asks only who is live, once it is in force"
        }
        Some(_) => "",
    };
    let remedy = format!("{}{strict}", finding.remedy);
    Refusal::new(Reason::CONTRACT_BREAKS, &message, &remedy).at(&origin).over(breakage)
}

fn breakage(meeting: &Meeting, method: Option<&MethodPath>, finding: &Finding) -> Breakage {
    let path = finding.method.as_ref().or(method);
    let path = path.map_or(meeting.comparison.service.as_str(), |path| path.as_str().trim_start_matches('/'));
    let direction = match finding.direction {
        Some(Direction::Request) => "REQUEST",
        Some(Direction::Response) => "RESPONSE",
        None => "",
    };
    let encoding = match finding.encoding {
        Some(Encoding::Binary) => "BINARY",
        Some(Encoding::Json) => "JSON",
        None => "",
    };
    let level = match finding.level {
        Level::Safe => "SAFE",
        Level::Lossy => "LOSSY",
        Level::Breaking => "BREAKING",
    };
    Breakage {
        provider: meeting.provider.to_string(),
        owner: meeting.owner.clone(),
        consumer: meeting.consumer().map(ToString::to_string).unwrap_or_default(),
        method: path.to_owned(),
        direction: direction.to_owned(),
        encoding: encoding.to_owned(),
        path: finding.path.clone(),
        rule: finding.rule.to_owned(),
        level: level.to_owned(),
        when: finding.when.clone().unwrap_or_default(),
        written: declaration(&finding.written),
        read: declaration(&finding.read),
        example: finding.example.as_ref().map(super::breakage::example),
    }
    .bounded()
}
