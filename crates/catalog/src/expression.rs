//! Conditions in CEL: parsed, made strict about unreadable values, and asked which fields they read.

mod reads;
mod rewrite;

pub(crate) use reads::{Read, Root};

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;
use std::sync::Arc;

/// Stands for the language's `x.?f` and `x[?f]`, which would turn every error into "nothing".
pub const OPTIONAL_FIELD: &str = "optionalField";

/// A condition, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As it was written.
    pub source: Arc<str>,
    /// As it is evaluated.
    pub ast: Arc<IdedExpr>,
    reads: Arc<[Read]>,
}

/// An expression that does not parse, or calls what does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpressionProblem {
    /// Line within the expression, from 1.
    pub line: Option<usize>,
    pub message: String,
}

impl Expression {
    /// Parses an expression. `item` is the path of the elements of the rule's `each` list.
    pub(crate) fn parse(source: &str, item: Option<&Read>) -> Result<Self, Vec<ExpressionProblem>> {
        let ast =
            PrattParser::new().enable_optional_syntax(true).max_recursion_depth(200).parse(source).map_err(
                |errors| {
                    errors
                        .errors
                        .iter()
                        .map(|error| ExpressionProblem {
                            line: usize::try_from(error.pos.0).ok(),
                            message: error.msg.trim().to_owned(),
                        })
                        .collect::<Vec<_>>()
                },
            )?;
        let (reads, problems) = reads::of(&ast, item);
        if !problems.is_empty() {
            return Err(problems
                .into_iter()
                .map(|message| ExpressionProblem { line: None, message })
                .collect());
        }
        Ok(Self { source: source.into(), ast: Arc::new(rewrite::strict(ast)), reads: reads.into() })
    }

    /// Every path that the expression reads, each with all its beginnings.
    pub(crate) fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// What the elements of the list that this expression yields are, if that can be told.
    pub(crate) fn element(&self) -> Option<Read> {
        reads::element_of(&self.ast)
    }
}
