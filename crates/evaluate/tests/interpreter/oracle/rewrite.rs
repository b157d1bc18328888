//! Expressions as the interpreter takes them: what it does otherwise than Stance means is rewritten.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

/// The variable through which functions see the other resources of the scope.
pub(crate) const ESTATE_VARIABLE: &str = "estate_of_scope";

/// Equality whatever the side.
pub(crate) const SAME: &str = "sameOnBothSides";

/// Membership by that equality.
pub(crate) const AMONG: &str = "amongItems";

/// The expression with hidden arguments, and with operators that the interpreter does otherwise.
pub(crate) fn interpreted(expression: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = expression;
    let expr = match expr {
        Expr::Call(call) => return rewritten(id, call),
        Expr::Select(mut select) => {
            select.operand = Box::new(interpreted(*select.operand));
            Expr::Select(select)
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(interpreted).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = interpreted(std::mem::take(&mut entry.key));
                    entry.value = interpreted(std::mem::take(&mut entry.value));
                }
            }
            Expr::Map(map)
        }
        Expr::Comprehension(mut comprehension) => {
            let parts =
                [&mut comprehension.iter_range, &mut comprehension.loop_cond, &mut comprehension.loop_step];
            for part in parts {
                *part = interpreted(std::mem::take(part));
            }
            Expr::Comprehension(comprehension)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

fn rewritten(id: u64, mut call: CallExpr) -> IdedExpr {
    call.target = call.target.map(|target| Box::new(interpreted(*target)));
    call.args = call.args.into_iter().map(interpreted).collect();
    let truth = |value: bool| IdedExpr { id, expr: Expr::Literal(LiteralValue::Boolean(value.into())) };
    let ident = |name: &str| IdedExpr { id, expr: Expr::Ident(name.to_owned()) };
    let negated = |call: CallExpr| {
        let args = vec![IdedExpr { id, expr: Expr::Call(call) }, truth(false), truth(true)];
        CallExpr { func_name: operators::CONDITIONAL.to_owned(), target: None, args }
    };
    if call.target.is_none() {
        match call.func_name.as_str() {
            operators::LOGICAL_NOT => {
                call.args.extend([truth(false), truth(true)]);
                call.func_name = operators::CONDITIONAL.to_owned();
            }
            operators::EQUALS => call.func_name = SAME.to_owned(),
            operators::NOT_EQUALS => {
                call.func_name = SAME.to_owned();
                call = negated(call);
            }
            operators::IN => call.func_name = AMONG.to_owned(),
            "daysSince" | "daysUntil" => call.args.push(ident("now")),
            "resources" | "here" | "related" | "supportEnds" => call.args.push(ident(ESTATE_VARIABLE)),
            _ => {}
        }
    }
    IdedExpr { id, expr: Expr::Call(call) }
}
