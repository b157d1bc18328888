//! The partitions of AWS and how their addresses differ.

use crate::OnboardError;
use std::fmt;
use std::str::FromStr;

/// A partition of AWS: accounts that know nothing of those of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// The commercial regions.
    #[default]
    Aws,
    /// The regions for the government of the United States.
    AwsUsGov,
    /// The regions in China.
    AwsCn,
}

impl Partition {
    /// The name in ARNs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsCn => "aws-cn",
        }
    }

    /// What the names of services end with.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
        }
    }

    /// Where the console answers.
    pub(crate) fn console(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::AwsUsGov => "console.amazonaws-us-gov.com",
            Self::AwsCn => "console.amazonaws.cn",
        }
    }

    /// A region that every account of the partition has.
    pub fn region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::AwsUsGov => "us-gov-west-1",
            Self::AwsCn => "cn-north-1",
        }
    }
}

impl FromStr for Partition {
    type Err = OnboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Aws, Self::AwsUsGov, Self::AwsCn]
            .into_iter()
            .find(|partition| partition.name() == text)
            .ok_or_else(|| OnboardError::Partition(text.to_owned()))
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
