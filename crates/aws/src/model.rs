//! The shapes of services, from `api.json` to the schemas that the official codecs work by.
//!
//! Schemas refer to each other and outlive every call, so they are leaked: once a process for each
//! `api.json`, however many clients are made.

mod file;
mod schema;

use crate::endpoint::Endpoints;
use crate::error::ModelError;
use aws_smithy_schema::Schema;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A schema that lives as long as the process.
pub(crate) type SchemaRef = &'static Schema<'static>;

/// How a service's requests and answers look on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    AwsJson10,
    AwsJson11,
    RestJson,
    RestXml,
    Query,
    Ec2,
}

impl Protocol {
    pub fn is_xml(self) -> bool {
        matches!(self, Self::RestXml | Self::Query | Self::Ec2)
    }
}

/// A service, with the operations that were cut out of its model.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name in botocore.
    pub name: &'static str,
    /// Its name among people, `Elastic Load Balancing v2`.
    pub id: &'static str,
    pub protocol: Protocol,
    pub version: &'static str,
    /// First part of its hosts.
    pub prefix: &'static str,
    pub signing_name: &'static str,
    pub target: &'static str,
    pub xml_namespace: Option<&'static str>,
    /// It once spoke awsQuery, and tells the codes of then if asked for.
    pub query_compatible: bool,
    pub operations: HashMap<&'static str, Operation>,
    /// Everything an input or output consists of; the fields of others are positions here.
    nodes: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub name: &'static str,
    pub input: usize,
    pub output: usize,
    /// The input's schema with the operation's own traits.
    pub input_schema: SchemaRef,
    pub host_prefix: Option<&'static str>,
    pub page: Option<Page>,
}

/// How the pages of an operation are read; the texts are paths as in botocore's paginators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub input_tokens: Vec<&'static str>,
    pub output_tokens: Vec<&'static str>,
    pub results: Vec<&'static str>,
    pub more: Option<&'static str>,
}

/// A shape.
#[derive(Debug)]
pub(crate) struct Node {
    /// The schema of the shape itself, without the name that a member gives it.
    pub schema: SchemaRef,
    pub kind: Kind,
    /// The provider marks it, and all within it, as nothing to keep or show.
    pub sensitive: bool,
}

impl Node {
    /// Whether it is a structure that an answer tells in its headers alone.
    pub fn is_in_headers(&self) -> bool {
        match &self.kind {
            Kind::Structure(members) => members.iter().all(|member| member.schema.http_header().is_some()),
            Kind::Scalar | Kind::AnsweredTime | Kind::List(_) | Kind::Map(_) => false,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Kind {
    Scalar,
    /// A time of an answer; read as text or number and understood by ourselves.
    AnsweredTime,
    Structure(Vec<Member>),
    /// Elements are of that node.
    List(usize),
    /// Values are of that node, keys are texts.
    Map(usize),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub name: &'static str,
    pub schema: SchemaRef,
    pub target: usize,
    pub required: bool,
}

impl Service {
    /// The node at a position that an operation or another node holds.
    #[allow(clippy::indexing_slicing, reason = "positions are made together with the list, and never change")]
    pub fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    /// Whether anything at all is marked as sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.nodes.iter().any(|node| node.sensitive)
    }

    pub fn operation(&self, name: &str) -> Result<&Operation, ModelError> {
        self.operations.get(name).ok_or_else(|| ModelError::UnknownOperation {
            service: self.name.to_string(),
            operation: name.to_string(),
        })
    }
}

type Source = Box<dyn Fn(&str) -> Option<Cow<'static, [u8]>> + Send + Sync>;

/// The shapes of all services, each read when it is first called, and the table of endpoints.
pub struct ApiModels {
    source: Source,
    endpoints: Arc<Endpoints>,
    services: Mutex<HashMap<String, &'static Service>>,
}

impl fmt::Debug for ApiModels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiModels").finish_non_exhaustive()
    }
}

/// Services by name and by what their `api.json` says.
static LEAKED: LazyLock<Mutex<HashMap<(String, u64), &'static Service>>> = LazyLock::new(Mutex::default);

