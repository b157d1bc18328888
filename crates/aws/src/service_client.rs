//! One service in one region: everything that the official run time needs to send it a request.

use crate::credentials::{Loaded, Signer};
use crate::endpoint::Endpoint;
use crate::error::CallError;
use crate::error_answer::{self, ServiceError};
use crate::model::{Operation, Service};
use crate::{protocol, value};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions, sigv4};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthRuntimePluginV2};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::orchestrator::invoke;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{
    EndpointPrefix, EndpointResolverParams, SharedEndpointResolver,
};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_schema::protocol::{
    ServiceShapeName, ServiceShapeNamespace, ServiceVersion, ServiceXmlNamespace, SharedClientProtocol,
};
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer, Layer};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use serde_json::Value;
use std::fmt;

/// A service in a region, ready to be called.
#[derive(Debug)]
pub(crate) struct ServiceClient {
    service: &'static Service,
    plugins: RuntimePlugins,
    /// Someone said where the service is; what the table of endpoints says about its host is void.
    configured: bool,
}

impl ServiceClient {
    /// `clock` corrects the time that requests are signed with; one for all services, so that only
    /// the first request of a machine whose clock is off is refused.
    pub fn new(
        service: &'static Service,
        region: &str,
        endpoint: &Endpoint,
        configured: bool,
        loaded: &Loaded,
        clock: SharedInterceptor,
    ) -> Self {
        let defaults = DefaultPluginParams::new()
            .with_retry_partition_name(format!("{}-{region}", service.name))
            .with_behavior_version(BehaviorVersion::latest())
            .with_is_aws_sdk(true);
        let ours = StaticRuntimePlugin::new()
            .with_config(configuration(service, region, &endpoint.signing_region, loaded))
            .with_runtime_components(components(&endpoint.url, loaded, clock));
        let plugins = RuntimePlugins::new()
            .with_client_plugins(default_plugins(defaults))
            .with_client_plugin(NoAuthRuntimePluginV2::new())
            .with_client_plugin(ours);
        Self { service, plugins, configured }
    }

    /// One attempt.
    pub async fn send(&self, operation: &'static Operation, input: &Value) -> Result<Value, CallError> {
        let mut layer = Layer::new(operation.name);
        let conversion = Conversion { service: self.service, operation };
        layer.store_put(SharedRequestSerializer::new(conversion));
        layer.store_put(SharedResponseDeserializer::new(conversion));
        layer.store_put(Metadata::new(operation.name, self.service.id));
        if let Some(template) = operation.host_prefix.filter(|_| !self.configured) {
            let prefix = host_prefix(template, input);
            let prefix = EndpointPrefix::new(&prefix).map_err(|_| CallError::Input {
                message: format!("`{prefix}` cannot be part of a host's name"),
            })?;
            layer.store_put(prefix);
        }
        let plugins = self
            .plugins
            .clone()
            .with_operation_plugin(StaticRuntimePlugin::new().with_config(layer.freeze()));
        let input = Input::erase(Document(input.clone()));
        match invoke(self.service.id, operation.name, input, &plugins).await {
            Ok(output) => output
                .downcast::<Document>()
                .map(|document| document.0)
                .map_err(|_| CallError::MalformedAnswer { message: "the answer is of another type".into() }),
            Err(error) => Err(CallError::from_run_time(&error.map_service_error(|error| {
                error.downcast::<ServiceError>().unwrap_or_else(|_| ServiceError {
                    code: "Unknown".into(),
                    message: "the error is of another type".into(),
                    status: 0,
                    request_id: None,
                })
            }))),
        }
    }
}

/// `{AccountId}.` with the input's `AccountId`.
pub(crate) fn host_prefix(template: &str, input: &Value) -> String {
    let labels = input.as_object().into_iter().flatten();
    labels.fold(template.to_string(), |prefix, (name, value)| match value.as_str() {
        Some(value) => prefix.replace(&format!("{{{name}}}"), value),
        None => prefix,
    })
}

