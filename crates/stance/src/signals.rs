//! How people and services ask a process to end.

use tokio::sync::watch;

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

/// Waits until it says so; for good where nobody is left to say it.
pub async fn until(asked: &mut watch::Receiver<bool>) {
    if asked.wait_for(|asked| *asked).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// True once any of them says so.
pub fn any_of(asked: Vec<watch::Receiver<bool>>) -> watch::Receiver<bool> {
    let (tell, told) = watch::channel(false);
    for mut asked in asked {
        let tell = tell.clone();
        tokio::spawn(async move {
            until(&mut asked).await;
            tell.send_replace(true);
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_that_is_gone_keeps_no_other_from_being_heard() {
        let (gone, one) = watch::channel(false);
        let (tell, other) = watch::channel(false);
        let mut told = any_of(vec![one, other]);
        drop(gone);
        tokio::task::yield_now().await;
        assert!(!*told.borrow());
        tell.send_replace(true);
        until(&mut told).await;
    }
}