impl ApiModels {
    /// `source(service)` gives the bytes of that service's `api.json`; `endpoints` are the bytes of
    /// `endpoints.json`.
    pub fn new(
        source: impl Fn(&str) -> Option<Cow<'static, [u8]>> + Send + Sync + 'static,
        endpoints: &[u8],
    ) -> Result<Self, ModelError> {
        Ok(Self {
            source: Box::new(source),
            endpoints: Arc::new(Endpoints::parse(endpoints)?),
            services: Mutex::default(),
        })
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    pub(crate) fn service(&self, name: &str) -> Result<&'static Service, ModelError> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(service) = services.get(name) {
            return Ok(service);
        }
        let bytes =
            (self.source)(name).ok_or_else(|| ModelError::UnknownService { service: name.to_string() })?;
        let service = leaked(name, bytes)?;
        services.insert(name.to_string(), service);
        Ok(service)
    }
}

fn leaked(name: &str, bytes: Cow<'static, [u8]>) -> Result<&'static Service, ModelError> {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let key = (name.to_string(), hasher.finish());
    let mut all = LEAKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(service) = all.get(&key) {
        return Ok(service);
    }
    let unusable = |message| ModelError::Service { service: name.to_string(), message };
    let bytes: &'static [u8] = match bytes {
        Cow::Borrowed(bytes) => bytes,
        Cow::Owned(bytes) => {
            // so that a broken file, given again and again, is not leaked each time
            serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
                .map_err(|error| unusable(error.to_string()))?;
            bytes.leak()
        }
    };
    let file: file::ApiFile = serde_json::from_slice(bytes).map_err(|error| unusable(error.to_string()))?;
    let name: &'static str = String::leak(name.to_string());
    let service: &'static Service = Box::leak(Box::new(schema::build(name, &file).map_err(unusable)?));
    all.insert(key, service);
    Ok(service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Variant;
    use crate::testing;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn service_is_read_when_first_called_and_leaked_once() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let models = || {
            ApiModels::new(
                |service| {
                    READ.fetch_add(1, Ordering::SeqCst);
                    testing::api(service).map(|bytes| Cow::Owned(bytes.to_vec()))
                },
                testing::ENDPOINTS,
            )
            .unwrap()
        };
        let (one, two) = (models(), models());
        assert_eq!(READ.load(Ordering::SeqCst), 0);
        let first = one.service("iam").unwrap();
        assert!(std::ptr::eq(first, one.service("iam").unwrap()));
        assert_eq!(READ.load(Ordering::SeqCst), 1);
        assert!(std::ptr::eq(first, two.service("iam").unwrap()));
    }

    #[test]
    fn unknown_service_and_broken_model_are_told() {
        let models = ApiModels::new(
            |service| (service == "broken").then(|| Cow::Borrowed(b"{\"meta\":1}".as_slice())),
            testing::ENDPOINTS,
        )
        .unwrap();
        assert_eq!(
            models.service("nope").unwrap_err().to_string(),
            "there is no API model of service `nope`"
        );
        assert!(
            models
                .service("broken")
                .unwrap_err()
                .to_string()
                .starts_with("the API model of service `broken` is unusable")
        );
    }

    #[test]
    fn uri_labels_are_member_names_even_where_the_wire_says_otherwise() {
        let service = testing::models().service("apigateway").unwrap();
        let operation = service.operation("GetStages").unwrap();
        assert_eq!(operation.input_schema.http().unwrap().uri(), "/restapis/{restApiId}/stages");
    }

    #[test]
    fn every_model_of_the_catalog_is_usable() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/aws");
        let endpoints = std::fs::read(folder.join("endpoints.json")).unwrap();
        let names: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("api.json").exists())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        let source = folder.clone();
        let models = ApiModels::new(
            move |service| std::fs::read(source.join(service).join("api.json")).ok().map(Cow::Owned),
            &endpoints,
        )
        .unwrap();
        for name in &names {
            let service = models.service(name).unwrap();
            for partition in ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"] {
                let found = models.endpoints().resolve(name, service.prefix, partition, Variant::default());
                assert!(found.is_none_or(|found| !found.url.contains('{')), "{name} in {partition}");
            }
        }
        assert!(names.iter().any(|name| name == "sts"));
    }
}
