//! Single messages to people and their programs, by the ways of the sinks: no spool, one try at a time. Whoever sends
//! keeps what was not taken, and tries again under the same id.

use crate::answer::Answer;
use crate::document::Document;
use crate::http::Client;
use crate::sinks::email::Mailbox;
use crate::sinks::slack::escaped;
use crate::sinks::webhook::Signed;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stance_config::{Email, Http};
use stance_model::{Severity, printable};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// Slack takes 50 blocks; a line is one of them.
const MOST_LINES: usize = 40;
/// Letters of a header in Slack.
const LONGEST_HEADER: usize = 150;
/// Letters of a part of a message.
const LONGEST: usize = 300;

/// A message. What a cloud has named may stand in any part of it; it is made harmless on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same however often it is sent: letters, digits and dashes.
    pub id: String,
    /// The first line.
    pub headline: String,
    /// What more there is to say, each in a line of its own.
    pub facts: Vec<String>,
    /// The worst of what it is about.
    pub lines: Vec<Line>,
    /// How many more there are.
    pub unlisted: u64,
    /// Where all of it is to be seen.
    pub link: Option<String>,
    /// All of it for programs.
    pub document: Value,
}

/// One finding in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How bad it is.
    pub severity: Severity,
    /// What must hold.
    pub title: String,
    /// What it is about.
    pub subject: String,
    /// Where that is: account and region.
    pub place: String,
    /// Where it is to be seen.
    pub link: Option<String>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// It may be taken when it is tried again.
    Later {
        /// Why not now, for people.
        reason: String,
        /// How long the receiver asks to wait.
        after: Option<Duration>,
    },
    /// The receiver will never take this message.
    Refused {
        /// Why not, for people.
        reason: String,
    },
}

/// The way to a receiver.
pub struct Messenger(Way);

enum Way {
    Webhook(Signed),
    Slack(Client),
    Mail(Arc<Mailbox>),
}

impl std::fmt::Debug for Messenger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // a client holds secrets
        f.write_str(match self.0 {
            Way::Webhook(_) => "Messenger(webhook)",
            Way::Slack(_) => "Messenger(slack)",
            Way::Mail(_) => "Messenger(mail)",
        })
    }
}

impl Messenger {
    /// A receiver of requests that are signed as those of the sink `webhook`.
    ///
    /// # Errors
    /// What is wrong with the address or the settings, for people and without any secret.
    pub fn webhook(url: &str, secret: &str, http: &Http) -> Result<Self, String> {
        if secret.is_empty() {
            return Err("its secret is empty; requests could be forged".to_owned());
        }
        Ok(Self(Way::Webhook(Signed::of(Client::new(url, http)?, secret))))
    }

    /// A channel with an incoming webhook as Slack has them.
    ///
    /// # Errors
    /// What is wrong with the address or the settings, for people and without any secret.
    pub fn slack(url: &str, http: &Http) -> Result<Self, String> {
        Ok(Self(Way::Slack(Client::new(url, http)?.with_secret_address())))
    }

    /// Mail to those whom the settings name.
    ///
    /// # Errors
    /// What is wrong with the settings, for people and without any secret.
    pub fn mail(settings: &Email) -> Result<Self, String> {
        Ok(Self(Way::Mail(Arc::new(Mailbox::new(settings)?))))
    }

