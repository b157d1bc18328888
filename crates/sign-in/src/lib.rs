//! From what the configuration says of signing in to AWS to what the client takes: the same words for scans
//! and for sinks.

use stance_aws::{AccessKeys, RoleToAssume, WebIdentity};
use stance_config::{Period, SignIn};
use thiserror::Error;

/// What is said of signing in cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignInError {
    /// Half of an access key.
    #[error("`access_key_id` and `secret_access_key` go together; one of them is missing")]
    HalfAKey,
}

/// What to sign in with, roles and second factors left aside.
///
/// # Errors
/// If half of an access key is missing.
pub fn credentials(sign_in: &SignIn) -> Result<stance_aws::SignIn, SignInError> {
    let keys = match (&sign_in.access_key_id, &sign_in.secret_access_key) {
        (Some(id), Some(secret)) => {
            let keys = AccessKeys::new(id.reveal(), secret.reveal());
            Some(match &sign_in.session_token {
                Some(token) => keys.with_session_token(token.reveal()),
                None => keys,
            })
        }
        (None, None) => None,
        _ => return Err(SignInError::HalfAKey),
    };
    let web_identity = sign_in.web_identity.as_ref().map(|identity| WebIdentity {
        token_file: identity.token_file.as_path().to_owned(),
        role_arn: identity.role_arn.as_str().to_owned(),
        session_name: identity
            .session_name
            .as_ref()
            .map_or_else(|| session_name(sign_in), |name| name.as_str().to_owned()),
    });
    Ok(stance_aws::SignIn {
        profile: sign_in.profile.clone(),
        credentials_file: sign_in.credentials_file.as_ref().map(|path| path.as_path().to_owned()),
        keys,
        web_identity,
        mfa: None,
        roles: Vec::new(),
    })
}

/// What sessions of assumed roles are called.
pub fn session_name(sign_in: &SignIn) -> String {
    sign_in.session_name.as_ref().map_or(RoleToAssume::SESSION_NAME, |name| name.as_str()).to_owned()
}

/// A role by its ARN, with the sessions that are asked for, and without an external id.
pub fn role(sign_in: &SignIn, arn: &str) -> RoleToAssume {
    RoleToAssume {
        session_name: session_name(sign_in),
        duration: sign_in.session_duration.map(Period::get),
        ..RoleToAssume::new(arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_key_is_refused_and_a_whole_one_is_taken() {
        let secret = |text: &str| serde_json::from_value(text.into()).ok();
        let half = SignIn { access_key_id: secret("AKIA"), ..SignIn::default() };
        assert_eq!(credentials(&half), Err(SignInError::HalfAKey));
        let whole = SignIn { secret_access_key: secret("x"), ..half };
        assert_eq!(credentials(&whole).unwrap().keys, Some(AccessKeys::new("AKIA", "x")));
    }

    #[test]
    fn a_role_takes_the_sessions_that_are_asked_for() {
        let arn = "arn:aws:iam::111122223333:role/stance";
        let usual = role(&SignIn::default(), arn);
        assert_eq!((usual.session_name.as_str(), usual.duration), ("stance", None));
        let named = SignIn { session_name: "audit".parse().ok(), ..SignIn::default() };
        assert_eq!(role(&named, arn).session_name, "audit");
    }
}
