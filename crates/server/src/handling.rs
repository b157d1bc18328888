//! What people do about a finding, by pages and by programs: give it to somebody, write a note.

use crate::Console;
use crate::error::PageResult;
use crate::viewer::{Viewer, Visible};
use stance_store::{Actor, Census, FindingRow, PersonId, Result, Scope, Store, StoreError};

/// A finding that somebody may see, with its scope.
pub(crate) fn seen(
    store: &Store,
    census: &Census,
    id: &str,
    visible: &Visible,
) -> Result<(FindingRow, Scope)> {
    let row = store.finding(census, id, |scope| visible.holds_numbered(scope, census))?.row;
    let scope = census.scope(row.scope).filter(|scope| visible.holds(&scope.id)).cloned();
    let scope = scope.ok_or_else(|| StoreError::Missing { what: "finding", name: id.to_owned() })?;
    Ok((row, scope))
}

/// Does something to a finding that somebody may see; its id.
async fn act<T: Send + 'static>(
    console: &Console,
    id: String,
    viewer: &Viewer,
    work: impl FnOnce(&Store, &Census, &str) -> Result<T> + Send + 'static,
) -> PageResult<String> {
    let visible = viewer.visible.clone();
    let done = console.ask(move |store, _, census| {
        let (row, _) = seen(store, census, &id, &visible)?;
        work(store, census, &row.id)?;
        Ok(row.id)
    });
    Ok(done.await?)
}

/// Gives a finding to whom `to` finds in the store, or to nobody; the finding's id.
pub(crate) async fn assign(
    console: &Console,
    id: String,
    viewer: &Viewer,
    by: Actor,
    to: impl FnOnce(&Store) -> Result<Option<PersonId>> + Send + 'static,
) -> PageResult<String> {
    let now = console.now();
    act(console, id, viewer, move |store, census, id| store.assign(census, id, to(store)?, &by, now)).await
}

/// Writes a note; the finding's id.
pub(crate) async fn write_note(
    console: &Console,
    id: String,
    viewer: &Viewer,
    by: Actor,
    text: String,
) -> PageResult<String> {
    let now = console.now();
    act(console, id, viewer, move |store, _, id| store.write_note(id, &text, &by, now)).await
}
