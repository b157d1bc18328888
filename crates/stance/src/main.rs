//! The `stance` command: wires the libraries, holds no logic of its own.

mod access;
mod agent_state;
mod cli;
mod commands;
mod configuration;
mod delivery;
mod enrolled;
mod exit;
mod integration;
mod judging;
mod keeping;
mod knowledge;
mod output;
mod progress;
mod server_link;
mod serving;
mod set_in_store;
mod signals;
mod watching;

use clap::Parser;
use cli::{Arguments, Command};
use exit::Outcome;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(outcome) => outcome.into(),
        // whoever reads our output went away, as `head` does: no error of ours
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", stance_model::printable(&format!("{error:#}")).replace("\\u{a}", "\n"));
            Outcome::Error.into()
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let config = arguments.config.as_deref();
    match &arguments.command {
        Command::Serve(serve) => progress::start_server_log(arguments.verbose, serve.log),
        Command::Agent(agent) if !agent.health && !agent.alive => {
            progress::start_server_log(arguments.verbose, agent.log);
        }
        _ => progress::start_log(arguments.verbose),
    }
    match arguments.command {
        Command::Scan(scan) => commands::scan::run(&scan, config),
        Command::Config(about) => commands::config::run(about.command, config),
        Command::Evaluate(evaluate) => commands::evaluate::run(&evaluate, config),
        Command::Diff(diff) => commands::diff::run(&diff),
        Command::Rules(rules) => commands::rules::run(rules),
        Command::Benchmarks(benchmarks) => commands::benchmarks::run(benchmarks),
        Command::Exceptions(exceptions) => commands::exceptions::run(&exceptions),
        Command::Permissions(permissions) => commands::permissions::run(&permissions, config),
        Command::Onboard(onboard) => commands::onboard::run(&onboard, config),
        Command::CheckAccess(check) => commands::check_access::run(&check, config),
        Command::Store(store) => commands::store::run(&store.command),
        Command::Agent(agent) => commands::agent::run(&agent, config),
        Command::Send(send) => Ok(commands::send::run(&send)),
        Command::Serve(serve) => commands::serve::run(&serve, config),
        Command::Demo(demo) => commands::demo::run(&demo),
        Command::Generate(generate) => commands::generate::run(&generate),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
