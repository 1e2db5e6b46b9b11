//! What one workload sees of what is published.

use crate::{Published, Visible};
use identity::WorkloadId;
use resource::{ClusterName, Kind, Resource, Snapshot};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A workload's part of a [`Published`].
#[derive(Debug)]
pub(super) struct View {
    published: Arc<Published>,
    caller: WorkloadId,
    /// Services that this very process may not see.
    refused: BTreeSet<String>,
    /// The clusters that routes to visible services name.
    clusters: BTreeSet<ClusterName>,
}

impl View {
    /// `node`: what the caller calls itself, where its client is none of ours.
    pub(super) fn new(published: Arc<Published>, caller: WorkloadId, node: Option<&str>) -> Self {
        let refused = published.refused.get(&caller).zip(node).and_then(|(refused, node)| refused.get(node));
        let refused = refused.cloned().unwrap_or_default();
        let clusters = match published.visible.get(&caller) {
            Some(visible) => {
                let services = visible.services.difference(&refused);
                clusters(published.snapshot_for(&caller), services)
            }
            None => BTreeSet::new(),
        };
        Self { published, caller, refused, clusters }
    }

    pub(super) fn published(&self) -> Arc<Published> {
        self.published.clone()
    }

    /// `None`: nothing is known of this workload, so nothing can be said, not even that something does
    /// not exist.
    fn visible(&self) -> Option<&Visible> {
        self.published.visible.get(&self.caller)
    }

    /// Those of `names` that exist and may be seen, or everything of the type that may be seen.
    pub(super) fn select(
        &self,
        kind: Kind,
        names: &BTreeSet<String>,
        wildcard: bool,
    ) -> Option<BTreeMap<String, Resource>> {
        let visible = self.visible()?;
        let resources: Vec<Resource> = if wildcard {
            self.names(kind, visible).iter().filter_map(|name| self.find(kind, name, visible)).collect()
        } else {
            names.iter().filter_map(|name| self.find(kind, name, visible)).collect()
        };
        Some(resources.into_iter().map(|resource| (resource.name().to_owned(), resource)).collect())
    }

    fn names(&self, kind: Kind, visible: &Visible) -> BTreeSet<String> {
        match kind {
            Kind::Listener => &(&visible.services - &self.refused) | &visible.listeners,
            Kind::Routes => &visible.services - &self.refused,
            Kind::Cluster | Kind::Endpoints => self.clusters.iter().map(|name| name.0.clone()).collect(),
        }
    }

    fn find(&self, kind: Kind, name: &str, visible: &Visible) -> Option<Resource> {
        let snapshot = self.published.snapshot_for(&self.caller);
        let seen = visible.services.contains(name) && !self.refused.contains(name);
        match kind {
            Kind::Listener if seen => {
                snapshot.client_listeners.get(name).cloned().map(Resource::ClientListener)
            }
            Kind::Listener if visible.listeners.contains(name) => {
                // An address changes hands: of the two leases on it, the other may still be in force.
                let own = snapshot.server_listeners.get(name).filter(|own| own.workload == self.caller);
                own.cloned().map(Resource::ServerListener)
            }
            Kind::Routes if seen => snapshot.routes.get(name).cloned().map(Resource::Routes),
            Kind::Cluster => {
                let name = self.clusters.get(&ClusterName(name.to_owned()))?;
                snapshot.clusters.get(name).cloned().map(Resource::Cluster)
            }
            Kind::Endpoints => {
                let name = self.clusters.get(&ClusterName(name.to_owned()))?;
                snapshot.endpoints.get(name).cloned().map(Resource::Endpoints)
            }
            Kind::Listener | Kind::Routes => None,
        }
    }
}

fn clusters<'a>(snapshot: &Snapshot, services: impl Iterator<Item = &'a String>) -> BTreeSet<ClusterName> {
    let tables = services.filter_map(|service| snapshot.routes.get(service));
    tables.flat_map(|table| table.clusters()).cloned().collect()
}
