use super::*;
use contracts::treaty::v1::{FetchDescriptorSetRequest, WatchContractsRequest, instance_status::State};
use resource::{Locality, ServerListener};
use std::collections::BTreeSet;
use tonic::Code;
use xds::{Node, client::AdsClient};

#[tokio::test]
async fn the_whole_way_from_a_token_to_admission_after_the_claimer_left() {
    let mesh = Mesh::new().await;
    let (first, second) = (mesh.workload("demo/greeter").await, mesh.workload("demo/impostor").await);
    let mut greeter = Instance::open(&first, provider("g", 1)).await;
    let Told::Admitted(admitted) = greeter.hear().await.unwrap() else { panic!() };
    assert_eq!(admitted.listener, ServerListener::name_for("127.0.0.1:1".parse().unwrap()));
    greeter.ready().await;
    let mut impostor = Instance::open(&second, provider("i", 2)).await;
    impostor.ready().await;
    let Told::Refused(refused) = impostor.hear().await.unwrap() else { panic!() };
    assert_eq!(refused.refusals[0].reason, "CONTRACT_CLAIMED");
    let status = mesh.until(|status| instance(status, "g").state() == State::Ready).await;
    assert_eq!(instance(&status, "i").state(), State::Refused);
    assert_eq!(instance(&status, "i").refusals, refused.refusals);
    assert_eq!((status.contracts.len(), status.contracts[0].workload.as_str()), (1, "demo/greeter"));
    drop(greeter);
    assert!(matches!(impostor.hear().await.unwrap(), Told::Admitted(_)));
    let status = mesh.status().await;
    assert_eq!(instance(&status, "i").state(), State::Ready);
    let kinds: Vec<_> = status.audit.iter().map(|event| event.kind.as_str()).collect();
    assert!(kinds.contains(&"REGISTRATION_REFUSED") && kinds.contains(&"INSTANCE_LEFT"), "{kinds:?}");
}

#[tokio::test]
async fn a_consumer_that_came_first_sees_the_provider_come_and_go() {
    let mesh = Mesh::new().await;
    let client = mesh.workload("demo/client").await;
    let workload = "demo/client".parse().unwrap();
    let control = client.clone();
    let ads =
        AdsClient::spawn(move || control.ads(), Node::treaty(&workload, "c".to_owned(), Locality::default()));
    let mut view = ads.watch_service(GREETER);
    let mut instance = Instance::open(&client, consumer("c")).await;
    assert!(matches!(instance.hear().await.unwrap(), Told::Admitted(_)));
    let greeter = mesh.workload("demo/greeter").await;
    let mut provider = Instance::open(&greeter, provider("g", 1)).await;
    provider.hear().await.unwrap();
    provider.ready().await;
    let endpoints = |view: &Option<std::sync::Arc<resource::ServiceView>>| {
        let clusters = view.iter().flat_map(|view| view.clusters.values());
        clusters.flat_map(|(_, set)| set.endpoints.clone()).count()
    };
    view.wait_for(|view| endpoints(view) == 1).await.unwrap();
    let status = mesh.until(|status| status.ads_clients.iter().any(|client| client.types.len() == 4)).await;
    assert_eq!(status.ads_clients[0].workload, "demo/client");
    drop(provider);
    view.wait_for(|view| view.is_some() && endpoints(view) == 0).await.unwrap();
}

#[tokio::test]
async fn contracts_are_shown_to_whom_they_concern() {
    let mesh = Mesh::new().await;
    let greeter = mesh.workload("demo/greeter").await;
    let mut provider = Instance::open(&greeter, provider("g", 1)).await;
    provider.hear().await.unwrap();
    let digest = Digest::of(&super::greeter()).to_string();
    let fetch = || FetchDescriptorSetRequest { digest: digest.clone() };
    for (workload, sees) in [("treaty/gateway", 1), ("demo/stranger", 0)] {
        let control = mesh.workload(workload).await;
        let mut contracts =
            control.registry().watch_contracts(WatchContractsRequest {}).await.unwrap().into_inner();
        let first = contracts.message().await.unwrap().unwrap();
        assert_eq!(first.contracts.len(), sees, "{workload}");
        match control.registry().fetch_descriptor_set(fetch()).await {
            Ok(set) => assert_eq!(set.into_inner().descriptor_set.unwrap().bytes, super::greeter()),
            Err(status) => assert_eq!((status.code(), sees), (Code::NotFound, 0)),
        }
    }
}

