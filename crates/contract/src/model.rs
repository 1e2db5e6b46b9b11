//! A contract, read and understood.

use crate::{
    digest::Digest,
    http::{Bound, HttpBeyond, HttpBinding},
    lint::Kept,
    origin::{Origin, Sourced},
    policy::{MethodPolicy, ServicePolicy},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt, sync::Arc};

/// A descriptor set, and what it says about the services in it.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The descriptor set as it came, byte for byte.
    pub bytes: Arc<[u8]>,
    /// What identifies `bytes`.
    pub digest: Digest,
    /// Sorted by name.
    pub services: Vec<Service>,
    /// How methods can be called by HTTP; only those that can.
    pub(crate) http: HashMap<MethodPath, Bound>,
    /// What was found wrong with single values while reading; [`crate::lint::lint`] reports it.
    pub(crate) findings: Kept,
}

impl Contract {
    /// The service with this full name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        let at = self.services.binary_search_by(|service| service.name.as_str().cmp(name)).ok()?;
        self.services.get(at)
    }

    /// How a method can be called by HTTP (`google.api.http`): the main binding first, then the additional
    /// ones; none where its contract says nothing.
    pub fn http(&self, method: &MethodPath) -> &[HttpBinding] {
        self.http.get(method).map_or(&[], |bound| bound.bindings.as_slice())
    }

    /// The bindings of a method that [`Contract::http`] leaves out, since there are too many.
    pub fn http_beyond(&self, method: &MethodPath) -> Option<&HttpBeyond> {
        self.http.get(method)?.beyond.as_ref()
    }
}

/// A service and what holds for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Full name: "shop.orders.v1.Orders".
    pub name: String,
    /// Where it is declared.
    pub origin: Origin,
    /// The comment in front of it; empty without one.
    pub documentation: String,
    /// Whether the service as a whole is deprecated.
    pub deprecated: Sourced<bool>,
    /// What holds for it as a whole.
    pub policy: ServicePolicy,
    /// In the order of declaration.
    pub methods: Vec<Method>,
}

/// A method and what holds for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its path on the wire.
    pub path: MethodPath,
    /// Where it is declared.
    pub origin: Origin,
    /// Full name of the request type.
    pub input: String,
    /// Full name of the response type.
    pub output: String,
    /// Whether the client streams.
    pub client_streaming: bool,
    /// Whether the server streams.
    pub server_streaming: bool,
    /// `idempotency_level` is NO_SIDE_EFFECTS or IDEMPOTENT.
    pub idempotent: bool,
    /// The standard option `idempotency_level`.
    pub idempotency: Sourced<Idempotency>,
    /// The standard option `deprecated`, of the method or of its service.
    pub deprecated: Sourced<bool>,
    /// The comment in front of it; empty without one.
    pub documentation: String,
    /// What holds for it.
    pub policy: MethodPolicy,
    /// The fields of its request and response, however deep, that say something about themselves.
    pub fields: Vec<Field>,
}

/// What calling a method twice does (`google.protobuf.MethodOptions.IdempotencyLevel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Idempotency {
    /// Nobody promises anything.
    #[default]
    IdempotencyUnknown,
    /// It changes nothing.
    NoSideEffects,
    /// The same as calling it once.
    Idempotent,
}

/// A field that says something about itself: masked, the request's key, or otherwise delicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Full name: "shop.orders.v1.PlaceOrderRequest.note".
    pub name: String,
    /// Where the option stands that says so.
    pub origin: Origin,
    /// `debug_redact`, or a sensitivity of PII or above: never shown.
    pub masked: bool,
    /// The key of the request.
    pub key: bool,
    /// How delicate it is.
    pub sensitivity: Sensitivity,
    /// What is shown instead of its value, where it is masked.
    pub mask: Mask,
    /// The name under which it is copied to the span.
    pub attribute: Option<String>,
    /// The claim of the end user's token that it must equal.
    pub claim: Option<String>,
    /// The workloads or scopes that see it; empty: everybody.
    pub visible_to: Vec<String>,
}

/// How delicate a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Sensitivity {
    /// Not delicate.
    #[default]
    Unspecified,
    /// Not for outsiders.
    Internal,
    /// About a person.
    Pii,
    /// About a means of payment.
    Payment,
    /// Opens something.
    Secret,
}

/// What is shown instead of a masked value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mask {
    /// Nothing of it.
    #[default]
    Full,
    /// Its last four characters.
    Last4,
    /// A keyed hash, so that equal values can be told.
    Hash,
}

/// "/shop.orders.v1.Orders/PlaceOrder".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MethodPath(Arc<str>);

impl MethodPath {
    /// The path of a method of a service.
    pub fn new(service: &str, method: &str) -> Self {
        Self(format!("/{service}/{method}").into())
    }
    /// With the leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The service's full name.
    pub fn service(&self) -> &str {
        self.as_str().trim_start_matches('/').split_once('/').map_or("", |(service, _)| service)
    }
    /// The method's own name.
    pub fn method(&self) -> &str {
        self.as_str().rsplit_once('/').map_or("", |(_, method)| method)
    }
}

impl fmt::Display for MethodPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
