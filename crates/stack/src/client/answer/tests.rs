use super::*;
use proptest::prelude::*;

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
        prop_assert_eq!(tonic::Status::from_header_map(&headers).unwrap().code(), tonic::Code::NotFound);
    }
}
