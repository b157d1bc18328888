//! The other resources of a scope, for rules that look at more than one.

use crate::touched::Cause;
use crate::value::{Json, List, Resources, Value};
use crate::view::View;
use stance_catalog::{FieldPath, ResourceTypeDefinition, Segment, SupportDates};
use stance_model::{Listing, ListingState, Region, Resource, UnknownCause};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock, RwLock};

/// The resources of a scope by type, and what is missing of them.
#[derive(Debug)]
pub(crate) struct Estate<'v> {
    types: HashMap<&'v str, TypeEstate<'v>>,
    support: &'v SupportDates,
}

#[derive(Debug)]
struct TypeEstate<'v> {
    views: Vec<View<'v>>,
    /// Regions whose listing failed, `global` among them, and why.
    gaps: Vec<(&'v str, UnknownCause)>,
    /// Where resources are, by what stands at a path.
    indexes: RwLock<HashMap<String, Arc<Index>>>,
    by_region: OnceLock<Index>,
}

/// Places of resources by a text.
type Index = HashMap<String, Arc<[u32]>>;

/// The name under which things live that belong to no region.
const GLOBAL: &str = Region::GLOBAL;

impl<'v> Estate<'v> {
    /// An estate of nothing yet; `support` tells when the provider stops to support versions of things.
    pub fn new(support: &'v SupportDates) -> Self {
        Self { types: HashMap::new(), support }
    }

    /// When the provider stops to support versions of things.
    pub fn support(&self) -> &'v SupportDates {
        self.support
    }

    /// Adds what is known of a type.
    pub fn add(
        &mut self,
        definition: &'v ResourceTypeDefinition,
        resources: impl IntoIterator<Item = &'v Resource>,
        listings: &[&'v Listing],
    ) {
        let views =
            resources.into_iter().map(|resource| View::of(resource, &definition.attributes)).collect();
        let what = || definition.title.clone();
        let mut gaps: Vec<(&str, UnknownCause)> = listings
            .iter()
            .filter_map(|listing| match &listing.state {
                ListingState::Unreadable { failure } => Some((
                    listing.region.as_str(),
                    UnknownCause::Unreadable { what: what(), failure: (**failure).clone() },
                )),
                ListingState::Read { .. } | ListingState::Unsupported => None,
            })
            .collect();
        if listings.is_empty() {
            gaps.push((GLOBAL, UnknownCause::NotRead { what: what() }));
        }
        let of_type = TypeEstate { views, gaps, indexes: RwLock::default(), by_region: OnceLock::new() };
        self.types.insert(definition.name.as_str(), of_type);
    }

    /// The resources of a type as expressions see them.
    pub fn views(&self, name: &str) -> &[View<'v>] {
        self.types.get(name).map_or(&[], |of_type| &of_type.views)
    }

    /// All resources of a type.
    pub fn all(&'v self, name: &str) -> List<'v> {
        self.types.get(name).map_or_else(nothing, |of_type| {
            of_type.list(None, of_type.gaps.first().map(|(_, cause)| Cause::Listing(cause)))
        })
    }

    /// The resources of a type in a region, and those that belong to none.
    pub fn here(&'v self, name: &str, region: &str) -> List<'v> {
        self.types.get(name).map_or_else(nothing, |of_type| {
            of_type.list(Some(of_type.in_region(region)), of_type.gap_at(region))
        })
    }

    /// The resources of a type whose field has that value.
    pub fn related(&'v self, name: &str, field: &str, value: &str, region: &str) -> List<'v> {
        self.types.get(name).map_or_else(nothing, |of_type| {
            let places = of_type.index(field).get(value).cloned().unwrap_or_default();
            of_type.list(Some(places), of_type.gap_at(region))
        })
    }
}

fn nothing<'v>() -> List<'v> {
    List::made(Vec::new())
}

impl<'v> TypeEstate<'v> {
    fn list(&'v self, places: Option<Arc<[u32]>>, gap: Option<Cause<'v>>) -> List<'v> {
        List::Resources(Rc::new(Resources { all: &self.views, places, gap }))
    }

    /// What is missing for someone who stands in a region: the region's own listing or the global
    /// one; from nowhere, any.
    fn gap_at(&'v self, region: &str) -> Option<Cause<'v>> {
        self.gaps
            .iter()
            .find(|(where_failed, _)| region == GLOBAL || *where_failed == region || *where_failed == GLOBAL)
            .map(|(_, cause)| Cause::Listing(cause))
    }

    fn in_region(&self, region: &str) -> Arc<[u32]> {
        let index = self.by_region.get_or_init(|| {
            let region_of = |view: &View<'_>| view.resource.reference.region.as_str().to_owned();
            let mut regions: Vec<String> = self.views.iter().map(region_of).collect();
            regions.push(GLOBAL.to_owned());
            regions.sort_unstable();
            regions.dedup();
            let is_at = |view: &View<'_>, region: &str| {
                let of_view = view.resource.reference.region.as_str();
                of_view == region || of_view == GLOBAL
            };
            regions
                .into_iter()
                .map(|region| {
                    let places = (0..).zip(&self.views).filter(|(_, view)| is_at(view, &region));
                    let places = places.map(|(place, _)| place).collect();
                    (region, places)
                })
                .collect()
        });
        index.get(region).or_else(|| index.get(GLOBAL)).cloned().unwrap_or_default()
    }

    fn index(&'v self, field: &str) -> Arc<Index> {
        if let Some(index) = self.indexes.read().ok().and_then(|indexes| indexes.get(field).cloned()) {
            return index;
        }
        let path = FieldPath::parse(field);
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        for (place, view) in (0..).zip(&self.views) {
            for text in texts_at(view, &path) {
                places.entry(text).or_default().push(place);
            }
        }
        let index: Index = places.into_iter().map(|(text, places)| (text, places.into())).collect();
        let index = Arc::new(index);
        if let Ok(mut indexes) = self.indexes.write() {
            indexes.insert(field.to_owned(), Arc::clone(&index));
        }
        index
    }
}

/// The distinct texts at a path, lists gone through.
fn texts_at<'v>(view: &'v View<'v>, path: &FieldPath) -> Vec<String> {
    let mut fields = path.0.iter().filter_map(|segment| match segment {
        Segment::Field(field) => Some(field.as_str()),
        Segment::Each => None,
    });
    let Some(head) = fields.next() else { return Vec::new() };
    // what could not be read relates to nothing that is known
    let Ok(Some(head)) = view.get(head) else { return Vec::new() };
    let mut texts = Vec::new();
    gather(&head, &fields.collect::<Vec<_>>(), &mut texts);
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn gather(value: &Value<'_>, fields: &[&str], texts: &mut Vec<String>) {
    match (value, fields.split_first()) {
        (Value::List(List::Document(Json::Array(items))), _) => {
            for item in items {
                gather(&Value::of(item), fields, texts);
            }
        }
        (Value::Map(map), Some((field, rest))) => {
            if let Ok(Some(member)) = map.get(field) {
                gather(&member, rest, texts);
            }
        }
        (Value::Text(text), None) => texts.push(text.as_str().to_owned()),
        (Value::Int(number), None) => texts.push(number.to_string()),
        _ => {}
    }
}
