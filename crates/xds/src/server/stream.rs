//! One stream: moves messages between a client, its [`Session`] and what is published.

use super::{Reaction, Refusal, Seat, Session, refusal};
use crate::{
    Published,
    message::Response,
    wire::rpc::{Gone, Incoming, Outgoing},
};
use std::sync::Arc;
use tokio::sync::watch;
use tonic::Status;

pub(super) struct Stream {
    pub(super) session: Session,
    pub(super) published: watch::Receiver<Arc<Published>>,
    pub(super) outgoing: Outgoing,
    pub(super) seat: Seat,
}

/// Why a stream ends.
enum End {
    /// The client went away.
    Gone,
    /// The control plane is going away.
    Stopped,
    /// The client is wrong.
    Refused(Refusal),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Stream {
    pub(super) async fn run(mut self, mut incoming: Incoming) {
        let status = match self.serve(&mut incoming).await {
            End::Gone => return,
            End::Stopped => refusal::leaving(),
            End::Refused(refusal) => Status::from(&refusal),
        };
        tracing::warn!(client = %self.session.label(), reason = status.message(), "xDS stream ended");
        self.outgoing.fail(status).await;
    }

    async fn serve(&mut self, incoming: &mut Incoming) -> End {
        // What is there now is what the session began with, or newer.
        self.published.mark_changed();
        loop {
            let step = tokio::select! {
                request = incoming.next() => match request {
                    Ok(Some(Ok(request))) => self.take(request).await,
                    Ok(Some(Err(type_url))) => {
                        tracing::debug!(client = %self.session.label(), type_url, "a type that is not served");
                        Ok(())
                    }
                    Ok(None) | Err(_) => return End::Gone,
                },
                changed = self.published.changed() => match changed {
                    Ok(()) => self.publish().await,
                    Err(_) => return End::Stopped,
                },
                () = self.outgoing.closed() => return End::Gone,
            };
            self.seat.update(self.session.state());
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn take(&mut self, request: crate::Request) -> Result<(), End> {
        let Reaction { responses, nack } = self.session.on_request(request).map_err(End::Refused)?;
        if let Some((kind, nack)) = nack {
            self.seat.count_nack();
            let client = self.session.label();
            tracing::warn!(%client, %kind, version = nack.version, reason = nack.reason, "xDS NACK");
        }
        self.send(responses).await
    }

    async fn publish(&mut self) -> Result<(), End> {
        let published = self.published.borrow_and_update().clone();
        let responses = self.session.on_snapshot(published);
        self.send(responses).await
    }

    async fn send(&mut self, responses: Vec<Response>) -> Result<(), End> {
        for response in responses {
            self.outgoing.send(&response, self.session.dialect()).await?;
        }
        Ok(())
    }
}
