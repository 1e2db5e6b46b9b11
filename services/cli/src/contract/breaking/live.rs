//! Against the mesh: who would break, if the contract were deployed now.

use super::{
    Args, Counted,
    asked::{Asked, Caller},
    broken::{Broken, Side},
    finish, grouped,
};
use crate::{
    admin::Admin,
    contract::{
        ignored,
        source::{self, Beside, Input, Source},
    },
    plain,
};
use contract::{Contract, Digest, compile::Sources};
use contracts::treaty::v1::{
    JudgeContractRequest, JudgeContractResponse, ListConsumersRequest, ReadAdmissionRequest,
};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use tonic::{Code, Status};

/// What the control plane says.
#[derive(Default)]
struct Judged {
    answer: JudgeContractResponse,
    /// Of these services; none where it serves none of them.
    services: Vec<String>,
    /// Live consumers that it did not ask.
    unasked: Vec<Caller>,
}

pub(super) fn run(args: &Args, new: &Source) -> Result<bool, String> {
    if args.all_types || args.json_readers.is_some() || args.ignore_unstable {
        let flags = "--all-types, --json-readers and --ignore-unstable";
        return Err(format!("{flags} say nothing to the mesh: its contracts decide"));
    }
    let Input { contract, sources } = source::load_or_say(new, Beside::default(), &args.reach)?;
    let answer = args.reach.mesh.ask(async |admin| {
        known(args, admin).await?;
        Ok(judge(args, &contract, admin).await)
    })?;
    let Judged { answer, services, unasked } = answer?;
    let JudgeContractResponse { mut refusals, mut warnings, consumers } = answer;
    refusals.iter_mut().chain(&mut warnings).for_each(plain::refusal);
    // What breaks nobody in particular is wrong by itself: then nobody was asked.
    let unsound = consumers.is_empty() && refusals.iter().any(|refusal| refusal.breakage.is_none());
    let refused = refusals.into_iter().map(|refusal| Broken::of_refusal(refusal, true));
    let warned = warnings.into_iter().map(|warning| Broken::of_refusal(warning, false));
    let found = refused.chain(warned);
    let found = if unsound {
        Counted { found: grouped(found.collect()), left_out: 0 }
    } else {
        ignored::warn_of_idle("--ignore", &args.ignore, &[&contract], &sources)?;
        args.counted(found)
    };
    let methods: usize = contract
        .services
        .iter()
        .filter(|service| services.contains(&service.name))
        .map(|service| service.methods.len())
        .sum();
    let mut totals = Map::new();
    totals.insert("methods".to_owned(), methods.into());
    totals.insert("consumers".to_owned(), json!(consumers));
    let names: Vec<&str> = unasked.iter().map(|caller| caller.workload.as_str()).collect();
    totals.insert("unasked".to_owned(), json!(names));
    totals.insert("services".to_owned(), json!(services));
    totals.insert("old".to_owned(), json!({ "source": "mesh" }));
    totals.insert("new".to_owned(), json!({ "source": new.to_string(), "digest": contract.digest }));
    let theirs = Sources::default();
    let sides = (Side { name: "its caller has", sources: &theirs }, Side { name: "now", sources: &sources });
    let asked = Asked { services: &services, consumers: &consumers, unasked: &unasked };
    let judged = if unsound { None } else { Some(asked.in_words()) };
    finish(args, &found, sides, judged.as_deref(), totals)
}

/// A misspelled workload would have no callers, and nobody would know.
async fn known(args: &Args, admin: &Admin) -> Result<(), Status> {
    let Some(workload) = &args.workload else { return Ok(()) };
    let request = ReadAdmissionRequest { workload: workload.to_string() };
    admin.control().admin().read_admission(request).await.map(|_| ())
}

async fn judge(args: &Args, contract: &Contract, admin: &Admin) -> Result<Judged, String> {
    let served = source::served(admin).await?;
    let names = contract.services.iter().map(|service| service.name.clone());
    // With a workload, new services count too.
    let services: Vec<String> =
        names.filter(|name| args.workload.is_some() || served.contains(name)).collect();
    if services.is_empty() {
        return Ok(Judged::default());
    }
    let descriptor_set = source::select(&contract.bytes, &services)?;
    let digest = Digest::of(&descriptor_set).to_string();
    let workload = args.workload.as_ref().map(ToString::to_string).unwrap_or_default();
    let request = JudgeContractRequest { descriptor_set, workload };
    let answer = admin.control().admin().judge_contract(request).await;
    let answer = answer.map_err(|status| plain::text(status.message()))?.into_inner();
    let mut live = callers(admin, &services, &digest).await?;
    live.retain(|caller| !answer.consumers.contains(&caller.workload));
    Ok(Judged { answer, services, unasked: live })
}

/// Who consumes any of the services now. `digest`: what is judged.
async fn callers(admin: &Admin, services: &[String], digest: &str) -> Result<Vec<Caller>, String> {
    let mut callers: BTreeMap<String, Caller> = BTreeMap::new();
    for service in services {
        let request = ListConsumersRequest { service: service.clone(), method: String::new() };
        let consumers = match admin.control().admin().list_consumers(request).await {
            Ok(answer) => answer.into_inner().consumers,
            // Nobody serves or consumes it.
            Err(status) if status.code() == Code::NotFound => continue,
            Err(status) => return Err(plain::text(status.message())),
        };
        for consumer in consumers.into_iter().filter(|consumer| consumer.live) {
            let workload = plain::text(&consumer.workload);
            let caller = callers.entry(workload.clone()).or_insert(Caller { workload, others: 0, same: 0 });
            let same = consumer.digests.iter().filter(|known| **known == digest).count();
            caller.same += same;
            caller.others += consumer.digests.len() - same;
        }
    }
    Ok(callers.into_values().collect())
}
