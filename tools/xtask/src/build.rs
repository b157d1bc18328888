//! What cargo builds of the workspace.

use crate::process::{cargo, root, run};
use std::path::PathBuf;

/// What the other tasks run: built all at once, since cargo builds dependencies anew for a package that is
/// built alone and asks less of them.
pub struct Built {
    folder: PathBuf,
}

impl Built {
    /// Builds every program and example.
    pub fn all() -> anyhow::Result<Self> {
        run(cargo().args(["build", "--workspace", "--bins", "--examples", "--quiet"]))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        Ok(Self { folder: target.join("debug") })
    }

    /// Where `stance` is.
    pub fn stance(&self) -> PathBuf {
        self.folder.join("stance")
    }

    /// Where an example is.
    pub fn example(&self, name: &str) -> PathBuf {
        self.folder.join("examples").join(name)
    }
}
