//! The aggregated discovery service as tonic has it, and its messages as this crate has them.

use super::{
    Dialect,
    message::{decode_request, decode_response, encode_request, encode_response},
};
use crate::message::{Decoded, Request, Response};
use envoy_types::pb::envoy::service::discovery::v3::{
    DeltaDiscoveryRequest, DeltaDiscoveryResponse, DiscoveryRequest, DiscoveryResponse,
    aggregated_discovery_service_client::AggregatedDiscoveryServiceClient,
    aggregated_discovery_service_server::{
        AggregatedDiscoveryService, AggregatedDiscoveryServiceServer, SERVICE_NAME,
    },
};
use futures::stream::{Pending, StreamExt as _};
use identity::Peer;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, UnboundedReceiverStream};
use tonic::{Status, Streaming, body::Body, client::GrpcService, codegen::StdError};

/// The service (xDS protocol, "Aggregated Discovery Service"). Its contract is not ours to annotate: whoever
/// routes to it or guards it does so by these facts.
pub const SERVICE: &str = SERVICE_NAME;
/// Its method that is served: the state of the world.
pub const STREAM: &str = "StreamAggregatedResources";
/// Its method that is refused by name: incremental xDS.
pub const DELTA: &str = "DeltaAggregatedResources";
/// Bytes of the largest message on a stream, in either direction.
pub const MAX_MESSAGE_BYTES: u32 = 64 * 1024 * 1024;

/// Bytes of one request: names only.
const MAX_REQUEST_BYTES: usize = 1024 * 1024;
/// Bytes of one response: everything of one type that one client sees.
const MAX_RESPONSE_BYTES: usize = MAX_MESSAGE_BYTES as usize;
/// Responses that wait for a slow client; its stream does nothing else meanwhile.
const RESPONSES_IN_FLIGHT: usize = 4;

/// What serves the streams of the protocol.
pub trait Serve: Send + Sync + 'static {
    /// A client opened a stream. Must not block; the stream lives as long as `outgoing`.
    ///
    /// # Errors
    /// The status with which the stream is refused.
    #[allow(clippy::result_large_err, reason = "tonic's own type")]
    fn open(&self, peer: Option<Arc<Peer>>, incoming: Incoming, outgoing: Outgoing) -> Result<(), Status>;
}

/// The tonic service over `serve`.
pub type AdsService<S> = AggregatedDiscoveryServiceServer<Ads<S>>;

/// `serve` as a tonic service.
pub fn service<S: Serve>(serve: S) -> AdsService<S> {
    AggregatedDiscoveryServiceServer::new(Ads(serve)).max_decoding_message_size(MAX_REQUEST_BYTES)
}

/// What tonic's generated service calls.
#[derive(Clone, Debug)]
pub struct Ads<S>(S);

#[async_trait::async_trait]
impl<S: Serve> AggregatedDiscoveryService for Ads<S> {
    type StreamAggregatedResourcesStream = ReceiverStream<Result<DiscoveryResponse, Status>>;
    type DeltaAggregatedResourcesStream = Pending<Result<DeltaDiscoveryResponse, Status>>;

    async fn stream_aggregated_resources(
        &self,
        request: tonic::Request<Streaming<DiscoveryRequest>>,
    ) -> Result<tonic::Response<Self::StreamAggregatedResourcesStream>, Status> {
        let peer = request.extensions().get::<Arc<Peer>>().cloned();
        let (sender, receiver) = mpsc::channel(RESPONSES_IN_FLIGHT);
        self.0.open(peer, Incoming(request.into_inner()), Outgoing(sender))?;
        Ok(tonic::Response::new(ReceiverStream::new(receiver)))
    }

    async fn delta_aggregated_resources(
        &self,
        _: tonic::Request<Streaming<DeltaDiscoveryRequest>>,
    ) -> Result<tonic::Response<Self::DeltaAggregatedResourcesStream>, Status> {
        Err(Status::unimplemented(
            "incremental xDS is not served yet: set `api_type: GRPC` (state of the world) in ads_config",
        ))
    }
}

/// A client's requests.
#[derive(Debug)]
pub struct Incoming(Streaming<DiscoveryRequest>);

impl Incoming {
    /// The next request: `None` at the end, `Some(Err(type_url))` for a type that is not served here.
    ///
    /// # Errors
    /// The connection is gone, or what came was no request.
    pub async fn next(&mut self) -> Result<Option<Result<Request, String>>, Status> {
        Ok(self.0.message().await?.map(decode_request))
    }
}

/// Where a client's responses go.
#[derive(Clone, Debug)]
pub struct Outgoing(mpsc::Sender<Result<DiscoveryResponse, Status>>);

/// The client is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client is gone")]
pub struct Gone;

impl Outgoing {
    /// Sends; waits for a slow client.
    ///
    /// # Errors
    /// The client is gone.
    pub async fn send(&self, response: &Response, dialect: Dialect) -> Result<(), Gone> {
        self.0.send(Ok(encode_response(response, dialect))).await.map_err(|_| Gone)
    }

    /// Ends the stream with a status.
    pub async fn fail(&self, status: Status) {
        // A client that is gone needs no reason any more.
        let _ = self.0.send(Err(status)).await;
    }

    /// Ready when the client is gone.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

/// Opens a stream over `transport`, on which `requests` go out.
///
/// # Errors
/// The control plane cannot be reached, or refuses the stream.
pub async fn open<T>(
    transport: T,
    requests: mpsc::UnboundedReceiver<Box<Request>>,
) -> Result<Responses, Status>
where
    T: GrpcService<Body>,
    T::Error: Into<StdError>,
    T::ResponseBody: http_body::Body<Data = tonic::codegen::Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<StdError> + Send,
{
    let requests = UnboundedReceiverStream::new(requests).map(|request| encode_request(&request));
    let mut client =
        AggregatedDiscoveryServiceClient::new(transport).max_decoding_message_size(MAX_RESPONSE_BYTES);
    Ok(Responses(client.stream_aggregated_resources(requests).await?.into_inner()))
}

/// The control plane's responses.
#[derive(Debug)]
pub struct Responses(Streaming<DiscoveryResponse>);

impl Responses {
    /// The next response of a type that is known here; `None` at the end.
    ///
    /// # Errors
    /// The connection is gone, or what came was no response.
    pub async fn next(&mut self) -> Result<Option<Decoded>, Status> {
        while let Some(wire) = self.0.message().await? {
            if let Some(decoded) = decode_response(wire) {
                return Ok(Some(decoded));
            }
        }
        Ok(None)
    }
}
