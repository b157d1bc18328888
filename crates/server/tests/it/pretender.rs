//! Somebody who pretends to scan.

use stance_server::{AccessReport, AccountAccess, Scanner, Stopping};
use stance_store::Integration;

/// Pretends to scan, and knows one word that no configuration may hold.
pub struct Pretender;

impl Scanner for Pretender {
    fn check(&self, configuration: &str) -> Result<(), String> {
        if configuration.contains("wrong") { Err("line 2: `wrong` is not a key".into()) } else { Ok(()) }
    }

    fn try_access(&self, configuration: &str, _: &Stopping) -> Result<AccessReport, String> {
        if configuration.contains("locked") {
            return Err("the role cannot be assumed".into());
        }
        let account = AccountAccess {
            account: "111111111111".into(),
            missing: vec![("s3:GetBucketPolicy".into(), 3)],
            calls: (10, 20),
            ..AccountAccess::default()
        };
        Ok(AccessReport { accounts: vec![account], ..AccessReport::default() })
    }

    fn scan(&self, _: &Integration, _: &Stopping) -> Result<(), String> {
        Ok(())
    }
}
