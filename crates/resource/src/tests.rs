use crate::{
    ClusterName, Instance, Kind, Locality, Resource, Served, ServerListener, Snapshot, Version, World,
    compile,
};
use contract::{Contract, MethodPath, Origin, compile::descriptor_set};
use proptest::{prelude::*, sample::subsequence};
use std::path::Path;

const CATALOG: &str = "shop.v1.Catalog";
const ORDERS: &str = "shop.v1.Orders";

/// The services of testdata/shop.proto, each with its provider.
fn services() -> impl Iterator<Item = (String, Served)> {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let contract = Contract::read(descriptor_set(&[testdata], &["shop.proto"]).unwrap()).unwrap();
    contract.services.into_iter().map(|service| {
        let provider = if service.name == CATALOG { "shop/catalog" } else { "shop/orders" };
        (service.name.clone(), Served { service, provider: provider.parse().unwrap() })
    })
}

fn instance(workload: &str, name: &str, address: &str, zone: &str, serves: &[&str], ready: bool) -> Instance {
    Instance {
        workload: workload.parse().unwrap(),
        name: name.to_owned(),
        address: address.parse().unwrap(),
        locality: Locality { region: "eu".to_owned(), zone: zone.to_owned() },
        serves: serves.iter().map(ToString::to_string).collect(),
        ready,
    }
}

fn shop() -> World {
    World {
        trust_domain: "treaty.local".parse().unwrap(),
        services: services().collect(),
        instances: vec![
            instance("shop/catalog", "b", "127.0.0.1:4002", "b", &[CATALOG], true),
            instance("shop/catalog", "a", "127.0.0.1:4001", "a", &[CATALOG], true),
            instance("shop/catalog", "c", "127.0.0.1:4003", "a", &[CATALOG], false),
            // Says that it serves what another workload provides: neither endpoint nor guard of it.
            instance("shop/thief", "t", "127.0.0.1:6666", "a", &[CATALOG], true),
            instance("shop/consumer", "x", "127.0.0.1:7777", "a", &[], true),
        ],
    }
}

#[test]
fn a_small_shop() {
    insta::assert_json_snapshot!(compile(&shop()));
}

#[test]
fn the_gateway_is_among_the_allowed_of_public_methods_and_of_no_others() {
    let snapshot = compile(&shop());
    let guards =
        &snapshot.server_listeners[&ServerListener::name_for("127.0.0.1:4001".parse().unwrap())].guards;
    let guard = &guards[&MethodPath::new(CATALOG, "GetProduct")];
    let allowed: Vec<String> = guard.allow.value.iter().map(ToString::to_string).collect();
    assert_eq!(allowed, ["shop/orders", "treaty/gateway"]);
    assert_eq!(guard.allow.origin, Origin::from("shop.proto:11:5".to_owned()));
    assert_eq!(guards[&MethodPath::new(CATALOG, "WatchProducts")].allow.value.len(), 1);

    let mut world = shop();
    world.instances.push(instance("shop/orders", "o", "127.0.0.1:5000", "a", &[ORDERS], false));
    let snapshot = compile(&world);
    let guards =
        &snapshot.server_listeners[&ServerListener::name_for("127.0.0.1:5000".parse().unwrap())].guards;
    assert_eq!(guards[&MethodPath::new(ORDERS, "PlaceOrder")].allow.value, []);
}

#[test]
fn a_listener_for_every_instance_that_serves_an_endpoint_for_the_ready_ones_only() {
    let snapshot = compile(&shop());
    let listeners: Vec<u16> = snapshot.server_listeners.values().map(|l| l.address.port()).collect();
    assert_eq!(listeners, [4001, 4002, 4003]);
    let cluster = ClusterName::of(CATALOG, &"shop/catalog".parse().unwrap());
    let ports: Vec<u16> = snapshot.endpoints[&cluster].endpoints.iter().map(|e| e.address.port()).collect();
    assert_eq!(ports, [4001, 4002]);
}

