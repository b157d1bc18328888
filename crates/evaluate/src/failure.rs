//! Why an expression yields no value.

use crate::touched::Cause;
use crate::value::{Text, Value};

/// Why an expression yields no value. Most failures are swallowed by a connective, so their words are
/// only made when somebody asks.
#[derive(Clone, Debug)]
pub(crate) enum Failure<'v> {
    /// A value could not be read.
    Unreadable(Cause<'v>),
    /// A member or an item that is not there.
    NoSuchKey(Text<'v>),
    /// The expression's own value is neither true nor false. Whoever asked for a truth says what that means.
    NotTruth(&'static str),
    /// A value of another type is needed.
    UnexpectedType { got: &'static str, want: &'static str },
    /// The function does not take these arguments; who called it says so in its name.
    Mismatch,
    /// No form of an operator or function takes values of these types, a method's receiver first.
    NoOverload { function: &'static str, method: bool, types: Box<[&'static str]> },
    /// A variable that is not there.
    Undeclared(&'v str),
    /// Anything else, in words.
    Told(Box<str>),
}

/// What evaluating an expression yields.
pub(crate) type Answer<'v> = Result<Value<'v>, Failure<'v>>;

impl<'v> Failure<'v> {
    /// A function fails.
    pub fn of(function: &str, message: impl std::fmt::Display) -> Self {
        Self::Told(format!("Error executing function '{function}': {message}").into())
    }

    /// No form of an operator takes values of these types.
    pub fn operator(operator: &'static str, operands: &[&Value<'v>]) -> Self {
        let types = operands.iter().map(|operand| operand.type_name()).collect();
        Self::NoOverload { function: operator, method: false, types }
    }

    /// A truth was needed.
    pub fn truth_needed(self) -> Self {
        match self {
            Self::NotTruth(got) => Self::UnexpectedType { got, want: "bool" },
            other => other,
        }
    }

    /// What happened, in words.
    pub fn message(&self) -> String {
        match self {
            Self::Unreadable(cause) => cause.told().to_string(),
            Self::NoSuchKey(key) => format!("No such key: {}", key.as_str()),
            Self::NotTruth(got) => {
                Self::of("condition", format_args!("it is a {got}, not true or false")).message()
            }
            Self::UnexpectedType { got, want } => format!("Unexpected type: got '{got}', want '{want}'"),
            Self::Mismatch => "the function does not take these arguments".to_owned(),
            Self::NoOverload { function, method, types } => {
                let signature = match types.split_first() {
                    Some((receiver, arguments)) if *method => {
                        format!("{receiver}.({})", arguments.join(", "))
                    }
                    _ => format!("({})", types.join(", ")),
                };
                format!("found no matching overload for '{function}' applied to '{signature}'")
            }
            Self::Undeclared(name) => format!("Undeclared reference to '{name}'"),
            Self::Told(message) => message.to_string(),
        }
    }
}
