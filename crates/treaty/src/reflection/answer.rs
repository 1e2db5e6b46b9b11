//! What one reflection stream is answered, whatever its version.

use super::{
    Reflection,
    file::File,
    index::{Index, SetNumber},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tonic::Code;

/// A question, of either version of the protocol.
pub(super) enum Question<'a> {
    ListServices,
    File { name: &'a str },
    Symbol { name: &'a str },
    Extension { extended: &'a str, number: i32 },
    ExtensionNumbers { message: &'a str },
}

/// An answer, for either version of the protocol.
pub(super) enum Answer {
    Services(Vec<String>),
    Files(Vec<Vec<u8>>),
    ExtensionNumbers { message: String, numbers: Vec<i32> },
    Error { code: Code, message: String },
}

/// One stream of questions.
pub(super) struct Conversation {
    reflection: Reflection,
    index: Arc<Index>,
    /// The set that the last answer came from: what follows is about the same service.
    preferred: Option<SetNumber>,
    /// What the client has, by name: dependencies are sent once.
    sent: HashMap<String, Arc<File>>,
}

impl Conversation {
    pub(super) fn new(reflection: Reflection) -> Self {
        let index = reflection.current();
        Self { reflection, index, preferred: None, sent: HashMap::new() }
    }

    pub(super) fn answer(&mut self, question: Option<&Question<'_>>) -> Answer {
        self.refresh();
        let Some(question) = question else {
            return error(Code::InvalidArgument, "the request asks nothing: set one of message_request");
        };
        match *question {
            Question::ListServices => Answer::Services(self.index.services().iter().cloned().collect()),
            Question::File { name } => {
                let found = self.index.file(name, self.preferred);
                self.files(found, || format!("no file `{name}` in any contract shown here"))
            }
            Question::Symbol { name } => {
                let found = self.index.symbol(name.trim_start_matches('.'), self.preferred);
                self.files(found, || format!("no symbol `{name}` in any contract shown here"))
            }
            Question::Extension { extended, number } => {
                let found = self.index.extension(extended.trim_start_matches('.'), number, self.preferred);
                self.files(found, || {
                    format!("no extension {number} of `{extended}` in any contract shown here")
                })
            }
            Question::ExtensionNumbers { message } => {
                match self.index.extension_numbers(message.trim_start_matches('.')) {
                    Some(numbers) => Answer::ExtensionNumbers { message: message.to_owned(), numbers },
                    None => {
                        error(Code::NotFound, format!("no message `{message}` in any contract shown here"))
                    }
                }
            }
        }
    }

    /// Starts over if what is shown was swapped.
    fn refresh(&mut self) {
        let current = self.reflection.current();
        if !Arc::ptr_eq(&current, &self.index) {
            *self = Self::new(self.reflection.clone());
        }
    }

    fn files(&mut self, found: Option<(SetNumber, Arc<File>)>, missing: impl FnOnce() -> String) -> Answer {
        match found {
            None => error(Code::NotFound, missing()),
            Some((set, file)) => {
                self.preferred = Some(set);
                Answer::Files(self.with_dependencies(set, file))
            }
        }
    }

    /// The file and, breadth first, what it imports and the client does not have: what servers on protoc's
    /// runtimes send, so that a client can link what it gets without asking again.
    fn with_dependencies(&mut self, set: SetNumber, file: Arc<File>) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        self.sent.remove(&file.name);
        let mut queue = VecDeque::from([file]);
        while let Some(file) = queue.pop_front() {
            if self.sent.get(&file.name).is_some_and(|sent| Arc::ptr_eq(sent, &file)) {
                continue;
            }
            files.push(file.bytes.clone());
            queue.extend(
                file.dependencies.iter().filter_map(|name| Some(self.index.file(name, Some(set))?.1)),
            );
            self.sent.insert(file.name.clone(), file);
        }
        files
    }
}

fn error(code: Code, message: impl Into<String>) -> Answer {
    Answer::Error { code, message: message.into() }
}
