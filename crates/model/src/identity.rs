//! Names of things: newtypes, so that one cannot be taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// A rule's id, kebab-case: `aws-s3-bucket-denies-plain-http`.
    RuleId
);
name!(
    /// A resource type in the provider's own words: `AWS::S3::Bucket`.
    ResourceType
);
name!(
    /// A resource's canonical id: an ARN, a full resource name, an ARM id.
    ResourceId
);
name!(
    /// What is scanned with one identity: an AWS account id, a GCP project.
    ScopeId
);
name!(
    /// A provider's region: `eu-central-1`; `global` for what has none.
    Region
);

impl Region {
    /// The region of things that belong to no region.
    pub const GLOBAL: &'static str = "global";

    /// The region of things that belong to no region.
    pub fn global() -> Self {
        Self::from(Self::GLOBAL)
    }
}

/// Whose estate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aws => "aws",
        })
    }
}
