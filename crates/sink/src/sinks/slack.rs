//! A digest in a Slack channel, by an incoming webhook.

use super::chat::Channel;
use crate::digest::Digest;
use serde_json::{Value, json};
use stance_config::Slack;

/// A message holds 50 blocks, and each finding is one.
const MOST_LISTED: u32 = 40;

/// The channel of an incoming webhook.
pub(super) fn open(settings: &Slack) -> Result<Channel, String> {
    Channel::new(&settings.webhook_url, &settings.http, settings.worst.get().min(MOST_LISTED), message)
}

/// Slack's three characters; nothing else in a text makes a link or calls people.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn message(digest: &Digest) -> Value {
    let section = |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    let plain = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
    let mut blocks = vec![
        json!({ "type": "header", "text": plain(&digest.headline().chars().take(150).collect::<String>()) }),
        section(format!("*{}*\n{}", escaped(&digest.counts()), escaped(&digest.others()))),
    ];
    for line in &digest.worst {
        // as plain text, so that a name with stars in it stays as it is
        let text = format!(
            "{} · {}\n{} · {} · {}",
            line.severity, line.title, line.resource, line.account, line.region
        );
        blocks.push(json!({ "type": "section", "text": plain(&text) }));
    }
    if digest.unlisted() > 0 {
        blocks.push(section(format!("and {} more", digest.unlisted())));
    }
    json!({ "text": escaped(&digest.headline()), "blocks": blocks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::digest::tests::digest;
    use crate::document::Document;
    use crate::sinks::Receive;
    use crate::testing::{Double, http, secret};

    #[test]
    fn a_message_shows_counts_and_the_worst() {
        insta::assert_json_snapshot!(message(&digest(12, 2).unwrap()));
    }

    #[test]
    fn a_name_can_call_nobody() {
        let mut digest = digest(1, 1).unwrap();
        digest.scope = "<!channel>".into();
        digest.worst[0].resource = "<!channel> *now*".into();
        let message = message(&digest);
        assert!(message["text"].as_str().unwrap().contains("&lt;!channel&gt;"));
        for block in message["blocks"].as_array().unwrap() {
            let text = &block["text"];
            assert!(text["type"] == "plain_text" || !text["text"].as_str().unwrap().contains('<'));
        }
    }

    #[tokio::test]
    async fn the_url_is_never_told() {
        let double = Double::answering(404, "no_service at /services/T0/B0/hooktoken").await;
        let url = double.url("/services/T0/B0/hooktoken");
        let channel =
            open(&Slack { webhook_url: secret(&url), worst: 3.try_into().unwrap(), http: http() }).unwrap();
        let batch = [Document::new("digest-r".into(), &digest(3, 3).unwrap()).unwrap()];
        let Answer::TurnedAway { reason } = channel.send(&batch).await else { panic!("not turned away") };
        assert!(!reason.contains("hooktoken"), "{reason}");
    }
}
