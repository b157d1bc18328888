//! The provider's published API shapes, as far as checking paths needs them.

use crate::ApiModelFiles;
use crate::{Conversion, FieldPath, Segment};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Shapes of all services, each read when first asked for.
pub(crate) struct Shapes {
    files: ApiModelFiles,
    services: RefCell<HashMap<String, Option<Rc<Value>>>>,
}

/// What stands at a path.
#[derive(Clone)]
pub(crate) enum Shape {
    /// A shape of the API model.
    Modelled { model: Rc<Value>, name: String },
    /// Rows of a table.
    Rows(Vec<String>),
    /// One row of a table.
    Row(Vec<String>),
    /// What a path through lists gathered: a list of these.
    Gathered(Box<Shape>),
    /// Free-form: JSON in a text, or the result of a function.
    Any,
    /// A text or number.
    Scalar,
    /// Fields that the catalog itself defines.
    Fields(&'static [&'static str]),
}

/// A step that the API model does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoSuchField {
    pub field: String,
    pub known: Vec<String>,
}

impl Shapes {
    /// Shapes of the services that the files tell of.
    pub fn new(files: ApiModelFiles) -> Self {
        Self { files, services: RefCell::default() }
    }

    fn service(&self, service: &str) -> Option<Rc<Value>> {
        self.services
            .borrow_mut()
            .entry(service.to_owned())
            .or_insert_with(|| {
                let bytes = self.files.service(service)?;
                serde_json::from_slice(&bytes).ok().map(Rc::new)
            })
            .clone()
    }

    /// The answer of an operation; nothing where the model does not have the operation.
    pub fn answer(&self, service: &str, operation: &str) -> Option<Shape> {
        let model = self.service(service)?;
        let operation = model.get("ops")?.get(operation)?;
        match operation.get("out").and_then(Value::as_str) {
            Some(name) => Some(Shape::Modelled { name: name.to_owned(), model: model.clone() }),
            None => Some(Shape::Fields(&[])),
        }
    }

    /// Names of the input members of an operation.
    pub fn inputs(&self, service: &str, operation: &str) -> Vec<String> {
        let Some(model) = self.service(service) else { return Vec::new() };
        model
            .get("ops")
            .and_then(|operations| operations.get(operation)?.get("in")?.as_str())
            .map(|name| Shape::Modelled { name: name.to_owned(), model: model.clone() }.members())
            .unwrap_or_default()
    }
}

impl Shape {
    fn node(&self) -> Option<&Value> {
        match self {
            Self::Modelled { model, name } => model.get("shapes")?.get(name),
            _ => None,
        }
    }

    fn target(&self, reference: &Value) -> Self {
        match (self, reference.get("t").and_then(Value::as_str)) {
            (Self::Modelled { model, .. }, Some(name)) => {
                Self::Modelled { model: model.clone(), name: name.to_owned() }
            }
            _ => Self::Any,
        }
    }

    fn kind(&self) -> Option<&str> {
        self.node()?.get("k")?.as_str()
    }

    /// Names of the members of a structure.
    pub fn members(&self) -> Vec<String> {
        match self {
            Self::Row(columns) => columns.clone(),
            Self::Fields(fields) => fields.iter().map(|field| (*field).to_owned()).collect(),
            _ => self
                .node()
                .and_then(|node| node.get("m")?.as_object())
                .map(|members| members.keys().cloned().collect())
                .unwrap_or_default(),
        }
    }

    /// One step further.
    pub fn step(&self, segment: &Segment) -> Result<Self, NoSuchField> {
        match (self, segment) {
            (Self::Any, _) => return Ok(Self::Any),
            (Self::Gathered(element), Segment::Each) => return Ok((**element).clone()),
            (Self::Rows(columns), Segment::Each) => return Ok(Self::Row(columns.clone())),
            (Self::Row(columns), Segment::Field(field)) if columns.contains(field) => {
                return Ok(Self::Scalar);
            }
            (Self::Fields(fields), Segment::Field(field)) if fields.contains(&field.as_str()) => {
                return Ok(Self::Scalar);
            }
            _ => {}
        }
        let node = self.node();
        match (self.kind(), segment) {
            (Some("document"), _) => Ok(Self::Any),
            (Some("map"), Segment::Field(_)) => {
                Ok(node.and_then(|node| node.get("v")).map_or(Self::Any, |value| self.target(value)))
            }
            // going through a map visits its keys
            (Some("map"), Segment::Each) => Ok(Self::Scalar),
            (Some("list"), Segment::Each) => {
                Ok(node.and_then(|node| node.get("e")).map_or(Self::Any, |element| self.target(element)))
            }
            (_, Segment::Field(field)) => node
                .and_then(|node| node.get("m")?.get(field))
                .map(|member| self.target(member))
                .ok_or_else(|| NoSuchField { field: field.clone(), known: self.members() }),
            (_, Segment::Each) => Err(NoSuchField { field: "[]".into(), known: self.members() }),
        }
    }

    /// What stands at a path.
    pub fn at(&self, path: &FieldPath) -> Result<Self, NoSuchField> {
        path.0.iter().try_fold(self.clone(), |shape, segment| shape.step(segment))
    }

    /// What stands at a path that goes through lists without saying so.
    pub fn at_through_lists(&self, path: &FieldPath) -> Result<Self, NoSuchField> {
        path.0.iter().try_fold(self.clone(), |shape, segment| match (&shape, shape.kind()) {
            (Self::Gathered(_), _) | (_, Some("list")) if *segment != Segment::Each => {
                shape.step(&Segment::Each)?.step(segment)
            }
            _ => shape.step(segment),
        })
    }

    /// What an attribute takes of an answer: a path through lists gathers what stands at its end.
    pub fn taken(&self, take: &FieldPath) -> Result<Self, NoSuchField> {
        let shape = self.at(take)?;
        let gathers = take.0.contains(&Segment::Each);
        Ok(if gathers { Self::Gathered(Box::new(shape)) } else { shape })
    }

    /// What becomes of the shape when its text is understood.
    pub fn converted(self, conversion: Option<&Conversion>) -> Self {
        match conversion {
            None => self,
            Some(Conversion::Json) => Self::Any,
            Some(Conversion::Csv { columns }) => Self::Rows(columns.clone()),
        }
    }
}
