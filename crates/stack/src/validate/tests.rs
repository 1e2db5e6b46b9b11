use super::*;
use crate::{Body, server::serve_stack};
use bytes::Bytes;
use contract::{Contract, compile};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use identity::Peer;
use prost::Message as _;
use resource::{Instance, Locality, Served, World};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use telemetry::Telemetry;
use tokio::sync::watch;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{ServiceExt, service_fn};

mod long;

const CONTRACT: &str = r#"syntax = "proto3";
package t.v1;
import "buf/validate/validate.proto";
import "treaty/v1/options.proto";

service Till {
  option (treaty.v1.service) = { owner: "t" allow: "*" };
  rpc Pay(Order) returns (Receipt);
  rpc Trusted(Order) returns (Receipt) { option (treaty.v1.method).validate.requests = NOBODY; }
  rpc Strict(Order) returns (Receipt) { option (treaty.v1.method).validate.responses = REFUSE; }
  rpc Reported(Order) returns (Receipt) { option (treaty.v1.method).validate.responses = REPORT; }
  rpc Plain(Free) returns (Free);
  rpc Stream(stream Order) returns (stream Receipt); rpc Weigh(Basket) returns (Free); rpc Sort(Long) returns (Free);
}

message Order {
  string customer = 1 [(buf.validate.field).required = true];
  int32 amount = 2 [(buf.validate.field).int32.gt = 0];
  repeated string tags = 3 [(buf.validate.field).repeated.items.string.max_len = 3];
  string secret = 4 [debug_redact = true, (buf.validate.field).string.len = 4];
}
message Receipt {
  string id = 1 [(buf.validate.field).string.len = 3];
}
message Free {
  string text = 1;
}
message Basket {
  repeated Item items = 1;
}
message Item {
  option (buf.validate.message).cel_expression = "this.li.all(a, this.li.all(b, a + b >= 0))";
  repeated int64 li = 1;
}
message Long {
  map<string, int32> stock = 1 [(buf.validate.field).map.values.int32.gte = 1];
  repeated string colours = 2 [(buf.validate.field).repeated.items.cel = {
    id: "colour", expression: "this in ['a', 'b'] ? '' : 'unknown colour: ' + this"
  }];
  Long inner = 3;
}
"#;

#[derive(Clone, PartialEq, prost::Message)]
struct Order {
    #[prost(string, tag = "1")]
    customer: String,
    #[prost(int32, tag = "2")]
    amount: i32,
    #[prost(string, repeated, tag = "3")]
    tags: Vec<String>,
    #[prost(string, tag = "4")]
    secret: String,
}

fn sound() -> Order {
    Order { customer: "c".into(), amount: 1, tags: Vec::new(), secret: "1234".into() }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0][..], &length.to_be_bytes(), message].concat()
}

/// What a handler was given, and what the caller got.
struct Outcome {
    read: usize,
    answered: Vec<u8>,
    status: Status,
    /// Of headers and trailers together, in bytes as HTTP/2 counts them.
    size: usize,
}

/// Sends these chunks to a handler that reads everything, whatever it is told, and answers with `answer`.
async fn call(method: &str, chunks: Vec<Vec<u8>>, answer: &'static [u8]) -> Outcome {
    call_for(method, chunks, answer, None).await
}

/// The same for a client that announces how large headers it takes.
async fn call_for(method: &str, chunks: Vec<Vec<u8>>, answer: &'static [u8], room: Option<u32>) -> Outcome {
    let set = compile::texts(&[("t.proto", CONTRACT)]).unwrap().bytes;
    let contract = Contract::read(set.as_slice()).unwrap();
    let rulebook = Arc::new(Rulebook::read([&set]).unwrap());
    let read = Arc::new(AtomicUsize::new(0));
    let seen = read.clone();
    let handler = service_fn(move |request: http::Request<Body>| {
        let seen = seen.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                seen.fetch_add(frame.data_ref().map_or(0, Bytes::len), Ordering::Relaxed);
            }
            let frames = [
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(answer))),
                Ok(Frame::trailers(http::HeaderMap::from_iter([(
                    http::HeaderName::from_static("grpc-status"),
                    http::HeaderValue::from_static("0"),
                )]))),
            ];
            let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
            Ok::<_, Infallible>(http::Response::new(body))
        }
    });
    let stack = serve_stack(handler, policy(&contract), Telemetry::disabled()).validating(rulebook);
    let mut request = request(method, chunks);
    request.extensions_mut().extend(
        room.map(|room| {
            let mut extensions = http::Extensions::new();
            extensions.insert(transport::HeaderRoom(room));
            extensions
        })
        .unwrap_or_default(),
    );
    let response = stack.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let collected = body.collect().await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&head.headers).or_else(|| Status::from_header_map(&trailers));
    Outcome {
        read: read.load(Ordering::Relaxed),
        answered: collected.to_bytes().to_vec(),
        status: status.unwrap(),
        size: transport::header_list_size(&head.headers) + transport::header_list_size(&trailers),
    }
}

