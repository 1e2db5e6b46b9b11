//! The registry's stream: one per process, and its lease. Opened again whenever it breaks, with everything
//! said anew.

mod bars;
mod report;
mod standing;
mod usage;

pub(crate) use bars::Bars;
pub(crate) use standing::{Registrant, Standing};

use crate::control_plane::ControlPlane;
use contracts::treaty::v1::{RegisterRequest, RegisterResponse};
use rand::random;
use routing::ConnectBackoff;
use stack::client::usage::Usage;
use std::time::{Duration, Instant};
use tokio::{
    sync::{mpsc, watch},
    time::{Interval, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use usage::Reporter;

/// How long to wait for the registry to notice that this process leaves.
const FAREWELL: Duration = Duration::from_millis(500);
/// Reports of usage come no faster.
const MIN_REPORTS: Duration = Duration::from_millis(10);
/// Messages that may wait for the stream.
const QUEUE: usize = 64;

/// What this process wants from the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// To be known, without traffic.
    Known,
    /// To take traffic.
    Ready,
    /// To be forgotten.
    Gone,
}

/// The lease. It ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    wish: watch::Sender<Wish>,
    standing: watch::Receiver<Standing>,
}

/// Registers, and stays registered; says so often what `usage` counted, and shuts and opens `bars`.
pub(crate) fn spawn(
    control: ControlPlane,
    registrant: Registrant,
    bars: Bars,
    usage: Usage,
    every: Duration,
) -> Lease {
    let (wish, wishes) = watch::channel(Wish::Known);
    let (told, standing) = watch::channel(Standing::Unknown);
    let every = every.max(MIN_REPORTS);
    let mut reports = interval_at(tokio::time::Instant::now() + every, every);
    reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reporter = Reporter::new(usage, Instant::now());
    tokio::spawn(Keeper { control, registrant, bars, reporter, reports, wishes, told }.run());
    Lease { wish, standing }
}

impl Lease {
    /// How the instance stands, now and at every change.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Whether it takes traffic from now on.
    pub(crate) fn set_ready(&self, ready: bool) {
        self.wish.send_if_modified(|wish| {
            let next = if ready { Wish::Ready } else { Wish::Known };
            let changed = *wish != next && *wish != Wish::Gone;
            if changed {
                *wish = next;
            }
            changed
        });
    }

    /// Gives the lease back, in half a second at the most.
    pub(crate) async fn leave(&self) {
        self.wish.send_replace(Wish::Gone);
        let mut standing = self.standing.clone();
        // The task drops its end when it is done.
        let _ = timeout(FAREWELL, async { while standing.changed().await.is_ok() {} }).await;
    }
}

/// The task ends by itself: it says farewell, so that nobody waits for what may be there still.
impl Drop for Lease {
    fn drop(&mut self) {
        self.wish.send_replace(Wish::Gone);
    }
}

struct Keeper {
    control: ControlPlane,
    registrant: Registrant,
    bars: Bars,
    reporter: Reporter,
    /// When to report.
    reports: Interval,
    wishes: watch::Receiver<Wish>,
    told: watch::Sender<Standing>,
}

/// Why a stream ended.
enum End {
    /// This process leaves.
    Left,
    /// The registry closed it, or it broke.
    Lost(Status),
}

impl Keeper {
    async fn run(mut self) {
        let mut backoff = ConnectBackoff::default();
        let mut away = false;
        loop {
            let end = self.stream(&mut backoff, &mut away).await;
            let End::Lost(status) = end else { return };
            self.reporter.lost();
            if !away {
                away = true;
                report::lost(self.control.address(), &status);
            } else {
                tracing::debug!(control = self.control.address(), %status, "the registry is still away");
            }
            backoff.failed(Instant::now(), random());
            let until = backoff.until().unwrap_or_else(Instant::now);
            let mut wishes = self.wishes.clone();
            tokio::select! {
                () = sleep_until(until.into()) => {}
                _ = wishes.wait_for(|wish| *wish == Wish::Gone) => return,
            }
        }
    }

    /// One stream, from its first message to its end.
    async fn stream(&mut self, backoff: &mut ConnectBackoff, away: &mut bool) -> End {
        let (out, outgoing) = mpsc::channel(QUEUE);
        self.registrant.turned(*self.wishes.borrow_and_update() == Wish::Ready);
        for message in self.registrant.opened() {
            let _ = out.try_send(message);
        }
        let mut registry = self.control.registry();
        let mut wishes = self.wishes.clone();
        let opening = tokio::select! {
            opening = registry.register(ReceiverStream::new(outgoing)) => opening,
            _ = wishes.wait_for(|wish| *wish == Wish::Gone) => return End::Left,
        };
        let mut incoming = match opening {
            Ok(response) => response.into_inner(),
            Err(status) => return End::Lost(status),
        };
        loop {
            let end = tokio::select! {
                answer = incoming.message() => match answer {
                    Ok(Some(answer)) => {
                        backoff.succeeded();
                        if std::mem::take(away) {
                            tracing::info!(control = self.control.address(), "the control plane is back");
                        }
                        self.heard(answer, &out).await
                    }
                    Ok(None) => Err(Status::unavailable("the control plane closed the stream")),
                    Err(status) => Err(status),
                },
                // The sender is the lease. Its last wish is to be gone.
                _ = self.wishes.changed() => {
                    let wish = *self.wishes.borrow_and_update();
                    // It may be the last time that anybody hears of it.
                    let report = if wish == Wish::Ready { None } else { self.reporter.report(Instant::now()) };
                    if wish == Wish::Gone {
                        let _ = send(&out, report).await;
                        drop(out);
                        let _ = timeout(FAREWELL, wait_for_end(incoming)).await;
                        return End::Left;
                    }
                    let turned = self.registrant.turned(wish == Wish::Ready);
                    send(&out, turned.into_iter().chain(report)).await
                }
                _ = self.reports.tick() => {
                    let report = self.reporter.report(Instant::now());
                    send(&out, report).await
                }
            };
            if let Err(status) = end {
                return End::Lost(status);
            }
        }
    }

    async fn heard(
        &mut self,
        answer: RegisterResponse,
        out: &mpsc::Sender<RegisterRequest>,
    ) -> Result<(), Status> {
        let reaction = self.registrant.heard(answer);
        for digest in reaction.strange {
            tracing::warn!(digest, "the registry asks for a descriptor set that is not ours");
        }
        if let Some(standing) = reaction.news {
            report::news(&self.told.borrow(), &standing);
            self.bars.stand(&standing);
            self.told.send_replace(standing);
        }
        send(out, reaction.messages).await
    }
}

async fn send(
    out: &mpsc::Sender<RegisterRequest>,
    messages: impl IntoIterator<Item = RegisterRequest>,
) -> Result<(), Status> {
    for message in messages {
        let sent = out.send(message).await;
        sent.map_err(|_| Status::unavailable("the stream to the control plane broke"))?;
    }
    Ok(())
}

async fn wait_for_end(mut incoming: Streaming<RegisterResponse>) {
    while let Ok(Some(_)) = incoming.message().await {}
}
