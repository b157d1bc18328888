//! AWS: accounts, regions, sign-in.

use super::sign_in::section_with_sign_in;
use super::{AwsAccount, Organization, SignIn};
use crate::{AccountId, Count, Endpoint, InputPath, Period, Rate, RegionName, Role, RoleArn};

section_with_sign_in! {
    /// AWS: which accounts and regions are scanned, and how Stance signs in to them.
    pub struct Aws {
        /// Region in which Stance itself runs: the default for calls, and scanned beside
        /// `include_regions`. Where neither is given, all enabled regions are scanned.
        #[schemars(extend("examples" = ["eu-west-1"]))]
        pub region: Option<RegionName> = None,
        /// Regions to scan beside `region`.
        #[schemars(extend("examples" = [["us-east-2", "us-west-2"]]))]
        pub include_regions: Vec<RegionName> = Vec::new(),
        /// Regions not to scan, even where they are `region` or enabled.
        #[schemars(extend("examples" = [["ap-south-1"]]))]
        pub exclude_regions: Vec<RegionName> = Vec::new(),
        /// How often a call is tried in all when AWS does not answer or throttles.
        pub retries: Count = DEFAULT_RETRIES,
        ..sign_in,
        /// Account whose results are left out: the one in which Stance runs, where it scans others.
        #[schemars(extend("examples" = ["123456789012"]))]
        pub master_account_id: Option<AccountId> = None,
        /// Accounts to scan, each with its own sign-in and regions where they differ. Where neither
        /// accounts nor an organization are given, the account that signed in is scanned.
        pub accounts: Vec<AwsAccount> = Vec::new(),
        /// File with more accounts: an account id or the ARN of a role on each line; `#` begins a comment.
        #[schemars(extend("examples" = ["accounts.txt"]))]
        pub accounts_file: Option<InputPath> = None,
        /// The whole AWS organization: its accounts are listed, and a role is assumed in each.
        pub organization: Option<Organization> = None,
        /// How many accounts are scanned at the same time.
        pub accounts_at_once: Count = DEFAULT_ACCOUNTS_AT_ONCE,
        /// Most requests a second for each service and region of an account.
        pub max_rate: Rate = Rate::DEFAULT,
        /// How long making a connection may take.
        pub connect_timeout: Period = Period::from_secs(3),
        /// How long AWS may take to begin an answer; three attempts that took longer end a call.
        pub read_timeout: Period = Period::from_secs(30),
        /// Endpoint to call for every service, in place of AWS's own.
        #[schemars(extend("examples" = ["http://127.0.0.1:4566"]))]
        pub endpoint_url: Option<Endpoint> = None,
        /// Whether FIPS endpoints are called. As the AWS configuration has it unless given.
        #[schemars(extend("examples" = [false]))]
        pub use_fips: Option<bool> = None,
        /// Whether dual-stack endpoints are called. As the AWS configuration has it unless given.
        #[schemars(extend("examples" = [false]))]
        pub use_dual_stack: Option<bool> = None,
    }
}

const DEFAULT_RETRIES: Count = Count::new(5);
const DEFAULT_ACCOUNTS_AT_ONCE: Count = Count::new(4);

/// Which regions of an account are scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regions {
    /// All that are enabled in the account, but for some.
    Enabled {
        /// The ones that are left out.
        except: Vec<RegionName>,
    },
    /// These and no others, in that order, each once.
    Named(
        /// Their codes.
        Vec<RegionName>,
    ),
}

impl Regions {
    fn of(region: Option<&RegionName>, include: &[RegionName], exclude: &[RegionName]) -> Self {
        if region.is_none() && include.is_empty() {
            return Self::Enabled { except: exclude.to_vec() };
        }
        let mut named: Vec<RegionName> = Vec::new();
        for region in region.into_iter().chain(include) {
            if !named.contains(region) && !exclude.contains(region) {
                named.push(region.clone());
            }
        }
        Self::Named(named)
    }
}

impl Aws {
    /// Which regions are scanned of accounts that say nothing of their own.
    pub fn regions(&self) -> Regions {
        Regions::of(self.region.as_ref(), &self.include_regions, &self.exclude_regions)
    }

