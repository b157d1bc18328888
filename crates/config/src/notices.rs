//! What is accepted, but worth a word.

use crate::node::{Content, Entry, Node, Step, written};
use crate::shape::{ROOT, Section, Shape};
use crate::{Aws, Config, Notice, Origin, Origins};

pub(crate) fn notices(config: &Config, tree: &Node, origins: &Origins) -> Vec<Notice> {
    let mut found = Vec::new();
    section(tree, &ROOT, &mut Vec::new(), &mut found);
    idle_role_keys(&config.aws, origins, &mut found);
    silent_coralogix(config, origins, &mut found);
    found
}

fn section(node: &Node, known: &Section, path: &mut Vec<Step>, found: &mut Vec<Notice>) {
    for entry in node.entries() {
        let Some(key) = known.key(&entry.key) else { continue };
        path.push(Step::Key(entry.key.clone()));
        let name = written(path);
        if key.later {
            tell(
                found,
                &name,
                &entry.origin,
                format!("`{name}` is accepted, but takes effect in a later version of Stance only"),
            );
        }
        match (&key.shape, &entry.value.content) {
            (Shape::Section(inner), _) => section(&entry.value, inner, path, found),
            (Shape::List(items), Content::List(nodes)) => {
                for (index, item) in nodes.iter().enumerate() {
                    let Some(inner) = items.section_of(item) else { continue };
                    path.push(Step::Index(index));
                    section(item, inner, path, found);
                    path.pop();
                }
            }
            (Shape::Secret, Content::Scalar(_)) => plain_secret(entry, &name, found),
            _ => {}
        }
        path.pop();
    }
}

fn plain_secret(entry: &Entry, name: &str, found: &mut Vec<Notice>) {
    if matches!(entry.origin, Origin::File { .. }) {
        let letters = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let variable = name.replace("].", "_").chars().map(letters).collect::<String>();
        tell(
            found,
            name,
            &entry.origin,
            format!(
                "`{name}` is a secret that stands in the file; keep it elsewhere and write `{{ env: {variable} }}` or `{{ file: PATH }}`"
            ),
        );
    }
}

/// Keys that say how a role is assumed, where none is.
fn idle_role_keys(aws: &Aws, origins: &Origins, found: &mut Vec<Notice>) {
    let assumed = aws.iam_role.is_some()
        || !aws.role_chain.is_empty()
        || !aws.accounts.is_empty()
        || aws.accounts_file.is_some()
        || aws.organization.is_some()
        || aws.web_identity.is_some();
    if assumed {
        return;
    }
    for key in ["external_id", "session_name", "session_duration"] {
        let name = format!("aws.{key}");
        if origins.is_set(&name) {
            let message =
                format!("`{name}` has no effect, as no role is assumed; add `iam_role`, or remove it");
            tell(found, &name, &origins.of(&name), message);
        }
    }
}

/// What the section `coralogix` does not do, though it may look so.
fn silent_coralogix(config: &Config, origins: &Origins, found: &mut Vec<Notice>) {
    let Some(coralogix) = &config.coralogix else { return };
    if coralogix.api_key.is_none() {
        let message = "`coralogix` has no `api_key`, so nothing is sent there; add it";
        tell(found, "coralogix", &origins.of("coralogix"), message.to_owned());
    }
    let grpc = "coralogix.grpc_endpoint";
    if origins.is_set(grpc) {
        let message = format!(
            "`{grpc}` speaks a protocol that is not public, so results are sent as logs, to `logs_endpoint` or to that of the same domain"
        );
        tell(found, grpc, &origins.of(grpc), message);
    }
}

fn tell(found: &mut Vec<Notice>, key: &str, origin: &Origin, message: String) {
    found.push(Notice { key: key.to_owned(), origin: origin.clone(), message });
}
