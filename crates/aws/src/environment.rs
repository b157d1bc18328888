//! What the environment says of signing in, beyond what the official chain tells of it.

use crate::error::ConnectError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::time::SystemTime;

/// Variables that send the official chain to a file or an endpoint, in its order.
const PLACES: [&str; 3] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// The value of a variable, if it is set and not empty.
pub(crate) type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

/// Adds to an error of the official chain what the environment asked for: the chain itself does not say
/// where it looked.
pub(crate) fn explain(error: ConnectError, variables: Variables<'_>) -> ConnectError {
    match error {
        ConnectError::MissingCredentials => missing(variables).unwrap_or(error),
        ConnectError::SignIn { message } => {
            let place = PLACES.iter().find_map(|name| Some((name, variables(name)?)));
            let message = match place {
                Some((name, value)) => format!("{message}; the environment sets `{name}` to `{value}`"),
                None => message,
            };
            ConnectError::SignIn { message }
        }
        other @ ConnectError::Option { .. } => other,
    }
}

/// What the environment names and nobody has.
fn missing(variables: Variables<'_>) -> Option<ConnectError> {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    let half = match (variables(id), variables(secret)) {
        (Some(_), None) => Some((id, secret)),
        (None, Some(_)) => Some((secret, id)),
        _ => None,
    };
    if let Some((given, missing)) = half {
        let message = format!("`{given}` is set and `{missing}` is not; set both");
        return Some(ConnectError::SignIn { message });
    }
    let profile = variables("AWS_PROFILE")?;
    let message =
        format!("the environment sets `AWS_PROFILE` to `{profile}`, but {}", ConnectError::NO_PROFILE);
    Some(ConnectError::SignIn { message })
}

/// When temporary keys of the environment end, where it tells that: `aws configure export-credentials` does.
pub(crate) fn end_of_keys(token: &str, variables: Variables<'_>) -> Option<SystemTime> {
    if variables("AWS_SESSION_TOKEN").as_deref() != Some(token) {
        return None;
    }
    let end = variables("AWS_CREDENTIAL_EXPIRATION")?;
    let end = DateTime::from_str(&end, Format::DateTimeWithOffset).ok()?;
    SystemTime::try_from(end).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(error: ConnectError, set: &[(&str, &str)]) -> String {
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        explain(error, &value).to_string()
    }

    #[test]
    fn half_an_access_key_is_told_as_such() {
        let told = explained(ConnectError::MissingCredentials, &[("AWS_ACCESS_KEY_ID", "AKID")]);
        assert!(
            told.ends_with("`AWS_ACCESS_KEY_ID` is set and `AWS_SECRET_ACCESS_KEY` is not; set both"),
            "{told}"
        );
        let told = explained(ConnectError::MissingCredentials, &[("AWS_SECRET_ACCESS_KEY", "never-shown")]);
        assert!(told.contains("`AWS_SECRET_ACCESS_KEY` is set") && !told.contains("never-shown"), "{told}");
    }

    #[test]
    fn a_profile_that_the_environment_names_is_named_in_the_error() {
        let told = explained(ConnectError::MissingCredentials, &[("AWS_PROFILE", "audit")]);
        assert!(told.contains("sets `AWS_PROFILE` to `audit`, but the shared"), "{told}");
        let told = explained(ConnectError::MissingCredentials, &[]);
        assert!(told.starts_with("no AWS credentials found"), "{told}");
    }

    #[test]
    fn the_place_that_the_environment_names_is_told() {
        let error = ConnectError::SignIn { message: "not found".into() };
        let told = explained(error, &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")]);
        assert!(
            told.ends_with("not found; the environment sets `AWS_WEB_IDENTITY_TOKEN_FILE` to `/token`"),
            "{told}"
        );
    }

    #[test]
    fn the_end_of_keys_is_that_of_the_environment_s_own_keys() {
        let value = |name: &str| match name {
            "AWS_SESSION_TOKEN" => Some("token".to_owned()),
            "AWS_CREDENTIAL_EXPIRATION" => Some("1970-01-01T01:00:00+00:00".to_owned()),
            _ => None,
        };
        let hour = SystemTime::UNIX_EPOCH + std::time::Duration::from_hours(1);
        assert_eq!(end_of_keys("token", &value), Some(hour));
        assert_eq!(end_of_keys("other", &value), None);
    }
}
