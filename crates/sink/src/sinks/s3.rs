//! S3 and stores that speak as it does: an object of gzipped JSON lines for each batch and account, below keys
//! that say region, account and day, as Security Lake and Athena part tables.

use super::Receive;
use crate::SinkError;
use crate::answer::Answer;
use crate::aws::{Reach, Service};
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give, Plain};
use crate::document::Document;
use crate::run_id::hex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use stance_config::{DocumentForm, ObjectEncryption, S3};
use stance_model::{Finding, Provider};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Its name in botocore.
const SERVICE: &str = "s3";

/// The fewer objects the better for who reads them; they are made in memory.
const LIMITS: Limits = Limits { documents: 20_000, bytes: 16_000_000 };

/// A bucket, and what is put there.
pub(super) struct Bucket {
    service: Service,
    name: String,
    /// What keys begin with; nothing, or a text that ends with a slash.
    prefix: String,
    form: DocumentForm,
    encryption: Option<ObjectEncryption>,
    kms_key: Option<String>,
}

/// What is kept of a finding until it is put: the line, and where it belongs.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    place: Place,
    line: Box<RawValue>,
}

/// The part of the table that a line belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    account: String,
    /// `20260131`, in UTC.
    day: String,
}

/// Lines of one place.
#[derive(Default)]
struct Lines {
    ids: Sha256,
    text: Vec<u8>,
}

impl Bucket {
    pub fn new(settings: &S3) -> Result<Self, String> {
        let service = Service::new(Reach {
            service: SERVICE,
            sign_in: settings.sign_in(),
            region: settings.region.as_ref(),
            endpoint: settings.endpoint_url.as_ref(),
            timeout: settings.timeout,
        })?;
        let name = settings.bucket.as_ref().ok_or("it needs a `bucket`")?.to_string();
        let prefix = settings.prefix.as_deref().unwrap_or_default().trim_matches('/');
        if settings.kms_key.is_some() && settings.encryption != Some(ObjectEncryption::AwsKms) {
            return Err("its `kms_key` means nothing without `encryption: aws-kms`".to_owned());
        }
        Ok(Self {
            service,
            name,
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            form: settings.form,
            encryption: settings.encryption,
            kms_key: settings.kms_key.clone(),
        })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        let mut places: BTreeMap<Place, Lines> = BTreeMap::new();
        for document in batch {
            let Ok(Line { place, line }) = serde_json::from_str(document.text()) else {
                return Answer::Unfit { reason: "this is a line of another version of Stance".to_owned() };
            };
            let lines = places.entry(place).or_default();
            lines.ids.update(document.id.as_bytes());
            lines.ids.update(b"\n");
            lines.text.extend_from_slice(line.get().as_bytes());
            lines.text.push(b'\n');
        }
        for (place, lines) in places {
            // what was put already is put again under the same key
            if let Err(answer) = self.put(&place, lines).await {
                return answer;
            }
        }
        Answer::Taken
    }

    async fn put(&self, place: &Place, lines: Lines) -> Result<(), Answer> {
        let client = self.service.client(None).await?;
        let region = client.default_region();
        let body = compressed(&lines.text).map_err(|error| Answer::later(error.to_string()))?;
        let input = self.input(&self.key(region, place, lines), &body);
        client
            .call(SERVICE, "PutObject", region, input)
            .await
            .map_err(|error| self.service.answer(&error))?;
        Ok(())
    }

    /// The same for the same documents, so that what is put twice is there once.
    fn key(&self, region: &str, place: &Place, lines: Lines) -> String {
        let digest = lines.ids.finalize();
        format!(
            "{}region={region}/accountId={}/eventDay={}/{}.jsonl.gz",
            self.prefix,
            place.account,
            place.day,
            hex(digest.iter().take(16))
        )
    }

    fn input(&self, key: &str, body: &[u8]) -> Value {
        let mut input = Map::new();
        let mut set = |name: &str, value: &str| input.insert(name.to_owned(), value.into());
        set("Bucket", &self.name);
        set("Key", key);
        set("Body", &STANDARD.encode(body));
        set("ContentType", "application/gzip");
        // buckets with object lock ask for a sum
        set("ChecksumSHA256", &STANDARD.encode(Sha256::digest(body)));
        match self.encryption {
            Some(ObjectEncryption::Aes256) => {
                set("ServerSideEncryption", "AES256");
            }
            Some(ObjectEncryption::AwsKms) => {
                set("ServerSideEncryption", "aws:kms");
            }
            None => {}
        }
        if let Some(kms_key) = &self.kms_key {
            set("SSEKMSKeyId", kms_key);
        }
        Value::Object(input)
    }
}

/// The same bytes for the same text: no time and no name stand in the head.
fn compressed(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish()
}

impl Receive for Bucket {
    fn limits(&self) -> Limits {
        LIMITS
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Placed(Plain(self.form)))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

/// The lines of a file, each with its place.
struct Placed(Plain);

impl Describe for Placed {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let scope = finding.resource.scope.as_str();
        // as Security Lake names what is in no account of AWS
        let outside = if finding.resource.provider == Provider::Aws { "" } else { "external_" };
        let account = format!("{outside}{scope}");
        let place = Place { account, day: about.report.scan.ended_at.format("%Y%m%d").to_string() };
        self.0.finding(about, finding, change, &mut |document| {
            let line = Line { place: place.clone(), line: document.body };
            give(Document::new(document.id, &line)?)
        })
    }
}

#[cfg(test)]
mod tests;
