//! Names of what is made, and of where it is made.

use crate::OnboardError;
use std::fmt;
use std::str::FromStr;

/// A name that IAM takes for a role or a user: 1 to 64 letters, digits and `_+=,.@-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamName(String);

impl IamName {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IamName {
    type Err = OnboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        if (1..=64).contains(&text.len()) && text.chars().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OnboardError::Name(text.to_owned()))
        }
    }
}

impl fmt::Display for IamName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What the identities are called. The defaults are the names that Elastic's set-up uses, so that an
/// estate that was onboarded for Elastic is read unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The role that reads: of a single account, and of each member of an organization.
    pub role: IamName,
    /// The role of an organization's management account, from which the others are assumed.
    pub root_role: IamName,
    /// The user, where access keys are used.
    pub user: IamName,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            role: IamName("cloudbeat-securityaudit".into()),
            root_role: IamName("cloudbeat-root".into()),
            user: IamName("stance".into()),
        }
    }
}

/// The id of an organizational unit (`ou-…`) or of an organization's root (`r-…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationalUnit(String);

impl OrganizationalUnit {
    /// The pattern of such an id, for those who ask for one.
    pub(crate) const PATTERN: &str = "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$";

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganizationalUnit {
    type Err = OnboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is = |part: &str, least: usize| {
            (least..=32).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let fits = match text.split('-').collect::<Vec<_>>().as_slice() {
            ["r", root] => is(root, 4),
            ["ou", root, unit] => is(root, 4) && is(unit, 8),
            _ => false,
        };
        if fits { Ok(Self(text.to_owned())) } else { Err(OnboardError::OrganizationalUnit(text.to_owned())) }
    }
}

impl fmt::Display for OrganizationalUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_iam_refuses_are_refused() {
        let long = "x".repeat(65);
        for text in ["", "a b", "a/b", "a$(b)", "a'b", "é", long.as_str()] {
            assert_eq!(text.parse::<IamName>(), Err(OnboardError::Name(text.to_owned())));
        }
        assert!("cloudbeat-root".parse::<IamName>().is_ok());
    }

    #[test]
    fn roots_and_units_are_told_from_other_ids() {
        for text in ["r-ab12", "ou-ab12-cdef3456"] {
            assert!(text.parse::<OrganizationalUnit>().is_ok(), "{text}");
        }
        for text in
            ["", "o-ab12cd34ef", "ou-ab12", "ou-ab12-short", "r-AB12", "123456789012", "r-ab12-cdef3456"]
        {
            assert!(text.parse::<OrganizationalUnit>().is_err(), "{text}");
        }
    }
}
