//! Secrets are used and never shown.

use crate::support::{file, problems, shown, with};
use proptest::prelude::*;
use stance_config::{Layers, SecretSource, load};
use std::error::Error;

const SECRET: &str = "hunter2-hunter2";

#[test]
fn references_are_followed_and_shown_as_references() {
    let kept = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kept.path(), format!("{SECRET}\r\n\n")).unwrap();
    let text = format!(
        "github: {{ token: {{ env: TOKEN }} }}\ncoralogix:\n  api_key: {{ file: {} }}\n",
        kept.path().display()
    );
    let loaded = load(&with(file(&text), &[("TOKEN", SECRET)])).unwrap();
    let token = loaded.config.github.as_ref().unwrap().token.as_ref().unwrap();
    let key = loaded.config.coralogix.as_ref().unwrap().api_key.as_ref().unwrap();
    assert_eq!((token.reveal(), key.reveal()), (SECRET, SECRET));
    assert_eq!(token.source(), &SecretSource::Environment("TOKEN".to_owned()));
    assert_eq!(key.source(), &SecretSource::File(kept.path().to_owned()));
    let shown = shown(&loaded);
    assert!(shown.contains("token: { env: TOKEN }"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!format!("{loaded:?}").contains(SECRET));
}

#[test]
fn a_plain_secret_is_taken_with_a_notice_and_hidden_everywhere() {
    let layers = file(&format!("aws:\n  access_key_id: AKIAEXAMPLE\n  secret_access_key: {SECRET}\n"));
    let loaded = load(&layers).unwrap();
    assert_eq!(loaded.config.aws.secret_access_key.as_ref().unwrap().reveal(), SECRET);
    let everything =
        format!("{layers:?}{loaded:?}{}{}", shown(&loaded), serde_json::to_string(&loaded.config).unwrap());
    assert!(!everything.contains(SECRET), "{everything}");
    insta::assert_snapshot!(loaded.notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_secret_in_the_environment_is_no_reason_for_a_notice() {
    let layers = with(
        Layers::default(),
        &[("STANCE__AWS__ACCESS_KEY_ID", "AKIA"), ("STANCE__AWS__SECRET_ACCESS_KEY", SECRET)],
    );
    let loaded = load(&layers).unwrap();
    assert!(loaded.notices.is_empty());
    assert!(shown(&loaded).contains("secret_access_key: (hidden)"));
    let reference =
        with(Layers::default(), &[("STANCE__GITHUB__TOKEN", "{ env: TOKEN }"), ("TOKEN", SECRET)]);
    let config = load(&reference).unwrap().config;
    assert_eq!(config.github.unwrap().token.unwrap().reveal(), SECRET);
}

#[test]
fn a_reference_that_leads_nowhere_is_told_with_its_key() {
    let told = |reference: &str| {
        problems(&with(file(&format!("github:\n  token: {reference}\n")), &[("EMPTY", "")]))
    };
    insta::assert_snapshot!(told("{ env: NOWHERE }"));
    insta::assert_snapshot!(told("{ env: EMPTY }"));
    insta::assert_snapshot!(told("{ file: /nonexistent/token }"));
    insta::assert_snapshot!(told("{ file: /dev/zero }"));
    insta::assert_snapshot!(told("{ vault: x }"));
    insta::assert_snapshot!(told("{ env: A, file: B }"));
    insta::assert_snapshot!(told("${env:TOKEN}"));
    insta::assert_snapshot!(told("[hunter2]"));
    insta::assert_snapshot!(told("\"\""));
    insta::assert_snapshot!(told("(hidden)"));
}

#[test]
fn a_reference_that_a_higher_layer_replaces_is_not_followed() {
    let layers = with(file("github: { token: { env: NOWHERE } }"), &[("STANCE__GITHUB__TOKEN", SECRET)]);
    assert!(load(&layers).is_ok());
}

proptest! {
    #[test]
    fn however_a_file_is_broken_nothing_shows_its_secret(at in 0_usize..200, noise in "[\\t \\n:,{}\\[\\]\"'&*!|>#-]{1,3}") {
        let mut text = format!("aws:\n  access_key_id: {SECRET}\n  secret_access_key: \"{SECRET}\"\n  profile: x\ngithub: {{ token: {SECRET}, orgs: [a] }}\n");
        let at = at.min(text.len());
        // what is broken inside of the secret is no longer the secret
        text.insert_str(at, &noise);
        let told = match load(&file(&text)) {
            Err(error) => format!("{error}{error:?}{:?}", error.source()),
            Ok(loaded) => format!("{loaded:?}{}", shown(&loaded)),
        };
        prop_assert!(!told.contains(SECRET), "{told}\n{text}");
    }

    #[test]
    fn no_error_of_a_variable_shows_its_secret(before in "[{\\[\"'&*!]{0,2}", after in "[}\\]\"':,]{0,2}") {
        let value = format!("{before}{SECRET}{after}");
        let layers = with(Layers::default(), &[("STANCE__GITHUB__TOKEN", &value)]);
        if let Err(error) = load(&layers) {
            prop_assert!(!error.to_string().contains(SECRET), "{error}");
        }
    }
}
