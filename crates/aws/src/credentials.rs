//! What the environment, the shared config file and the machine say: region, endpoints, credentials.

use crate::error::ConnectError;
use crate::options::ClientOptions;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles as ProfileFiles;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
#[cfg(test)]
use aws_types::os_shim_internal::{Env, Fs};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Where an account is asked if nothing says otherwise.
const FALLBACK_REGION: &str = "us-east-1";
/// A `credential_process` may ask its user something.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(30);

/// The configuration that all services share, and the one provider of credentials: it is what the
/// cache of identities knows them by, so that a role is assumed once and not once for each service.
pub(crate) struct Loaded {
    pub config: SdkConfig,
    pub credentials: SharedCredentialsProvider,
    pub region: String,
}

/// What the process runs in, where it is not to be the real thing: tests look at nothing of the
/// machine they run on.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    #[cfg(test)]
    pub environment: Option<Env>,
    #[cfg(test)]
    pub files: Option<Fs>,
    /// The shared config file, for a profile that is named in the options.
    pub profiles: Option<ProfileFiles>,
    pub credentials: Option<SharedCredentialsProvider>,
}

pub(crate) async fn load(
    options: &ClientOptions,
    surroundings: Surroundings,
) -> Result<Loaded, ConnectError> {
    check_url(options.endpoint_url.as_deref())?;
    let http = http_client();
    let named = options.region.clone().filter(|region| !region.is_empty()).map(Region::new);
    let mut config = loader(options, &surroundings, &http, named).load().await;
    if config.region().is_none() {
        // the credentials may need one too
        config =
            loader(options, &surroundings, &http, Some(Region::from_static(FALLBACK_REGION))).load().await;
    }
    let region = config.region().map_or(FALLBACK_REGION, AsRef::as_ref).to_string();
    let given = options.credentials.as_ref().map(|given| {
        let (key, secret) = (given.access_key_id.clone(), given.secret_access_key.clone());
        SharedCredentialsProvider::new(Credentials::new(key, secret, None, None, "given"))
    });
    let provider = match (&options.profile, given.or(surroundings.credentials)) {
        (_, Some(given)) => given,
        (Some(profile), None) => profile_provider(profile, &config, &http, surroundings.profiles),
        (None, None) => config.credentials_provider().ok_or(ConnectError::MissingCredentials)?,
    };
    let first = provider
        .provide_credentials()
        .await
        .map_err(|error| ConnectError::from_credentials(&error, options.profile.as_deref()))?;
    let credentials =
        SharedCredentialsProvider::new(Remembering { first: Mutex::new(Some(first)), provider });
    Ok(Loaded { config, credentials, region })
}

fn loader(
    options: &ClientOptions,
    #[cfg_attr(not(test), allow(unused_variables))] surroundings: &Surroundings,
    http: &SharedHttpClient,
    region: Option<Region>,
) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.read_timeout)
        .operation_attempt_timeout(options.attempt_timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .identity_cache(IdentityCache::lazy().load_timeout(SIGN_IN_TIMEOUT).build())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    if let Ok(name) = AppName::new("stance") {
        loader = loader.app_name(name);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(fips) = options.use_fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = options.use_dual_stack {
        loader = loader.use_dual_stack(dual_stack);
    }
    #[cfg(test)]
    if let Some(environment) = &surroundings.environment {
        loader = loader.env(environment.clone());
    }
    #[cfg(test)]
    if let Some(files) = &surroundings.files {
        loader = loader.fs(files.clone());
    }
    loader
}

/// Who names a profile means that one, whatever credentials the environment has; the official
/// default chain would take those first.
fn profile_provider(
    profile: &str,
    config: &SdkConfig,
    http: &SharedHttpClient,
    files: Option<ProfileFiles>,
) -> SharedCredentialsProvider {
    let around =
        ProviderConfig::without_region().with_region(config.region().cloned()).with_http_client(http.clone());
    let mut builder = ProfileFileCredentialsProvider::builder().configure(&around).profile_name(profile);
    if let Some(files) = files {
        builder = builder.profile_files(files);
    }
    SharedCredentialsProvider::new(builder.build())
}

fn check_url(url: Option<&str>) -> Result<(), ConnectError> {
    match url {
        Some(url) if !(url.starts_with("http://") || url.starts_with("https://")) => {
            Err(ConnectError::Option {
                option: "endpoint_url",
                value: url.to_string(),
                message: "it must start with `https://` or `http://`".into(),
            })
        }
        _ => Ok(()),
    }
}

/// One pool of connections for everything, through the proxy that the environment names.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}

/// Gives the credentials that were had while connecting once more, so that nobody is asked for a
/// second factor twice; afterwards asks the provider.
struct Remembering {
    first: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl fmt::Debug for Remembering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembering").finish_non_exhaustive()
    }
}

impl ProvideCredentials for Remembering {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(credentials) if credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now()) => {
                Provided::ready(Ok(credentials))
            }
            _ => self.provider.provide_credentials(),
        }
    }
}
