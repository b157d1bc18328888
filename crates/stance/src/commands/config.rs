//! `stance config`: what is in force, and what could be.

use crate::cli::ConfigCommand;
use crate::configuration;
use crate::exit::Outcome;
use std::io::Write;
use std::path::Path;

/// Tells what is in force, or prints what can be written.
pub fn run(command: ConfigCommand, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match command {
        ConfigCommand::Check => {
            let loaded = configuration::load(config, Vec::new())?;
            // the file of accounts is part of what must be right
            loaded.config.aws.listed_accounts()?;
            stance_config::show(&loaded, &mut out)?;
        }
        ConfigCommand::Sample => out.write_all(stance_config::sample().as_bytes())?,
        ConfigCommand::Schema => {
            serde_json::to_writer_pretty(&mut out, &stance_config::json_schema())?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
