//! Generated pages of the documentation.

use crate::process::{cargo, output, root};
use anyhow::{Context, bail};

/// Each page and the command that prints it.
const PAGES: [(&str, &[&str]); 3] = [
    ("docs/reference/command-line.md", &["generate", "reference"]),
    ("docs/reference/rules.md", &["generate", "rules"]),
    ("docs/reference/permissions.md", &["generate", "permissions"]),
];

/// Writes the pages, or tells which are out of date.
pub fn run(check: bool) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for (page, arguments) in PAGES {
        let path = root().join(page);
        let text = output(cargo().args(["run", "--quiet", "--package", "stance", "--"]).args(arguments))?;
        if std::fs::read(&path).is_ok_and(|current| current == text) {
            continue;
        }
        if check {
            stale.push(page);
        } else {
            std::fs::create_dir_all(path.parent().context("a page lies in a folder")?)?;
            std::fs::write(&path, text)?;
            println!("wrote {page}");
        }
    }
    if !stale.is_empty() {
        bail!("out of date: {}; run `cargo xtask docs` and commit the result", stale.join(", "));
    }
    Ok(())
}
