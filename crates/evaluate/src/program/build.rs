//! Programs of parsed expressions.

use super::{Call, Constant, Element, Loop, LoopKind, Order, Program, Step};
use crate::functions::{self, Function};
use crate::operators::Arithmetic;
use crate::value::Json;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators,
};
use regex::Regex;
use serde_json::Map as Members;
use stance_catalog::{Expression, OPTIONAL_FIELD};
use std::collections::HashMap;
use thiserror::Error;

/// An expression that the parser takes and Stance does not.
#[derive(Debug, Error)]
pub(crate) enum Unbuildable {
    /// A literal of a kind that no document has.
    #[error("bytes cannot be written here; write a text")]
    Bytes,
    /// A message of a schema.
    #[error("messages cannot be built here; write a map")]
    Message,
    /// A comprehension that is none of the language's macros.
    #[error("this loop is not known; use `exists`, `all`, `exists_one`, `map` or `filter`")]
    Loop,
    /// A function that is not there.
    #[error("there is no function `{0}` with {1} arguments")]
    Function(String, usize),
    /// Nothing where an expression should be.
    #[error("an expression is missing")]
    Missing,
}

/// Names of types, which are values.
const TYPES: [&str; 8] = ["list", "map", "string", "int", "uint", "double", "bool", "null_type"];

/// Builds the programs of one rule.
#[derive(Debug)]
pub(crate) struct Builder<'b> {
    /// The rule's parameters, if it has any.
    parameters: Option<Json>,
    patterns: &'b mut Patterns,
    variables: Vec<String>,
    most_variables: usize,
}

/// Patterns by their text, each made once for all rules.
pub(crate) type Patterns = HashMap<String, Regex>;

impl<'b> Builder<'b> {
    /// A builder for a rule with these parameters; nulls are left out of them.
    pub fn new(parameters: Members<String, Json>, patterns: &'b mut Patterns) -> Self {
        let parameters = (!parameters.is_empty())
            .then(|| crate::document::without_nulls(Json::Object(parameters)))
            .flatten();
        Self { parameters, patterns, variables: Vec::new(), most_variables: 0 }
    }

    /// The program of an expression.
    ///
    /// # Errors
    /// What in it cannot be run.
    pub fn build(&mut self, expression: &Expression) -> Result<Program, Unbuildable> {
        self.most_variables = 0;
        let step = self.step(&expression.ast)?;
        Ok(Program { step, variables: self.most_variables })
    }

