//! Which provider a call goes to: what the contract's routes say at this moment.

mod table;

#[cfg(test)]
pub(super) mod tests;

pub(crate) use table::Route;

use super::{balance::Dialer, usage::Usage};
use crate::status::{MeshError, Reason};
use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use resource::ServiceView;
use std::{sync::Arc, time::Instant};
use table::Table;
use tokio::{sync::watch, time::timeout_at};

/// The routes of one service, as they come.
pub(crate) struct Router {
    service: Box<str>,
    latest: watch::Receiver<Option<Arc<ServiceView>>>,
    ready: ArcSwapOption<Table>,
    /// Held while a new version is made ready: its connections are opened once.
    making: Mutex<()>,
    dialer: Dialer,
    usage: Usage,
}

impl Router {
    pub(crate) fn new(
        service: &str,
        latest: watch::Receiver<Option<Arc<ServiceView>>>,
        dialer: Dialer,
        usage: Usage,
    ) -> Self {
        let (ready, making) = (ArcSwapOption::empty(), Mutex::new(()));
        Self { service: service.into(), latest, ready, making, dialer, usage }
    }

    /// The service's full name.
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// Resolves when the routes change, or never again.
    pub(crate) async fn changed(&self, seen: &mut watch::Receiver<Option<Arc<ServiceView>>>) {
        if seen.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What [`Router::changed`] compares with. Take it before [`Router::route`].
    pub(crate) fn seen(&self) -> watch::Receiver<Option<Arc<ServiceView>>> {
        let mut seen = self.latest.clone();
        seen.mark_unchanged();
        seen
    }

    /// The route of `path`; `None` while nothing is known of the service.
    pub(crate) fn route(&self, path: &str) -> Option<Result<Arc<Route>, MeshError>> {
        let latest = self.latest.borrow();
        let latest = latest.as_ref()?;
        let ready = self.ready.load();
        let found = match &*ready {
            Some(table) if table.is_of(latest) => table.route(path),
            _ => self.make(latest).route(path),
        };
        Some(found.ok_or_else(|| self.unknown_method(path)))
    }

    /// As [`Router::route`], but waits until something is known, at most `until`.
    pub(crate) async fn wait(&self, path: &str, until: Instant) -> Result<Arc<Route>, MeshError> {
        let mut latest = self.latest.clone();
        let known =
            timeout_at(until.into(), latest.wait_for(Option::is_some)).await.is_ok_and(|known| known.is_ok());
        match self.route(path) {
            Some(found) if known => found,
            _ => Err(self.unknown_service(path)),
        }
    }

    fn make(&self, latest: &Arc<ServiceView>) -> Arc<Table> {
        let _making = self.making.lock();
        let before = self.ready.load_full();
        if let Some(table) = before.as_ref().filter(|table| table.is_of(latest)) {
            return Arc::clone(table);
        }
        let made = Table::new(&self.service, latest, before.as_deref(), &self.dialer, &self.usage);
        let table = Arc::new(made);
        self.ready.store(Some(Arc::clone(&table)));
        table
    }

    fn unknown_service(&self, path: &str) -> MeshError {
        let service = &self.service;
        let message = format!("the control plane has said nothing about {service} yet");
        MeshError::new(Reason::ContractUnknown, message).method(path).with("service", service).remedy(
            "start a provider of it, or check the service's full name; `treaty status` shows who serves what",
        )
    }

    fn unknown_method(&self, path: &str) -> MeshError {
        let service = &self.service;
        let message = format!("{path}: the provider's contract of {service} has no such method");
        MeshError::new(Reason::MethodUnknown, message).method(path).with("service", service).remedy(
            "compare the consumer's contract with the provider's: `treaty contract explain <service>`",
        )
    }
}
