//! A crash at any step leaves neither sold-and-not-ordered nor ordered-and-not-held: docs/adr/0010.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod world;

use contracts::shop::orders::v1::order::State;
use shop_base::time::Millis;
use std::time::Duration;
use tonic::{Code, Status};
use world::{Ask, Fault, STOCK, When, World, in_state, request};

/// Places an order whose process dies at this point of its placing.
async fn die_while_placing(world: &mut World, when: When) {
    let gate = world.books.gate(Ask::Hold, when);
    tokio::select! {
        placed = world.place(request("one", 2)) => panic!("nobody died: {placed:?}"),
        () = gate.reached.notified() => {}
    }
    world.crash();
}

#[tokio::test]
async fn a_crash_before_the_goods_are_held_orders_nothing() {
    let mut world = World::new();
    die_while_placing(&mut world, When::Before).await;
    assert_eq!(in_state(&world.orders().await, State::Pending), 1);
    world.recover().await;
    world.check().await;
    assert_eq!(world.books.available(), STOCK);
}

#[tokio::test]
async fn a_crash_after_the_goods_are_held_makes_them_available_again() {
    let mut world = World::new();
    die_while_placing(&mut world, When::After).await;
    assert_eq!(world.books.available(), STOCK - 2);
    world.recover().await;
    world.check().await;
    assert_eq!(world.books.available(), STOCK);
    assert_eq!(world.orders().await[0].cancel_reason, "placing it was interrupted");
}

#[tokio::test]
async fn repeating_a_request_after_a_crash_gives_one_order() {
    for when in [When::Before, When::After] {
        for recovered_first in [true, false] {
            let mut world = World::new();
            die_while_placing(&mut world, when).await;
            if recovered_first {
                world.recover().await;
            }
            let order = world.place(request("one", 2)).await.unwrap();
            assert_eq!(order.state(), State::Confirmed);
            assert_eq!(world.place(request("one", 2)).await.unwrap().name, order.name);
            world.recover().await;
            world.check().await;
            assert_eq!(in_state(&world.orders().await, State::Confirmed), 1);
        }
    }
}

#[tokio::test]
async fn what_was_confirmed_survives() {
    let mut world = World::new();
    let order = world.place(request("one", 2)).await.unwrap();
    world.crash();
    world.recover().await;
    world.check().await;
    assert_eq!(world.orders().await, [order]);
}

#[tokio::test]
async fn a_crash_while_cancelling_cancels() {
    for when in [When::Before, When::After] {
        let mut world = World::new();
        let order = world.place(request("one", 2)).await.unwrap();
        world.cancel(&order.name).await.unwrap();
        let gate = world.books.gate(Ask::Release, when);
        tokio::select! {
            () = world.recover() => panic!("nobody died"),
            () = gate.reached.notified() => {}
        }
        world.crash();
        world.recover().await;
        world.check().await;
        assert_eq!(world.books.available(), STOCK);
    }
}

#[tokio::test]
async fn a_crash_while_shipping_ships() {
    for when in [When::Before, When::After] {
        let mut world = World::new();
        let order = world.place(request("one", 2)).await.unwrap();
        let tomorrow = Millis::now().plus(Duration::from_secs(86_400));
        let gate = world.books.gate(Ask::Commit, when);
        tokio::select! {
            _ = async { world.keeper().sweep(tomorrow).await } => panic!("nobody died"),
            () = gate.reached.notified() => {}
        }
        let status = world.cancel(&order.name).await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition);
        world.crash();
        world.recover_at(tomorrow).await;
        world.check().await;
        assert_eq!(in_state(&world.orders().await, State::Shipped), 1);
    }
}

#[tokio::test]
async fn an_error_means_no_order_even_if_the_goods_were_held() {
    for when in [When::Before, When::After] {
        let world = World::new();
        world.books.fault(Ask::Hold, when, Fault::Fail(Status::unavailable("cut")));
        let status = world.place(request("one", 2)).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Unavailable, "cut"));
        // The inventory is still away.
        world.books.fault(Ask::Release, When::Before, Fault::Fail(Status::unavailable("cut")));
        world.keeper().sweep(Millis::now()).await.unwrap_err();
        assert_eq!(in_state(&world.orders().await, State::Cancelling), 1);
        // It is back.
        world.keeper().sweep(Millis::now()).await.unwrap();
        world.check().await;
        assert_eq!(world.books.available(), STOCK);
        // And so is the customer, under the same request id.
        assert_eq!(world.place(request("one", 2)).await.unwrap().state(), State::Confirmed);
        world.check().await;
    }
}

#[tokio::test]
async fn a_caller_who_leaves_leaves_nothing_for_long() {
    let world = World::new();
    let gate = world.books.gate(Ask::Hold, When::After);
    tokio::select! {
        placed = world.place(request("", 2)) => panic!("nobody left: {placed:?}"),
        () = gate.reached.notified() => {}
    }
    world.keeper().sweep(Millis::now()).await.unwrap();
    assert_eq!(in_state(&world.orders().await, State::Pending), 1, "it may still be under way");
    world.keeper().sweep(Millis::now().plus(Duration::from_secs(31))).await.unwrap();
    world.check().await;
    assert_eq!(world.books.available(), STOCK);
}

#[tokio::test]
async fn an_order_given_up_while_it_is_placed_is_begun_anew() {
    let world = World::new();
    let gate = world.books.gate(Ask::Hold, When::Before);
    let later = Millis::now().plus(Duration::from_secs(60));
    let (placed, ()) = tokio::join!(world.place(request("one", 2)), async {
        gate.reached.notified().await;
        world.keeper().sweep(later).await.unwrap();
        gate.open.notify_one();
    });
    assert_eq!(placed.unwrap().state(), State::Confirmed);
    world.check().await;
    assert_eq!(world.books.available(), STOCK - 2);
}
