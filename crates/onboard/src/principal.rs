//! Whom a role trusts.

use crate::OnboardError;
use std::fmt;
use std::str::FromStr;

/// An identity that a role may trust: an account, or a role, a user or the root of one. Never everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(String);

impl Principal {
    /// The pattern of such a principal, for those who ask for one.
    pub(crate) const PATTERN: &str = r"^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+))$";

    /// The principal as it stands in a trust policy: an account's id or an ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that it belongs to; an account's id tells none.
    pub(crate) fn partition(&self) -> Option<&str> {
        self.0.strip_prefix("arn:")?.split(':').next()
    }
}

impl FromStr for Principal {
    type Err = OnboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || OnboardError::Principal(text.to_owned());
        let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_account(text) {
            return Ok(Self(text.to_owned()));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let &["arn", partition, service, "", account, resource] = parts.as_slice() else {
            return Err(refused());
        };
        let partition_fits = partition
            .strip_prefix("aws")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        if !partition_fits || !is_account(account) {
            return Err(refused());
        }
        let name_fits = |name: &str| {
            !name.is_empty()
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+=,.@/-".contains(letter))
        };
        match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Ok(Self(text.to_owned())),
            ("iam", Some(("role" | "user", name))) if name_fits(name) => Ok(Self(text.to_owned())),
            ("sts", Some(("assumed-role", session))) if name_fits(session) => {
                let role = session.split('/').next().unwrap_or_default();
                let arn = format!("arn:{partition}:iam::{account}:role/{role}");
                Err(OnboardError::Session(text.to_owned(), arn))
            }
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_roles_and_users_may_be_trusted() {
        for text in [
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/stance",
            "arn:aws-cn:iam::111122223333:role/path/stance",
            "arn:aws-us-gov:iam::111122223333:user/stance@example.com",
        ] {
            assert!(text.parse::<Principal>().is_ok(), "{text}");
        }
    }

    #[test]
    fn everybody_and_what_is_no_identity_may_not() {
        for text in [
            "*",
            "",
            "12345",
            "arn:aws:iam::*:root",
            "arn:aws:iam::111122223333:*",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::111122223333:role/a\"b",
            "ec2.amazonaws.com",
        ] {
            assert_eq!(text.parse::<Principal>(), Err(OnboardError::Principal(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_session_is_answered_with_its_role() {
        let error = "arn:aws:sts::111122223333:assumed-role/stance/me".parse::<Principal>().unwrap_err();
        assert!(error.to_string().contains("arn:aws:iam::111122223333:role/stance"), "{error}");
    }
}
