//! How people and services ask a process to end.

/// Waits for an interruption, or for whoever runs services to end this one.
pub async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                Ok(()) = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // without a signal to wait for, it goes on until it is killed
        std::future::pending::<()>().await;
    }
}
