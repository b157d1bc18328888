//! The other resources of a scope, for rules that look at more than one.

use crate::oracle::value::{List, Map, Node, Unreadable};
use cel::common::types::Type;
use cel::common::value::{StaticVal, Val};
use stance_catalog::{AttributeDefinition, FieldPath, ResourceTypeDefinition, SupportDates};
use stance_model::{AttributeState, Listing, ListingState, Resource, UnknownCause};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The resources of a scope by type, and what is missing of them.
#[derive(Debug, Default)]
pub(crate) struct Estate {
    types: HashMap<String, TypeEstate>,
    support: Arc<SupportDates>,
}

#[derive(Debug, Default)]
struct TypeEstate {
    members: Vec<Member>,
    /// Regions whose listing failed, `global` among them, and why.
    gaps: Vec<(String, Unreadable)>,
    indexes: std::sync::RwLock<HashMap<String, Arc<Index>>>,
}

type Index = HashMap<String, Vec<Node>>;

#[derive(Debug)]
struct Member {
    region: String,
    map: Map,
}

/// The name under which things live that belong to no region.
const GLOBAL: &str = stance_model::Region::GLOBAL;

impl Estate {
    /// An estate of nothing yet.
    pub fn new(support: Arc<SupportDates>) -> Self {
        Self { types: HashMap::new(), support }
    }

    /// When the provider stops to support versions of things.
    pub fn support(&self) -> &SupportDates {
        &self.support
    }

    /// Adds what is known of a type.
    pub fn add(
        &mut self,
        definition: &ResourceTypeDefinition,
        resources: &[&Resource],
        listings: &[&Listing],
    ) {
        let members = resources
            .iter()
            .map(|resource| Member {
                region: resource.reference.region.as_str().to_owned(),
                map: to_map(resource, &definition.attributes),
            })
            .collect();
        let what = definition.title.clone();
        let mut gaps: Vec<(String, Unreadable)> = listings
            .iter()
            .filter_map(|listing| match &listing.state {
                ListingState::Unreadable { failure } => Some((
                    listing.region.as_str().to_owned(),
                    Unreadable(Arc::new(UnknownCause::Unreadable {
                        what: what.clone(),
                        failure: (**failure).clone(),
                    })),
                )),
                ListingState::Read { .. } | ListingState::Unsupported => None,
            })
            .collect();
        if listings.is_empty() {
            gaps.push((GLOBAL.to_owned(), Unreadable(Arc::new(UnknownCause::NotRead { what }))));
        }
        self.types.insert(
            definition.name.as_str().to_owned(),
            TypeEstate { members, gaps, indexes: std::sync::RwLock::default() },
        );
    }

    fn of_type(&self, name: &str) -> &TypeEstate {
        static EMPTY: OnceLock<TypeEstate> = OnceLock::new();
        self.types.get(name).unwrap_or_else(|| EMPTY.get_or_init(TypeEstate::default))
    }

    /// All resources of a type.
    pub fn all(&self, name: &str) -> List {
        let of_type = self.of_type(name);
        let items = of_type.members.iter().map(|member| Node::Map(member.map.clone())).collect();
        List::of(items, of_type.gaps.first().map(|(_, gap)| gap.clone()))
    }

    /// The resources of a type in a region, and those that belong to none.
    pub fn here(&self, name: &str, region: &str) -> List {
        let of_type = self.of_type(name);
        let items = of_type
            .members
            .iter()
            .filter(|member| member.region == region || member.region == GLOBAL)
            .map(|member| Node::Map(member.map.clone()))
            .collect();
        List::of(items, of_type.gap_at(region))
    }

    /// The resources of a type whose field has that value.
    pub fn related(&self, name: &str, field: &str, value: &str, region: &str) -> List {
        let of_type = self.of_type(name);
        let items = of_type.index(field).get(value).cloned().unwrap_or_default();
        List::of(items, of_type.gap_at(region))
    }
}

