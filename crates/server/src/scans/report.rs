//! What a trial of the access told.

/// What a trial of the access told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessReport {
    /// The organization, where it was asked.
    pub organization: Option<String>,
    /// Accounts that can be signed in to.
    pub accounts: Vec<AccountAccess>,
    /// Accounts that are left out or cannot be signed in to, with the reason.
    pub unscanned: Vec<(String, String)>,
}

/// An account that can be signed in to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountAccess {
    /// Its number.
    pub account: String,
    /// Its name, if it is known.
    pub name: Option<String>,
    /// Who is signed in.
    pub identity: String,
    /// Regions that would be scanned.
    pub regions: usize,
    /// Operations that were tried and answered.
    pub answered: usize,
    /// Permissions that are missing, with how many rules will say unknown without them.
    pub missing: Vec<(String, usize)>,
    /// Operations that failed otherwise, with the code of the answer.
    pub failures: Vec<(String, String)>,
    /// Operations that nothing was there to try on.
    pub untried: usize,
    /// Calls of a scan: at least, and at most.
    pub calls: (u64, u64),
    /// Minutes that a scan takes at most.
    pub minutes: i64,
}
