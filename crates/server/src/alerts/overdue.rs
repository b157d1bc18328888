//! Integrations that should have run and did not.

use crate::Console;
use chrono::{DateTime, Utc};
use stance_store::{Accounts, Alert, AlertId, StoreError, Watches};

/// An integration, and when it is to run next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// What it is called.
    pub name: String,
    /// When it should run, or should have run; with what lateness is borne added to it.
    pub due_at: DateTime<Utc>,
    /// Which accounts it reads: only those who may see all of them are told.
    pub accounts: Accounts,
}

impl Console {
    /// Leaves messages of those integrations whose time is over, one for each time that they were due, however often
    /// it is asked.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn overdue(&self, integrations: &[Overdue], now: DateTime<Utc>) -> Result<(), StoreError> {
        let late: Vec<Overdue> = integrations.iter().filter(|held| held.due_at < now).cloned().collect();
        if late.is_empty() {
            return Ok(());
        }
        self.look(move |store| {
            let alerts = store.alerts()?;
            for Overdue { name, due_at, accounts } in &late {
                let told: Vec<AlertId> =
                    alerts.iter().filter(|alert| is_told(alert, accounts)).map(|alert| alert.id).collect();
                if !told.is_empty() {
                    store.note_overdue(&told, name, *due_at)?;
                }
            }
            Ok(())
        })
        .await
    }
}

fn is_told(alert: &Alert, accounts: &Accounts) -> bool {
    let holds = |reach: &Accounts| reach.and(accounts) == *accounts;
    alert.chosen.active && alert.chosen.watches == Watches::Overdue && alert.reach.as_ref().is_some_and(holds)
}
