//! Statuses with their details (`google.rpc.Status`), as every service of the shop makes them.

use crate::{DOMAIN, DatabaseError, PageError, input::Complaints};
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{
    BadRequest, ErrorDetail, ErrorInfo, FieldViolation, PreconditionFailure, PreconditionViolation,
    ResourceInfo, StatusExt,
};

/// INVALID_ARGUMENT, with a BadRequest that names each field.
pub fn invalid(complaints: &Complaints) -> Status {
    let fields: Vec<_> = complaints.iter().map(|c| FieldViolation::new(&c.field, &c.description)).collect();
    let details = vec![info("INVALID_INPUT", HashMap::new()), BadRequest::new(fields).into()];
    Status::with_error_details_vec(Code::InvalidArgument, complaints.to_string(), details)
}

/// INVALID_ARGUMENT for a page that cannot be asked for.
pub fn invalid_page(error: PageError) -> Status {
    invalid(&Complaints::one(error.field(), error.to_string()))
}

/// NOT_FOUND, with a ResourceInfo for each of `names`; `kind` is the resource's type, such as
/// "shop.catalog.v1.Product".
pub fn not_found(kind: &str, names: &[String]) -> Status {
    let message = format!("there is no {}", names.join(", no "));
    let mut details = vec![info("NOT_FOUND", HashMap::new())];
    details.extend(
        names.iter().map(|name| ResourceInfo::new(kind, name, "", "there is none of that name").into()),
    );
    Status::with_error_details_vec(Code::NotFound, message, details)
}

/// ALREADY_EXISTS, with the reason and the resource that is in the way.
pub fn already_exists(reason: &str, message: &str, kind: &str, name: &str) -> Status {
    let details = vec![info(reason, HashMap::new()), ResourceInfo::new(kind, name, "", message).into()];
    Status::with_error_details_vec(Code::AlreadyExists, message, details)
}

/// One thing that is not as it would have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// "STOCK".
    pub kind: &'static str,
    /// The resource: "products/espresso-beans".
    pub subject: String,
    /// For people.
    pub description: String,
}

/// FAILED_PRECONDITION, with a PreconditionFailure that names each `unmet`, and `metadata` in the
/// ErrorInfo for programs.
pub fn precondition(reason: &str, message: &str, unmet: Vec<Unmet>, metadata: &[(&str, String)]) -> Status {
    let violations: Vec<_> =
        unmet.into_iter().map(|u| PreconditionViolation::new(u.kind, u.subject, u.description)).collect();
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let details = vec![info(reason, metadata), PreconditionFailure::new(violations).into()];
    Status::with_error_details_vec(Code::FailedPrecondition, message, details)
}

/// INTERNAL. What went wrong goes to the log; the caller is told only that it was not his fault.
pub fn internal(error: &DatabaseError) -> Status {
    tracing::error!(%error, "a request failed");
    let details = vec![info("STORAGE_FAILED", HashMap::new())];
    Status::with_error_details_vec(Code::Internal, "the service's own storage failed", details)
}

/// Any other code, with a reason for programs.
pub fn other(code: Code, reason: &str, message: &str) -> Status {
    Status::with_error_details_vec(code, message, vec![info(reason, HashMap::new())])
}

fn info(reason: &str, metadata: HashMap<String, String>) -> ErrorDetail {
    ErrorInfo::new(reason, DOMAIN, metadata).into()
}
