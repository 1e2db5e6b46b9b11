use super::*;
use contracts::treaty::v1::{IssueEdgeRequest, IssueRequest, RenewRequest};
use identity::{Csr, PrivateKey, TrustBundle, X509Svid};
use tonic::Code;
use tonic_types::StatusExt;

fn csr() -> Vec<u8> {
    Csr::new(&PrivateKey::generate().unwrap()).unwrap().der().to_vec()
}

fn reason(status: &Status) -> String {
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.domain, "treaty");
    info.reason
}

#[tokio::test]
async fn a_token_is_good_for_one_key_of_one_workload() {
    let mesh = Mesh::new().await;
    let (token, key) = (mesh.token("demo/greeter").await, csr());
    let dial = mesh.dial().await;
    let issue = |join_token: &str, csr: &[u8], workload: &str| {
        let mut identity = dial.identity();
        let (join_token, csr, workload) = (join_token.to_owned(), csr.to_vec(), workload.to_owned());
        async move { identity.issue(IssueRequest { join_token, csr, workload }).await }
    };
    let refused = issue(&token, &key, "demo/other").await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Unauthenticated, "TOKEN_FOR_OTHER_WORKLOAD".to_owned())
    );
    let refused = issue(&token, b"no csr", "").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "CSR_INVALID".to_owned()));
    for attempt in ["first", "after the answer was lost"] {
        let svid = issue(&token, &key, "demo/greeter").await.unwrap().into_inner().svid.unwrap();
        assert_eq!(svid.spiffe_id, "spiffe://treaty.local/ns/demo/sa/greeter", "{attempt}");
        let parsed = X509Svid::parse(svid.chain.into_iter().map(Into::into).collect()).unwrap();
        assert_eq!(parsed.id.to_string(), svid.spiffe_id);
    }
    assert_eq!(reason(&issue(&token, &csr(), "").await.unwrap_err()), "TOKEN_USED");
    assert_eq!(reason(&issue("nonsense", &key, "").await.unwrap_err()), "TOKEN_UNKNOWN");
    let status = mesh.status().await;
    let refusals = status.audit.iter().filter(|event| event.kind == "TOKEN_REFUSED").count();
    assert_eq!(refusals, 3);
    assert!(status.audit.iter().all(|event| !event.message.contains(&token)));
}

