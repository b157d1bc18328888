//! One of several AWS accounts.

use super::sign_in::section_with_sign_in;
use crate::{AccountId, RegionName, Role};

section_with_sign_in! {
    /// One of several AWS accounts to scan. What it does not say is taken from `aws`.
    pub struct AwsAccount {
        /// The account's id, 12 digits. May be left out where a role's ARN or a sign-in of its own tells it.
        #[schemars(extend("examples" = ["111122223333"]))]
        pub id: Option<AccountId> = None,
        /// Name of the account in reports.
        #[schemars(extend("examples" = ["production"]))]
        pub name: Option<String> = None,
        /// Region of this account that is scanned beside `include_regions`; together they replace those
        /// of `aws`.
        #[schemars(extend("examples" = ["eu-west-1"]))]
        pub region: Option<RegionName> = None,
        /// Regions of this account to scan.
        #[schemars(extend("examples" = [["us-east-2"]]))]
        pub include_regions: Vec<RegionName> = Vec::new(),
        /// Regions of this account not to scan, beside those that `aws` excludes.
        #[schemars(extend("examples" = [["ap-south-1"]]))]
        pub exclude_regions: Vec<RegionName> = Vec::new(),
        ..sign_in,
    }
}

impl AwsAccount {
    /// The account's id, where the section itself tells it: by `id`, or by the role to assume.
    pub fn account_id(&self) -> Option<AccountId> {
        self.id.clone().or_else(|| match &self.iam_role {
            Some(Role::Arn(role)) => Some(role.account()),
            Some(Role::Name(_)) | None => None,
        })
    }
}
