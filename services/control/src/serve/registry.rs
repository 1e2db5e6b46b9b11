//! treaty.v1.Registry.

use super::{caller, leaving, refusal, session::Session};
use crate::{
    door::ADMIN,
    intake::{Arrived, Intake},
    publish,
    reason::Reason,
    registrar::Registrar,
    registry::{Known, View},
    usage::Usage,
};
use contract::Digest;
use contracts::treaty::v1::{
    DescriptorSet, FetchDescriptorSetRequest, FetchDescriptorSetResponse, RegisterRequest, RegisterResponse,
    ServedContract, WatchContractsRequest, WatchContractsResponse, registry_server::Registry,
};
use futures::Stream;
use identity::WorkloadId;
use std::{collections::BTreeMap, pin::Pin};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use transport::Drain;

/// The service.
pub(crate) struct RegistryService {
    pub(crate) registrar: Registrar,
    pub(crate) usage: Usage,
    pub(crate) intake: Intake,
    pub(crate) drain: Drain,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Registry for RegistryService {
    type RegisterStream = Answers<RegisterResponse>;
    type WatchContractsStream = Answers<WatchContractsResponse>;

    async fn register(
        &self,
        request: Request<Streaming<RegisterRequest>>,
    ) -> Result<Response<Self::RegisterStream>, Status> {
        let workload = caller(&request)?.workload().clone();
        let (out, answers) = mpsc::channel(1);
        let arrived = request.extensions().get::<Arrived>().cloned().unwrap_or_default();
        let intake = (self.intake.clone(), arrived);
        let session = Session::new(workload, &self.registrar, self.usage.clone(), intake, out)?;
        tokio::spawn(session.run(request.into_inner(), self.drain.clone()));
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn watch_contracts(
        &self,
        request: Request<WatchContractsRequest>,
    ) -> Result<Response<Self::WatchContractsStream>, Status> {
        let workload = caller(&request)?.workload().clone();
        let (out, answers) = mpsc::channel(1);
        tokio::spawn(watch(workload, self.registrar.clone(), self.drain.clone(), out));
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn fetch_descriptor_set(
        &self,
        request: Request<FetchDescriptorSetRequest>,
    ) -> Result<Response<FetchDescriptorSetResponse>, Status> {
        let workload = caller(&request)?.workload().clone();
        let digest = request.into_inner().digest;
        let view = self.registrar.view().borrow().clone();
        let wanted = Digest::parse(&digest);
        let known = visible(&view, &workload);
        let found = known.values().find(|known| Some(&known.contract.digest) == wanted.as_ref());
        let Some(found) = found else {
            let message = format!("no descriptor set `{digest}` that {workload} may see");
            return Err(refusal(Code::NotFound, Reason::DESCRIPTOR_SET_UNKNOWN, &message, &[]));
        };
        let descriptor_set = Some(DescriptorSet { digest, bytes: found.contract.bytes.to_vec() });
        Ok(Response::new(FetchDescriptorSetResponse { descriptor_set }))
    }
}

/// The contracts that `workload` may know of: what it consumes and what it provides; the gateway: the public
/// ones too; the administrator: all.
fn visible<'a>(view: &'a View, workload: &WorkloadId) -> BTreeMap<&'a str, &'a Known> {
    let services = publish::services(view, workload);
    let all = workload.to_string() == ADMIN;
    let known = view.contracts.keys().filter_map(|service| {
        let known = view.provider(service, workload.namespace())?;
        let sees = all || known.workload == *workload || services.contains(service);
        sees.then_some((service.as_str(), known))
    });
    known.collect()
}

async fn watch(
    workload: WorkloadId,
    registrar: Registrar,
    mut drain: Drain,
    out: mpsc::Sender<Result<WatchContractsResponse, Status>>,
) {
    let mut views = registrar.view();
    // It must not keep the registry alive.
    drop(registrar);
    let mut told = None;
    let status = loop {
        let view = views.borrow_and_update().clone();
        let contracts: Vec<_> = visible(&view, &workload).into_iter().map(message).collect();
        if told.as_ref() != Some(&contracts) {
            told = Some(contracts.clone());
            if out.send(Ok(WatchContractsResponse { contracts })).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = out.closed() => return,
            () = drain.started() => break leaving(),
            changed = views.changed() => if changed.is_err() { break leaving() },
        }
    };
    let _ = out.send(Err(status)).await;
}

fn message((service, known): (&str, &Known)) -> ServedContract {
    ServedContract {
        service: service.to_owned(),
        digest: known.contract.digest.to_string(),
        workload: known.workload.to_string(),
        public: known.public(service),
    }
}
