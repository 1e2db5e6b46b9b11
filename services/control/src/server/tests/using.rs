//! Who calls what, from a stream to the store and back.

use super::*;
use contracts::treaty::v1::{
    ConsumedMethod, JudgeContractRequest, ListConsumersRequest, MethodUse, Peaks, UsageReport,
};
use tonic::Code;

fn used(method: &str, calls: u64, written: &[&str]) -> Said {
    let written = written.iter().map(|path| (*path).to_owned()).collect();
    let method = format!("{GREETER}/{method}");
    let peaks = Peaks {
        request_bytes: 70,
        time: Some(Duration::from_millis(7).try_into().unwrap()),
        ..Peaks::default()
    };
    let one =
        MethodUse { method, digest: Digest::of(&greeter()).to_string(), calls, written, peaks: Some(peaks) };
    let over = Some(Duration::from_secs(1).try_into().unwrap());
    Said::Usage(UsageReport { uses: vec![one], over })
}

/// What `workload` is known to call, once it fits.
async fn known(
    admin: &ControlPlane,
    workload: &str,
    fits: impl Fn(&[ConsumedMethod]) -> bool,
) -> Vec<ConsumedMethod> {
    loop {
        let request = ListConsumersRequest { service: GREETER.to_owned(), method: String::new() };
        let answer = admin.admin().list_consumers(request).await.unwrap().into_inner();
        let consumer = answer.consumers.into_iter().find(|consumer| consumer.workload == workload);
        let methods = consumer.map(|consumer| consumer.methods).unwrap_or_default();
        if fits(&methods) {
            return methods;
        }
    }
}

#[tokio::test]
async fn what_is_reported_is_known_and_remembered() {
    let mut mesh = Mesh::new().await;
    let (server, client) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let gateway = mesh.workload("treaty/gateway").await;
    let mut provider = Instance::open(&server, provider("g", 1)).await;
    provider.hear().await.unwrap();
    let mut consumer = Instance::open(&client, consumer("c")).await;
    consumer.hear().await.unwrap();
    consumer.say(used("SayHello", 2, &["1"])).await;
    // The second report adds to the first; what the contract does not have is not kept.
    consumer.say(used("NoSuchMethod", 3, &[])).await;
    consumer.say(used("SayHello", 3, &["77", "1.1"])).await;
    let outside = Registration { instance: "o".to_owned(), ..Registration::default() };
    let mut outside = Instance::open(&gateway, outside).await;
    outside.hear().await.unwrap();
    outside.say(used("SayHello", 7, &["1"])).await;
    let five =
        known(&mesh.admin, "demo/client", |methods| methods.iter().any(|method| method.calls == 5)).await;
    assert!(five.iter().all(|method| method.method != "NoSuchMethod"), "{five:?}");
    assert_eq!(
        (five[0].method.as_str(), five[0].in_use, &five[0].written),
        ("SayHello", true, &vec!["1".to_owned()])
    );
    known(&mesh.admin, "treaty/gateway", |methods| methods.iter().any(|method| method.calls == 7)).await;

    drop((provider, consumer, outside));
    mesh.running.stop().await;
    mesh.running = Running::start(config(mesh.directory.path())).await;
    let token = mesh.directory.path().join("admin.token");
    let admin =
        control(mesh.running.address, join(mesh.running.address, mesh.directory.path(), &token).await);
    let after = known(&admin, "demo/client", |methods| !methods.is_empty()).await;
    assert_eq!((after[0].calls, after[0].last_used_time), (5, five[0].last_used_time));
    assert_eq!(after[0].rates.map(|rates| rates.per_day), Some(5));
    let peaks = after[0].peaks.unwrap();
    assert_eq!((peaks.request_bytes, peaks.response_bytes, after[0].peaks), (70, 0, five[0].peaks));
}

#[tokio::test]
async fn a_report_counts_for_what_its_sender_consumes_and_garbage_ends_the_stream() {
    let mesh = Mesh::new().await;
    let server = mesh.workload("demo/greeter").await;
    let stranger = mesh.workload("demo/stranger").await;
    let mut provider = Instance::open(&server, provider("g", 1)).await;
    provider.hear().await.unwrap();
    let nothing = |instance: &str| Registration { instance: instance.to_owned(), ..Registration::default() };
    let mut liar = Instance::open(&stranger, nothing("l")).await;
    liar.hear().await.unwrap();
    liar.say(used("SayHello", 2, &["1"])).await;
    // What comes behind it is heard, so that was heard too.
    liar.ready().await;
    mesh.until(|status| status.instances.iter().any(|one| one.instance == "l" && one.state == 3)).await;
    assert!(known(&mesh.admin, "demo/stranger", |_| true).await.is_empty());

    liar.say(used("SayHello", 2, &["a value"])).await;
    let status = liar.told.message().await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("usage.written"), "{status}");
}

