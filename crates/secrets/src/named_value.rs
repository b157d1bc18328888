//! Secrets that are recognised by the name that they are given: `DB_PASSWORD = hunter2`.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

#[allow(clippy::expect_used, reason = "the patterns are fixed and tests use each")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)passw(?:or)?d|passphrase|(?:^|[_.-])(?:pwd|pass)(?:$|[_.-])"));

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)secret|token|credential|(?:api|access|private|auth|encryption|signing|licen[cs]e|master|account)[_.-]?key",
    )
});

/// What a name speaks of when it ends so is about the secret, and no secret itself.
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:arn|name|[_.-]id|[a-z]Id|ID|ur[il]|path|file|ttl|expir[a-z]*|length|region|enabled?|type|version|prefix|suffix|param(?:eter)?|ref|rotation|days|policy|header|endpoint|host|table|bucket|field|provider|issuer|limit|count|max|min|size|tokens|location|source|alias|mode|algorithm|required|timeout|interval|username|user)$",
    )
});

/// Values that stand for something kept elsewhere, or that say nothing.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?:
            arn:aws.* | \{\{.* | \$.* | <.* | %\w+% | ssm: .* | vault: .* | op:// .* | !\w+ \s .* | projects/ .* | @.*
            | (?:/[\w.+-]+)+/? | [a-z0-9_-]+(?:/[a-z0-9_+.-]+)+ | https?://[^@]* | s3://.*
            | true | false | yes | no | null | none | nil | undefined | enabled | disabled | default | required | optional
            | string | str | int | bool | boolean | number | any | object
            | \d{1,5} | \*+ | x+ | \.+ | \[secret:.* | \[sensitive\]
        )$",
    )
});

/// An identifier of code, `os.environ` or `var.password`.
static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|[(){}\[\]]"));

static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|key)[a-z0-9_.-]*)(?:\\?["'])?[ \t]*(?::=|=>|=|:)[ \t]*(\\?["'])?([^\s"'\\<>&|;,`]{4,200})"#,
    )
});

/// The kind of secret that a value is by its name, if it is one.
pub(crate) fn kind(name: &str, value: &str) -> Option<&'static str> {
    if value.len() < 4 || value.len() > 8192 || ABOUT.is_match(name) || REFERENCE.is_match(value.trim()) {
        return None;
    }
    if PASSWORD.is_match(name) {
        // a sentence is a description of the password
        return (value.split_whitespace().count() < 4).then_some("password");
    }
    let of_random = value.len() >= 12
        && !value.contains(char::is_whitespace)
        && value.contains(|letter: char| letter.is_ascii_digit())
        && value.contains(|letter: char| letter.is_ascii_alphabetic());
    (of_random && KEY.is_match(name)).then_some("key-or-token")
}

/// Where a text gives a secret a name.
pub(crate) fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    ASSIGNMENT
        .captures_iter(text)
        .filter_map(|captures| {
            let (name, value) = (captures.get(1)?, captures.get(3)?);
            let is_quoted = captures.get(2).is_some();
            let value_text = value.as_str();
            // without quotes a word is more likely a variable or prose
            let is_word = !is_quoted
                && !value_text.contains(|letter: char| !letter.is_ascii_alphabetic() && letter != '_');
            if is_word || CODE.is_match(value_text) || in_resource_name(text, name.start()) {
                return None;
            }
            Some((value.range(), kind(name.as_str(), value_text)?))
        })
        .collect()
}

/// Whether a place lies within an Amazon Resource Name: `arn:aws:secretsmanager:…` assigns nothing.
fn in_resource_name(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '[' | '{'));
    before.get(start.map_or(0, |start| start + 1)..).is_some_and(|word| word.starts_with("arn:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_value_tell_a_secret_together() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("password", "changeme"),
            ("dbPasswd", "s3cr3t!"),
            ("PGPASS_PWD", "letmein1"),
            ("DB_PASS", "letmein1"),
            ("API_KEY", "4f9a8b7c6d5e4f3a2b1c"),
            ("jwt_secret", "9f8a7b6c5d4e3f2a"),
            ("SLACK_TOKEN", "xoxq-1234567890abcdef"),
        ] {
            assert!(kind(name, value).is_some(), "{name}={value}");
        }
    }

    #[test]
    fn a_reference_to_a_secret_is_none() {
        for (name, value) in [
            ("DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}"),
            ("DB_PASSWORD_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"),
            ("DB_SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"),
            ("SECRET_NAME", "prod-database-1"),
            ("PASSWORD_PARAMETER", "prod-database-1"),
            ("DB_PASSWORD", "/prod/db/password"),
            ("DB_SECRET", "prod/db/password-2024"),
            ("PASSWORD_MIN_LENGTH", "14"),
            ("MAX_TOKENS", "4096"),
            ("TOKEN_ENABLED", "true"),
            ("TOKEN_URL", "https://login.example.com/oauth2/token"),
            ("PASSWORD", "${DB_PASSWORD}"),
            ("LOG_LEVEL", "debug1234567890"),
            ("SECRET_KEY_ID", "a1b2c3d4e5f6a7b8"),
            ("COMPASS_MODE", "north-12345"),
        ] {
            assert_eq!(kind(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn texts_that_assign_a_secret_are_found() {
        for text in [
            "#!/bin/bash\nexport DB_PASSWORD=hunter2\n",
            "password: \"correct horse\"",
            "{\"password\":\"hunter2\"}",
            "{\\\"db_password\\\": \\\"hunter2\\\"}",
            "mysql --password=hunter2 -u root",
            "api_key = '4f9a8b7c6d5e4f3a2b1c'",
        ] {
            assert_eq!(find(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn code_and_prose_about_passwords_hold_none() {
        for text in [
            "password = os.environ['DB_PASSWORD']",
            "password: String",
            "token = get_token()",
            "The password: choose a long one",
            "db_password = var.db_password",
            "PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
            "DB_PASSWORD=${PASSWORD}",
            "password=\"$PASSWORD\"",
            "primary_key: customer_id_2",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf12",
            "ROLE=arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:token:9f8a7b6c5d4e3f2a",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
