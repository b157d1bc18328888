//! Scans one account or a whole organization: finds the accounts, signs in to each, collects, judges,
//! and gathers the findings where memory does not limit them. An account that fails costs only itself.

mod account;
mod check;
mod filter;
mod keep;
mod observer;
mod organization;
mod scan;
mod settings;
mod spool;
mod target;

pub use check::{AccessCheck, AccountCheck, Estimate, check_access};
pub use filter::AccountFilter;
pub use keep::{Keep, KeepError};
pub use observer::ScanObserver;
pub use organization::{Organization, OrganizationAccount, OrganizationError, find_accounts};
pub use scan::{Judged, ScanError, judge_snapshots, scan};
pub use settings::{AccountSettings, NamedRole, OrganizationSettings, RegionSettings, Role, ScanSettings};
pub use spool::Spool;
