//! Rate, errors and duration per method, peer and outcome, and the endpoint that shows them.

mod endpoint;
mod histogram;
mod red;

pub(crate) use endpoint::serve;
pub(crate) use red::{Measurements, OTHER, Series};

use crate::trace::export::Exporter;
use opentelemetry_sdk::Resource;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{counter::Counter, info::Info},
    registry::Registry,
};
use std::{fmt, sync::Arc};

/// A registry with what every process shows.
pub(crate) fn registry(
    resource: &Resource,
    measurements: &Arc<Measurements>,
    exporter: Option<&Exporter>,
) -> Registry {
    let mut registry = Registry::default();
    let labels: Vec<(String, String)> =
        resource.iter().map(|(key, value)| (label(key.as_str()), printable(&value.to_string()))).collect();
    registry.register("target", "Target metadata", Info::new(labels));
    registry.register_collector(Box::new(measurements.clone()));
    if let Some(exporter) = exporter {
        let lost = Lost { dropped: exporter.dropped.clone(), failed: exporter.failed.clone() };
        registry.register_collector(Box::new(lost));
    }
    registry
}

/// Everything, in the OpenMetrics text format.
pub(crate) fn text(registry: &Registry) -> String {
    let mut text = String::new();
    match encode(&mut text, registry) {
        Ok(()) => text,
        // Writing to a String does not fail; a collector might.
        Err(fmt::Error) => String::from("# EOF\n"),
    }
}

/// Spans that never reached a collector.
#[derive(Debug)]
struct Lost {
    dropped: Counter,
    failed: Counter,
}

impl Collector for Lost {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Spans that were not exported";
        let kind = prometheus_client::metrics::MetricType::Counter;
        let mut metric = encoder.encode_descriptor("otel_sdk_exporter_span_lost", help, None, kind)?;
        self.dropped.encode(metric.encode_family(&[("error_type", "queue_full")])?)?;
        self.failed.encode(metric.encode_family(&[("error_type", "export_failed")])?)
    }
}

/// A resource attribute's key as a Prometheus label.
fn label(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Without what would break a line of the text format.
fn printable(value: &str) -> String {
    value.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { '_' } else { c }).collect()
}
