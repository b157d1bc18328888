//! Reads types out of a tree, and tells every value that does not fit.

mod deserializer;
mod error;
mod plain;
mod references;
mod tagged;

pub(crate) use plain::resolve;
pub(crate) use references::{Follow, References};

use crate::node::{Node, Step, written};
use crate::{MOST_PROBLEMS, Problem};
use deserializer::Reader;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The value that the tree holds. What does not fit is told and taken out of the tree, so that the rest
/// can be read; nothing, where not even that is possible.
pub(crate) fn read<T: DeserializeOwned>(
    tree: &mut Node,
    references: &References<'_>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    // what lost a part of its own, and must not be blamed for lacking it
    let mut wounded: BTreeSet<String> = BTreeSet::new();
    let mut misfits = 0;
    loop {
        let misfit = match T::deserialize(Reader { node: tree, references }) {
            Ok(value) => return Some(value),
            Err(misfit) => misfit,
        };
        let path = misfit.path();
        let name = written(&path);
        // another layer may add what a section of this one lacks; an item of a list is whole
        let may_be_added =
            references.follow == Follow::No && !path.iter().any(|step| matches!(step, Step::Index(_)));
        if !(misfit.is_lack() && (may_be_added || wounded.contains(&name))) {
            problems.push(misfit.problem(&name));
            misfits += 1;
        }
        // each takes another reading
        if path.is_empty() || misfits >= MOST_PROBLEMS {
            return None;
        }
        tree.remove(&path);
        wounded.retain(|other| !other.starts_with(&name));
        wounded.insert(written(parent(&path)));
    }
}

fn parent(path: &[Step]) -> &[Step] {
    path.split_last().map_or(&[], |(_, parent)| parent)
}
