//! The fields that say something about themselves, of every type that a method's messages reach.

use super::{
    ReadError,
    descriptor::{self, kind, path},
    findings::Findings,
    index::{Index, MessageAt},
    policy::join,
    schema::Schema,
    vocabulary,
};
use crate::{
    model::{Field, Mask, Sensitivity},
    origin::Origin,
};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// Types that methods reach, each counted once for each of them.
const MAX_REACHED: usize = 5_000_000;
/// Fields looked at on the way.
const MAX_STEPS: usize = 50_000_000;
/// Fields found that say something, for all methods together; a long one counts for several.
const MAX_SAID: usize = 2_000_000;

/// The types of a set, with what their fields say. What is looked at for each method is numbers.
pub(crate) struct Reachable<'a> {
    /// By full name, into `types`.
    numbers: HashMap<&'a str, usize>,
    types: Vec<Type>,
    /// The walk that met a type last.
    met: Vec<usize>,
    walks: usize,
    reached: usize,
    steps: usize,
    weight: usize,
}

#[derive(Default)]
struct Type {
    name: String,
    said: Vec<Field>,
    /// The types of its fields, each once, in their order.
    inner: Vec<usize>,
}

impl<'a> Reachable<'a> {
    pub(crate) fn of(
        index: &'a Index<'a>,
        schema: &Schema,
        findings: &mut Findings,
    ) -> Result<Self, ReadError> {
        let names: BTreeSet<&str> = index.messages().map(|(name, _)| name).collect();
        let numbers: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let mut types = Vec::with_capacity(names.len());
        for name in names {
            let Some(at) = index.message(name) else { continue };
            let said = read_message(name, at, index, schema, findings)?;
            let messages =
                at.message.field.iter().filter(|field| matches!(field.r#type, kind::MESSAGE | kind::GROUP));
            let inner = messages.filter_map(|field| numbers.get(field.type_name.trim_start_matches('.')));
            let mut seen = HashSet::new();
            let inner = inner.copied().filter(|inner| seen.insert(*inner)).collect();
            types.push(Type { name: name.to_owned(), said, inner });
        }
        let met = vec![0; types.len()];
        Ok(Self { numbers, types, met, walks: 0, reached: 0, steps: 0, weight: 0 })
    }

    /// Nearest first; the key counts only where it is a field of the request itself.
    pub(crate) fn of_method(&mut self, input: &str, output: &str) -> Result<Vec<Field>, ReadError> {
        self.walks += 1;
        let mut pending = VecDeque::new();
        for root in [input, output] {
            pending.extend(
                self.numbers.get(root).copied().filter(|root| meet(&mut self.met, *root, self.walks)),
            );
        }
        let mut fields = Vec::new();
        while let Some(of) = pending.pop_front().and_then(|number| self.types.get(number)) {
            self.reached += 1;
            self.steps += of.inner.len();
            self.weight += of.said.iter().map(weight).sum::<usize>();
            within(self.reached, MAX_REACHED, "messages within the messages of methods")?;
            within(self.steps, MAX_STEPS, "fields within the messages of methods")?;
            within(self.weight, MAX_SAID, "fields with options within the messages of methods")?;
            let is_input = of.name == input;
            fields.extend(of.said.iter().map(|field| Field { key: field.key && is_input, ..field.clone() }));
            pending.extend(of.inner.iter().copied().filter(|inner| meet(&mut self.met, *inner, self.walks)));
        }
        Ok(fields)
    }
}

/// Whether this walk had not met the type before.
fn meet(met: &mut [usize], number: usize, walk: usize) -> bool {
    met.get_mut(number).is_some_and(|met| std::mem::replace(met, walk) != walk)
}

fn within(count: usize, limit: usize, what: &'static str) -> Result<(), ReadError> {
    if count > limit { Err(ReadError::TooLarge { what, limit }) } else { Ok(()) }
}

fn read_message(
    name: &str,
    at: &MessageAt<'_>,
    index: &Index<'_>,
    schema: &Schema,
    findings: &mut Findings,
) -> Result<Vec<Field>, ReadError> {
    let mut of_message = Vec::new();
    let Some(file) = index.files.get(at.file) else { return Ok(of_message) };
    for (position, field) in at.message.field.iter().enumerate() {
        let Some(options) = field.options.as_ref().filter(|o| o.debug_redact || !o.treaty.is_empty()) else {
            continue;
        };
        let declared = join(&at.path, &[path::MESSAGE_FIELD, super::index::as_step(position)]);
        let option = join(&declared, &[path::FIELD_OPTIONS, path::TREATY]);
        let full_name = format!("{name}.{}", field.name);
        let decoded: vocabulary::Field = schema.decode("Field", &options.treaty).map_err(|reason| {
            ReadError::Option { of: full_name.clone(), origin: file.places.at(&option), reason }
        })?;
        let at = |field: i32| file.places.at(&join(&option, &[field]));
        let origin = if options.debug_redact {
            file.places.at(&join(&declared, &[path::FIELD_OPTIONS, path::DEBUG_REDACT]))
        } else if decoded.sensitivity > 0 {
            at(1)
        } else {
            file.places.at(&option)
        };
        let said = describe(full_name, origin, options.debug_redact, decoded);
        check(&said, field, at, findings);
        of_message.push(said);
    }
    Ok(of_message)
}

fn describe(name: String, origin: Origin, redact: bool, said: vocabulary::Field) -> Field {
    let sensitivity = match said.sensitivity {
        1 => Sensitivity::Internal,
        2 => Sensitivity::Pii,
        3 => Sensitivity::Payment,
        4 => Sensitivity::Secret,
        _ => Sensitivity::Unspecified,
    };
    let mask = match said.mask {
        2 => Mask::Last4,
        3 => Mask::Hash,
        _ => Mask::Full,
    };
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    Field {
        name,
        origin,
        masked: redact || sensitivity >= Sensitivity::Pii,
        key: said.key,
        sensitivity,
        mask,
        attribute: text(said.attribute),
        claim: text(said.claim),
        visible_to: said.visible_to,
    }
}

/// One, and one more for each 64 bytes.
fn weight(field: &Field) -> usize {
    let visible_to: usize = field.visible_to.iter().map(|name| name.len() + 24).sum();
    1 + (field.name.len() + field.origin.file().len() + visible_to) / 64
}

/// `at` knows where the parts of the field's option stand.
fn check(field: &Field, declared: &descriptor::Field, at: impl Fn(i32) -> Origin, findings: &mut Findings) {
    let name = &field.name;
    let scalar = !matches!(declared.r#type, kind::MESSAGE | kind::GROUP) && declared.label != kind::REPEATED;
    if field.key && !scalar {
        let remedy = "make one singular string or number of the request the key";
        findings.error("key-not-scalar", &at(3), format!("the key `{name}` is no scalar"), remedy);
    }
    if let Some(attribute) = field.attribute.as_deref().filter(|_| field.masked) {
        let message = format!("`{name}` is masked, and would be shown as the span attribute `{attribute}`");
        findings.error("attribute-on-masked-field", &at(5), message, "take `attribute` away, or the mask");
    }
    if field.mask != Mask::Full && !field.masked {
        let message = format!("`{name}` says how to mask it, and nothing masks it");
        let remedy = "add `debug_redact = true`, or a sensitivity of PII, PAYMENT or SECRET";
        findings.warning("mask-without-effect", &at(2), message, remedy);
    }
}
