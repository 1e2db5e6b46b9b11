//! Against the mesh: who would break, if the contract were deployed now.

use super::{
    Args,
    broken::{Broken, Side},
    finish,
};
use crate::{
    admin::Admin,
    contract::source::{self, Beside, Input, Source},
    plain,
};
use contract::{Contract, compile::Sources};
use contracts::treaty::v1::{JudgeContractRequest, JudgeContractResponse};
use serde_json::{Map, json};

pub(super) fn run(args: &Args, new: &Source) -> Result<bool, String> {
    if args.all_types || args.json_readers.is_some() || args.ignore_unstable {
        let flags = "--all-types, --json-readers and --ignore-unstable";
        return Err(format!("{flags} say nothing to the mesh: its contracts decide"));
    }
    let Input { contract, sources } = source::load_or_say(new, Beside::default(), &args.reach)?;
    let answer = args.reach.mesh.ask(async |admin| Ok(judge(args, &contract, admin).await))?;
    let (JudgeContractResponse { mut refusals, mut warnings, consumers }, services) =
        answer?.unwrap_or_default();
    refusals.iter_mut().chain(&mut warnings).for_each(plain::refusal);
    let refused = refusals.into_iter().map(|refusal| Broken::of_refusal(refusal, true));
    let warned = warnings.into_iter().map(|warning| Broken::of_refusal(warning, false));
    let found: Vec<Broken> = refused.chain(warned).filter_map(|broken| args.counted(broken)).collect();
    let methods: usize = contract
        .services
        .iter()
        .filter(|service| services.contains(&service.name))
        .map(|service| service.methods.len())
        .sum();
    let judged = match (services.as_slice(), consumers.as_slice()) {
        ([], _) => "the mesh: it serves none of these services yet".to_owned(),
        (_, []) => format!("the mesh: nobody live calls {}", services.join(", ")),
        (_, callers) => format!("the mesh; asked: {}", callers.join(", ")),
    };
    let mut totals = Map::new();
    totals.insert("methods".to_owned(), methods.into());
    totals.insert("consumers".to_owned(), json!(consumers));
    totals.insert("services".to_owned(), json!(services));
    totals.insert("old".to_owned(), json!({ "source": "mesh" }));
    totals.insert("new".to_owned(), json!({ "source": new.to_string(), "digest": contract.digest }));
    let theirs = Sources::default();
    let sides = (Side { name: "its caller has", sources: &theirs }, Side { name: "now", sources: &sources });
    Ok(finish(args, found, sides, &judged, totals))
}

/// What the control plane says, and of which services; `None` where it knows none of them.
async fn judge(
    args: &Args,
    contract: &Contract,
    admin: &Admin,
) -> Result<Option<(JudgeContractResponse, Vec<String>)>, String> {
    let served = source::served(admin).await?;
    let names = contract.services.iter().map(|service| service.name.clone());
    // With a workload, new services count too.
    let known: Vec<String> = names.filter(|name| args.workload.is_some() || served.contains(name)).collect();
    if known.is_empty() {
        return Ok(None);
    }
    let request = JudgeContractRequest {
        descriptor_set: source::select(&contract.bytes, &known)?,
        workload: args.workload.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let answer = admin.control().admin().judge_contract(request).await;
    Ok(Some((answer.map_err(|status| plain::text(status.message()))?.into_inner(), known)))
}
