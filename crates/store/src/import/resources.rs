//! Resources of a scope: new ones, changed ones, gone ones.

use super::names::{NameKind, Names};
use super::next_id;
use super::seen::{Looked, Sight};
use crate::bundle::{BundledFinding, Configuration, ScopeBundle};
use crate::database::{Kind, Session, TableColumns, Value};
use crate::evidence::evidence_of;
use crate::runs::RunId;
use crate::words::words_of_resource;
use crate::{Result, compressed, digest};
use stance_model::Resource;
use std::collections::{BTreeMap, HashMap};

const RESOURCE: TableColumns = TableColumns {
    table: "resource",
    columns: &[
        ("id", Kind::Integer),
        ("scope", Kind::Integer),
        ("type", Kind::Integer),
        ("region", Kind::Integer),
        ("stands_in", Kind::Integer),
        ("resource", Kind::Text),
        ("name", Kind::Text),
        ("tags", Kind::Text),
        ("digest", Kind::Bytes),
        ("evidence_digest", Kind::Bytes),
        ("first_run", Kind::Integer),
    ],
};
const CONFIGURATION: TableColumns = TableColumns {
    table: "configuration",
    columns: &[("resource", Kind::Integer), ("from_run", Kind::Integer), ("document", Kind::Bytes)],
};
const EVIDENCE: TableColumns =
    TableColumns { table: "evidence", columns: &[("resource", Kind::Integer), ("document", Kind::Bytes)] };

const TEXT: TableColumns =
    TableColumns { table: "resource_text", columns: &[("rowid", Kind::Integer), ("words", Kind::Text)] };
const INVENTORY: TableColumns = TableColumns {
    table: "inventory",
    columns: &[
        ("scope", Kind::Integer),
        ("type", Kind::Integer),
        ("region", Kind::Integer),
        ("resources", Kind::Integer),
    ],
};

/// A resource of the store.
struct Known {
    id: i64,
    region: i64,
    is_there: bool,
    stands_in: bool,
    is_seen: bool,
    digest: Vec<u8>,
    evidence_digest: Vec<u8>,
}

/// What a resource is and where, in the store's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) kind: i64,
    pub(crate) region: i64,
    /// Whether it stands for what could not be listed.
    pub(crate) stands_in: bool,
}

/// The resources of a scope, by type and canonical id.
pub(crate) struct Resources {
    scope: i64,
    run: RunId,
    known: HashMap<i64, HashMap<String, Known>>,
    places: HashMap<i64, Place>,
    next: i64,
}

/// What is put into tables when all is compared.
#[derive(Default)]
struct New {
    rows: Vec<NewResource>,
    configurations: Vec<(i64, Vec<u8>)>,
    evidence: Vec<(i64, Vec<u8>)>,
    texts: Vec<(i64, String)>,
}

struct NewResource {
    id: i64,
    kind: i64,
    region: i64,
    stands_in: bool,
    resource: String,
    name: String,
    tags: Option<String>,
    digest: Vec<u8>,
    evidence_digest: Vec<u8>,
}

/// A resource as the run tells of it.
struct Told<'t> {
    kind: i64,
    region: i64,
    id: &'t str,
    name: &'t str,
    configuration: Option<&'t Resource>,
    findings: &'t [&'t BundledFinding],
}

impl Told<'_> {
    fn words(&self) -> String {
        let none = BTreeMap::new();
        let tags = self.configuration.map_or(&none, |resource| &resource.tags);
        words_of_resource(self.name, self.id, tags)
    }
}

impl Resources {
    pub(crate) fn load(session: &mut dyn Session, scope: i64, run: RunId) -> Result<Self> {
        let mut known: HashMap<i64, HashMap<String, Known>> = HashMap::new();
        let mut places = HashMap::new();
        session.query(
            "SELECT id, type, region, stands_in, resource, digest, evidence_digest, gone_run \
             FROM resource WHERE scope = ?1",
            &[scope.into()],
            &mut |row| {
                let (id, kind, region) = (row.get(0)?, row.get::<i64>(1)?, row.get(2)?);
                let stands_in = row.get::<i64>(3)? == 1;
                places.insert(id, Place { kind, region, stands_in });
                known.entry(kind).or_default().insert(
                    row.get(4)?,
                    Known {
                        id,
                        region,
                        stands_in,
                        digest: row.get(5)?,
                        evidence_digest: row.get(6)?,
                        is_there: row.get::<Option<i64>>(7)?.is_none(),
                        is_seen: false,
                    },
                );
                Ok(())
            },
        )?;
        Ok(Self { scope, run, known, places, next: next_id(session, "resource")? })
    }

