use super::*;
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
fn names_of_reasons_are_unique_and_upper_snake_case() {
    let names: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')));
}