#[test]
fn a_service_that_nobody_serves_now_has_a_cluster_without_endpoints() {
    let view = compile(&shop()).view(ORDERS).unwrap();
    let (cluster, endpoints) = view.clusters.values().next().unwrap();
    assert_eq!(cluster.identity.to_string(), "spiffe://treaty.local/ns/shop/sa/orders");
    assert_eq!(endpoints.endpoints, []);
}

#[test]
fn an_address_is_one_endpoint_however_many_leases_claim_it() {
    let mut world = shop();
    world.instances.push(instance(
        "shop/catalog",
        "a-before-its-crash",
        "127.0.0.1:4001",
        "b",
        &[CATALOG],
        true,
    ));
    let snapshot = compile(&world);
    let cluster = ClusterName::of(CATALOG, &"shop/catalog".parse().unwrap());
    assert_eq!(snapshot.endpoints[&cluster].endpoints.len(), 2);
}

#[test]
fn a_version_says_whether_the_content_is_the_same() {
    let (before, mut world) = (compile(&shop()), shop());
    world.instances.retain(|instance| instance.name != "b");
    let after = compile(&world);
    assert_eq!(before.version(Kind::Routes), after.version(Kind::Routes));
    assert_eq!(before.version(Kind::Cluster), after.version(Kind::Cluster));
    assert_ne!(before.version(Kind::Endpoints), after.version(Kind::Endpoints));
    assert_ne!(before.version(Kind::Listener), after.version(Kind::Listener));
    assert_eq!(before.version(Kind::Cluster).as_str().len(), 16);
    assert_ne!(Version::of([]), Version::of(before.resources(Kind::Routes).values()));
}

#[test]
fn resources_know_their_type_and_name() {
    let snapshot = compile(&shop());
    for kind in Kind::ALL {
        for (name, resource) in snapshot.resources(kind) {
            assert_eq!((resource.kind(), resource.name()), (kind, name.as_str()));
        }
    }
    assert!(matches!(snapshot.resources(Kind::Listener)[CATALOG], Resource::ClientListener(_)));
}

#[test]
fn a_snapshot_survives_serde() {
    let snapshot = compile(&shop());
    let json = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&json).unwrap(), snapshot);
}

/// Instances that clash in every way: names, addresses, localities, what they serve.
fn any_instance() -> impl Strategy<Value = Instance> {
    (
        0..3_usize,
        0..2_usize,
        4000..4004_u16,
        0..2_usize,
        subsequence(vec![CATALOG, ORDERS], 0..=2),
        any::<bool>(),
    )
        .prop_map(|(workload, name, port, zone, serves, ready)| {
            let workload = ["shop/catalog", "shop/orders", "shop/other"][workload];
            instance(
                workload,
                ["x", "y"][name],
                &format!("10.0.0.1:{port}"),
                ["a", "b"][zone],
                &serves,
                ready,
            )
        })
}

proptest! {
    #[test]
    fn the_order_of_the_instances_does_not_matter(
        (instances, shuffled) in prop::collection::vec(any_instance(), 0..8)
            .prop_flat_map(|instances| (Just(instances.clone()), Just(instances).prop_shuffle())),
    ) {
        let one = compile(&World { instances, ..shop() });
        let other = compile(&World { instances: shuffled, ..shop() });
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        for kind in Kind::ALL {
            prop_assert_eq!(one.version(kind), other.version(kind));
        }
    }

    #[test]
    fn every_cluster_that_a_route_names_exists_with_its_endpoints(
        instances in prop::collection::vec(any_instance(), 0..8),
    ) {
        let snapshot = compile(&World { instances, ..shop() });
        for service in snapshot.client_listeners.keys() {
            prop_assert!(snapshot.view(service).is_some());
        }
        for set in snapshot.endpoints.values() {
            let mut addresses: Vec<_> = set.endpoints.iter().map(|endpoint| endpoint.address).collect();
            addresses.sort_unstable();
            addresses.dedup();
            prop_assert_eq!(addresses.len(), set.endpoints.len());
        }
    }
}
