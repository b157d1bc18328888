//! Flags about what is read, as whom, how fast. Each is a key of the configuration; the flag wins.

use clap::Args;
use std::path::PathBuf;

/// What is read, as whom, how fast.
#[derive(Clone, Debug, Default, Args)]
pub struct Access {
    /// Regions to scan; all that are enabled unless given
    #[arg(long, value_delimiter = ',', value_name = "REGION", help_heading = "What is read")]
    pub region: Vec<String>,
    /// Regions not to scan
    #[arg(long, value_delimiter = ',', value_name = "REGION", help_heading = "What is read")]
    pub exclude_region: Vec<String>,
    /// Every account of the organization; see also --ou and its like
    #[arg(long, help_heading = "What is read")]
    pub organization: bool,
    /// These accounts, by number; with --organization, only these of it
    #[arg(long, value_delimiter = ',', value_name = "ID", help_heading = "What is read")]
    pub account: Vec<String>,
    /// File with accounts: a number or a role's ARN on each line
    #[arg(long, value_name = "FILE", help_heading = "What is read")]
    pub accounts_file: Option<PathBuf>,
    /// Not these accounts of the organization
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "ID",
        requires = "organization",
        help_heading = "What is read"
    )]
    pub exclude_account: Vec<String>,
    /// Only accounts in these organizational units, or in units below them
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "OU",
        requires = "organization",
        help_heading = "What is read"
    )]
    pub ou: Vec<String>,
    /// No accounts in these organizational units, or in units below them
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "OU",
        requires = "organization",
        help_heading = "What is read"
    )]
    pub exclude_ou: Vec<String>,
    /// Only accounts with this tag
    #[arg(long, value_name = "KEY=VALUE", requires = "organization", help_heading = "What is read")]
    pub account_tag: Vec<String>,
    /// Leave out the organization's management account
    #[arg(long, requires = "organization", help_heading = "What is read")]
    pub no_management_account: bool,

    /// Profile of the shared configuration and credentials files
    #[arg(long, value_name = "NAME", help_heading = "Signing in")]
    pub profile: Option<String>,
    /// Shared credentials file, or the folder that holds it
    #[arg(long, value_name = "FILE", help_heading = "Signing in")]
    pub credentials_file: Option<PathBuf>,
    /// Token of a web identity, exchanged for the role of --web-identity-role
    #[arg(long, value_name = "FILE", requires = "web_identity_role", help_heading = "Signing in")]
    pub web_identity_token_file: Option<PathBuf>,
    /// Role that trusts the web identity
    #[arg(long, value_name = "ARN", requires = "web_identity_token_file", help_heading = "Signing in")]
    pub web_identity_role: Option<String>,
    /// Role to assume; several are several accounts
    #[arg(long, value_delimiter = ',', value_name = "ARN", help_heading = "Signing in")]
    pub role_arn: Vec<String>,
    /// Name of the role to assume in accounts that are known by number
    #[arg(long, value_name = "NAME", help_heading = "Signing in")]
    pub role_name: Option<String>,
    /// Role of this name in the account that signs in is assumed to ask the organization
    #[arg(long, value_name = "NAME", requires = "organization", help_heading = "Signing in")]
    pub management_role: Option<String>,
    /// External id that the roles ask for
    #[arg(long, value_name = "TEXT", help_heading = "Signing in")]
    pub external_id: Option<String>,
    /// Name of the sessions in the accounts' logs
    #[arg(long, value_name = "NAME", help_heading = "Signing in")]
    pub session_name: Option<String>,
    /// How long the credentials of roles are good, as 1h or 900s
    #[arg(long, value_name = "TIME", help_heading = "Signing in")]
    pub session_duration: Option<String>,
    /// MFA device of the user; its code is asked for unless given
    #[arg(long, value_name = "ARN", help_heading = "Signing in")]
    pub mfa_serial: Option<String>,
    /// What the MFA device shows now
    #[arg(long, value_name = "CODE", help_heading = "Signing in")]
    pub mfa_code: Option<String>,

    /// Accounts scanned at the same time
    #[arg(long, value_name = "NUMBER", help_heading = "How fast")]
    pub accounts_at_once: Option<u32>,
    /// Most requests a second for each service and region of an account
    #[arg(long, value_name = "RATE", help_heading = "How fast")]
    pub max_rate: Option<f64>,
    /// Call this endpoint for every service, as `AWS_ENDPOINT_URL` does
    #[arg(long, value_name = "URL", help_heading = "How fast")]
    pub endpoint_url: Option<String>,
}
