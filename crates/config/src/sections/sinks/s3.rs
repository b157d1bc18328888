//! S3, and stores that speak as it does.

use super::DocumentForm;
use crate::sections::sign_in::section_with_sign_in;
use crate::{BucketName, Endpoint, Period, RegionName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

section_with_sign_in! {
    /// Objects of gzipped JSON lines in S3, or in a store that speaks as it does.
    #[schemars(inline, extend("required" = ["bucket"]))]
    pub struct S3 {
        /// The bucket that gets the objects.
        #[schemars(extend("examples" = ["example-findings"]))]
        pub bucket: Option<BucketName> = None,
        /// What the objects' keys begin with.
        #[schemars(extend("examples" = ["ext/stance"]))]
        pub prefix: Option<String> = None,
        /// Region of the bucket. As the AWS configuration has it unless given.
        #[schemars(extend("examples" = ["eu-west-1"]))]
        pub region: Option<RegionName> = None,
        ..sign_in,
        /// The form of the lines.
        pub form: DocumentForm = DocumentForm::Stance,
        /// How the store encrypts the objects. As the bucket has it unless given.
        #[schemars(extend("examples" = ["aws-kms"]))]
        pub encryption: Option<ObjectEncryption> = None,
        /// Key of KMS to encrypt with, by id or ARN; for `aws-kms`, whose own key is taken unless given.
        #[schemars(extend("examples" = ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]))]
        pub kms_key: Option<String> = None,
        /// How long one request may take, the answer included.
        pub timeout: Period = Period::from_secs(60),
        /// Endpoint to call in place of AWS's own, for compatible stores. The bucket stands in the path.
        #[schemars(extend("examples" = ["https://minio.example.org:9000"]))]
        pub endpoint_url: Option<Endpoint> = None,
    }
}

/// How a store encrypts objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "encryption")]
pub enum ObjectEncryption {
    /// With keys of the store's own (SSE-S3).
    Aes256,
    /// With a key of KMS (SSE-KMS).
    AwsKms,
}
