//! The whole AWS organization.

use crate::{AccountId, OrganizationalUnit, RoleName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The accounts of the AWS organization that Stance signs in to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Organization {
    /// Whether the organization's accounts are scanned.
    pub enabled: bool,
    /// Role that is assumed in each account.
    pub role_name: RoleName,
    /// Role that is assumed in the management account, to list the accounts. Where none is given, the
    /// identity that signed in lists them.
    #[schemars(extend("examples" = ["cloudbeat-root"]))]
    pub management_role: Option<RoleName>,
    /// Only accounts in these organizational units, or in units below them.
    #[schemars(extend("examples" = [["ou-ab12-cdef3456"]]))]
    pub include_ous: Vec<OrganizationalUnit>,
    /// No accounts in these organizational units, or in units below them.
    #[schemars(extend("examples" = [["ou-ab12-sandbox1"]]))]
    pub exclude_ous: Vec<OrganizationalUnit>,
    /// Only these accounts.
    #[schemars(extend("examples" = [["111122223333"]]))]
    pub include_accounts: Vec<AccountId>,
    /// Not these accounts.
    #[schemars(extend("examples" = [["444455556666"]]))]
    pub exclude_accounts: Vec<AccountId>,
    /// Only accounts that bear all of these tags.
    #[schemars(extend("examples" = [{ "env": "prod" }]))]
    pub account_tags: BTreeMap<String, String>,
    /// Only accounts in one of these states.
    pub statuses: Vec<AccountStatus>,
    /// Whether the management account is scanned too.
    pub scan_management_account: bool,
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            enabled: true,
            role_name: RoleName::of_members(),
            management_role: None,
            include_ous: Vec::new(),
            exclude_ous: Vec::new(),
            include_accounts: Vec::new(),
            exclude_accounts: Vec::new(),
            account_tags: BTreeMap::new(),
            statuses: vec![AccountStatus::Active],
            scan_management_account: true,
        }
    }
}

/// State of an account of an organization, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(title = "state of an account")]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
}

impl AccountStatus {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
        }
    }
}
