//! Whatever the seed: the message is valid, the same each time, and its JSON is read as the same message.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use contract::{comments::Comments, compile, schema::Schema};
use proptest::prelude::*;
use prost_reflect::{DescriptorPool, DynamicMessage};
use sample::{Role, SampleError, Sampler, Wish, json, tree};
use std::{
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const TEXT: &str = include_str!("everything.proto");

struct World {
    sampler: Sampler,
    pool: DescriptorPool,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let set = compile::texts(&[("t/v1/everything.proto", TEXT)]).unwrap().bytes;
    let sampler = Sampler::new(Schema::read(&set).unwrap(), Comments::read(&set).unwrap());
    World { sampler, pool: DescriptorPool::decode(set.as_slice()).unwrap() }
});

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_are_valid_and_the_same(seed: u64, now in 1_600_000_000_u64..2_000_000_000, role in 0..3) {
        let World { sampler, pool } = &*WORLD;
        let role = [Role::Any, Role::Request, Role::Response][usize::try_from(role).unwrap()];
        let wish = Wish { role, ..Wish::of(seed, at(now)) };
        for name in ["t.v1.Everything", "t.v1.Ruled", "t.v1.Old"] {
            let sample = sampler.message(name, &wish).unwrap();
            prop_assert_eq!(sampler.program(name).unwrap().examine(&sample.bytes, at(now)), Ok(()));
            prop_assert_eq!(&sampler.message(name, &wish).unwrap().bytes, &sample.bytes);
            let of = pool.get_message_by_name(name).unwrap();
            let decoded = DynamicMessage::decode(of.clone(), sample.bytes.as_slice()).unwrap();
            let read = DynamicMessage::deserialize(of, json(sampler.schema(), &sample.message)).unwrap();
            prop_assert_eq!(&read, &decoded);
            let id = sampler.schema().message_id(name).unwrap();
            prop_assert_eq!(tree::encode(sampler.schema(), &tree::decode(sampler.schema(), id, &sample.bytes)), sample.bytes);
        }
    }
}

#[test]
fn an_answer_takes_up_what_was_asked() {
    let sampler = &WORLD.sampler;
    let schema = sampler.schema();
    let asked =
        sampler.message("t.v1.GetThingRequest", &Wish { role: Role::Request, ..Wish::of(5, at(0)) }).unwrap();
    let answer = |name: &str, like: &tree::Message| {
        let wish = Wish { role: Role::Response, like: Some(like), ..Wish::of(9, at(0)) };
        json(schema, &sampler.message(name, &wish).unwrap().message)
    };
    let name = json(schema, &asked.message)["name"].clone();
    assert_eq!(answer("t.v1.Thing", &asked.message)["name"], name);
    assert_eq!(answer("t.v1.WatchThingResponse", &asked.message)["thing"]["name"], name);
    let created = sampler.message("t.v1.CreateThingRequest", &Wish::of(6, at(0))).unwrap();
    assert_eq!(
        answer("t.v1.Thing", &created.message)["displayName"],
        json(schema, &created.message)["thing"]["displayName"]
    );
    let page = |token: &str, size: i64| {
        let id = schema.message_id("t.v1.ListThingsRequest").unwrap();
        let mut request = tree::Message::empty(id);
        let of = schema.message_at(id);
        request.set(
            schema,
            of.field_named("page_token").unwrap(),
            tree::Slot::One(tree::Value::String(token.into())),
        );
        request.set(schema, of.field_named("page_size").unwrap(), tree::Slot::One(tree::Value::Int(size)));
        answer("t.v1.ListThingsResponse", &request)
    };
    assert!(page("", 0)["nextPageToken"].is_string());
    assert!(page("p1", 0)["nextPageToken"].is_null());
    assert_eq!(page("", 1)["things"].as_array().unwrap().len(), 1);
}

#[test]
fn what_nothing_can_obey_is_named() {
    let sampler = &WORLD.sampler;
    let error = sampler.message("t.v1.Impossible", &Wish::of(1, at(0))).unwrap_err();
    let SampleError::Unsatisfied { violation, broken, tried, .. } = &error else { panic!("{error}") };
    assert!(violation.rule_id == "odd.and.even" && *broken > tried / 2, "{error}");
    assert!(error.to_string().contains("t/v1/everything.proto:"), "{error}");
    let endless = sampler.message("t.v1.Endless", &Wish::of(1, at(0))).unwrap_err().to_string();
    assert!(endless.contains("required"), "{endless}");
    let unknown = sampler.message("t.v1.Nothing", &Wish::of(1, at(0))).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no message type `t.v1.Nothing`");
}

/// What is broken now and then is no reason, wherever it stands.
#[test]
fn what_most_attempts_broke_is_named_and_not_what_the_last_one_did() {
    for seed in 0..8 {
        let error = WORLD.sampler.message("t.v1.Unguessable", &Wish::of(seed, at(0))).unwrap_err();
        let SampleError::Unsatisfied { violation, broken, tried, .. } = &error else { panic!("{error}") };
        // The others left the field out, which it does not permit either.
        assert!(violation.rule_id == "quiz" && *broken > tried / 2, "{error}");
        assert!(error.to_string().contains(&format!("{broken} of them broke the rule `quiz`")), "{error}");
    }
}

#[test]
fn a_regular_expression_of_an_expression_is_followed() {
    for seed in 0..40 {
        let sample = WORLD.sampler.message("t.v1.Matching", &Wish::of(seed, at(0))).unwrap();
        let said = json(WORLD.sampler.schema(), &sample.message);
        let code = said["code"].as_str().unwrap();
        assert!(code.len() == 5 && code.ends_with(|c: char| c.is_ascii_digit()), "{said}");
    }
}
