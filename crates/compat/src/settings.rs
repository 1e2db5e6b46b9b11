//! What is asked.

use crate::{
    history::History,
    level::{Direction, Encoding},
};
use std::collections::{BTreeMap, BTreeSet};

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// In which encodings.
    pub encodings: Encodings,
    /// How JSON is read.
    pub readers: JsonReaders,
    /// What the provider's fields were before.
    pub history: &'a History,
    /// Who calls, "namespace/account"; nothing: anybody might.
    pub caller: Option<&'a str>,
    /// The day on which the question is asked; nothing: no `sunset` has passed.
    pub today: Option<Date>,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        static NOTHING: History = History::new();
        Self {
            encodings: Encodings::default(),
            readers: JsonReaders::default(),
            history: &NOTHING,
            caller: None,
            today: None,
        }
    }
}

/// A day: year, month and day of the month, from 1.
pub type Date = (u16, u8, u8);

/// Which encodings are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encodings {
    /// The protobuf wire format.
    pub binary: bool,
    /// ProtoJSON.
    pub json: bool,
}

impl Default for Encodings {
    fn default() -> Self {
        Self { binary: true, json: true }
    }
}

impl Encodings {
    /// Those that are asked for.
    pub fn each(self) -> impl Iterator<Item = Encoding> {
        let binary = self.binary.then_some(Encoding::Binary);
        binary.into_iter().chain(self.json.then_some(Encoding::Json))
    }
}

/// Whether readers of JSON refuse what they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JsonReaders {
    /// The provider does, the consumer does not: what HTTP APIs' clients are told to do.
    #[default]
    Specified,
    /// Both do.
    Strict,
    /// Neither does.
    Lenient,
}

impl JsonReaders {
    /// Whether the reader of this message ignores fields and enum names that it does not know.
    pub const fn lenient(self, direction: Direction) -> bool {
        match self {
            Self::Specified => matches!(direction, Direction::Response),
            Self::Strict => false,
            Self::Lenient => true,
        }
    }
}

/// What a consumer uses of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage<'a> {
    /// The methods' own names; nothing: all that its view has.
    pub methods: Option<&'a BTreeSet<String>>,
    /// By the method's own name: the paths of fields, by number, that its requests were seen to carry. Nothing:
    /// nobody looked.
    pub written: Option<&'a BTreeMap<String, BTreeSet<Vec<u32>>>>,
}

impl Usage<'_> {
    /// Whether a method of this name is used.
    pub fn uses(&self, method: &str) -> bool {
        self.methods.is_none_or(|methods| methods.contains(method))
    }
}
