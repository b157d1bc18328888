//! A digest in a channel of Microsoft Teams: an adaptive card, posted to a workflow.

use super::chat::Channel;
use crate::digest::Digest;
use serde_json::{Value, json};
use stance_config::Teams;

/// A message holds 28 KB.
const MOST_LISTED: u32 = 20;

/// The channel of a workflow.
pub(super) fn open(settings: &Teams) -> Result<Channel, String> {
    Channel::new(&settings.webhook_url, &settings.http, settings.worst.get().min(MOST_LISTED), message)
}

/// Text as it is: a text block would take marks and links of Markdown in a name for its own.
fn text(text: &str, weight: &str) -> Value {
    let run = json!({ "type": "TextRun", "text": text, "weight": weight });
    json!({ "type": "RichTextBlock", "inlines": [run] })
}

fn message(digest: &Digest) -> Value {
    let mut body = vec![
        text(&digest.headline(), "bolder"),
        text(&digest.counts(), "bolder"),
        text(&digest.others(), "default"),
    ];
    for line in &digest.worst {
        body.push(text(&format!("{} · {}", line.severity, line.title), "bolder"));
        body.push(text(&format!("{} · {} · {}", line.resource, line.account, line.region), "default"));
    }
    if digest.unlisted() > 0 {
        body.push(text(&format!("and {} more", digest.unlisted()), "default"));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::tests::digest;

    #[test]
    fn a_card_shows_counts_and_the_worst_as_plain_text() {
        insta::assert_json_snapshot!(message(&digest(12, 2).unwrap()));
    }

    #[test]
    fn the_longest_card_fits_a_message() {
        let mut digest = digest(1, 1).unwrap();
        let long = |text: &mut String| *text = "x".repeat(300);
        long(&mut digest.worst[0].title);
        long(&mut digest.worst[0].resource);
        digest.worst = vec![digest.worst[0].clone(); MOST_LISTED as usize];
        assert!(message(&digest).to_string().len() < 28_000);
    }
}
