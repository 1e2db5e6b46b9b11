//! What messages look like on the wire: types, fields, presence, encodings, defaults.
//!
//! A resolved, read-only model of every message, enum and extension of a descriptor set, with the
//! features of editions 2023 and 2024 resolved. Options stay raw bytes, so that whoever understands one
//! (`buf.validate`, `google.api`) reads it; where each is written is known. It says nothing about
//! services: that is [`crate::Contract`]'s.

mod build;
mod defaults;
mod descriptor;
mod features;
mod model;
mod places;
mod raw;

#[cfg(test)]
mod tests;

pub use model::{
    Cardinality, DefaultValue, Enum, EnumId, EnumValue, Field, FieldKind, Message, MessageId, Oneof, Place,
    Presence, Reserved,
};

use crate::{
    model::Contract,
    origin::Origin,
    read::{Bounds, ReadError, sound},
};
use places::Places;
use std::{collections::HashMap, sync::Arc};

/// The messages, enums and extensions of a descriptor set. Cheap to clone.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    message_by_name: HashMap<String, MessageId>,
    enum_by_name: HashMap<String, EnumId>,
    /// By the full name of what they extend.
    extensions: HashMap<String, Vec<Field>>,
    places: Vec<Places>,
}

impl Schema {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`, imports included.
    ///
    /// # Errors
    /// When the bytes are no sound descriptor set, or use an edition that this build does not know.
    /// Never panics, whatever the bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        sound(bytes, Bounds::THEIRS)?;
        Ok(Self(Arc::new(build::build(bytes)?)))
    }

    /// As [`Self::read`], within the larger bounds of [`Contract::read_own`].
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_own(bytes: &[u8]) -> Result<Self, ReadError> {
        sound(bytes, Bounds::OWN)?;
        Ok(Self(Arc::new(build::build(bytes)?)))
    }

    /// Of a contract, whose bytes have been found sound already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(contract: &Contract) -> Result<Self, ReadError> {
        Ok(Self(Arc::new(build::build(&contract.bytes)?)))
    }

    /// The message of this full name ("shop.orders.v1.Order"), without a leading dot.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.0.message_by_name.get(name).map(|id| self.message_at(*id))
    }

    /// The id of the message of this full name.
    pub fn message_id(&self, name: &str) -> Option<MessageId> {
        self.0.message_by_name.get(name).copied()
    }

    /// The message of an id of this schema; an id of another schema means nothing here.
    pub fn message_at(&self, id: MessageId) -> &Message {
        self.0.messages.get(id.0 as usize).unwrap_or(&model::NO_MESSAGE)
    }

    /// The enum of this full name.
    pub fn enumeration(&self, name: &str) -> Option<&Enum> {
        self.0.enum_by_name.get(name).map(|id| self.enum_at(*id))
    }

    /// The enum of an id of this schema.
    pub fn enum_at(&self, id: EnumId) -> &Enum {
        self.0.enums.get(id.0 as usize).unwrap_or(&model::NO_ENUM)
    }

    /// All messages, nested ones and map entries included.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.0.messages.iter()
    }

    /// The extensions of the message of this full name, in order of declaration.
    pub fn extensions(&self, extendee: &str) -> &[Field] {
        self.0.extensions.get(extendee).map_or(&[], Vec::as_slice)
    }

    /// The extension of `extendee` with this number.
    pub fn extension(&self, extendee: &str, number: u32) -> Option<&Field> {
        self.extensions(extendee).iter().find(|field| field.number == number)
    }

    /// Where something is written. `within` continues its path by field numbers and positions of
    /// `descriptor.proto` and of custom options, for instance `[8, 1159, 14]` for the string rules of a
    /// field; where that has no place of its own, the nearest thing around it has.
    pub fn origin(&self, place: &Place, within: &[i32]) -> Origin {
        match self.0.places.get(place.file as usize) {
            Some(places) => places.at(&place.path, within),
            None => Origin::Default,
        }
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Schema({} messages)", self.0.messages.len())
    }
}
