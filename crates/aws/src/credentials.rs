//! What the environment, the shared config file and the machine say: region, endpoints, credentials.

use crate::environment;
use crate::error::ConnectError;
use crate::options::ClientOptions;
use crate::sign_in::{AccessKeys, SignIn, SignedInUntil};
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles as ProfileFiles};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
#[cfg(test)]
use aws_types::os_shim_internal::{Env, Fs};
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Where an account is asked if nothing says otherwise.
const FALLBACK_REGION: &str = "us-east-1";
/// A `credential_process` may ask its user something.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(30);

/// Whom requests are signed as.
#[derive(Clone, Debug)]
pub(crate) enum Signer {
    /// Whoever has these credentials. There is one provider of them: it is what the cache of identities
    /// knows them by, so that a role is assumed once and not once for each service.
    Credentials(SharedCredentialsProvider),
    /// Nobody: the token of a web identity is exchanged by a request that is not signed.
    Nobody,
}

/// The configuration that all services share, and who signs.
pub(crate) struct Loaded {
    pub config: SdkConfig,
    pub signer: Signer,
    pub region: String,
    pub region_source: RegionSource,
    pub until: SignedInUntil,
}

/// Who chose the default region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegionSource {
    /// The caller, the environment or the profile.
    Said,
    /// Nobody; the credentials may be of a partition that does not have it.
    Fallback,
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

