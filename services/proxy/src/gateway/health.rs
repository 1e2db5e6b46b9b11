//! grpc.health.v1: the gateway as a whole (""), and each public service. A service is SERVING while it has
//! endpoints.

use super::edge::Views;
use resource::ServiceView;
use std::{collections::HashMap, sync::Arc};
use tokio::{sync::watch, task::JoinHandle};
use tonic_health::{ServingStatus, server::HealthReporter};

/// Keeps the reports true.
pub(super) struct Health {
    reporter: HealthReporter,
    views: Views,
    /// By service.
    followed: HashMap<Arc<str>, JoinHandle<()>>,
}

impl Health {
    /// Nothing serves yet.
    pub(super) async fn new(reporter: HealthReporter, views: Views) -> Self {
        reporter.set_service_status("", ServingStatus::NotServing).await;
        Self { reporter, views, followed: HashMap::new() }
    }

    /// From now on, these services are public, and the gateway is ready.
    pub(super) async fn publish<'a>(&mut self, services: impl Iterator<Item = &'a Arc<str>>) {
        let mut gone = std::mem::take(&mut self.followed);
        for service in services {
            let task = match gone.remove(service) {
                Some(task) => task,
                None => tokio::spawn(follow(service.clone(), (self.views)(service), self.reporter.clone())),
            };
            self.followed.insert(service.clone(), task);
        }
        for (service, task) in gone {
            task.abort();
            self.reporter.set_service_status(&*service, ServingStatus::NotServing).await;
        }
        self.reporter.set_service_status("", ServingStatus::Serving).await;
    }

    /// Nothing serves any more.
    pub(super) async fn end(&mut self) {
        for (service, task) in self.followed.drain() {
            task.abort();
            self.reporter.set_service_status(&*service, ServingStatus::NotServing).await;
        }
        self.reporter.set_service_status("", ServingStatus::NotServing).await;
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        for task in self.followed.values() {
            task.abort();
        }
    }
}

async fn follow(
    service: Arc<str>,
    mut view: watch::Receiver<Option<Arc<ServiceView>>>,
    reporter: HealthReporter,
) {
    loop {
        let serving = view.borrow_and_update().as_deref().is_some_and(has_endpoints);
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status(&*service, status).await;
        if view.changed().await.is_err() {
            return;
        }
    }
}

fn has_endpoints(view: &ServiceView) -> bool {
    view.clusters.values().any(|(_, endpoints)| !endpoints.endpoints.is_empty())
}
