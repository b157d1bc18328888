//! Lists the types of a plan in all regions and reads the attributes of what is there.

use crate::answer::{items, tags, taken};
use crate::input::{Known, input_of};
use crate::reader::Reader;
use crate::{CallFailure, Journal, Observer, ScanRegions, Transport};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value};
use stance_catalog::{
    AbsentAnswer, AttributeDefinition, Call, FieldPath, ListKind, Permissions, Plan, PlannedType,
    Preparation, ReadScope, ResourceTypeDefinition,
};
use stance_model::{
    Attribute, AttributeState, Completion, Listing, ListingState, Provider, ReadFailure, Region, Resource,
    ResourceReference, Run, ScopeDetails, ScopeId, Snapshot, Source,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many listings are made at once: more than the transport lets through, and few enough for a memory
/// that must not grow with the number of regions.
const LISTINGS_AT_ONCE: usize = 512;
/// How many resources of a listing are read at once; the transport limits the calls themselves.
const RESOURCES_AT_ONCE: usize = 32;
/// How many resources are begun before all of them must be done.
const BATCH: usize = 256;

/// What is scanned, and as whom.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The account.
    pub account: String,
    /// What is known of the account beside its number.
    pub details: Arc<ScopeDetails>,
    /// The partition, `aws`.
    pub partition: String,
    /// Who scans.
    pub identity: String,
    /// The region that is asked for global things.
    pub global_region: String,
}

/// Carries out a plan.
pub struct Collector<T> {
    scope: Scope,
    regions: ScanRegions,
    plan: Plan,
    reader: Reader<T>,
    observer: Arc<dyn Observer>,
    journal: Option<Arc<Journal>>,
    /// How many resources of a listing are read, where not all are.
    sample: Option<usize>,
}

/// A listing to make: a type in a region, possibly below a parent.
struct Task {
    planned: Arc<PlannedType>,
    /// The region to ask.
    region: String,
    /// The region that the listing is told under.
    shown: Region,
    /// The parents, each as a document.
    parents: Option<Vec<Value>>,
    /// Why there may be more parents, and so more children.
    missing_parents: Option<ReadFailure>,
}

struct Listed {
    listing: Listing,
    resources: Vec<Resource>,
}

impl<T: Transport> Collector<T> {
    /// Prepares to carry out a plan; it ends early once `stop` is true.
    pub fn new(
        transport: Arc<T>,
        scope: Scope,
        regions: ScanRegions,
        plan: Plan,
        permissions: Permissions,
        observer: Arc<dyn Observer>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let reader = Reader::new(transport, permissions, &plan, stop);
        Self { scope, regions, plan, reader, observer, journal: None, sample: None }
    }

    /// Keeps what is read in a journal, and asks for nothing that it already holds.
    #[must_use]
    pub fn with_journal(self, journal: Arc<Journal>) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Reads so many resources of each listing and no more, to see what can be read. The listings still
    /// tell how many there are.
    #[must_use]
    pub fn sampling(self, resources: usize) -> Self {
        Self { sample: Some(resources), ..self }
    }

