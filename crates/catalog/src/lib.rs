//! What Stance knows, as data: resource types, rules and benchmarks, loaded, checked and planned.
//!
//! The format is described in `docs/catalog.md`. From the fields that a rule's expressions read,
//! this crate derives which calls to make and which permissions they take.

mod api_model_files;
mod benchmark;
mod catalog;
mod check;
mod error;
mod example;
mod expression;
mod functions;
mod path;
mod permission;
mod plan;
mod resource_type;
mod rule;
mod selection;
mod shape;
mod source;
mod support_dates;
mod template;

pub use api_model_files::ApiModelFiles;
pub use benchmark::{Benchmark, Control, Section};
pub use catalog::Catalog;
pub use check::check;
pub use error::{CatalogError, Problem};
pub use example::{Example, ExampleResources, ExampleState};
pub use expression::{Expression, OPTIONAL_FIELD};
pub use functions::{FUNCTIONS, Function, LANGUAGE};
pub use path::{FieldPath, Segment};
pub use permission::{Permissions, PolicyGap};
pub use plan::{Plan, PlannedType};
pub use resource_type::{
    AbsentAnswer, AttributeDefinition, Call, Conversion, ListDefinition, ListKind, Preparation, ReadScope,
    ResourceTypeDefinition,
};
pub use rule::{Aliases, Compiled, Escalation, Parameter, ParameterType, Rule, RuleText};
pub use selection::{Selection, SelectionError};
pub use source::{Part, Source};
pub use support_dates::{SupportDates, SupportEnd};
pub use template::Template;
