//! The client: one identity, all services, all regions.

use crate::assumed_role::{self, FederatedRole};
use crate::budget::Traffic;
use crate::credentials::{self, Loaded, Signer, Surroundings};
use crate::endpoint::{Endpoint, Variant};
use crate::error::{CallError, ConnectError, ModelError};
use crate::limiter::Limiter;
use crate::model::{ApiModels, Operation, Service};
use crate::options::ClientOptions;
use crate::paging::{Collector, Pages};
use crate::resource_prefix;
use crate::retry;
use crate::sensitive;
use crate::service_client::ServiceClient;
use crate::sign_in::SignIn;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::time::Instant;

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's number.
    pub account: String,
    /// The user's or role's ARN.
    pub arn: String,
    /// The unique id of the user or the role's session.
    pub user_id: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`.
    pub partition: String,
}

/// Calls any operation that the models have. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    models: Arc<ApiModels>,
    /// Where the credentials were found to be good, where nobody said a region.
    found_region: OnceLock<String>,
    options: ClientOptions,
    loaded: Loaded,
    variant: Variant,
    clock: SharedInterceptor,
    /// By service and region.
    targets: Mutex<HashMap<(&'static str, String), Arc<Target>>>,
}

/// A service in a region, and how often it may be asked.
struct Target {
    client: ServiceClient,
    limiter: Limiter,
    /// How many calls in a row were not answered in time, with all their attempts.
    unanswered: AtomicU32,
}

/// A service that has not answered so many calls in a row is not asked again: each costs minutes, and a
/// scan makes thousands.
const MOST_UNANSWERED: u32 = 3;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("default_region", &self.default_region()).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads the configuration and gets credentials. No service is asked anything, unless the
    /// credentials themselves come from one (a role to assume, single sign-on).
    pub async fn connect(
        models: impl Into<Arc<ApiModels>>,
        options: ClientOptions,
    ) -> Result<Self, ConnectError> {
        Self::connect_in(models, options, Surroundings::default()).await
    }

    pub(crate) async fn connect_in(
        models: impl Into<Arc<ApiModels>>,
        options: ClientOptions,
        surroundings: Surroundings,
    ) -> Result<Self, ConnectError> {
        let loaded = credentials::load(&options, surroundings).await?;
        let models = models.into();
        let SignIn { web_identity, mfa, roles, .. } = options.sign_in.clone();
        let variant = Variant {
            fips: loaded.config.use_fips().unwrap_or_default(),
            dual_stack: loaded.config.use_dual_stack().unwrap_or_default(),
        };
        tracing::debug!(
            region = loaded.region,
            fips = variant.fips,
            dual_stack = variant.dual_stack,
            "connected"
        );
        let clock = SharedInterceptor::new(ServiceClockSkewInterceptor::new());
        let inner = Inner {
            models,
            found_region: OnceLock::new(),
            options,
            loaded,
            variant,
            clock,
            targets: Mutex::default(),
        };
        let mut client = Self { inner: Arc::new(inner) };
        if let (Some(identity), Signer::Nobody) = (web_identity, &client.inner.loaded.signer) {
            client.go_to_partition_of(&identity.role_arn);
            let role = FederatedRole::new(client.clone(), identity);
            client = client.with(client.inner.loaded.assuming(role).await?);
        }
        if let Some(mfa) = mfa {
            let session = assumed_role::session_with(&client, &mfa).await;
            let session = session.map_err(|error| {
                let (serial, answer) = (&mfa.serial, error.to_string());
                let answer = answer.trim_end_matches('.');
                let next = "each code is good once, wait for the next";
                let message = format!("the second factor `{serial}` is not accepted: {answer}; {next}");
                ConnectError::SignIn { message }
            })?;
            client = client.with(client.inner.loaded.with_session(session));
        }
        for role in &roles {
            client = client.assume(role).await?;
        }
        Ok(client)
    }

    /// What was asked so far with the budget of this client.
    pub fn traffic(&self) -> Traffic {
        self.inner.options.budget.traffic()
    }

    /// The region from the options, the environment or the profile; else one in which the credentials
    /// were found to be good, or `us-east-1`.
    pub fn default_region(&self) -> &str {
        self.inner.found_region.get().unwrap_or(&self.inner.loaded.region)
    }

    /// The partition that a region belongs to.
    pub fn partition_of(&self, region: &str) -> &str {
        &self.inner.models.endpoints().partition(region).id
    }

    /// The region where a partition's global services are asked; for a partition that is not known,
    /// that of `aws`.
    pub fn global_region(&self, partition: &str) -> &str {
        let endpoints = self.inner.models.endpoints();
        &endpoints.by_id(partition).unwrap_or_else(|| endpoints.partition("us-east-1")).global
    }

    /// Whether the operation's answer comes in pages.
    pub fn is_paginated(&self, service: &str, operation: &str) -> Result<bool, ModelError> {
        Ok(self.inner.models.service(service)?.operation(operation)?.page.is_some())
    }

    /// Whether the service's model has the operation.
    pub fn has_operation(&self, service: &str, operation: &str) -> Result<bool, ModelError> {
        Ok(self.inner.models.service(service)?.operations.contains_key(operation))
    }

    /// One request, tried again where that may help.
    pub async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        let service = self.inner.models.service(service)?;
        let operation = service.operation(operation)?;
        let mut answer = self.request(service, operation, region, &input).await?;
        resource_prefix::strip(service, &mut answer);
        sensitive::conceal(service, operation, &mut answer, self.inner.options.conceal);
        Ok(answer)
    }

    /// All pages of an answer, lists under the result keys joined; one request where the operation
    /// has no pages.
    pub async fn call_all(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Pages, CallError> {
        let service = self.inner.models.service(service)?;
        let operation = service.operation(operation)?;
        let Some(page) = &operation.page else {
            return Ok(Pages {
                value: self.call(service.name, operation.name, region, input).await?,
                pages: 1,
            });
        };
        let mut collector = Collector::new(page, operation.name);
        let mut input = input;
        loop {
            let answer = self.request(service, operation, region, &input).await?;
            match collector.add(&input, answer)? {
                Some(next) => input = next,
                None => break,
            }
        }
        // not before: the token of the next page may be marked as well
        let mut pages = collector.finish();
        resource_prefix::strip(service, &mut pages.value);
        sensitive::conceal(service, operation, &mut pages.value, self.inner.options.conceal);
        Ok(pages)
    }

    async fn request(
        &self,
        service: &'static Service,
        operation: &'static Operation,
        region: &str,
        input: &Value,
    ) -> Result<Value, CallError> {
        let target = self.target(service, region)?;
        let budget = &self.inner.options.budget;
        let max_attempts = self.inner.options.max_attempts.max(1);
        let mut attempt = 1;
        loop {
            if target.unanswered.load(Ordering::Relaxed) >= MOST_UNANSWERED {
                return Err(CallError::Timeout {
                    message: format!(
                        "{MOST_UNANSWERED} calls before this one were not answered in `{region}`; not asked again"
                    ),
                });
            }
            // given back before the wait, so that others may be served meanwhile
            let asked = Instant::now();
            let permit = target.limiter.acquire().await;
            let shared = budget.acquire().await;
            budget.sent(asked.elapsed());
            // boxed, since it is large, and most that wait for their turn have not come so far
            let error = match Box::pin(target.client.send(operation, input)).await {
                Ok(answer) => {
                    target.unanswered.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if error.is_throttling() {
                permit.throttled();
                budget.was_throttled();
            }
            drop((permit, shared));
            let Some(wait) = retry::wait(&error, attempt, max_attempts, fastrand::f64()) else {
                if matches!(error, CallError::Timeout { .. }) {
                    target.unanswered.fetch_add(1, Ordering::Relaxed);
                }
                return Err(error);
            };
            tracing::debug!(
                service = service.name,
                operation = operation.name,
                region,
                attempt,
                code = error.code(),
                ?wait,
                "another attempt"
            );
            budget.tries_again();
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    fn target(&self, service: &'static Service, region: &str) -> Result<Arc<Target>, CallError> {
        let key = (service.name, region.to_string());
        let mut targets = self.inner.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = targets.get(&key) {
            return Ok(Arc::clone(target));
        }
        let (endpoint, configured) = self.endpoint(service, region)?;
        let Inner { options, loaded, clock, .. } = &*self.inner;
        let target = Arc::new(Target {
            client: ServiceClient::new(service, region, &endpoint, configured, loaded, clock.clone()),
            limiter: Limiter::new(options.max_concurrency, options.max_rate),
            unanswered: AtomicU32::new(0),
        });
        targets.insert(key, Arc::clone(&target));
        Ok(target)
    }

    /// Where the service is in the region, and whether someone configured that.
    fn endpoint(&self, service: &Service, region: &str) -> Result<(Endpoint, bool), CallError> {
        if region.is_empty() || !region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            // it becomes part of a host's name
            return Err(CallError::Input { message: format!("`{region}` cannot be a region's name") });
        }
        let Inner { models, variant, .. } = &*self.inner;
        let known = models.endpoints().resolve(service.name, service.prefix, region, *variant);
        if let Some(url) = self.configured_url(service) {
            let signing_region = known.map_or_else(|| region.to_string(), |known| known.signing_region);
            return Ok((Endpoint { url, signing_region }, true));
        }
        let endpoint = known.ok_or_else(|| CallError::Input {
            message: format!(
                "service `{}` has no {}{}endpoint in region `{region}`",
                service.name,
                if variant.fips { "FIPS " } else { "" },
                if variant.dual_stack { "dual-stack " } else { "" },
            ),
        })?;
        Ok((endpoint, false))
    }

    /// The option, then what the environment and the config file say for the service or for all.
    fn configured_url(&self, service: &Service) -> Option<String> {
        let Inner { options, loaded, .. } = &*self.inner;
        if let Some(url) = options.service_endpoints.get(service.name).or(options.endpoint_url.as_ref()) {
            return Some(url.clone());
        }
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let of_service = loaded.config.service_config().and_then(|config| config.load_config(key));
        of_service.or_else(|| loaded.config.endpoint_url().map(str::to_string))
    }
}

mod sign_in;
#[cfg(test)]
mod sign_in_tests;
#[cfg(test)]
mod tests;