fn configuration(
    service: &'static Service,
    region: &str,
    signing_region: &str,
    loaded: &Loaded,
) -> FrozenLayer {
    let mut layer = Layer::new("service");
    layer.store_put(ServiceShapeName::new(service.target));
    layer.store_put(ServiceShapeNamespace::new(format!("com.amazonaws.{}", service.name)));
    layer.store_put(ServiceVersion::new(service.version));
    if let Some(namespace) = service.xml_namespace {
        layer.store_put(ServiceXmlNamespace::new(namespace, None));
    }
    layer.store_put(protocol::of(service));
    layer.store_put(EndpointResolverParams::new(()));
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(Region::new(region.to_string()));
    layer.store_put(SigningRegion::from(Region::new(signing_region.to_string())));
    layer.store_put(SigningName::from(service.signing_name));
    layer.store_put(ApiMetadata::new(service.name, service.version));
    // attempts are made by the client, each of them past the limiter
    layer.store_put(RetryConfig::disabled());
    if let Some(timeouts) = loaded.config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = loaded.config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    if let Some(name) = loaded.config.app_name() {
        layer.store_put(name.clone());
    }
    let mut signing = SigningOptions::default();
    if matches!(service.name, "s3" | "s3control") {
        // keys of objects are signed as they are
        signing.double_uri_encode = false;
        signing.content_sha256_header = true;
        signing.normalize_uri_path = false;
    }
    layer.store_put(SigV4OperationSigningConfig { signing_options: signing, ..Default::default() });
    layer.freeze()
}

fn components(url: &str, loaded: &Loaded, clock: SharedInterceptor) -> RuntimeComponentsBuilder {
    let auth = StaticAuthSchemeOptionResolver::new(vec![match loaded.signer {
        Signer::Credentials(_) => sigv4::SCHEME_ID,
        Signer::Nobody => NO_AUTH_SCHEME_ID,
    }]);
    let mut components = RuntimeComponentsBuilder::new("stance")
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(auth)))
        .with_auth_scheme(SharedAuthScheme::new(sigv4::SigV4AuthScheme::new()))
        .with_endpoint_resolver(Some(SharedEndpointResolver::new(StaticUriEndpointResolver::uri(url))))
        .with_http_client(loaded.config.http_client())
        .with_identity_cache(loaded.config.identity_cache())
        .with_sleep_impl(loaded.config.sleep_impl())
        .with_time_source(loaded.config.time_source())
        .with_interceptor(clock)
        .with_interceptor(SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()))
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new());
    if let Signer::Credentials(credentials) = &loaded.signer {
        components.set_identity_resolver(sigv4::SCHEME_ID, credentials.clone());
    }
    components
}

/// Input or answer on its way through the run time, which prints inputs and answers in its traces:
/// they are nobody's business.
struct Document(Value);

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(..)")
    }
}

/// Between JSON and what is sent and received.
#[derive(Clone, Copy)]
struct Conversion {
    service: &'static Service,
    operation: &'static Operation,
}

impl fmt::Debug for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conversion({}:{})", self.service.name, self.operation.name)
    }
}

fn protocol_of(config: &ConfigBag) -> Result<&SharedClientProtocol, SerdeError> {
    config.load::<SharedClientProtocol>().ok_or_else(|| SerdeError::custom("there is no protocol"))
}

impl SerializeRequest for Conversion {
    fn serialize_input(&self, input: Input, config: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let input: Document = input.downcast().map_err(|_| "the input is of another type")?;
        let input = value::Input { service: self.service, node: self.operation.input, value: &input.0 };
        let mut request =
            protocol_of(config)?.serialize_request(&input, self.operation.input_schema, "", config)?;
        if self.service.query_compatible {
            request.headers_mut().insert("x-amzn-query-mode", "true");
        }
        if self.service.name == "apigateway" {
            // without it, answers are in a form with links instead of the modelled one
            request.headers_mut().insert("accept", "application/json");
        }
        Ok(request)
    }
}

impl DeserializeResponse for Conversion {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let malformed = |error: SerdeError| OrchestratorError::other(BoxError::from(error));
        if !response.status().is_success() {
            let body = response.body().bytes().unwrap_or_default();
            let status = response.status().as_u16();
            let error = error_answer::read(self.service.protocol, status, response.headers(), body);
            return Err(OrchestratorError::operation(Error::erase(error)));
        }
        let output = self.service.node(self.operation.output);
        protocol::check(self.service.protocol, response, output.is_in_headers()).map_err(malformed)?;
        let schema = output.schema;
        let protocol = protocol_of(config).map_err(malformed)?;
        let mut deserializer = protocol.deserialize_response(response, schema, config).map_err(malformed)?;
        let value = value::read(self.service, self.operation.output, schema, &mut *deserializer)
            .map_err(malformed)?;
        Ok(Output::erase(Document(value)))
    }
}

#[cfg(test)]
mod mangled;
