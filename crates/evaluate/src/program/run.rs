//! Running programs.

use super::{Call, Constant, Element, Program, Step};
use crate::estate::Estate;
use crate::failure::{Answer, Failure};
use crate::operators::{self, unreadable};
use crate::touched::{Cause, Touched};
use crate::value::{Key, List, Map, Value};
use crate::view::View;
use chrono::{DateTime, Utc};
use std::rc::Rc;

/// What programs run in: a resource, what surrounds it, and what running them met.
#[derive(Debug)]
pub(crate) struct Run<'v> {
    pub estate: &'v Estate<'v>,
    pub account: Option<&'v View<'v>>,
    pub now: DateTime<Utc>,
    pub resource: &'v View<'v>,
    pub region: Option<&'v View<'v>>,
    /// The item that is judged.
    pub item: Option<Value<'v>>,
    pub touched: Touched<'v>,
    /// What functions found out about the resource's documents.
    pub memory: crate::functions::Memory,
    variables: Vec<Value<'v>>,
}

/// The most arguments of a function, a method's receiver among them.
const MOST_ARGUMENTS: usize = 4;

impl<'v> Run<'v> {
    /// A run about a resource.
    pub fn about(
        resource: &'v View<'v>,
        region: Option<&'v View<'v>>,
        account: Option<&'v View<'v>>,
        estate: &'v Estate<'v>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            estate,
            account,
            now,
            resource,
            region,
            item: None,
            touched: Touched::default(),
            memory: crate::functions::Memory::default(),
            variables: Vec::new(),
        }
    }

    /// The region where the resource stands.
    pub fn region_name(&self) -> &'v str {
        self.resource.resource.reference.region.as_str()
    }

    /// What a program yields; what it met is in [`Run::touched`].
    ///
    /// # Errors
    /// Why it yields nothing.
    pub fn value(&mut self, program: &'v Program) -> Answer<'v> {
        self.start(program);
        program.step.value(self)
    }

    /// Whether a program's condition holds; what it met is in [`Run::touched`].
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn holds(&mut self, program: &'v Program) -> Result<bool, Failure<'v>> {
        self.start(program);
        program.step.holds(self)
    }

    fn start(&mut self, program: &Program) {
        self.touched.clear();
        if self.variables.len() < program.variables {
            self.variables.resize(program.variables, Value::Null);
        }
    }

    pub(super) fn bind(&mut self, variable: usize, value: Value<'v>) {
        if let Value::Unreadable(cause) = &value {
            self.touched.note(*cause);
        }
        if let Some(place) = self.variables.get_mut(variable) {
            *place = value;
        }
    }

    /// Notes the cause and fails with it.
    pub fn unreadable(&mut self, cause: Cause<'v>) -> Failure<'v> {
        unreadable(cause, &mut self.touched)
    }

    fn member(&mut self, map: &Map<'v>, name: &str) -> Result<Option<Value<'v>>, Failure<'v>> {
        map.get(name).map_err(|cause| self.unreadable(cause))
    }
}

impl Step {
    /// The value of the step.
    pub(super) fn value<'v>(&'v self, run: &mut Run<'v>) -> Answer<'v> {
        let missing = |name: &'v str| Failure::NoSuchKey(crate::value::Text::Borrowed(name));
        match self {
            Self::Constant(constant) => Ok(constant.value()),
            Self::Undeclared(name) => Err(Failure::Undeclared(name)),
            Self::Resource => Ok(Value::Map(Map::Resource(run.resource))),
            Self::Account => Ok(run.account.map_or_else(
                || Value::Map(Map::made(Vec::new())),
                |account| Value::Map(Map::Resource(account)),
            )),
            Self::Region => run
                .region
                .map(|region| Value::Map(Map::Resource(region)))
                .ok_or(Failure::Undeclared("region")),
            Self::Now => Ok(Value::Moment(run.now.fixed_offset())),
            Self::Item => run.item.clone().ok_or(Failure::Undeclared("item")),
            Self::Variable(place) => Ok(run.variables.get(*place).cloned().unwrap_or(Value::Null)),
            Self::Field(name) => match run.resource.get(name) {
                Ok(Some(value)) => Ok(value),
                Ok(None) => Err(missing(name)),
                Err(cause) => Err(run.unreadable(cause)),
            },
            Self::Select(operand, name) => match operand.value(run)? {
                Value::Map(map) => run.member(&map, name)?.ok_or_else(|| missing(name)),
                other => select(&other, name, run),
            },
            Self::Optional(..) | Self::OptionalAt(_) => self.found(run).map(Value::optional),
            Self::Index(operands) => {
                let [operand, key] = &**operands;
                let operand = operand.value(run)?;
                index(operand, key, run)
            }
            Self::OrValue(operands) => {
                let [operand, other] = &**operands;
                // as every argument, the other value is worked out whether it is needed or not
                let other = other.value(run)?;
                if operand.is_optional() {
                    return Ok(operand.found(run)?.unwrap_or(other));
                }
                match operand.value(run)? {
                    Value::Optional(Some(inner)) => Ok(Rc::unwrap_or_clone(inner)),
                    Value::Optional(None) => Ok(other),
                    operand => Err(Failure::NoOverload {
                        function: "orValue",
                        method: true,
                        types: [operand.type_name(), other.type_name()].into(),
                    }),
                }
            }
            Self::Conditional(steps) => {
                let [condition, yes, no] = &**steps;
                let holds = condition.holds(run).map_err(Failure::truth_needed)?;
                if holds { yes.value(run) } else { no.value(run) }
            }
            Self::Calculate(how, operands) => {
                let (left, right) = pair(operands, run)?;
                operators::calculate(*how, &left, &right)
            }
            Self::Negate(operand) => operators::negated(&operand.value(run)?),
            Self::Loop(comprehension) => comprehension.value(run),
            Self::List(elements) => {
                let mut items = Vec::with_capacity(elements.len());
                for element in elements {
                    items.extend(element.value(run)?);
                }
                Ok(Value::List(List::made(items)))
            }
            Self::Map(members) => map(members, run),
            Self::Call(call) => call.value(run),
            Self::Not(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Has(..)
            | Self::Equal(_)
            | Self::NotEqual(_)
            | Self::EqualText(..)
            | Self::Order(..)
            | Self::In(_)
            | Self::InTexts(..)
            | Self::Matches(..) => self.holds(run).map(Value::Bool),
        }
    }

    fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(..) | Self::OptionalAt(_))
    }

    /// What an optional selection finds: it hides a missing field, and nothing else.
    fn found<'v>(&'v self, run: &mut Run<'v>) -> Result<Option<Value<'v>>, Failure<'v>> {
        let operand = match self {
            Self::Optional(operand, _) => operand,
            Self::OptionalAt(operands) => {
                let [operand, _] = &**operands;
                operand
            }
            _ => return self.value(run).map(Some),
        };
        let operand = match operand {
            Self::Resource if let Self::Optional(_, name) = self => {
                return run.resource.get(name).map_err(|cause| run.unreadable(cause));
            }
            operand if operand.is_optional() => match operand.found(run)? {
                Some(operand) => operand,
                None => return self.nothing(run),
            },
            operand => match operand.value(run)? {
                Value::Optional(Some(inner)) => Rc::unwrap_or_clone(inner),
                Value::Optional(None) => return self.nothing(run),
                operand => operand,
            },
        };
        let found = match self {
            Self::Optional(_, name) => match &operand {
                Value::Map(map) => return run.member(map, name),
                other => operators::at(other, &Value::text(name), &mut run.touched),
            },
            Self::OptionalAt(operands) => {
                let [_, key] = &**operands;
                let key = key.value(run)?;
                operators::at(&operand, &key, &mut run.touched)
            }
            _ => return Ok(Some(operand)),
        };
        found.map_err(|failure| match failure {
            // a field of a text or number is a misreading of the answer, not a missing field
            Failure::Mismatch => {
                Failure::of("field", format_args!("a {} has no fields", operand.type_name()))
            }
            other => other,
        })
    }

    /// Nothing, once the key is worked out as every argument is.
    fn nothing<'v>(&'v self, run: &mut Run<'v>) -> Result<Option<Value<'v>>, Failure<'v>> {
        if let Self::OptionalAt(operands) = self {
            let [_, key] = &**operands;
            key.value(run)?;
        }
        Ok(None)
    }
}

