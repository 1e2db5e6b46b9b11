//! The contracts of the shop, and of what it is made of: everything gets a plausible message.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use contract::{comments::Comments, compile, schema::Schema};
use sample::{Role, Sampler, Wish, json};
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

#[test]
fn messages_read_as_somebody_would_have_written_them() {
    let sampler = sampler();
    insta::assert_snapshot!(shown(&sampler, "shop.orders.v1.PlaceOrderRequest", Role::Request));
    insta::assert_snapshot!(shown(&sampler, "shop.catalog.v1.ListProductsResponse", Role::Response));
}