impl TypeEstate {
    /// What is missing for someone who stands in a region: the region's own listing or the global
    /// one; from nowhere, any.
    fn gap_at(&self, region: &str) -> Option<Unreadable> {
        self.gaps
            .iter()
            .find(|(where_failed, _)| region == GLOBAL || where_failed == region || where_failed == GLOBAL)
            .map(|(_, gap)| gap.clone())
    }

    fn index(&self, field: &str) -> Arc<Index> {
        if let Some(index) = self.indexes.read().ok().and_then(|indexes| indexes.get(field).cloned()) {
            return index;
        }
        let path = FieldPath::parse(field);
        let mut index = Index::new();
        for member in &self.members {
            let node = Node::Map(member.map.clone());
            for value in texts_at(&node, &path) {
                index.entry(value).or_default().push(node.clone());
            }
        }
        let index = Arc::new(index);
        if let Ok(mut indexes) = self.indexes.write() {
            indexes.insert(field.to_owned(), Arc::clone(&index));
        }
        index
    }
}

/// The distinct texts at a path, lists gone through.
fn texts_at(node: &Node, path: &FieldPath) -> Vec<String> {
    let mut nodes = vec![node.clone()];
    for segment in &path.0 {
        if let stance_catalog::Segment::Field(field) = segment {
            nodes = nodes
                .iter()
                .flat_map(elements)
                .filter_map(|node| match node {
                    Node::Map(map) => map.get(field).cloned(),
                    _ => None,
                })
                .collect();
        }
    }
    let mut texts: Vec<String> = nodes
        .iter()
        .flat_map(elements)
        .filter_map(|node| match node {
            Node::Text(text) => Some(text.inner().to_owned()),
            Node::Int(number) => Some(number.inner().to_string()),
            _ => None,
        })
        .collect();
    texts.sort();
    texts.dedup();
    texts
}

fn elements(node: &Node) -> Vec<Node> {
    match node {
        Node::List(list) => list.items().iter().flat_map(elements).collect(),
        other => vec![other.clone()],
    }
}

/// A resource as a value of the expression language. Its own fields win over the common ones.
pub(crate) fn to_map(resource: &Resource, attributes: &[AttributeDefinition]) -> Map {
    let reference = &resource.reference;
    let common = [
        ("id", reference.id.as_str()),
        ("name", reference.name.as_str()),
        ("region", reference.region.as_str()),
        ("scope", reference.scope.as_str()),
        ("type", reference.resource_type.as_str()),
    ];
    let tags = Map::of(resource.tags.iter().map(|(key, value)| (key.as_str(), Node::text(value))));
    let common =
        common.into_iter().map(|(name, value)| (name, Node::text(value))).chain([("tags", Node::Map(tags))]);
    let fields = resource.fields.iter().filter_map(|(name, value)| Some((name.as_str(), Node::of(value)?)));
    let attributes = attributes.iter().filter_map(|definition| {
        let name = definition.name.as_str();
        let unreadable = |cause| Some((name, Node::Unreadable(Unreadable(Arc::new(cause)))));
        match resource.attributes.get(name).map(|attribute| &attribute.state) {
            Some(AttributeState::Known { value }) => Some((name, Node::of(value)?)),
            Some(AttributeState::Absent) => None,
            Some(AttributeState::Unreadable { failure }) => {
                unreadable(UnknownCause::Unreadable { what: name.to_owned(), failure: failure.clone() })
            }
            None => unreadable(UnknownCause::NotRead { what: name.to_owned() }),
        }
    });
    Map::of(common.chain(fields).chain(attributes))
}

/// The estate as a resource sees it from where it stands.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub estate: Arc<Estate>,
    pub region: Arc<str>,
}

static VIEW: Type = Type::new_unspecified_type("estate");

impl StaticVal for View {}
impl Val for View {
    crate::oracle::value::shared_value!(VIEW);
}
