//! Methods and services as a whole: whether they are there, and who streams.

use crate::{finding::Finding, level::Level, party::Party};
use contract::{Method, Service};

/// The provider no longer has the service.
pub(crate) fn service_gone(service: &Service, provider: &Party) -> Vec<Finding> {
    let _ = (service, provider);
    Vec::new()
}

/// The provider no longer has the method.
pub(crate) fn gone(method: &Method, provider: &Service) -> Vec<Finding> {
    let _ = provider;
    let message = format!("`{}` is gone", method.path);
    vec![Finding { rule: "method-deleted", level: Level::Breaking, message, ..Finding::default() }]
}

/// Who streams.
pub(crate) fn shape(consumer: &Method, provider: &Method) -> Vec<Finding> {
    let _ = (consumer, provider);
    Vec::new()
}
