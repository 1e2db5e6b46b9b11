//! A call that would no longer do what its caller was built for; as treaty.v1.Break. Fit for a terminal.

use crate::text::line;

/// Bytes of a text; parts of it come from elsewhere.
const MAX_TEXT: usize = 500;
/// Bytes of an example, encoded.
const MAX_EXAMPLE: usize = 1024;

/// Who could not go on with whom, and over what.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Breakage {
    pub(crate) provider: String,
    pub(crate) owner: String,
    /// Empty: anybody.
    pub(crate) consumer: String,
    /// "shop.catalog.v1.Catalog/GetProduct".
    pub(crate) method: String,
    /// "REQUEST", "RESPONSE" or empty.
    pub(crate) direction: String,
    /// "BINARY", "JSON" or empty: both.
    pub(crate) encoding: String,
    /// From the message to the field.
    pub(crate) path: String,
    pub(crate) rule: String,
    /// "LOSSY" or "BREAKING".
    pub(crate) level: String,
    pub(crate) when: String,
    pub(crate) written: Declared,
    pub(crate) read: Declared,
    pub(crate) example: Option<Shown>,
}

/// How one side declares something.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Declared {
    /// Empty: it does not exist.
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// What a writer may send, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    pub(crate) bytes: Vec<u8>,
    pub(crate) written: String,
    pub(crate) read: String,
}

pub(super) fn declaration(said: &compat::Declaration) -> Declared {
    let origin = if said.text.is_empty() { String::new() } else { said.origin.to_string() };
    Declared { text: said.text.clone(), origin: if origin == "default" { String::new() } else { origin } }
}

pub(super) fn example(example: &compat::Example) -> Shown {
    Shown { bytes: example.bytes.clone(), written: example.written.clone(), read: example.read.clone() }
}

impl Breakage {
    /// The same; each text is one line, and none is long. An example that is too large is left out.
    pub(super) fn bounded(mut self) -> Self {
        self.example.take_if(|example| example.bytes.len() > MAX_EXAMPLE);
        let Self { provider: _, owner, consumer: _, method, path, when, written, read, example, .. } =
            &mut self;
        let declared = [&mut written.text, &mut written.origin, &mut read.text, &mut read.origin];
        let shown = example.iter_mut().flat_map(|example| [&mut example.written, &mut example.read]);
        for text in [owner, method, path, when].into_iter().chain(declared).chain(shown) {
            *text = line(text, MAX_TEXT);
        }
        self
    }
}
