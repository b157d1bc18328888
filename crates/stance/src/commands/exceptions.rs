//! `stance exceptions`: check a file of them, or make one of a mutelist of Prowler.

use crate::cli::{Exceptions, ExceptionsCommand};
use crate::exit::Outcome;
use crate::knowledge;
use anyhow::{Context, anyhow, bail};
use stance_catalog::Catalog;
use stance_exceptions::{ExceptionsError, FillIn, RuleNames, import_mutelist, read_exceptions};
use std::io::Write;
use std::path::Path;

/// Checks or imports exceptions.
pub fn run(exceptions: &Exceptions) -> anyhow::Result<Outcome> {
    match &exceptions.command {
        ExceptionsCommand::Check { file, catalog } => check(file, catalog.as_deref()),
        ExceptionsCommand::Import { file, output, owner, reason, catalog } => {
            let fill_in = FillIn { owner: owner.as_deref(), reason: reason.as_deref() };
            import(file, output.as_deref(), fill_in, catalog.as_deref())
        }
    }
}

/// All names that a rule may go by in an exception.
pub fn rule_names(catalog: &Catalog) -> RuleNames {
    RuleNames::new(catalog.rules().flat_map(|rule| {
        let id = rule.id.as_str();
        rule.text.aliases.all().map(move |(_, alias)| (id, alias)).chain([(id, id)])
    }))
}

fn check(file: &Path, catalog: Option<&Path>) -> anyhow::Result<Outcome> {
    let catalog = knowledge::catalog(catalog, &[])?;
    let in_file = |error: ExceptionsError| anyhow!(error.in_file(&file.display().to_string()));
    let list = read_exceptions(&text_of(file)?).map_err(in_file)?;
    let exceptions = stance_exceptions::Exceptions::compile(list, rule_names(&catalog)).map_err(in_file)?;
    let unknown: Vec<String> = exceptions.unknown_rules().map(|notice| notice.to_string()).collect();
    if !unknown.is_empty() {
        bail!("{}: {}", file.display(), unknown.join("\n"));
    }
    let without_end = exceptions.iter().filter(|exception| exception.until.is_none()).count();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} exceptions, {without_end} of them without an end date: all well", exceptions.len())?;
    out.flush()?;
    Ok(Outcome::Clean)
}

fn import(
    file: &Path,
    output: Option<&Path>,
    fill_in: FillIn<'_>,
    catalog: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let catalog = knowledge::catalog(catalog, &[])?;
    let checks =
        RuleNames::new(catalog.rules().flat_map(|rule| {
            rule.text.aliases.prowler.iter().map(|check| (rule.id.as_str(), check.as_str()))
        }));
    let imported = import_mutelist(&text_of(file)?, &checks, fill_in)
        .with_context(|| format!("cannot import `{}`", file.display()))?;
    match output {
        Some(path) => write_new(path, imported.yaml.as_bytes())?,
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(imported.yaml.as_bytes())?;
            out.flush()?;
        }
    }
    for note in &imported.notes {
        let message = stance_model::printable(&note.message);
        eprintln!("{}:{}: {message}", file.display(), note.line);
    }
    eprint!("exceptions: {}; told of above: {}", imported.exceptions, imported.notes.len());
    match imported.to_fill_in {
        0 => eprintln!(),
        lacking => {
            eprintln!(
                "; to fill in a reason or an owner: {lacking}, then try `stance exceptions check FILE`"
            );
        }
    }
    Ok(Outcome::Clean)
}

/// Writes a file that is not there yet: in one that is, somebody may have filled in reasons.
fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("cannot write `{}`; name a file that is not there yet", path.display()))
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
}
