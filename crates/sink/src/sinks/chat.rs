//! A digest in a channel, posted to a URL that is a secret.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::Describe;
use crate::digest::{Digest, Digesting};
use crate::document::Document;
use crate::http::Client;
use futures_util::future::BoxFuture;
use serde_json::Value;
use stance_config::{Http, Secret};

/// A channel.
pub(super) struct Channel {
    client: Client,
    worst: u32,
    /// The message of a digest, in the words of the receiver.
    message: fn(&Digest) -> Value,
}

impl Channel {
    pub fn new(url: &Secret, http: &Http, worst: u32, message: fn(&Digest) -> Value) -> Result<Self, String> {
        let client = Client::new(url.reveal(), http)?.with_secret_address();
        Ok(Self { client, worst, message })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        // a batch of digests is one digest
        for document in batch {
            let Ok(digest) = serde_json::from_str::<Digest>(document.text()) else {
                return Answer::Unfit { reason: "this is a digest of another version of Stance".to_owned() };
            };
            match self.client.post("application/json", (self.message)(&digest).to_string()).await {
                Ok(response) if response.status.is_success() => {}
                Ok(response) => return self.client.judge(&response),
                Err(answer) => return answer,
            }
        }
        Answer::Taken
    }
}

impl Receive for Channel {
    fn limits(&self) -> Limits {
        Limits { documents: 1, bytes: 1_000_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Digesting::new(self.worst))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}
