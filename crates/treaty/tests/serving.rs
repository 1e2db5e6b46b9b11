//! Serving and calling, face to face, with the control plane of the test: the policy comes by ADS, and the order
//! of an ending is the promised one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod greeter;
mod stand_in;

use contract::{Contract, Digest};
use contracts::treaty::v1::{
    Admitted, Break, MethodUse, Readiness, Refusal, Refused, RegisterResponse, UsageReport, Wanted,
    register_request::Event, register_response,
};
use greeter::{Greeter, say_hello};
use resource::{Instance, Locality, Served, ServerListener, World as Mesh};
use stand_in::{StandIn, Stream, World};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use tonic::Code;
use tonic_types::StatusExt;
use treaty::{Channel, Contracts, ServeError, join_with};
use xds::{Published, Visible};

fn set() -> Vec<u8> {
    testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)])
}

/// A ready "demo/greeter" at `address`, which "demo/client" and "demo/stranger" can see.
fn published(address: SocketAddr) -> Arc<Published> {
    let provider = "demo/greeter".parse().unwrap();
    let service = Contract::read(set()).unwrap().services.remove(0);
    let name = service.name.clone();
    let instance = Instance {
        workload: "demo/greeter".parse().unwrap(),
        name: "1".to_owned(),
        address,
        locality: Locality::default(),
        serves: vec![name.clone()],
        ready: true,
    };
    let snapshot = resource::compile(&Mesh {
        trust_domain: "treaty.local".parse().unwrap(),
        services: BTreeMap::from([(name.clone(), Served { service, provider })]),
        instances: vec![instance],
    });
    let sees = Visible { services: BTreeSet::from([name]), listeners: BTreeSet::new() };
    let governed =
        Visible { listeners: BTreeSet::from([ServerListener::name_for(address)]), ..Visible::default() };
    let visible = BTreeMap::from([
        ("demo/client".parse().unwrap(), sees.clone()),
        ("demo/stranger".parse().unwrap(), sees),
        ("demo/greeter".parse().unwrap(), governed),
    ]);
    Arc::new(Published { snapshot, visible, ..Published::default() })
}

