//! What can be wrong with exceptions, told with the line.

use std::fmt;
use thiserror::Error;

/// One thing that is wrong with an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionProblem {
    /// Line in the file, from 1, where there is one.
    pub line: Option<u64>,
    /// What is wrong and what would fit.
    pub message: String,
}

impl fmt::Display for ExceptionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl From<serde_saphyr::Error> for ExceptionProblem {
    fn from(error: serde_saphyr::Error) -> Self {
        let location = error.location();
        let message = match error.without_snippet() {
            // the reader's own words speak of its options
            serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("the field `{key}` stands there twice")
            }
            other => other.to_string(),
        };
        // the line is told once, in front
        let place = location.map(|at| format!(" at line {}, column {}", at.line(), at.column()));
        let message = place.and_then(|place| message.strip_suffix(&place)).unwrap_or(&message).to_owned();
        Self { line: location.map(|at| at.line()), message }
    }
}

/// Exceptions cannot be used; every problem found is listed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ExceptionsError(pub Vec<ExceptionProblem>);

impl ExceptionsError {
    /// The problems, each in a line of its own with the file's name in front.
    pub fn in_file(&self, file: &str) -> String {
        let told = self.0.iter().map(|problem| match problem.line {
            Some(line) => format!("{file}:{line}: {}", problem.message),
            None => format!("{file}: {}", problem.message),
        });
        told.collect::<Vec<_>>().join("\n")
    }
}
