//! No kind of work waits for the end, or for the success, of another.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod world;

use contracts::shop::orders::v1::{Order, order::State};
use shop_base::time::Millis;
use std::time::Duration;
use tonic::Status;
use world::{Ask, Fault, Goods, When, World, in_state, request};

/// More than two batches.
const MANY: i32 = 250;

fn tomorrow() -> Millis {
    Millis::now().plus(Duration::from_secs(86_400))
}

fn goods(world: &World, goods: Goods) -> usize {
    world.books.reservations().values().filter(|(found, _)| *found == goods).count()
}

/// A shop with one order and many more behind it.
async fn busy() -> (World, Order) {
    let world = World::new();
    world.books.restock(MANY);
    let order = world.place(request("", 1)).await.unwrap();
    for _ in 0..MANY {
        world.place(request("", 1)).await.unwrap();
    }
    (world, order)
}

#[tokio::test]
async fn one_round_releases_what_is_cancelled_whatever_is_to_be_shipped() {
    let (world, order) = busy().await;
    world.cancel(&order.name).await.unwrap();
    let round = world.keeper().round(tomorrow()).await;
    assert!(round.failed.is_none() && round.more);
    assert_eq!(goods(&world, Goods::Released), 1);
    let shipped = goods(&world, Goods::Committed);
    assert!((1..200).contains(&shipped), "one batch, not all: {shipped}");
    world.keeper().sweep(tomorrow()).await.unwrap();
    assert_eq!(goods(&world, Goods::Committed), usize::try_from(MANY).unwrap());
}

#[tokio::test]
async fn what_is_cancelled_is_released_before_anything_is_shipped() {
    let (world, order) = busy().await;
    world.cancel(&order.name).await.unwrap();
    let gate = world.books.gate(Ask::Commit, When::Before);
    tokio::select! {
        _ = async { world.keeper().sweep(tomorrow()).await } => panic!("shipping does not wait"),
        () = gate.reached.notified() => {}
    }
    assert_eq!(goods(&world, Goods::Released), 1);
}

#[tokio::test]
async fn what_fails_for_one_kind_or_order_is_no_reason_to_skip_the_others() {
    for fails in [Ask::Release, Ask::Commit] {
        let world = World::new();
        let orders = [world.place(request("", 1)).await.unwrap(), world.place(request("", 1)).await.unwrap()];
        for order in orders {
            world.cancel(&order.name).await.unwrap();
        }
        world.place(request("", 1)).await.unwrap();
        world.place(request("", 1)).await.unwrap();
        world.books.fault(fails, When::Before, Fault::Fail(Status::unavailable("cut")));
        world.keeper().sweep(tomorrow()).await.unwrap_err();
        let done = (goods(&world, Goods::Released), goods(&world, Goods::Committed));
        assert_eq!(done, if fails == Ask::Release { (1, 2) } else { (2, 1) });
        world.keeper().sweep(tomorrow()).await.unwrap();
        world.check().await;
    }
}

#[tokio::test]
async fn a_new_process_gives_up_what_the_last_one_left_and_not_what_is_begun_later() {
    let mut world = World::new();
    let gate = world.books.gate(Ask::Hold, When::After);
    tokio::select! {
        placed = world.place(request("", 1)) => panic!("nobody died: {placed:?}"),
        () = gate.reached.notified() => {}
    }
    world.crash();
    // To a process that began an hour ago the order is one of its own.
    world.recover_at(Millis::now().minus(Duration::from_secs(3600))).await;
    assert_eq!(in_state(&world.orders().await, State::Pending), 1);
    world.recover().await;
    world.check().await;
    assert_eq!(in_state(&world.orders().await, State::Cancelled), 1);
}
