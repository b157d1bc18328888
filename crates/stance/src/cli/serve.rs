//! Flags of the server, of its store, and of runs on their way to it.

use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Look after the store: save it, look for damage, let an administrator in
#[derive(Debug, Args)]
pub struct Store {
    /// What to do with it
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What to do with a store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Write a copy of a store that is a file, while others read and write it
    Backup {
        /// The store
        #[arg(long, env = "STANCE_DATABASE", value_name = "FILE", hide_env_values = true)]
        database: String,
        /// The copy; a file that is there is never replaced
        to: PathBuf,
    },
    /// Read all of a store that is a file, and tell what is damaged
    Check {
        /// The store
        #[arg(long, env = "STANCE_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
        database: String,
    },
    /// Print what lets whoever opens it become an administrator, once and within an hour
    Administrator {
        /// The store
        #[arg(long, env = "STANCE_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
        database: String,
        /// The console's address, as browsers know it
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8300")]
        console: String,
    },
}

/// Serve the console and the API, and scan what is due
#[derive(Debug, Args)]
pub struct Serve {
    /// Where results and their history are kept: a file, or the address of a PostgreSQL database
    #[arg(
        long,
        env = "STANCE_DATABASE",
        value_name = "FILE|URL",
        hide_env_values = true,
        default_value = "stance.db"
    )]
    pub database: String,
    /// Where it answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8300")]
    pub listen: SocketAddr,
    /// Certificate for TLS and those that lead to its root, in the PEM form
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in the PEM form
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Answer beyond this machine without TLS, since something in front does it
    #[arg(long)]
    pub allow_plain_http: bool,
    /// Name by which browsers reach it, beside those of this machine; may be given again
    #[arg(long, value_name = "HOST")]
    pub public_name: Vec<String>,
    /// Scan nothing: only show what others bring
    #[arg(long)]
    pub no_scans: bool,
    /// Form of the log
    #[arg(long, value_enum, default_value = "text", value_name = "FORM")]
    pub log: LogForm,
}

/// Scan on a schedule, or what a server of Stance says, and send what is found to the sinks of the configuration
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub struct Agent {
    /// Scan once, now, and end
    #[arg(long)]
    pub once: bool,
    /// Send nothing to the sinks, and tell what would be sent
    #[arg(long)]
    pub dry_run: bool,
    /// Tell how the agent is that runs with the same state: exit status 0 where it runs and its last scan went well
    #[arg(long)]
    pub health: bool,
    /// Tell whether the agent runs, however its last scan went: exit status 0 where it does
    #[arg(long, conflicts_with = "health")]
    pub alive: bool,
    /// Folder in which the agent remembers when it scanned last; that of systemd or of the user unless given
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Keep the results with their history too: a file, or the address of a PostgreSQL database
    #[arg(long, env = "STANCE_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
    pub database: Option<String>,
    #[command(flatten)]
    pub server: ServerChoice,
    #[command(flatten)]
    pub enroll: Enrollment,
    /// Form of the log
    #[arg(long, value_enum, default_value = "text", value_name = "FORM")]
    pub log: LogForm,
}

/// How an agent comes to a server that says what it scans.
#[derive(Debug, Args)]
pub struct Enrollment {
    /// Scan what the server of Stance at this address says; the first time with an enrolment token made in its console,
    /// in the variable `STANCE_ENROLLMENT_TOKEN`
    #[arg(long, value_name = "URL", conflicts_with_all = ["once", "dry_run", "database", "server"])]
    pub enroll: Option<String>,
    /// File with the enrolment token, in place of the variable
    #[arg(
        id = "enrollment_token_file",
        long = "enrollment-token-file",
        value_name = "FILE",
        requires = "enroll"
    )]
    pub token_file: Option<PathBuf>,
    /// Believe the authorities in this file, in the PEM form, and not those of the system
    #[arg(long, value_name = "FILE", requires = "enroll")]
    pub server_ca_file: Option<PathBuf>,
}

/// Form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people
    Text,
    /// A JSON object on each line
    Json,
}

/// The server of Stance that gets a run.
#[derive(Debug, Args)]
pub struct ServerChoice {
    /// Send the results to a server of Stance at this address
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// File with the token that the server asks for, of the level `manage`; else `STANCE_SERVER_TOKEN` holds it
    #[arg(long, value_name = "FILE", requires = "server")]
    pub server_token_file: Option<PathBuf>,
}

/// Send runs to a server of Stance that could not be sent when they were done
#[derive(Debug, Args)]
pub struct Send {
    /// Files that `stance scan --server` left
    #[arg(required = true, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    #[command(flatten)]
    pub server: ServerChoice,
}
