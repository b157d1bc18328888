//! A snapshot, arranged for evaluation.

use crate::estate::{Estate, to_map};
use crate::judge::Surroundings;
use crate::value::Map;
use chrono::{DateTime, Utc};
use stance_catalog::{Catalog, Plan, SupportDates};
use stance_model::{Listing, Resource, Snapshot};
use std::collections::HashMap;
use std::sync::Arc;

/// A snapshot, arranged for evaluation.
pub(crate) struct World<'s> {
    pub surroundings: Surroundings,
    pub regions: HashMap<String, Map>,
    resources: HashMap<&'s str, Vec<&'s Resource>>,
    listings: HashMap<&'s str, Vec<&'s Listing>>,
}

impl<'s> World<'s> {
    pub fn of(
        plan: &Plan,
        snapshot: &'s Snapshot,
        support: &Arc<SupportDates>,
        as_of: Option<DateTime<Utc>>,
    ) -> Self {
        let mut resources: HashMap<&str, Vec<&Resource>> = HashMap::new();
        for resource in &snapshot.resources {
            resources.entry(resource.reference.resource_type.as_str()).or_default().push(resource);
        }
        let mut listings: HashMap<&str, Vec<&Listing>> = HashMap::new();
        for listing in &snapshot.run.listings {
            listings.entry(listing.resource_type.as_str()).or_default().push(listing);
        }
        let mut estate = Estate::new(Arc::clone(support));
        let mut account = Map::of([]);
        let mut regions = HashMap::new();
        for planned in &plan.types {
            let definition = &planned.definition;
            let name = definition.name.as_str();
            let of_type = resources.get(name).map_or(&[][..], Vec::as_slice);
            match name {
                Catalog::ACCOUNT => {
                    if let Some(resource) = of_type.first() {
                        account = to_map(resource, &definition.attributes);
                    }
                }
                Catalog::REGION => {
                    regions = of_type
                        .iter()
                        .map(|resource| {
                            let region = resource.reference.region.as_str().to_owned();
                            (region, to_map(resource, &definition.attributes))
                        })
                        .collect();
                }
                _ => {}
            }
            estate.add(definition, of_type, listings.get(name).map_or(&[][..], Vec::as_slice));
        }
        let now = as_of.unwrap_or(snapshot.run.as_of);
        Self {
            surroundings: Surroundings { estate: Arc::new(estate), account, now },
            regions,
            resources,
            listings,
        }
    }

    pub fn resources_of(&self, name: &str) -> &[&'s Resource] {
        self.resources.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn listings_of(&self, name: &str) -> &[&'s Listing] {
        self.listings.get(name).map_or(&[], Vec::as_slice)
    }
}
