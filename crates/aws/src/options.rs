//! How a client is to be made.

use crate::sensitive::{self, Conceal};
use std::fmt;
use std::time::Duration;

/// An access key, given rather than found. Its secret is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

impl StaticCredentials {
    /// An access key with its secret.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self { access_key_id: access_key_id.into(), secret_access_key: secret_access_key.into() }
    }
}

impl fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// What may be chosen; [`Default`] takes the rest from the environment and the shared config file.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The default region, before the environment and the profile.
    pub region: Option<String>,
    /// Where every service is called, before whatever is configured elsewhere.
    pub endpoint_url: Option<String>,
    /// The profile whose credentials are taken, even where the environment has some.
    pub profile: Option<String>,
    /// These credentials and no others, whatever the environment and the profiles have.
    pub credentials: Option<StaticCredentials>,
    /// How often a call is tried in all.
    pub max_attempts: u32,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long the first byte of an answer may take.
    pub read_timeout: Duration,
    /// How long one attempt may take from signing to the last byte.
    pub attempt_timeout: Duration,
    /// How many requests may be under way in one region of one service.
    pub max_concurrency: usize,
    /// How many requests a second are sent to one region of one service.
    pub max_rate: f64,
    /// Whether FIPS endpoints are called.
    pub use_fips: Option<bool>,
    /// Whether dual-stack endpoints are called.
    pub use_dual_stack: Option<bool>,
    /// What is kept of texts that the provider marks as sensitive; nothing, unless another way is given.
    pub conceal: Conceal,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            region: None,
            endpoint_url: None,
            profile: None,
            credentials: None,
            max_attempts: 5,
            connect_timeout: Duration::from_secs(3),
            read_timeout: Duration::from_secs(30),
            attempt_timeout: Duration::from_mins(1),
            max_concurrency: 10,
            max_rate: 20.0,
            use_fips: None,
            use_dual_stack: None,
            conceal: sensitive::nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_credentials_never_show_their_secret() {
        let options = ClientOptions {
            credentials: Some(StaticCredentials::new("AKID", "very-secret")),
            ..Default::default()
        };
        let shown = format!("{options:?}");
        assert!(shown.contains("AKID") && !shown.contains("very-secret"), "{shown}");
    }
}
