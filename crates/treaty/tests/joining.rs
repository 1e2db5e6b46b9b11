//! Joining, renewing and registering, against a control plane that does what the test says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod stand_in;

use contracts::treaty::v1::{
    Admitted, Readiness, Refusal, Refused, RegisterResponse, Wanted, register_request::Event,
    register_response,
};
use identity::token::JoinToken;
use stand_in::{Stream, World};
use std::{sync::atomic::Ordering, time::Duration};
use tokio::net::TcpListener;
use treaty::{Contracts, bootstrap};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test]
async fn a_token_becomes_an_identity() {
    let world = World::new("demo/greeter");
    let control = world.control_plane(listener().await);
    let identity = bootstrap::identity(&world.config(control.address)).await.unwrap();
    assert_eq!(identity.id(), world.workload);
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_waited_for() {
    let world = World::new("demo/greeter");
    let gone = listener().await;
    let address = gone.local_addr().unwrap();
    drop(gone);
    let config = world.config(address);
    let waiting = bootstrap::identity(&config);
    tokio::pin!(waiting);
    let refused = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
    tokio::select! {
        early = &mut waiting => panic!("nobody is there: {early:?}"),
        () = refused => {}
    }
    let _control = world.control_plane(TcpListener::bind(address).await.unwrap());
    assert_eq!(waiting.await.unwrap().id(), world.workload);
}

#[tokio::test]
async fn a_refused_token_is_final_and_not_shown() {
    let world = World::new("demo/greeter");
    let control = world.control_plane(listener().await);
    let other = JoinToken::generate();
    world.write_token(&other);
    let error = bootstrap::identity(&world.config(control.address)).await.unwrap_err().to_string();
    assert!(error.contains("TOKEN_UNKNOWN"), "{error}");
    assert!(!error.contains(other.expose()), "{error}");
}

#[tokio::test]
async fn only_the_control_plane_of_this_mesh_is_given_the_token() {
    let world = World::new("demo/greeter");
    let foreign = World::new("demo/greeter");
    let control = foreign.control_plane(listener().await);
    let error = bootstrap::identity(&world.config(control.address)).await.unwrap_err().to_string();
    assert!(error.contains("is not the control plane") && error.contains("TREATY_TRUST_BUNDLE"), "{error}");

    let impostor = world.serve_as("shop/orders", listener().await);
    let error = bootstrap::identity(&world.config(impostor.address)).await.unwrap_err().to_string();
    assert!(error.contains("spiffe://treaty.local/ns/shop/sa/orders"), "{error}");
}

#[tokio::test]
async fn a_short_lived_svid_is_renewed_while_it_is_valid_even_if_a_renewal_fails() {
    let mut world = World::new("demo/greeter");
    world.ttl = Duration::from_secs(4);
    let control = world.control_plane(listener().await);
    let mesh = treaty::join_with(world.config(control.address), Contracts::none()).await.unwrap();
    let identity = mesh.identity();
    let first = identity.current();
    let mut generations = identity.generations();
    for _ in 0..2 {
        generations.changed().await.unwrap();
    }
    assert!(identity.current().svid.not_after > first.svid.not_after);
    assert_ne!(identity.current().key.der(), first.key.der(), "each SVID has its own key");
    assert!(control.renewals.load(Ordering::SeqCst) >= 2, "the first renewal failed");
}

#[tokio::test]
async fn a_refused_instance_stays_and_is_admitted_without_a_restart() {
    let world = World::new("demo/greeter");
    let mut control = world.control_plane(listener().await);
    let set = testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)]);
    let contracts = Contracts::serving(set.clone());
    let mesh = treaty::join_with(world.config(control.address), contracts).await.unwrap();

    let mut stream = control.streams.recv().await.unwrap();
    let Event::Registration(said) = next(&mut stream).await else { panic!("not a registration") };
    assert_eq!(said.address, mesh.address().unwrap().to_string());
    let digest = said.serves[0].digest.clone();
    answer(&stream, register_response::Event::Wanted(Wanted { digests: vec![digest.clone()] }));
    let Event::DescriptorSet(sent) = next(&mut stream).await else { panic!("not a descriptor set") };
    assert_eq!((sent.digest, sent.bytes), (digest, set));

    let refusal = Refusal { reason: "CONTRACT_CLAIMED".to_owned(), ..Refusal::default() };
    answer(&stream, register_response::Event::Refused(Refused { refusals: vec![refusal] }));
    answer(
        &stream,
        register_response::Event::Admitted(Admitted {
            listener: "listener".to_owned(),
            warnings: Vec::new(),
        }),
    );
    mesh.set_ready(true);
    assert_eq!(next(&mut stream).await, Event::Readiness(Readiness { ready: true }));
}

#[tokio::test]
async fn a_lost_stream_is_opened_again_and_everything_is_said_anew() {
    let world = World::new("demo/client");
    let mut control = world.control_plane(listener().await);
    let set = testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)]);
    let contracts = Contracts::none().consuming(set);
    let mesh = treaty::join_with(world.config(control.address), contracts).await.unwrap();
    mesh.set_ready(true);

    let mut first = control.streams.recv().await.unwrap();
    let registration = next(&mut first).await;
    drop(first);
    let mut second = control.streams.recv().await.unwrap();
    assert_eq!(next(&mut second).await, registration);
    assert_eq!(next(&mut second).await, Event::Readiness(Readiness { ready: true }));

    mesh.leave().await;
    assert!(matches!(second.from.message().await, Ok(None)), "leaving ends the stream in good order");
}

#[tokio::test]
async fn a_channel_needs_a_declaration() {
    let world = World::new("demo/client");
    let control = world.control_plane(listener().await);
    let mesh = treaty::join_with(world.config(control.address), Contracts::none()).await.unwrap();
    let error = mesh.channel("demo.v1.Greeter").unwrap_err().to_string();
    assert!(error.contains("`demo.v1.Greeter`") && error.contains(".consuming(CONTRACT)"), "{error}");
}

async fn next(stream: &mut Stream) -> Event {
    stream.from.message().await.unwrap().unwrap().event.unwrap()
}

fn answer(stream: &Stream, event: register_response::Event) {
    stream.to.send(Ok(RegisterResponse { event: Some(event) })).unwrap();
}