    /// Sends a message, once.
    pub async fn send(&self, message: &Message) -> Sent {
        let answer = match &self.0 {
            Way::Webhook(signed) => match Document::new(message.id.clone(), &message.document) {
                Ok(document) => signed.post(&[document], Utc::now()).await,
                Err(error) => Answer::Unfit { reason: error.to_string() },
            },
            Way::Slack(client) => {
                match client.post("application/json", for_slack(message).to_string()).await {
                    Ok(response) => client.judge(&response),
                    Err(answer) => answer,
                }
            }
            Way::Mail(mailbox) => {
                let mailbox = Arc::clone(mailbox);
                let (id, subject, text) = (message.id.clone(), short(&message.headline), plain(message));
                let sent = tokio::task::spawn_blocking(move || mailbox.send(&id, subject, text)).await;
                sent.unwrap_or_else(|error| Answer::later(error.to_string()))
            }
        };
        match answer {
            Answer::Taken | Answer::Each(_) => Sent::Taken,
            Answer::Later { reason, after, .. } => Sent::Later { reason, after },
            // a wrong key or address may be mended while the message waits
            Answer::TurnedAway { reason } => Sent::Later { reason, after: None },
            Answer::Unfit { reason } | Answer::PartlyRefused { reason } => Sent::Refused { reason },
        }
    }
}

/// One line in which nothing moves a cursor, cut where it is too long.
fn short(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// As text, for mail.
fn plain(message: &Message) -> String {
    let mut text = format!("{}\n", short(&message.headline));
    for fact in &message.facts {
        // writing to a string cannot fail
        let _ = writeln!(text, "{}", short(fact));
    }
    for line in &message.lines {
        let (title, subject, place) = (short(&line.title), short(&line.subject), short(&line.place));
        let _ = write!(text, "\n{}: {title}\n  {subject}\n  {place}\n", line.severity);
        if let Some(link) = &line.link {
            let _ = writeln!(text, "  {link}");
        }
    }
    if message.unlisted > 0 {
        let _ = write!(text, "\nand {} more\n", message.unlisted);
    }
    if let Some(link) = &message.link {
        let _ = write!(text, "\n{link}\n");
    }
    text
}

/// As code, in which chats call nobody and make no link.
fn as_code(text: &str) -> String {
    format!("`{}`", escaped(&short(text).replace('`', "'")))
}

/// As an incoming webhook takes it: blocks for Slack itself, and all of it as text for those that know no blocks.
fn for_slack(message: &Message) -> Value {
    let plain = |text: String| json!({ "type": "plain_text", "text": text, "emoji": false });
    let section = |text: Value| json!({ "type": "section", "text": text });
    let headline = short(&message.headline);
    let header: String = headline.chars().take(LONGEST_HEADER).collect();
    let mut blocks = vec![json!({ "type": "header", "text": plain(header) })];
    // outside of code an `@` would call people where mentions are words
    let mut text = vec![format!("*{}*", escaped(&headline).replace('@', "@\u{200b}"))];
    let facts: Vec<String> = message.facts.iter().map(|fact| short(fact)).collect();
    if !facts.is_empty() {
        blocks.push(section(plain(facts.join("\n"))));
        text.extend(message.facts.iter().map(|fact| as_code(fact)));
    }
    for line in message.lines.iter().take(MOST_LINES) {
        let (title, subject, place) = (short(&line.title), short(&line.subject), short(&line.place));
        // as plain text, so that a name with stars in it stays as it is
        let mut block = section(plain(format!("{} · {title}\n{subject} · {place}", line.severity)));
        let mut told = format!("• {} {}", line.severity, escaped(&title));
        if let Some(link) = &line.link {
            let open = json!({ "type": "button", "text": plain("Open".to_owned()), "url": link });
            if let Some(members) = block.as_object_mut() {
                members.insert("accessory".into(), open);
            }
            told = format!("• {} <{link}|{}>", line.severity, escaped(&title).replace('|', "/"));
        }
        text.push(format!("{told}: {}, {}", as_code(&line.subject), as_code(&line.place)));
        blocks.push(block);
    }
    if message.unlisted > 0 {
        let more = format!("and {} more", message.unlisted);
        blocks.push(section(plain(more.clone())));
        text.push(more);
    }
    if let Some(link) = &message.link {
        let link = format!("<{link}|All of it in Stance>");
        blocks.push(section(json!({ "type": "mrkdwn", "text": link })));
        text.push(link);
    }
    json!({ "text": text.join("\n"), "blocks": blocks })
}

#[cfg(test)]
mod tests;
