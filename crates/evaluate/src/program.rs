//! Conditions made ready to run: variables are places, functions are found, constants and patterns
//! are made once, comprehensions are loops.
//!
//! A program is built of a parsed expression when the evaluator is, and is then run for each resource
//! over values that borrow from what was read.

mod build;
mod logic;
mod loops;
mod run;

pub(crate) use build::{Builder, Patterns};
pub(crate) use run::Run;

use crate::functions::Function;
use crate::operators::Arithmetic;
use crate::value::{Json, Value};
use regex::Regex;

/// A condition made ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    step: Step,
    /// How many variables its loops need at once.
    variables: usize,
}

/// One step of a program, with those that it takes its operands from.
#[derive(Debug)]
enum Step {
    Constant(Constant),
    /// A name that stands for nothing here.
    Undeclared(Box<str>),
    Resource,
    Account,
    Region,
    Now,
    /// The item that is judged.
    Item,
    /// A variable of a loop.
    Variable(usize),
    /// `resource.Name`.
    Field(Box<str>),
    /// `x.Name`.
    Select(Box<Step>, Box<str>),
    /// `has(x.Name)`.
    Has(Box<Step>, Box<str>),
    /// `x.?Name`.
    Optional(Box<Step>, Box<str>),
    /// `x[?key]`.
    OptionalAt(Box<[Step; 2]>),
    /// `x[key]`.
    Index(Box<[Step; 2]>),
    /// `x.orValue(other)`.
    OrValue(Box<[Step; 2]>),
    Not(Box<Step>),
    And(Box<[Step; 2]>),
    Or(Box<[Step; 2]>),
    Conditional(Box<[Step; 3]>),
    Equal(Box<[Step; 2]>),
    NotEqual(Box<[Step; 2]>),
    EqualText(Box<Step>, Box<str>),
    Order(Order, Box<[Step; 2]>),
    Calculate(Arithmetic, Box<[Step; 2]>),
    Negate(Box<Step>),
    In(Box<[Step; 2]>),
    /// Among texts that are known beforehand.
    InTexts(Box<Step>, Box<[Box<str>]>),
    Matches(Box<Step>, Regex),
    Loop(Box<Loop>),
    List(Box<[Element]>),
    Map(Box<[(Step, Element)]>),
    Call(Box<Call>),
}

/// A value that is known beforehand.
#[derive(Debug)]
enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Box<str>),
    Type(&'static str),
    Document(Json),
}

/// A comparison by order.
#[derive(Clone, Copy, Debug)]
enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A comprehension.
#[derive(Debug)]
struct Loop {
    range: Step,
    variable: usize,
    kind: LoopKind,
}

#[derive(Debug)]
enum LoopKind {
    Exists(Step),
    All(Step),
    ExistsOne(Step),
    /// `filter` and `map`: what is taken of each item, where the condition holds.
    Take {
        condition: Option<Step>,
        element: Step,
    },
}

/// An element of a list or map that is written out.
#[derive(Debug)]
struct Element {
    step: Step,
    /// An optional without a value adds nothing.
    optional: bool,
}

/// A call of a function; a method's receiver is the first argument.
#[derive(Debug)]
struct Call {
    function: &'static Function,
    arguments: Box<[Step]>,
}

impl Constant {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Int(number) => Value::Int(*number),
            Self::UInt(number) => Value::UInt(*number),
            Self::Double(number) => Value::Double(*number),
            Self::Text(text) => Value::text(text),
            Self::Type(name) => Value::Type(name),
            Self::Document(json) => Value::of(json),
        }
    }
}
