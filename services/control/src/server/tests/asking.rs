//! What an administrator may ask of admission, over the wire.

use super::*;
use contracts::treaty::v1::{
    JudgeContractRequest, ListConsumersRequest, ReadAdmissionRequest, ReadContractRequest,
};
use tonic::Code;

/// The greeter's contract, which its callers cannot go on with.
fn broken() -> Vec<u8> {
    let source = testkit::GREETER.replace("string message = 1", "int64 message = 1");
    testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)])
}

fn viewer(instance: &str) -> Registration {
    let mut registration = consumer(instance);
    registration.consumes[0].digest = Digest::of(&greeter()).to_string();
    registration
}

#[tokio::test]
async fn what_is_served_who_consumes_it_and_what_would_become_of_a_change() {
    let mesh = Mesh::new().await;
    let (greeter, client) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let mut serving = Instance::open(&greeter, provider("g", 1)).await;
    assert!(matches!(serving.hear().await.unwrap(), Told::Admitted(_)));
    let mut calling = Instance::open(&client, viewer("c")).await;
    let Told::Admitted(admitted) = calling.hear().await.unwrap() else { panic!() };
    assert!(admitted.warnings.is_empty(), "it was asked for its view");
    let mut blind = Instance::open(&client, consumer("b")).await;
    let Told::Admitted(admitted) = blind.hear().await.unwrap() else { panic!() };
    assert_eq!(admitted.warnings[0].reason, "CONSUMER_VIEW_MISSING");

    let mut admin = mesh.admin.admin();
    let service = GREETER.to_owned();
    let contract = admin.read_contract(ReadContractRequest { service: service.clone() }).await.unwrap();
    let version = &contract.get_ref().versions[0];
    assert_eq!(
        (version.workload.as_str(), version.labels.as_slice()),
        ("demo/greeter", &["1".to_owned()][..])
    );
    assert_eq!(version.descriptor_set.as_ref().unwrap().bytes, super::greeter());

    let request = ListConsumersRequest { service: service.clone(), method: String::new() };
    let consumers = admin.list_consumers(request).await.unwrap().into_inner().consumers;
    assert_eq!(consumers.len(), 1);
    assert_eq!((consumers[0].workload.as_str(), consumers[0].live), ("demo/client", true));
    assert_eq!(consumers[0].digests, [Digest::of(&super::greeter()).to_string()]);
    assert!(consumers[0].methods[0].in_use, "{consumers:?}");

    let judge = |descriptor_set, workload: &str| JudgeContractRequest {
        descriptor_set,
        workload: workload.to_owned(),
    };
    let same = admin.judge_contract(judge(super::greeter(), "")).await.unwrap().into_inner();
    assert!(same.refusals.is_empty() && same.warnings.is_empty(), "{same:?}");
    let other = admin.judge_contract(judge(broken(), "")).await.unwrap().into_inner();
    assert_eq!(other.consumers, ["demo/client"]);
    let refusal = &other.refusals[0];
    let breakage = refusal.breakage.as_ref().unwrap();
    assert_eq!((refusal.reason.as_str(), breakage.consumer.as_str()), ("CONTRACT_BREAKS", "demo/client"));
    assert!(!breakage.example.as_ref().unwrap().bytes.is_empty());
    let elsewhere = admin.judge_contract(judge(broken(), "staging/greeter")).await.unwrap().into_inner();
    assert!(elsewhere.refusals.is_empty(), "nobody calls it there");
    let junk = admin.judge_contract(judge(b"junk".to_vec(), "")).await.unwrap().into_inner();
    assert_eq!(junk.refusals[0].reason, "DESCRIPTOR_SET_UNSOUND");

    let admission = |workload: &str| ReadAdmissionRequest { workload: workload.to_owned() };
    let told = admin.read_admission(admission("demo/client")).await.unwrap().into_inner().instances;
    assert_eq!((told.len(), told[0].instance.as_str(), told[0].warnings.len()), (2, "b", 1));
    for status in [
        admin.read_admission(admission("demo/nobody")).await.unwrap_err(),
        admin.read_contract(ReadContractRequest { service: "a.B".to_owned() }).await.unwrap_err(),
        admin
            .list_consumers(ListConsumersRequest { service: "a.B".to_owned(), ..Default::default() })
            .await
            .unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::NotFound, "{status:?}");
    }
    let denied = client.admin().read_admission(admission("demo/client")).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "the administrator alone");
}