    /// The number of a resource.
    pub(crate) fn id(&self, kind: i64, resource: &str) -> Option<i64> {
        self.known.get(&kind)?.get(resource).map(|known| known.id)
    }

    /// What a resource is and where.
    pub(crate) fn place(&self, id: i64) -> Option<Place> {
        self.places.get(&id).copied()
    }

    /// Takes in every resource that a run tells of.
    pub(crate) fn take(
        &mut self,
        session: &mut dyn Session,
        names: &mut Names,
        bundle: &ScopeBundle,
    ) -> Result<()> {
        let mut said: HashMap<(&str, &str), Vec<&BundledFinding>> = HashMap::new();
        for finding in &bundle.findings {
            let of = (finding.resource_type.as_str(), finding.resource.as_str());
            said.entry(of).or_default().push(finding);
        }
        let mut new = New::default();
        for resource in &bundle.resources {
            let reference = &resource.reference;
            let findings = said.remove(&(reference.resource_type.as_str(), reference.id.as_str()));
            let told = Told {
                kind: names.id(session, NameKind::ResourceType, reference.resource_type.as_str())?,
                region: names.id(session, NameKind::Region, reference.region.as_str())?,
                id: reference.id.as_str(),
                name: &reference.name,
                configuration: Some(resource),
                findings: findings.as_deref().unwrap_or_default(),
            };
            self.take_one(session, &mut new, &told)?;
        }
        // what is judged and was not read stands for what could not be listed
        let mut others: Vec<_> = said.into_iter().collect();
        others.sort_by_key(|(of, _)| *of);
        for ((kind, id), findings) in &others {
            let Some(first) = findings.first() else { continue };
            let told = Told {
                kind: names.id(session, NameKind::ResourceType, kind)?,
                region: names.id(session, NameKind::Region, first.region.as_str())?,
                id,
                name: &first.name,
                configuration: None,
                findings,
            };
            self.take_one(session, &mut new, &told)?;
        }
        self.put(session, &new)
    }

    fn take_one(&mut self, session: &mut dyn Session, new: &mut New, told: &Told<'_>) -> Result<()> {
        let run = self.run.value();
        let tags = told.configuration.map(|resource| &resource.tags).filter(|tags| !tags.is_empty());
        let tags = tags.map(|tags: &BTreeMap<String, String>| serde_json::json!(tags).to_string());
        let configuration = told.configuration.map(Configuration::from);
        // the name, region and tags are part of what may change
        let digest = digest(&(&configuration, told.name, told.region, &tags));
        let evidence = evidence_of(told.findings);
        let evidence_digest = crate::digest(&evidence);
        let known = self.known.entry(told.kind).or_default().get_mut(told.id);
        let Some(known) = known else {
            let id = self.next;
            self.next += 1;
            if let Some(configuration) = &configuration {
                new.configurations.push((id, compressed(configuration, "configuration.document")?));
            }
            new.texts.push((id, told.words()));
            if !evidence.is_empty() {
                new.evidence.push((id, compressed(&evidence, "evidence.document")?));
            }
            let stands_in = told.configuration.is_none();
            self.places.insert(id, Place { kind: told.kind, region: told.region, stands_in });
            let known = Known {
                id,
                region: told.region,
                is_there: true,
                stands_in,
                is_seen: true,
                digest: digest.clone(),
                evidence_digest: evidence_digest.clone(),
            };
            self.known.entry(told.kind).or_default().insert(told.id.to_owned(), known);
            new.rows.push(NewResource {
                id,
                kind: told.kind,
                region: told.region,
                stands_in,
                resource: told.id.to_owned(),
                name: told.name.to_owned(),
                tags,
                digest,
                evidence_digest,
            });
            return Ok(());
        };
        known.is_seen = true;
        if known.digest != digest || !known.is_there {
            session.execute(
                "UPDATE configuration SET to_run = ?2 WHERE resource = ?1 AND to_run IS NULL",
                &[known.id.into(), run],
            )?;
            session.execute(
                "UPDATE resource SET name = ?2, region = ?3, tags = ?4, digest = ?5, gone_run = NULL WHERE id = ?1",
                &[
                    known.id.into(),
                    told.name.into(),
                    told.region.into(),
                    tags.as_ref().into(),
                    (&digest).into(),
                ],
            )?;
            if let Some(configuration) = &configuration {
                new.configurations.push((known.id, compressed(configuration, "configuration.document")?));
            }
            session.execute("DELETE FROM resource_text WHERE rowid = ?1", &[known.id.into()])?;
            new.texts.push((known.id, told.words()));
            known.digest = digest;
            known.region = told.region;
            let stands_in = known.stands_in;
            self.places.insert(known.id, Place { kind: told.kind, region: told.region, stands_in });
        }
        if known.evidence_digest != evidence_digest || !known.is_there {
            session.execute("DELETE FROM evidence WHERE resource = ?1", &[known.id.into()])?;
            session.execute(
                "UPDATE resource SET evidence_digest = ?2 WHERE id = ?1",
                &[known.id.into(), (&evidence_digest).into()],
            )?;
            if !evidence.is_empty() {
                new.evidence.push((known.id, compressed(&evidence, "evidence.document")?));
            }
            known.evidence_digest = evidence_digest;
        }
        known.is_there = true;
        Ok(())
    }

