//! What can go wrong, in the words of a person who has to mend it.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_schema::serde::SerdeError;
use std::error::Error;

use crate::error_answer::ServiceError;
use crate::sign_in::SignIn;

/// The shapes of a service, or the table of endpoints, are not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// There is no `api.json` for the service.
    #[error("there is no API model of service `{service}`")]
    UnknownService {
        /// The service's name in botocore.
        service: String,
    },
    /// The service's model lacks the operation.
    #[error("the API model of service `{service}` has no operation `{operation}`")]
    UnknownOperation {
        /// The service's name in botocore.
        service: String,
        /// The operation's name.
        operation: String,
    },
    /// The bytes are not what `tools/api_models.py` writes.
    #[error("the API model of service `{service}` is unusable: {message}")]
    Service {
        /// The service's name in botocore.
        service: String,
        /// What is wrong with it.
        message: String,
    },
    /// The table of endpoints is not what `tools/api_models.py` writes.
    #[error("the table of endpoints is unusable: {message}")]
    Endpoints {
        /// What is wrong with it.
        message: String,
    },
}

/// A client could not be made. A missing region is no error: `us-east-1` is then the default.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nothing told any credentials.
    #[error(
        "no AWS credentials found: name a profile with `--profile`, sign in with `aws sso login`, \
         or set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
    )]
    MissingCredentials,
    /// Credentials are configured, but they could not be had: expired, refused, wrongly configured.
    #[error("signing in to AWS failed: {message}")]
    SignIn {
        /// What the provider of the credentials said.
        message: String,
    },
    /// An option cannot be used.
    #[error("option `{option}` cannot be `{value}`: {message}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What it was set to.
        value: String,
        /// Why not.
        message: String,
    },
}

impl ConnectError {
    /// What is wrong with a profile's name.
    pub(crate) const NO_PROFILE: &str = "the shared configuration and credentials files have no such profile, \
        or no credentials in it; `aws configure list-profiles` lists them";

    pub(crate) fn from_credentials(error: &CredentialsError, sign_in: &SignIn) -> Self {
        match (error, &sign_in.profile) {
            (CredentialsError::CredentialsNotLoaded(_), None) => Self::MissingCredentials,
            (CredentialsError::CredentialsNotLoaded(_), Some(profile)) => {
                Self::Option { option: "profile", value: profile.clone(), message: Self::NO_PROFILE.into() }
            }
            _ => Self::SignIn { message: reason(error) },
        }
    }
}

/// A call failed, for good: retries are behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The service answered with an error.
    #[error("{code} (HTTP status {status}): {message}")]
    Service {
        /// The service's error code.
        code: String,
        /// The service's message; hostile text.
        message: String,
        /// The HTTP status.
        status: u16,
        /// By which the provider's support finds the request.
        request_id: Option<String>,
    },
    /// Credentials are missing, expired, or refused by whoever should give them.
    #[error("signing in to AWS failed: {message}")]
    SignIn {
        /// Why.
        message: String,
    },
    /// The service could not be reached: DNS, connection, TLS.
    #[error("the service cannot be reached: {message}")]
    Unreachable {
        /// Why.
        message: String,
    },
    /// The service's host does not exist, which is how a service is told not to be in a region.
    #[error("the service's host does not exist: {message}")]
    NoSuchHost {
        /// Which name was looked up, and what came of it.
        message: String,
    },
    /// The service was reached, but did not answer in time.
    #[error("the service did not answer in time: {message}")]
    Timeout {
        /// Which limit was passed.
        message: String,
    },
    /// The service answered with something that is not the answer.
    #[error("the answer could not be understood: {message}")]
    MalformedAnswer {
        /// What is wrong with it.
        message: String,
    },
    /// The call itself is wrong: an unknown operation, an input that does not fit. Our own mistake.
    #[error("the call is wrong: {message}")]
    Input {
        /// What is wrong with it.
        message: String,
    },
}

/// What the systems' resolvers say of a name that nobody has; that none could be asked sounds otherwise.
const NO_SUCH_HOST: &[&str] = &[
    "Name or service not known",
    "Name does not resolve",
    "nodename nor servname provided",
    "No such host is known",
];

/// Codes by which a service says that it is asked too often; those of the official run time.
const THROTTLING: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

const ACCESS_DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "ForbiddenException",
    "KMSAccessDeniedException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UserNotAuthorized",
];

