//! Makes an expression strict: optional selection hides a missing field, and nothing else.
//!
//! The language turns every error below `.?` into "nothing", so that an attribute that
//! could not be read would count as absent. Those selections become calls of a function of ours.

use super::OPTIONAL_FIELD;
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use cel::common::types::CelString;

/// The expression with strict selections.
pub(super) fn strict(expression: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = expression;
    let expr = match expr {
        Expr::Call(call) => Expr::Call(strict_call(call)),
        Expr::Select(select) => {
            let operand = strict(*select.operand);
            if !select.test && is_optional(&operand) {
                let field = IdedExpr {
                    id,
                    expr: Expr::Literal(LiteralValue::String(CelString::from(select.field).into_static())),
                };
                Expr::Call(optional_field(vec![operand, field]))
            } else {
                Expr::Select(SelectExpr { operand: Box::new(operand), ..select })
            }
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(strict).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                match &mut entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        entry.key = strict(std::mem::take(&mut entry.key));
                        entry.value = strict(std::mem::take(&mut entry.value));
                    }
                    EntryExpr::StructField(field) => {
                        field.value = strict(std::mem::take(&mut field.value));
                    }
                }
            }
            Expr::Map(map)
        }
        Expr::Comprehension(mut comprehension) => {
            for part in [
                &mut comprehension.iter_range,
                &mut comprehension.accu_init,
                &mut comprehension.loop_cond,
                &mut comprehension.loop_step,
                &mut comprehension.result,
            ] {
                *part = strict(std::mem::take(part));
            }
            Expr::Comprehension(comprehension)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

fn strict_call(call: CallExpr) -> CallExpr {
    let target = call.target.map(|target| Box::new(strict(*target)));
    let args: Vec<IdedExpr> = call.args.into_iter().map(strict).collect();
    if matches!(call.func_name.as_str(), operators::OPT_SELECT | operators::OPT_INDEX) {
        return optional_field(args);
    }
    if call.func_name == operators::INDEX && args.first().is_some_and(is_optional) {
        return optional_field(args);
    }
    CallExpr { func_name: call.func_name, target, args }
}

fn optional_field(args: Vec<IdedExpr>) -> CallExpr {
    CallExpr { func_name: OPTIONAL_FIELD.to_owned(), target: None, args }
}

/// Whether the (already rewritten) expression yields an optional.
fn is_optional(expression: &IdedExpr) -> bool {
    matches!(&expression.expr, Expr::Call(call) if call.target.is_none() && call.func_name == OPTIONAL_FIELD)
}
