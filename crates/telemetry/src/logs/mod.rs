//! Logs: `RUST_LOG`, for people on a terminal, JSON elsewhere, each line with the ids of the call that it
//! belongs to.

mod json;
mod line;

use crate::TraceContext;
use std::{
    env,
    io::{self, IsTerminal as _},
    sync::OnceLock,
};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

static TRACE_SOURCE: OnceLock<fn() -> Option<TraceContext>> = OnceLock::new();

/// Starts logging to standard error. `default_filter` ("info,h2=warn") holds where `RUST_LOG` is unset; a
/// `RUST_LOG` that cannot be read is told and ignored. `TREATY_LOG_FORMAT` may insist on `pretty` or `json`.
/// Does nothing where the process already logs.
pub fn init(default_filter: &str) {
    let given = env::var(EnvFilter::DEFAULT_ENV).ok().filter(|filter| !filter.trim().is_empty());
    let read = given.as_deref().map(EnvFilter::try_new).transpose();
    let (filter, complaint) = match read {
        Ok(Some(filter)) => (filter, None),
        Ok(None) => (EnvFilter::new(default_filter), None),
        Err(error) => (EnvFilter::new(default_filter), Some(error)),
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let layer = match format() {
        Format::Json => layer.event_format(json::Json).boxed(),
        Format::Pretty { color } => layer.with_ansi(color).event_format(line::Line).boxed(),
    };
    let started = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    if let (Ok(()), Some(error)) = (started, complaint) {
        tracing::warn!(%error, default_filter, "RUST_LOG cannot be read; the default is used");
    }
}

/// Tells where the current call's context is found. The first one stays.
pub fn set_trace_source(source: fn() -> Option<TraceContext>) {
    let _ = TRACE_SOURCE.set(source);
}

/// The context of the call on whose behalf this thread runs at this moment.
fn current() -> Option<TraceContext> {
    TRACE_SOURCE.get().and_then(|source| source())
}

/// How lines look.
enum Format {
    Json,
    Pretty { color: bool },
}

fn format() -> Format {
    let terminal = io::stderr().is_terminal();
    let color = terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match env::var("TREATY_LOG_FORMAT").as_deref() {
        Ok("json") => Format::Json,
        Ok("pretty") => Format::Pretty { color },
        _ if terminal => Format::Pretty { color },
        _ => Format::Json,
    }
}
