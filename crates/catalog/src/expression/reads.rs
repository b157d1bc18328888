//! Which fields an expression reads.

use super::OPTIONAL_FIELD;
use crate::error::nearest;
use crate::functions::{FUNCTIONS, find};
use crate::{FieldPath, Segment};
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use std::collections::BTreeSet;

/// Where a path starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    /// The resource that is judged.
    Resource,
    /// The scope's own resource.
    Account,
    /// The resource's region.
    Region,
    /// A resource of another type.
    Other(String),
    /// The field of another type that `related` compares; it goes through lists by itself.
    Lookup(String),
    /// A parameter.
    Parameter,
}

/// A path that is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Read {
    pub root: Root,
    pub path: FieldPath,
}

/// A value whose origin is known. `wrapped` counts list levels that the expression put around it,
/// as `resources(…)` and `filter` do: going through such a list leads back to the path itself.
#[derive(Clone, Debug)]
struct Origin {
    read: Read,
    wrapped: usize,
}

impl Origin {
    fn at(root: Root) -> Self {
        Self { read: Read { root, path: FieldPath::default() }, wrapped: 0 }
    }

    fn field(mut self, name: &str) -> Self {
        self.read.path.0.push(Segment::Field(name.to_owned()));
        self
    }

    fn element(mut self) -> Self {
        match self.wrapped.checked_sub(1) {
            Some(fewer) => self.wrapped = fewer,
            None => self.read.path.0.push(Segment::Each),
        }
        self
    }

    fn list_of(mut self) -> Self {
        if self.wrapped == 0 && self.read.path.0.last() == Some(&Segment::Each) {
            self.read.path.0.pop();
        } else {
            self.wrapped += 1;
        }
        self
    }
}

struct Walker {
    variables: Vec<(String, Option<Origin>)>,
    reads: BTreeSet<Read>,
    problems: Vec<String>,
}

/// All paths that the expression reads, and what it calls or names in vain.
pub(super) fn of(expression: &IdedExpr, item: Option<&Read>) -> (Vec<Read>, Vec<String>) {
    let mut walker = Walker::new(item);
    walker.walk(expression);
    (walker.reads.into_iter().collect(), walker.problems)
}

/// What the elements of the list are that the expression yields.
pub(super) fn element_of(expression: &IdedExpr) -> Option<Read> {
    let origin = Walker::new(None).walk(expression)?.element();
    (origin.wrapped == 0).then_some(origin.read)
}

impl Walker {
    fn new(item: Option<&Read>) -> Self {
        let item = item.map(|read| Origin { read: read.clone(), wrapped: 0 });
        let mut variables = vec![
            ("resource".to_owned(), Some(Origin::at(Root::Resource))),
            ("account".to_owned(), Some(Origin::at(Root::Account))),
            ("region".to_owned(), Some(Origin::at(Root::Region))),
            ("params".to_owned(), Some(Origin::at(Root::Parameter))),
            ("now".to_owned(), None),
            ("item".to_owned(), item),
        ];
        // the names of types are values, for `type(x) == list`
        variables.extend(
            ["list", "map", "string", "int", "uint", "double", "bool", "null_type"]
                .map(|name| (name.to_owned(), None)),
        );
        Self { variables, reads: BTreeSet::new(), problems: Vec::new() }
    }

    fn note(&mut self, origin: &Origin) {
        if !origin.read.path.0.is_empty() || matches!(origin.read.root, Root::Other(_)) {
            self.reads.insert(origin.read.clone());
        }
    }