    /// Reads everything planned. What fails costs only itself and is told in the run.
    pub async fn collect(self, as_of: Option<DateTime<Utc>>) -> Snapshot {
        let begun = Utc::now();
        let started_at = self.journal.as_ref().map_or(begun, |journal| journal.started_at());
        let resumed_at = self.journal.as_ref().filter(|journal| journal.is_resumed()).map(|_| begun);
        let this = Arc::new(self);
        let (children, roots): (Vec<Arc<PlannedType>>, Vec<_>) =
            this.plan.types.iter().cloned().map(Arc::new).partition(|planned| {
                matches!(&planned.definition.list.kind, ListKind::Call { parent: Some(_), .. })
            });
        let mut listings = Vec::new();
        let mut resources: Vec<Resource> = Vec::new();
        let tasks: Vec<Task> = roots.iter().flat_map(|planned| this.tasks(planned, &[], &[])).collect();
        this.observer.planned(tasks.len() + children.len());
        Self::carry_out(&this, tasks, &mut listings, &mut resources).await;
        // a child's parent stands before it in the plan
        for planned in children {
            let tasks = this.tasks(&planned, &listings, &resources);
            Self::carry_out(&this, tasks, &mut listings, &mut resources).await;
        }
        let mut seen = HashSet::new();
        resources.retain(|resource| {
            let reference = &resource.reference;
            let first = seen.insert((reference.resource_type.clone(), reference.id.clone()));
            if !first {
                tracing::warn!(id = %reference.id, "listed twice; kept once");
            }
            first
        });
        resources.sort_by(|left, right| {
            let key = |resource: &Resource| {
                (resource.reference.resource_type.clone(), resource.reference.id.clone())
            };
            key(left).cmp(&key(right))
        });
        listings.sort_by(|left, right| {
            (&left.resource_type, &left.region).cmp(&(&right.resource_type, &right.region))
        });
        let run = Run {
            started_at,
            ended_at: Utc::now(),
            resumed_at,
            as_of: as_of.unwrap_or(started_at),
            provider: Provider::Aws,
            scope: ScopeId::from(this.scope.account.as_str()),
            scope_details: Arc::clone(&this.scope.details),
            partition: this.scope.partition.clone(),
            identity: this.scope.identity.clone(),
            regions: this.regions.scanned.clone(),
            skipped_regions: this.regions.skipped.clone(),
            completion: this.reader.completion(),
            listings,
            calls: this.reader.counts(),
            stance_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Snapshot { run, resources }
    }

    /// The listings that a type takes: one for the scope, or one in each region. A child's parents
    /// are looked for in what was read so far.
    fn tasks(&self, planned: &Arc<PlannedType>, listings: &[Listing], resources: &[Resource]) -> Vec<Task> {
        let parent = match &planned.definition.list.kind {
            ListKind::Call { parent: Some(parent), .. } => Some(parent),
            _ => None,
        };
        let task = |region: &str, shown: Region, only_here: bool| {
            let here = |other: &Region| !only_here || other.as_str() == region;
            let parents = parent.map(|parent| {
                let of_type = resources.iter().filter(|resource| resource.reference.resource_type == *parent);
                of_type.filter(|resource| here(&resource.reference.region)).map(document).collect()
            });
            let missing_parents = parent.and_then(|parent| {
                let mut of_type = listings.iter().filter(|listing| listing.resource_type == *parent);
                of_type.find_map(|listing| match &listing.state {
                    ListingState::Unreadable { failure }
                        if here(&listing.region) || listing.region.as_str() == Region::GLOBAL =>
                    {
                        Some((**failure).clone())
                    }
                    _ => None,
                })
            });
            Task { planned: Arc::clone(planned), region: region.to_owned(), shown, parents, missing_parents }
        };
        match &planned.definition.read {
            // other partitions have their own place for such a service, or none
            ReadScope::In(region) if self.scope.partition == "aws" => {
                vec![task(region, Region::global(), false)]
            }
            ReadScope::Global | ReadScope::In(_) => {
                vec![task(&self.scope.global_region, Region::global(), false)]
            }
            ReadScope::Regional => self
                .regions
                .scanned
                .iter()
                .map(|region| task(region.as_str(), region.clone(), true))
                .collect(),
        }
    }

    async fn carry_out(
        this: &Arc<Self>,
        tasks: Vec<Task>,
        listings: &mut Vec<Listing>,
        resources: &mut Vec<Resource>,
    ) {
        let mut waiting = by_turns(tasks).into_iter();
        let mut running = JoinSet::new();
        loop {
            for task in waiting.by_ref().take(LISTINGS_AT_ONCE - running.len()) {
                let this = Arc::clone(this);
                running.spawn(async move { this.list(task).await });
            }
            match running.join_next().await {
                None => break,
                Some(Ok(listed)) => {
                    this.observer.listed(&listed.listing);
                    listings.push(listed.listing);
                    resources.extend(listed.resources);
                }
                // the listing is then missing from the run, and every rule that needs it says so
                Some(Err(error)) => tracing::error!(%error, "a listing ended unexpectedly"),
            }
        }
    }

    /// Makes a listing, or takes the one that an earlier process has made.
    async fn list(&self, task: Task) -> Listed {
        let Some(journal) = &self.journal else { return self.ask_for_list(task).await };
        if let Some(kept) = journal.take(&task.planned, &task.shown) {
            return Listed { listing: kept.listing, resources: kept.resources };
        }
        let planned = Arc::clone(&task.planned);
        let listed = self.ask_for_list(task).await;
        // what was read while the run came to its end lacks things that a later run can have
        if self.reader.completion() == Completion::Complete {
            journal.keep(&planned, &listed.listing, &listed.resources);
        }
        listed
    }

    async fn ask_for_list(&self, task: Task) -> Listed {
        let definition = &task.planned.definition;
        let (mut found, failure) = match &definition.list.kind {
            ListKind::Account => (vec![self.own_fields(&[("Id", &self.scope.account)])], None),
            ListKind::Region => (vec![self.own_fields(&[("Name", &task.region)])], None),
            ListKind::Call { call, .. } => {
                let (found, failure) = self.find(definition, call, &task).await;
                (found, failure.map(|failure| self.reader.failure(call, failure)))
            }
        };
        let source = Source { operation: operation_of(definition).into(), read_at: Utc::now() };
        let count = found.len();
        found.truncate(self.sample.unwrap_or(count));
        let reads = found.into_iter().map(|found| self.read(definition, found, &task, source.clone()));
        let resources = at_once(reads).await;
        let state = match failure.or(task.missing_parents) {
            // the region itself has answered before; the service has no host in it
            Some(failure) if failure.code == CallFailure::NO_SUCH_HOST => ListingState::Unsupported,
            Some(failure) => ListingState::Unreadable { failure: Box::new(failure) },
            None => ListingState::Read { count },
        };
        let listing = Listing { resource_type: definition.name.clone(), region: task.shown, state };
        Listed { listing, resources }
    }

    fn own_fields(&self, fields: &[(&str, &String)]) -> Found {
        let mut members: Map<String, Value> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
        members.insert("Partition".into(), Value::from(self.scope.partition.as_str()));
        Found { fields: members, parent: None }
    }

    /// The items of a listing call, for each parent if there are parents; with the first failure.
    async fn find(
        &self,
        definition: &ResourceTypeDefinition,
        call: &Call,
        task: &Task,
    ) -> (Vec<Found>, Option<CallFailure>) {
        let parents: Vec<Option<&Value>> = match &task.parents {
            Some(parents) => parents.iter().map(Some).collect(),
            None => vec![None],
        };
        let below = parents.into_iter().map(|parent| self.find_below(definition, call, task, parent));
        let outcomes = at_once(below).await;
        let mut found = Vec::new();
        let mut failure = None;
        for outcome in outcomes {
            match outcome {
                Ok(items) => found.extend(items),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        (found, failure)
    }

    async fn find_below(
        &self,
        definition: &ResourceTypeDefinition,
        call: &Call,
        task: &Task,
        parent: Option<&Value>,
    ) -> Result<Vec<Found>, CallFailure> {
        let ListKind::Call { items: path, conversion, item, conceal, .. } = &definition.list.kind else {
            return Ok(Vec::new());
        };
        let known = self.known(None, parent, &task.region);
        let Some(input) = input_of(call, &known) else { return Ok(Vec::new()) };
        let answer = self.ready(definition.list.prepare.as_ref(), &known, &task.region).await;
        let answer = match answer {
            Ok(()) => self.reader.read(call, &task.region, input, &definition.list.absent).await,
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => Ok(items(&answer, path, conversion.as_ref(), item.as_deref())?
                .into_iter()
                .map(|fields| concealed(fields, conceal))
                .map(|fields| Found { fields, parent: parent.cloned() })
                .collect()),
            Err(failure) if says_none(&failure, &definition.list.absent) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    async fn ready(
        &self,
        preparation: Option<&Preparation>,
        known: &Known<'_>,
        region: &str,
    ) -> Result<(), CallFailure> {
        let Some(preparation) = preparation else { return Ok(()) };
        let input = input_of(&preparation.call, known).unwrap_or_else(|| Value::Object(Map::new()));
        self.reader.prepare(preparation, region, &input).await
    }

    fn known<'k>(&'k self, item: Option<&'k Value>, parent: Option<&'k Value>, region: &'k str) -> Known<'k> {
        Known { item, parent, account: &self.scope.account, region, partition: &self.scope.partition }
    }

    /// Reads the attributes of an item and names it.
    async fn read(
        &self,
        definition: &ResourceTypeDefinition,
        found: Found,
        task: &Task,
        listed_by: Source,
    ) -> Resource {
        let mut item = Value::Object(found.fields.clone());
        let parent = found.parent.as_ref();
        let tags = tags(&item, definition.tags.as_ref());
        let located = definition.region.as_ref().and_then(|region| {
            region.fill(|name| self.known(Some(&item), parent, &task.region).place(name, &tags)).ok()
        });
        let region = located.clone().unwrap_or_else(|| task.region.clone());
        let mut attributes: BTreeMap<String, Attribute> = BTreeMap::new();
        let (dependent, independent): (Vec<&AttributeDefinition>, Vec<&AttributeDefinition>) =
            definition.attributes.iter().partition(|attribute| {
                attribute
                    .call
                    .inputs()
                    .iter()
                    .any(|input| input.head().is_some_and(|head| definition.attribute(head).is_some()))
            });
        {
            let known = self.known(Some(&item), parent, &region);
            let none = BTreeMap::new();
            let reads = independent.iter().map(|attribute| self.attribute(attribute, &known, &none));
            let read = at_once(reads).await;
            attributes.extend(independent.iter().map(|attribute| attribute.name.clone()).zip(read));
        }
        for attribute in dependent {
            with_attributes(&mut item, &attributes);
            let read =
                self.attribute(attribute, &self.known(Some(&item), parent, &region), &attributes).await;
            attributes.insert(attribute.name.clone(), read);
        }
        with_attributes(&mut item, &attributes);
        let known = self.known(Some(&item), parent, &region);
        let fill = |template: &stance_catalog::Template| template.fill(|name| known.place(name, &tags));
        let id = fill(&definition.id).unwrap_or_else(|missing| {
            // still a thing of its own: a digest of what is known of it would move with every change
            format!("{}/{}/{}/without-{missing}", self.scope.account, region, definition.name)
        });
        Resource {
            reference: ResourceReference {
                name: fill(&definition.display_name).unwrap_or_else(|_| id.clone()),
                id: id.into(),
                resource_type: definition.name.clone(),
                region: located.map_or_else(|| task.shown.clone(), Region::from),
                scope: self.scope.account.as_str().into(),
                provider: Provider::Aws,
            }
            .into(),
            tags,
            fields: found.fields,
            listed_by,
            attributes,
        }
    }

    async fn attribute(
        &self,
        definition: &AttributeDefinition,
        known: &Known<'_>,
        above: &BTreeMap<String, Attribute>,
    ) -> Attribute {
        let state = self.attribute_state(definition, known, above).await;
        Attribute { source: Source { operation: definition.call.name().into(), read_at: Utc::now() }, state }
    }

    async fn attribute_state(
        &self,
        definition: &AttributeDefinition,
        known: &Known<'_>,
        above: &BTreeMap<String, Attribute>,
    ) -> AttributeState {
        let Some(input) = input_of(&definition.call, known) else {
            // what the input needs may itself be unreadable, and then so is this
            let inputs = definition.call.inputs();
            let unreadable =
                inputs.iter().filter_map(|input| above.get(input.head()?)).find_map(|attribute| {
                    match &attribute.state {
                        AttributeState::Unreadable { failure } => Some(failure.clone()),
                        _ => None,
                    }
                });
            return unreadable
                .map_or(AttributeState::Absent, |failure| AttributeState::Unreadable { failure });
        };
        let answer = match self.ready(definition.prepare.as_ref(), known, known.region).await {
            Ok(()) => self.reader.read(&definition.call, known.region, input, &definition.absent).await,
            Err(failure) => Err(failure),
        };
        let value =
            answer.and_then(|answer| taken(&answer, &definition.take, definition.conversion.as_ref()));
        match value {
            Ok(Some(mut value)) => {
                conceal_at(&mut value, &definition.conceal);
                AttributeState::Known { value }
            }
            Ok(None) => AttributeState::Absent,
            Err(failure) if says_none(&failure, &definition.absent) => AttributeState::Absent,
            Err(failure) => {
                AttributeState::Unreadable { failure: self.reader.failure(&definition.call, failure) }
            }
        }
    }
}

/// The tasks so that each service in each region has its turn: those have limits of their own, and one that
/// is slow must not keep the others waiting.
fn by_turns(tasks: Vec<Task>) -> Vec<Task> {
    let mut before: HashMap<(String, String), usize> = HashMap::new();
    let mut turns: Vec<(usize, Task)> = tasks
        .into_iter()
        .map(|task| {
            let service = task.planned.definition.service.clone();
            let turn = before.entry((service, task.region.clone())).or_default();
            *turn += 1;
            (*turn, task)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, task)| task).collect()
}

fn says_none(failure: &CallFailure, absent: &[AbsentAnswer]) -> bool {
    absent.iter().any(|absent| absent.is(&failure.code, &failure.message))
}

fn concealed(fields: Map<String, Value>, paths: &[FieldPath]) -> Map<String, Value> {
    let mut item = Value::Object(fields);
    conceal_at(&mut item, paths);
    match item {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Conceals the secrets at those paths of a value.
fn conceal_at(value: &mut Value, paths: &[FieldPath]) {
    for path in paths {
        path.each_mut(value, &mut |name, found| stance_secrets::conceal(name, found));
    }
}

/// The outcomes of futures, in their order, with so many under way at once. Futures are made a batch at
/// a time: one is some kilobytes, and a type may have a hundred thousand resources.
async fn at_once<F: Future>(mut futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut outcomes = Vec::new();
    loop {
        // a list of futures rather than a stream of closures: the compiler cannot see that the latter may
        // move between threads
        let batch: Vec<F> = futures.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return outcomes;
        }
        let done: Vec<F::Output> = stream::iter(batch).buffered(RESOURCES_AT_ONCE).collect().await;
        outcomes.extend(done);
    }
}

/// An item as listed, with its parent.
struct Found {
    fields: Map<String, Value>,
    parent: Option<Value>,
}

fn operation_of(definition: &ResourceTypeDefinition) -> String {
    match &definition.list.kind {
        ListKind::Call { call, .. } => call.name(),
        // the account and its regions are known from signing in
        ListKind::Account => "sts:GetCallerIdentity".to_owned(),
        ListKind::Region => "ec2:DescribeRegions".to_owned(),
    }
}

/// Adds what is known of the attributes to an item, for the calls and names that build on them.
fn with_attributes(item: &mut Value, attributes: &BTreeMap<String, Attribute>) {
    if let Value::Object(members) = item {
        for (name, attribute) in attributes {
            if let AttributeState::Known { value } = &attribute.state {
                members.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

/// A resource as a document, for its children's inputs.
fn document(resource: &Resource) -> Value {
    let mut item = Value::Object(resource.fields.clone());
    with_attributes(&mut item, &resource.attributes);
    item
}
