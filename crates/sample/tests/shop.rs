//! The contracts of the shop, and of what it is made of: everything gets a plausible message.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use contract::{comments::Comments, compile, schema::Schema};
use sample::{
    Role, Sampler, Wish, json,
    tree::{Message, Slot, Value},
};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

fn sampler() -> Sampler {
    let proto = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto"));
    let set = compile::paths(&[proto], &[]).unwrap().bytes;
    Sampler::new(Schema::read(&set).unwrap(), Comments::read(&set).unwrap())
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_770_000_000)
}

fn shown(sampler: &Sampler, name: &str, role: Role) -> String {
    let wish = Wish { role, ..Wish::of(1, now()) };
    let sample = sampler.message(name, &wish).unwrap();
    format!("{:#}", json(sampler.schema(), &sample.message))
}

#[test]
fn every_message_of_the_shop_has_one() {
    let sampler = sampler();
    let names: Vec<String> = sampler.schema().messages().map(|message| message.name.clone()).collect();
    for name in names.iter().filter(|name| name.starts_with("shop.") || name.starts_with("treaty.")) {
        for seed in 0..20 {
            let wish = Wish::of(seed, now());
            let one = sampler.message(name, &wish).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(sampler.message(name, &wish).unwrap().bytes, one.bytes, "{name}");
        }
    }
}

/// Nobody wrote a note, and what is in the answer agrees with itself.
#[test]
fn an_answer_is_about_what_was_asked() {
    let sampler = sampler();
    let schema = sampler.schema();
    let of = |name: &str| schema.message_id(name).unwrap();
    let text = |text: &str| Slot::One(Value::String(text.to_owned()));
    let message = |name: &str, fields: Vec<(u32, Slot)>| {
        Value::Message(Message { of: of(name), fields: fields.into_iter().collect() })
    };
    let line = |product: &str, quantity: i64| {
        let quantity = Slot::One(Value::Int(quantity));
        message("shop.orders.v1.OrderLine", vec![(1, text(product)), (2, quantity)])
    };
    let lines = Slot::List(vec![line("products/espresso", 2), line("products/filter-paper", 3)]);
    let customer = message("shop.orders.v1.Customer", vec![(1, text("ada@example.com"))]);
    let order = message("shop.orders.v1.Order", vec![(2, Slot::One(customer)), (3, lines)]);
    let request = message("shop.orders.v1.PlaceOrderRequest", vec![(2, Slot::One(order))]);
    let Value::Message(request) = request else { panic!("it is one") };
    for seed in 0..40 {
        let wish = Wish { role: Role::Response, like: Some(&request), ..Wish::of(seed, now()) };
        let answer = sampler.message("shop.orders.v1.Order", &wish).unwrap();
        let said = json(schema, &answer.message);
        assert!(said["note"].is_null() && said["customer"]["address"].is_null(), "{said:#}");
        assert_eq!(said["lines"][0]["displayName"], "Espresso", "{said:#}");
        assert_eq!(said["lines"][1]["displayName"], "Filter paper", "{said:#}");
        let cancelled = said["state"].as_str().is_some_and(|state| state.starts_with("CANCEL"));
        assert_eq!(cancelled, said["cancelReason"].is_string(), "{said:#}");
        let billionths = |money: &serde_json::Value| {
            let units: i64 = money["units"].as_str().map_or(0, |units| units.parse().unwrap());
            units * 1_000_000_000 + money["nanos"].as_i64().unwrap_or(0)
        };
        let lines = said["lines"].as_array().unwrap().iter();
        let sum: i64 =
            lines.map(|line| billionths(&line["unitPrice"]) * line["quantity"].as_i64().unwrap()).sum();
        assert_eq!(billionths(&said["total"]), sum, "{said:#}");
    }
}

#[test]
fn messages_read_as_somebody_would_have_written_them() {
    let sampler = sampler();
    insta::assert_snapshot!(shown(&sampler, "shop.orders.v1.PlaceOrderRequest", Role::Request));
    insta::assert_snapshot!(shown(&sampler, "shop.catalog.v1.ListProductsResponse", Role::Response));
}
