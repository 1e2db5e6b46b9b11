//! Control plane and data plane stepped together.

mod convergence;
mod sockets;

use crate::{
    Decoded, Invalid,
    fixture::{CATALOG, Mesh, Pair, STOCK, listener_name},
};
use resource::Kind;

#[test]
fn a_consumer_follows_its_provider_from_nothing_to_nothing() {
    let mut mesh = Mesh::new();
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG], &[]);
    // The contract is known, and nobody serves it: a complete view without endpoints.
    assert_eq!(pair.ports(CATALOG), Some(vec![]));
    assert_eq!(
        pair.said(),
        [
            "LDS treaty.v1.Registry",
            "RDS treaty.v1.Registry",
            "CDS treaty.v1.Registry@shop/catalog",
            "EDS treaty.v1.Registry@shop/catalog",
        ]
    );

    mesh.place(CATALOG, 4001);
    mesh.place(CATALOG, 4002);
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001, 4002]));
    assert_eq!(pair.said(), ["EDS treaty.v1.Registry@shop/catalog"]);

    mesh.displace(4001);
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4002]));

    // The same once more: nothing to say.
    pair.said();
    pair.publish(&mesh);
    assert_eq!(pair.said(), [""; 0]);

    let served = mesh.world.services.remove(CATALOG).unwrap();
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), None);

    mesh.world.services.insert(CATALOG.to_owned(), served);
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4002]));
}

#[test]
fn a_provider_enforces_the_new_rule_as_soon_as_it_is_published() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    mesh.allow(CATALOG, "shop/orders");
    let mut pair = Pair::connect(&mesh, "shop/catalog", &[], &[listener_name(4001)]);
    mesh.allow(CATALOG, "shop/returns");
    pair.publish(&mesh);
    let rules: Vec<String> = pair
        .listeners
        .iter()
        .map(|listener| listener.as_ref().unwrap().guards.values().next().unwrap().allow.value[0].to_string())
        .collect();
    assert_eq!(rules, ["shop/orders", "shop/returns"]);
    mesh.displace(4001);
    pair.publish(&mesh);
    assert_eq!(pair.listeners.last(), Some(&None));
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason_and_the_last_good_stays() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG], &[]);
    let good = pair.type_state(Kind::Endpoints);
    assert_eq!(good.acked_version, good.sent_version);

    pair.spoil = |decoded: Decoded| {
        let resources = decoded.resources.into_iter().map(|resource| {
            let name = resource?.name().to_owned();
            Err(Invalid { name, reason: "`endpoint.address` is `localhost`: an IP is needed".to_owned() })
        });
        Decoded { resources: resources.collect(), ..decoded }
    };
    mesh.place(CATALOG, 4002);
    pair.publish(&mesh);
    let state = pair.type_state(Kind::Endpoints);
    assert_eq!(
        state.nack.as_deref(),
        Some("`treaty.v1.Registry@shop/catalog`: `endpoint.address` is `localhost`: an IP is needed")
    );
    assert_eq!(state.acked_version, good.acked_version);
    assert_ne!(state.sent_version, good.acked_version);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001]));

    // Not sent again until it changes …
    pair.said();
    pair.publish(&mesh);
    assert_eq!(pair.said(), [""; 0]);
    // … and accepted then.
    pair.spoil = |decoded| decoded;
    mesh.place(CATALOG, 4003);
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001, 4002, 4003]));
    assert_eq!(pair.type_state(Kind::Endpoints).nack, None);
}

#[test]
fn a_refused_listener_is_not_a_withdrawn_one() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let mut pair = Pair::connect(&mesh, "shop/catalog", &[], &[listener_name(4001)]);
    pair.spoil = |decoded: Decoded| {
        let refuse = |resource: Result<resource::Resource, Invalid>| {
            resource.and_then(|r| Err(Invalid { name: r.name().to_owned(), reason: "broken".to_owned() }))
        };
        Decoded { resources: decoded.resources.into_iter().map(refuse).collect(), ..decoded }
    };
    mesh.allow(CATALOG, "shop/returns");
    pair.publish(&mesh);
    assert_eq!(pair.listeners.len(), 1);
    assert!(pair.type_state(Kind::Listener).nack.is_some());
}

#[test]
fn a_service_that_moves_to_another_provider_is_never_without_a_view() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG], &[]);
    pair.views.clear();
    pair.said();
    mesh.world.services.get_mut(CATALOG).unwrap().provider = "shop/books".parse().unwrap();
    mesh.place(CATALOG, 5001);
    pair.publish(&mesh);
    assert_eq!(
        pair.said(),
        [
            "RDS treaty.v1.Registry",
            "CDS treaty.v1.Registry@shop/books treaty.v1.Registry@shop/catalog",
            "EDS treaty.v1.Registry@shop/books",
        ]
    );
    let ports: Vec<_> = pair.views.iter().map(|(_, view)| view.is_some()).collect();
    assert_eq!(ports, [true], "one step from the old view to the new one");
    assert_eq!(pair.ports(CATALOG), Some(vec![5001]));
}

#[test]
fn a_reconnect_to_an_unchanged_mesh_changes_nothing_and_to_a_changed_one_only_what_changed() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG], &[]);
    pair.views.clear();
    pair.reconnect(&mesh);
    assert_eq!(pair.views, []);
    mesh.place(CATALOG, 4002);
    pair.reconnect(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001, 4002]));
    assert_eq!(pair.views.len(), 1);
}

#[test]
fn a_control_plane_that_does_not_know_a_workload_yet_withdraws_nothing_from_it() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG], &[]);
    let mut fresh = Mesh::new();
    fresh.visible.clear();
    pair.said();
    pair.reconnect(&fresh);
    assert_eq!(pair.said(), [""; 0]);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001]));
    mesh.place(CATALOG, 4002);
    pair.publish(&mesh);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001, 4002]));
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    mesh.place(STOCK, 4100);
    let pair = Pair::connect(&mesh, "shop/orders", &[CATALOG, STOCK], &[listener_name(4001)]);
    assert_eq!(pair.ports(CATALOG), Some(vec![4001]));
    assert_eq!(pair.ports(STOCK), None);
    assert!(pair.listeners.is_empty());
}

#[test]
fn what_becomes_visible_or_exists_later_arrives_later() {
    let mut mesh = Mesh::new();
    let stock = mesh.world.services.remove(STOCK).unwrap();
    let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG, STOCK], &[]);
    assert_eq!(pair.ports(STOCK), None);
    mesh.see("shop/orders", STOCK);
    pair.publish(&mesh);
    assert_eq!(pair.ports(STOCK), None);
    mesh.world.services.insert(STOCK.to_owned(), stock);
    mesh.place(STOCK, 4100);
    pair.publish(&mesh);
    assert_eq!(pair.ports(STOCK), Some(vec![4100]));
}
