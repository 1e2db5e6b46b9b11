//! Pages of a list (AIP-158).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many, 1 to 100.
    pub size: usize,
    /// The key of the last item on the page before; `None` on the first page.
    pub after: Option<String>,
}

/// A page that cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Less than nothing.
    #[error("must not be negative")]
    Size,
    /// Not one of ours.
    #[error("must be the next_page_token of an earlier answer, or empty")]
    Token,
}

impl PageError {
    /// The field that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::Size => "page_size",
            Self::Token => "page_token",
        }
    }
}

const DEFAULT_SIZE: usize = 25;
const MAX_SIZE: usize = 100;
/// Changes with the meaning of tokens, so that an old one is refused instead of misread.
const MARK: &str = "1:";

impl Page {
    /// From a request's `page_size` and `page_token`.
    ///
    /// # Errors
    /// A negative size, or a token that was never given out.
    pub fn parse(size: i32, token: &str) -> Result<Self, PageError> {
        let size = match usize::try_from(size).map_err(|_| PageError::Size)? {
            0 => DEFAULT_SIZE,
            size => size.min(MAX_SIZE),
        };
        if token.is_empty() {
            return Ok(Self { size, after: None });
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| PageError::Token)?;
        let text = String::from_utf8(bytes).map_err(|_| PageError::Token)?;
        let after = text.strip_prefix(MARK).ok_or(PageError::Token)?;
        Ok(Self { size, after: Some(after.to_owned()) })
    }

    /// How many rows to read: one more than the page holds, to know whether it is the last.
    pub fn limit(&self) -> usize {
        self.size + 1
    }

    /// Cuts what was read by [`Page::limit`] to the page, and gives the next page's token.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> &str) -> String {
        if rows.len() <= self.size {
            return String::new();
        }
        rows.truncate(self.size);
        rows.last().map_or_else(String::new, |last| URL_SAFE_NO_PAD.encode(format!("{MARK}{}", key(last))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        let page = Page::parse(2, "").unwrap();
        let mut rows = vec!["a", "b", "c"];
        let token = page.cut(&mut rows, |row| row);
        assert_eq!(rows, ["a", "b"]);
        assert_eq!(Page::parse(500, &token), Ok(Page { size: 100, after: Some("b".to_owned()) }));
        let mut rest = vec!["c"];
        assert_eq!(page.cut(&mut rest, |row| row), "");
    }

    #[test]
    fn what_was_never_given_out_is_refused() {
        assert_eq!(Page::parse(-1, ""), Err(PageError::Size));
        for token in ["?", "YQ", "espresso-beans"] {
            assert_eq!(Page::parse(0, token), Err(PageError::Token), "{token}");
        }
    }
}
