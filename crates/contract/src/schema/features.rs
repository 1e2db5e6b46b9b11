//! The features of editions, and what earlier syntaxes mean by them.
//!
//! Defaults are `google/protobuf/descriptor.proto`'s `edition_defaults`; an edition's feature is inherited
//! from the file by its messages, oneofs, enums and fields until one of them says otherwise.

use super::raw;

/// Resolved, for one declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Features {
    pub(super) presence: Presence,
    pub(super) closed_enums: bool,
    pub(super) packed: bool,
    pub(super) utf8: bool,
    pub(super) delimited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Explicit,
    Implicit,
    Required,
}

/// Where `features` stands in each kind of options.
pub(super) mod number {
    pub(in super::super) const FILE: u32 = 50;
    pub(in super::super) const MESSAGE: u32 = 12;
    pub(in super::super) const FIELD: u32 = 21;
    pub(in super::super) const ONEOF: u32 = 1;
    pub(in super::super) const ENUM: u32 = 7;
}

const PROTO2: Features = Features {
    presence: Presence::Explicit,
    closed_enums: true,
    packed: false,
    utf8: false,
    delimited: false,
};
const PROTO3: Features = Features {
    presence: Presence::Implicit,
    closed_enums: false,
    packed: true,
    utf8: true,
    delimited: false,
};
const EDITIONS: Features = Features { presence: Presence::Explicit, ..PROTO3 };

impl Features {
    /// Of a file that says nothing about features.
    pub(super) fn of_syntax(syntax: &str) -> Self {
        match syntax {
            "editions" => EDITIONS,
            "proto3" => PROTO3,
            _ => PROTO2,
        }
    }

    /// With what the options of a declaration say; `number` is that of `features` in them.
    pub(super) fn with(mut self, options: &[u8], number: u32) -> Self {
        let Some(said) = raw::message(options, number) else { return self };
        match raw::varint(&said, 1) {
            Some(1) => self.presence = Presence::Explicit,
            Some(2) => self.presence = Presence::Implicit,
            Some(3) => self.presence = Presence::Required,
            _ => {}
        }
        let choose = |number: u32, yes: u64, no: u64, otherwise: bool| match raw::varint(&said, number) {
            Some(value) if value == yes => true,
            Some(value) if value == no => false,
            _ => otherwise,
        };
        self.closed_enums = choose(2, 2, 1, self.closed_enums);
        self.packed = choose(3, 1, 2, self.packed);
        self.utf8 = choose(4, 2, 3, self.utf8);
        self.delimited = choose(5, 2, 1, self.delimited);
        self
    }
}
