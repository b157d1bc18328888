//! What an evaluation met that could not be read.
//!
//! The language's comparisons and sizes cannot fail, and its connectives swallow errors where the
//! other side decides. So what could not be read is noted here as it is met, one evaluation at a time
//! on each thread.

use stance_model::UnknownCause;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

thread_local! {
    static CAUSES: RefCell<Vec<Arc<UnknownCause>>> = const { RefCell::new(Vec::new()) };
    static UNDECIDABLE: Cell<bool> = const { Cell::new(false) };
}

/// Notes that a value was met that could not be read.
pub(crate) fn note(cause: &Arc<UnknownCause>) {
    CAUSES.with_borrow_mut(|causes| {
        if !causes.iter().any(|known| Arc::ptr_eq(known, cause)) {
            causes.push(Arc::clone(cause));
        }
    });
}

/// Notes that an operation that cannot fail was given such a value: whatever the outcome, it does
/// not count.
pub(crate) fn note_undecidable(cause: &Arc<UnknownCause>) {
    note(cause);
    UNDECIDABLE.set(true);
}

/// What one evaluation met.
pub(crate) struct Touched {
    /// Why values could not be read.
    pub causes: Vec<UnknownCause>,
    /// Whether the outcome does not count.
    pub undecidable: bool,
}

/// Runs an evaluation and tells what it met.
pub(crate) fn watch<T>(evaluation: impl FnOnce() -> T) -> (T, Touched) {
    CAUSES.with_borrow_mut(Vec::clear);
    UNDECIDABLE.set(false);
    let outcome = evaluation();
    let causes = CAUSES.with_borrow_mut(|causes| causes.drain(..).map(|cause| (*cause).clone()).collect());
    (outcome, Touched { causes, undecidable: UNDECIDABLE.get() })
}
