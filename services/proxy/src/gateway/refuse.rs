//! What the gateway itself answers.
//!
//! The control plane tells a gateway about public contracts only. So a method that exists somewhere in the
//! mesh but belongs to no public contract is to the gateway, and to whoever calls from outside, the same as
//! one that does not exist: the edge is no oracle for what runs inside. Where the method shares a descriptor
//! set with a public service, reflection shows it anyway, and the refusal says why and where that is written.

use super::directory::{Entry, Missing};
use contract::Origin;
use http::{HeaderValue, Response, StatusCode, header};
use stack::{
    Body,
    status::{MeshError, Reason},
};

/// The refusal of a path that leads to nothing public.
pub(super) fn refusal(path: &str, missing: &Missing<'_>) -> MeshError {
    match missing {
        Missing::NotPublic(entry) => not_public(path, entry),
        Missing::NoMethod { methods, declared_at } => no_method(path, methods, declared_at),
        Missing::Service => nothing(path),
    }
}

/// The control plane has not told yet what there is.
pub(super) fn not_ready(path: &str) -> MeshError {
    MeshError::new(
        Reason::PolicyNotReady,
        "the gateway has not learnt from the control plane which contracts are public",
    )
    .method(path)
    .remedy("try again in a moment; `treaty status` shows whether the control plane is there")
}

fn not_public(path: &str, entry: &Entry) -> MeshError {
    let origin = match &entry.public.origin {
        Origin::Default => &entry.declared_at,
        written => written,
    };
    let message = format!("{path} exists, but is not public: the gateway may not reach it ({origin})");
    MeshError::new(Reason::MethodNotPublic, message)
        .rule("public: false")
        .origin(origin)
        .method(path)
        .caller("anonymous")
        .remedy(format!(
            "call it from inside the mesh as a workload that its `allow` names, or set `public: true` on the method or on {}",
            entry.service
        ))
}

fn no_method(path: &str, methods: &[String], declared_at: &Origin) -> MeshError {
    let message = format!("{path}: the service has no such method; it has {}", methods.join(", "));
    MeshError::new(Reason::MethodUnknown, message)
        .rule("methods of the service")
        .origin(declared_at)
        .method(path)
        .remedy("call one of these, or check that client and server are built from the same contract")
}

fn nothing(path: &str) -> MeshError {
    MeshError::new(Reason::MethodUnknown, format!("{path}: no public contract of this mesh declares it"))
        .rule("public: true")
        .origin(&Origin::Default)
        .method(path)
        .remedy(
            "list what there is with reflection (`grpcurl … list`); a service is reachable from outside once its \
             contract says `public: true` and a workload that serves it has joined",
        )
}

/// The answer to what is not gRPC: 415, as gRPC over HTTP/2 demands of servers.
pub(super) fn not_grpc() -> Response<Body> {
    let text = "this gateway speaks gRPC over HTTP/2 (content-type: application/grpc); try grpcurl\n";
    let mut response = Response::new(Body::new(text.to_owned()));
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
