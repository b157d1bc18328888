//! The project's own tasks: `cargo xtask --help`.

mod bench;
mod build;
mod debian;
mod docs;
mod doubles;
mod postgres;
mod process;
mod test;

use build::Built;
use clap::{Parser, Subcommand};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything: format, lints, tests with their doubles, catalog, generated files
    Test {
        /// Only the tests, with what nextest takes as a filter
        filter: Vec<String>,
    },
    /// Cut the provider's published API models down to what the catalog calls
    ApiModels {
        /// Only tell whether the files are up to date
        #[arg(long)]
        check: bool,
    },
    /// Generate the reference pages of the documentation
    Docs {
        /// Only tell whether the pages are up to date
        #[arg(long)]
        check: bool,
    },
    /// Record the demo's estate anew from a mock AWS
    RecordDemo,
    /// Measure speed, size and memory of a release build
    Bench {
        /// Instead, judge an artificial organization of a million resources; takes tens of gigabytes of disk
        #[arg(long)]
        million: bool,
    },
    /// Run a peer and Stance on the same mock estate and tell where they differ
    Compare {
        /// Whom to compare with
        peer: Peer,
    },
    /// Start a mock AWS with the tests' estate and leave it running until a key is pressed
    Estate,
}

/// Whom Stance is compared with.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Peer {
    /// Prowler, from the Python package index
    Prowler,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test { filter } => test::run_all(&filter),
        Task::ApiModels { check } => test::api_models(check),
        Task::Docs { check } => docs::run(check, &Built::all()?),
        Task::RecordDemo => record_demo(),
        Task::Bench { million: false } => bench::run_all(),
        Task::Bench { million: true } => bench::million(),
        Task::Compare { peer: Peer::Prowler } => compare_prowler(),
        Task::Estate => {
            let estate = doubles::Aws::start_with_estate()?;
            println!("AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test", estate.url());
            std::io::stdin().read_line(&mut String::new())?;
            Ok(())
        }
    }
}

/// Scans the tests' estate through a recording proxy.
fn record_demo() -> anyhow::Result<()> {
    const REGIONS: &str = "eu-central-1,us-east-1";
    let built = Built::all()?;
    let estate = doubles::Aws::start_with_estate()?;
    process::run(
        process::command(doubles::python()?)
            .args(["tools/record_demo.py", &estate.url(), "tests/estate/recording.jsonl", REGIONS])
            .arg(built.stance())
            .args(["scan", "aws", "--region", REGIONS])
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test"),
    )
}

/// Runs Prowler and Stance on the tests' estate.
fn compare_prowler() -> anyhow::Result<()> {
    process::run(process::cargo().args(["build", "--quiet", "--release", "--package", "stance"]))?;
    let prowler = doubles::prowler()?;
    let log = process::root().join("target/requests.log");
    let estate = doubles::Aws::start_with_estate_logging_to(&log)?;
    process::run(
        process::command(doubles::python()?)
            .args(["tools/compare_prowler.py", &estate.url()])
            .args([log, prowler])
            .args(["target/release/stance", "eu-central-1", "tests/estate/prowler-differences.yaml"]),
    )
}
