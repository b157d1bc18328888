//! What a collector asks of a provider: one call with JSON in and JSON out.

use serde_json::Value;
use stance_aws::{CallError, Client};
use std::future::Future;

/// An answer, all pages joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was answered.
    pub value: Value,
    /// How many requests that took.
    pub pages: u64,
}

/// Why a call failed after all retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// The operation that failed, `s3:GetBucketPolicy`, where it is not the one that was asked for.
    pub operation: Option<String>,
    /// The provider's error code, or one of ours.
    pub code: String,
    /// The provider's message.
    pub message: String,
    /// Whether a permission was missing.
    pub access_denied: bool,
    /// Whether the region is switched off for the scope.
    pub region_off: bool,
    /// Whether the credentials are no longer good, so that every later call would fail alike.
    pub signed_out: bool,
}

impl CallFailure {
    /// Nobody answers there.
    pub const UNREACHABLE: &str = "Unreachable";
    /// The service's host does not exist: the service is not there.
    pub const NO_SUCH_HOST: &str = "NoSuchHost";
    /// The answer took too long.
    pub const TIMEOUT: &str = "Timeout";
    /// The run was interrupted before the call was made.
    pub const INTERRUPTED: &str = "Interrupted";
    /// The answer had not the shape that the catalog expects.
    pub const MALFORMED: &str = "MalformedAnswer";

    /// A failure of our own making.
    pub fn ours(code: &str, message: impl Into<String>) -> Self {
        Self {
            operation: None,
            code: code.to_owned(),
            message: message.into(),
            access_denied: false,
            region_off: false,
            signed_out: false,
        }
    }
}

/// Makes calls to a provider.
pub trait Transport: Send + Sync + 'static {
    /// Makes a call and reads all its pages.
    fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> impl Future<Output = Result<Answer, CallFailure>> + Send;
}

impl Transport for Client {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Answer, CallFailure> {
        match self.call_all(service, operation, region, input).await {
            Ok(pages) => Ok(Answer { value: pages.value, pages: pages.pages }),
            Err(error) => Err(CallFailure::from(&error)),
        }
    }
}

impl From<&CallError> for CallFailure {
    fn from(error: &CallError) -> Self {
        Self {
            operation: None,
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            access_denied: error.is_access_denied(),
            region_off: error.is_region_off(),
            signed_out: matches!(error, CallError::SignIn { .. }),
        }
    }
}