    /// Which regions of that account are scanned.
    pub fn regions_of(&self, account: &AwsAccount) -> Regions {
        let exclude = [self.exclude_regions.as_slice(), &account.exclude_regions].concat();
        let (region, include) = if account.region.is_none() && account.include_regions.is_empty() {
            (&self.region, &self.include_regions)
        } else {
            (&account.region, &account.include_regions)
        };
        Regions::of(region.as_ref(), include, &exclude)
    }

    /// How to sign in to that account: as it says, and else as `aws` says. Credentials are taken as a
    /// whole from one of the two. A role that `aws` gives by the ARN of another account is a step on the
    /// way to the account's own role.
    pub fn sign_in_of(&self, account: &AwsAccount) -> SignIn {
        let (own, common) = (account.sign_in(), self.sign_in());
        let mut role_chain =
            if own.role_chain.is_empty() { common.role_chain.clone() } else { own.role_chain.clone() };
        let mut iam_role = own.iam_role.clone();
        match self.role_elsewhere(account) {
            Some(step) if own.role_chain.is_empty() && !own.has_credentials() => {
                role_chain.push(step.clone());
            }
            Some(_) => {}
            None => iam_role = iam_role.or_else(|| common.iam_role.clone()),
        }
        let credentials = if own.has_credentials() { own.clone() } else { common.clone() };
        SignIn {
            iam_role,
            role_chain,
            external_id: own.external_id.or(common.external_id),
            session_name: own.session_name.or(common.session_name),
            session_duration: own.session_duration.or(common.session_duration),
            mfa_serial: own.mfa_serial.or(common.mfa_serial),
            ..credentials
        }
    }

    /// The role of `aws`, where it is in another account than that one.
    pub(crate) fn role_elsewhere(&self, account: &AwsAccount) -> Option<&RoleArn> {
        match &self.iam_role {
            Some(Role::Arn(role)) if account.account_id().is_some_and(|id| id != role.account()) => {
                Some(role)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> RegionName {
        code.parse().unwrap()
    }

    #[test]
    fn the_region_is_scanned_beside_the_included_ones_and_each_once() {
        let aws = Aws {
            region: Some(region("eu-west-1")),
            include_regions: vec![region("us-east-2"), region("eu-west-1"), region("us-west-1")],
            exclude_regions: vec![region("us-west-1")],
            ..Aws::default()
        };
        assert_eq!(aws.regions(), Regions::Named(vec![region("eu-west-1"), region("us-east-2")]));
    }

    #[test]
    fn without_any_region_all_enabled_ones_are_scanned() {
        let aws = Aws { exclude_regions: vec![region("us-west-1")], ..Aws::default() };
        assert_eq!(aws.regions(), Regions::Enabled { except: vec![region("us-west-1")] });
        let account = AwsAccount {
            include_regions: vec![region("us-west-1"), region("eu-west-1")],
            ..AwsAccount::default()
        };
        assert_eq!(aws.regions_of(&account), Regions::Named(vec![region("eu-west-1")]));
    }

    #[test]
    fn an_account_takes_what_it_does_not_say_from_all() {
        let aws = Aws {
            iam_role: Some("reader".parse().unwrap()),
            external_id: Some("shared".to_owned()),
            profile: Some("audit".to_owned()),
            ..Aws::default()
        };
        let account = AwsAccount { id: "111122223333".parse().ok(), ..AwsAccount::default() };
        assert_eq!(aws.sign_in_of(&account), aws.sign_in());
        let own = AwsAccount { access_key_id: serde_json::from_str("\"AKIA\"").ok(), ..account };
        let sign_in = aws.sign_in_of(&own);
        assert_eq!((sign_in.profile, sign_in.external_id.as_deref()), (None, Some("shared")));
    }

    #[test]
    fn a_role_of_another_account_is_a_step_on_the_way() {
        let hub = "arn:aws:iam::444455556666:role/hub";
        let aws = Aws { iam_role: hub.parse().ok(), ..Aws::default() };
        let account =
            AwsAccount { iam_role: "arn:aws:iam::111122223333:role/x".parse().ok(), ..AwsAccount::default() };
        let sign_in = aws.sign_in_of(&account);
        assert_eq!(sign_in.iam_role, account.iam_role);
        assert_eq!(sign_in.role_chain, vec![hub.parse().unwrap()]);
    }
}
