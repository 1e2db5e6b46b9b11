//! The one handle that everything else holds.

use crate::{
    Call, TraceContext,
    call::Kind,
    metrics::{self, Measurements},
    trace::{export::Exporter, resource, sampler::Sampler},
};
use parking_lot::Mutex;
use prometheus_client::registry::Registry;
use std::{env, fmt, future::Future, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// How long [`Telemetry::shutdown`] may take.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// Where calls are recorded. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Telemetry(Arc<Inner>);

struct Inner {
    sampler: Sampler,
    exporter: Option<Exporter>,
    /// `None` where nothing is measured at all.
    measurements: Option<Arc<Measurements>>,
    registry: Mutex<Registry>,
}

impl Telemetry {
    /// Measures calls, and exports traces if `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) is set.
    ///
    /// `service_name` is the workload ("shop/orders": service `orders` in namespace `shop`).
    /// `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`,
    /// `OTEL_TRACES_EXPORTER=none`, `OTEL_SDK_DISABLED`, `OTEL_BSP_SCHEDULE_DELAY` and the exporter's own
    /// `OTEL_EXPORTER_OTLP_*` are honoured. A bad setting is logged and never fails a process. Needs no
    /// tokio runtime; the exporter has its own thread.
    pub fn from_env(service_name: &str) -> Self {
        let resource = resource::detect(service_name);
        let (name, argument) =
            (env::var("OTEL_TRACES_SAMPLER").ok(), env::var("OTEL_TRACES_SAMPLER_ARG").ok());
        let sampler = Sampler::read(name.as_deref(), argument.as_deref());
        let exporter = Exporter::from_env(&resource);
        let measurements = Arc::new(Measurements::default());
        let registry = metrics::registry(&resource, &measurements, exporter.as_ref());
        Self(Arc::new(Inner {
            sampler,
            exporter,
            measurements: Some(measurements),
            registry: Mutex::new(registry),
        }))
    }

    /// Measures and exports nothing; trace contexts are still passed on.
    pub fn disabled() -> Self {
        let registry = Mutex::new(Registry::default());
        Self(Arc::new(Inner { sampler: Sampler::default(), exporter: None, measurements: None, registry }))
    }

    /// Opens a call that arrived: `method` is its path ("/pkg.Service/Method"), `caller` whoever the
    /// certificate names ("shop/orders"), `parent` what the caller sent.
    pub fn server_call(&self, method: &str, caller: &str, parent: Option<TraceContext>) -> Call {
        Call::begin(self, Kind::Server, method, caller, parent)
    }

    /// Opens a call that leaves: `callee` is what is dialled ("shop.catalog.v1.Catalog"), `parent` the
    /// context of the call on whose behalf it is made.
    pub fn client_call(&self, method: &str, callee: &str, parent: Option<TraceContext>) -> Call {
        Call::begin(self, Kind::Client, method, callee, parent)
    }

    /// Adds metrics of one's own.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.0.registry.lock());
    }

    /// All metrics in the OpenMetrics text format.
    pub fn metrics_text(&self) -> String {
        metrics::text(&self.0.registry.lock())
    }

    /// Answers `GET /metrics` on `listener` until `drain` is ready.
    pub async fn serve_metrics(&self, listener: TcpListener, drain: impl Future<Output = ()>) {
        metrics::serve(self.clone(), listener, drain).await;
    }

    /// Exports the spans that are still queued; blocks for at most two seconds.
    pub fn shutdown(&self) {
        if let Some(exporter) = &self.0.exporter {
            exporter.flush(SHUTDOWN_LIMIT);
        }
    }

    /// The context of a new call, the id of its parent span, and whether it is to be recorded.
    ///
    /// Without an exporter no span is ever seen: the caller's context is passed on as it is, so that the
    /// next one's parent is a span that exists.
    pub(crate) fn trace(&self, parent: Option<TraceContext>) -> (TraceContext, Option<[u8; 8]>, bool) {
        match (parent, &self.0.exporter) {
            (Some(parent), None) => (parent, None, false),
            (Some(parent), Some(_)) => {
                let sampled = self.0.sampler.decide(Some(&parent), &parent.trace_id);
                (TraceContext { sampled, ..parent.child() }, Some(parent.span_id), sampled)
            }
            (None, exporter) => {
                let mut context = TraceContext::root();
                context.sampled = self.0.sampler.decide(None, &context.trace_id);
                let recorded = context.sampled && exporter.is_some();
                (context, None, recorded)
            }
        }
    }

    pub(crate) fn measurements(&self) -> Option<&Measurements> {
        self.0.measurements.as_deref()
    }

    pub(crate) fn exporter(&self) -> Option<&Exporter> {
        self.0.exporter.as_ref()
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (exports, measures) = (self.0.exporter.is_some(), self.0.measurements.is_some());
        f.debug_struct("Telemetry").field("exports", &exports).field("measures", &measures).finish()
    }
}
