//! Join tokens: how a workload proves itself the first time. What a token is bound to and whether it was used
//! is the control plane's store; here is only the secret and its hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// Lets secret scanners recognise a token that went astray.
const PREFIX: &str = "treaty_join_";
const SECRET_BYTES: usize = 32;

/// A text that is no join token. The text is not repeated: it may be somebody's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a join token: one is `{PREFIX}` and 43 more characters, on one line")]
pub struct TokenError;

/// A text that is no hash of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the hash of a join token: one is 64 hexadecimal digits")]
pub struct HashError;

/// A secret of 256 random bits, as text for a 0600 file.
#[derive(Clone)]
pub struct JoinToken(Zeroizing<String>);

impl JoinToken {
    /// A fresh one.
    pub fn generate() -> Self {
        let mut secret = Zeroizing::new([0u8; SECRET_BYTES]);
        rand::fill(secret.as_mut_slice());
        // Reserved at once: growing would leave copies of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 44));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(secret.as_slice(), &mut text);
        Self(text)
    }

    /// Reads the content of a token file; white space around it is ignored.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let secret = text.strip_prefix(PREFIX).ok_or(TokenError)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).map_err(|_| TokenError)?);
        if bytes.len() != SECRET_BYTES {
            return Err(TokenError);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// What the control plane stores. A plain hash suffices: 256 random bits cannot be guessed.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The secret itself: for the token file and the request that redeems it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinToken(..)")
    }
}

/// SHA-256 of a join token. No secret: the token cannot be computed from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// As bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for TokenHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({self})")
    }
}

impl FromStr for TokenHash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(HashError);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = match digits {
                [high, low] => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
                _ => None,
            }
            .ok_or(HashError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for TokenHash {
    type Error = HashError;
    fn try_from(text: String) -> Result<Self, HashError> {
        text.parse()
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_survives_its_file() {
        let token = JoinToken::generate();
        let again = JoinToken::parse(&format!("{}\n", token.expose())).unwrap();
        assert_eq!(token.hash(), again.hash());
        assert_ne!(token.hash(), JoinToken::generate().hash());
        assert_eq!(token.hash().to_string().parse(), Ok(token.hash()));
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let token = JoinToken::generate();
        assert_eq!(format!("{token:?}"), "JoinToken(..)");
        let error = JoinToken::parse("treaty_join_hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = JoinToken::parse(&text);
            let _ = JoinToken::parse(&format!("{PREFIX}{text}"));
            let _ = text.parse::<TokenHash>();
        }
    }
}