impl Element {
    fn value<'v>(&'v self, run: &mut Run<'v>) -> Result<Option<Value<'v>>, Failure<'v>> {
        Ok(match (self.step.value(run)?, self.optional) {
            (Value::Optional(inner), true) => inner.map(Rc::unwrap_or_clone),
            (value, _) => Some(value),
        })
    }
}

impl Call {
    fn value<'v>(&'v self, run: &mut Run<'v>) -> Answer<'v> {
        let mut arguments: [Value<'v>; MOST_ARGUMENTS] = [const { Value::Null }; MOST_ARGUMENTS];
        let method = usize::from(self.function.method);
        // the receiver comes last, as in the language's own interpreters
        let steps = self.arguments.iter().enumerate();
        for (index, step) in steps.clone().skip(method).chain(steps.take(method)) {
            if let Some(argument) = arguments.get_mut(index) {
                *argument = step.value(run)?;
            }
        }
        let given = arguments.get(..self.arguments.len()).unwrap_or_default();
        (self.function.body)(run, given).map_err(|failure| match failure {
            Failure::Mismatch => Failure::NoOverload {
                function: self.function.name,
                method: self.function.method,
                types: given.iter().map(Value::type_name).collect(),
            },
            other => other,
        })
    }
}

pub(super) fn pair<'v>(
    operands: &'v [Step; 2],
    run: &mut Run<'v>,
) -> Result<(Value<'v>, Value<'v>), Failure<'v>> {
    let [left, right] = operands;
    Ok((left.value(run)?, right.value(run)?))
}

