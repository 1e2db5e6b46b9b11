//! How large the headers and trailers of a call may be. A list that is larger than its receiver takes costs the
//! call its status, and one that is much larger costs all calls their connection; so whoever sends refuses
//! first, and says so.
//!
//! An error's status keeps its code and message whatever its size: only details and metadata that do not fit
//! are left out, and one more `ErrorInfo` says that. Everything else that is too large is an error itself.

mod shorten;

#[cfg(test)]
mod tests;

use crate::status::{Fault, MeshError, Reason};
use bytes::Bytes;
use contract::Origin;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use transport::{HeaderRoom, MAX_REQUEST_HEADERS, MAX_RESPONSE_HEADERS, header_list_size, size_of_request};

/// `:status: 200`.
const STATUS: usize = 7 + 3 + 32;
/// Less than this is no room for a status.
const LEAST: usize = 1024;
const DETAILS: &str = "grpc-status-details-bin";

/// What the headers or trailers of a response may have, in bytes as HTTP/2 counts them; they must be smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room(usize);

impl Room {
    /// What every client takes, whatever it announces: those on gRPC's C core (Python, Ruby, PHP, C++) announce
    /// 16 KiB, and from 8 KiB on refuse what they please.
    pub(crate) const ALL_TAKE: Self = Self(8 * 1024);

    /// For the response to the request with these extensions: what its sender takes, at most 64 KiB.
    pub fn of(extensions: &http::Extensions) -> Self {
        let announced = extensions.get().map_or(MAX_RESPONSE_HEADERS, |HeaderRoom(announced)| *announced);
        Self((announced.min(MAX_RESPONSE_HEADERS) as usize).max(LEAST))
    }
}

impl Default for Room {
    fn default() -> Self {
        Self(MAX_RESPONSE_HEADERS as usize)
    }
}

/// `response`, whose headers and trailers fit.
///
/// # Errors
/// Its headers do not, and are no error's status that could be shortened.
pub fn fit<B>(response: http::Response<B>, room: Room) -> Result<http::Response<Fitted<B>>, MeshError> {
    let (mut head, body) = response.into_parts();
    fit_headers(&mut head.headers, room)?;
    Ok(http::Response::from_parts(head, Fitted::new(body, room)))
}

/// Shortens an error's status that does not fit; one that cannot be shortened is replaced.
pub(crate) fn fit_error(headers: &mut HeaderMap, room: Room) {
    if let Err(error) = fit_headers(headers, room) {
        *headers = error.into_trailers();
    }
}

/// What is left for details beside what the headers hold already, before base64 makes more of it.
pub(crate) fn left_for_details(headers: &HeaderMap, Room(room): Room) -> usize {
    room.saturating_sub(header_list_size(headers) + STATUS) / 4 * 3
}

/// Shortens what does not fit.
fn fit_headers(headers: &mut HeaderMap, room: Room) -> Result<(), MeshError> {
    let size = header_list_size(headers) + STATUS;
    if size < room.0 {
        return Ok(());
    }
    *headers = shorten::status(std::mem::take(headers), size, room).ok_or_else(|| too_much(size, room))?;
    Ok(())
}

fn too_much(size: usize, room: Room) -> MeshError {
    let message =
        format!("the response's metadata has {size} bytes; its receiver takes less than {}", room.0);
    described(MeshError::new(Reason::MetadataTooLarge, message), "response", size, room.0)
        .remedy("put large values into the response message, which `max_response_bytes` bounds")
}

/// Whether a request of `path` has more metadata than it may have.
pub(crate) fn judge_request<B>(request: &http::Request<B>, path: &str) -> Result<(), MeshError> {
    let (size, room) = (size_of_request(request), MAX_REQUEST_HEADERS as usize);
    if size < room { Ok(()) } else { Err(request_too_large(path, size, room)) }
}

/// The refusal of a request whose headers have `size` bytes, where less than `room` are taken.
pub(crate) fn request_too_large(path: &str, size: usize, room: usize) -> MeshError {
    let message = format!("the request metadata of {path} has {size} bytes; less than {room} are taken");
    described(MeshError::new(Reason::MetadataTooLarge, message), "request", size, room)
        .method(path)
        .remedy("put large values into the request message, which `max_request_bytes` bounds")
}

fn described(error: MeshError, what: &str, size: usize, room: usize) -> MeshError {
    let rule = format_args!("{what} metadata: less than {room} bytes");
    error.rule(rule).origin(&Origin::Default).with("bytes", size)
}

/// Leaves out details that are no base64: tonic's clients take them for granted, and panic.
pub(crate) fn sound_details(headers: &mut HeaderMap) {
    if headers.contains_key(DETAILS) {
        let metadata = tonic::metadata::MetadataMap::from_headers(std::mem::take(headers));
        let sound = metadata.get_bin(DETAILS).is_none_or(|details| details.to_bytes().is_ok());
        *headers = metadata.into_headers();
        if !sound {
            headers.remove(DETAILS);
        }
    }
}

pin_project! {
    /// A body whose trailers fit.
    pub struct Fitted<B> {
        #[pin]
        inner: B,
        room: Room,
    }
}

impl<B> Fitted<B> {
    /// `inner`, whose trailers are to fit into `room`.
    pub const fn new(inner: B, room: Room) -> Self {
        Self { inner, room }
    }
}

impl<B> Body for Fitted<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.project();
        let Some(frame) = ready!(this.inner.poll_frame(cx)) else { return Poll::Ready(None) };
        let mut frame = match frame {
            Ok(frame) => frame,
            Err(error) => return Poll::Ready(Some(Err(error.into()))),
        };
        if let Some(trailers) = frame.trailers_mut()
            && let Err(error) = fit_headers(trailers, *this.room)
        {
            return Poll::Ready(Some(Err(error.into())));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
