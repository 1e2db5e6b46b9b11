//! What is known, as treaty.v1.MeshStatus: fit for a terminal, and for one message.

use super::{session, timestamp};
use crate::{
    registry::{InstanceView, Refusal, State, View},
    store::AuditEvent,
    text::line,
};
use contracts::treaty::v1::{
    AdsClientStatus, AdsTypeStatus, AuditEvent as AuditMessage, InstanceStatus, MeshStatus, Omitted,
    ReadAdmissionResponse, ServedContract, instance_status::State as StateMessage,
};
use identity::{TrustDomain, WorkloadId};
use prost::Message;
use xds::server::{ClientState, TypeState};

/// Bytes of all instances. With the others and with the audit, less than the `max_response_bytes` of
/// treaty.v1.Admin.
const INSTANCE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the instances of one workload, in full; less than that limit too.
const ADMISSION_BYTES: usize = 15 * 1024 * 1024;
/// Bytes of all contracts.
const CONTRACT_BYTES: usize = 3 * 1024 * 1024;
/// Bytes of all xDS clients.
const CLIENT_BYTES: usize = 3 * 1024 * 1024;
/// Bytes of what goes around each message.
const FRAME: usize = 6;
/// Bytes of a name that an xDS client gives.
const MAX_NAME: usize = 256;
/// Bytes of its reason for refusing something.
const MAX_NACK: usize = 1000;
/// How much of what a client does not enforce is told.
const MAX_NOT_ENFORCED: usize = 20;

/// The state of the mesh.
pub(super) fn status(
    trust_domain: &TrustDomain,
    view: &View,
    clients: &[ClientState],
    audit: &[AuditEvent],
) -> MeshStatus {
    let mut omitted = Omitted::default();
    let instances =
        instances(view.instances.iter().map(AsRef::as_ref), detail, INSTANCE_BYTES, &mut omitted.instances);
    let contracts = fitting(contracts(view), CONTRACT_BYTES, &mut omitted.contracts);
    let ads_clients = fitting(clients.iter().map(client), CLIENT_BYTES, &mut omitted.ads_clients);
    MeshStatus {
        trust_domain: trust_domain.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instances,
        contracts,
        ads_clients,
        audit: audit.iter().map(event).collect(),
        omitted: (omitted != Omitted::default()).then_some(omitted),
    }
}

/// The first messages that fit into `room` together; the others are counted.
fn fitting<M: Message>(messages: impl IntoIterator<Item = M>, mut room: usize, omitted: &mut u32) -> Vec<M> {
    let mut kept = Vec::new();
    for message in messages {
        match room.checked_sub(message.encoded_len() + FRAME) {
            Some(left) if *omitted == 0 => {
                room = left;
                kept.push(message);
            }
            _ => *omitted += 1,
        }
    }
    kept
}

/// Every instance is told before any in `detail`, and those that say little in detail before those that say
/// much: nobody who says much hides others.
fn instances<'v>(
    known: impl Iterator<Item = &'v InstanceView> + Clone,
    detail: impl Fn(&InstanceView) -> InstanceStatus,
    room: usize,
    omitted: &mut u32,
) -> Vec<InstanceStatus> {
    let mut told = fitting(known.clone().map(brief), room, omitted);
    let mut room = room - told.iter().map(|known| known.encoded_len() + FRAME).sum::<usize>();
    let mut details: Vec<_> = known.map(detail).zip(&mut told).collect();
    details.sort_by_key(|(detail, _)| detail.encoded_len());
    for (detail, told) in details {
        // Its frame may grow with it.
        let Some(left) = room.checked_sub(detail.encoded_len() + FRAME) else { continue };
        room = left;
        told.truncated = false;
        (told.refusals, told.warnings) = (detail.refusals, detail.warnings);
        (told.serves, told.consumes) = (detail.serves, detail.consumes);
    }
    told
}

