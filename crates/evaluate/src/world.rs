//! A snapshot, arranged for evaluation.

use crate::estate::Estate;
use crate::program::Run;
use crate::view::View;
use chrono::{DateTime, Utc};
use stance_catalog::{Catalog, Plan, SupportDates};
use stance_model::{Listing, Resource, Snapshot};
use std::collections::HashMap;

/// A snapshot, arranged for evaluation.
#[derive(Debug)]
pub(crate) struct World<'s> {
    pub estate: Estate<'s>,
    /// The moment that rules take for "now".
    pub now: DateTime<Utc>,
    listings: HashMap<&'s str, Vec<&'s Listing>>,
}

impl<'s> World<'s> {
    /// What the plan's rules see of a snapshot.
    pub fn of(
        plan: &'s Plan,
        snapshot: &'s Snapshot,
        support: &'s SupportDates,
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
        let mut estate = Estate::new(support);
        for planned in &plan.types {
            let name = planned.definition.name.as_str();
            let of_type = resources.remove(name).unwrap_or_default();
            estate.add(&planned.definition, of_type, listings.get(name).map_or(&[], Vec::as_slice));
        }
        Self { estate, now: as_of.unwrap_or(snapshot.run.as_of), listings }
    }

    /// The listings of a type.
    pub fn listings_of(&self, name: &str) -> &[&'s Listing] {
        self.listings.get(name).map_or(&[], Vec::as_slice)
    }

    /// The surroundings that every resource sees.
    pub fn surroundings(&'s self) -> Surroundings<'s> {
        let regions = self.estate.views(Catalog::REGION);
        Surroundings {
            estate: &self.estate,
            account: self.estate.views(Catalog::ACCOUNT).first(),
            regions: regions.iter().map(|view| (view.resource.reference.region.as_str(), view)).collect(),
            now: self.now,
        }
    }
}

/// What surrounds the resources of a scope.
#[derive(Debug)]
pub(crate) struct Surroundings<'v> {
    pub estate: &'v Estate<'v>,
    pub account: Option<&'v View<'v>>,
    pub regions: HashMap<&'v str, &'v View<'v>>,
    pub now: DateTime<Utc>,
}

impl<'v> Surroundings<'v> {
    /// A run about a resource.
    pub fn about(&self, resource: &'v View<'v>) -> Run<'v> {
        let region = self.regions.get(resource.resource.reference.region.as_str()).copied();
        Run::about(resource, region, self.account, self.estate, self.now)
    }
}
