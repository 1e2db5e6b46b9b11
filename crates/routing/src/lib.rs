//! What a data plane decides for each call: which endpoint takes it, how long it may last, whether a
//! failure is worth another try and after which pause.
//!
//! Pure: time and randomness are arguments, nothing is sent, nobody is waited for. It does not know
//! where endpoints come from, and opens no connection to them; `stack` does both.

pub mod backoff;
pub mod budget;
pub mod deadline;
pub mod pick;
pub mod retry;

pub use backoff::ConnectBackoff;
pub use budget::RetryBudget;
pub use deadline::{TimeoutError, TimeoutText, effective_deadline, format_timeout, parse_timeout};
pub use pick::{RoundRobin, least_request};
pub use retry::{Pushback, Retries, Verdict};
