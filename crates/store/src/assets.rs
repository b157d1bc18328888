//! The inventory: resources, their configuration and its history.

use crate::census::Census;
use crate::database::{Row, Value};
use crate::runs::moment;
use crate::words::words;
use crate::{Configuration, Result, Store, StoreError, uncompressed};
use chrono::{DateTime, Utc};
use stance_model::{Region, ResourceType};
use std::collections::BTreeMap;

/// Resources that a search tells at most; with more, its words should be more.
const FOUND: i64 = 2_000;

/// A resource in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its number in the store.
    pub number: i64,
    /// Its canonical id.
    pub id: String,
    /// Its type.
    pub resource_type: ResourceType,
    /// The name that people know it by.
    pub name: String,
    /// Where it lives.
    pub region: Region,
    /// The number of the scope.
    pub scope: i64,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// When a run met it first.
    pub first_seen: DateTime<Utc>,
    /// When a run no longer met it.
    pub gone: Option<DateTime<Utc>>,
}

/// A configuration, and how long it was so.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationVersion {
    /// What was read.
    pub configuration: Configuration,
    /// When a run met it so first.
    pub from: DateTime<Utc>,
    /// When a run met it otherwise, or no longer.
    pub to: Option<DateTime<Utc>>,
}

/// Resources of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetPage {
    /// Those of the page.
    pub assets: Vec<Asset>,
    /// How many there are in all; nothing where a search meets more than it tells.
    pub total: Option<u64>,
}

const ROW: &str = "SELECT resource.id, resource.resource, resource.type, resource.name, resource.region, \
    resource.scope, resource.tags, resource.first_run, resource.gone_run FROM resource";
const IS_THERE: &str = "resource.gone_run IS NULL AND resource.stands_in = 0";

fn asset(census: &Census, row: &Row<'_>) -> Result<Asset> {
    let at = |run: i64| census.runs.get(&run).copied().unwrap_or(moment(0));
    let tags: Option<String> = row.get(6)?;
    let tags = tags.map(|tags| serde_json::from_str(&tags)).transpose();
    Ok(Asset {
        number: row.get(0)?,
        id: row.get(1)?,
        resource_type: census.resource_type(row.get(2)?)?,
        name: row.get(3)?,
        region: census.region(row.get(4)?)?,
        scope: row.get(5)?,
        tags: tags
            .map_err(|error| StoreError::Content { place: "resource.tags", message: error.to_string() })?
            .unwrap_or_default(),
        first_seen: at(row.get(7)?),
        gone: row.get::<Option<i64>>(8)?.map(at),
    })
}

impl Store {
    /// A page of the resources of those types and scopes (by number), in the order of the inventory.
    ///
    /// # Errors
    /// If the store fails.
    pub fn assets(
        &self,
        census: &Census,
        choose: impl Fn(i64, &ResourceType, &Region) -> bool,
        text: &str,
        offset: u64,
        limit: u64,
    ) -> Result<AssetPage> {
        let wanted: Vec<String> = words(text).collect();
        if !wanted.is_empty() {
            return self.assets_by_words(census, choose, &wanted, offset, limit);
        }
        let mut parts: Vec<_> = census
            .inventory
            .iter()
            .filter(|held| choose(held.scope, &held.resource_type, &held.region))
            .collect();
        parts.sort_by(|left, right| {
            (&left.resource_type, left.scope, &left.region).cmp(&(
                &right.resource_type,
                right.scope,
                &right.region,
            ))
        });
        let total = parts.iter().map(|held| held.resources).sum();
        let mut assets = Vec::new();
        let mut skip = offset;
        self.database().read(|session| {
            for part in parts {
                if skip >= part.resources {
                    skip -= part.resources;
                    continue;
                }
                let missing = limit - assets.len() as u64;
                if missing == 0 {
                    break;
                }
                let number = |count: u64| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
                session.query(
                    &format!(
                        "{ROW} JOIN name AS kind ON kind.id = resource.type JOIN name AS place ON \
                         place.id = resource.region WHERE kind.kind = 2 AND kind.text = ?1 AND resource.scope = ?2 \
                         AND place.text = ?3 AND {IS_THERE} ORDER BY resource.id LIMIT ?4 OFFSET ?5"
                    ),
                    &[
                        part.resource_type.as_str().into(),
                        part.scope.into(),
                        part.region.as_str().into(),
                        number(missing),
                        number(skip),
                    ],
                    &mut |row| {
                        assets.push(asset(census, row)?);
                        Ok(())
                    },
                )?;
                skip = 0;
            }
            Ok(AssetPage { assets, total: Some(total) })
        })
    }

    fn assets_by_words(
        &self,
        census: &Census,
        choose: impl Fn(i64, &ResourceType, &Region) -> bool,
        wanted: &[String],
        offset: u64,
        limit: u64,
    ) -> Result<AssetPage> {
        let (sql, asked) = self.database().find_words(wanted);
        let found: Vec<Asset> = self.database().read(|session| {
            let numbers =
                session.all(sql, &[(&asked).into(), (FOUND + 1).into()], |row| row.get::<i64>(0))?;
            let mut found = Vec::new();
            for number in numbers {
                let row = format!("{ROW} WHERE resource.id = ?1 AND {IS_THERE}");
                found.extend(session.first(&row, &[number.into()], |row| asset(census, row))?);
            }
            Ok(found)
        })?;
        let is_all = i64::try_from(found.len()).is_ok_and(|count| count <= FOUND);
        let chosen: Vec<Asset> = found
            .into_iter()
            .filter(|asset| choose(asset.scope, &asset.resource_type, &asset.region))
            .collect();
        let total = is_all.then_some(chosen.len() as u64);
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let assets = chosen.into_iter().skip(size(offset)).take(size(limit)).collect();
        Ok(AssetPage { assets, total })
    }

    /// A resource, and its configurations, the latest first.
    ///
    /// # Errors
    /// If the store fails, or there is no such resource.
    pub fn asset(&self, census: &Census, number: i64) -> Result<(Asset, Vec<ConfigurationVersion>)> {
        self.database().read(|session| {
            let found = session
                .first(&format!("{ROW} WHERE resource.id = ?1"), &[number.into()], |row| asset(census, row))?
                .ok_or_else(|| StoreError::Missing { what: "resource", name: number.to_string() })?;
            let at = |run: i64| census.runs.get(&run).copied().unwrap_or(moment(0));
            let versions = session.all(
                "SELECT document, from_run, to_run FROM configuration WHERE resource = ?1 ORDER BY from_run DESC",
                &[number.into()],
                |row| {
                    Ok(ConfigurationVersion {
                        configuration: uncompressed(&row.get::<Vec<u8>>(0)?, "configuration.document")?,
                        from: at(row.get(1)?),
                        to: row.get::<Option<i64>>(2)?.map(at),
                    })
                },
            )?;
            Ok((found, versions))
        })
    }
}
