//! The command line: every flag with its help, in one place.

mod access;
mod onboard;
mod serve;

pub use access::Access;
pub use onboard::{AccessName, FormName, Onboard};
pub use serve::{Agent, Enrollment, LogForm, Send, Serve, ServerChoice, Store, StoreCommand};

use clap::{Args, Parser, Subcommand, ValueEnum};
use stance_model::Severity;
use stance_report::Format;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Tells whether a cloud stands straight: reads its configuration, judges it against rules and
/// benchmarks, and says what is wrong, how it knows, and how to mend it. Reads only, never writes.
#[derive(Debug, Parser)]
#[command(name = "stance", version, max_term_width = 100, after_help = EXIT_HELP)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Log more; twice for everything. `RUST_LOG` says it more finely.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Configuration file; else that of `STANCE_CONFIG`, else /cxa/config/local.yaml where it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

const EXIT_HELP: &str = "\
Exit status: 0 nothing failed, 1 error, 2 wrong usage, 3 findings failed (at or above --fail-on),
4 nothing failed but something could not be read, 5 results were not delivered to a sink.

First steps:
  stance scan aws                                   everything, in all regions of the account
  stance scan aws --benchmark aws-cis-3.0           one benchmark
  stance permissions aws                            the read-only policy that a scan needs
  stance onboard aws                                the role with that policy, as a template";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read an estate and judge it
    Scan(Scan),
    /// Judge a snapshot again, offline
    Evaluate(Evaluate),
    /// Tell what changed between two snapshots or JSON reports
    Diff(Diff),
    /// List, show and check rules
    Rules(Rules),
    /// List and show benchmarks
    Benchmarks(Benchmarks),
    /// Check exceptions, or make them of a mutelist of Prowler
    Exceptions(Exceptions),
    /// Print the least-privilege policy that a scan needs
    Permissions(Permissions),
    /// Show, check and describe the configuration
    Config(Config),
    /// Try whether a scan can read what its rules need, and what it would cost
    CheckAccess(CheckAccess),
    /// Print what you apply to let Stance read an account or organization
    Onboard(Onboard),
    /// Serve the console and the API, and scan what is due
    Serve(Serve),
    /// Scan on a schedule, or what a server of Stance says, and send what is found to the sinks of the configuration
    Agent(Agent),
    /// Send runs to a server of Stance that could not be sent when they were done
    Send(Send),
    /// Look after the store: save it, look for damage, let an administrator in
    Store(Store),
    /// Scan a small recorded estate, with no account and no set-up, and show it in the console
    Demo(Demo),
    /// Write shell completions or the man page
    Generate(Generate),
}

/// Read an estate and judge it
#[derive(Debug, Args)]
pub struct Scan {
    /// Whose estate
    pub provider: ProviderName,
    #[command(flatten)]
    pub choice: Choice,
    #[command(flatten)]
    pub access: Access,
    /// Keep what was read, for `stance evaluate` and `stance diff`: a file, or a folder where several
    /// accounts are scanned
    #[arg(long, value_name = "PATH")]
    pub snapshot: Option<PathBuf>,
    /// File with exceptions: findings that are accepted, why, by whom, until when
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Keep the results with their history: a file, or the address of a PostgreSQL database; `stance serve` shows
    /// them
    #[arg(long, env = "STANCE_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
    pub database: Option<String>,
    #[command(flatten)]
    pub server: ServerChoice,
    /// Take up the scan again that was cut short with the same `--snapshot`
    #[arg(long, requires = "snapshot")]
    pub resume: bool,
    #[command(flatten)]
    pub output: Output,
    /// Send nothing to the sinks of the configuration
    #[arg(long, conflicts_with = "dry_run")]
    pub no_send: bool,
    /// Send nothing to the sinks of the configuration, and tell what would be sent
    #[arg(long)]
    pub dry_run: bool,
}

/// Try whether a scan can read what its rules need, and what it would cost
#[derive(Debug, Args)]
pub struct CheckAccess {
    /// Whose estate
    pub provider: ProviderName,
    #[command(flatten)]
    pub choice: Choice,
    #[command(flatten)]
    pub access: Access,
    /// `terminal` or `json`
    #[arg(long, value_enum, default_value_t)]
    pub format: PlainFormat,
}

/// Whose estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProviderName {
    /// Amazon Web Services, with the credentials that the AWS tools would use
    Aws,
}

