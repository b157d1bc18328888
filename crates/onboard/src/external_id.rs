//! External ids: what a third party must name when it assumes a role, against confused deputies.

use crate::OnboardError;
use std::fmt;
use std::str::FromStr;

/// An external id that STS takes: 2 to 1224 letters, digits and `_+=,.@:/-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// A new one that nobody can guess: 160 bits of the operating system, in hexadecimal.
    ///
    /// # Errors
    /// If the operating system gives no random numbers.
    pub fn generate() -> Result<Self, OnboardError> {
        let mut bytes = [0u8; 20];
        getrandom::fill(&mut bytes).map_err(|_| OnboardError::NoRandomness)?;
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("stance-{}", digits.concat())))
    }

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = OnboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@:/-".contains(letter);
        if (2..=1224).contains(&text.len()) && text.chars().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OnboardError::ExternalId(text.to_owned()))
        }
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_differ_and_are_taken() {
        let (one, other) = (ExternalId::generate().unwrap(), ExternalId::generate().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), "stance-".len() + 40);
        assert_eq!(one.as_str().parse(), Ok(one));
    }

    #[test]
    fn ids_that_sts_refuses_are_refused() {
        let long = "x".repeat(1225);
        for text in ["", "x", "two words", "a*", "a$b", "naïve", long.as_str()] {
            assert_eq!(text.parse::<ExternalId>(), Err(OnboardError::ExternalId(text.to_owned())));
        }
        assert!("x".repeat(1224).parse::<ExternalId>().is_ok());
        assert!("a_b+c=d,e.f@g:h/i-j".parse::<ExternalId>().is_ok());
    }
}
