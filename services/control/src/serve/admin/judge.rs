//! What would come of it if a contract were deployed.

use crate::{
    registrar::{Registrar, comparing::answer, histories::Histories},
    registry::{Comparison, Judged, Judgement, Meeting, Outcome, Question, Refusal, Registry, Version, day},
    serve::session,
    store::Store,
};
use contracts::treaty::v1::JudgeContractResponse;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

/// A contract that is not there, and everybody who would meet it.
struct Rehearsal {
    meetings: Vec<Meeting>,
    questions: Vec<Question>,
    /// What no comparison says.
    besides: Vec<Refusal>,
    window: std::time::Duration,
}

/// The verdict that `workload` would meet with these bytes now; without one, whoever provides the services.
/// `None`: the control plane has ended.
pub(super) async fn judge(
    registrar: &Registrar,
    store: &Store,
    bytes: Vec<u8>,
    workload: Option<WorkloadId>,
) -> Option<JudgeContractResponse> {
    let judged = tokio::task::spawn_blocking(move || Judged::of(Arc::from(bytes))).await.ok()?;
    if let Some(faults) = judged.refused() {
        let refusals = messages(&faults.clone().told());
        return Some(JudgeContractResponse { refusals, ..JudgeContractResponse::default() });
    }
    let rehearsal = registrar.read(move |registry| rehearse(registry, &judged, workload.as_ref())).await?;
    let store = store.clone();
    tokio::task::spawn_blocking(move || perform(&rehearsal, &store)).await.ok()
}

fn rehearse(registry: &Registry, judged: &Judged, workload: Option<&WorkloadId>) -> Rehearsal {
    let now = SystemTime::now();
    let mut rehearsal = Rehearsal {
        meetings: Vec::new(),
        questions: Vec::new(),
        besides: Vec::new(),
        window: registry.window(),
    };
    let Ok(party) = &judged.party else { return rehearsal };
    let view = registry.view();
    for service in &party.contract.services {
        let known = view.contracts.get(&service.name).and_then(|known| known.first());
        let Some(provider) = workload.or_else(|| known.map(|known| &known.workload)) else { continue };
        let contract = &party.contract;
        let digest = &contract.digest;
        let version = Version { service: &service.name, declared: contract, digest, served: true };
        rehearsal.meetings.extend(registry.callers(provider, None, version, false));
        rehearsal.besides.extend(registry.called_after_sunset(provider, None, version, now));
        rehearsal.besides.extend(registry.denied_callers(provider, None, version));
        // What stood beside it in its set and does not any more, nobody would serve.
        for (gone, before) in registry.beside(provider, &service.name) {
            if contract.service(gone).is_none() {
                let version = Version { service: gone, declared: before, digest, served: false };
                rehearsal.meetings.extend(registry.callers(provider, None, version, false));
            }
        }
    }
    let mut known = BTreeSet::new();
    rehearsal.meetings.retain(|meeting| known.insert((meeting.comparison.clone(), meeting.provider.clone())));
    let comparisons = rehearsal.meetings.iter().map(|meeting| &meeting.comparison);
    let comparisons: BTreeSet<_> = comparisons.filter(|comparison| comparison.obvious().is_none()).collect();
    let question = |comparison: &Comparison| {
        let consumer = registry.party(&comparison.consumer)?.clone();
        Some(Question { comparison: comparison.clone(), consumer, provider: party.clone(), today: day(now) })
    };
    rehearsal.questions = comparisons.into_iter().filter_map(question).collect();
    rehearsal
}

fn perform(rehearsal: &Rehearsal, store: &Store) -> JudgeContractResponse {
    let histories = Histories::default();
    let answered = |question: &Question| (question.comparison.clone(), answer(question, store, &histories));
    let outcomes: BTreeMap<Comparison, Outcome> = rehearsal.questions.iter().map(answered).collect();
    let judged = rehearsal.meetings.iter();
    let outcome = |comparison: &Comparison| comparison.obvious().or_else(|| outcomes.get(comparison));
    let judged = judged.filter_map(|meeting| Some((meeting, outcome(&meeting.comparison)?)));
    let mut judgement = Judgement::of(judged, rehearsal.window, SystemTime::now());
    rehearsal.besides.iter().for_each(|warning| judgement.warnings.add(warning.clone()));
    let consumers: BTreeSet<_> = rehearsal.meetings.iter().filter_map(Meeting::consumer).collect();
    JudgeContractResponse {
        refusals: messages(&judgement.refusals.told()),
        warnings: messages(&judgement.warnings.told()),
        consumers: consumers.into_iter().map(ToString::to_string).collect(),
    }
}

fn messages(refusals: &[Refusal]) -> Vec<contracts::treaty::v1::Refusal> {
    refusals.iter().map(session::message).collect()
}
