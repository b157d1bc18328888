//! Where reports go.

use crate::cli::Output;
use anyhow::{Context, bail};
use stance_model::{Findings, Report};
use stance_report::{Format, TerminalOptions, write, write_file};
use std::io::{IsTerminal, Write};

/// Refuses combinations that cannot work, before a scan is spent on them.
pub fn check(output: &Output) -> anyhow::Result<()> {
    if output.format.len() > 1 && output.path.is_none() {
        bail!("several formats need a folder to go to; name one with `--output DIR`");
    }
    if let Some(path) = &output.path {
        if output.format.len() > 1 && path.is_file() {
            bail!("`{}` is a file; several formats need a folder", path.display());
        }
        if output.format.len() <= 1 && path.is_dir() {
            bail!("`{}` is a folder; one format needs a file name", path.display());
        }
    }
    Ok(())
}

/// Writes the report where the command line says, or else where the configuration says.
pub fn put_all(
    report: &Report<dyn Findings>,
    output: &Output,
    configured: &[stance_config::Output],
) -> anyhow::Result<()> {
    if configured.is_empty() || !output.format.is_empty() || output.path.is_some() {
        return put(report, output);
    }
    for configured in configured {
        let format: Format = configured.format.parse()?;
        match &configured.path {
            Some(path) => write_file(report, format, &plain(), path)?,
            None => put(report, &Output { format: vec![format], path: None, fail_on: None })?,
        }
    }
    Ok(())
}

/// Writes the report in every form that was asked for.
pub fn put(report: &Report<dyn Findings>, output: &Output) -> anyhow::Result<()> {
    let formats = if output.format.is_empty() { vec![Format::Terminal] } else { output.format.clone() };
    match (&output.path, formats.as_slice()) {
        (None, [format]) => {
            let mut out = std::io::stdout().lock();
            write(report, *format, &terminal(), &mut out)?;
            out.flush()?;
        }
        (None, _) => bail!("several formats need a folder to go to; name one with `--output DIR`"),
        (Some(path), [format]) => write_file(report, *format, &plain(), path)?,
        (Some(folder), formats) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            for format in formats {
                write_file(report, *format, &plain(), &folder.join(format.file_name()))?;
            }
        }
    }
    Ok(())
}

/// How reports look on standard output.
pub fn terminal() -> TerminalOptions {
    let is_terminal = std::io::stdout().is_terminal();
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
    TerminalOptions { colour: is_terminal && std::env::var_os("NO_COLOR").is_none(), width, ..plain() }
}

fn plain() -> TerminalOptions {
    TerminalOptions { colour: false, width: 100, most: 20, quiet: false }
}
