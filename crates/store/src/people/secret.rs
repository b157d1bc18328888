//! Secrets that prove who somebody is: made here, given out once, kept as hashes only.

use crate::hex::hexed;
use crate::{Result, StoreError};
use sha2::{Digest, Sha256};

/// Random bytes of a secret; guessing them is hopeless, so that one quick hash is enough to keep them.
const BYTES: usize = 32;

/// A secret of 256 random bits, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn random() -> Result<Self> {
        Ok(Self(hexed(&random::<BYTES>()?)))
    }

    /// One that somebody shows; nothing where it cannot be one.
    pub fn shown(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == BYTES * 2 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// To be given to its owner, and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Another secret that follows from this one, for a purpose; it does not tell this one.
    pub fn derived(&self, purpose: &str) -> String {
        hexed(&Sha256::digest(format!("{purpose}:{}", self.0)))
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

/// A log or a panic must not tell it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const COUNT: usize>() -> Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Random(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_is_never_the_same_and_is_not_told_by_accident() {
        let secret = Secret::random().unwrap();
        assert_eq!(Secret::shown(secret.reveal()), Some(secret.clone()));
        assert_ne!(Secret::random().unwrap(), secret);
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        assert!(!secret.derived("form").contains(secret.reveal()));
        assert_ne!(secret.derived("form"), secret.derived("other"));
    }

    #[test]
    fn what_cannot_be_a_secret_is_none() {
        for text in ["", "abc", &"A".repeat(64), &"g".repeat(64), &"a".repeat(65), &"ü".repeat(32)] {
            assert_eq!(Secret::shown(text), None, "{text}");
        }
    }
}
