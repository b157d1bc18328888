//! Credentials that STS gives: of a role, of a role that trusts a web identity, of a session with a second
//! factor.

use crate::client::Client;
use crate::error::CallError;
use crate::sign_in::{Mfa, RoleToAssume, WebIdentity};
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

/// Exchanges the token of a web identity whenever credentials are asked for.
pub(crate) struct FederatedRole {
    client: Client,
    identity: WebIdentity,
}

impl FederatedRole {
    pub fn new(client: Client, identity: WebIdentity) -> Self {
        Self { client, identity }
    }

    async fn exchange(&self) -> Result<Credentials, Refusal> {
        let WebIdentity { token_file, role_arn, session_name } = &self.identity;
        // whoever issues tokens puts a new one there before the old one ends
        let token = std::fs::read_to_string(token_file)
            .map_err(|error| Refusal::Token { file: token_file.display().to_string(), error })?;
        let input = json!({
            "RoleArn": role_arn,
            "RoleSessionName": session_name,
            "WebIdentityToken": token.trim_end(),
        });
        Ok(ask(&self.client, "AssumeRoleWithWebIdentity", input).await?)
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
                let (role, refusal) = (self.role.arn.clone(), error.into());
                CredentialsError::provider_error(RoleRefused { role, refusal })
            })
        })
    }
}

impl fmt::Debug for FederatedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FederatedRole").field("role", &self.identity.role_arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for FederatedRole {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async move {
            self.exchange().await.map_err(|refusal| {
                let role = self.identity.role_arn.clone();
                CredentialsError::provider_error(RoleRefused { role, refusal })
            })
        })
    }
}

/// A role could not be assumed.
#[derive(Debug, thiserror::Error)]
#[error("role `{role}` cannot be assumed: {refusal}")]
struct RoleRefused {
    role: String,
    refusal: Refusal,
}

/// What was answered, and what mends it where the answer does not tell.
fn why(error: &CallError) -> String {
    match error {
        // that signing in failed is said already
        CallError::SignIn { message } => message.clone(),
        _ if error.is_access_denied() => {
            let answer = error.to_string();
            let answer = answer.trim_end_matches('.');
            format!(
                "{answer}; see that its trust policy names who signs in, and whether it asks for an external id"
            )
        }
        _ => error.to_string(),
    }
}

/// Why it could not.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{}", why(.0))]
    Call(#[from] CallError),
    #[error("the token in `{file}` cannot be read: {error}")]
    Token { file: String, error: std::io::Error },
}
