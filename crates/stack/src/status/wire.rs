//! How failures travel: as tonic's status, as a response without a body, as trailers.

use super::{DOMAIN, Detail, MeshError};
use crate::{
    Body,
    metadata::{Room, fit_error, left_for_details},
};
use http::HeaderMap;
use std::{collections::HashMap, convert::Infallible};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// How long the values of `ErrorInfo.metadata` may be together, in bytes: names and expressions in them are whatever
/// somebody wrote.
const MAX_VALUES: usize = 1536;
/// How long each may be where they are longer.
const MAX_VALUE: usize = 256;

impl MeshError {
    /// A response that is only trailers, which every gRPC client reads as this status, and takes.
    pub fn into_response(self) -> http::Response<Body> {
        let mut response = Status::from(self).into_http();
        fit_error(response.headers_mut(), Room::ALL_TAKE);
        response
    }

    /// Trailers that end a response that has already begun. Every client takes them.
    pub(crate) fn into_trailers(self) -> HeaderMap {
        let mut trailers = trailers_of(&Status::from(self));
        fit_error(&mut trailers, Room::ALL_TAKE);
        trailers
    }

    /// How many bytes more the details may have for the status to fit.
    pub(crate) fn room_for_details(&self, room: Room) -> usize {
        left_for_details(&trailers_of(&Status::from(self.clone())), room)
    }
}

impl From<MeshError> for Status {
    fn from(error: MeshError) -> Self {
        let code = Code::from_i32(error.reason.code().number());
        let length: usize = error.metadata.values().map(String::len).sum();
        let most = if length > MAX_VALUES { MAX_VALUE } else { length };
        let short = |(key, mut value): (&str, String)| {
            cut(&mut value, most);
            (key.to_owned(), value)
        };
        let metadata: HashMap<_, _> = error.metadata.into_iter().map(short).collect();
        let info = ErrorDetails::with_error_info(error.reason.as_str(), DOMAIN, metadata);
        let status = Self::with_error_details(code, error.message, info);
        if error.details.is_empty() {
            return status;
        }
        // An encoded `google.rpc.Status`: what is added behind it is added to its details (3).
        let mut details = status.details().to_vec();
        for Detail { type_url, value } in &error.details {
            let mut any = Vec::with_capacity(type_url.len() + value.len() + 8);
            put_bytes(&mut any, 1, type_url.as_bytes());
            put_bytes(&mut any, 2, value);
            put_bytes(&mut details, 3, &any);
        }
        Self::with_details(code, status.message(), details.into())
    }
}

/// Cuts a text that is longer than so many bytes, and shows that with a "…".
pub(crate) fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let mut end = most.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push('…');
}

/// Appends a length-delimited protobuf field; `field` is at most 15.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push((length & 0x7f) as u8);
    out.extend_from_slice(bytes);
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The mesh ended it.
    #[error(transparent)]
    Mesh(MeshError),
    /// The application, or what carries it, did.
    #[error(transparent)]
    Other(Box<Status>),
}

impl Fault {
    /// A response that is only trailers.
    pub(crate) fn into_response(self) -> http::Response<Body> {
        Status::from(self).into_http()
    }

    /// Trailers that say it to the other side.
    pub(crate) fn into_trailers(self) -> HeaderMap {
        match self {
            Self::Mesh(error) => error.into_trailers(),
            Self::Other(status) => trailers_of(&status),
        }
    }

    /// Its number in `google.rpc.Code`.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Mesh(error) => error.reason.code().number(),
            Self::Other(status) => status.code().into(),
        }
    }

    /// What the mesh calls it, if it is the mesh's.
    pub(crate) const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Mesh(error) => Some(error.reason.as_str()),
            Self::Other(_) => None,
        }
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Mesh(error) => error.into(),
            Fault::Other(status) => *status,
        }
    }
}

impl From<MeshError> for Fault {
    fn from(error: MeshError) -> Self {
        Self::Mesh(error)
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        Self::Other(Box::new(status))
    }
}

impl From<hyper::Error> for Fault {
    fn from(error: hyper::Error) -> Self {
        Self::from(Status::from_error(Box::new(error)))
    }
}

impl From<Infallible> for Fault {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn trailers_of(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(4);
    // Fails on metadata that is no header value; then the bare code must do.
    if status.add_header(&mut trailers).is_err() {
        trailers.clear();
        trailers.insert("grpc-status", http::HeaderValue::from(i32::from(status.code())));
    }
    trailers
}
