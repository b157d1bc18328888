//! Who may see which alert.

use crate::viewer::Visible;
use stance_store::{Accounts, Alert, AlertId, Result, Store, StoreError};

/// Whether somebody may see an alert: all accounts of which it may tell.
pub(crate) fn may_see(visible: &Visible, alert: &Alert) -> bool {
    match (visible, &alert.accounts) {
        (Visible::All, _) => true,
        (Visible::Only(_), Accounts::All) => false,
        (Visible::Only(_), Accounts::Only(accounts)) => accounts.iter().all(|account| visible.holds(account)),
    }
}

/// An alert, if somebody may see it; whoever may not is told the same as of one that is not there.
pub(crate) fn found(store: &Store, visible: &Visible, number: i64) -> Result<Alert> {
    let missing = || StoreError::Missing { what: "alert", name: number.to_string() };
    let alert = store.alert(AlertId::from(number))?;
    if may_see(visible, &alert) { Ok(alert) } else { Err(missing()) }
}
