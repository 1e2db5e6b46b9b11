use super::*;
use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use proptest::prelude::*;
use tonic::Status;
use tonic_types::StatusExt;

fn denied() -> MeshError {
    MeshError::new(Reason::CallerNotAllowed, "shop/inventory may not call GetProduct")
        .rule("allow: shop/orders")
        .origin(&Origin::At { file: "catalog.proto".to_owned(), line: 9, column: 5 })
        .caller("shop/inventory")
}

#[test]
fn a_refusal_explains_itself_in_its_details() {
    let status = Status::from(denied());
    assert_eq!(status.code(), tonic::Code::PermissionDenied);
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "CALLER_NOT_ALLOWED"));
    let said: BTreeMap<_, _> = info.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let want =
        [("caller", "shop/inventory"), ("origin", "catalog.proto:9:5"), ("rule", "allow: shop/orders")];
    assert_eq!(said, BTreeMap::from(want));
}

#[test]
fn a_response_of_it_is_only_trailers() {
    let response = denied().into_response();
    assert!(http_body::Body::is_end_stream(response.body()));
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(response.headers()["grpc-status"], "7");
    let read = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(read.message(), "shop/inventory may not call GetProduct");
    assert!(read.get_details_error_info().is_some());
}

#[test]
fn whatever_the_mesh_says_every_client_takes() {
    let endless = |letter: &str| letter.repeat(100_000);
    let error = denied().rule(endless("r")).with("field", endless("é")).detail("a.B", vec![7; 20_000]);
    let error = MeshError { message: endless("m "), ..error };
    for headers in [error.clone().into_response().headers().clone(), error.into_trailers()] {
        assert!(transport::header_list_size(&headers) < 8 * 1024 - 42);
        let status = Status::from_header_map(&headers).unwrap();
        assert_eq!(status.code(), tonic::Code::PermissionDenied);
        assert!(status.message().starts_with("m m m "));
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.metadata["caller"].as_str()),
            ("CALLER_NOT_ALLOWED", "shop/inventory")
        );
        assert!(info.metadata["rule"].ends_with("rr…") && info.metadata["field"].ends_with("éé…"));
    }
}

#[test]
fn values_stay_whole_where_there_is_room() {
    let rule = format!("allow: {}", ["shop/orders"; 60].join(", "));
    let info = Status::from(denied().rule(&rule)).get_details_error_info().unwrap();
    assert_eq!(info.metadata["rule"], rule);
}

#[tokio::test]
async fn what_ends_an_answer_fits_too() {
    let large = Status::with_details(tonic::Code::Aborted, "gone", vec![7; 40_000].into());
    for (fault, room) in
        [(Fault::from(denied().detail("a.B", vec![7; 4000])), 4096), (Fault::from(large), 16 * 1024)]
    {
        let mut extensions = http::Extensions::new();
        extensions.insert(transport::HeaderRoom(room));
        let code = fault.code();
        let frames = StreamBody::new(futures::stream::iter([Err::<http_body::Frame<Bytes>, _>(fault)]));
        let body = Answered::begun(frames, crate::metadata::Room::of(&extensions));
        let trailers = body.collect().await.unwrap().trailers().cloned().unwrap();
        assert!(transport::header_list_size(&trailers) < room as usize);
        assert_eq!(i32::from(Status::from_header_map(&trailers).unwrap().code()), code);
    }
}

proptest! {
    #[test]
    fn what_is_cut_is_short_and_begins_the_same(text in "\\PC{0,40}", most in 3_usize..60) {
        let mut short = text.clone();
        cut(&mut short, most);
        prop_assert!(short.len() <= most);
        prop_assert!(short == text || text.starts_with(short.strip_suffix('…').unwrap()));
        prop_assert_eq!(short == text, text.len() <= most);
    }
}

#[test]
fn names_of_reasons_are_unique_and_upper_snake_case() {
    let names: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')));
}