#[tokio::test]
async fn streams_that_make_no_sense_are_ended() {
    let mesh = Mesh::new().await;
    let control = mesh.workload("demo/greeter").await;
    let mut nameless = Instance::open(&control, provider("", 1)).await;
    assert_eq!(nameless.hear().await.unwrap_err().code(), Code::InvalidArgument);
    let mut pushy = Instance::open(&control, consumer("c")).await;
    let digest = Digest::of(&greeter()).to_string();
    pushy.say(Said::DescriptorSet(DescriptorSet { digest, bytes: greeter() })).await;
    assert!(matches!(pushy.hear().await.unwrap(), Told::Admitted(_)));
    assert_eq!(pushy.hear().await.unwrap_err().code(), Code::InvalidArgument);
    let mut liar = Instance::open(&control, provider("l", 1)).await;
    let digest = Digest::of(&greeter()).to_string();
    let Told::Wanted(_) = liar.told.message().await.unwrap().unwrap().event.unwrap() else { panic!() };
    liar.say(Said::DescriptorSet(DescriptorSet { digest, bytes: b"other".to_vec() })).await;
    let Told::Refused(refused) = liar.hear().await.unwrap() else { panic!() };
    assert_eq!(refused.refusals[0].reason, "DESCRIPTOR_SET_MISMATCH");
    let mut twin = Instance::open(&control, consumer("c")).await;
    twin.hear().await.unwrap();
    let mut again = Instance::open(&control, consumer("c")).await;
    again.hear().await.unwrap();
    assert_eq!(twin.hear().await.unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn a_state_of_more_than_four_mebibytes_is_still_told() {
    let mesh = Mesh::new().await;
    let client = mesh.workload("demo/client").await;
    let consumes: Vec<_> = (0..256)
        .map(|n| ContractRef { service: format!("{n:0>250}"), digest: String::new(), methods: Vec::new() })
        .collect();
    let mut instances = Vec::new();
    for n in 0..75 {
        let registration = Registration { consumes: consumes.clone(), ..consumer(&format!("c{n}")) };
        let mut instance = Instance::open(&client, registration).await;
        assert!(matches!(instance.hear().await.unwrap(), Told::Admitted(_)));
        instances.push(instance);
    }
    let status = mesh.status().await;
    assert_eq!(status.instances.len(), 75);
    let names: usize = status.instances.iter().flat_map(|instance| &instance.consumes).map(String::len).sum();
    assert!(names > 4 * 1024 * 1024, "{names}");
}

#[tokio::test]
async fn sets_that_come_one_after_the_other_or_twice_are_no_fault() {
    let mesh = Mesh::new().await;
    let (control, other) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let source = testkit::GREETER.replace("demo.v1", "other.v1");
    let other_set = testkit::descriptor_set(&[("other/v1/greeter.proto", &source)]);
    let sets = [greeter(), other_set].map(|bytes| (Digest::of(&bytes).to_string(), bytes));
    let mut registration = provider("g", 1);
    registration.consumes = vec![ContractRef {
        service: "other.v1.Greeter".to_owned(),
        digest: sets[1].0.clone(),
        methods: Vec::new(),
    }];
    let upload = async |instance: &Instance, digest: &String| {
        let (digest, bytes) = sets.iter().find(|(known, _)| known == digest).unwrap().clone();
        instance.say(Said::DescriptorSet(DescriptorSet { digest, bytes })).await;
    };
    let wanted = async |instance: &mut Instance| match instance.hear_any().await {
        Told::Wanted(wanted) => wanted.digests.into_iter().collect::<BTreeSet<_>>(),
        other => panic!("{other:?}"),
    };
    let mut greeter = Instance::open(&control, registration.clone()).await;
    assert_eq!(wanted(&mut greeter).await, sets.clone().map(|(digest, _)| digest).into());
    let consuming = Registration { serves: Vec::new(), address: String::new(), ..registration };
    let mut client = Instance::open(&other, consuming).await;
    assert_eq!(wanted(&mut client).await, [sets[1].0.clone()].into(), "it is asked for by both");
    for _ in 0..2 {
        upload(&client, &sets[1].0).await;
    }
    assert!(matches!(client.hear_any().await, Told::Admitted(_)));
    // It comes late and in vain; and is not asked for again while it is under way.
    for (digest, _) in sets.iter().rev() {
        upload(&greeter, digest).await;
    }
    assert!(matches!(greeter.hear_any().await, Told::Admitted(_)));
    // The streams are as good as before.
    greeter.ready().await;
    client.ready().await;
    let ready = |status: &MeshStatus| {
        status.instances.iter().filter(|known| known.state() == State::Ready).count() == 2
    };
    mesh.until(ready).await;
}