/// Which rules, with which parameters.
#[derive(Clone, Debug, Default, Args)]
pub struct Choice {
    /// Only rules of these services
    #[arg(long, value_delimiter = ',', value_name = "SERVICE")]
    pub service: Vec<String>,
    /// Only these rules, by id, by Prowler's or by Security Hub's name
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub rule: Vec<String>,
    /// Not these rules
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub exclude_rule: Vec<String>,
    /// Only rules of these benchmarks; a name that ends with .yaml is a file of your own
    #[arg(long, value_delimiter = ',', value_name = "ID|FILE")]
    pub benchmark: Vec<String>,
    /// Only rules of this severity or worse
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Option<Severity>,
    /// Set a rule's parameter; `stance rules show ID` lists them
    #[arg(long, value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// The moment that rules take for now, as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Folder whose files add to the built-in catalog or replace parts of it
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

/// Where the report goes.
#[derive(Debug, Args)]
pub struct Output {
    /// Forms of the report: terminal, json, jsonl, csv, ocsf, sarif, junit, html, pdf, xlsx
    #[arg(long, value_delimiter = ',', value_name = "FORMAT")]
    pub format: Vec<Format>,
    /// File for one format, folder for several; one format goes to the terminal unless given
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Exit with status 3 only for failures of this severity or worse
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
}

/// Judge a snapshot again, offline
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The snapshot, or a folder of snapshots
    pub file: PathBuf,
    /// File with exceptions: findings that are accepted, why, by whom, until when
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Keep the results with their history: a file, or the address of a PostgreSQL database
    #[arg(long, env = "STANCE_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
    pub database: Option<String>,
    #[command(flatten)]
    pub choice: Choice,
    #[command(flatten)]
    pub output: Output,
}

/// Tell what changed between two snapshots or JSON reports
#[derive(Debug, Args)]
pub struct Diff {
    /// The older one
    pub older: PathBuf,
    /// The newer one
    pub newer: PathBuf,
    /// `terminal` or `json`
    #[arg(long, value_enum, default_value_t)]
    pub format: PlainFormat,
    /// Folder whose files add to the built-in catalog, to judge snapshots
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

/// Forms of lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlainFormat {
    /// For people
    #[default]
    Terminal,
    /// For programs
    Json,
}

/// List, show and check rules
#[derive(Debug, Args)]
pub struct Rules {
    /// What to do with them
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List rules
    List {
        #[command(flatten)]
        choice: Choice,
        /// `terminal` or `json`
        #[arg(long, value_enum, default_value_t)]
        format: PlainFormat,
    },
    /// Show a rule: what, why, how to mend it, parameters, permissions, examples
    Show {
        /// The rule, by id, by Prowler's or by Security Hub's name
        id: String,
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Check a catalog: every path against the provider's API model, every example
    Check {
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
}

/// List and show benchmarks
#[derive(Debug, Args)]
pub struct Benchmarks {
    /// What to do with them
    #[command(subcommand)]
    pub command: BenchmarksCommand,
}

/// What to do with benchmarks.
#[derive(Debug, Subcommand)]
pub enum BenchmarksCommand {
    /// List benchmarks
    List {
        /// `terminal` or `json`
        #[arg(long, value_enum, default_value_t)]
        format: PlainFormat,
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Show a benchmark's sections, controls and rules
    Show {
        /// The benchmark
        id: String,
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
}

/// Check exceptions, or make them of a mutelist of Prowler
#[derive(Debug, Args)]
pub struct Exceptions {
    /// What to do with them
    #[command(subcommand)]
    pub command: ExceptionsCommand,
}

/// What to do with exceptions.
#[derive(Debug, Subcommand)]
pub enum ExceptionsCommand {
    /// Check a file of exceptions: its form, and that the rules exist
    Check {
        /// The file
        file: PathBuf,
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Make exceptions of a mutelist of Prowler
    Import {
        /// The mutelist
        file: PathBuf,
        /// File for the exceptions; the terminal unless given
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Who answers for all of them; to be filled in by hand unless given
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// Reason of those that have no description; to be filled in by hand unless given
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Folder whose files add to the built-in catalog
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
}

/// Print the least-privilege policy that a scan needs
#[derive(Debug, Args)]
pub struct Permissions {
    /// Whose policy
    pub provider: ProviderName,
    #[command(flatten)]
    pub choice: Choice,
    /// Only what the managed policy `SecurityAudit` lacks
    #[arg(long)]
    pub managed: bool,
    /// Folder for the policy, in as many files as AWS's limit for one asks for
    #[arg(long = "output", short = 'o', value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Show, check and describe the configuration
#[derive(Debug, Args)]
pub struct Config {
    /// What to do with it
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Tell what is in force and where each value comes from, secrets hidden
    Check,
    /// Print a file with every key, commented out
    Sample,
    /// Print the JSON Schema for editors
    Schema,
}

/// Scan a small recorded estate, with no account and no set-up, and show it in the console
#[derive(Debug, Args)]
pub struct Demo {
    /// File for the report; its ending tells the format, `.html`, `.pdf`, `.xlsx` and others
    #[arg(long, value_name = "FILE", default_value = "stance-demo.html")]
    pub output: PathBuf,
    /// Where the console answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8300")]
    pub listen: SocketAddr,
    /// Write the reports and end
    #[arg(long)]
    pub no_console: bool,
}

/// Write shell completions or the man page
#[derive(Debug, Args)]
pub struct Generate {
    /// What to write to standard output
    pub what: Generated,
}

/// What can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Generated {
    /// Completions for bash
    Bash,
    /// Completions for zsh
    Zsh,
    /// Completions for fish
    Fish,
    /// Completions for PowerShell
    Powershell,
    /// The man page
    Man,
    /// The command-line reference of the documentation
    Reference,
    /// The list of rules of the documentation
    Rules,
    /// The list of permissions of the documentation
    Permissions,
    /// The page about the configuration
    Configuration,
}
