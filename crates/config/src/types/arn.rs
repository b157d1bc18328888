//! Roles, by name or by ARN.

use super::names::is_word;
use super::text::text_type;
use super::{AccountId, RoleName};
use crate::UnsuitableText;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

text_type!(
    /// ARN of an IAM role, `arn:aws:iam::111122223333:role/name`; a path may precede the name.
    RoleArn, "role ARN", kind: "the ARN of a role", advice: "write it as `arn:aws:iam::111122223333:role/name`",
    types: "string", pattern: r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+$",
    is_role_arn
);

fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
    partition.starts_with("aws")
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && account.parse::<AccountId>().is_ok()
        && resource.strip_prefix("role/").is_some_and(|role| {
            role.bytes().all(|byte| byte.is_ascii_graphic())
                && role.rsplit('/').next().is_some_and(|name| is_word(name, 1..=64, "_+=,.@-"))
        })
}

impl RoleArn {
    /// The account that holds the role.
    pub fn account(&self) -> AccountId {
        AccountId::checked(self.as_str().split(':').nth(4).unwrap_or_default())
    }

    /// The partition that holds the account: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.as_str().split(':').nth(1).unwrap_or_default()
    }
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// In the account that its ARN names.
    Arn(RoleArn),
    /// In the account that is scanned.
    Name(RoleName),
}

impl Role {
    /// The role's ARN, in that account where only its name was given.
    pub fn in_account(&self, partition: &str, account: &AccountId) -> RoleArn {
        match self {
            Self::Arn(arn) => arn.clone(),
            Self::Name(name) => RoleArn(format!("arn:{partition}:iam::{account}:role/{name}")),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = UnsuitableText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.starts_with("arn:") { text.parse().map(Self::Arn) } else { text.parse().map(Self::Name) }
    }
}

impl FromStr for Role {
    type Err = UnsuitableText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arn(arn) => arn.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl schemars::JsonSchema for Role {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "title": "role ARN or name",
            "type": "string",
            "pattern": r"^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+|[A-Za-z0-9_+=,.@-]{1,64})$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_its_account_and_a_name_takes_one() {
        let role: Role = "arn:aws-us-gov:iam::012345678901:role/audit/reader".parse().unwrap();
        let Role::Arn(arn) = &role else { panic!("{role:?}") };
        assert_eq!((arn.partition(), arn.account().as_str()), ("aws-us-gov", "012345678901"));
        let other = "111122223333".parse().unwrap();
        assert_eq!(role.in_account("aws", &other), *arn);
        let named: Role = "reader".parse().unwrap();
        assert_eq!(named.in_account("aws", &other).as_str(), "arn:aws:iam::111122223333:role/reader");
    }

    #[test]
    fn what_only_looks_like_a_role_is_refused() {
        for text in [
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::1111:role/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:sts::111122223333:assumed-role/x/y",
            "my role",
            "",
        ] {
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }
}