fn brief(instance: &InstanceView) -> InstanceStatus {
    let state = match instance.state {
        State::Relearning => StateMessage::Relearning,
        State::Joined => StateMessage::Joined,
        State::Ready => StateMessage::Ready,
        State::Refused => StateMessage::Refused,
    };
    InstanceStatus {
        workload: instance.key.workload.to_string(),
        instance: instance.key.instance.clone(),
        version: instance.version.clone(),
        address: instance.address.clone(),
        state: state.into(),
        since: Some(timestamp(instance.since)),
        metrics_address: instance.metrics_address.clone(),
        truncated: true,
        ..InstanceStatus::default()
    }
}

/// The instances of one workload, with all that is known of how they were judged.
pub(super) fn admission(view: &View, workload: &WorkloadId) -> ReadAdmissionResponse {
    let own = view.instances.iter().map(AsRef::as_ref);
    let own = own.filter(|instance| instance.key.workload == *workload);
    let full = |instance: &InstanceView| detailed(instance, session::message);
    let mut omitted = 0;
    let instances = instances(own, full, ADMISSION_BYTES, &mut omitted);
    ReadAdmissionResponse { instances, omitted }
}

fn detail(instance: &InstanceView) -> InstanceStatus {
    detailed(instance, short)
}

/// What [`brief`] leaves out.
fn detailed(instance: &InstanceView, told: fn(&Refusal) -> contracts::treaty::v1::Refusal) -> InstanceStatus {
    InstanceStatus {
        refusals: instance.refusals.iter().map(told).collect(),
        warnings: instance.warnings.iter().map(told).collect(),
        serves: instance.serves.clone(),
        consumes: instance.consumes.clone(),
        ..InstanceStatus::default()
    }
}

/// What bytes show is in [`admission`].
fn short(refusal: &Refusal) -> contracts::treaty::v1::Refusal {
    let mut told = session::message(refusal);
    told.breakage.iter_mut().for_each(|breakage| breakage.example = None);
    told
}

fn contracts(view: &View) -> impl Iterator<Item = ServedContract> {
    let all =
        view.contracts.iter().flat_map(|(service, known)| known.iter().map(move |known| (service, known)));
    let served = all.filter(|(_, known)| known.served);
    served.map(|(service, known)| ServedContract {
        service: service.clone(),
        digest: known.contract.digest.to_string(),
        workload: known.workload.to_string(),
        public: known.public(service),
    })
}

fn client(client: &ClientState) -> AdsClientStatus {
    let more = client.not_enforced.len() - client.not_enforced.len().min(MAX_NOT_ENFORCED);
    let not_enforced = client.not_enforced.iter().take(MAX_NOT_ENFORCED).map(|what| line(what, MAX_NACK));
    AdsClientStatus {
        workload: client.workload.to_string(),
        node: line(&client.node, MAX_NAME),
        user_agent: line(&client.user_agent, MAX_NAME),
        types: client.types.iter().map(kind).collect(),
        not_enforced: not_enforced.chain((more > 0).then(|| format!("and {more} more"))).collect(),
    }
}

fn kind(kind: &TypeState) -> AdsTypeStatus {
    AdsTypeStatus {
        type_url: line(&kind.type_url, MAX_NAME),
        acked_version: line(&kind.acked_version, MAX_NAME),
        sent_version: line(&kind.sent_version, MAX_NAME),
        nack: kind.nack.as_ref().map(|reason| said(reason)).unwrap_or_default(),
    }
}

/// A reason that nobody gave is a refusal all the same.
fn said(reason: &str) -> String {
    if reason.is_empty() { "(it gives no reason)".to_owned() } else { line(reason, MAX_NACK) }
}

fn event(event: &AuditEvent) -> AuditMessage {
    AuditMessage {
        time: Some(timestamp(event.time)),
        kind: event.kind.as_str().to_owned(),
        workload: event.workload.as_ref().map(ToString::to_string).unwrap_or_default(),
        message: event.message.clone(),
    }
}

#[cfg(test)]
mod tests;
