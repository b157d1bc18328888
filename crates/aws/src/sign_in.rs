//! How to sign in: what a caller may say, before the environment and the machine are asked.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How to sign in. With nothing said, the official default chain decides: the environment, the shared
/// files, web identity (EKS), container credentials (ECS, EKS pod identity), the instance's role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    /// The profile whose credentials are taken, even where the environment has some.
    pub profile: Option<String>,
    /// The shared credentials file, or the folder that holds it under the name `credentials`, instead of
    /// `~/.aws/credentials`.
    pub credentials_file: Option<PathBuf>,
    /// These credentials and no others, whatever the environment and the profiles have.
    pub keys: Option<AccessKeys>,
    /// A token of an identity provider that is exchanged for a role's credentials.
    pub web_identity: Option<WebIdentity>,
    /// The user's second factor. It is told once, for a session that then assumes all roles: a code is good
    /// for one request only, and an organization has many roles.
    pub mfa: Option<Mfa>,
    /// Roles to assume one after the other, each with the credentials of the one before.
    pub roles: Vec<RoleToAssume>,
}

/// An access key, given rather than found. Its secrets are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKeys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

impl AccessKeys {
    /// An access key with its secret.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }

    /// The same as temporary keys, which come with a token.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        Self { session_token: Some(token.into()), ..self }
    }
}

impl fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKeys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A token of an identity provider (`OpenID` Connect), and the role that trusts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentity {
    /// The file that holds the token; read again whenever the credentials are renewed.
    pub token_file: PathBuf,
    /// The role's ARN.
    pub role_arn: String,
    /// What the session is called in the account's logs.
    pub session_name: String,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleToAssume {
    /// The role's ARN.
    pub arn: String,
    /// The secret-like word that the role's trust policy asks for, if it does.
    pub external_id: Option<String>,
    /// What the session is called in the account's logs.
    pub session_name: String,
    /// How long the credentials are good; an hour unless said. They are renewed as long as the
    /// credentials that assume the role are good.
    pub duration: Option<Duration>,
}

impl RoleToAssume {
    /// What sessions are called unless said otherwise.
    pub const SESSION_NAME: &str = "stance";

    /// A role that asks for nothing but its ARN.
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), external_id: None, session_name: Self::SESSION_NAME.into(), duration: None }
    }
}

/// A second factor. The code is good once and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Mfa {
    /// The device's serial number or ARN.
    pub serial: String,
    /// The six digits that the device shows.
    pub code: String,
}

impl fmt::Debug for Mfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mfa").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// How long a client stays signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedInUntil {
    /// The credentials do not end, or are renewed.
    Always,
    /// The credentials end then and cannot be renewed.
    Time(SystemTime),
    /// The credentials are temporary, cannot be renewed, and do not tell when they end.
    NotKnown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_given_shows_its_secret() {
        let sign_in = SignIn {
            keys: Some(AccessKeys::new("AKID", "very-secret").with_session_token("very-secret")),
            mfa: Some(Mfa { serial: "device".into(), code: "very-secret".into() }),
            ..SignIn::default()
        };
        let shown = format!("{sign_in:?}");
        assert!(shown.contains("AKID") && shown.contains("device"), "{shown}");
        assert!(!shown.contains("very-secret"), "{shown}");
    }
}
