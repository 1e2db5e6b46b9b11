//! What a comparison finds, explained.

use crate::{
    level::{Direction, Encoding, Level},
    structure::ANY_CONTENT,
};
use contract::{MethodPath, Origin};
use serde::Serialize;
use std::time::Duration;

/// One difference between what is written and what is read.
#[derive(Clone, Debug, PartialEq, Serialize, Default)]
pub struct Finding {
    /// Which rule says so: kebab-case and stable; [`crate::rules::RULES`] has them all.
    pub rule: &'static str,
    /// How bad it is. `Safe` is a note.
    pub level: Level,
    /// The values it holds for: "for values above 2147483647"; nothing: always.
    pub when: Option<String>,
    /// The method, where there is one.
    pub method: Option<MethodPath>,
    /// Request or response; nothing where the method as a whole is meant.
    pub direction: Option<Direction>,
    /// Nothing: the same in both.
    pub encoding: Option<Encoding>,
    /// From the message to the field: "PlaceOrderRequest.items[].price.units"; empty where no field is meant.
    pub path: String,
    /// The same path by field numbers as they are written, from the top message; an entry of a map counts as
    /// the message it is.
    pub numbers: Vec<u32>,
    /// How the writer declares it.
    pub written: Declaration,
    /// How the reader declares it.
    pub read: Declaration,
    /// What shows it.
    pub example: Option<Example>,
    /// One sentence for people.
    pub message: String,
    /// What would make it safe.
    pub remedy: String,
    /// Of a limit that fell: where it is now. Whoever knows what callers need can tell whether it is enough.
    #[serde(skip)]
    pub bound: Option<Bound>,
}

impl Finding {
    /// Whether values are lost on the way, in one encoding or in both. What an Any might hold is not known to be
    /// there; limits and rules lose nothing, they shut out.
    pub fn loses_values(&self) -> bool {
        self.level == Level::Lossy && self.rule != ANY_CONTENT && crate::rules::is_of_messages(self.rule)
    }

    /// What stands for so many that are not shown, the worst of which is of this level.
    pub(crate) fn omitted(count: usize, level: Level, most: usize) -> Self {
        Self {
            rule: "findings-omitted",
            level,
            message: format!("{count} more findings are not shown after the first {most}"),
            remedy: "mend those that are shown first".to_owned(),
            ..Self::default()
        }
    }
}

/// A limit on calls of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Bytes of a request message.
    RequestBytes(u32),
    /// Bytes of a response message.
    ResponseBytes(u32),
    /// From a call to its end.
    Time(Duration),
    /// So many calls in the time, and so many more at once.
    Rate {
        /// How many.
        requests: u32,
        /// In which time.
        per: Duration,
        /// More at once.
        burst: u32,
        /// Of all callers together; else of each.
        together: bool,
    },
    /// Calls at once of one process to one instance; more wait.
    InFlight(u32),
}

/// How one side declares something; the default is that it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Default)]
pub struct Declaration {
    /// As in the source: "repeated int64 units = 2"; empty where it does not exist.
    pub text: String,
    /// Where.
    pub origin: Origin,
}

/// What a writer may send, and what a reader makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The encoded message, or JSON text.
    pub bytes: Vec<u8>,
    /// The same for people: protobuf's text format, or the JSON text.
    pub written: String,
    /// What the reader makes of it.
    pub read: String,
}
