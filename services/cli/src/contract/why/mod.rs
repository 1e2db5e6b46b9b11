//! `treaty contract why`: how a workload was judged, in full.

mod shown;

use super::{asked::Where, style};
use crate::{output::Output, plain, up::instance_json};
use contracts::treaty::v1::{InstanceStatus, ReadAdmissionRequest, instance_status::State};
use identity::WorkloadId;

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract why shop/catalog
  treaty contract why shop/catalog --output json | jq '.instances[].refusals[].breakage'

Exit status: 0 admitted; 1 an instance is refused; 2 usage, an unknown workload, or no control plane.";

/// Whom to ask about.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// As "namespace/account".
    workload: WorkloadId,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    at: Where,
}

pub(super) fn run(args: &Args) -> Result<bool, String> {
    let request = ReadAdmissionRequest { workload: args.workload.to_string() };
    let answer = args.at.ask(async |admin| admin.control().admin().read_admission(request).await)?;
    let mut instances = answer.into_inner().instances;
    instances.iter_mut().for_each(plain::instance);
    let admitted = instances.iter().all(|instance| instance.state() != State::Refused);
    style::print(&match args.output {
        Output::Human => shown::human(&args.workload.to_string(), &instances),
        Output::Json => json(&args.workload.to_string(), admitted, &instances),
    })?;
    Ok(admitted)
}

fn json(workload: &str, admitted: bool, instances: &[InstanceStatus]) -> String {
    let instances: Vec<_> = instances.iter().map(instance_json).collect();
    format!("{:#}", serde_json::json!({ "workload": workload, "admitted": admitted, "instances": instances }))
}
