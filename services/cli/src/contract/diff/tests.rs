//! Changes in words.
