//! Contracts as they are served in the mesh now.

use super::set::{Files, Set};
use crate::{admin::Admin, plain};
use contracts::treaty::v1::{ReadContractRequest, ReadStatusRequest};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};
use tonic::Code;

/// The contracts in force, as one descriptor set.
pub(super) async fn read(admin: &Admin, wanted: Option<&[String]>) -> Result<Vec<u8>, String> {
    let served = services(admin).await?;
    let chosen: Vec<&String> = match wanted {
        Some(wanted) => served.iter().filter(|service| wanted.contains(service)).collect(),
        None => served.iter().collect(),
    };
    if chosen.is_empty() {
        let known: Vec<&str> = served.iter().map(String::as_str).collect();
        return Err(match known.as_slice() {
            [] => "the mesh serves no contract".to_owned(),
            known => format!("the mesh serves none of these services; it serves {}", known.join(", ")),
        });
    }
    let mut sets = BTreeMap::new();
    for service in chosen {
        if let Some((digest, bytes)) = in_force(admin, service).await? {
            sets.insert(digest, bytes);
        }
    }
    merged(sets.into_values())
}

/// What is served, by name.
pub(in crate::contract) async fn services(admin: &Admin) -> Result<BTreeSet<String>, String> {
    let mut client = admin.control().admin();
    let answer = client.read_status(ReadStatusRequest {}).await;
    let status = answer.map_err(|status| plain::text(status.message()))?.into_inner().status;
    Ok(status.into_iter().flat_map(|status| status.contracts).map(|contract| contract.service).collect())
}

async fn in_force(admin: &Admin, service: &str) -> Result<Option<(String, Vec<u8>)>, String> {
    let mut client = admin.control().admin();
    match client.read_contract(ReadContractRequest { service: service.to_owned() }).await {
        Ok(answer) => {
            let first = answer.into_inner().versions.into_iter().next();
            Ok(first.and_then(|version| version.descriptor_set).map(|set| (set.digest, set.bytes)))
        }
        // Gone since it was listed.
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(format!("{service}: {}", plain::text(status.message()))),
    }
}

/// Sets carry their imports, so that most have some in common: these are there once, if they agree.
fn merged(sets: impl Iterator<Item = Vec<u8>>) -> Result<Vec<u8>, String> {
    let mut files = Files::default();
    for set in sets {
        for file in Set::decode(set.as_slice()).map_err(|error| error.to_string())?.files {
            if let Some(name) = files.conflict(&file)? {
                return Err(format!(
                    "services were built with different versions of {name}: name the services, one at a time"
                ));
            }
            files.add(file)?;
        }
    }
    Ok(files.encoded())
}
