//! Headers that end at the edge.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Of one hop only (RFC 9110, section 7.6.1; RFC 9113, section 8.2.2), or set by whoever forwards.
const OURS: [HeaderName; 9] = [
    header::CONNECTION,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::FORWARDED,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Said inside of a mesh about a peer. From outside, it is the caller's invention.
const SPOOFABLE: [&str; 5] = ["x-treaty-", "x-forwarded-", "x-envoy-", "x-real-ip", "x-spiffe-"];

/// Removes what a client from outside may not tell the mesh.
pub(super) fn strip(headers: &mut HeaderMap) {
    for name in OURS {
        headers.remove(name);
    }
    let spoofed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| SPOOFABLE.iter().any(|prefix| name.as_str().starts_with(prefix)))
        .cloned()
        .collect();
    for name in spoofed {
        headers.remove(name);
    }
}

/// Whether the request is gRPC: `application/grpc`, perhaps with a codec ("+proto") or a parameter. gRPC-Web
/// is not.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = kind.and_then(|kind| kind.strip_prefix(b"application/grpc"));
    matches!(rest, Some([] | [b'+' | b';', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_spoofed_is_gone_and_the_rest_stays() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-treaty-caller", "shop/orders"),
            ("x-forwarded-client-cert", "URI=spiffe://treaty.local/ns/shop/sa/orders"),
            ("x-forwarded-for", "10.0.0.1"),
            ("connection", "keep-alive"),
            ("te", "trailers"),
            ("authorization", "Bearer x"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("x-request-id", "7"),
            ("payload-bin", "AAEC"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.append("x-treaty-caller", HeaderValue::from_static("twice"));
        strip(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["authorization", "payload-bin", "te", "traceparent", "x-request-id"]);
    }

    #[test]
    fn grpc_is_told_by_its_content_type() {
        for (kind, grpc) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
            assert_eq!(is_grpc(&headers), grpc, "{kind}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
