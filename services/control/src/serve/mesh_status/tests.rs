use super::*;
use crate::{reason::Reason, registry::Refusal, store::InstanceKey};
use std::{sync::Arc, time::SystemTime};

/// What the contract of treaty.v1.Admin allows.
fn most() -> usize {
    let contract = contract::Contract::read(contracts::treaty::v1::CONTRACT).unwrap();
    let admin = contract.service("treaty.v1.Admin").unwrap();
    let most = admin.methods.iter().map(|method| method.policy.max_response_bytes.value).min().unwrap();
    usize::try_from(most).unwrap()
}

fn view(instances: impl IntoIterator<Item = InstanceView>) -> View {
    View { instances: instances.into_iter().map(Arc::new).collect(), ..View::default() }
}

fn instance(n: usize, refusals: usize, consumes: usize) -> InstanceView {
    let refusal = || Refusal::new(Reason::LINT_ERROR, &"x".repeat(5000), &"y".repeat(5000));
    InstanceView {
        key: InstanceKey { workload: "demo/a".parse().unwrap(), instance: format!("{n:0250}") },
        version: "v".repeat(250),
        address: "127.0.0.1:1".to_owned(),
        metrics_address: String::new(),
        state: State::Refused,
        since: SystemTime::UNIX_EPOCH,
        refusals: (0..refusals).map(|_| refusal()).collect(),
        warnings: Default::default(),
        serves: Vec::new(),
        consumes: vec!["c".repeat(250); consumes],
    }
}

fn of(view: &View, clients: &[ClientState]) -> MeshStatus {
    status(&"treaty.local".parse().unwrap(), view, clients, &[])
}

fn client(nack: Option<&str>) -> ClientState {
    ClientState {
        workload: "demo/client".parse().unwrap(),
        node: "c\u{1b}[2J".to_owned(),
        user_agent: "gRPC\nGo".to_owned(),
        types: vec![TypeState {
            type_url: "type.googleapis.com/envoy.config.cluster.v3.Cluster".to_owned(),
            acked_version: "6".to_owned(),
            sent_version: "7".to_owned(),
            nack: nack.map(str::to_owned),
        }],
        not_enforced: (0..25).map(|n| format!("{n}\u{9b}")).collect(),
    }
}

#[test]
fn a_nack_is_told_with_its_versions_and_without_what_steers_a_terminal() {
    let told = of(&View::default(), &[client(Some("no \u{1b}]0;EDS"))]).ads_clients.remove(0);
    assert_eq!((told.workload.as_str(), told.node.as_str()), ("demo/client", "c [2J"));
    assert_eq!(told.user_agent, "gRPC Go");
    let kind = &told.types[0];
    assert_eq!(kind.type_url, "type.googleapis.com/envoy.config.cluster.v3.Cluster");
    assert_eq!((kind.acked_version.as_str(), kind.sent_version.as_str()), ("6", "7"));
    assert_eq!(kind.nack, "no  ]0;EDS");
    assert_eq!((told.not_enforced.len(), told.not_enforced[20].as_str()), (21, "and 5 more"));
    assert_eq!(told.not_enforced[0], "0 ");
    let nack = |reason| of(&View::default(), &[client(reason)]).ads_clients[0].types[0].nack.clone();
    assert_eq!(nack(None), "");
    assert_ne!(nack(Some("")), "", "a refusal without a reason is one");
}

#[test]
fn whatever_is_registered_the_state_is_one_message() {
    // Refused, and with all that an instance may say.
    let large = view((0..512).map(|n| instance(n, 21, 512)));
    let told = of(&large, &vec![client(Some(&"z".repeat(5000))); 9000]);
    assert!(told.encoded_len() < most(), "{}", told.encoded_len());
    assert!(told.encoded_len() > 4 * 1024 * 1024);
    assert_eq!((told.instances.len(), told.omitted.unwrap().instances), (512, 0));
    assert!(told.omitted.unwrap().ads_clients > 0);
    let truncated = told.instances.iter().filter(|instance| instance.truncated).count();
    assert!((1..512).contains(&truncated), "{truncated}");
    // Whoever says little is told in full.
    let mixed = view((0..600).map(|n| instance(n, 21, if n == 599 { 1 } else { 512 })));
    let told = of(&mixed, &[]);
    assert!(!told.instances[599].truncated && told.instances[599].refusals.len() == 21);
    // More than can be told at all are counted.
    let crowd = view((0..40_000).map(|n| instance(n, 0, 0)));
    let told = of(&crowd, &[]);
    assert!(told.encoded_len() < most());
    assert_eq!(told.instances.len() + told.omitted.unwrap().instances as usize, 40_000);
}

#[test]
fn a_small_mesh_is_told_in_full() {
    let told = of(&view([instance(1, 2, 3)]), &[]);
    assert_eq!(told.omitted, None);
    let first = &told.instances[0];
    assert_eq!((first.refusals.len(), first.consumes.len(), first.truncated), (2, 3, false));
}

#[test]
fn in_full_every_instance_is_told_and_who_is_cut_says_so() {
    let refused = (0..60).map(|n| instance(n, 200, 3));
    let ready = InstanceView { state: State::Ready, refusals: Arc::default(), ..instance(60, 0, 1) };
    let told = admission(&view(refused.chain([ready])), &"demo/a".parse().unwrap());
    assert!(told.encoded_len() < most() && told.encoded_len() > most() / 2, "{}", told.encoded_len());
    assert_eq!((told.instances.len(), told.omitted), (61, 0));
    let cut = told.instances.iter().filter(|instance| instance.truncated);
    let (cut, last) = (cut.count(), told.instances.last().unwrap());
    assert!((1..60).contains(&cut), "{cut}");
    assert_eq!((last.state(), last.truncated, last.consumes.len()), (StateMessage::Ready, false, 1));
    let others = admission(&view([instance(1, 1, 1)]), &"demo/b".parse().unwrap());
    assert_eq!(others, ReadAdmissionResponse::default());
}
