//! What `up` shows: prefixed logs, who is ready where, calls to paste. Machines get JSON lines.

use crate::{output::Output, refusal};
use anstyle::{AnsiColor, Style};
use contracts::treaty::v1::{InstanceStatus, MeshStatus, instance_status::State};
use std::{
    collections::VecDeque, fmt::Write as _, io::Write as _, net::SocketAddr, sync::Arc, time::Duration,
};

/// Where `up` speaks. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    output: Output,
    width: usize,
}

/// One colour for each process, in turn.
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::BrightRed,
];

impl Console {
    /// `width`: of the longest label.
    pub(crate) fn new(output: Output, width: usize) -> Self {
        Self(Arc::new(Inner { output, width }))
    }

    /// A line of a process's own output.
    pub(crate) fn log(&self, label: &str, line: &str) {
        match self.0.output {
            Output::Json => self.json(&serde_json::json!({"event": "log", "process": label, "line": line})),
            Output::Human => {
                let style = colour_of(label);
                let width = self.0.width;
                let _ = writeln!(anstream::stdout(), "{style}{label:>width$} │{style:#} {line}");
            }
        }
    }

    /// A step of `up` itself.
    pub(crate) fn step(&self, text: &str) {
        match self.0.output {
            Output::Json => self.json(&serde_json::json!({"event": "step", "message": text})),
            Output::Human => {
                let bold = Style::new().bold();
                let width = self.0.width;
                let _ = writeln!(anstream::stdout(), "{bold}{:>width$} │ {text}{bold:#}", "up");
            }
        }
    }

    /// A process was started. People see its own first words instead.
    pub(crate) fn started(&self, label: &str, pid: Option<u32>) {
        if let Output::Json = self.0.output {
            self.json(&serde_json::json!({"event": "started", "process": label, "pid": pid}));
        }
    }

    /// A process ended by itself. The first time its last words are repeated.
    pub(crate) fn died(
        &self,
        label: &str,
        reason: &str,
        deaths: u32,
        backoff: Duration,
        lines: &VecDeque<String>,
    ) {
        if let Output::Json = self.0.output {
            let wait = backoff.as_millis();
            return self.json(&serde_json::json!({
                "event": "died", "process": label, "reason": reason, "deaths": deaths, "restart_in_ms": wait
            }));
        }
        let mut text = format!("{label} {reason}; restarting in {} ms", backoff.as_millis());
        if deaths == 1 && !lines.is_empty() {
            text.push_str("; it said last:");
            for line in lines {
                let _ = write!(text, "\n{:>1$}   {line}", "", self.0.width);
            }
        }
        self.step(&text);
    }

    /// Everything is ready.
    pub(crate) fn ready(&self, board: &Board<'_>) {
        match self.0.output {
            Output::Json => self.json(&board.json()),
            Output::Human => {
                let _ = anstream::stdout().write_all(board.human().as_bytes());
            }
        }
    }

    fn json(&self, value: &serde_json::Value) {
        let _ = writeln!(std::io::stdout(), "{value}");
    }
}

/// A stable colour: the same process looks the same in every run.
fn colour_of(label: &str) -> Style {
    let index = label.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let colour = COLOURS.get(index % COLOURS.len()).copied().unwrap_or(AnsiColor::Cyan);
    Style::new().fg_color(Some(colour.into()))
}

/// Who is ready where.
pub(crate) struct Board<'a> {
    /// As the control plane sees it.
    pub(crate) status: &'a MeshStatus,
    /// Where the control plane listens.
    pub(crate) control: &'a str,
    /// Where the control plane shows its metrics.
    pub(crate) control_metrics: Option<SocketAddr>,
    /// Where the gateway listens.
    pub(crate) gateway: &'a str,
    /// What clients of the gateway believe, relative to where people paste.
    pub(crate) ca: &'a str,
    /// Since the start of `up`.
    pub(crate) elapsed: Duration,
}

impl Board<'_> {
    fn human(&self) -> String {
        let bold = Style::new().bold();
        let dim = Style::new().dimmed();
        let mut text = format!("\n{bold}  ready in {:.1} s{bold:#}\n\n", self.elapsed.as_secs_f64());
        let metrics = |address: Option<String>| match address {
            Some(address) => format!("  {dim}metrics {address}{dim:#}"),
            None => String::new(),
        };
        let own = metrics(self.control_metrics.map(|address| address.to_string()));
        let _ = writeln!(text, "  {:<20} {:<22}{own}", "control plane", self.control);
        for instance in &self.status.instances {
            let shown = metrics(Some(instance.metrics_address.clone()).filter(|it| !it.is_empty()));
            if instance.workload == "treaty/gateway" {
                let address = format!("https://{}", self.gateway);
                let _ = writeln!(text, "  {:<20} {address:<22}{shown}", "gateway");
            } else if !instance.address.is_empty() {
                let InstanceStatus { workload, address, serves, .. } = instance;
                let _ = writeln!(text, "  {workload:<20} {address:<22}{shown}  {}", serves.join(", "));
            }
        }
        let _ = writeln!(text, "\n  {bold}try{bold:#}");
        for call in self.calls() {
            let _ = writeln!(text, "  {call}");
        }
        text.push_str("\n  Ctrl-C takes everything down.\n\n");
        text
    }

    fn calls(&self) -> Vec<String> {
        let Self { gateway, ca, .. } = self;
        let mut calls = vec![format!("grpcurl -cacert {ca} {gateway} list")];
        if self.status.contracts.iter().any(|contract| contract.service == "shop.orders.v1.Orders") {
            calls.push(format!(
                "grpcurl -cacert {ca} -d '{PLACE_ORDER}' {gateway} shop.orders.v1.Orders/PlaceOrder"
            ));
        }
        calls.push("cargo run --release -- status".to_owned());
        calls
    }

    fn json(&self) -> serde_json::Value {
        let instances: Vec<_> = self.status.instances.iter().map(instance_json).collect();
        serde_json::json!({
            "event": "ready", "elapsed_ms": u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            "control": self.control, "control_metrics": self.control_metrics, "gateway": self.gateway, "ca": self.ca, "instances": instances,
        })
    }
}

/// The first call of the README.
const PLACE_ORDER: &str = r#"{"order":{"customer":{"email":"ada@example.com"},"lines":[{"product":"products/espresso-beans","quantity":2}]}}"#;

/// An instance, for machines.
pub(crate) fn instance_json(instance: &InstanceStatus) -> serde_json::Value {
    let refusals: Vec<_> = instance.refusals.iter().map(refusal::json).collect();
    let warnings: Vec<_> = instance.warnings.iter().map(refusal::json).collect();
    serde_json::json!({
        "workload": instance.workload, "instance": instance.instance, "version": instance.version,
        "address": instance.address, "metrics_address": instance.metrics_address, "state": state_name(instance.state()),
        "serves": instance.serves, "consumes": instance.consumes, "refusals": refusals,
        "warnings": warnings, "since": instance.since.as_ref().map(ToString::to_string),
    })
}

/// "READY" and the like.
pub(crate) fn state_name(state: State) -> &'static str {
    state.as_str_name()
}