fn request(method: &str, chunks: Vec<Vec<u8>>) -> http::Request<UnsyncBoxBody<Bytes, Infallible>> {
    let frames = chunks.into_iter().map(|chunk| Ok(Frame::data(Bytes::from(chunk))));
    let body = UnsyncBoxBody::new(StreamBody::new(futures::stream::iter(frames)));
    let id = "spiffe://treaty.test/ns/shop/sa/orders".parse().unwrap();
    let peer = Arc::new(Peer { id: Some(id), address: "127.0.0.1:9".parse().unwrap() });
    let mut request = http::Request::post(format!("/t.v1.Till/{method}")).body(body).unwrap();
    request.extensions_mut().insert(peer);
    request
}

fn policy(contract: &Contract) -> watch::Receiver<Option<Arc<resource::ServerListener>>> {
    let provider: identity::WorkloadId = "t/till".parse().unwrap();
    let served =
        Served { service: contract.service("t.v1.Till").unwrap().clone(), provider: provider.clone() };
    let instance = Instance {
        workload: provider,
        name: "1".into(),
        address: "127.0.0.1:1".parse().unwrap(),
        locality: Locality::default(),
        serves: vec!["t.v1.Till".into()],
        ready: true,
    };
    let world = World {
        trust_domain: "treaty.test".parse().unwrap(),
        services: BTreeMap::from([("t.v1.Till".into(), served)]),
        instances: vec![instance],
    };
    let listener = resource::compile(&world).server_listeners.into_values().next();
    watch::Sender::new(listener).subscribe()
}

const GOOD: &[u8] = b"\0\0\0\0\x05\x0a\x03abc";
const BAD: &[u8] = b"\0\0\0\0\x04\x0a\x02ab";

#[tokio::test]
async fn a_call_that_breaks_three_rules_is_told_all_of_them_and_reaches_nobody() {
    let order = Order { tags: vec!["ok".into(), "long!".into()], secret: "1234".into(), ..Order::default() };
    let outcome = call("Pay", vec![framed(&order.encode_to_vec())], GOOD).await;
    assert_eq!((outcome.read, outcome.status.code()), (0, Code::InvalidArgument));
    assert_eq!(
        outcome.status.message(),
        "t.v1.Order breaks 3 rules of its contract: customer: value is required (t.proto:17:24); \
         amount: must be greater than 0 (t.proto:18:21); tags[1]: must be at most 3 characters (t.proto:19:29)"
    );
    let info = outcome.status.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "VALIDATION"));
    assert_eq!(info.metadata["rule"], "required");
    assert_eq!(info.metadata["origin"], "t.proto:17:24");
    assert_eq!(info.metadata["violations"], "3");
    let fields = outcome.status.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.iter().map(|one| (one.field.as_str(), one.description.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("customer", "value is required"),
            ("amount", "must be greater than 0"),
            ("tags[1]", "must be at most 3 characters"),
        ]
    );
    let details = tonic_types::pb::Status::decode(outcome.status.details()).unwrap().details;
    let names: Vec<_> = details.iter().map(|any| any.type_url.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["google.rpc.ErrorInfo", "google.rpc.BadRequest", "buf.validate.Violations"]);
}

#[tokio::test]
async fn what_breaks_more_rules_than_are_told_says_so() {
    let breaking = |tags: usize| Order { tags: vec!["long".into(); tags], ..sound() };
    let some = call("Pay", vec![framed(&breaking(30).encode_to_vec())], GOOD).await.status;
    assert!(
        some.message().contains("breaks 30 rules") && some.message().ends_with("; and 26 more"),
        "{some}"
    );
    let told = some.get_details_error_info().unwrap().metadata;
    assert_eq!((told["violations"].as_str(), told["violations_in_details"].as_str()), ("30", "16"));
    assert_eq!(some.get_details_bad_request().unwrap().field_violations.len(), 16);
    let many = call("Pay", vec![framed(&breaking(600).encode_to_vec())], GOOD).await.status;
    assert!(many.message().contains("breaks at least 100 rules"), "{many}");
    assert!(many.message().ends_with("; and at least 96 more"), "{many}");
    let few = call("Pay", vec![framed(&breaking(2).encode_to_vec())], GOOD).await.status;
    assert!(!few.get_details_error_info().unwrap().metadata.contains_key("violations_in_details"));
}

#[tokio::test]
async fn what_is_masked_is_never_told() {
    let order = Order { secret: "hunter2".into(), ..sound() };
    let outcome = call("Pay", vec![framed(&order.encode_to_vec())], GOOD).await;
    assert!(outcome.status.message().contains("secret: must be 4 characters"));
    let told = outcome.status.details();
    assert!(!told.windows(7).any(|window| window == b"hunter2"));
}

