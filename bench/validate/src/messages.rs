//! The four cases.

use crate::theirs::bench::v1::{Blob, Customer, Item, Line, Order, State, Stay};
use prost::Message as _;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// How many standard rules are judged; 0 where it is none.
    pub(crate) rules: u32,
}

pub(crate) fn all() -> [Case; 4] {
    let line = |number: u32| Line {
        product: format!("products/espresso-beans-{number}"),
        quantity: number + 1,
        price: 1290,
        note: "whole beans, please".to_owned(),
    };
    let order = Order {
        name: "orders/2026-0001-7c1f".to_owned(),
        customer: Some(Customer { email: "ada.lovelace@example.com".to_owned() }),
        lines: (0..5).map(line).collect(),
        currency: "EUR".to_owned(),
        state: State::Placed.into(),
        total: 19_350,
    };
    let item = Item { sku: "ESP-004711".to_owned() };
    let stay = Stay { arrival: 1_767_225_600, departure: 1_767_398_400 };
    let blob = Blob { text: "beans, roasted and ground. ".repeat(64 * 1024 / 27) };
    [
        // name 2, customer 1, lines 1, currency 1, state 1, total 1, email 1; each line: product 2, quantity 1, price 1, note 1.
        Case {
            name: "an order of five lines, a dozen standard rules (33 judgements)",
            type_name: "bench.v1.Order",
            bytes: order.encode_to_vec(),
            rules: 33,
        },
        Case { name: "one pattern", type_name: "bench.v1.Item", bytes: item.encode_to_vec(), rules: 0 },
        Case {
            name: "one comparison in CEL",
            type_name: "bench.v1.Stay",
            bytes: stay.encode_to_vec(),
            rules: 0,
        },
        Case {
            name: "64 KiB under one pattern",
            type_name: "bench.v1.Blob",
            bytes: blob.encode_to_vec(),
            rules: 0,
        },
    ]
}
