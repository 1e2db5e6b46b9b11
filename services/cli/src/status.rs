//! `treaty status`: the mesh as the control plane sees it.

use crate::{
    admin::{self, Admin},
    output::{self, Output},
    readiness::{self, Wanted},
    refusal,
    up::{Manifest, ManifestError, instance_json, state_name},
};
use anstyle::{AnsiColor, Style};
use contracts::treaty::v1::{AdsClientStatus, InstanceStatus, MeshStatus, Omitted, instance_status::State};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// How long to wait for a control plane where nobody says so.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to look whether there is a control plane to ask.
const LOOK: Duration = Duration::from_millis(100);

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 shown (with --wait: everything is ready); 1 not ready, or no control plane; 2 usage.

Examples:
  treaty status
  treaty status --wait --timeout 120s    until everything that treaty.toml names is ready
  treaty status --output json | jq '.instances[] | select(.state != \"READY\")'")]
pub(crate) struct Args {
    /// Wait until everything that the manifest names is ready.
    #[arg(long)]
    wait: bool,
    /// How long to wait, at most; for a control plane too.
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse)]
    timeout: Option<Duration>,
    /// What should be ready.
    #[arg(long, value_name = "PATH", default_value = "treaty.toml")]
    file: PathBuf,
    /// Where the control plane keeps its state; needs no manifest, but with --wait.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Prints; the exit status says whether all is well.
pub(crate) async fn run(args: Args) -> ExitCode {
    match show(&args).await {
        Ok(code) => code,
        Err(message) => crate::complain(&message),
    }
}

