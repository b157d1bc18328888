//! Where reports go.

use crate::cli::Output;
use anyhow::{Context, bail};
use stance_model::{Findings, Report};
use stance_report::{Format, TerminalOptions, write, write_file};
use std::io::{IsTerminal, Write};

/// Refuses combinations that cannot work, before a scan is spent on them.
pub fn check(output: &Output, configured: &[stance_config::Output]) -> anyhow::Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    if is_configured(output, configured) {
        for output in configured.iter().filter(|output| output.path.is_none()) {
            check_terminal(output.format.parse()?, is_terminal)?;
        }
    }
    if let (None, [format]) = (&output.path, output.format.as_slice()) {
        check_terminal(*format, is_terminal)?;
    }
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

/// Whether the configuration says where reports go, since the command line does not.
fn is_configured(output: &Output, configured: &[stance_config::Output]) -> bool {
    !configured.is_empty() && output.format.is_empty() && output.path.is_none()
}

/// Refuses to show a terminal what it cannot show.
fn check_terminal(format: Format, is_terminal: bool) -> anyhow::Result<()> {
    if format.is_binary() && is_terminal {
        bail!(
            "the format `{format}` is not text, and a terminal cannot show it; name a file with `--output {}`",
            format.file_name()
        );
    }
    Ok(())
}

/// Writes the report where the command line says, or else where the configuration says.
pub fn put_all(
    report: &Report<dyn Findings>,
    output: &Output,
    configured: &[stance_config::Output],
) -> anyhow::Result<()> {
    if !is_configured(output, configured) {
        return put(report, output);
    }
    put_configured(report, configured)
}

/// Writes the report where the configuration says, and nowhere if it says nothing.
pub fn put_configured(
    report: &Report<dyn Findings>,
    configured: &[stance_config::Output],
) -> anyhow::Result<()> {
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
            check_terminal(*format, std::io::stdout().is_terminal())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_is_spared_what_is_not_text() {
        assert!(check_terminal(Format::Xlsx, false).is_ok());
        assert!(check_terminal(Format::Json, true).is_ok());
        assert_eq!(
            check_terminal(Format::Pdf, true).unwrap_err().to_string(),
            "the format `pdf` is not text, and a terminal cannot show it; name a file with `--output report.pdf`"
        );
    }

    #[test]
    fn the_configuration_counts_only_where_the_command_line_is_silent() {
        let silent = Output { format: Vec::new(), path: None, fail_on: None };
        let chosen = Output { format: vec![Format::Pdf], path: None, fail_on: None };
        let configured = [stance_config::Output { format: "json".into(), path: None }];
        assert!(is_configured(&silent, &configured));
        assert!(!is_configured(&chosen, &configured) && !is_configured(&silent, &[]));
    }
}
