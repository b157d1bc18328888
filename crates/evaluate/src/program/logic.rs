//! Conditions: what is true or false, and what an error on one side means.

use super::run::{Run, pair};
use super::{Order, Step};
use crate::failure::Failure;
use crate::operators;
use crate::value::Value;
use std::cmp::Ordering;

impl Order {
    const fn operator(self) -> &'static str {
        match self {
            Self::Less => "_<_",
            Self::LessOrEqual => "_<=_",
            Self::Greater => "_>_",
            Self::GreaterOrEqual => "_>=_",
        }
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Step {
    /// Whether the step's value is true; a value that is no truth is a [`Failure::NotTruth`].
    pub(super) fn holds<'v>(&'v self, run: &mut Run<'v>) -> Result<bool, Failure<'v>> {
        match self {
            Self::Constant(constant) if let Some(truth) = constant.truth() => Ok(truth),
            Self::Not(operand) => operand.holds(run).map(|holds| !holds).map_err(Failure::truth_needed),
            Self::Or(operands) => connected(operands, run, "_||_", true),
            Self::And(operands) => connected(operands, run, "_&&_", false),
            Self::Conditional(steps) => {
                let [condition, yes, no] = &**steps;
                let holds = condition.holds(run).map_err(Failure::truth_needed)?;
                if holds { yes.holds(run) } else { no.holds(run) }
            }
            Self::Has(operand, name) => has(&operand.value(run)?, name, run),
            Self::Equal(operands) => {
                let (left, right) = pair(operands, run)?;
                Ok(operators::equal(&left, &right, &mut run.touched))
            }
            Self::NotEqual(operands) => {
                let (left, right) = pair(operands, run)?;
                Ok(!operators::equal(&left, &right, &mut run.touched))
            }
            Self::EqualText(operand, text) => match operand.value(run)? {
                Value::Text(left) => Ok(left.as_str() == &**text),
                other => Ok(operators::equal(&other, &Value::text(text), &mut run.touched)),
            },
            Self::Order(order, operands) => {
                let (left, right) = pair(operands, run)?;
                match operators::order(&left, &right) {
                    Some(ordering) => Ok(order.holds(ordering)),
                    None => Err(Failure::operator(order.operator(), &[&left, &right])),
                }
            }
            Self::In(operands) => {
                let (item, container) = pair(operands, run)?;
                operators::contains(&item, &container, &mut run.touched)
            }
            Self::InTexts(operand, texts) => match operand.value(run)? {
                Value::Text(text) => Ok(texts.iter().any(|known| **known == *text.as_str())),
                other => Ok(texts
                    .first()
                    .is_some_and(|text| operators::equal(&other, &Value::text(text), &mut run.touched))),
            },
            Self::Matches(operand, pattern) => match operand.value(run)? {
                Value::Text(text) => Ok(pattern.is_match(text.as_str())),
                other => Err(Failure::NoOverload {
                    function: "matches",
                    method: true,
                    types: [other.type_name(), "string"].into(),
                }),
            },
            Self::Loop(comprehension) => comprehension.holds(run),
            _ => match self.value(run)? {
                Value::Bool(holds) => Ok(holds),
                other => Err(Failure::NotTruth(other.type_name())),
            },
        }
    }
}

/// `||` where `decides` is true, `&&` where it is false: the side that decides outweighs an error on
/// the other.
fn connected<'v>(
    operands: &'v [Step; 2],
    run: &mut Run<'v>,
    operator: &'static str,
    decides: bool,
) -> Result<bool, Failure<'v>> {
    let [left, right] = operands;
    let left = left.holds(run);
    if matches!(left, Ok(truth) if truth == decides) {
        return Ok(decides);
    }
    let (truth, right_type) = match right.holds(run) {
        Ok(truth) => (Some(truth), "bool"),
        Err(Failure::NotTruth(name)) => (None, name),
        Err(failure) => return Err(failure),
    };
    let no_overload =
        |left| Failure::NoOverload { function: operator, method: false, types: [left, right_type].into() };
    match (left, truth) {
        (Ok(_), Some(truth)) => Ok(truth),
        (Err(_), Some(truth)) if truth == decides => Ok(decides),
        (Ok(_), None) => Err(no_overload("bool")),
        (Err(Failure::NotTruth(left) | Failure::UnexpectedType { got: left, want: "bool" }), _) => {
            Err(no_overload(left))
        }
        (Err(failure), _) => Err(failure),
    }
}

/// Whether a field is there.
fn has<'v>(operand: &Value<'v>, name: &'v str, run: &mut Run<'v>) -> Result<bool, Failure<'v>> {
    let key = Value::text(name);
    match operand {
        Value::Optional(None) => Ok(false),
        Value::Optional(Some(inner)) => match operators::at(inner, &key, &mut run.touched) {
            Err(Failure::Mismatch) => Err(operators::no_such(inner, &key)),
            found => Ok(matches!(found, Ok(Some(_)))),
        },
        _ => match operators::at(operand, &key, &mut run.touched) {
            Ok(found) => Ok(found.is_some()),
            Err(Failure::Mismatch) => Err(Failure::operator("_._", &[operand, &key])),
            Err(other) => Err(other),
        },
    }
}
