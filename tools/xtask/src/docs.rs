//! Generated pages of the documentation.

use crate::build::Built;
use crate::doubles::python;
use crate::process::{command, output, root};
use anyhow::{Context, bail};

/// Each page and what prints it.
const PAGES: [(&str, Printer); 7] = [
    ("docs/reference/command-line.md", Printer::Stance(&["generate", "reference"])),
    ("docs/reference/rules.md", Printer::Stance(&["generate", "rules"])),
    ("docs/reference/permissions.md", Printer::Stance(&["generate", "permissions"])),
    ("docs/configuration.md", Printer::Stance(&["generate", "configuration"])),
    ("docs/schema/config.schema.json", Printer::Stance(&["config", "schema"])),
    ("docs/schema/openapi.json", Printer::Example("openapi")),
    ("docs/coverage.md", Printer::Script("tools/coverage.py")),
];

/// What prints a page.
enum Printer {
    /// `stance` with those words.
    Stance(&'static [&'static str]),
    /// An example of a crate.
    Example(&'static str),
    /// A script of the project.
    Script(&'static str),
}

impl Printer {
    fn print(&self, built: &Built) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Stance(words) => output(command(built.stance()).args(*words)),
            Self::Example(example) => output(&mut command(built.example(example))),
            Self::Script(path) => output(command(python()?).arg(path)),
        }
    }
}

/// Writes the pages, or tells which are out of date.
pub fn run(check: bool, built: &Built) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for (page, printer) in PAGES {
        let path = root().join(page);
        let text = printer.print(built)?;
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
