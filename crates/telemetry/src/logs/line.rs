//! One line for people: the subscriber's own, followed by the trace id.

use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    registry::LookupSpan,
};

/// `2026-11-01T10:00:00Z  INFO shop::orders: order placed id=7 trace_id=… span_id=…`
pub(super) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(call) = super::current() else {
            return Format::default().format_event(context, writer, event);
        };
        let mut line = String::new();
        let format = Format::default().with_ansi(writer.has_ansi_escapes());
        format.format_event(context, Writer::new(&mut line), event)?;
        writeln!(
            writer,
            "{} trace_id={} span_id={}",
            line.trim_end(),
            call.trace_id_hex(),
            call.span_id_hex()
        )
    }
}
