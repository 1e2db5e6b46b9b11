//! `treaty contract why`: how a workload was judged, in full.

mod shown;

use super::{asked::Where, style};
use crate::{output::Output, plain, up::instance_json};
use contracts::treaty::v1::{
    InstanceStatus, ReadAdmissionRequest, ReadAdmissionResponse, instance_status::State,
};
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
    let mut answer = answer.into_inner();
    answer.instances.iter_mut().for_each(plain::instance);
    let admitted = answer.instances.iter().all(|instance| instance.state() != State::Refused);
    style::print(&match args.output {
        Output::Human => shown::human(&args.workload.to_string(), &answer),
        Output::Json => json(&args.workload.to_string(), admitted, &answer),
    })?;
    Ok(admitted)
}

fn json(workload: &str, admitted: bool, answer: &ReadAdmissionResponse) -> String {
    let instance = |instance: &InstanceStatus| {
        let mut told = instance_json(instance);
        if let Some(told) = told.as_object_mut() {
            told.insert("truncated".to_owned(), instance.truncated.into());
        }
        told
    };
    let instances: Vec<_> = answer.instances.iter().map(instance).collect();
    format!(
        "{:#}",
        serde_json::json!({
            "workload": workload, "admitted": admitted, "instances": instances, "omitted": answer.omitted
        })
    )
}
