//! One request from outside: to a public method, to the gateway's own services, or refused.

use super::{
    directory::Directory,
    headers,
    record::{Recorded, record, unrecorded},
    refuse,
};
use arc_swap::ArcSwapOption;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use parking_lot::Mutex;
use resource::ServiceView;
use stack::{
    Body,
    client::{Client, usage::Usage},
    context::{CallContext, scope},
    metadata::Room,
    status::MeshError,
    validate::Door,
};
use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use telemetry::{Telemetry, TraceContext};
use tokio::sync::watch;
use tonic::{server::NamedService, service::Routes};
use tonic_health::{
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};
use tower_service::Service;
use transport::HotIdentity;
use treaty::reflection::Reflection;

/// Where the view of a service comes from.
pub(super) type Views = Arc<dyn Fn(&str) -> watch::Receiver<Option<Arc<ServiceView>>> + Send + Sync>;

/// Who calls from outside: nobody that the mesh could know.
const OUTSIDE: &str = "anonymous";

/// What all workers know.
pub(super) struct Shared {
    pub(super) views: Views,
    pub(super) identity: HotIdentity,
    pub(super) telemetry: Telemetry,
    /// Counts what is forwarded.
    pub(super) usage: Usage,
    /// `None` until the control plane has said what is public.
    pub(super) directory: ArcSwapOption<Directory>,
    pub(super) reflection: Reflection,
    pub(super) reporter: HealthReporter,
}

impl Shared {
    pub(super) fn new(views: Views, identity: HotIdentity, telemetry: Telemetry, usage: Usage) -> Self {
        let reflection = Reflection::new(Vec::<treaty::reflection::Shown>::new());
        let reporter = HealthReporter::new();
        let directory = ArcSwapOption::empty();
        Self { views, identity, telemetry, usage, directory, reflection, reporter }
    }

    /// The services that the gateway itself answers.
    fn own(&self) -> Routes {
        let (v1, v1alpha) = self.reflection.services();
        let health = HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()));
        Routes::new(health).add_service(v1).add_service(v1alpha).prepare()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// The edge of one worker. Clones are the same.
#[derive(Clone)]
pub(super) struct Edge(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    own: Routes,
    /// This worker's own connections, by service. Never waited for: one thread has it.
    clients: Mutex<HashMap<Arc<str>, Client>>,
}

impl Edge {
    /// Must be made on the worker's runtime, which then drives its connections.
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Inner { own: shared.own(), shared, clients: Mutex::default() }))
    }
}

impl Service<Request<Incoming>> for Edge {
    type Response = Response<Recorded>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let edge = self.0.clone();
        Box::pin(async move { Ok(edge.answer(request.map(Body::new)).await) })
    }
}

impl Inner {
    async fn answer(&self, mut request: Request<Body>) -> Response<Recorded> {
        if request.method() != Method::POST || !headers::is_grpc(request.headers()) {
            return unrecorded(refuse::not_grpc());
        }
        if is_own(request.uri().path()) {
            return unrecorded(self.ask_own(request).await);
        }
        let room = Room::of(request.extensions());
        headers::strip(request.headers_mut());
        let parent = TraceContext::extract(request.headers());
        let call = self.shared.telemetry.server_call(request.uri().path(), OUTSIDE, parent);
        let (client, door) = match self.way(request.uri().path()) {
            Ok(way) => way,
            Err(refusal) => return record(refusal.into_response(), room, call),
        };
        // The client's span is a child of ours; the deadline is in the request's own header.
        let context = CallContext { deadline: None, trace: call.context(), peer: None };
        let response = scope(Arc::new(context), admit(door, client, request)).await;
        record(response, room, call)
    }

    /// Health and reflection.
    async fn ask_own(&self, request: Request<Body>) -> Response<Body> {
        match self.own.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// The way to whoever provides the method, and who stands at its beginning.
    fn way(&self, path: &str) -> Result<(Client, Option<Door>), MeshError> {
        let directory = self.shared.directory.load();
        let Some(directory) = &*directory else { return Err(refuse::not_ready(path)) };
        match directory.find(path) {
            Ok(method) => {
                let client = self.connect(&method.service, directory).counted(method.counter.clone());
                Ok((client, method.door.clone()))
            }
            Err(missing) => Err(refuse::refusal(path, &missing)),
        }
    }

    fn connect(&self, service: &Arc<str>, directory: &Directory) -> Client {
        let mut clients = self.clients.lock();
        if let Some(client) = clients.get(service) {
            return client.clone();
        }
        // A good moment to let go of what is no longer public.
        clients.retain(|service, _| directory.lists(service));
        let Shared { views, identity, telemetry, .. } = &*self.shared;
        let client = Client::new(service, views(service), identity.clone(), telemetry.clone());
        clients.insert(service.clone(), client.clone());
        client
    }
}

/// Forwards what the door lets pass. What it refuses later, in the midst of a stream, is the answer too.
async fn admit(door: Option<Door>, client: Client, request: Request<Body>) -> Response<Body> {
    let Some(door) = door else { return forward(client, request).await };
    match door.admit(request).await {
        Ok((request, passage)) => passage.answer(forward(client, request).await),
        Err(refusal) => refusal.into_response(),
    }
}

async fn forward(mut client: Client, request: Request<Body>) -> Response<Body> {
    match client.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The methods of the gateway's own services; whatever else their packages may get is refused by name.
fn is_own(path: &str) -> bool {
    let Some((service, method)) = path.strip_prefix('/').and_then(|path| path.split_once('/')) else {
        return false;
    };
    match method {
        "Check" | "Watch" => service == HealthServer::<HealthService>::NAME,
        "ServerReflectionInfo" => matches!(
            service,
            "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection"
        ),
        _ => false,
    }
}
