//! Who a client is signed in as, and how it becomes somebody else.

use super::{Client, Identity, Inner};
use crate::assumed_role::AssumedRole;
use crate::credentials::{Loaded, RegionSource};
use crate::error::{CallError, ConnectError};
use crate::sign_in::{RoleToAssume, SignedInUntil};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

impl Client {
    /// A client of a role, which is assumed at once and again whenever its credentials end. It shares the
    /// limits, the models and the connections of this client; its own limits of services start anew,
    /// since a role may be of another account.
    ///
    /// # Errors
    /// If the role cannot be assumed.
    pub async fn assume(&self, role: &RoleToAssume) -> Result<Self, ConnectError> {
        let assumed = AssumedRole::new(self.clone(), role.clone());
        Ok(self.with(self.inner.loaded.assuming(assumed).await?))
    }

    /// The same client with other credentials.
    pub(super) fn with(&self, loaded: Loaded) -> Self {
        let Inner { models, found_region, options, variant, clock, .. } = &*self.inner;
        let inner = Inner {
            models: Arc::clone(models),
            found_region: found_region.clone(),
            options: options.clone(),
            loaded,
            variant: *variant,
            clock: clock.clone(),
            targets: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Where nobody said a region, one of the partition that the ARN names: nothing else tells it before
    /// somebody is signed in.
    pub(super) fn go_to_partition_of(&self, arn: &str) {
        if self.inner.loaded.region_source == RegionSource::Fallback
            && let Some(partition) = arn.split(':').nth(1)
        {
            // a new client has found none yet
            let _ = self.inner.found_region.set(self.global_region(partition).to_owned());
        }
    }

    /// How long the client stays signed in.
    pub fn signed_in_until(&self) -> SignedInUntil {
        self.inner.loaded.until
    }

    /// Asks who the credentials belong to; needs no permission.
    pub async fn identity(&self) -> Result<Identity, CallError> {
        let answer = self.caller_identity().await?;
        let field = |name: &str| {
            answer.get(name).and_then(Value::as_str).map(str::to_string).ok_or_else(|| {
                CallError::MalformedAnswer {
                    message: format!("the answer to `GetCallerIdentity` has no `{name}`"),
                }
            })
        };
        let arn = field("Arn")?;
        let partition = arn.split(':').nth(1).filter(|partition| !partition.is_empty());
        let partition = partition.unwrap_or_else(|| self.partition_of(self.default_region())).to_string();
        Ok(Identity { account: field("Account")?, user_id: field("UserId")?, partition, arn })
    }

    /// Asks in the default region; where nobody said one, in the other partitions too, since credentials
    /// are good in their own partition only.
    async fn caller_identity(&self) -> Result<Value, CallError> {
        let asked =
            |region: String| async move { self.call("sts", "GetCallerIdentity", &region, json!({})).await };
        let refused = match asked(self.default_region().to_owned()).await {
            Err(error)
                if error.is_region_off() && self.inner.loaded.region_source == RegionSource::Fallback =>
            {
                error
            }
            outcome => return outcome,
        };
        let partition = self.partition_of(self.default_region());
        let others: Vec<String> = self.inner.models.endpoints().global_regions_beside(partition);
        for region in others {
            if let Ok(answer) = asked(region.clone()).await {
                tracing::debug!(region, "the credentials are of another partition");
                // two askers at once find the same
                let _ = self.inner.found_region.set(region);
                return Ok(answer);
            }
        }
        Err(refused)
    }

    /// One request in the default region, or in that of the credentials' partition where nobody said one,
    /// whose answer is told whole: for secrets that are to be used.
    pub(crate) async fn call_as_is(
        &self,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        let service = self.inner.models.service(service)?;
        let operation = service.operation(operation)?;
        let refused = match self.request(service, operation, self.default_region(), &input).await {
            Err(error)
                if error.is_region_off() && self.inner.loaded.region_source == RegionSource::Fallback =>
            {
                error
            }
            outcome => return outcome,
        };
        let asked_in = self.default_region().to_owned();
        // finds the partition that the credentials are of
        if self.caller_identity().await.is_err() || self.default_region() == asked_in {
            return Err(refused);
        }
        self.request(service, operation, self.default_region(), &input).await
    }
}
