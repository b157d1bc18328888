//! How a client is to be made.

use crate::budget::Budget;
use crate::sensitive::{self, Conceal};
use crate::sign_in::SignIn;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What may be chosen; [`Default`] takes the rest from the environment and the shared config file.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The default region, before the environment and the profile.
    pub region: Option<String>,
    /// Where every service is called, before whatever is configured elsewhere.
    pub endpoint_url: Option<String>,
    /// Where single services are called, by their names in botocore, before `endpoint_url`.
    pub service_endpoints: BTreeMap<&'static str, String>,
    /// How to sign in.
    pub sign_in: SignIn,
    /// How often a call is tried in all; twice as often where the service asks for patience.
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
    /// What all clients with this budget may ask together.
    pub budget: Arc<Budget>,
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
            service_endpoints: BTreeMap::new(),
            sign_in: SignIn::default(),
            max_attempts: 5,
            connect_timeout: Duration::from_secs(3),
            read_timeout: Duration::from_secs(30),
            attempt_timeout: Duration::from_mins(1),
            max_concurrency: 10,
            max_rate: 20.0,
            budget: Arc::default(),
            use_fips: None,
            use_dual_stack: None,
            conceal: sensitive::nothing,
        }
    }
}
