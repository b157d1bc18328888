//! Messages as their receivers meet them.

use super::*;
use crate::testing::{Double, Script, http};
use crate::{SIGNATURE_HEADER, TIMESTAMP_HEADER, verify};

const HOSTILE: &str = "<!channel> @channel `rm` *b* \u{202e}\n&";

fn message() -> Message {
    let line = |severity, subject: &str, link: Option<&str>| Line {
        severity,
        title: "Bucket refuses plain HTTP".to_owned(),
        subject: subject.to_owned(),
        place: "shop (111111111111), eu-central-1".to_owned(),
        link: link.map(str::to_owned),
    };
    Message {
        id: "alert-1f".to_owned(),
        headline: "Stance: 3 findings are new or came back (Ops)".to_owned(),
        facts: vec!["1 critical, 2 high".to_owned()],
        lines: vec![
            line(Severity::Critical, "logs", Some("https://stance.example.org/findings/0a")),
            line(Severity::High, HOSTILE, None),
        ],
        unlisted: 1,
        link: Some("https://stance.example.org/findings?severity=high".to_owned()),
        document: json!({ "count": 3 }),
    }
}

#[test]
fn a_message_as_chats_and_mail_show_it() {
    insta::assert_json_snapshot!(for_slack(&message()));
    insta::assert_snapshot!(plain(&message()));
}

#[test]
fn no_name_can_call_somebody_or_make_a_link() {
    let mut message = message();
    message.headline = HOSTILE.to_owned();
    message.facts = vec![HOSTILE.to_owned()];
    let shown = for_slack(&message);
    let text = shown["text"].as_str().unwrap();
    assert!(!text.contains("<!") && !text.contains('\u{202e}'), "{text}");
    // outside of code nothing of a subject stands
    let outside: String = text.split('`').step_by(2).collect();
    assert!(!outside.contains("@channel"), "{outside}");
    for block in shown["blocks"].as_array().unwrap() {
        let shown = &block["text"];
        let is_ours = shown["text"].as_str().unwrap().starts_with("<https://stance.example.org/");
        assert!(shown["type"] == "plain_text" || is_ours, "{block}");
    }
}

#[tokio::test]
async fn a_webhook_gets_a_signed_document_under_the_messages_id() {
    let double = Double::answering(204, "").await;
    let url = double.url("/hook/token-never-shown");
    let messenger = Messenger::webhook(&url, "whsec", &http()).unwrap();
    assert_eq!(messenger.send(&message()).await, Sent::Taken);
    let request = &double.received()[0];
    assert_eq!(request.body, r#"{"version":1,"documents":[{"id":"alert-1f","document":{"count":3}}]}"#);
    let (at, signature) =
        (request.header(TIMESTAMP_HEADER).unwrap(), request.header(SIGNATURE_HEADER).unwrap());
    let (now, tolerance) = (Utc::now(), Duration::from_mins(5));
    verify(b"whsec", at, signature, request.body.as_bytes(), now, tolerance).unwrap();
    assert!(Messenger::webhook(&url, "", &http()).unwrap_err().contains("secret is empty"));
}

#[tokio::test]
async fn what_may_be_mended_is_tried_again_and_no_reason_tells_the_address() {
    let scripts = vec![
        Script::answer_with(429, "retry-after", "7"),
        Script::answer(503, ""),
        Script::answer(404, "no hook token-never-shown"),
        Script::answer(400, "invalid_blocks"),
        Script::answer(200, "ok"),
    ];
    let double = Double::of(scripts).await;
    let messenger = Messenger::slack(&double.url("/services/token-never-shown"), &http()).unwrap();
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(messenger.send(&message()).await);
    }
    assert!(matches!(&told[0], Sent::Later { after: Some(after), .. } if after.as_secs() == 7));
    assert!(matches!(&told[1], Sent::Later { after: None, .. }));
    let Sent::Later { reason, .. } = &told[2] else { panic!("{:?}", told[2]) };
    assert!(reason.contains("404") && !reason.contains("token-never-shown"), "{reason}");
    assert!(matches!(&told[3], Sent::Refused { reason } if reason.contains("invalid_blocks")));
    assert_eq!(told[4], Sent::Taken);
}

#[test]
fn an_address_that_is_none_is_not_repeated() {
    for text in ["AKIASECRET", "postgres://ada:AKIASECRET@db/", "http://example.org/AKIASECRET"] {
        let told = Messenger::slack(text, &http()).unwrap_err();
        assert!(!told.contains("AKIASECRET"), "{told}");
    }
}
