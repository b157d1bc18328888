//! Names that stand in thousands of rows, as numbers.

use super::next_id;
use crate::Result;
use crate::database::Session;
use std::collections::HashMap;

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NameKind {
    Rule,
    ResourceType,
    Region,
    Provider,
}

impl NameKind {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Rule => 1,
            Self::ResourceType => 2,
            Self::Region => 3,
            Self::Provider => 4,
        }
    }
}

/// All names of a store.
pub(crate) struct Names {
    ids: HashMap<(i64, String), i64>,
    next: i64,
}

impl Names {
    pub(crate) fn load(session: &mut dyn Session) -> Result<Self> {
        let mut ids = HashMap::new();
        session.query("SELECT id, kind, text FROM name", &[], &mut |row| {
            ids.insert((row.get(1)?, row.get(2)?), row.get(0)?);
            Ok(())
        })?;
        Ok(Self { ids, next: next_id(session, "name")? })
    }

    /// The number of a name; a new name gets one.
    pub(crate) fn id(&mut self, session: &mut dyn Session, kind: NameKind, text: &str) -> Result<i64> {
        let key = (kind.number(), text.to_owned());
        if let Some(known) = self.ids.get(&key) {
            return Ok(*known);
        }
        let id = self.next;
        session.execute(
            "INSERT INTO name (id, kind, text) VALUES (?1, ?2, ?3)",
            &[id.into(), kind.number().into(), text.into()],
        )?;
        self.next += 1;
        self.ids.insert(key, id);
        Ok(id)
    }
}