    fn step(&mut self, expression: &IdedExpr) -> Result<Step, Unbuildable> {
        Ok(match &expression.expr {
            Expr::Literal(literal) => Step::Constant(constant(literal)?),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.select(select)?,
            Expr::Call(call) => self.call(call)?,
            Expr::List(list) => {
                let elements = list.elements.iter().enumerate().map(|(index, element)| {
                    let optional = list.optional_indices.contains(&index);
                    Ok(Element { step: self.step(element)?, optional })
                });
                let elements: Vec<Element> = elements.collect::<Result<_, _>>()?;
                match document_of_list(&elements) {
                    Some(json) => Step::Constant(Constant::Document(json)),
                    None => Step::List(elements.into()),
                }
            }
            Expr::Map(map) => {
                let mut members = Vec::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else { return Err(Unbuildable::Message) };
                    let key = self.step(&entry.key)?;
                    members.push((key, Element { step: self.step(&entry.value)?, optional: entry.optional }));
                }
                match document_of_map(&members) {
                    Some(json) => Step::Constant(Constant::Document(json)),
                    None => Step::Map(members.into()),
                }
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension)?,
            Expr::Struct(_) => return Err(Unbuildable::Message),
            Expr::Unspecified => return Err(Unbuildable::Missing),
        })
    }

    fn boxed(&mut self, expression: &IdedExpr) -> Result<Box<Step>, Unbuildable> {
        self.step(expression).map(Box::new)
    }

    fn name(&self, name: &str) -> Step {
        if let Some(place) = self.variables.iter().rposition(|variable| variable == name) {
            return Step::Variable(place);
        }
        match name {
            "resource" => Step::Resource,
            "account" => Step::Account,
            "region" => Step::Region,
            "now" => Step::Now,
            "item" => Step::Item,
            "params" if let Some(parameters) = &self.parameters => {
                Step::Constant(Constant::Document(parameters.clone()))
            }
            _ => TYPES
                .iter()
                .find(|known| **known == name)
                .map_or_else(|| Step::Undeclared(name.into()), |name| Step::Constant(Constant::Type(name))),
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Result<Step, Unbuildable> {
        let operand = self.boxed(&select.operand)?;
        let field = select.field.as_str();
        Ok(match *operand {
            _ if select.test => Step::Has(operand, field.into()),
            Step::Resource => Step::Field(field.into()),
            // parameters are known beforehand
            Step::Constant(Constant::Document(ref json)) if let Some(value) = json.get(field) => {
                Step::Constant(constant_of(value))
            }
            _ => Step::Select(operand, field.into()),
        })
    }

    fn call(&mut self, call: &CallExpr) -> Result<Step, Unbuildable> {
        let name = call.func_name.as_str();
        if call.target.is_none()
            && let Some(step) = self.operator(name, &call.args)?
        {
            return Ok(step);
        }
        let mut arguments = Vec::with_capacity(call.args.len() + 1);
        if let Some(target) = &call.target {
            arguments.push(self.step(target)?);
        }
        for argument in &call.args {
            arguments.push(self.step(argument)?);
        }
        let function = functions::find(name, call.target.is_some(), arguments.len())
            .ok_or_else(|| Unbuildable::Function(name.to_owned(), call.args.len()))?;
        Ok(self.function(function, arguments))
    }

    /// A call, or the step that does the same quicker.
    fn function(&mut self, function: &'static Function, arguments: Vec<Step>) -> Step {
        match (function.name, <[Step; 2]>::try_from(arguments)) {
            ("orValue", Ok(operands)) => Step::OrValue(Box::new(operands)),
            ("matches", Ok([text, Step::Constant(Constant::Text(pattern))])) => {
                match self.pattern(&pattern) {
                    Some(pattern) => Step::Matches(Box::new(text), pattern),
                    // what is wrong with it is told where it is used
                    None => Step::Call(Box::new(Call {
                        function,
                        arguments: [text, Step::Constant(Constant::Text(pattern))].into(),
                    })),
                }
            }
            (_, Ok(operands)) => Step::Call(Box::new(Call { function, arguments: operands.into() })),
            (_, Err(arguments)) => Step::Call(Box::new(Call { function, arguments: arguments.into() })),
        }
    }

    fn pattern(&mut self, text: &str) -> Option<Regex> {
        if let Some(known) = self.patterns.get(text) {
            return Some(known.clone());
        }
        let made = Regex::new(text).ok()?;
        self.patterns.insert(text.to_owned(), made.clone());
        Some(made)
    }

    /// The step of an operator; nothing if the name is none.
    fn operator(&mut self, name: &str, operands: &[IdedExpr]) -> Result<Option<Step>, Unbuildable> {
        let order = |order| move |operands| Step::Order(order, operands);
        let calculate = |how| move |operands| Step::Calculate(how, operands);
        Ok(Some(match operands {
            [operand] => match name {
                operators::LOGICAL_NOT => Step::Not(self.boxed(operand)?),
                operators::NEGATE => Step::Negate(self.boxed(operand)?),
                _ => return Ok(None),
            },
            [condition, yes, no] if name == operators::CONDITIONAL => {
                Step::Conditional(Box::new([self.step(condition)?, self.step(yes)?, self.step(no)?]))
            }
            [left, right] => {
                let step: Box<dyn FnOnce(Box<[Step; 2]>) -> Step> = match name {
                    operators::LOGICAL_AND => Box::new(Step::And),
                    operators::LOGICAL_OR => Box::new(Step::Or),
                    operators::EQUALS => Box::new(equal),
                    operators::NOT_EQUALS => Box::new(|operands| match equal(operands) {
                        Step::Equal(operands) => Step::NotEqual(operands),
                        quicker => Step::Not(Box::new(quicker)),
                    }),
                    operators::LESS => Box::new(order(Order::Less)),
                    operators::LESS_EQUALS => Box::new(order(Order::LessOrEqual)),
                    operators::GREATER => Box::new(order(Order::Greater)),
                    operators::GREATER_EQUALS => Box::new(order(Order::GreaterOrEqual)),
                    operators::ADD => Box::new(calculate(Arithmetic::Add)),
                    operators::SUBSTRACT => Box::new(calculate(Arithmetic::Subtract)),
                    operators::MULTIPLY => Box::new(calculate(Arithmetic::Multiply)),
                    operators::DIVIDE => Box::new(calculate(Arithmetic::Divide)),
                    operators::MODULO => Box::new(calculate(Arithmetic::Remainder)),
                    operators::IN => Box::new(among),
                    operators::INDEX => Box::new(Step::Index),
                    OPTIONAL_FIELD => Box::new(optional),
                    _ => return Ok(None),
                };
                step(Box::new([self.step(left)?, self.step(right)?]))
            }
            _ => return Ok(None),
        }))
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Result<Step, Unbuildable> {
        let range = self.step(&comprehension.iter_range)?;
        let variable = self.variables.len();
        self.variables.push(comprehension.iter_var.clone());
        self.most_variables = self.most_variables.max(self.variables.len());
        let kind = self.loop_kind(comprehension);
        self.variables.pop();
        Ok(Step::Loop(Box::new(Loop { range, variable, kind: kind? })))
    }

    /// Which of the language's macros the comprehension was.
    fn loop_kind(&mut self, comprehension: &ComprehensionExpr) -> Result<LoopKind, Unbuildable> {
        let is_so_far =
            |step: &IdedExpr| matches!(&step.expr, Expr::Ident(name) if *name == comprehension.accu_var);
        let Expr::Call(step) = &comprehension.loop_step.expr else { return Err(Unbuildable::Loop) };
        let start = &comprehension.accu_init.expr;
        match (step.func_name.as_str(), step.args.as_slice(), start) {
            (operators::LOGICAL_OR, [so_far, condition], Expr::Literal(LiteralValue::Boolean(_)))
                if is_so_far(so_far) =>
            {
                self.step(condition).map(LoopKind::Exists)
            }
            (operators::LOGICAL_AND, [so_far, condition], Expr::Literal(LiteralValue::Boolean(_)))
                if is_so_far(so_far) =>
            {
                self.step(condition).map(LoopKind::All)
            }
            (operators::CONDITIONAL, [condition, _, so_far], Expr::Literal(LiteralValue::Int(_)))
                if is_so_far(so_far) =>
            {
                self.step(condition).map(LoopKind::ExistsOne)
            }
            (operators::CONDITIONAL, [condition, append, so_far], Expr::List(_)) if is_so_far(so_far) => {
                let condition = Some(self.step(condition)?);
                Ok(LoopKind::Take { condition, element: self.appended(&append.expr)? })
            }
            (operators::ADD, _, Expr::List(_)) => {
                Ok(LoopKind::Take { condition: None, element: self.appended(&comprehension.loop_step.expr)? })
            }
            _ => Err(Unbuildable::Loop),
        }
    }

    /// The element `e` in `so far + [e]`.
    fn appended(&mut self, append: &Expr) -> Result<Step, Unbuildable> {
        if let Expr::Call(call) = append
            && call.func_name == operators::ADD
            && let [_, appended] = call.args.as_slice()
            && let Expr::List(list) = &appended.expr
            && let [element] = list.elements.as_slice()
        {
            return self.step(element);
        }
        Err(Unbuildable::Loop)
    }
}

fn constant(literal: &LiteralValue) -> Result<Constant, Unbuildable> {
    Ok(match literal {
        LiteralValue::Boolean(truth) => Constant::Bool(*truth.inner()),
        LiteralValue::Int(number) => Constant::Int(*number.inner()),
        LiteralValue::UInt(number) => Constant::UInt(*number.inner()),
        LiteralValue::Double(number) => Constant::Double(*number.inner()),
        LiteralValue::String(text) => Constant::Text(text.inner().into()),
        LiteralValue::Null => Constant::Null,
        LiteralValue::Bytes(_) => return Err(Unbuildable::Bytes),
    })
}

fn constant_of(json: &Json) -> Constant {
    match json {
        Json::String(text) => Constant::Text(text.as_str().into()),
        Json::Bool(truth) => Constant::Bool(*truth),
        other => Constant::Document(other.clone()),
    }
}

/// The constant as a part of a document, if it can be one and be read back as it was.
fn document_of(step: &Step) -> Option<Json> {
    let Step::Constant(constant) = step else { return None };
    match constant {
        Constant::Bool(truth) => Some(Json::Bool(*truth)),
        Constant::Int(number) => Some(Json::from(*number)),
        Constant::Double(number) => serde_json::Number::from_f64(*number).map(Json::Number),
        Constant::Text(text) => Some(Json::from(&**text)),
        Constant::Document(json) => Some(json.clone()),
        Constant::Null | Constant::UInt(_) | Constant::Type(_) => None,
    }
}

fn document_of_list(elements: &[Element]) -> Option<Json> {
    let items = elements.iter().map(|element| document_of(&element.step).filter(|_| !element.optional));
    items.collect::<Option<Vec<_>>>().map(Json::Array)
}

fn document_of_map(members: &[(Step, Element)]) -> Option<Json> {
    let mut made = Members::new();
    for (key, element) in members {
        let Step::Constant(Constant::Text(name)) = key else { return None };
        let value = document_of(&element.step).filter(|_| !element.optional)?;
        if made.insert((**name).to_owned(), value).is_some() {
            return None;
        }
    }
    Some(Json::Object(made))
}

// the steps own their operands, so the pairs are opened
#[allow(clippy::boxed_local)]
fn equal(operands: Box<[Step; 2]>) -> Step {
    match *operands {
        [operand, Step::Constant(Constant::Text(text))] | [Step::Constant(Constant::Text(text)), operand] => {
            Step::EqualText(Box::new(operand), text)
        }
        operands => Step::Equal(Box::new(operands)),
    }
}

#[allow(clippy::boxed_local)]
fn among(operands: Box<[Step; 2]>) -> Step {
    let [_, container] = &*operands;
    let texts = match container {
        Step::Constant(Constant::Document(Json::Array(items))) => {
            items.iter().map(|item| item.as_str().map(Into::into)).collect::<Option<Box<[Box<str>]>>>()
        }
        _ => None,
    };
    match (texts, *operands) {
        (Some(texts), [item, _]) => Step::InTexts(Box::new(item), texts),
        (None, operands) => Step::In(Box::new(operands)),
    }
}

#[allow(clippy::boxed_local)]
fn optional(operands: Box<[Step; 2]>) -> Step {
    match *operands {
        [operand, Step::Constant(Constant::Text(name))] => Step::Optional(Box::new(operand), name),
        operands => Step::OptionalAt(Box::new(operands)),
    }
}
