//! The comments of a descriptor set, by the full name of what they stand at.
//!
//! Texts only: markup in them is the reader's affair, and so is who may have written them.

use crate::{
    model::Contract,
    origin::Origin,
    read::{
        Bounds, ReadError,
        descriptor::{Enum, File, FileSet, Message},
        index::as_step,
        places::Places,
        readable, sound,
    },
};
use prost::Message as _;
use std::collections::HashMap;

/// What is written at each declaration of a descriptor set.
#[derive(Clone, Debug, Default)]
pub struct Comments(HashMap<String, Comment>);

/// What is written at a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The comment in front of it, else the one behind it; empty without any. Without the blank that follows
    /// each `//`, and without control characters.
    pub text: String,
    /// Where the declaration stands.
    pub origin: Origin,
}

impl Comments {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`.
    ///
    /// # Errors
    /// When the bytes are no sound descriptor set.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        sound(bytes, Bounds::THEIRS)?;
        Self::decoded(bytes)
    }

    /// Of a contract, whose bytes have been found sound already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(contract: &Contract) -> Result<Self, ReadError> {
        Self::decoded(&contract.bytes)
    }

    fn decoded(bytes: &[u8]) -> Result<Self, ReadError> {
        let set = FileSet::decode(bytes)
            .map_err(|error| ReadError::Malformed { file: String::new(), reason: error.to_string() })?;
        let mut reader = Reader::default();
        for file in &set.file {
            reader.file(file);
        }
        Ok(Self(reader.found))
    }

    /// What is written at the declaration of this full name: of a message ("shop.v1.Order"), a field or oneof
    /// ("shop.v1.Order.lines"), an enum or its value ("shop.v1.State.OPEN": values below their enum), a
    /// service or method ("shop.v1.Orders.Place").
    pub fn at(&self, name: &str) -> Option<&Comment> {
        self.0.get(name)
    }

    /// The comment's text; empty without one.
    pub fn text(&self, name: &str) -> &str {
        self.at(name).map_or("", |comment| comment.text.as_str())
    }
}

#[derive(Default)]
struct Reader {
    found: HashMap<String, Comment>,
}

impl Reader {
    fn file(&mut self, file: &File) {
        let places = Places::of(file);
        for (at, message) in file.message_type.iter().enumerate() {
            self.message(&places, &file.package, message, &[4, as_step(at)]);
        }
        for (at, found) in file.enum_type.iter().enumerate() {
            self.enumeration(&places, &file.package, found, &[5, as_step(at)]);
        }
        for (at, service) in file.service.iter().enumerate() {
            let path = [6, as_step(at)];
            let name = self.add(&places, &file.package, &service.name, &path);
            for (at, method) in service.method.iter().enumerate() {
                self.add(&places, &name, &method.name, &[path.as_slice(), &[2, as_step(at)]].concat());
            }
        }
    }

    /// How deep messages nest is bounded.
    fn message(&mut self, places: &Places<'_>, scope: &str, message: &Message, path: &[i32]) {
        let name = self.add(places, scope, &message.name, path);
        let below = |step: i32, at: usize| [path, &[step, as_step(at)]].concat();
        for (at, field) in message.field.iter().enumerate() {
            self.add(places, &name, &field.name, &below(2, at));
        }
        for (at, oneof) in message.oneof_decl.iter().enumerate() {
            self.add(places, &name, &oneof.name, &below(8, at));
        }
        for (at, found) in message.enum_type.iter().enumerate() {
            self.enumeration(places, &name, found, &below(4, at));
        }
        for (at, nested) in message.nested_type.iter().enumerate() {
            self.message(places, &name, nested, &below(3, at));
        }
    }

    fn enumeration(&mut self, places: &Places<'_>, scope: &str, found: &Enum, path: &[i32]) {
        let name = self.add(places, scope, &found.name, path);
        for (at, value) in found.value.iter().enumerate() {
            self.add(places, &name, &value.name, &[path, &[2, as_step(at)]].concat());
        }
    }

    /// Its full name.
    fn add(&mut self, places: &Places<'_>, scope: &str, name: &str, path: &[i32]) -> String {
        let name = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
        let text = Some(places.comment(path)).filter(|text| !text.is_empty());
        let text = readable(&text.unwrap_or_else(|| places.comment_behind(path)));
        self.found.insert(name.clone(), Comment { text, origin: places.at(path) });
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile;

    #[test]
    fn comments_are_found_by_full_names() {
        let text = "syntax = \"proto3\";\npackage t.v1;\n// A thing.\n//\n// More of it.\nmessage Thing {\n  // Its name.\n  string name = 1;\n  oneof what {\n    // One.\n    int32 one = 2; // Not this.\n  }\n  // Where it stands.\n  enum State {\n    NONE = 0; // Nowhere.\n  }\n}\n// Serves.\nservice Things {\n  // Gets.\n  rpc Get(Thing) returns (Thing);\n}\n";
        let set = compile::texts(&[("t/v1/t.proto", text)]).unwrap().bytes;
        let comments = Comments::read(&set).unwrap();
        let texts = [
            ("t.v1.Thing", "A thing.\n\nMore of it."),
            ("t.v1.Thing.name", "Its name."),
            ("t.v1.Thing.one", "One."),
            ("t.v1.Thing.what", ""),
            ("t.v1.Thing.State", "Where it stands."),
            ("t.v1.Thing.State.NONE", "Nowhere."),
            ("t.v1.Things", "Serves."),
            ("t.v1.Things.Get", "Gets."),
            ("t.v1.Nothing", ""),
        ];
        for (name, text) in texts {
            assert_eq!(comments.text(name), text, "{name}");
        }
        assert_eq!(comments.at("t.v1.Thing").unwrap().origin.to_string(), "t/v1/t.proto:6:1");
    }

    #[test]
    fn what_is_no_set_has_no_comments() {
        assert!(Comments::read(b"\xff\xff").is_err());
    }
}
