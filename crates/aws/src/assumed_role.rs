//! Credentials that are asked for with those of a client: of a role, and of a session with a second factor.

use crate::client::Client;
use crate::error::CallError;
use crate::sign_in::{Mfa, RoleToAssume};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value, json};
use std::fmt;
use std::time::{Duration, SystemTime};

/// How long a session with a second factor lasts: what the service itself takes where nothing is said.
const SESSION: Duration = Duration::from_hours(12);

/// Assumes a role whenever credentials are asked for.
pub(crate) struct AssumedRole {
    client: Client,
    role: RoleToAssume,
}

impl AssumedRole {
    pub fn new(client: Client, role: RoleToAssume) -> Self {
        Self { client, role }
    }

    async fn assume(&self) -> Result<Credentials, CallError> {
        ask(&self.client, "AssumeRole", self.input()).await
    }

    fn input(&self) -> Value {
        let mut input = Map::new();
        input.insert("RoleArn".into(), json!(self.role.arn));
        input.insert("RoleSessionName".into(), json!(self.role.session_name));
        if let Some(external_id) = &self.role.external_id {
            input.insert("ExternalId".into(), json!(external_id));
        }
        if let Some(duration) = self.role.duration {
            input.insert("DurationSeconds".into(), json!(duration.as_secs()));
        }
        Value::Object(input)
    }
}

/// Credentials of a session that knows of the user's second factor. They cannot be renewed without another
/// code.
pub(crate) async fn session_with(client: &Client, mfa: &Mfa) -> Result<Credentials, CallError> {
    let input = json!({
        "SerialNumber": mfa.serial,
        "TokenCode": mfa.code,
        "DurationSeconds": SESSION.as_secs(),
    });
    ask(client, "GetSessionToken", input).await
}

async fn ask(client: &Client, operation: &str, input: Value) -> Result<Credentials, CallError> {
    let answer = client.call_as_is("sts", operation, input).await?;
    let credentials = answer.get("Credentials").and_then(Value::as_object);
    credentials.and_then(read).ok_or_else(|| CallError::MalformedAnswer {
        message: format!("the answer to `{operation}` has no credentials"),
    })
}

fn read(credentials: &Map<String, Value>) -> Option<Credentials> {
    let text = |name: &str| credentials.get(name).and_then(Value::as_str).map(str::to_owned);
    let expiry = text("Expiration")
        .and_then(|time| DateTime::from_str(&time, Format::DateTime).ok())
        .and_then(|time| SystemTime::try_from(time).ok());
    let (key, secret) = (text("AccessKeyId")?, text("SecretAccessKey")?);
    Some(Credentials::new(key, secret, text("SessionToken"), expiry, "assumed role"))
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumedRole").field("role", &self.role.arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async move {
            // the run time wraps this once more; our own words are in the innermost
            self.assume().await.map_err(|error| {
                CredentialsError::provider_error(RoleRefused { role: self.role.arn.clone(), error })
            })
        })
    }
}

/// A role could not be assumed.
#[derive(Debug, thiserror::Error)]
#[error("role `{role}` cannot be assumed: {error}")]
struct RoleRefused {
    role: String,
    error: CallError,
}
