//! A whole run, sent to a server of Stance. The name of the run lets the server notice what comes twice.

use crate::answer::Answer;
use crate::http::{Address, Client};
use crate::pace::Backoff;
use hyper::Method;
use hyper::body::Bytes;
use stance_config::{Http, Period};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Where a server takes runs.
const PLACE: &str = "/api/v1/runs";
/// What a run is called on the way.
const MEDIA_TYPE: &str = "application/vnd.stance.run";
/// The header with the run's name.
const NAME: &str = "stance-run-name";
/// How long the server may take to take a run in: a large one changes millions of rows.
const PATIENCE: Duration = Duration::from_mins(15);

/// A run did not reach the server.
#[derive(Debug, Error)]
pub enum SendError {
    /// The address or the token cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The server cannot be reached, or does not answer as it should.
    #[error("the run was not sent: {0}")]
    NotTaken(String),
    /// The server refuses it, now and later.
    #[error("the server refuses the run: {0}")]
    Refused(String),
}

/// A server of Stance that takes runs.
pub struct RunReceiver {
    client: Client,
    backoff: Backoff,
}

impl RunReceiver {
    /// The server at that address, asked with that token.
    ///
    /// # Errors
    /// If the address or the token cannot be used.
    pub fn new(url: &str, token: &str) -> Result<Self, SendError> {
        let http = Http { timeout: Period::from_secs(PATIENCE.as_secs()), ..Http::default() };
        let client = Address::of_server(url).and_then(|address| Client::at(address, &http));
        let client = client.map_err(SendError::Setting)?;
        let client = client
            .with_secret_text_header("authorization", &format!("Bearer {token}"), token)
            .map_err(SendError::Setting)?;
        let backoff =
            Backoff { first: Backoff::FIRST, longest: Backoff::LONGEST, attempts: 6, patience: PATIENCE };
        Ok(Self { client, backoff })
    }

    /// Sends a run, again where the server cannot take it at the moment. A run that it had already taken under that
    /// name is taken.
    ///
    /// # Errors
    /// If it was not taken.
    pub async fn send(&self, name: &str, run: Vec<u8>) -> Result<(), SendError> {
        let run = Bytes::from(run);
        let began = Instant::now();
        let uri = self.client.address().join(PLACE).map_err(SendError::Setting)?;
        let headers = [(NAME, name.to_owned())];
        let mut failures = 0;
        loop {
            let asked =
                self.client.request(Method::POST, uri.clone(), MEDIA_TYPE, run.clone(), &headers).await;
            let answer = match asked {
                // another attempt of ours may be under way there still
                Ok(response) if response.status == 409 => Answer::later(self.client.reason(&response)),
                Ok(response) => self.client.judge(&response),
                Err(answer) => answer,
            };
            let (reason, after) = match answer {
                Answer::Taken | Answer::Each(_) => return Ok(()),
                Answer::Later { reason, after, .. } => (reason, after),
                Answer::Unfit { reason }
                | Answer::PartlyRefused { reason }
                | Answer::TurnedAway { reason } => return Err(SendError::Refused(reason)),
            };
            failures += 1;
            match self.backoff.pause(failures, began.elapsed(), after) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(SendError::NotTaken(reason)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Double;

    fn receiver(double: &Double) -> RunReceiver {
        let mut receiver = RunReceiver::new(&double.url(""), "stance_token").unwrap();
        receiver.backoff.first = Duration::from_millis(1);
        receiver
    }

    #[tokio::test]
    async fn a_run_is_sent_with_its_name_and_the_token() {
        let double = Double::answering(201, "{}").await;
        receiver(&double).send("nightly", b"run".to_vec()).await.unwrap();
        let [request] = &double.received()[..] else { panic!("{:?}", double.received()) };
        assert_eq!(request.line, "POST /api/v1/runs");
        assert_eq!(request.header("authorization"), Some("Bearer stance_token"));
        assert_eq!(
            (request.header("stance-run-name"), request.header("content-type")),
            (Some("nightly"), Some(MEDIA_TYPE))
        );
    }

    #[tokio::test]
    async fn what_the_server_cannot_take_now_is_sent_again_under_the_same_name_and_at_last_given_up() {
        let double = Double::answering(503, "later").await;
        let error = receiver(&double).send("nightly", b"run".to_vec()).await.unwrap_err();
        assert!(matches!(error, SendError::NotTaken(_)), "{error}");
        assert_eq!(double.received().len(), 6);
        assert!(double.received().iter().all(|request| request.header("stance-run-name") == Some("nightly")));
    }

    #[tokio::test]
    async fn what_the_server_refuses_is_not_sent_again_and_the_token_is_not_told() {
        let double = Double::answering(403, "no, stance_token").await;
        let error = receiver(&double).send("nightly", b"run".to_vec()).await.unwrap_err();
        assert!(
            matches!(error, SendError::Refused(_)) && !error.to_string().contains("stance_token"),
            "{error}"
        );
        assert_eq!(double.received().len(), 1);
    }
}