#[tokio::test]
async fn of_two_who_show_one_token_at_once_one_is_believed() {
    let mesh = Mesh::new().await;
    let token = mesh.token("demo/greeter").await;
    let dial = mesh.dial().await;
    let issue = || {
        let mut identity = dial.identity();
        let request = IssueRequest { join_token: token.clone(), csr: csr(), workload: String::new() };
        async move { identity.issue(request).await.is_ok() }
    };
    let won = tokio::join!(issue(), issue(), issue(), issue());
    assert_eq!([won.0, won.1, won.2, won.3].into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn renewal_is_for_whoever_the_certificate_names() {
    let mesh = Mesh::new().await;
    let greeter = mesh.workload("demo/greeter").await;
    let renewed = greeter.identity().renew(RenewRequest { csr: csr() }).await.unwrap().into_inner();
    assert_eq!(renewed.svid.unwrap().spiffe_id, "spiffe://treaty.local/ns/demo/sa/greeter");
}

#[tokio::test]
async fn the_edge_certificate_is_for_the_gateway_and_for_its_names() {
    let mesh = Mesh::new().await;
    let gateway = mesh.workload("treaty/gateway").await;
    let edge = gateway.identity().issue_edge(IssueEdgeRequest { csr: csr() }).await.unwrap().into_inner();
    assert!(edge.chain[0].windows(9).any(|window| window == b"localhost"));
    let pem = fs::read_to_string(mesh.directory.path().join("edge-ca.pem")).unwrap();
    assert_eq!(identity::pem::parse_certificates(&pem).unwrap()[0].to_vec(), edge.root);
    let other = mesh.workload("demo/greeter").await;
    let denied = other.identity().issue_edge(IssueEdgeRequest { csr: csr() }).await.unwrap_err();
    assert_eq!((denied.code(), reason(&denied)), (Code::PermissionDenied, "CALLER_NOT_ALLOWED".to_owned()));
}

#[tokio::test]
async fn only_the_administrator_administers_and_nobody_becomes_the_control_plane() {
    let mesh = Mesh::new().await;
    let greeter = mesh.workload("demo/greeter").await;
    let denied = greeter.admin().read_status(ReadStatusRequest {}).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    for workload in ["treaty/control", "Demo", ""] {
        let request = CreateJoinTokenRequest { workload: workload.to_owned(), ttl: None };
        let refused = mesh.admin.admin().create_join_token(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{workload}");
    }
    let ttl = prost_types::Duration { seconds: 7 * 24 * 60 * 60, nanos: 0 };
    let request = CreateJoinTokenRequest { workload: "a/b".to_owned(), ttl: Some(ttl) };
    assert_eq!(
        mesh.admin.admin().create_join_token(request).await.unwrap_err().code(),
        Code::InvalidArgument
    );
}

#[tokio::test]
async fn the_directory_holds_what_others_need() {
    let mesh = Mesh::new().await;
    let read = |name: &str| fs::read_to_string(mesh.directory.path().join(name)).unwrap();
    assert_eq!(read("address"), format!("{}\n", mesh.running.address));
    let trust_domain = read("trust-domain").trim_end().parse().unwrap();
    assert_eq!(trust_domain, "treaty.local".parse().unwrap());
    TrustBundle::from_pem(trust_domain, &read("bundle.pem")).unwrap();
    let directory = mesh.directory;
    mesh.running.stop().await;
    for gone in ["address", "admin.token"] {
        assert!(!directory.path().join(gone).exists(), "{gone}");
    }
}

#[tokio::test]
async fn callers_without_a_token_erase_nothing_of_the_audit() {
    let mesh = Mesh::new().await;
    mesh.workload("demo/greeter").await;
    let dial = mesh.dial().await;
    for n in 0..120 {
        let mut identity = dial.identity();
        let request =
            IssueRequest { join_token: format!("nonsense {n}"), csr: Vec::new(), workload: String::new() };
        assert_eq!(reason(&identity.issue(request).await.unwrap_err()), "TOKEN_UNKNOWN");
    }
    let audit = mesh.status().await.audit;
    let count = |kind: &str| audit.iter().filter(|event| event.kind == kind).count();
    assert_eq!(audit.len(), 100);
    let others = ["CONTROL_PLANE_STARTED", "TOKEN_CREATED", "SVID_ISSUED"].map(count);
    assert!(others.iter().all(|count| *count > 0), "{others:?}");
    assert!(audit.iter().any(|event| event.workload == "demo/greeter"));
    assert!(count("TOKEN_REFUSED") > 80);
}

#[tokio::test]
async fn a_refusal_is_in_the_store_when_it_is_answered() {
    let mesh = Mesh::new().await;
    let dial = mesh.dial().await;
    let token = mesh.token("demo/greeter").await;
    let request = IssueRequest { join_token: token, csr: Vec::new(), workload: "demo/other".to_owned() };
    dial.identity().issue(request).await.unwrap_err();
    let Mesh { directory, running, .. } = mesh;
    // As after kill -9: nothing is written any more.
    running.task.abort();
    let copy = TempDir::new().unwrap();
    fs::copy(directory.path().join("store.redb"), copy.path().join("store.redb")).unwrap();
    let database = redb::Database::open(copy.path().join("store.redb")).unwrap();
    let read = redb::ReadableDatabase::begin_read(&database).unwrap();
    let table: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("audit");
    let table = read.open_table(table).unwrap();
    let last = redb::ReadableTable::last(&table).unwrap().unwrap();
    let event = String::from_utf8(last.1.value().to_vec()).unwrap();
    assert!(event.contains("TOKEN_REFUSED") && event.contains("not for demo/other"), "{event}");
}