/// How a region that the account has not switched on refuses credentials that are good elsewhere.
const REGION_OFF: &[&str] = &[
    "AuthFailure",
    "InvalidClientTokenId",
    "InvalidToken",
    "OptInRequired",
    "RegionDisabledException",
    "UnrecognizedClientException",
];

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"];

impl CallError {
    /// The service's error code, or one of `SignInFailed`, `Unreachable`, `NoSuchHost`,
    /// `Timeout`, `MalformedAnswer`, `InvalidInput`.
    pub fn code(&self) -> &str {
        match self {
            Self::Service { code, .. } => code,
            Self::SignIn { .. } => "SignInFailed",
            Self::Unreachable { .. } => "Unreachable",
            Self::NoSuchHost { .. } => "NoSuchHost",
            Self::Timeout { .. } => "Timeout",
            Self::MalformedAnswer { .. } => "MalformedAnswer",
            Self::Input { .. } => "InvalidInput",
        }
    }

    /// The service's message, or what we know.
    pub fn message(&self) -> &str {
        match self {
            Self::Service { message, .. }
            | Self::SignIn { message }
            | Self::Unreachable { message }
            | Self::NoSuchHost { message }
            | Self::Timeout { message }
            | Self::MalformedAnswer { message }
            | Self::Input { message } => message,
        }
    }

    /// Whether a permission was missing.
    pub fn is_access_denied(&self) -> bool {
        matches!(self, Self::Service { code, .. } if ACCESS_DENIED.contains(&code.as_str()))
    }

    /// Whether the service was asked too often.
    pub fn is_throttling(&self) -> bool {
        matches!(self, Self::Service { code, status, .. } if *status == 429 || THROTTLING.contains(&code.as_str()))
    }

    /// Whether this is how a region refuses whose account has not switched it on. Of these codes
    /// only `OptInRequired` says nothing else: where the same credentials are not known to work in
    /// another region, the credentials may be what is wrong.
    pub fn is_region_off(&self) -> bool {
        matches!(self, Self::Service { code, .. } if REGION_OFF.contains(&code.as_str()))
    }

    /// Turns the run time's error into ours.
    pub(crate) fn from_run_time<R>(error: &SdkError<ServiceError, R>) -> Self
    where
        R: std::fmt::Debug,
    {
        if let SdkError::ServiceError(service) = error {
            let ServiceError { code, message, status, request_id } = service.err().clone();
            return if EXPIRED.contains(&code.as_str()) {
                Self::SignIn {
                    message: format!("the credentials have expired ({message}); get new ones and scan again"),
                }
            } else {
                Self::Service { code, message, status, request_id }
            };
        }
        // The run time hands on whatever a provider of credentials said as a failure to dispatch.
        let source = error.source();
        if let Some(credentials) = find::<CredentialsError>(source) {
            return Self::SignIn { message: reason(credentials) };
        }
        let message = source.map_or_else(|| error.to_string(), chain);
        match error {
            SdkError::ConstructionFailure(_) => Self::Input { message },
            SdkError::TimeoutError(_) => Self::Timeout { message },
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                // a connection that is not made in time is out of reach; a request that was sent is late
                Some(connector) if connector.is_timeout() && !message.contains("connect") => {
                    Self::Timeout { message }
                }
                _ if NO_SUCH_HOST.iter().any(|said| message.contains(said)) => Self::NoSuchHost { message },
                _ => Self::Unreachable { message },
            },
            _ if find::<SerdeError>(source).is_some() => Self::MalformedAnswer { message },
            _ if find::<ConnectorError>(source).is_some_and(ConnectorError::is_timeout) => {
                Self::Timeout { message }
            }
            // the connection broke while the answer was read
            _ => Self::Unreachable { message },
        }
    }
}

impl From<ModelError> for CallError {
    fn from(error: ModelError) -> Self {
        Self::Input { message: error.to_string() }
    }
}

fn causes<'e>(start: Option<&'e (dyn Error + 'static)>) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(start, |&error| error.source())
}

/// The first error of a type in a chain of causes.
fn find<'e, E: Error + 'static>(start: Option<&'e (dyn Error + 'static)>) -> Option<&'e E> {
    causes(start).find_map(|error| error.downcast_ref())
}

/// What a provider of credentials met; its own words before that only say that it failed.
fn reason(error: &CredentialsError) -> String {
    error.source().map_or_else(|| error.to_string(), chain)
}

/// An error and its causes as one line, each said once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = String::new();
    for cause in causes(Some(error)) {
        let text = cause.to_string();
        if text.is_empty() || line.contains(&text) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&text);
    }
    line
}
