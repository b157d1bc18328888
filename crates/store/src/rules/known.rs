//! What catalogs call their rules: exceptions may name them by service and by other names.

use crate::{Result, Store, StoreError};
use std::collections::HashMap;

/// What a catalog calls a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRule {
    /// Its id.
    pub id: String,
    /// Its service, as `s3`.
    pub service: String,
    /// Other names that it goes by.
    pub names: Vec<String>,
}

impl Store {
    /// Learns what a catalog calls its rules. Writes only what is news; rules of other catalogs stay.
    ///
    /// # Errors
    /// If the store fails.
    pub fn learn_rules(&self, rules: impl IntoIterator<Item = NamedRule>) -> Result<()> {
        let known = self.database().read(|session| {
            session.all("SELECT rule, service, names FROM known_rule", &[], |row| {
                Ok((row.get::<String>(0)?, (row.get::<String>(1)?, row.get::<String>(2)?)))
            })
        })?;
        let known: HashMap<_, _> = known.into_iter().collect();
        let mut news = Vec::new();
        for rule in rules {
            let names = serde_json::to_string(&rule.names).map_err(|error| StoreError::Content {
                place: "known_rule.names",
                message: error.to_string(),
            })?;
            let told = (rule.service, names);
            if known.get(&rule.id) != Some(&told) {
                news.push((rule.id, told));
            }
        }
        if news.is_empty() {
            return Ok(());
        }
        self.database().write(|session| {
            for (rule, (service, names)) in &news {
                session.execute(
                    "INSERT INTO known_rule (rule, service, names) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (rule) DO UPDATE SET service = excluded.service, names = excluded.names",
                    &[rule.into(), service.into(), names.into()],
                )?;
            }
            Ok(())
        })
    }
}
