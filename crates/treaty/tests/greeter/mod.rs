//! demo.v1.Greeter without generated code: a server, and a call.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use http::{Request, Response};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::Semaphore;
use tonic::{Status, body::Body, client, server, server::NamedService};
use tonic_prost::ProstCodec;
use tower_service::Service;
use treaty::Channel;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Text {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
}

/// Says hello when it may.
#[derive(Clone)]
pub(crate) struct Greeter {
    /// A permit for each greeting, and one back when a call has begun.
    pub(crate) may_answer: Arc<Semaphore>,
    pub(crate) begun: Arc<Semaphore>,
}

impl NamedService for Greeter {
    const NAME: &'static str = "demo.v1.Greeter";
}

impl Service<Request<Body>> for Greeter {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let greeter = self.clone();
        Box::pin(async move {
            let greet = tower::service_fn(move |request: tonic::Request<Text>| {
                let greeter = greeter.clone();
                async move {
                    greeter.begun.add_permits(1);
                    greeter.may_answer.acquire().await.unwrap().forget();
                    let text = format!("hello, {}", request.into_inner().text);
                    Ok::<_, Status>(tonic::Response::new(Text { text }))
                }
            });
            Ok(server::Grpc::new(ProstCodec::<Text, Text>::default()).unary(greet, request).await)
        })
    }
}

/// Calls SayHello.
pub(crate) async fn say_hello(channel: Channel, name: &str) -> Result<String, Status> {
    let mut client = client::Grpc::new(channel);
    client.ready().await.unwrap();
    let path = "/demo.v1.Greeter/SayHello".parse().unwrap();
    let request = tonic::Request::new(Text { text: name.to_owned() });
    let response = client.unary(request, path, ProstCodec::<Text, Text>::default()).await?;
    Ok(response.into_inner().text)
}
