//! What fields say of themselves.

use super::{OfMethod, TREATY};
use crate::{
    lint::{
        judge::Judge,
        set::{
            FileAt, Set,
            descriptor::{self, kind},
            options,
        },
    },
    model::Contract,
    origin::Origin,
    policy::Allow,
    read::vocabulary,
};
use prost::Message as _;
use std::collections::{HashMap, HashSet};

/// `treaty.v1.Mask.MASK_LAST4`.
const LAST4: i32 = 2;

pub(super) fn check(set: &Set<'_>, contract: &Contract, judge: &mut Judge<'_>) {
    let methods = || contract.services.iter().flat_map(|service| &service.methods);
    let requests: HashSet<&str> = methods().map(|method| method.input.as_str()).collect();
    let public = methods().any(|method| method.policy.public.value);
    for file in set.targets() {
        // Messages of a file without services may be somebody else's requests.
        let serves = !file.file.service.is_empty();
        for (of, field, path) in file.fields() {
            let Some(bytes) = options::message(&field.options, TREATY.unsigned_abs()) else { continue };
            let said = vocabulary::Field::decode(bytes.as_slice()).unwrap_or_default();
            let name = if of.is_empty() { field.name.clone() } else { format!("{of}.{}", field.name) };
            let checked = Checked { file, field, path: &path, name, said: &said };
            checked.form(judge);
            checked.lists(judge);
            if said.key && serves && !requests.contains(of) && checked.is_scalar() {
                let message = format!("the key `{}` is in no request: nobody looks at it", checked.name);
                judge.found(
                    "key-without-effect",
                    checked.at(3),
                    message,
                    "mark a field of the request itself",
                );
            }
            if !said.claim.is_empty() && serves && !public {
                let message = format!("`{}` equals a claim, and no method here is public", checked.name);
                let remedy = "let the gateway in with `public: true`, or take `claim` away";
                judge.found("claim-without-effect", checked.at(4), message, remedy);
            }
        }
    }
}

/// What the fields of one call are called on its span.
pub(super) fn attributes(of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for field in &of.method.fields {
        let Some(attribute) = &field.attribute else { continue };
        if let Some(first) = seen.insert(attribute, &field.name) {
            let message = format!("`{first}` and `{}` are both the span attribute `{attribute}`", field.name);
            judge.found("attribute-twice", field.origin.clone(), message, "name one of them differently");
        }
    }
}

/// A field that says something.
struct Checked<'a> {
    file: &'a FileAt<'a>,
    field: &'a descriptor::Field,
    path: &'a [i32],
    name: String,
    said: &'a vocabulary::Field,
}

impl Checked<'_> {
    fn at(&self, part: i32) -> Origin {
        self.file.places.at(&[self.path, &[8, TREATY, part]].concat())
    }

    fn is_scalar(&self) -> bool {
        self.field.label != kind::REPEATED && !matches!(self.field.r#type, kind::MESSAGE | kind::GROUP)
    }

    fn form(&self, judge: &mut Judge<'_>) {
        let Self { field, name, said, .. } = self;
        let plain = self.is_scalar() && field.r#type != kind::BYTES;
        if said.mask == LAST4 && field.r#type != kind::STRING {
            let message = format!("`{name}` is no text: it has no last four characters");
            judge.found("mask-not-text", self.at(2), message, "write MASK_FULL or MASK_HASH");
        }
        if !said.claim.is_empty() && !plain {
            let message = format!("`{name}` is to equal a claim, and is no single value");
            judge.found("claim-not-scalar", self.at(4), message, "say it of one text, number or truth value");
        }
        if said.attribute.is_empty() {
            return;
        }
        if !plain {
            let message = format!("`{name}` is to be a span attribute, and is no single value");
            judge.found(
                "attribute-not-scalar",
                self.at(5),
                message,
                "say it of one text, number or truth value",
            );
        }
        if !is_attribute(&said.attribute) {
            let message = format!("`{}` is no name of a span attribute", said.attribute);
            judge.found(
                "bad-attribute",
                self.at(5),
                message,
                "write lower case words, with dots between: \"till.coupon\"",
            );
        }
    }

    fn lists(&self, judge: &mut Judge<'_>) {
        let mut seen = HashSet::new();
        for entry in &self.said.visible_to {
            if !seen.insert(entry) {
                let message = format!("`{}` is shown to `{entry}`, said twice", self.name);
                judge.found("visible-to-twice", self.at(6), message, "name it once");
            }
            if Allow::try_from(entry.clone()).is_err() && !is_scope(entry) {
                let message = format!("`{entry}` is neither a workload nor a scope");
                let remedy = "write \"namespace/account\", or a scope of the end user's token";
                judge.found("bad-visible-to", self.at(6), message, remedy);
            }
        }
    }
}

/// `scope-token` of RFC 6749, section 3.3.
pub(super) fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// As OpenTelemetry's naming of attributes has it.
fn is_attribute(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    text.split('.').all(word)
}
