//! How large headers may be, and how large they are.
//!
//! A receiver of HTTP/2 refuses a header list that is larger than it announced, and ends the connection, with all
//! calls on it, when one is much larger. So whoever sends keeps below what the other side takes.

use http::{HeaderMap, Request};

/// What a request's headers may have, in bytes as HTTP/2 counts them; they must be smaller. As in other
/// implementations of gRPC.
pub const MAX_REQUEST_HEADERS: u32 = 16 * 1024;
/// What headers or trailers of a response may have, in bytes as HTTP/2 counts them; they must be smaller. More
/// than a request's: a status carries its details there.
pub const MAX_RESPONSE_HEADERS: u32 = 64 * 1024;
/// What each field costs beside its name and value (RFC 9113, section 6.5.2).
const FIELD: usize = 32;

/// In a request's extensions: its sender announced that it takes headers and trailers only below so many bytes,
/// which is less than [`MAX_RESPONSE_HEADERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderRoom(pub u32);

/// The size of `headers` as HTTP/2 counts it (RFC 9113, section 6.5.2), without pseudo-headers.
pub fn header_list_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| field(name.as_str(), value.len())).sum()
}

/// The size of a request's headers, with pseudo-headers.
pub fn size_of_request<B>(request: &Request<B>) -> usize {
    let uri = request.uri();
    let path = uri.path_and_query().map_or(1, |path| path.as_str().len());
    field(":method", request.method().as_str().len())
        + field(":scheme", uri.scheme_str().map_or(0, str::len))
        + field(":authority", uri.authority().map_or(0, |authority| authority.as_str().len()))
        + field(":path", path)
        + header_list_size(request.headers())
}

const fn field(name: &str, value: usize) -> usize {
    name.len() + value + FIELD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_standard() {
        let request = Request::post("https://mesh/a/B").header("te", "trailers").header("x", "").body(());
        let size = size_of_request(&request.unwrap());
        assert_eq!(
            size,
            (7 + 4 + 32) + (7 + 5 + 32) + (10 + 4 + 32) + (5 + 4 + 32) + (2 + 8 + 32) + (1 + 32)
        );
    }
}
