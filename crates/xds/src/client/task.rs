//! Moves messages between a control plane, the [`Session`] and those who watch.

use super::{
    backoff::Backoff,
    session::{Effect, Session},
    watches::Watches,
};
use crate::{
    message::Request,
    wire::rpc::{self, Responses},
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time,
};
use tonic::{Status, body::Body, client::GrpcService, codegen::StdError};

/// How long a control plane may take to accept a stream.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Task<C> {
    connect: C,
    session: Session,
    watches: Arc<Watches>,
    connected: watch::Sender<bool>,
    backoff: Backoff,
}

impl<C, T> Task<C>
where
    C: Fn() -> T + Send + Sync,
    T: GrpcService<Body> + Send + 'static,
    T::Future: Send,
    T::Error: Into<StdError>,
    T::ResponseBody: http_body::Body<Data = tonic::codegen::Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<StdError> + Send,
{
    pub(super) fn new(
        connect: C,
        session: Session,
        watches: Arc<Watches>,
        connected: watch::Sender<bool>,
    ) -> Self {
        Self { connect, session, watches, connected, backoff: Backoff::default() }
    }

    /// One stream after the other, for ever.
    pub(super) async fn run(mut self) {
        let mut told = false;
        loop {
            while self.session.is_idle() {
                self.watches.changed().await;
                self.watch(None);
            }
            let end = self.stream().await;
            self.session.on_disconnected();
            // Once for each outage: people read this, and it may last.
            told &= !self.connected.send_replace(false);
            let pause = self.backoff.next(rand::random());
            let (code, reason) = (end.code(), end.message());
            if told {
                tracing::debug!(?code, reason, ?pause, "still no configuration stream");
            } else {
                tracing::warn!(
                    ?code,
                    reason,
                    "no configuration stream; the last good configuration stays in force"
                );
            }
            told = true;
            time::sleep(pause).await;
        }
    }

    /// Opens a stream and follows it to its end.
    async fn stream(&mut self) -> Status {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.watch(None);
        let effects = self.session.on_connected();
        self.apply(effects, Some(&sender));
        let mut responses = match self.open(&sender, receiver).await {
            Ok(responses) => responses,
            Err(status) => return status,
        };
        self.connected.send_replace(true);
        loop {
            let effects = tokio::select! {
                response = responses.next() => match response {
                    Ok(Some(response)) => {
                        self.backoff.reset();
                        self.session.on_response(response)
                    }
                    Ok(None) => return Status::unavailable("the control plane closed the stream"),
                    Err(status) => return status,
                },
                () = self.watches.changed() => Vec::new(),
            };
            self.apply(effects, Some(&sender));
            self.watch(Some(&sender));
        }
    }

    /// Requests go out while the control plane has not answered yet: it may wait for the first.
    async fn open(
        &mut self,
        sender: &mpsc::UnboundedSender<Box<Request>>,
        receiver: mpsc::UnboundedReceiver<Box<Request>>,
    ) -> Result<Responses, Status> {
        let mut opening = pin!(time::timeout(OPEN_TIMEOUT, rpc::open((self.connect)(), receiver)));
        loop {
            tokio::select! {
                opened = &mut opening => {
                    return opened.unwrap_or_else(|_| Err(Status::unavailable("no answer within 10 s")));
                }
                () = self.watches.changed() => {
                    let (services, listeners) = self.watches.watched();
                    let effects = self.session.watch(services, listeners);
                    apply(&self.watches, effects, Some(sender));
                }
            }
        }
    }

    /// Brings the session up to what is watched.
    fn watch(&mut self, sender: Option<&mpsc::UnboundedSender<Box<Request>>>) {
        let (services, listeners) = self.watches.watched();
        let effects = self.session.watch(services, listeners);
        self.apply(effects, sender);
    }

    fn apply(&self, effects: Vec<Effect>, sender: Option<&mpsc::UnboundedSender<Box<Request>>>) {
        apply(&self.watches, effects, sender);
    }
}

fn apply(watches: &Watches, effects: Vec<Effect>, sender: Option<&mpsc::UnboundedSender<Box<Request>>>) {
    for effect in effects {
        match effect {
            Effect::Send(request) => {
                if let Some(reason) = &request.error {
                    tracing::warn!(kind = %request.kind, reason, "configuration refused");
                }
                // A stream that is gone is noticed where its responses are read.
                let _ = sender.map(|sender| sender.send(request));
            }
            effect => watches.tell(effect),
        }
    }
}
