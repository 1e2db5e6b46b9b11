//! OTLP over gRPC, from a thread of its own: callers hand over a span or lose it, and never wait.

use opentelemetry_otlp::SpanExporter as OtlpExporter;
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanExporter as _},
};
use prometheus_client::metrics::counter::Counter;
use std::{env, io, sync::mpsc as blocking, thread, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// The specification's defaults for batch span processors (`OTEL_BSP_*`).
const QUEUE: usize = 2048;
const BATCH: usize = 512;
const DELAY: Duration = Duration::from_secs(5);
/// An export that takes longer has lost its batch. Above the exporter's own `OTEL_EXPORTER_OTLP_TIMEOUT`.
const EXPORT_LIMIT: Duration = Duration::from_secs(30);

/// The way to the collector.
pub(crate) struct Exporter {
    spans: mpsc::Sender<SpanData>,
    flush: mpsc::UnboundedSender<blocking::SyncSender<()>>,
    /// Spans that found the queue full.
    pub(crate) dropped: Counter,
    /// Spans that were handed to the exporter and refused by it or by the collector.
    pub(crate) failed: Counter,
}

impl Exporter {
    /// The exporter that the environment asks for, if it does.
    pub(crate) fn from_env(resource: &Resource) -> Option<Self> {
        let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let wanted = set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| set("OTEL_EXPORTER_OTLP_ENDPOINT"));
        let off = set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || set("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
        if wanted.is_none() || off {
            return None;
        }
        let delay = set("OTEL_BSP_SCHEDULE_DELAY").and_then(|value| value.trim().parse().ok());
        let delay = delay.map_or(DELAY, Duration::from_millis);
        match Self::spawn(resource.clone(), delay) {
            Ok(exporter) => Some(exporter),
            Err(error) => {
                tracing::warn!(%error, "traces are not exported: no thread for it");
                None
            }
        }
    }

    fn spawn(resource: Resource, delay: Duration) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (spans, queue) = mpsc::channel(QUEUE);
        let (flush, flushes) = mpsc::unbounded_channel();
        let failed = Counter::default();
        let worker = Worker { queue, flushes, delay, failed: failed.clone(), failing: false };
        thread::Builder::new().name("otlp".to_owned()).spawn(move || {
            runtime.block_on(worker.run(resource));
        })?;
        Ok(Self { spans, flush, dropped: Counter::default(), failed })
    }

    /// Hands over `span`, or drops it if there is an outage and the queue is full.
    pub(crate) fn send(&self, span: SpanData) {
        if self.spans.try_send(span).is_err() {
            self.dropped.inc();
        }
    }

    /// Exports what is queued, for at most `limit`.
    pub(crate) fn flush(&self, limit: Duration) {
        let (done, wait) = blocking::sync_channel(1);
        if self.flush.send(done).is_ok() {
            // Late or gone: either way nothing is left to do here.
            let _ = wait.recv_timeout(limit);
        }
    }
}

/// The exporter's thread.
struct Worker {
    queue: mpsc::Receiver<SpanData>,
    flushes: mpsc::UnboundedReceiver<blocking::SyncSender<()>>,
    delay: Duration,
    failed: Counter,
    /// Whether the last export failed: an outage is told once, not with every batch.
    failing: bool,
}

impl Worker {
    async fn run(mut self, resource: Resource) {
        // Built here, because tonic's lazy channel wants the runtime that will drive it.
        let mut exporter = match OtlpExporter::builder().with_tonic().build() {
            Ok(exporter) => exporter,
            Err(error) => {
                return tracing::warn!(%error, "traces are not exported: bad OTEL_EXPORTER_OTLP_* setting");
            }
        };
        exporter.set_resource(&resource);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let (flushed, open) = self.fill(&mut batch).await;
            while !batch.is_empty() {
                self.export(&exporter, std::mem::take(&mut batch)).await;
                if flushed.is_some() || !open {
                    drain(&mut self.queue, &mut batch);
                }
            }
            if let Some(done) = flushed {
                let _ = done.send(());
            }
            if !open {
                return;
            }
        }
    }

    /// Collects until the batch is full or `delay` after its first span, or until asked to flush.
    /// The second value is whether anybody can still send.
    async fn fill(&mut self, batch: &mut Vec<SpanData>) -> (Option<blocking::SyncSender<()>>, bool) {
        let mut until: Option<Instant> = None;
        loop {
            let room = BATCH - batch.len().min(BATCH);
            if room == 0 {
                return (None, true);
            }
            let far = Instant::now() + Duration::from_secs(3600);
            tokio::select! {
                received = timeout_at(until.unwrap_or(far), self.queue.recv_many(batch, room)) => match received {
                    Ok(0) => return (None, false),
                    Ok(_) => until = until.or_else(|| Some(Instant::now() + self.delay)),
                    Err(_) => return (None, true),
                },
                Some(done) = self.flushes.recv() => {
                    drain(&mut self.queue, batch);
                    return (Some(done), true);
                }
            }
        }
    }

    async fn export(&mut self, exporter: &OtlpExporter, batch: Vec<SpanData>) {
        let size = batch.len();
        let outcome = match timeout(EXPORT_LIMIT, exporter.export(batch)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer in {} s", EXPORT_LIMIT.as_secs())),
        };
        match outcome {
            Ok(()) if self.failing => tracing::info!("traces are exported again"),
            Ok(()) => {}
            Err(ref error) => {
                self.failed.inc_by(u64::try_from(size).unwrap_or(u64::MAX));
                if !self.failing {
                    tracing::warn!(%error, "traces cannot be exported; dropping them until the collector is back");
                }
            }
        }
        self.failing = outcome.is_err();
    }
}

/// Up to one batch of what is there now.
fn drain(queue: &mut mpsc::Receiver<SpanData>, batch: &mut Vec<SpanData>) {
    while batch.len() < BATCH
        && let Ok(span) = queue.try_recv()
    {
        batch.push(span);
    }
}
