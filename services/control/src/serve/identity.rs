//! treaty.v1.Identity.

use super::{caller, internal, refusal, timestamp};
use crate::{
    audit::Audit,
    ca::{Ca, OWN_WORKLOAD},
    door::ADMIN,
    metrics::Metrics,
    reason::Reason,
    store::{AuditEvent, AuditKind, Store},
    tokens::{self, TokenRefusal},
};
use contract::Digest;
use contracts::treaty::v1::{
    IssueEdgeRequest, IssueEdgeResponse, IssueRequest, IssueResponse, RenewRequest, RenewResponse, Svid,
    identity_server::Identity,
};
use identity::{
    IssueError, SpiffeId, WorkloadId, X509Svid,
    token::{JoinToken, TokenHash},
};
use std::{sync::Arc, time::SystemTime};
use tokio::sync::Notify;
use tonic::{Code, Request, Response, Status};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The service.
pub(crate) struct IdentityService {
    pub(crate) ca: Arc<Ca>,
    pub(crate) store: Store,
    pub(crate) audit: Audit,
    pub(crate) metrics: Metrics,
    /// The administrator's token was spent.
    pub(crate) admin_joined: Arc<Notify>,
}

#[tonic::async_trait]
impl Identity for IdentityService {
    async fn issue(&self, request: Request<IssueRequest>) -> Result<Response<IssueResponse>, Status> {
        let IssueRequest { join_token, csr, workload } = request.into_inner();
        let Ok(token) = JoinToken::parse(&join_token) else {
            return Err(self.refuse(&TokenRefusal::Unknown).await);
        };
        let hash = token.hash();
        let proven = self.proven(hash, &workload).await?;
        let id = SpiffeId::new(self.ca.bundle().trust_domain.clone(), proven.clone());
        let svid = self.ca.issue(&csr, &id).map_err(|error| bad_csr(&error))?;
        // Only now: a CSR that cannot be certified costs nobody a token.
        self.spend(hash, workload, &svid).await?;
        self.metrics.issued("token");
        if proven.to_string() == ADMIN {
            self.admin_joined.notify_one();
        }
        Ok(Response::new(IssueResponse { svid: Some(self.message(&svid)) }))
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let id = caller(&request)?;
        let svid = self.ca.issue(&request.into_inner().csr, &id).map_err(|error| bad_csr(&error))?;
        tracing::info!(target: "audit", kind = "SVID_RENEWED", workload = %id.workload(), "SVID renewed");
        self.metrics.issued("renewal");
        Ok(Response::new(RenewResponse { svid: Some(self.message(&svid)) }))
    }

    async fn issue_edge(
        &self,
        request: Request<IssueEdgeRequest>,
    ) -> Result<Response<IssueEdgeResponse>, Status> {
        let id = caller(&request)?;
        let chain = self.ca.issue_edge(&request.into_inner().csr).map_err(|error| bad_csr(&error))?;
        let not_after = chain.first().and_then(|leaf| {
            let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
            Some(prost_types::Timestamp { seconds: leaf.validity().not_after.timestamp(), nanos: 0 })
        });
        let message = "certificate for the edge issued".to_owned();
        self.audit.keep(AuditKind::EdgeCertificateIssued, Some(id.workload().clone()), message).await;
        self.metrics.issued("edge");
        Ok(Response::new(IssueEdgeResponse {
            chain: chain.iter().map(|certificate| certificate.to_vec()).collect(),
            root: self.ca.edge_root().to_vec(),
            not_after,
            lifetime: prost_types::Duration::try_from(self.ca.ttl()).ok(),
        }))
    }
}

impl IdentityService {
    /// Whom the token proves; nothing is spent yet.
    async fn proven(&self, hash: TokenHash, wanted: &str) -> Result<WorkloadId, Status> {
        let known = self.store.run(move |store| store.token(hash.as_bytes())).await;
        let known = known.map_err(|error| internal(&error))?;
        match tokens::check(known.as_ref(), wanted, SystemTime::now()) {
            Ok(workload) => Ok(workload),
            Err(reason) => Err(self.refuse(&reason).await),
        }
    }

    async fn spend(&self, hash: TokenHash, wanted: String, svid: &X509Svid) -> Result<(), Status> {
        let public_key = public_key(svid)?;
        let time = SystemTime::now();
        let workload = svid.id.workload().clone();
        let message = format!("first SVID of a process of {workload} issued for a join token");
        let event = AuditEvent::new(time, AuditKind::SvidIssued, Some(workload), message);
        let written = event.clone();
        let verdict = self.store.run(move |store| {
            let judge = |token: Option<&_>| tokens::spend(token, &wanted, &public_key, time);
            store.spend_token(hash.as_bytes(), judge, written)
        });
        match verdict.await {
            Ok(Ok(())) => {
                self.audit.note(event);
                Ok(())
            }
            Ok(Err(reason)) => Err(self.refuse(&reason).await),
            Err(error) => Err(internal(&error)),
        }
    }

    /// The refusal, once the audit has it.
    async fn refuse(&self, refused: &TokenRefusal) -> Status {
        self.metrics.token_refused(refused.reason().as_str());
        self.audit.keep(AuditKind::TokenRefused, refused.workload().cloned(), refused.to_string()).await;
        let remedy = "have a fresh token made (treaty token, or Admin/CreateJoinToken)";
        refusal(Code::Unauthenticated, refused.reason(), &refused.to_string(), &[("remedy", remedy)])
    }

    fn message(&self, svid: &X509Svid) -> Svid {
        Svid {
            spiffe_id: svid.id.to_string(),
            chain: svid.chain.iter().map(|certificate| certificate.to_vec()).collect(),
            roots: self.ca.bundle().roots().iter().map(|root| root.to_vec()).collect(),
            not_before: Some(timestamp(svid.not_before)),
            not_after: Some(timestamp(svid.not_after)),
        }
    }
}

/// Whether this workload can have a join token: nobody else is the control plane.
pub(super) fn may_join(workload: &WorkloadId) -> bool {
    workload.to_string() != OWN_WORKLOAD
}

fn public_key(svid: &X509Svid) -> Result<Digest, Status> {
    let leaf = svid.chain.first().and_then(|leaf| X509Certificate::from_der(leaf).ok());
    let (_, leaf) = leaf.ok_or_else(|| internal(&std::fmt::Error))?;
    Ok(Digest::of(leaf.public_key().raw))
}

fn bad_csr(error: &IssueError) -> Status {
    match error {
        IssueError::Csr(_) => refusal(Code::InvalidArgument, Reason::CSR_INVALID, &error.to_string(), &[]),
        _ => internal(error),
    }
}