impl Surroundings {
    /// A variable of the environment, if it is set and not empty.
    #[cfg_attr(not(test), allow(clippy::unused_self))]
    fn variable(&self, name: &str) -> Option<String> {
        #[cfg(test)]
        if let Some(environment) = &self.environment {
            return environment.get(name).ok().filter(|value| !value.is_empty());
        }
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

pub(crate) async fn load(
    options: &ClientOptions,
    surroundings: Surroundings,
) -> Result<Loaded, ConnectError> {
    check_url(options.endpoint_url.as_deref())?;
    let http = http_client();
    let named = options.region.clone().filter(|region| !region.is_empty()).map(Region::new);
    let mut config = loader(options, &surroundings, &http, named).load().await;
    let region_source = if config.region().is_some() { RegionSource::Said } else { RegionSource::Fallback };
    if region_source == RegionSource::Fallback {
        // the credentials may need one too
        config =
            loader(options, &surroundings, &http, Some(Region::from_static(FALLBACK_REGION))).load().await;
    }
    let region = config.region().map_or(FALLBACK_REGION, AsRef::as_ref).to_string();
    if let Some(identity) = options.sign_in.web_identity.as_ref().filter(|_| options.sign_in.keys.is_none()) {
        if !identity.token_file.is_file() {
            return Err(no_such_file("token_file", &identity.token_file));
        }
        let (signer, until) = (Signer::Nobody, SignedInUntil::Always);
        return Ok(Loaded { config, signer, region, region_source, until });
    }
    let SignIn { profile, credentials_file, keys, .. } = &options.sign_in;
    let provider = provider(options, &config, &http, &surroundings)?;
    let variables = |name: &str| surroundings.variable(name);
    let is_official_chain = profile.is_none() && credentials_file.is_none() && keys.is_none();
    let (credentials, first) = signed_in(provider, &options.sign_in)
        .await
        .map_err(|error| if is_official_chain { environment::explain(error, &variables) } else { error })?;
    let until = match (first.expiry(), first.session_token()) {
        (None, Some(token)) => {
            environment::end_of_keys(token, &variables).map_or(SignedInUntil::NotKnown, SignedInUntil::Time)
        }
        // whoever tells an end has new credentials when it comes
        _ => SignedInUntil::Always,
    };
    Ok(Loaded { config, signer: Signer::Credentials(credentials), region, region_source, until })
}

/// The provider that the options name, or else the default chain.
fn provider(
    options: &ClientOptions,
    config: &SdkConfig,
    http: &SharedHttpClient,
    surroundings: &Surroundings,
) -> Result<SharedCredentialsProvider, ConnectError> {
    let sign_in = &options.sign_in;
    if let Some(AccessKeys { access_key_id, secret_access_key, session_token }) = &sign_in.keys {
        let (key, secret) = (access_key_id.clone(), secret_access_key.clone());
        let credentials = Credentials::new(key, secret, session_token.clone(), None, "given");
        return Ok(SharedCredentialsProvider::new(credentials));
    }
    if let Some(given) = &surroundings.credentials {
        return Ok(given.clone());
    }
    let files = match (&sign_in.credentials_file, surroundings.profiles.clone()) {
        (Some(file), _) => Some(profile_files(file)?),
        (None, files) => files,
    };
    match (&sign_in.profile, &sign_in.credentials_file) {
        (None, None) => config.credentials_provider().ok_or(ConnectError::MissingCredentials),
        (profile, _) => {
            let profile = profile.as_deref().unwrap_or("default");
            Ok(profile_provider(profile, config, http, files))
        }
    }
}

/// Asks for credentials once, and gives them to whoever asks first afterwards.
async fn signed_in(
    provider: SharedCredentialsProvider,
    sign_in: &SignIn,
) -> Result<(SharedCredentialsProvider, Credentials), ConnectError> {
    let first = provider
        .provide_credentials()
        .await
        .map_err(|error| ConnectError::from_credentials(&error, sign_in))?;
    let remembering = Remembering { first: Mutex::new(Some(first.clone())), provider };
    Ok((SharedCredentialsProvider::new(remembering), first))
}

impl Loaded {
    /// The same configuration with the credentials of a role.
    pub async fn assuming(&self, role: impl ProvideCredentials + 'static) -> Result<Self, ConnectError> {
        let (credentials, _) = signed_in(SharedCredentialsProvider::new(role), &SignIn::default()).await?;
        Ok(self.with(credentials, self.until))
    }

    /// The same configuration with credentials that cannot be renewed.
    pub fn with_session(&self, session: Credentials) -> Self {
        let until = session.expiry().map_or(SignedInUntil::NotKnown, SignedInUntil::Time);
        self.with(SharedCredentialsProvider::new(session), until)
    }

    fn with(&self, credentials: SharedCredentialsProvider, until: SignedInUntil) -> Self {
        Self {
            // a cache of its own: one holds few identities, drops any of them for a further one, and an
            // organization has hundreds of accounts
            config: self.config.to_builder().identity_cache(identity_cache()).build(),
            signer: Signer::Credentials(credentials),
            region: self.region.clone(),
            region_source: self.region_source,
            until,
        }
    }
}

/// The user's own shared credentials file beside the usual config file.
fn profile_files(file: &Path) -> Result<ProfileFiles, ConnectError> {
    let file = if file.is_dir() { file.join("credentials") } else { file.to_owned() };
    if !file.is_file() {
        return Err(no_such_file("credentials_file", &file));
    }
    Ok(ProfileFiles::builder()
        .include_default_config_file(true)
        .with_file(EnvConfigFileKind::Credentials, file)
        .build())
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
        .identity_cache(identity_cache())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    if let Ok(name) = AppName::new("stance") {
        loader = loader.app_name(name);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    if let Some(profile) = &options.sign_in.profile {
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

fn identity_cache() -> SharedIdentityCache {
    IdentityCache::lazy().load_timeout(SIGN_IN_TIMEOUT).build()
}

/// Who names a profile means that one, whatever credentials the environment has; the official
/// default chain would take those first.
fn profile_provider(
    profile: &str,
    config: &SdkConfig,
    http: &SharedHttpClient,
    files: Option<ProfileFiles>,
) -> SharedCredentialsProvider {
    let around = around(config, http);
    let mut builder = ProfileFileCredentialsProvider::builder().configure(&around).profile_name(profile);
    if let Some(files) = files {
        builder = builder.profile_files(files);
    }
    SharedCredentialsProvider::new(builder.build())
}

fn no_such_file(option: &'static str, file: &Path) -> ConnectError {
    let message = "there is no such file".into();
    ConnectError::Option { option, value: file.display().to_string(), message }
}

fn around(config: &SdkConfig, http: &SharedHttpClient) -> ProviderConfig {
    ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_http_client(http.clone())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack())
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
