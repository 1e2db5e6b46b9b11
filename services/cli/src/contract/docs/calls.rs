//! What the running mesh has seen called.

use super::diagram::OUTSIDE;
use crate::{admin::Admin, plain};
use contracts::treaty::v1::{Consumer, ListConsumersRequest};
use std::collections::{BTreeMap, BTreeSet};
use tonic::{Code, Status};

/// Who calls for everybody outside.
const GATEWAY: &str = "treaty/gateway";

/// Methods that were called, by caller and service. How often is left out: it would change with every call, and the
/// site with it.
#[derive(Debug, Default)]
pub(super) struct Calls(BTreeMap<(String, String), BTreeSet<String>>);

impl Calls {
    pub(super) async fn ask(admin: &Admin, services: &[String]) -> Result<Self, Status> {
        let mut calls = Self::default();
        for service in services {
            let request = ListConsumersRequest { service: service.clone(), method: String::new() };
            match admin.control().admin().list_consumers(request).await {
                Ok(answer) => calls.add(service, answer.into_inner().consumers),
                // Gone since it was read.
                Err(status) if status.code() == Code::NotFound => {}
                Err(status) => return Err(status),
            }
        }
        Ok(calls)
    }

    pub(super) fn add(&mut self, service: &str, consumers: Vec<Consumer>) {
        for consumer in consumers {
            let called = consumer.methods.iter().filter(|method| method.calls > 0);
            let called: BTreeSet<String> = called.map(|method| plain::text(&method.method)).collect();
            let caller = match consumer.workload.as_str() {
                GATEWAY => OUTSIDE.to_owned(),
                workload => plain::text(workload),
            };
            if !called.is_empty() {
                self.0.entry((caller, service.to_owned())).or_default().extend(called);
            }
        }
    }

    /// By caller and service, the methods.
    pub(super) fn all(&self) -> impl Iterator<Item = (&(String, String), &BTreeSet<String>)> {
        self.0.iter()
    }

    /// Who called a method.
    pub(super) fn callers(&self, service: &str, method: &str) -> Vec<&str> {
        let of_it =
            self.0.iter().filter(|((_, known), methods)| known == service && methods.contains(method));
        of_it.map(|((caller, _), _)| caller.as_str()).collect()
    }
}
