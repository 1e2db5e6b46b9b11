//! Refusals that quote what a message holds.

use super::*;

#[derive(Clone, PartialEq, prost::Message)]
struct Long {
    #[prost(btree_map = "string, int32", tag = "1")]
    stock: BTreeMap<String, i32>,
    #[prost(string, repeated, tag = "2")]
    colours: Vec<String>,
    #[prost(message, optional, boxed, tag = "3")]
    inner: Option<Box<Long>>,
}

/// Messages, how many rules they break, how many of these are told at least, and how the refusal begins.
fn messages() -> [(Long, usize, usize, &'static str); 9] {
    let stock = |length: usize| Long { stock: [("k".repeat(length), 0)].into(), ..Long::default() };
    let colours =
        |count: usize, colour: &str| Long { colours: vec![colour.to_owned(); count], ..Long::default() };
    let within = |inner: Long| Long { inner: Some(Box::new(inner)), ..Long::default() };
    let deep = (0..60).fold(stock(3000), |inner, _| within(inner));
    let many = Long { stock: (0..90).map(|at| (format!("{at:0900}"), 0)).collect(), ..Long::default() };
    [
        (
            stock(10),
            1,
            1,
            "t.v1.Long breaks a rule of its contract: stock[\"kkkkkkkkkk\"]: must be greater than or equal to 1 (t.proto:",
        ),
        (stock(2000), 1, 1, "t.v1.Long breaks a rule of its contract: stock[\"kkkk"),
        (stock(200_000), 1, 1, "t.v1.Long breaks a rule of its contract: stock[\"kkkk"),
        (
            colours(1, &"blue".repeat(1000)),
            1,
            1,
            "t.v1.Long breaks a rule of its contract: colours[0]: unknown colour: blueblue",
        ),
        (
            colours(3, &"é\"\n".repeat(1000)),
            3,
            3,
            "t.v1.Long breaks 3 rules of its contract: colours[0]: unknown colour: é",
        ),
        (
            colours(50, &"𝄞".repeat(1000)),
            50,
            4,
            "t.v1.Long breaks 50 rules of its contract: colours[0]: unknown colour: 𝄞",
        ),
        (colours(120, &"%".repeat(10_000)), 100, 4, "t.v1.Long breaks at least 100 rules of its contract: "),
        (many, 90, 4, "t.v1.Long breaks 90 rules of its contract: stock["),
        (deep, 1, 1, "t.v1.Long breaks a rule of its contract: inner.inner."),
    ]
}

#[tokio::test]
async fn a_refusal_with_long_values_reaches_every_client() {
    for (long, count, least, begins) in messages() {
        let bytes = framed(&long.encode_to_vec());
        for (room, most) in [(None, 8192), (Some(16_384), 8192), (Some(4096), 4096)] {
            let outcome = call_for("Sort", vec![bytes.clone()], b"", room).await;
            let (status, size) = (&outcome.status, outcome.size);
            assert!(size + 42 < most, "{size} bytes for {room:?}: {begins}");
            assert_eq!(status.code(), Code::InvalidArgument);
            let info = status.get_details_error_info().unwrap();
            assert_eq!(
                (info.reason.as_str(), info.metadata["violations"].as_str()),
                ("VALIDATION", &*count.to_string())
            );
            if most < 8192 {
                continue;
            }
            assert!(status.message().starts_with(begins), "{}", status.message());
            assert!(count <= 4 || status.message().contains(" more"), "{}", status.message());
            let fields = status.get_details_bad_request().unwrap().field_violations;
            assert!(fields.len() >= least, "{} of {count} with {size} bytes: {begins}", fields.len());
            let told = info.metadata.get("violations_in_details").map_or(count, |told| told.parse().unwrap());
            assert_eq!(told, fields.len());
            let details = tonic_types::pb::Status::decode(status.details()).unwrap().details;
            assert!(details.iter().any(|any| any.type_url.ends_with("/buf.validate.Violations")), "{begins}");
        }
    }
}
