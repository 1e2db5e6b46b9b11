//! Who speaks: the resource of all spans, and `target_info` of the metrics.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::{Resource, resource::EnvResourceDetector};
use std::env;

/// `OTEL_SERVICE_NAME` beats `OTEL_RESOURCE_ATTRIBUTES`, which beats `service_name`. "shop/orders" is the
/// service "orders" in the namespace "shop". Each process is an instance of its own.
pub(crate) fn detect(service_name: &str) -> Resource {
    let (namespace, name) = match service_name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, service_name),
    };
    let given = Resource::builder_empty().with_detector(Box::new(EnvResourceDetector::new())).build();
    let mut attributes = Vec::new();
    let mut default = |key: &'static str, value: String| {
        if given.get_ref(&Key::from_static_str(key)).is_none() {
            attributes.push(KeyValue::new(key, value));
        }
    };
    default("service.name", name.to_owned());
    default("service.instance.id", uuid::Uuid::new_v4().to_string());
    default("telemetry.sdk.language", "rust".to_owned());
    default("telemetry.sdk.name", "opentelemetry".to_owned());
    if let Some(namespace) = namespace {
        default("service.namespace", namespace.to_owned());
    }
    if let Some(name) = env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty()) {
        attributes.push(KeyValue::new("service.name", name));
    }
    let given = given.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty().with_attributes(given).with_attributes(attributes).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(resource: &Resource, key: &'static str) -> Option<String> {
        resource.get(&Key::from_static_str(key)).map(|value| value.to_string())
    }

    #[test]
    fn a_workload_is_a_service_in_a_namespace() {
        let resource = detect("shop/orders");
        assert_eq!(attribute(&resource, "service.name").as_deref(), Some("orders"));
        assert_eq!(attribute(&resource, "service.namespace").as_deref(), Some("shop"));
        assert_ne!(
            attribute(&resource, "service.instance.id"),
            attribute(&detect("shop/orders"), "service.instance.id")
        );
    }
}
