//! Carries scans out when they are due. Several servers may share a store: each integration is scanned by one of them.

use super::Scanner;
use crate::Console;
use stance_store::{Claim, LEASE, Secret, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_secs(2);
/// Scans at once; each keeps an account's configuration in memory.
const AT_ONCE: usize = 2;
/// How long scans have to put away what they have read when the server stops.
const FAREWELL: Duration = Duration::from_mins(1);

/// True once a scan should end before its time.
pub type Stopping = watch::Receiver<bool>;

/// Looks for what is due, and has it scanned, until `stopping`.
pub(crate) async fn run(console: Console, scanner: Arc<dyn Scanner>, mut stopping: Stopping) {
    let Ok(name) = Secret::random() else {
        tracing::error!("the operating system has no random numbers; nothing is scanned on a schedule");
        return;
    };
    let server = name.derived("server");
    let mut scans = JoinSet::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = told(&mut stopping) => break,
        }
        while scans.try_join_next().is_some() {}
        while scans.len() < AT_ONCE {
            let (server, now) = (server.clone(), console.now());
            match console.look(move |store| store.claim_due(&server, now)).await {
                Ok(Some(claim)) => {
                    scans.spawn(carry_out(console.clone(), Arc::clone(&scanner), claim, stopping.clone()));
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the store does not tell what is due");
                    break;
                }
            }
        }
    }
    let farewell = async { while scans.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("a scan did not end in time; it is left, and scanned again at the next start");
    }
}

/// Has an integration scanned, and holds the claim meanwhile.
async fn carry_out(console: Console, scanner: Arc<dyn Scanner>, claim: Claim, mut stopping: Stopping) {
    let claim = Arc::new(claim);
    let (stop, stopped) = watch::channel(false);
    let name = claim.integration.name.clone();
    tracing::info!(integration = name, "scan begins");
    let mut scan = {
        let claim = Arc::clone(&claim);
        tokio::task::spawn_blocking(move || scanner.scan(&claim.integration, &stopped))
    };
    let renew = Duration::from_millis(u64::try_from(LEASE.num_milliseconds() / 6).unwrap_or(10_000));
    let mut is_ending = false;
    let outcome = loop {
        tokio::select! {
            outcome = &mut scan => break outcome,
            () = told(&mut stopping), if !is_ending => {
                is_ending = true;
                stop.send_replace(true);
            }
            () = tokio::time::sleep(renew) => {
                if !still_holds(&console, &claim).await {
                    tracing::warn!(integration = name, "another server has taken over; this scan ends");
                    stop.send_replace(true);
                }
            }
        }
    };
    match outcome {
        Ok(Ok(())) => tracing::info!(integration = name, "scan ended"),
        Ok(Err(error)) => tracing::error!(integration = name, error, "scan failed"),
        Err(error) => tracing::error!(integration = name, %error, "scan broke off"),
    }
    let now = console.now();
    let end = move |store: &Store| {
        // what a server leaves when it stops is due again at once
        if is_ending { store.leave_claim(&claim) } else { store.end_claim(&claim, now) }
    };
    if let Err(error) = console.look(end).await {
        tracing::error!(integration = name, %error, "the store does not hear that a scan ended");
    }
}

/// Waits until the server stops.
pub(crate) async fn told(stopping: &mut Stopping) {
    // the sender is part of the console, which is held here
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn still_holds(console: &Console, claim: &Arc<Claim>) -> bool {
    let (claim, now) = (Arc::clone(claim), console.now());
    // a store that does not answer for a moment is no reason to give up a scan
    console.look(move |store| store.renew_claim(&claim, now)).await.unwrap_or(true)
}
