//! Whatever happens to a mesh, and in whatever order: its data planes end up with what is published.

use crate::fixture::{CATALOG, Mesh, Pair, STOCK};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Place(u16),
    Displace(u16),
    Move(usize),
    Withdraw,
    Restore,
    Show(bool),
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (4000..4004_u16).prop_map(Step::Place),
        (4000..4004_u16).prop_map(Step::Displace),
        (0..2_usize).prop_map(Step::Move),
        Just(Step::Withdraw),
        Just(Step::Restore),
        any::<bool>().prop_map(Step::Show),
        Just(Step::Reconnect),
    ]
}

fn change(mesh: &mut Mesh, step: &Step) {
    match step {
        Step::Place(port) if mesh.world.services.contains_key(CATALOG) => mesh.place(CATALOG, *port),
        Step::Displace(port) => mesh.displace(*port),
        Step::Move(to) => {
            let provider = ["shop/catalog", "shop/books"][*to];
            if let Some(served) = mesh.world.services.get_mut(CATALOG) {
                served.provider = provider.parse().unwrap();
            }
        }
        Step::Withdraw => drop(mesh.world.services.remove(CATALOG)),
        Step::Restore => {
            let served = Mesh::new().world.services.remove(CATALOG).unwrap();
            mesh.world.services.entry(CATALOG.to_owned()).or_insert(served);
        }
        Step::Show(true) => mesh.see("shop/orders", CATALOG),
        Step::Show(false) => {
            for visible in mesh.visible.values_mut() {
                visible.services.remove(CATALOG);
            }
        }
        Step::Place(_) | Step::Reconnect => {}
    }
}

proptest! {
    #[test]
    fn a_consumer_has_what_is_published_after_every_step(steps in prop::collection::vec(step(), 0..25)) {
        let mut mesh = Mesh::new();
        mesh.place(STOCK, 4100);
        let mut pair = Pair::connect(&mesh, "shop/orders", &[CATALOG, STOCK], &[]);
        for step in steps {
            let before = pair.views.len();
            change(&mut mesh, &step);
            match step {
                Step::Reconnect => pair.reconnect(&mesh),
                _ => pair.publish(&mesh),
            }
            let visible = mesh.visible[&"shop/orders".parse().unwrap()].services.contains(CATALOG);
            let expected = mesh.publish().snapshot.view(CATALOG).filter(|_| visible);
            let actual = pair.view(CATALOG);
            prop_assert_eq!(actual.as_deref(), expected.as_ref());
            // One step is one change at most: nothing in between is ever seen.
            prop_assert!(pair.views.len() <= before + 1);
        }
    }
}
