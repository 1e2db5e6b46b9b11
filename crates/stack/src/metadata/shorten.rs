//! An error's status that is too large for its receiver, without what does not fit.

use super::{Room, STATUS, described, sound_details};
use crate::status::{MeshError, Reason};
use http::{HeaderMap, HeaderName};
use prost::Message as _;
use tonic::{Status, metadata::MetadataMap};
use tonic_types::pb;
use transport::header_list_size;

const CODE: HeaderName = HeaderName::from_static("grpc-status");
const CONTENT_TYPE: HeaderName = http::header::CONTENT_TYPE;
/// The status's own headers beside message and details, and rounding.
const FRAME: usize = 256;

/// The status in `headers`, which have `size` bytes, shortened; `None` if there is none, or it is no error's.
pub(super) fn status(mut headers: HeaderMap, size: usize, Room(room): Room) -> Option<HeaderMap> {
    sound_details(&mut headers);
    let code = headers.get(CODE).filter(|code| code.as_bytes() != b"0")?.clone();
    let kind = headers.remove(CONTENT_TYPE);
    let whole = Status::from_header_map(&headers)?;
    let message = beginning(whole.message(), room / 4);
    let metadata = Some(whole.metadata()).filter(|all| header_list_size(all.as_ref()) < room / 8);

    let mut headers = HeaderMap::new();
    let fits = |headers: &HeaderMap| header_list_size(headers) + STATUS < room;
    let details = details(&whole, message, metadata.is_some(), size, room);
    let metadata = metadata.cloned().unwrap_or_default();
    // The second is for those who take next to nothing.
    for details in [details, Vec::new()] {
        headers.clear();
        let (details, metadata) = (details.into(), MetadataMap::clone(&metadata));
        let short = Status::with_details_and_metadata(whole.code(), message, details, metadata);
        let written = short.add_header(&mut headers).is_ok();
        if written && fits(&headers) {
            break;
        }
    }
    headers.insert(CODE, code);
    headers.extend(kind.map(|kind| (CONTENT_TYPE, kind)));
    Some(headers)
}

/// The application's details as far as they fit, in their order, and at the end a word on what is missing. At
/// the end, so that an `ErrorInfo` of the application stays the first.
fn details(whole: &Status, message: &str, metadata_kept: bool, size: usize, room: usize) -> Vec<u8> {
    let given = pb::Status::decode(whole.details()).unwrap_or_default().details;
    let all = given.len();
    let mut short = pb::Status { code: whole.code().into(), message: message.to_owned(), details: given };
    let ours = |kept: usize| {
        let said = omission(all, kept, metadata_kept, size, room);
        pb::Status::decode(Status::from(said).details()).unwrap_or_default().details
    };
    // Base64 makes four bytes out of three; the message is in the headers a second time.
    let taken = encoded(message) + FRAME + if metadata_kept { room / 8 } else { 0 };
    let space = room.saturating_sub(taken) / 4 * 3;
    let ours_length: usize = ours(all).iter().map(field).sum();
    let mut left = space.saturating_sub(message.len() + ours_length + FRAME);
    short.details.retain(|detail| {
        let fits = field(detail) <= left;
        left -= if fits { field(detail) } else { 0 };
        fits
    });
    let kept = short.details.len();
    short.details.extend(ours(kept));
    short.encode_to_vec()
}

fn omission(all: usize, kept: usize, metadata_kept: bool, size: usize, room: usize) -> MeshError {
    let message = "the status was too large for its receiver and was shortened";
    described(MeshError::new(Reason::MetadataTooLarge, message), "response", size, room)
        .with("detailsKept", format_args!("{kept} of {all}"))
        .with("metadataKept", metadata_kept)
        .remedy("send fewer or smaller details, or put them into a response message")
}

/// What one detail takes: tag, length and itself.
fn field(detail: &impl prost::Message) -> usize {
    let length = detail.encoded_len();
    1 + prost::length_delimiter_len(length) + length
}

/// How long `grpc-message` becomes (gRPC over HTTP/2, "Percent-Encoded").
fn encoded(text: &str) -> usize {
    text.bytes().map(cost).sum()
}

/// The beginning of `text` that encodes to at most `most` bytes.
fn beginning(text: &str, most: usize) -> &str {
    let mut length = 0;
    let end = text.char_indices().find(|(at, character)| {
        length += text.get(*at..at + character.len_utf8()).map_or(0, encoded);
        length > most
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

const fn cost(byte: u8) -> usize {
    // What may stay as it is, is less to some implementations than to others.
    if byte.is_ascii_alphanumeric() { 1 } else { 3 }
}
