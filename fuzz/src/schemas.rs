//! The schemas of the differential tests, and contracts that say everything that can be said.

use crate::{files, mutate, record};
use contract::{compile, schema::Schema};
use std::sync::LazyLock;
use validate::Program;

/// Files, and what they import.
pub struct Source {
    /// The files' own names, and their texts.
    files: &'static [(&'static str, &'static str)],
    set: LazyLock<Vec<u8>>,
}

/// Rules of every kind.
static RULES: &[(&str, &str)] = &[
    ("legacy.proto", include_str!("../../services/cli/tests/validation/schemas/legacy.proto")),
    ("nested.proto", include_str!("../../services/cli/tests/validation/schemas/nested.proto")),
    ("predefined.proto", include_str!("../../services/cli/tests/validation/schemas/predefined.proto")),
];
/// Options of every kind.
static OPTIONS: &[(&str, &str)] = &[
    ("contract.proto", include_str!("../../crates/contract/tests/everything.proto")),
    ("sample.proto", include_str!("../../crates/sample/tests/everything.proto")),
    ("library.proto", include_str!("library.proto")),
];
/// What may change on the wire.
static SHAPES: &[(&str, &str)] =
    &[("three.proto", include_str!("three.proto")), ("two.proto", include_str!("two.proto"))];

impl Source {
    const fn of(files: &'static [(&'static str, &'static str)], set: fn() -> Vec<u8>) -> Self {
        Self { files, set: LazyLock::new(set) }
    }

    /// Rules of `buf.validate`.
    pub fn rules() -> &'static Self {
        static IT: Source = Source::of(RULES, || compiled(RULES));
        &IT
    }

    /// Options of services, methods and fields.
    pub fn options() -> &'static Self {
        static IT: Source = Source::of(OPTIONS, || compiled(OPTIONS));
        &IT
    }

    /// Fields of every kind, without places and imports: the well-known types are simply there.
    pub fn shapes() -> &'static Self {
        static IT: Source = Source::of(SHAPES, || {
            files(&compiled(SHAPES)).flat_map(|(_, file)| record(&mutate::bare(&file))).collect()
        });
        &IT
    }

    /// The files by name.
    pub fn seeds(&self) -> Vec<(String, Vec<u8>)> {
        files(&self.set).filter(|(name, _)| self.is_own(name)).collect()
    }

    /// What all of them import, as the start of a set that one more file can follow.
    pub fn imports(&self) -> Vec<u8> {
        files(&self.set).filter(|(name, _)| !self.is_own(name)).flat_map(|(_, file)| record(&file)).collect()
    }

    fn is_own(&self, name: &str) -> bool {
        self.files.iter().any(|(own, _)| *own == name)
    }
}

fn compiled(texts: &[(&str, &str)]) -> Vec<u8> {
    compile::texts(texts).expect("the schemas compile").bytes
}

/// Messages with rules of every kind.
pub const TYPES: [&str; 7] =
    ["t.Order", "t.Legacy", "t.LegacyCel", "t.LegacyMaps", "t.Predefined", "t.PartLine", "t.PartCustomer"];

/// What [`TYPES`] are of.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::read(&compiled(RULES)).expect("a schema"));

/// The programs of [`TYPES`].
pub static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| {
    TYPES.iter().map(|name| Program::compile(&SCHEMA, name).expect("rules that compile")).collect()
});
