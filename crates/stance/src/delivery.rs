//! Results to the sinks of the configuration, and what is told of that.

use crate::exit::Outcome;
use stance_config::Config;
use stance_model::{Findings, Report, printable};
use stance_sink::{Ending, Results, Sink, SinkError};

/// The sinks of the configuration, ready to deliver to.
///
/// # Errors
/// What is wrong with one of them.
pub fn open(config: &Config, dry_run: bool) -> anyhow::Result<Vec<Sink>> {
    let mut sinks = Vec::new();
    for settings in config.all_sinks()? {
        let sink = Sink::open(&settings)?;
        sinks.push(if dry_run { sink.dry_run() } else { sink });
    }
    Ok(sinks)
}

/// Delivers the results to each sink, one after the other, and tells how that went; whether all was well.
pub fn deliver(sinks: &[Sink], report: &Report<dyn Findings>) -> bool {
    if sinks.is_empty() {
        return true;
    }
    end_on_interrupt();
    deliver_each(sinks, report, |line| eprintln!("{line}"))
}

/// Delivers the results to each sink, one after the other, and tells each line of how that went; whether all was well.
pub fn deliver_each(sinks: &[Sink], report: &Report<dyn Findings>, tell: impl Fn(&str)) -> bool {
    let mut well = true;
    for sink in sinks {
        let delivered = sink.deliver(Results::of(report));
        well &= delivered.as_ref().is_ok_and(|outcome| !outcome.is_failure());
        for line in told(sink, &delivered) {
            tell(&printable(&line));
        }
    }
    well
}

/// The scan has taken interruption for itself. Here it ends the process at once: what the spool has accepted is
/// safe there.
fn end_on_interrupt() {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if runtime.is_ok_and(|runtime| runtime.block_on(tokio::signal::ctrl_c()).is_ok()) {
            eprintln!("interrupted; what was not delivered is kept for the next scan");
            std::process::exit(Outcome::Undelivered.status().into());
        }
    });
}

fn told(sink: &Sink, delivered: &Result<stance_sink::Outcome, SinkError>) -> Vec<String> {
    let name = sink.name();
    let outcome = match delivered {
        Ok(outcome) => outcome,
        Err(error) => return vec![format!("sink `{name}`: {error}{}", cause(error))],
    };
    let metrics = &outcome.metrics;
    match &outcome.ending {
        Ending::Delivered => vec![format!("sink `{name}`: {} documents delivered", metrics.delivered)],
        Ending::NothingToCompare => vec![format!(
            "sink `{name}`: nothing sent, as it takes changes only and this is the first scan that it knows of"
        )],
        Ending::DryRun(preview) => {
            let what = format!(
                "sink `{name}`: would send {} documents in {} requests, {} bytes",
                preview.documents, preview.batches, preview.bytes
            );
            let first = preview.first.iter().map(|document| format!("  {document}"));
            std::iter::once(what).chain(first).collect()
        }
        Ending::Failed { reasons, dead_letters } => {
            let mut lines: Vec<String> =
                reasons.iter().map(|reason| format!("sink `{name}`: {reason}")).collect();
            lines.push(format!(
                "sink `{name}`: {} documents delivered, {} kept for the next scan, {} refused for good, {} lost for want of room",
                metrics.delivered, metrics.spooled_documents, metrics.dead_letters, metrics.not_accepted
            ));
            lines.extend(
                dead_letters
                    .as_ref()
                    .map(|path| format!("sink `{name}`: see `{}` for what was refused", path.display())),
            );
            lines
        }
    }
}

fn cause(error: &SinkError) -> String {
    std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default()
}
