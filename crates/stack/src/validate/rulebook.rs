//! The rules of a process' methods, compiled: once, from the descriptor sets that it serves.

use contract::{Contract, ReadError, schema::Schema};
use std::collections::{BTreeSet, HashMap};
use validate::{CompileError, Program};

/// The rules of messages, by the path of the method that they belong to.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    methods: HashMap<Box<str>, Programs>,
}

/// Why there is no rulebook.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// The bytes are no contract.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A rule cannot be enforced as it is written.
    #[error("{0}; `treaty contract check` finds this before anybody serves it")]
    Compile(#[from] CompileError),
}

/// The programs of one method.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) request: Typed,
    pub(crate) response: Typed,
}

/// A program, and the full name of its message type.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) name: Box<str>,
    pub(crate) program: Program,
}

impl Rulebook {
    /// The rules of every method that these encoded `google.protobuf.FileDescriptorSet`s declare.
    ///
    /// # Errors
    /// One of them is no contract, or a rule in it cannot be enforced.
    pub fn read<S: AsRef<[u8]>>(sets: impl IntoIterator<Item = S>) -> Result<Self, RulebookError> {
        let mut methods = HashMap::new();
        for set in sets {
            let contract = Contract::read(set.as_ref())?;
            let schema = Schema::read(set.as_ref())?;
            let declared: Vec<_> = contract.services.iter().flat_map(|service| &service.methods).collect();
            let names: BTreeSet<&str> =
                declared.iter().flat_map(|method| [method.input.as_str(), method.output.as_str()]).collect();
            let names: Vec<&str> = names.into_iter().collect();
            // All at once, so that what they have in common is compiled once.
            let programs = Program::compile_all(&schema, &names)?;
            let known: HashMap<&str, &Program> = names.iter().copied().zip(&programs).collect();
            for method in declared {
                let typed = |name: &str| {
                    known.get(name).map(|program| Typed { name: name.into(), program: (*program).clone() })
                };
                if let (Some(request), Some(response)) = (typed(&method.input), typed(&method.output)) {
                    methods.insert(method.path.as_str().into(), Programs { request, response });
                }
            }
        }
        Ok(Self { methods })
    }

    /// What several rulebooks say together. Nothing is compiled again.
    pub fn join<'r>(books: impl IntoIterator<Item = &'r Self>) -> Self {
        let methods = books.into_iter().flat_map(|book| &book.methods);
        Self { methods: methods.map(|(path, programs)| (path.clone(), programs.clone())).collect() }
    }

    pub(crate) fn of(&self, path: &str) -> Option<&Programs> {
        self.methods.get(path)
    }
}