/// A greeter that is ready, and what the control plane hears of it.
struct Scene {
    world: World,
    control: StandIn,
    stream: Stream,
    greeter: Greeter,
    end: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Scene {
    async fn new() -> Self {
        let mut world = World::new("demo/greeter");
        world.may_join("demo/client");
        world.may_join("demo/stranger");
        let mut control = world.control_plane(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let config = world.config_of("demo/greeter", control.address);
        let mesh = join_with(config, Contracts::serving(set())).await.unwrap();
        let address = mesh.address().unwrap();
        let greeter = Greeter { may_answer: Arc::new(Semaphore::new(0)), begun: Arc::new(Semaphore::new(0)) };
        let (end, ended) = oneshot::channel::<()>();
        let server = mesh.server().add_service(greeter.clone());
        let served = tokio::spawn(server.serve_until(async { drop(ended.await) }));
        let mut stream = control.streams.recv().await.unwrap();
        assert!(matches!(next(&mut stream).await, Event::Registration(_)));
        let admitted = Admitted { listener: ServerListener::name_for(address), warnings: Vec::new() };
        let admitted = RegisterResponse { event: Some(register_response::Event::Admitted(admitted)) };
        stream.to.send(Ok(admitted)).unwrap();
        control.published.send_replace(published(address));
        assert_eq!(
            next(&mut stream).await,
            Event::Readiness(Readiness { ready: true }),
            "the policy is there"
        );
        Self { world, control, stream, greeter, end, served }
    }

    /// A channel of this workload. Its lease lasts as long as the channel.
    async fn channel(&self, workload: &str) -> Channel {
        let config = self.world.config_of(workload, self.control.address);
        let mesh = join_with(config, Contracts::none().consuming(set())).await.unwrap();
        mesh.channel("demo.v1.Greeter").unwrap()
    }
}

async fn next(stream: &mut Stream) -> Event {
    stream.from.message().await.unwrap().unwrap().event.unwrap()
}

#[tokio::test]
async fn the_contract_decides_who_is_served() {
    let scene = Scene::new().await;
    scene.greeter.may_answer.add_permits(1);
    let client = scene.channel("demo/client").await;
    assert_eq!(say_hello(client, "Ada").await.unwrap(), "hello, Ada");

    let stranger = scene.channel("demo/stranger").await;
    let denied = say_hello(stranger, "Eve").await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "{denied}");
    let error = denied.get_details_error_info().unwrap();
    assert_eq!((error.domain.as_str(), error.reason.as_str()), ("treaty", "CALLER_NOT_ALLOWED"));
    assert!(error.metadata["origin"].starts_with("demo/v1/greeter.proto:8:"), "{error:?}");
}

#[tokio::test]
async fn an_ending_is_announced_and_cuts_nothing() {
    let mut scene = Scene::new().await;
    let client = scene.channel("demo/client").await;
    let in_flight = tokio::spawn(async move { say_hello(client, "Ada").await });
    scene.greeter.begun.acquire().await.unwrap().forget();

    scene.end.send(()).unwrap();
    assert_eq!(next(&mut scene.stream).await, Event::Readiness(Readiness { ready: false }), "first of all");
    assert!(!scene.served.is_finished());
    scene.greeter.may_answer.add_permits(1);
    assert_eq!(in_flight.await.unwrap().unwrap(), "hello, Ada");
    assert!(scene.stream.from.message().await.unwrap().is_none(), "the lease is given back");
    drop(scene.stream);
    scene.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_control_plane_may_go_away() {
    let scene = Scene::new().await;
    scene.greeter.may_answer.add_permits(2);
    let client = scene.channel("demo/client").await;
    assert_eq!(say_hello(client.clone(), "Ada").await.unwrap(), "hello, Ada");
    drop(scene.control);
    assert_eq!(say_hello(client, "Ada").await.unwrap(), "hello, Ada");
}

#[tokio::test]
async fn what_was_called_is_told_before_leaving_and_again_if_it_may_be_lost() {
    let mut scene = Scene::new().await;
    scene.greeter.may_answer.add_permits(3);
    let mut config = scene.world.config_of("demo/client", scene.control.address);
    config.usage_interval = Duration::from_secs(3600);
    let contracts = Contracts::none().consuming_methods(set(), ["SayHello"]);
    let mesh = join_with(config, contracts).await.unwrap();
    let mut first = scene.control.streams.recv().await.unwrap();
    let Event::Registration(registration) = next(&mut first).await else { panic!() };
    assert_eq!(registration.consumes[0].methods, ["SayHello"]);
    let channel = mesh.channel("demo.v1.Greeter").unwrap();
    say_hello(channel.clone(), "Ada").await.unwrap();
    say_hello(channel.clone(), "Ada").await.unwrap();
    let told = |event| {
        let Event::Usage(UsageReport { mut uses, .. }) = event else { panic!("{event:?}") };
        assert_eq!(uses.len(), 1);
        let MethodUse { method, digest, calls, written, peaks } = uses.remove(0);
        let peaks = peaks.unwrap();
        assert!(peaks.request_bytes > 0 && peaks.response_bytes > 0 && peaks.in_flight > 0, "{peaks:?}");
        assert!(peaks.time.is_some(), "{peaks:?}");
        assert_eq!((method.as_str(), digest), ("demo.v1.Greeter/SayHello", Digest::of(&set()).to_string()));
        (calls, written)
    };
    mesh.set_ready(true);
    assert_eq!(next(&mut first).await, Event::Readiness(Readiness { ready: true }));
    mesh.set_ready(false);
    assert_eq!(next(&mut first).await, Event::Readiness(Readiness { ready: false }));
    assert_eq!(told(next(&mut first).await), (2, vec!["1".to_owned()]), "whoever drains may soon be gone");

    drop(first);
    let mut second = scene.control.streams.recv().await.unwrap();
    assert!(matches!(next(&mut second).await, Event::Registration(_)));
    say_hello(channel, "Ada").await.unwrap();
    mesh.leave().await;
    assert_eq!(told(next(&mut second).await), (3, vec!["1".to_owned()]));
    assert!(second.from.message().await.unwrap().is_none());
}

/// What the consumer of `service` is refused for.
fn refusal(consumer: &str, service: &str) -> Refusal {
    let breakage = Break {
        provider: "demo/greeter".to_owned(),
        consumer: consumer.to_owned(),
        method: format!("{service}/SayHello"),
        rule: "field-type-changed".to_owned(),
        ..Break::default()
    };
    Refusal {
        reason: "CONTRACT_BREAKS".to_owned(),
        message: "they do not fit".to_owned(),
        origin: "demo/v1/greeter.proto:17:3".to_owned(),
        remedy: "add a field".to_owned(),
        breakage: Some(breakage),
    }
}

#[tokio::test]
async fn a_process_does_not_use_a_contract_that_it_was_refused_for() {
    let mut scene = Scene::new().await;
    let config = scene.world.config_of("demo/client", scene.control.address);
    let mesh = join_with(config, Contracts::none().consuming(set())).await.unwrap();
    let mut stream = scene.control.streams.recv().await.unwrap();
    assert!(matches!(next(&mut stream).await, Event::Registration(_)));
    let channel = mesh.channel("demo.v1.Greeter").unwrap();
    let hello = async || say_hello(channel.clone(), "Ada").await;
    scene.greeter.may_answer.add_permits(1);
    assert_eq!(hello().await.unwrap(), "hello, Ada", "a start does not wait for the verdict");
    scene.greeter.begun.acquire().await.unwrap().forget();

    let in_flight = tokio::spawn(say_hello(channel.clone(), "Bob"));
    scene.greeter.begun.acquire().await.unwrap().forget();
    let refused = |consumer: &str, service: &str| {
        let refusals = vec![refusal(consumer, "another.v1.Service"), refusal(consumer, service)];
        register_response::Event::Refused(Refused { refusals })
    };
    tell(&stream, refused("demo/client", "demo.v1.Greeter"));
    let error = loop {
        // The greeter has no permit: a call that gets through waits, and is given up.
        match tokio::time::timeout(Duration::from_millis(20), hello()).await {
            Err(_) => {}
            Ok(answer) => break answer.unwrap_err(),
        }
    };
    assert_eq!(error.code(), Code::FailedPrecondition, "{error}");
    let info = error.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "CALLER_NOT_ADMITTED"));
    for (key, value) in [
        ("rule", "field-type-changed"),
        ("origin", "demo/v1/greeter.proto:17:3"),
        ("remedy", "add a field"),
        ("caller", "demo/client"),
        ("provider", "demo/greeter"),
        ("method", "/demo.v1.Greeter/SayHello"),
    ] {
        assert_eq!(info.metadata[key], value);
    }
    scene.greeter.may_answer.add_permits(1);
    assert_eq!(in_flight.await.unwrap().unwrap(), "hello, Bob", "what was sent is not cut");

