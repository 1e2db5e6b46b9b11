use super::*;
use contracts::treaty::v1::instance_status::State;
use std::future::pending;

async fn failure(config: Config) -> Error {
    super::super::run(config, pending(), |_| panic!("it should not open")).await.unwrap_err()
}

#[tokio::test]
async fn a_restart_relearns_the_living() {
    let Mesh { directory, running, admin } = Mesh::new().await;
    let mesh = Mesh { directory, running, admin };
    let identity = mesh.identity("demo/greeter").await;
    let first = control(mesh.running.address, identity.clone());
    let mut greeter = Instance::open(&first, provider("g", 1)).await;
    greeter.hear().await.unwrap();
    greeter.ready().await;
    mesh.until(|status| instance(status, "g").state() == State::Ready).await;
    let Mesh { directory, running, .. } = mesh;
    running.stop().await;
    greeter.hear().await.unwrap_err();

    let running = Running::start(config(directory.path())).await;
    let token = directory.path().join("admin.token");
    let admin = control(running.address, join(running.address, directory.path(), &token).await);
    let mesh = Mesh { directory, running, admin };
    let status = mesh.status().await;
    assert_eq!(instance(&status, "g").state(), State::Relearning);
    assert_eq!(status.contracts.len(), 1);
    let again = control(mesh.running.address, identity);
    let mut greeter = Instance::open(&again, provider("g", 1)).await;
    let Told::Admitted(_) = greeter.told.message().await.unwrap().unwrap().event.unwrap() else {
        panic!("the set is known")
    };
    assert_eq!(instance(&mesh.status().await, "g").state(), State::Ready);
}

#[tokio::test]
async fn what_cannot_start_says_why_and_what_would_be_right() {
    let directory = TempDir::new().unwrap();
    let running = Running::start(config(directory.path())).await;
    let other = TempDir::new().unwrap();
    let taken = failure(Config { listen: running.address, ..config(other.path()) }).await;
    assert!(taken.to_string().contains("stop what listens there"), "{taken}");
    let locked = failure(config(directory.path())).await;
    assert!(locked.to_string().contains("another control plane"), "{locked}");
    let short = failure(Config { svid_ttl: Duration::from_secs(5), ..config(other.path()) }).await;
    assert!(short.to_string().contains("30s"), "{short}");
    assert!(!other.path().join("store.redb").exists(), "refused without a trace");
    running.stop().await;
    let trust_domain = "other.example".parse().unwrap();
    let foreign = failure(Config { trust_domain, ..config(directory.path()) }).await;
    assert!(foreign.to_string().contains("treaty.local"), "{foreign}");
}
