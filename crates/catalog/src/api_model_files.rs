//! The provider's API models beside the catalog's documents: built in, or from a folder of the user's.

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/blobs.rs"));

/// Where the hosts of all services are told.
const ENDPOINTS: &str = "aws/endpoints.json";

/// The files of a catalog that are no YAML, by path from its root: `aws/s3/api.json`.
#[derive(Clone, Debug, Default)]
pub struct ApiModelFiles {
    own: BTreeMap<String, Vec<u8>>,
}

impl ApiModelFiles {
    /// Puts a file over the built-in one of that path.
    pub(crate) fn add(&mut self, path: String, bytes: Vec<u8>) {
        self.own.insert(path, bytes);
    }

    /// Takes over all files of another set.
    pub(crate) fn extend(&mut self, other: Self) {
        self.own.extend(other.own);
    }

    /// The file at a path from the catalog's root.
    pub fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        self.own.get(path).map(|bytes| Cow::Owned(bytes.clone())).or_else(|| {
            BUILT_IN.iter().find(|(name, _)| *name == path).map(|(_, bytes)| Cow::Borrowed(*bytes))
        })
    }

    /// The API model of a service of AWS.
    pub fn service(&self, service: &str) -> Option<Cow<'static, [u8]>> {
        self.file(&format!("aws/{service}/api.json"))
    }

    /// The API model of a service of AWS to which results are delivered: built in, and apart from those that
    /// a scan calls, which only read.
    pub fn delivery(service: &str) -> Option<Cow<'static, [u8]>> {
        // what signs in writes nothing
        let file = if service == "sts" { "api" } else { "delivery" };
        Self::default().file(&format!("aws/{service}/{file}.json"))
    }

    /// The hosts of all services: the built-in ones, with what a folder of the user's says of further
    /// services.
    ///
    /// # Errors
    /// If one of the two tables is no JSON.
    pub fn endpoints(&self) -> Result<Vec<u8>, serde_json::Error> {
        let built_in = Self::default().file(ENDPOINTS).unwrap_or_default();
        let Some(own) = self.own.get(ENDPOINTS) else { return Ok(built_in.into_owned()) };
        let mut table: Value = serde_json::from_slice(&built_in)?;
        let own: Value = serde_json::from_slice(own)?;
        if let (Some(all), Some(own)) = (
            table.get_mut("services").and_then(Value::as_object_mut),
            own.get("services").and_then(Value::as_object),
        ) {
            all.extend(own.iter().map(|(service, hosts)| (service.clone(), hosts.clone())));
        }
        serde_json::to_vec(&table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_file_stands_over_the_built_in_one() {
        let mut files = ApiModelFiles::default();
        assert!(files.service("s3").is_some_and(|bytes| bytes.len() > 100));
        files.add("aws/s3/api.json".into(), b"{}".to_vec());
        assert_eq!(files.service("s3").as_deref(), Some(b"{}".as_slice()));
        assert_eq!(files.service("nothing"), None);
    }

    #[test]
    fn what_a_scan_calls_cannot_write_and_what_delivers_is_apart() {
        let has = |bytes: Option<Cow<'static, [u8]>>, operation: &str| {
            let model: Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
            model["ops"].get(operation).is_some()
        };
        for (service, operation) in [("s3", "PutObject"), ("securityhub", "BatchImportFindings")] {
            assert!(!has(ApiModelFiles::default().service(service), operation), "{operation}");
            assert!(has(ApiModelFiles::delivery(service), operation), "{operation}");
        }
        assert!(has(ApiModelFiles::delivery("sts"), "AssumeRole"));
        assert!(!has(ApiModelFiles::delivery("s3"), "ListBuckets"));
    }

    #[test]
    fn a_users_endpoints_add_to_the_built_in_ones() {
        let mut files = ApiModelFiles::default();
        files.add(ENDPOINTS.into(), br#"{"partitions":[],"services":{"new":{"plain":{}}}}"#.to_vec());
        let table: Value = serde_json::from_slice(&files.endpoints().unwrap()).unwrap();
        assert!(table["services"].get("new").is_some());
        assert!(table["services"].get("s3").is_some());
        assert!(table["partitions"].as_array().is_some_and(|partitions| !partitions.is_empty()));
    }
}
