//! treaty.v1.Admin.

mod consumers;
mod contract;
mod judge;

use super::{
    identity::may_join,
    internal, leaving,
    mesh_status::{self, status},
    refusal, timestamp,
};
use crate::{
    audit::Audit,
    reason::Reason,
    registrar::Registrar,
    registry::{Registry, View},
    store::{AuditEvent, AuditKind, Store, StoreError, TokenRecord},
    tokens::{DEFAULT_TTL, MAX_TTL},
};
use contracts::treaty::v1::{
    CreateJoinTokenRequest, CreateJoinTokenResponse, JudgeContractRequest, JudgeContractResponse,
    ListConsumersRequest, ListConsumersResponse, MeshStatus, ReadAdmissionRequest, ReadAdmissionResponse,
    ReadContractRequest, ReadContractResponse, ReadStatusRequest, ReadStatusResponse, WatchStatusRequest,
    WatchStatusResponse, admin_server::Admin,
};
use futures::Stream;
use identity::{TrustDomain, WorkloadId, token::JoinToken};
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};
use transport::Drain;
use xds::server::AdsServer;

/// The service.
#[derive(Clone)]
pub(crate) struct AdminService {
    pub(crate) trust_domain: TrustDomain,
    pub(crate) view: watch::Receiver<Arc<View>>,
    pub(crate) registrar: Registrar,
    pub(crate) ads: AdsServer,
    pub(crate) audit: Audit,
    pub(crate) store: Store,
    pub(crate) drain: Drain,
}

#[tonic::async_trait]
impl Admin for AdminService {
    type WatchStatusStream = Pin<Box<dyn Stream<Item = Result<WatchStatusResponse, Status>> + Send>>;

    async fn read_status(
        &self,
        _: Request<ReadStatusRequest>,
    ) -> Result<Response<ReadStatusResponse>, Status> {
        Ok(Response::new(ReadStatusResponse { status: Some(self.status()) }))
    }

    async fn watch_status(
        &self,
        _: Request<WatchStatusRequest>,
    ) -> Result<Response<Self::WatchStatusStream>, Status> {
        let (out, answers) = mpsc::channel(1);
        tokio::spawn(self.clone().watch(out));
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn create_join_token(
        &self,
        request: Request<CreateJoinTokenRequest>,
    ) -> Result<Response<CreateJoinTokenResponse>, Status> {
        let CreateJoinTokenRequest { workload, ttl } = request.into_inner();
        let workload = self::workload(&workload)?;
        if !may_join(&workload) {
            return Err(bad(&format!("workload: {workload} is the control plane itself")));
        }
        let ttl = ttl.map_or(Ok(DEFAULT_TTL), Duration::try_from).ok();
        let sound = ttl.filter(|ttl| *ttl >= Duration::from_secs(1) && *ttl <= MAX_TTL);
        let ttl = sound.ok_or_else(|| bad("ttl: from one second to a day"))?;
        let (token, expires) = create_token(&self.store, Some(&self.audit), workload, ttl)
            .await
            .map_err(|error| internal(&error))?;
        Ok(Response::new(CreateJoinTokenResponse {
            join_token: token.expose().to_owned(),
            expire_time: Some(timestamp(expires)),
        }))
    }

    async fn read_admission(
        &self,
        request: Request<ReadAdmissionRequest>,
    ) -> Result<Response<ReadAdmissionResponse>, Status> {
        let workload = workload(&request.into_inner().workload)?;
        let told = mesh_status::admission(&self.view.borrow().clone(), &workload);
        if told.instances.is_empty() {
            return Err(unknown(Reason::WORKLOAD_UNKNOWN, &format!("nobody registers as {workload}")));
        }
        Ok(Response::new(told))
    }

    async fn list_consumers(
        &self,
        request: Request<ListConsumersRequest>,
    ) -> Result<Response<ListConsumersResponse>, Status> {
        let ListConsumersRequest { service, method } = request.into_inner();
        let name = service.clone();
        let look = move |registry: &Registry| consumers::list(registry, &service, &method);
        let consumers = self.registrar.read(look).await.ok_or_else(leaving)?;
        let consumers = consumers
            .ok_or_else(|| unknown(Reason::SERVICE_UNKNOWN, &format!("nobody serves or consumes {name}")))?;
        Ok(Response::new(ListConsumersResponse { consumers }))
    }

    async fn read_contract(
        &self,
        request: Request<ReadContractRequest>,
    ) -> Result<Response<ReadContractResponse>, Status> {
        let service = request.into_inner().service;
        let name = service.clone();
        let look = move |registry: &Registry| contract::read(registry, &service);
        let versions = self.registrar.read(look).await.ok_or_else(leaving)?;
        if versions.versions.is_empty() {
            return Err(unknown(Reason::SERVICE_UNKNOWN, &format!("nobody serves {name}")));
        }
        Ok(Response::new(versions))
    }

    async fn judge_contract(
        &self,
        request: Request<JudgeContractRequest>,
    ) -> Result<Response<JudgeContractResponse>, Status> {
        let JudgeContractRequest { descriptor_set, workload: by } = request.into_inner();
        let by = if by.is_empty() { None } else { Some(workload(&by)?) };
        let judged = judge::judge(&self.registrar, &self.store, descriptor_set, by).await;
        judged.map(Response::new).ok_or_else(leaving)
    }
}

impl AdminService {
    fn status(&self) -> MeshStatus {
        let view = self.view.borrow().clone();
        status(&self.trust_domain, &view, &self.ads.clients(), &self.audit.tail())
    }

