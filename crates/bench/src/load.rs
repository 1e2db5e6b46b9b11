//! Closed-loop load over one channel, and what it took.

use crate::{
    Outcome,
    echo::{EchoClient, EchoRequest},
};
use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tonic::{
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, Bytes, StdError},
};

/// Payloads, bytes.
pub(crate) const SIZES: [usize; 2] = [100, 16 * 1024];

/// What is asked of a variant.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) bytes: usize,
    pub(crate) streams: usize,
    pub(crate) millis: u64,
}

/// What came of it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) calls: u64,
    pub(crate) failed: u64,
    pub(crate) seconds: f64,
    /// Of the whole process: both sides.
    pub(crate) cpu_seconds: f64,
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
}

/// Calls as fast as the answers come, and measures.
pub(crate) async fn drive<T>(client: &EchoClient<T>, order: Order) -> Outcome<Figures>
where
    T: GrpcService<Body> + Clone + Send + 'static,
    T::Error: Into<StdError>,
    T::Future: Send,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    let (cpu, start) = (cpu_seconds(), Instant::now());
    let end = start + Duration::from_millis(order.millis);
    let mut streams = JoinSet::new();
    for _ in 0..order.streams {
        streams.spawn(stream(client.clone(), order.bytes, end));
    }
    let mut latencies = histogram()?;
    let mut figures = Figures::default();
    while let Some(ended) = streams.join_next().await {
        let (own, failed) = ended??;
        latencies.add(own)?;
        figures.failed += failed;
    }
    figures.seconds = start.elapsed().as_secs_f64();
    figures.cpu_seconds = cpu_seconds() - cpu;
    figures.calls = latencies.len();
    figures.p50_micros = latencies.value_at_quantile(0.5);
    figures.p99_micros = latencies.value_at_quantile(0.99);
    Ok(figures)
}

async fn stream<T>(mut client: EchoClient<T>, bytes: usize, end: Instant) -> Outcome<(Histogram<u64>, u64)>
where
    T: GrpcService<Body>,
    T::Error: Into<StdError>,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    let payload = vec![7; bytes];
    let (mut latencies, mut failed) = (histogram()?, 0);
    loop {
        let begin = Instant::now();
        if begin >= end {
            return Ok((latencies, failed));
        }
        match client.echo(EchoRequest { payload: payload.clone() }).await {
            Ok(response) if response.get_ref().payload.len() == bytes => {
                latencies.saturating_record(u64::try_from(begin.elapsed().as_micros())?);
            }
            _ => failed += 1,
        }
    }
}

/// Up to a minute, in microseconds, to three digits.
fn histogram() -> Outcome<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let whole = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(whole, u32::try_from(time.tv_nsec).unwrap_or_default()).as_secs_f64()
}