    // Refused for something else, it may call what it was not refused for.
    tell(&stream, refused("demo/client", "other.v1.Service"));
    scene.greeter.may_answer.add_permits(1_000_000);
    until_ok(&hello).await;
    tell(&stream, refused("demo/client", "demo.v1.Greeter"));
    while hello().await.is_ok() {}
    tell(&stream, register_response::Event::Admitted(Admitted::default()));
    until_ok(&hello).await;
    // Whoever was admitted once is not stopped by who came after. Its answer shows that it has heard.
    tell(&stream, refused("demo/client", "demo.v1.Greeter"));
    tell(&stream, register_response::Event::Wanted(Wanted { digests: vec![Digest::of(&set()).to_string()] }));
    assert!(matches!(next(&mut stream).await, Event::DescriptorSet(_)));
    hello().await.unwrap();
}

fn tell(stream: &Stream, event: register_response::Event) {
    stream.to.send(Ok(RegisterResponse { event: Some(event) })).unwrap();
}

async fn until_ok(hello: &impl AsyncFn() -> Result<String, tonic::Status>) {
    while let Err(status) = hello().await {
        assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        // Such a failure waits for nothing.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn servers_and_contracts_must_fit() {
    let world = World::new("demo/greeter");
    let control = world.control_plane(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let mesh = join_with(world.config(control.address), Contracts::serving(set())).await.unwrap();
    let error = mesh.server().serve_until(async {}).await.unwrap_err().to_string();
    assert!(error.contains("`demo.v1.Greeter`") && error.contains("add_service"), "{error}");
}
