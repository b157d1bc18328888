//! Flags of `stance onboard`.

use super::{Choice, ProviderName};
use clap::{Args, ValueEnum};
use stance_onboard::{ExternalId, IamName, OrganizationalUnit, Partition, Principal};
use std::path::PathBuf;

/// Print what you apply to let Stance read an account or organization: a template of CloudFormation,
/// the same as Terraform, as commands of the AWS CLI, or as policies to be pasted
#[derive(Debug, Args)]
pub struct Onboard {
    /// Whose estate
    pub provider: ProviderName,
    #[command(flatten)]
    pub choice: Choice,
    /// A whole organization; the result is applied in its management account
    #[arg(long)]
    pub organization: bool,
    /// Units (ou-…) to read, or the root (r-…) for all accounts; asked for later unless given
    #[arg(long, value_delimiter = ',', value_name = "ID", requires = "organization")]
    pub ou: Vec<OrganizationalUnit>,
    /// Leave the organization's management account out
    #[arg(long, requires = "organization")]
    pub no_management_account: bool,
    /// How Stance signs in
    #[arg(long, value_enum, default_value_t)]
    pub access: AccessName,
    /// Who may assume the role: an account's id, or the ARN of a role or user
    #[arg(long, value_name = "ARN", required_if_eq("access", "cloud-connector"))]
    pub principal: Option<Principal>,
    /// What the principal of a cloud connector must name; made up unless given
    #[arg(long, value_name = "ID")]
    pub external_id: Option<ExternalId>,
    /// Name of the role that reads; cloudbeat-securityaudit, as in Elastic's set-up, unless given
    #[arg(long, value_name = "NAME")]
    pub role_name: Option<IamName>,
    /// Name of the organization's first role; cloudbeat-root, as in Elastic's set-up, unless given
    #[arg(long, value_name = "NAME", requires = "organization")]
    pub root_role_name: Option<IamName>,
    /// Name of the user of direct keys; stance unless given
    #[arg(long, value_name = "NAME")]
    pub user_name: Option<IamName>,
    /// Policy of each account that bounds what is made
    #[arg(long, value_name = "NAME")]
    pub permissions_boundary: Option<IamName>,
    /// Use the managed policy `SecurityAudit` and add only what it lacks
    #[arg(long)]
    pub managed: bool,
    /// Where the accounts are: aws, aws-us-gov or aws-cn
    #[arg(long, value_name = "PARTITION", default_value_t)]
    pub partition: Partition,
    /// What to print: the template unless given, or all of them where there is a folder
    #[arg(long, value_enum)]
    pub form: Option<FormName>,
    /// Where the template lies in S3, for the link
    #[arg(long, value_name = "URL", required_if_eq("form", "link"))]
    pub template_url: Option<String>,
    /// Region of the stack that the link creates; one that all accounts have unless given
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Folder for the files
    #[arg(long = "output", short = 'o', value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// How Stance signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AccessName {
    /// As the role of the EC2 instance that it runs on
    #[default]
    InstanceRole,
    /// By a role that `--principal` may assume, or any identity of the account that may assume roles
    AccountRole,
    /// With the access key of a user
    DirectKeys,
    /// By a role that another party's principal may assume if it names an external id
    CloudConnector,
}

/// Forms of what is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormName {
    /// A template of CloudFormation
    Cloudformation,
    /// Files for Terraform
    Terraform,
    /// Commands of the AWS CLI
    Commands,
    /// Trust and permission policies to be pasted
    Policies,
    /// A link that opens the console with the template and its parameters
    Link,
}