    fn walk(&mut self, expression: &IdedExpr) -> Option<Origin> {
        match &expression.expr {
            Expr::Ident(name) => {
                if let Some((_, origin)) = self.variables.iter().rev().find(|(known, _)| known == name) {
                    return origin.clone();
                }
                let known = ["resource", "item", "account", "region", "params", "now"];
                let hint = nearest(name, known).unwrap_or("resource");
                self.problems.push(format!("`{name}` is not a variable; did you mean `{hint}`?"));
                None
            }
            Expr::Select(select) => {
                let origin = self.walk(&select.operand)?.field(&select.field);
                self.note(&origin);
                Some(origin)
            }
            Expr::Call(call) => self.walk_call(call),
            Expr::List(list) => {
                let origins: Vec<_> = list.elements.iter().map(|element| self.walk(element)).collect();
                origins.into_iter().next().flatten().map(Origin::list_of)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.walk(&entry.key);
                        self.walk(&entry.value);
                    }
                }
                None
            }
            Expr::Comprehension(comprehension) => self.walk_comprehension(comprehension),
            Expr::Struct(_) => {
                self.problems.push("messages cannot be built here; write a map".to_owned());
                None
            }
            Expr::Literal(_) | Expr::Unspecified => None,
        }
    }

    fn walk_call(&mut self, call: &CallExpr) -> Option<Origin> {
        let name = call.func_name.as_str();
        if call.target.is_none()
            && matches!(
                name,
                operators::OPT_SELECT | operators::INDEX | operators::OPT_INDEX | OPTIONAL_FIELD
            )
        {
            let mut args = call.args.iter();
            let operand = args.next().and_then(|operand| self.walk(operand));
            let index = args.next();
            let origin = match index.map(|index| &index.expr) {
                Some(Expr::Literal(LiteralValue::String(field))) => operand?.field(field.inner()),
                Some(Expr::Literal(_)) => operand?.element(),
                _ => {
                    index.map(|index| self.walk(index));
                    return None;
                }
            };
            self.note(&origin);
            return Some(origin);
        }
        let target = call.target.as_ref().map(|target| self.walk(target));
        let args: Vec<Option<Origin>> = call.args.iter().map(|arg| self.walk(arg)).collect();
        if name.contains(['_', '@']) {
            // operators: only the branches of a conditional pass a value on
            return (name == operators::CONDITIONAL)
                .then(|| args.into_iter().skip(1).flatten().next())
                .flatten();
        }
        self.check_call(name, target.is_some(), call);
        let literal = |index: usize| match call.args.get(index).map(|arg| &arg.expr) {
            Some(Expr::Literal(LiteralValue::String(text))) => Some(text.inner().to_owned()),
            _ => None,
        };
        match (name, target) {
            ("orValue" | "or", Some(target)) => target.or_else(|| args.into_iter().next().flatten()),
            ("value" | "distinct" | "sort" | "reverse", Some(target)) => target,
            ("flatten", Some(target)) => target.map(Origin::element),
            ("asList", None) => args.into_iter().next().flatten(),
            ("resources" | "here" | "related", None) => {
                let Some(of_type) = literal(0) else {
                    self.problems.push(format!("the type in `{name}(…)` must be a literal text"));
                    return None;
                };
                let origin = Origin::at(Root::Other(of_type.clone()));
                self.note(&origin);
                if name == "related" {
                    match literal(1) {
                        Some(field) => {
                            let path = FieldPath::parse(&field);
                            self.reads.insert(Read { root: Root::Lookup(of_type), path });
                        }
                        None => {
                            self.problems.push("the field in `related(…)` must be a literal text".to_owned());
                        }
                    }
                }
                Some(origin.list_of())
            }
            _ => None,
        }
    }

    fn check_call(&mut self, name: &str, is_method: bool, call: &CallExpr) {
        match find(name, is_method) {
            Some(function) if function.arity.contains(&call.args.len()) => {}
            Some(function) => self.problems.push(format!(
                "`{name}` takes {} arguments, not {}",
                function.arity.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
                call.args.len()
            )),
            None => {
                let macros = ["exists", "all", "filter", "map", "exists_one", "has"];
                let known = FUNCTIONS.iter().map(|function| function.name).chain(macros);
                let hint =
                    nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.problems
                    .push(format!("there is no function `{name}` with {} arguments{hint}", call.args.len()));
            }
        }
    }

    fn walk_comprehension(&mut self, comprehension: &ComprehensionExpr) -> Option<Origin> {
        let range = self.walk(&comprehension.iter_range);
        let depth = self.variables.len();
        let element = range.map(Origin::element);
        if let Some(element) = &element {
            self.note(element);
        }
        self.variables.push((comprehension.iter_var.clone(), element));
        self.variables.push((comprehension.accu_var.clone(), None));
        self.walk(&comprehension.accu_init);
        self.walk(&comprehension.loop_cond);
        let appended = appended(&comprehension.loop_step).map(|element| self.walk(element));
        self.walk(&comprehension.loop_step);
        self.walk(&comprehension.result);
        self.variables.truncate(depth);
        appended.flatten().map(Origin::list_of)
    }
}

/// What a step of `map` or `filter` appends: the element `e` in `accumulator + [e]`.
fn appended(step: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(call) = &step.expr else { return None };
    match call.func_name.as_str() {
        operators::CONDITIONAL => call.args.get(1).and_then(appended),
        operators::ADD => match call.args.get(1).map(|arg| &arg.expr) {
            Some(Expr::List(list)) => list.elements.first(),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;

    fn reads(source: &str) -> Vec<String> {
        let expression = Expression::parse(source, None).unwrap();
        expression.reads().iter().map(|read| format!("{:?} {}", read.root, read.path)).collect()
    }

    #[test]
    fn optional_selection_and_macros_are_followed() {
        assert_eq!(
            reads("resource.?Encryption.?Rules.orValue([]).exists(r, r.?Default.Algorithm == 'x')"),
            [
                "Resource Encryption",
                "Resource Encryption.Rules",
                "Resource Encryption.Rules[]",
                "Resource Encryption.Rules[].Default",
                "Resource Encryption.Rules[].Default.Algorithm",
            ]
        );
    }

    #[test]
    fn filtered_lists_keep_their_origin() {
        assert_eq!(
            reads("resource.A.filter(a, a.B).map(a, a.C).exists(c, c.D == 1)"),
            ["Resource A", "Resource A[]", "Resource A[].B", "Resource A[].C", "Resource A[].C.D"]
        );
    }

    #[test]
    fn other_resources_are_roots_of_their_own() {
        let mut found =
            reads("related('T', 'Id', resource.Id).exists(t, t.State == 'on') && resources('U').size() > 0");
        found.sort();
        assert_eq!(
            found,
            ["Lookup(\"T\") Id", "Other(\"T\") ", "Other(\"T\") State", "Other(\"U\") ", "Resource Id"]
        );
    }

    #[test]
    fn unknown_names_and_functions_are_told_with_what_is_near() {
        let problems = |source| {
            Expression::parse(source, None)
                .unwrap_err()
                .into_iter()
                .map(|problem| problem.message)
                .collect::<Vec<_>>()
        };
        assert_eq!(problems("resorce.A == 1"), ["`resorce` is not a variable; did you mean `resource`?"]);
        assert_eq!(
            problems("policy(resource.P).isPublik()"),
            ["there is no function `isPublik` with 0 arguments; did you mean `isPublic`?"]
        );
        assert_eq!(problems("glob('a')"), ["`glob` takes 2 arguments, not 1"]);
        assert!(!problems("resource.A ==").is_empty());
    }
}
