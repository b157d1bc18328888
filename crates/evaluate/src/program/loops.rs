//! Comprehensions.

use super::run::Run;
use super::{Loop, LoopKind, Step};
use crate::failure::{Answer, Failure};
use crate::operators;
use crate::value::{List, Value};

impl Loop {
    /// Whether the loop's outcome is true.
    pub(super) fn holds<'v>(&'v self, run: &mut Run<'v>) -> Result<bool, Failure<'v>> {
        match &self.kind {
            LoopKind::Exists(condition) => self.any(condition, true, "_||_", run),
            LoopKind::All(condition) => self.any(condition, false, "_&&_", run).map(|found| !found),
            LoopKind::ExistsOne(condition) => {
                let range = self.range.value(run)?;
                let mut found = 0_usize;
                for item in operators::items(&range, &mut run.touched)? {
                    run.bind(self.variable, item);
                    found += usize::from(condition.holds(run).map_err(Failure::truth_needed)?);
                }
                Ok(found == 1)
            }
            LoopKind::Take { .. } => Err(Failure::NotTruth(self.value(run)?.type_name())),
        }
    }

    pub(super) fn value<'v>(&'v self, run: &mut Run<'v>) -> Answer<'v> {
        match &self.kind {
            LoopKind::Take { condition, element } => self.taken(condition.as_ref(), element, run),
            _ => self.holds(run).map(Value::Bool),
        }
    }

    /// Whether the condition is `decides` for an item. An item that decides outweighs errors on others;
    /// if none does, the last error stands.
    fn any<'v>(
        &'v self,
        condition: &'v Step,
        decides: bool,
        operator: &'static str,
        run: &mut Run<'v>,
    ) -> Result<bool, Failure<'v>> {
        let range = self.range.value(run)?;
        let mut failed = None;
        for item in operators::items(&range, &mut run.touched)? {
            run.bind(self.variable, item);
            match condition.holds(run) {
                Ok(truth) if truth == decides => return Ok(true),
                Ok(_) => {}
                Err(Failure::NotTruth(name)) => {
                    let types = ["bool", name].into();
                    failed = Some(Failure::NoOverload { function: operator, method: false, types });
                }
                Err(failure) => failed = Some(failure),
            }
        }
        failed.map_or(Ok(false), Err)
    }

    /// What is taken of each item, where the condition holds.
    fn taken<'v>(&'v self, condition: Option<&'v Step>, element: &'v Step, run: &mut Run<'v>) -> Answer<'v> {
        let range = self.range.value(run)?;
        if let Value::List(list) = &range
            && let Some(gap) = list.gap()
        {
            run.touched.note_undecidable(gap);
        }
        let mut taken = Vec::new();
        for item in operators::items(&range, &mut run.touched)? {
            run.bind(self.variable, item);
            if let Some(condition) = condition
                && !condition.holds(run).map_err(Failure::truth_needed)?
            {
                continue;
            }
            taken.push(element.value(run)?);
        }
        Ok(Value::List(List::made(taken)))
    }
}
