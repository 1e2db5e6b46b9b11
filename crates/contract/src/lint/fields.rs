//! Rules about the fields of requests and responses.

use super::Diagnostic;
use crate::model::{Field, Mask, Method, Service};

pub(super) fn check(service: &Service, method: &Method, found: &mut Vec<Diagnostic>) {
    found.extend(method.fields.iter().filter_map(attribute_on_masked));
    found.extend(method.fields.iter().filter_map(mask_without_effect));
    found.extend(several_keys(service, method));
}

fn attribute_on_masked(field: &Field) -> Option<Diagnostic> {
    let attribute = field.attribute.as_deref().filter(|_| field.masked)?;
    let message =
        format!("`{}` is masked, and would be shown as the span attribute `{attribute}`", field.name);
    let remedy = "take `attribute` away, or the mask";
    Some(Diagnostic::error("attribute-on-masked-field", &field.origin, message, remedy))
}

fn mask_without_effect(field: &Field) -> Option<Diagnostic> {
    (field.mask != Mask::Full && !field.masked).then(|| {
        let message = format!("`{}` says how to mask it, and nothing masks it", field.name);
        let remedy = "add `debug_redact = true`, or a sensitivity of PII, PAYMENT or SECRET";
        Diagnostic::warning("mask-without-effect", &field.origin, message, remedy)
    })
}

fn several_keys(service: &Service, method: &Method) -> Option<Diagnostic> {
    let mut keys = method.fields.iter().filter(|field| field.key);
    let (first, second) = (keys.next()?, keys.next()?);
    let message = format!(
        "the request of {}/{} has two keys: `{}` and `{}`",
        service.name,
        method.path.method(),
        first.name,
        second.name
    );
    Some(Diagnostic::error("several-keys", &second.origin, message, "keep one"))
}
