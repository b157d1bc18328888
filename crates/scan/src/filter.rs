//! Which accounts of an organization are scanned.

use crate::OrganizationAccount;
use std::collections::BTreeMap;

/// Which accounts of an organization are scanned. What is left out is told with the setting that did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFilter {
    /// Only accounts in these organizational units (by id), or in units below them; all where empty.
    pub include_units: Vec<String>,
    /// No accounts in these organizational units, or in units below them.
    pub exclude_units: Vec<String>,
    /// Only these accounts, by number; all where empty.
    pub include_accounts: Vec<String>,
    /// Not these accounts, by number.
    pub exclude_accounts: Vec<String>,
    /// Only accounts that have all of these tags.
    pub tags: BTreeMap<String, String>,
    /// Only accounts of these statuses, in the provider's words.
    pub statuses: Vec<String>,
    /// Whether the management account is scanned.
    pub management_account: bool,
}

impl Default for AccountFilter {
    fn default() -> Self {
        Self {
            include_units: Vec::new(),
            exclude_units: Vec::new(),
            include_accounts: Vec::new(),
            exclude_accounts: Vec::new(),
            tags: BTreeMap::new(),
            statuses: vec!["ACTIVE".into()],
            management_account: true,
        }
    }
}

impl AccountFilter {
    /// The setting that leaves an account out; nothing where it is to be scanned.
    pub fn leaves_out(&self, account: &OrganizationAccount, management_account: &str) -> Option<String> {
        let within = |units: &[String]| units.iter().any(|unit| account.is_in(unit));
        if !self.statuses.is_empty() && !self.statuses.contains(&account.status) {
            return Some(format!("its status {}", account.status));
        }
        if self.exclude_accounts.iter().any(|id| id == account.id.as_str()) {
            return Some("the excluded accounts".into());
        }
        if within(&self.exclude_units) {
            return Some("the excluded organizational units".into());
        }
        if !self.management_account && account.id.as_str() == management_account {
            return Some("the setting for the management account".into());
        }
        if !self.include_accounts.is_empty()
            && !self.include_accounts.iter().any(|id| id == account.id.as_str())
        {
            return Some("the list of included accounts".into());
        }
        if !self.include_units.is_empty() && !within(&self.include_units) {
            return Some("the list of included organizational units".into());
        }
        let lacking = self.tags.iter().find(|(key, value)| account.details.tags.get(*key) != Some(value));
        lacking.map(|(key, value)| format!("the tag `{key}={value}`, which it lacks"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_model::{ScopeDetails, ScopeUnit};

    fn account() -> OrganizationAccount {
        let unit = |id: &str| ScopeUnit { id: id.into(), name: id.to_uppercase() };
        OrganizationAccount {
            id: "111111111111".into(),
            status: "ACTIVE".into(),
            details: ScopeDetails {
                name: Some("shop".into()),
                path: vec![unit("r-1"), unit("ou-1"), unit("ou-2")],
                tags: [("env".to_owned(), "prod".to_owned())].into(),
            },
        }
    }

    fn left_out(filter: &AccountFilter) -> Option<String> {
        filter.leaves_out(&account(), "999999999999")
    }

    #[test]
    fn every_active_account_is_scanned_unless_said_otherwise() {
        assert_eq!(left_out(&AccountFilter::default()), None);
    }

    #[test]
    fn units_hold_the_accounts_of_units_below_them() {
        for unit in ["r-1", "ou-1", "ou-2"] {
            let include = AccountFilter { include_units: vec![unit.into()], ..AccountFilter::default() };
            assert_eq!(left_out(&include), None, "{unit}");
            let exclude = AccountFilter { exclude_units: vec![unit.into()], ..AccountFilter::default() };
            assert!(left_out(&exclude).is_some(), "{unit}");
        }
        let other = AccountFilter { include_units: vec!["ou-3".into()], ..AccountFilter::default() };
        assert_eq!(left_out(&other).as_deref(), Some("the list of included organizational units"));
    }

    #[test]
    fn leaving_out_wins_over_taking_in() {
        let filter = AccountFilter {
            include_units: vec!["ou-1".into()],
            exclude_units: vec!["ou-2".into()],
            ..AccountFilter::default()
        };
        assert_eq!(left_out(&filter).as_deref(), Some("the excluded organizational units"));
    }

    #[test]
    fn accounts_tags_status_and_the_management_account_decide_too() {
        let tagged = |value: &str| AccountFilter {
            tags: [("env".to_owned(), value.to_owned())].into(),
            ..AccountFilter::default()
        };
        assert_eq!(left_out(&tagged("prod")), None);
        assert_eq!(left_out(&tagged("dev")).as_deref(), Some("the tag `env=dev`, which it lacks"));
        let listed =
            |id: &str| AccountFilter { include_accounts: vec![id.into()], ..AccountFilter::default() };
        assert_eq!(left_out(&listed("111111111111")), None);
        assert!(left_out(&listed("222222222222")).is_some());
        let suspended = AccountFilter { statuses: vec!["SUSPENDED".into()], ..AccountFilter::default() };
        assert_eq!(left_out(&suspended).as_deref(), Some("its status ACTIVE"));
        let members = AccountFilter { management_account: false, ..AccountFilter::default() };
        assert_eq!(left_out(&members), None);
        assert!(members.leaves_out(&account(), "111111111111").is_some());
    }
}
