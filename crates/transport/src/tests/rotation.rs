//! Certificates and roots are replaced under load, and nobody notices.

use super::world::{self, Caller, authority, material, open, request, start_with, text};
use crate::{ClientCertificates::Required, ConnectError, HotIdentity, ServeOptions};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Channel, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use std::{convert::Infallible, sync::Arc};
use tokio::{sync::watch, task::JoinSet};

type AnyBody = UnsyncBoxBody<Bytes, Infallible>;

/// Callers that stop at the first failure, or when told to.
struct Load {
    done: watch::Sender<u64>,
    stop: watch::Sender<bool>,
    callers: JoinSet<()>,
}

impl Load {
    /// Until so many more calls have succeeded.
    async fn more(&self, calls: u64) {
        let mut done = self.done.subscribe();
        let target = *done.borrow() + calls;
        done.wait_for(|done| *done >= target).await.unwrap();
    }

    fn spawn<F>(&mut self, call: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send,
    {
        let (done, stop) = (self.done.clone(), self.stop.subscribe());
        self.callers.spawn(async move {
            while !*stop.borrow() {
                call().await;
                done.send_modify(|done| *done += 1);
            }
        });
    }
}

/// "/watch" streams one frame for each generation of the server's identity until the last; others answer at once.
async fn answer(request: Request<Incoming>, server: HotIdentity, last: u64) -> Response<AnyBody> {
    if request.uri().path() != "/watch" {
        return Response::new(Full::from(world::caller(&request)).boxed_unsync());
    }
    let (mut frames, body) = Channel::<Bytes>::new(1);
    tokio::spawn(async move {
        let mut generations = server.generations();
        loop {
            let generation = *generations.borrow_and_update();
            frames.send_data(Bytes::copy_from_slice(&generation.to_be_bytes())).await.unwrap();
            if generation == last {
                break;
            }
            generations.changed().await.unwrap();
        }
    });
    Response::new(body.boxed_unsync())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_leaves_and_a_root_are_rotated_under_load_and_no_call_fails() {
    const LEAVES: u64 = 20;
    const LAST: u64 = 1 + LEAVES + 3;
    let (old, new) = (authority(), authority());
    let server = HotIdentity::new(material(&old, "shop/catalog", &[&old])).unwrap();
    let client = HotIdentity::new(material(&old, "shop/orders", &[&old])).unwrap();
    let identity = server.clone();
    let running = start_with(server.server_config(Required), ServeOptions::default(), move |request| {
        answer(request, identity.clone(), LAST)
    });
    let tls = client.client_config(&server.id());

    // One stream is open all the time; eight callers share a connection; two open one for each call.
    let watching = Request::get("http://mesh/watch").body(world::Body::new()).unwrap();
    let mut connection = open(running.address, Arc::clone(&tls)).await.unwrap();
    let watched = connection.send(watching).await.unwrap();
    let mut load =
        Load { done: watch::Sender::new(0), stop: watch::Sender::new(false), callers: JoinSet::new() };
    let caller = Caller::new(running.address, Arc::clone(&tls));
    for _ in 0..8 {
        let caller = Arc::clone(&caller);
        load.spawn(move || {
            let caller = Arc::clone(&caller);
            async move { assert_eq!(caller.call().await.unwrap().1, 0, "nothing had to be sent again") }
        });
    }
    for _ in 0..2 {
        let (address, tls) = (running.address, Arc::clone(&tls));
        load.spawn(move || {
            let tls = Arc::clone(&tls);
            async move {
                let mut fresh = open(address, tls).await.unwrap();
                let answer = fresh.send(request()).await.unwrap();
                assert_eq!(text(answer).await.unwrap(), "spiffe://treaty.local/ns/shop/sa/orders");
            }
        });
    }

    for _ in 0..LEAVES {
        load.more(50).await;
        server.rotate(material(&old, "shop/catalog", &[&old])).unwrap();
        client.rotate(material(&old, "shop/orders", &[&old])).unwrap();
    }
    // Everybody believes both roots; then everybody is signed by the new one; then the old one goes.
    let both = [&old, &new];
    for (signer, roots) in [(&old, &both[..]), (&new, &both[..]), (&new, &[&new][..])] {
        server.rotate(material(signer, "shop/catalog", roots)).unwrap();
        load.more(50).await;
        client.rotate(material(signer, "shop/orders", roots)).unwrap();
        load.more(50).await;
    }

    load.stop.send_replace(true);
    while let Some(ended) = load.callers.join_next().await {
        ended.unwrap();
    }
    let frames = watched.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(frames.chunks(8).last(), Some(&LAST.to_be_bytes()[..]), "the stream outlived all rotations");
    assert_eq!(server.generation(), LAST);

    let late = HotIdentity::new(material(&old, "shop/orders", &both)).unwrap();
    let error = open(running.address, late.client_config(&server.id())).await.unwrap_err();
    assert!(matches!(error, ConnectError::PeerRefused { .. }), "the old root is gone: {error:?}");
}
