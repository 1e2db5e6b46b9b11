//! What a client says first: the preface of HTTP/2, and its SETTINGS (RFC 9113, section 3.4).

use crate::settings::{self, ENOUGH, First};
use std::sync::{Arc, OnceLock};

/// "PRI * HTTP/2.0" and what belongs to it. h2 checks what it says.
const PREFACE: usize = 24;

/// What has been heard of a client so far.
#[derive(Default)]
pub(super) struct Preface(OnceLock<u32>);

impl Preface {
    /// The largest header list that the client takes; `None` before its first frame. A later one may say
    /// otherwise; nobody does that.
    pub(super) fn room(&self) -> Option<u32> {
        self.0.get().copied()
    }
}

/// Listens until it has heard the first frame.
pub(super) struct Hearing {
    preface: Arc<Preface>,
    heard: Option<Vec<u8>>,
}

impl Hearing {
    pub(super) fn new(preface: &Arc<Preface>) -> Self {
        Self { preface: Arc::clone(preface), heard: Some(Vec::new()) }
    }

    pub(super) const fn over(&self) -> bool {
        self.heard.is_none()
    }

    /// Hears `fresh`, too.
    pub(super) fn listen(&mut self, fresh: &[u8]) {
        let Some(mut heard) = self.heard.take() else { return };
        heard.extend(fresh.iter().take((PREFACE + ENOUGH).saturating_sub(heard.len())));
        match heard.get(PREFACE..).map_or(First::Incomplete, settings::first) {
            First::Incomplete => self.heard = Some(heard),
            First::Settings(said) => {
                let _ = self.preface.0.set(said.header_list.unwrap_or(u32::MAX));
            }
            // h2 ends the connection.
            First::Foreign => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x06\0\0\x20\0";

    #[test]
    fn the_room_is_known_however_it_arrives() {
        for cut in 1..SAID.len() {
            let preface = Arc::new(Preface::default());
            let mut hearing = Hearing::new(&preface);
            let mut chunks = SAID.chunks(cut).peekable();
            while let Some(chunk) = chunks.next() {
                assert_eq!(preface.room(), None);
                hearing.listen(chunk);
                assert_eq!(hearing.over(), chunks.peek().is_none());
            }
            assert_eq!(preface.room(), Some(8192));
        }
    }
}