    fn put(&self, session: &mut dyn Session, new: &New) -> Result<()> {
        let run = self.run.value();
        session.insert(&RESOURCE, &mut |put| {
            for row in &new.rows {
                put(&[
                    row.id.into(),
                    self.scope.into(),
                    row.kind.into(),
                    row.region.into(),
                    i64::from(row.stands_in).into(),
                    (&row.resource).into(),
                    (&row.name).into(),
                    row.tags.as_ref().into(),
                    (&row.digest).into(),
                    (&row.evidence_digest).into(),
                    run,
                ])?;
            }
            Ok(())
        })?;
        session.insert(&CONFIGURATION, &mut |put| {
            new.configurations
                .iter()
                .try_for_each(|(id, document)| put(&[(*id).into(), run, document.into()]))
        })?;
        session.insert(&TEXT, &mut |put| {
            new.texts.iter().try_for_each(|(id, words)| put(&[(*id).into(), words.into()]))
        })?;
        session.insert(&EVIDENCE, &mut |put| {
            new.evidence.iter().try_for_each(|(id, document)| put(&[(*id).into(), document.into()]))
        })
    }

    /// Marks what the run would have met if it were still there.
    pub(crate) fn leave(&self, session: &mut dyn Session, looked: &Looked) -> Result<()> {
        let run = self.run.value();
        for (kind, resources) in &self.known {
            for known in resources.values().filter(|known| known.is_there && !known.is_seen) {
                let is_gone = match looked.sight_of_resource(*kind, known.region) {
                    Sight::Whole => true,
                    // another one would stand in its place
                    Sight::Failed => known.stands_in,
                    Sight::None => false,
                };
                if !is_gone {
                    continue;
                }
                let id = Value::Integer(known.id);
                session.execute("UPDATE resource SET gone_run = ?2 WHERE id = ?1", &[id, run])?;
                session.execute(
                    "UPDATE configuration SET to_run = ?2 WHERE resource = ?1 AND to_run IS NULL",
                    &[id, run],
                )?;
                session.execute("DELETE FROM evidence WHERE resource = ?1", &[id])?;
            }
        }
        Ok(())
    }

    /// Counts what is there by type and region.
    pub(crate) fn count(&self, session: &mut dyn Session, looked: &Looked) -> Result<()> {
        let mut counts: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for (kind, resources) in &self.known {
            for known in resources.values().filter(|known| known.is_there && !known.stands_in) {
                if known.is_seen || looked.sight_of_resource(*kind, known.region) != Sight::Whole {
                    *counts.entry((*kind, known.region)).or_default() += 1;
                }
            }
        }
        session.execute("DELETE FROM inventory WHERE scope = ?1", &[self.scope.into()])?;
        session.insert(&INVENTORY, &mut |put| {
            counts.iter().try_for_each(|((kind, region), count)| {
                put(&[self.scope.into(), (*kind).into(), (*region).into(), (*count).into()])
            })
        })
    }
}
