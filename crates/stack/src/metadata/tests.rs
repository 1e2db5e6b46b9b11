use super::*;
use proptest::prelude::*;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

fn failed(message: &str, names: usize) -> HeaderMap {
    let mut details = ErrorDetails::new();
    details.set_error_info("PRODUCTS_MISSING", "shop", [("count".to_owned(), names.to_string())]);
    let names =
        (0..names).map(|name| tonic_types::PreconditionViolation::new("MISSING", format!("{name:050}"), ""));
    details.set_precondition_failure(names.collect::<Vec<_>>());
    let mut headers = HeaderMap::new();
    Status::with_error_details(Code::NotFound, message, details).add_header(&mut headers).unwrap();
    headers
}

fn info(status: &Status) -> Vec<String> {
    let of = |detail: tonic_types::ErrorDetail| match detail {
        tonic_types::ErrorDetail::ErrorInfo(info) => Some(info.reason),
        _ => None,
    };
    status.get_error_details_vec().into_iter().filter_map(of).collect()
}

#[test]
fn what_fits_stays_as_it_is() {
    let mut headers = failed("no such products", 200);
    let before = headers.clone();
    fit_headers(&mut headers, Room::default()).unwrap();
    assert_eq!(headers, before);
}

#[test]
fn only_the_details_that_do_not_fit_are_left_out() {
    let mut headers = failed("no such products", 2000);
    headers.insert("x-shelf", "7".parse().unwrap());
    fit_headers(&mut headers, Room::default()).unwrap();
    assert_eq!(headers["x-shelf"], "7");
    let status = Status::from_header_map(&headers).unwrap();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "no such products"));
    assert_eq!(info(&status), ["PRODUCTS_MISSING", "METADATA_TOO_LARGE"]);
    assert!(status.get_details_precondition_failure().is_none());
    let ours = status.get_error_details_vec().pop();
    let Some(tonic_types::ErrorDetail::ErrorInfo(ours)) = ours else { panic!("{ours:?}") };
    assert_eq!(ours.metadata["detailsKept"], "1 of 2");
}

#[test]
fn metadata_beside_an_error_goes_before_its_code_does() {
    let mut headers = failed("no such products", 1);
    headers.insert("x-large", "x".repeat(70_000).parse().unwrap());
    fit_headers(&mut headers, Room::default()).unwrap();
    assert!(!headers.contains_key("x-large"));
    let status = Status::from_header_map(&headers).unwrap();
    assert_eq!((status.code(), info(&status).len()), (Code::NotFound, 2));
    assert!(status.get_details_precondition_failure().is_some());
}

#[test]
fn success_with_too_much_metadata_is_an_error() {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", "0".parse().unwrap());
    headers.insert("x-large", "x".repeat(70_000).parse().unwrap());
    let refused = fit_headers(&mut headers, Room::default()).unwrap_err();
    assert_eq!(refused.reason, Reason::MetadataTooLarge);
}

#[test]
fn a_receiver_that_takes_little_is_believed() {
    let mut extensions = http::Extensions::new();
    assert_eq!(Room::of(&extensions), Room::default());
    extensions.insert(HeaderRoom(8192));
    assert_eq!(Room::of(&extensions), Room(8192));
    extensions.insert(HeaderRoom(3));
    assert_eq!(Room::of(&extensions), Room(LEAST));
}

fn with_details(value: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", "5".parse().unwrap());
    headers.insert("grpc-status-details-bin", http::HeaderValue::from_bytes(value).unwrap());
    headers
}

#[test]
fn sound_details_stay_padded_or_not() {
    for value in ["CAUSAm5v", "CAUSAm5vdA", "CAUSAm5vdA=="] {
        let mut headers = with_details(value.as_bytes());
        sound_details(&mut headers);
        assert_eq!(headers["grpc-status-details-bin"], value);
    }
}

proptest! {
    #[test]
    fn no_peer_makes_a_client_panic(value in proptest::collection::vec(0x20_u8..0x7f, 0..40)) {
        let mut headers = with_details(&value);
        sound_details(&mut headers);
        prop_assert_eq!(Status::from_header_map(&headers).unwrap().code(), Code::NotFound);
    }

    #[test]
    fn whatever_is_shortened_fits_and_can_be_read(
        message in "\\PC{0,3000}",
        names in 0_usize..2000,
        room in LEAST..70_000_usize,
    ) {
        let mut headers = failed(&message, names);
        headers.insert("content-type", "application/grpc".parse().unwrap());
        fit_headers(&mut headers, Room(room)).unwrap();
        prop_assert!(header_list_size(&headers) + STATUS < room);
        let status = Status::from_header_map(&headers).unwrap();
        prop_assert_eq!(status.code(), Code::NotFound);
        prop_assert!(message.starts_with(status.message()));
    }
}
