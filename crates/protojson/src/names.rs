//! Fields by the names that JSON may give them.

use contract::schema::{Field, Message, MessageId, Schema};
use std::{cell::RefCell, collections::HashMap};

/// Of each message that was met, its fields and extensions by name: whoever has thousands of either may also
/// set thousands.
#[derive(Default)]
pub(crate) struct Names<'a>(RefCell<HashMap<MessageId, Known<'a>>>);

struct Known<'a> {
    fields: HashMap<&'a str, &'a Field>,
    extensions: HashMap<&'a str, &'a Field>,
}

impl<'a> Names<'a> {
    /// By its JSON name, its own name, or in brackets an extension's full name.
    pub(crate) fn field(&self, schema: &'a Schema, of: MessageId, name: &str) -> Option<&'a Field> {
        let mut met = self.0.borrow_mut();
        let known = met.entry(of).or_insert_with(|| Known::of(schema, schema.message_at(of)));
        match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(extension) => known.extensions.get(extension).copied(),
            None => known.fields.get(name).copied(),
        }
    }
}

impl<'a> Known<'a> {
    fn of(schema: &'a Schema, of: &'a Message) -> Self {
        let (mut fields, mut extensions) = (HashMap::new(), HashMap::new());
        for field in &of.fields {
            // Where two claim a name, it is the first one's.
            fields.entry(field.json_name.as_str()).or_insert(field);
            fields.entry(field.name.as_str()).or_insert(field);
        }
        for field in schema.extensions(&of.name) {
            extensions.entry(field.name.as_str()).or_insert(field);
        }
        Self { fields, extensions }
    }
}
