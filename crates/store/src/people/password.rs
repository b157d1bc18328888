//! Passwords, hashed by argon2id.

use super::secret::random;
use crate::{Result, StoreError};
use argon2::password_hash::phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// OWASP's first choice of parameters: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Characters that a password has at least.
const SHORTEST: usize = 12;
/// Bytes that a password has at most; more would only cost time.
const LONGEST: usize = 256;

/// What somebody's password is compared with who is not there: no password matches it, and it takes as long to find
/// that out. The salt and the hash are zeros.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is kept of a password.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a new password. Takes some ten milliseconds and 19 MiB: not for threads that answer others.
    ///
    /// # Errors
    /// If the password is too short or too long, or cannot be hashed.
    pub fn of(password: &str) -> Result<Self> {
        if password.chars().count() < SHORTEST {
            let message = format!("the password has fewer than `{SHORTEST}` characters; take a longer one");
            return Err(StoreError::Unfit(message));
        }
        if password.len() > LONGEST {
            let message = format!("the password has more than `{LONGEST}` bytes; take a shorter one");
            return Err(StoreError::Unfit(message));
        }
        let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &random::<16>()?);
        Ok(Self(hash.map_err(|error| StoreError::Hash(error.to_string()))?.to_string()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn kept(text: String) -> Self {
        Self(text)
    }
}

/// Whether a password is the one that was hashed; where there is none, it is not, after the same work.
///
/// # Errors
/// If what is kept cannot be read.
pub fn password_matches(password: &str, kept: Option<&PasswordHash>) -> Result<bool> {
    let text = kept.map_or(NOBODY, |kept| kept.0.as_str());
    let hash = phc::PasswordHash::new(text)
        .map_err(|error| StoreError::Content { place: "person.password", message: error.to_string() })?;
    // a password that is too long was never taken; what is tried is cut, so that it costs no more
    let is_long = password.len() > LONGEST;
    let tried = password.as_bytes().get(..LONGEST).unwrap_or(password.as_bytes());
    let is_same = hasher()?.verify_password(tried, &hash).is_ok();
    Ok(is_same && kept.is_some() && !is_long)
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(|error| StoreError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_itself_only_and_two_hashes_of_it_differ() {
        let hash = PasswordHash::of("correct horse battery").unwrap();
        assert!(hash.text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.text());
        assert!(password_matches("correct horse battery", Some(&hash)).unwrap());
        assert!(!password_matches("correct horse batterY", Some(&hash)).unwrap());
        assert!(!password_matches("", Some(&hash)).unwrap());
        assert_ne!(PasswordHash::of("correct horse battery").unwrap().text(), hash.text());
    }

    #[test]
    fn whoever_is_not_there_is_refused_after_the_same_work() {
        // the same function, memory, passes and lanes: the same time by construction
        let (nobody, made) =
            (phc::PasswordHash::new(NOBODY).unwrap(), PasswordHash::of("correct horse battery"));
        let made = made.unwrap();
        let made = phc::PasswordHash::new(made.text()).unwrap();
        assert_eq!((nobody.algorithm, nobody.version), (made.algorithm, made.version));
        assert_eq!(nobody.params, made.params);
        assert_eq!(nobody.salt.unwrap().as_ref().len(), made.salt.unwrap().as_ref().len());
        assert_eq!(nobody.hash.unwrap().as_bytes().len(), made.hash.unwrap().as_bytes().len());
        assert!(!password_matches("correct horse battery", None).unwrap());
    }

    #[test]
    fn passwords_that_are_too_short_or_too_long_are_refused() {
        for password in ["", "elevenchars", &"x".repeat(257)] {
            assert!(matches!(PasswordHash::of(password), Err(StoreError::Unfit(_))), "{password}");
        }
        // twelve characters of any script
        PasswordHash::of(&"ü".repeat(12)).unwrap();
        let longest = "x".repeat(256);
        let hash = PasswordHash::of(&longest).unwrap();
        assert!(!password_matches(&format!("{longest}x"), Some(&hash)).unwrap());
    }
}
