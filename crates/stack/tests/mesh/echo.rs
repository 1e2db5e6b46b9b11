//! The provider and its callers, without generated code.

use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use stack::{Body, client::Client};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, server::Grpc};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

type Answer = BoxFuture<'static, Result<Response<String>, Status>>;
type Replies = std::pin::Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// Streams do what their names say; all unary methods do the same one thing.
#[derive(Clone)]
pub(crate) struct Echo {
    unary: Arc<dyn Fn(Request<String>) -> Answer + Send + Sync>,
    calls: Arc<AtomicUsize>,
}

impl Echo {
    /// Answers what it is asked.
    pub(crate) fn new() -> Self {
        Self::answering(|request| async { Ok(Response::new(request.into_inner())) })
    }

    /// Answers something else.
    pub(crate) fn answering<F>(answer: impl Fn(Request<String>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response<String>, Status>> + Send + 'static,
    {
        Self { unary: Arc::new(move |request| Box::pin(answer(request))), calls: Arc::default() }
    }

    /// How many unary calls its handlers have seen.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    async fn handle(self, request: http::Request<Body>) -> http::Response<Body> {
        let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
        match request.uri().path().rsplit('/').next().unwrap() {
            "Down" => grpc.server_streaming(service_fn(down), request).await,
            "Up" => grpc.client_streaming(service_fn(up), request).await,
            "Both" => grpc.streaming(service_fn(both), request).await,
            _ => {
                let unary = service_fn(|request| {
                    self.calls.fetch_add(1, Ordering::SeqCst);
                    (self.unary)(request)
                });
                grpc.unary(unary, request).await
            }
        }
    }
}

async fn down(request: Request<String>) -> Result<Response<Replies>, Status> {
    let from: u32 = request.into_inner().parse().map_err(|_| Status::invalid_argument("no number"))?;
    let replies = (0..from).rev().map(|number| Ok("x".repeat(number as usize)));
    Ok(Response::new(Box::pin(tokio_stream::iter(replies))))
}

async fn up(request: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    let parts: Vec<String> = request.into_inner().collect::<Result<_, _>>().await?;
    Ok(Response::new(parts.concat()))
}

async fn both(request: Request<Streaming<String>>) -> Result<Response<Replies>, Status> {
    Ok(Response::new(Box::pin(request.into_inner())))
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let handled = self.clone().handle(request);
        Box::pin(async { Ok(handled.await) })
    }
}

/// What generated code would be.
pub(crate) fn path(method: &str) -> PathAndQuery {
    format!("/echo.v1.Echo/{method}").parse().unwrap()
}

fn codec() -> ProstCodec<String, String> {
    ProstCodec::default()
}

pub(crate) async fn unary(
    client: &Client,
    method: &str,
    request: impl tonic::IntoRequest<String>,
) -> Result<Response<String>, Status> {
    tonic::client::Grpc::new(client.clone()).unary(request.into_request(), path(method), codec()).await
}

pub(crate) async fn server_stream(
    client: &Client,
    method: &str,
    request: Request<String>,
) -> Result<Streaming<String>, Status> {
    let mut grpc = tonic::client::Grpc::new(client.clone());
    Ok(grpc.server_streaming(request, path(method), codec()).await?.into_inner())
}

pub(crate) async fn client_stream(
    client: &Client,
    method: &str,
    messages: Vec<String>,
) -> Result<String, Status> {
    let mut grpc = tonic::client::Grpc::new(client.clone());
    let request = Request::new(tokio_stream::iter(messages));
    Ok(grpc.client_streaming(request, path(method), codec()).await?.into_inner())
}

pub(crate) async fn stream(
    client: &Client,
    method: &str,
    messages: ReceiverStream<String>,
) -> Result<Streaming<String>, Status> {
    let mut grpc = tonic::client::Grpc::new(client.clone());
    Ok(grpc.streaming(Request::new(messages), path(method), codec()).await?.into_inner())
}

/// `ErrorInfo`'s reason, if the mesh made the error.
pub(crate) fn reason(status: &Status) -> Option<String> {
    let info = tonic_types::StatusExt::get_details_error_info(status)?;
    (info.domain == "treaty").then_some(info.reason)
}

/// One thing that `ErrorInfo` says.
pub(crate) fn said(status: &Status, key: &str) -> Option<String> {
    tonic_types::StatusExt::get_details_error_info(status)?.metadata.get(key).cloned()
}
