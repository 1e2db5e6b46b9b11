//! What must be ready, and what of it is not.

use crate::{admin::Admin, up::Manifest};
use contracts::treaty::v1::{MeshStatus, instance_status::State};
use std::{collections::BTreeMap, time::Duration};

/// How long to wait before asking a control plane again that went away.
const PAUSE: Duration = Duration::from_millis(200);

/// Workloads and how many instances of each must be ready.
pub(crate) struct Wanted(BTreeMap<String, usize>);

impl Wanted {
    /// Everything that the manifest names, and the gateway.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let services = manifest.services.iter();
        let mut wanted: BTreeMap<String, usize> = services
            .map(|(workload, service)| {
                (workload.to_string(), usize::try_from(service.replicas).unwrap_or(usize::MAX))
            })
            .collect();
        wanted.insert("treaty/gateway".to_owned(), 1);
        Self(wanted)
    }

    /// One line for each workload that is not ready as often as it should be.
    pub(crate) fn missing(&self, status: &MeshStatus) -> Vec<String> {
        let short = self.0.iter().filter_map(|(workload, wanted)| {
            let ready = status
                .instances
                .iter()
                .filter(|instance| &instance.workload == workload && instance.state() == State::Ready)
                .count();
            (ready < *wanted).then(|| {
                let refused: Vec<_> = status
                    .instances
                    .iter()
                    .filter(|instance| &instance.workload == workload)
                    .flat_map(|instance| &instance.refusals)
                    .map(|refusal| refusal.message.clone())
                    .collect();
                let why = if refused.is_empty() {
                    String::new()
                } else {
                    format!(": refused: {}", refused.join("; "))
                };
                format!("{workload}: {ready} of {wanted} ready{why}")
            })
        });
        short.collect()
    }
}

/// Hands every state of the mesh to `see`, until it returns true. Outlives restarts of the control plane.
pub(crate) async fn follow(admin: &Admin, mut see: impl FnMut(&MeshStatus) -> bool) {
    loop {
        if let Ok(mut stream) = admin.watch().await {
            while let Ok(Some(message)) = stream.message().await {
                if message.status.as_ref().is_some_and(&mut see) {
                    return;
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
