//! `treaty.v1.ServerPolicy`: an optional filter of a server's Listener, ignored by foreign servers.

use super::{
    common::{Fault, any_named, read_path, unpack_named, unusable},
    facts,
};
use contract::{Allow, MethodPath};
use contracts::treaty::v1::{MethodFacts, ServerPolicy};
use envoy_types::pb::google::protobuf::Any;
use identity::WorkloadId;
use prost::Message;
use resource::{Guard, ServerListener};
use std::collections::{BTreeMap, HashMap};

/// Its full name, and its name among the filters.
pub(super) const SERVER_POLICY: &str = "treaty.v1.ServerPolicy";

/// Method by method in their order: concatenated messages are one message, and a map that is encoded as a
/// whole would have a different order every time.
pub(super) fn encode(listener: &ServerListener) -> Any {
    let head = ServerPolicy { workload: listener.workload.to_string(), methods: HashMap::new() };
    let mut bytes = head.encode_to_vec();
    for (path, guard) in &listener.guards {
        let methods = HashMap::from([(path.to_string(), facts::of_guard(guard))]);
        bytes.extend(ServerPolicy { workload: String::new(), methods }.encode_to_vec());
    }
    any_named(SERVER_POLICY, bytes)
}

/// The workload, and its guards; who may call comes from elsewhere.
pub(super) fn decode(
    config: &Any,
    mut allows: BTreeMap<MethodPath, Vec<Allow>>,
) -> Result<(WorkloadId, BTreeMap<MethodPath, Guard>), Fault> {
    let policy: ServerPolicy = unpack_named(SERVER_POLICY, config, SERVER_POLICY)?;
    let workload = policy.workload.parse();
    let workload =
        workload.map_err(|error| unusable("ServerPolicy.workload", error, "a workload is expected"))?;
    let mut guard = |(path, facts): (String, MethodFacts)| {
        let path = read_path(&path, "ServerPolicy.methods")?;
        let allow = allows.remove(&path).unwrap_or_default();
        Ok((path, facts::read_guard(facts, allow)?))
    };
    let guards = policy.methods.into_iter().map(&mut guard).collect::<Result<_, Fault>>()?;
    match allows.keys().next() {
        Some(path) => Err(unusable("rbac", path, "every method that is allowed must have its facts")),
        None => Ok((workload, guards)),
    }
}