#[tokio::test]
async fn a_sound_message_passes_as_it_came_in_whatever_pieces() {
    let bytes = framed(&sound().encode_to_vec());
    for pieces in [
        vec![bytes.clone()],
        bytes.chunks(1).map(<[u8]>::to_vec).collect(),
        vec![bytes[..6].to_vec(), bytes[6..].to_vec()],
    ] {
        let outcome = call("Pay", pieces, GOOD).await;
        assert_eq!((outcome.read, outcome.status.code()), (bytes.len(), Code::Ok));
        assert_eq!(outcome.answered, GOOD);
    }
}

#[tokio::test]
async fn of_a_stream_every_message_is_judged_and_the_call_fails_whatever_the_handler_does() {
    let (good, bad) = (framed(&sound().encode_to_vec()), framed(&Order::default().encode_to_vec()));
    let outcome = call("Stream", vec![[good.clone(), good.clone(), bad, good.clone()].concat()], GOOD).await;
    assert_eq!((outcome.read, outcome.status.code()), (2 * good.len(), Code::InvalidArgument));
    assert!(outcome.answered.is_empty());
}

#[tokio::test]
async fn malformed_and_compressed_messages_are_told_apart() {
    let malformed = call("Pay", vec![framed(&[10, 9])], GOOD).await.status;
    assert_eq!(malformed.code(), Code::InvalidArgument);
    assert_eq!(malformed.get_details_error_info().unwrap().reason, "MESSAGE_MALFORMED");
    assert_eq!(malformed.message(), "no t.v1.Order: the message ends in the middle of a field");
    let mut bytes = framed(&sound().encode_to_vec());
    bytes[0] = 1;
    let compressed = call("Pay", vec![bytes], GOOD).await.status;
    assert_eq!(compressed.code(), Code::Unimplemented);
    assert_eq!(compressed.get_details_error_info().unwrap().reason, "MESSAGE_COMPRESSED");
}

#[tokio::test]
async fn a_message_pays_for_all_of_its_rules_from_one_purse() {
    let basket = |items: usize| {
        let list = [&[0x0a, 0xbc, 0x05][..], &[0; 700]].concat();
        let item = [&[0x0a, 0xbf, 0x05][..], &list].concat();
        item.repeat(items)
    };
    // An item by itself is cheap enough; three hundred would keep a thread busy for seconds.
    assert_eq!(call("Weigh", vec![framed(&basket(1))], b"").await.status.code(), Code::Ok);
    let many = basket(300);
    let outcome = call("Weigh", vec![framed(&many)], b"").await;
    assert_eq!((outcome.read, outcome.status.code()), (0, Code::ResourceExhausted));
    let told = outcome.status.get_details_error_info().unwrap();
    assert_eq!(told.reason, "MESSAGE_TOO_DEAR");
    let steps: usize = told.metadata["steps"].parse().unwrap();
    assert!(steps <= (1 << 22) + 8 * many.len(), "{steps} steps");
    assert_eq!(told.metadata["rule"], "this.li.all(a, this.li.all(b, a + b >= 0))");
    assert!(told.metadata["origin"].starts_with("t.proto:3"), "{told:?}");
}

#[tokio::test]
async fn nobody_judges_what_has_no_rules_or_is_not_to_be_judged() {
    let bad = framed(&Order::default().encode_to_vec());
    assert_eq!(call("Trusted", vec![bad], GOOD).await.status.code(), Code::Ok);
    assert_eq!(call("Plain", vec![framed(&[10, 9])], GOOD).await.status.code(), Code::Ok);
}

#[tokio::test]
async fn answers_are_judged_on_request_and_are_their_providers_fault() {
    let bytes = || vec![framed(&sound().encode_to_vec())];
    let lenient = call("Pay", bytes(), BAD).await;
    assert_eq!((lenient.status.code(), lenient.answered.as_slice()), (Code::Ok, BAD));
    let reported = call("Reported", bytes(), BAD).await;
    assert_eq!((reported.status.code(), reported.answered.as_slice()), (Code::Ok, BAD));
    assert_eq!(call("Strict", bytes(), GOOD).await.status.code(), Code::Ok);
    let refused = call("Strict", bytes(), BAD).await;
    assert_eq!((refused.status.code(), refused.answered.as_slice()), (Code::Internal, &b""[..]));
    assert_eq!(refused.status.get_details_error_info().unwrap().reason, "RESPONSE_INVALID");
    assert!(refused.status.message().starts_with("the provider's answer: t.v1.Receipt breaks a rule"));
}

#[tokio::test]
async fn half_a_message_is_left_to_whoever_reads_it() {
    let bytes = framed(&sound().encode_to_vec());
    let outcome = call("Pay", vec![bytes[..8].to_vec()], GOOD).await;
    assert_eq!((outcome.read, outcome.status.code()), (8, Code::Ok));
}

#[test]
fn a_rule_that_cannot_be_enforced_is_told_with_its_place() {
    let text = CONTRACT.replace("int32.gt = 0", "string.min_len = 1");
    let set = compile::texts(&[("t.proto", &text)]).unwrap().bytes;
    let error = Rulebook::read([&set]).unwrap_err().to_string();
    assert!(error.starts_with("t.proto:18:21: `string` rules do not fit `t.v1.Order.amount`"), "{error}");
}