/// What `instance` says of a set that is not the greeter's.
fn by(registration: Registration, set: &[u8]) -> Registration {
    let digest = Digest::of(set).to_string();
    let mut registration = registration;
    let refs = registration.serves.iter_mut().chain(&mut registration.consumes);
    refs.for_each(|one| one.digest.clone_from(&digest));
    registration
}

/// A field that is sensitive by now was none when it was told of.
#[tokio::test]
async fn paths_to_what_became_sensitive_are_forgotten_in_the_store_too() {
    let mesh = Mesh::new().await;
    let (server, client) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let mut old = Instance::open(&server, provider("old", 1)).await;
    old.hear().await.unwrap();
    let mut consumer = Instance::open(&client, by(consumer("c"), &greeter())).await;
    consumer.hear().await.unwrap();
    consumer.say(used("SayHello", 2, &["1"])).await;
    known(&mesh.admin, "demo/client", |methods| methods.iter().any(|method| method.written == ["1"])).await;
    let source = testkit::GREETER.replace("string name = 1;", "string name = 1 [debug_redact = true];");
    let masked = testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]);
    let mut new = Instance::open(&server, by(provider("new", 2), &masked)).await;
    assert!(matches!(new.hear_with(&masked).await.unwrap(), Told::Admitted(_)));
    let after = known(&mesh.admin, "demo/client", |methods| methods[0].written.is_empty()).await;
    assert_eq!(after[0].calls, 2, "nothing else is forgotten");

    drop((old, consumer, new));
    mesh.running.stop().await;
    let store = crate::ca::tests::store(mesh.directory.path());
    let (uses, _) = store.usage().unwrap();
    let kept = uses.iter().flat_map(|(_, record)| record.methods.values());
    assert_eq!(kept.map(|called| (called.calls, called.written.len())).collect::<Vec<_>>(), [(2, 0)]);
}

/// From a report to what Prometheus sees.
#[tokio::test]
async fn calls_of_deprecated_methods_are_shown_to_prometheus() {
    let directory = TempDir::new().unwrap();
    let metrics = Some("127.0.0.1:0".parse().unwrap());
    let running = Running::start(Config { metrics, ..config(directory.path()) }).await;
    let token = directory.path().join("admin.token");
    let admin = control(running.address, join(running.address, directory.path(), &token).await);
    let mesh = Mesh { directory, running, admin };
    let (server, client) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let option = "option idempotency_level";
    let source = testkit::GREETER.replacen(option, &format!("option deprecated = true; {option}"), 1);
    let old = testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]);
    let mut serving = Instance::open(&server, by(provider("g", 1), &old)).await;
    assert!(matches!(serving.hear_with(&old).await.unwrap(), Told::Admitted(_)));
    let mut calling = Instance::open(&client, by(consumer("c"), &old)).await;
    calling.hear_with(&old).await.unwrap();
    calling.say(used("SayHello", 2, &[])).await;
    calling.say(used("SayHello", 3, &[])).await;
    known(&mesh.admin, "demo/client", |methods| methods.iter().any(|method| method.calls == 5)).await;

    let address = fs::read_to_string(mesh.directory.path().join("metrics-address")).unwrap();
    let text = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address.trim()).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    let text = text.await.unwrap();
    let line =
        "treaty_deprecated_method_calls_total{caller=\"demo/client\",method=\"demo.v1.Greeter/SayHello\"} 5";
    assert!(text.contains(line), "{text}");
}

/// A consumer that was built for a lower limit, and takes more of the version that is there.
#[tokio::test]
async fn a_limit_below_use_is_said_before_it_is_deployed_and_when_it_is() {
    let mesh = Mesh::new().await;
    let (server, client) = (mesh.workload("demo/greeter").await, mesh.workload("demo/client").await);
    let source = testkit::GREETER.replace("owner:", "defaults: { max_request_bytes: 60 } owner:");
    let small = testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]);
    let mut old = Instance::open(&server, provider("old", 1)).await;
    old.hear().await.unwrap();
    let mut rebuilt = Instance::open(&client, by(consumer("c"), &small)).await;
    assert!(matches!(rebuilt.hear_with(&small).await.unwrap(), Told::Admitted(_)));
    rebuilt.say(used("SayHello", 2, &["1"])).await;
    known(&mesh.admin, "demo/client", |methods| methods.iter().any(|method| method.calls == 2)).await;

    let request = JudgeContractRequest { descriptor_set: small.clone(), workload: String::new() };
    let judged = mesh.admin.admin().judge_contract(request).await.unwrap().into_inner();
    let [before] = judged.refusals.as_slice() else { panic!("{judged:?}") };
    let mut new = Instance::open(&server, by(provider("new", 2), &small)).await;
    let Told::Refused(refused) = new.hear_with(&small).await.unwrap() else { panic!() };
    assert_eq!(&refused.refusals, std::slice::from_ref(before));
    assert!(before.message.ends_with("; seen: a message of 70 bytes"), "{before:?}");
    drop((old, rebuilt, new));
}