/// A field of something that is no map.
fn select<'v>(operand: &Value<'v>, name: &'v str, run: &mut Run<'v>) -> Answer<'v> {
    let key = Value::text(name);
    if let Value::Optional(inner) = operand {
        let Some(inner) = inner else { return Ok(Value::Optional(None)) };
        return match operators::at(inner, &key, &mut run.touched) {
            Err(Failure::Mismatch) => Err(operators::no_such(inner, &key)),
            // what could not be read is not nothing
            found => found.map(Value::optional),
        };
    }
    match operators::at(operand, &key, &mut run.touched) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(operators::no_such(operand, &key)),
        Err(Failure::Mismatch) => Err(Failure::operator("_._", &[operand, &key])),
        Err(other) => Err(other),
    }
}

/// What stands at a key; of an optional, an optional.
fn index<'v>(operand: Value<'v>, key: &'v Step, run: &mut Run<'v>) -> Answer<'v> {
    let (operand, optional) = match operand {
        Value::Optional(None) => return Ok(Value::Optional(None)),
        Value::Optional(Some(inner)) => (Rc::unwrap_or_clone(inner), true),
        operand => (operand, false),
    };
    let key = key.value(run)?;
    let found = operators::at(&operand, &key, &mut run.touched);
    match found {
        Err(Failure::Mismatch) if optional => Ok(Value::Optional(None)),
        found if optional => found.map(Value::optional),
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(operators::no_such(&operand, &key)),
        Err(Failure::Mismatch) => Err(Failure::operator("_[_]", &[&operand, &key])),
        Err(other) => Err(other),
    }
}

fn map<'v>(members: &'v [(Step, Element)], run: &mut Run<'v>) -> Answer<'v> {
    let mut made: Vec<(Key<'v>, Value<'v>)> = Vec::with_capacity(members.len());
    for (key, element) in members {
        let key = key.value(run)?;
        let Some(known) = Key::of(&key) else {
            return Err(Failure::Told(format!("a {} cannot be a key", key.type_name()).into()));
        };
        match element.value(run)? {
            None => {}
            Some(Value::Unreadable(cause)) => return Err(run.unreadable(cause)),
            Some(_) if made.iter().any(|(other, _)| other.is(&key)) => {
                return Err(Failure::Told(format!("the key `{}` stands there twice", known.name()).into()));
            }
            Some(value) => made.push((known, value)),
        }
    }
    Ok(Value::Map(Map::made(made)))
}

impl Constant {
    /// The truth that the constant is.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }
}