    async fn watch(mut self, out: mpsc::Sender<Result<WatchStatusResponse, Status>>) {
        let (mut clients, mut audit) = (self.ads.changes(), self.audit.changes());
        let mut drain = self.drain.clone();
        let mut told = None;
        let status = loop {
            self.view.mark_unchanged();
            clients.mark_unchanged();
            audit.mark_unchanged();
            let status = self.status();
            if told.as_ref() != Some(&status) {
                told = Some(status.clone());
                if out.send(Ok(WatchStatusResponse { status: Some(status) })).await.is_err() {
                    return;
                }
            }
            let changed = tokio::select! {
                () = out.closed() => return,
                () = drain.started() => break leaving(),
                changed = self.view.changed() => changed,
                changed = clients.changed() => changed,
                changed = audit.changed() => changed,
            };
            if changed.is_err() {
                break leaving();
            }
        };
        let _ = out.send(Err(status)).await;
    }
}

/// Makes a token and keeps its hash; `audit` hears of it, if somebody asked for it.
pub(crate) async fn create_token(
    store: &Store,
    audit: Option<&Audit>,
    workload: WorkloadId,
    ttl: Duration,
) -> Result<(JoinToken, SystemTime), StoreError> {
    let token = JoinToken::generate();
    let now = SystemTime::now();
    let record = TokenRecord { workload: workload.clone(), expires: now + ttl, used: None };
    let (hash, expires) = (token.hash(), record.expires);
    let message = format!("join token for {workload} made, good for {} s", ttl.as_secs());
    let event = AuditEvent::new(now, AuditKind::TokenCreated, Some(workload), message);
    let event = audit.map(|_| event);
    let written = event.clone();
    store.run(move |store| store.create_token(hash.as_bytes(), &record, now, written)).await?;
    if let (Some(audit), Some(event)) = (audit, event) {
        audit.note(event);
    }
    Ok((token, expires))
}

fn workload(name: &str) -> Result<WorkloadId, Status> {
    name.parse().map_err(|error| bad(&format!("workload: {error}")))
}

fn unknown(reason: Reason, message: &str) -> Status {
    refusal(Code::NotFound, reason, message, &[])
}

fn bad(message: &str) -> Status {
    refusal(Code::InvalidArgument, Reason::ARGUMENT_INVALID, message, &[])
}
