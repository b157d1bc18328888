//! How Stance signs in to an AWS account: the same keys for `aws` and for each of its accounts.

use crate::{InputPath, MfaSerial, Period, Role, RoleArn, Secret, SessionName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Defines a section with keys of its own, each with its default, before and after those of the sign-in.
macro_rules! section_with_sign_in {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $($(#[$key_doc:meta])* pub $key:ident: $type:ty = $default:expr,)*
            ..sign_in,
            $($(#[$later_doc:meta])* pub $later:ident: $later_type:ty = $later_default:expr,)*
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        $(#[$doc])*
        #[serde(default, deny_unknown_fields)]
        #[schemars(extend("dependentRequired" = {
            "access_key_id": ["secret_access_key"],
            "secret_access_key": ["access_key_id"],
            "session_token": ["access_key_id"],
        }))]
        pub struct $name {
            $($(#[$key_doc])* pub $key: $type,)*
            /// Role that is assumed: its ARN, or its name where it is in the account that is asked.
            #[schemars(extend("examples" = ["arn:aws:iam::111122223333:role/cloudbeat-securityaudit"]))]
            pub iam_role: Option<$crate::Role>,
            /// Roles that are assumed one after the other before `iam_role`.
            #[schemars(extend("examples" = [["arn:aws:iam::444455556666:role/hub"]]))]
            pub role_chain: Vec<$crate::RoleArn>,
            /// External id that the trust policy of `iam_role` asks for.
            #[schemars(extend("examples" = ["stance-4f1c"]))]
            pub external_id: Option<String>,
            /// Name of the sessions of assumed roles, as CloudTrail shows it. Stance's own unless given.
            #[schemars(extend("examples" = ["stance"]))]
            pub session_name: Option<$crate::SessionName>,
            /// How long sessions of assumed roles last, 15 minutes to 12 hours as the role allows; at
            /// most one hour where one assumed role assumes another. One hour unless given.
            #[schemars(extend("examples" = ["1h"]))]
            pub session_duration: Option<$crate::Period>,
            /// MFA device of the user that signs in; its code is asked for once.
            #[schemars(extend("examples" = ["arn:aws:iam::111122223333:mfa/auditor"]))]
            pub mfa_serial: Option<$crate::MfaSerial>,
            /// Profile of the shared configuration and credentials files to sign in with.
            #[schemars(extend("examples" = ["audit"]), extend("x-stance-way" = "profile"))]
            pub profile: Option<String>,
            /// Shared credentials file, or the folder that holds it with its configuration file.
            #[schemars(extend("examples" = ["~/.aws/credentials"]), extend("x-stance-way" = "profile"))]
            pub credentials_file: Option<$crate::InputPath>,
            /// Access key to sign in with, together with `secret_access_key`.
            #[schemars(
                extend("examples" = [{ "env": "AUDIT_ACCESS_KEY_ID" }]), extend("x-stance-way" = "access key"))]
            pub access_key_id: Option<$crate::Secret>,
            /// The secret of the access key.
            #[schemars(
                extend("examples" = [{ "env": "AUDIT_SECRET_ACCESS_KEY" }]), extend("x-stance-way" = "access key"))]
            pub secret_access_key: Option<$crate::Secret>,
            /// Session token, where the access key is a temporary one.
            #[schemars(
                extend("examples" = [{ "env": "AUDIT_SESSION_TOKEN" }]), extend("x-stance-way" = "access key"))]
            pub session_token: Option<$crate::Secret>,
            /// Sign-in with the token of a web identity, as in EKS and in CI services.
            #[schemars(extend("x-stance-way" = "web identity"))]
            pub web_identity: Option<$crate::WebIdentity>,
            $($(#[$later_doc])* pub $later: $later_type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($key: $default,)*
                    iam_role: None,
                    role_chain: Vec::new(),
                    external_id: None,
                    session_name: None,
                    session_duration: None,
                    mfa_serial: None,
                    profile: None,
                    credentials_file: None,
                    access_key_id: None,
                    secret_access_key: None,
                    session_token: None,
                    web_identity: None,
                    $($later: $later_default,)*
                }
            }
        }

        impl $name {
            /// How to sign in, as far as this section itself says.
            pub fn sign_in(&self) -> $crate::SignIn {
                $crate::SignIn {
                    iam_role: self.iam_role.clone(),
                    role_chain: self.role_chain.clone(),
                    external_id: self.external_id.clone(),
                    session_name: self.session_name.clone(),
                    session_duration: self.session_duration,
                    mfa_serial: self.mfa_serial.clone(),
                    profile: self.profile.clone(),
                    credentials_file: self.credentials_file.clone(),
                    access_key_id: self.access_key_id.clone(),
                    secret_access_key: self.secret_access_key.clone(),
                    session_token: self.session_token.clone(),
                    web_identity: self.web_identity.clone(),
                }
            }
        }
    };
}

pub(super) use section_with_sign_in;

/// How to sign in to an account; each field is the key of the same name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignIn {
    /// Role that is assumed for all reads.
    pub iam_role: Option<Role>,
    /// Roles that are assumed before it, in that order.
    pub role_chain: Vec<RoleArn>,
    /// External id for `iam_role`.
    pub external_id: Option<String>,
    /// Name of the sessions of assumed roles.
    pub session_name: Option<SessionName>,
    /// How long such sessions last.
    pub session_duration: Option<Period>,
    /// MFA device of the user that signs in.
    pub mfa_serial: Option<MfaSerial>,
    /// Profile to sign in with.
    pub profile: Option<String>,
    /// Credentials file, or the folder that holds it.
    pub credentials_file: Option<InputPath>,
    /// Access key to sign in with.
    pub access_key_id: Option<Secret>,
    /// Its secret.
    pub secret_access_key: Option<Secret>,
    /// Its session token.
    pub session_token: Option<Secret>,
    /// Token of a web identity to sign in with.
    pub web_identity: Option<WebIdentity>,
}

impl SignIn {
    /// Whether it names credentials of its own, so that those of `aws` are not taken.
    pub fn has_credentials(&self) -> bool {
        self.profile.is_some()
            || self.credentials_file.is_some()
            || self.access_key_id.is_some()
            || self.web_identity.is_some()
    }
}

/// Sign-in with the token of a web identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebIdentity {
    /// File that holds the token; it is read again whenever credentials are renewed.
    #[schemars(extend("examples" = ["/var/run/secrets/eks.amazonaws.com/serviceaccount/token"]))]
    pub token_file: InputPath,
    /// Role that the token is exchanged for.
    #[schemars(extend("examples" = ["arn:aws:iam::111122223333:role/stance"]))]
    pub role_arn: RoleArn,
    /// Name of the session, as CloudTrail shows it. Stance's own unless given.
    #[serde(default)]
    #[schemars(extend("examples" = ["stance"]))]
    pub session_name: Option<SessionName>,
}
