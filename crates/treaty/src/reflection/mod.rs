//! gRPC server reflection (grpc.reflection v1 and v1alpha) over raw descriptor sets.
//!
//! Files are answered as the very bytes that were registered: a file that went through generated
//! descriptor types would have lost its custom options. Several sets, of several providers, are shown as
//! one; where two of them hold different files of one name, the answer comes from the set of the service
//! that was asked for.

mod answer;
mod file;
mod index;
mod serve;

#[cfg(test)]
mod tests;

pub use serve::Service;

use index::Index;
use parking_lot::RwLock;
use std::{collections::BTreeSet, fmt, sync::Arc};
use tonic_reflection::pb::{
    v1::server_reflection_server::ServerReflectionServer as ServerV1,
    v1alpha::server_reflection_server::ServerReflectionServer as ServerV1alpha,
};

/// A descriptor set, and which of its services are shown.
#[derive(Clone, Debug)]
pub struct Shown {
    set: Arc<[u8]>,
    services: Option<BTreeSet<String>>,
}

impl Shown {
    /// Every service of the set. Files that are there as imports only declare none, in Treaty's sets.
    pub fn all(set: impl Into<Arc<[u8]>>) -> Self {
        Self { set: set.into(), services: None }
    }

    /// These services of the set, by full name.
    pub fn only(set: impl Into<Arc<[u8]>>, services: impl IntoIterator<Item = String>) -> Self {
        Self { set: set.into(), services: Some(services.into_iter().collect()) }
    }
}

impl From<Arc<[u8]>> for Shown {
    fn from(set: Arc<[u8]>) -> Self {
        Self::all(set)
    }
}

/// What reflection shows. Clones show the same.
#[derive(Clone)]
pub struct Reflection {
    index: Arc<RwLock<Arc<Index>>>,
}

impl Reflection {
    /// Shows these sets, and the services for health and reflection themselves. A set that cannot be read is
    /// left out, with a warning in the log.
    pub fn new<S: Into<Shown>>(sets: impl IntoIterator<Item = S>) -> Self {
        Self { index: Arc::new(RwLock::new(Arc::new(index(sets)))) }
    }

    /// Shows these sets from now on, also on streams that are open.
    pub fn swap<S: Into<Shown>>(&self, sets: impl IntoIterator<Item = S>) {
        let index = Arc::new(index(sets));
        *self.index.write() = index;
    }

    /// The servers of `grpc.reflection.v1`, and of `grpc.reflection.v1alpha`, which older tools ask.
    pub fn services(&self) -> (ServerV1<Service>, ServerV1alpha<Service>) {
        let service = Service(self.clone());
        (ServerV1::new(service.clone()), ServerV1alpha::new(service))
    }

    /// What is shown at this moment.
    fn current(&self) -> Arc<Index> {
        self.index.read().clone()
    }
}

impl fmt::Debug for Reflection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reflection").field("services", self.current().services()).finish()
    }
}

fn index<S: Into<Shown>>(sets: impl IntoIterator<Item = S>) -> Index {
    let ours = [
        // No services, but what errors carry: with it, tools show the details of a status as text.
        tonic_types::pb::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let mut index = Index::default();
    for shown in sets.into_iter().map(Into::into).chain(ours.map(Shown::all)) {
        if let Err(error) = index.add(&shown.set, shown.services.as_ref()) {
            tracing::warn!(%error, "reflection leaves a descriptor set out");
        }
    }
    index
}
