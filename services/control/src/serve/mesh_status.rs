//! What is known, as treaty.v1.MeshStatus.

use super::{session, timestamp};
use crate::{
    registry::{InstanceView, State, View},
    store::AuditEvent,
};
use contracts::treaty::v1::{
    AdsClientStatus, AdsTypeStatus, AuditEvent as AuditMessage, InstanceStatus, MeshStatus, ServedContract,
    instance_status::State as StateMessage,
};
use identity::TrustDomain;
use xds::server::ClientState;

/// The state of the mesh.
pub(super) fn status(
    trust_domain: &TrustDomain,
    view: &View,
    clients: Vec<ClientState>,
    audit: &[AuditEvent],
) -> MeshStatus {
    MeshStatus {
        trust_domain: trust_domain.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instances: view.instances.iter().map(instance).collect(),
        contracts: contracts(view),
        ads_clients: clients.into_iter().map(client).collect(),
        audit: audit.iter().map(event).collect(),
    }
}

fn contracts(view: &View) -> Vec<ServedContract> {
    let all =
        view.contracts.iter().flat_map(|(service, known)| known.iter().map(move |known| (service, known)));
    let served = all.filter(|(_, known)| known.served);
    served
        .map(|(service, known)| ServedContract {
            service: service.clone(),
            digest: known.contract.digest.to_string(),
            workload: known.workload.to_string(),
        })
        .collect()
}

fn instance(instance: &InstanceView) -> InstanceStatus {
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
        refusals: instance.refusals.iter().map(session::message).collect(),
        serves: instance.serves.clone(),
        consumes: instance.consumes.clone(),
        since: Some(timestamp(instance.since)),
        metrics_address: instance.metrics_address.clone(),
    }
}

fn client(client: ClientState) -> AdsClientStatus {
    let types = client.types.into_iter().map(|kind| AdsTypeStatus {
        type_url: kind.type_url,
        acked_version: kind.acked_version,
        sent_version: kind.sent_version,
        nack: kind.nack.unwrap_or_default(),
    });
    AdsClientStatus {
        workload: client.workload.to_string(),
        node: client.node,
        user_agent: client.user_agent,
        types: types.collect(),
        not_enforced: client.not_enforced,
    }
}

fn event(event: &AuditEvent) -> AuditMessage {
    AuditMessage {
        time: Some(timestamp(event.time)),
        kind: event.kind.as_str().to_owned(),
        workload: event.workload.as_ref().map(ToString::to_string).unwrap_or_default(),
        message: event.message.clone(),
    }
}