async fn show(args: &Args) -> Result<ExitCode, String> {
    let (state_dir, trust_domain) = admin::place(&args.file, args.state_dir.as_deref())?;
    // A control plane that is asked by its folder may be nobody's who has a manifest.
    let manifest = match Manifest::load(&args.file) {
        Err(ManifestError::Read { .. }) if args.state_dir.is_some() && !args.wait => None,
        manifest => Some(manifest.map_err(|error| error.to_string())?),
    };
    let wanted = manifest.as_ref().map(Wanted::of).unwrap_or_default();
    let mut last: Option<MeshStatus> = None;
    let patience = args.timeout.unwrap_or(if args.wait { Duration::from_secs(120) } else { PATIENCE });
    let mut failure = Failure::default();
    let watching = async {
        let admin = loop {
            match Admin::connect(&state_dir, &trust_domain).await {
                Ok(admin) => break admin,
                Err(error) => failure = Failure::Silent(error.to_string()),
            }
            tokio::time::sleep(LOOK).await;
        };
        readiness::follow(&admin, |seen| match seen {
            Ok(status) => {
                last = Some(status.clone());
                !args.wait || wanted.missing(status).is_empty()
            }
            Err(reason) => {
                failure = Failure::Refuses(reason.to_owned());
                false
            }
        })
        .await;
    };
    let in_time = tokio::time::timeout(patience, watching).await.is_ok();
    let Some(status) = last else {
        return Err(failure.at(&state_dir));
    };
    let missing = wanted.missing(&status);
    print(args.output, &status, &missing)?;
    let ready = !args.wait || (in_time && missing.is_empty());
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why there is nothing to show.
#[derive(Default)]
enum Failure {
    /// Nobody has answered yet.
    #[default]
    Unheard,
    /// There is no way to a control plane.
    Silent(String),
    /// There is one, and it does not say its state.
    Refuses(String),
}

impl Failure {
    fn at(&self, state_dir: &Path) -> String {
        let place = state_dir.display();
        match self {
            Self::Unheard => format!("no control plane answers at {place} in time; is `treaty up` running?"),
            Self::Silent(why) => {
                format!("no control plane answers at {place}: {why}; is `treaty up` running?")
            }
            Self::Refuses(why) => format!("the control plane at {place} does not say its state: {why}"),
        }
    }
}

fn print(output: Output, status: &MeshStatus, missing: &[String]) -> Result<(), String> {
    output::print(&match output {
        Output::Human => human(status, missing),
        Output::Json => format!("{}\n", json(status, missing)),
    })
}

fn human(status: &MeshStatus, missing: &[String]) -> String {
    let bold = Style::new().bold();
    let mut text =
        format!("{bold}mesh {}{bold:#}  control plane {}\n\n", status.trust_domain, status.version);
    let width = status.instances.iter().map(|instance| instance.workload.len()).max().unwrap_or(0);
    for instance in &status.instances {
        instance_line(&mut text, instance, width);
    }
    if !status.contracts.is_empty() {
        let _ = writeln!(text, "\n{bold}contracts{bold:#}");
        for contract in &status.contracts {
            let digest = contract.digest.get(..19).unwrap_or(&contract.digest);
            let _ = writeln!(text, "  {:<36} {digest}  by {}", contract.service, contract.workload);
        }
    }
    let clients: Vec<_> = status.ads_clients.iter().filter(|client| worth_showing(client)).collect();
    if !clients.is_empty() {
        let _ = writeln!(text, "\n{bold}xDS clients with something to say{bold:#}");
        for client in clients {
            client_lines(&mut text, client);
        }
    }
    if let Some(Omitted { instances, contracts, ads_clients }) = status.omitted {
        let all = [(instances, "instances"), (contracts, "contracts"), (ads_clients, "xDS clients")];
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            let _ = writeln!(text, "\nand {count} more {what}, too many to be told");
        }
    }
    if !missing.is_empty() {
        let _ = writeln!(text, "\n{bold}missing{bold:#}");
        for line in missing {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn instance_line(text: &mut String, instance: &InstanceStatus, width: usize) {
    let colour = match instance.state() {
        State::Ready => AnsiColor::Green,
        State::Refused => AnsiColor::Red,
        State::Joined | State::Relearning | State::Unspecified => AnsiColor::Yellow,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    let InstanceStatus { workload, instance: name, address, version, .. } = instance;
    let state = state_name(instance.state());
    let _ =
        writeln!(text, "  {workload:<width$}  {style}{state:<10}{style:#}  {address:<21}  {name}  {version}");
    for (refusal, also) in refusal::by_cause(&instance.refusals) {
        let _ = writeln!(text, "    {}: {}{}", refusal.reason, refusal.message, refusal::more(&also));
        if refusal.breakage.is_some() {
            continue;
        }
        for (what, value) in [("at", &refusal.origin), ("remedy", &refusal.remedy)] {
            if !value.is_empty() {
                let _ = writeln!(text, "      {what}: {value}");
            }
        }
    }
    if !instance.warnings.is_empty() {
        let count = instance.warnings.len();
        let _ = writeln!(text, "    {count} warning{}", if count == 1 { "" } else { "s" });
    }
    let breaks = instance.refusals.iter().any(|refusal| refusal.breakage.is_some());
    if breaks || !instance.warnings.is_empty() {
        let _ = writeln!(text, "      in full: treaty contract why {workload}");
    }
    if instance.truncated {
        let _ = writeln!(text, "    (details are left out: there is too much to be told)");
    }
}

fn worth_showing(client: &AdsClientStatus) -> bool {
    !client.not_enforced.is_empty() || client.types.iter().any(|kind| !kind.nack.is_empty())
}

fn client_lines(text: &mut String, client: &AdsClientStatus) {
    let _ = writeln!(text, "  {} ({}, {})", client.workload, client.node, client.user_agent);
    for kind in client.types.iter().filter(|kind| !kind.nack.is_empty()) {
        let _ = writeln!(text, "    NACK {} version {}: {}", kind.type_url, kind.sent_version, kind.nack);
        let _ = writeln!(text, "      keeps version {}", kind.acked_version);
    }
    for line in &client.not_enforced {
        let _ = writeln!(text, "    does not enforce: {line}");
    }
}

fn json(status: &MeshStatus, missing: &[String]) -> serde_json::Value {
    let contracts: Vec<_> = status
        .contracts
        .iter()
        .map(|c| serde_json::json!({"service": c.service, "digest": c.digest, "workload": c.workload}))
        .collect();
    let types = |client: &AdsClientStatus| -> Vec<_> {
        let each = client.types.iter().map(|kind| {
            serde_json::json!({
                "type_url": kind.type_url, "acked_version": kind.acked_version,
                "sent_version": kind.sent_version, "nack": kind.nack,
            })
        });
        each.collect()
    };
    let clients: Vec<_> = status
        .ads_clients
        .iter()
        .map(|client| {
            serde_json::json!({
                "workload": client.workload, "node": client.node, "user_agent": client.user_agent,
                "types": types(client), "not_enforced": client.not_enforced,
            })
        })
        .collect();
    let audit: Vec<_> = status
        .audit
        .iter()
        .map(|event| {
            let time = event.time.as_ref().map(ToString::to_string);
            serde_json::json!({"time": time, "kind": event.kind, "workload": event.workload, "message": event.message})
        })
        .collect();
    serde_json::json!({
        "trust_domain": status.trust_domain, "version": status.version,
        "instances": status.instances.iter().map(instance_json).collect::<Vec<_>>(),
        "contracts": contracts, "ads_clients": clients, "audit": audit, "missing": missing,
    })
}

#[cfg(test)]
mod tests;
