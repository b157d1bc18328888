//! The file that lists accounts.

use crate::files::read_text;
use crate::{Aws, AwsAccount, ConfigError, Origin, Problem, Role, RoleArn};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

impl Aws {
    /// All accounts that are listed: those of `accounts`, then those of `accounts_file`.
    ///
    /// # Errors
    /// The file cannot be read, a line of it is neither an account id nor the ARN of a role, or an
    /// account is listed twice.
    pub fn listed_accounts(&self) -> Result<Vec<AwsAccount>, ConfigError> {
        let mut accounts = self.accounts.clone();
        if let Some(path) = &self.accounts_file {
            let text = read_text(path.as_path())?;
            accounts.extend(read_accounts(path.as_path(), &text, self)?);
        }
        Ok(accounts)
    }
}

/// The accounts of a file's text, none of which `aws` may list itself.
fn read_accounts(path: &Path, text: &str, aws: &Aws) -> Result<Vec<AwsAccount>, ConfigError> {
    let file: Arc<Path> = Arc::from(path);
    let mut seen: BTreeMap<_, String> = BTreeMap::new();
    for account in &aws.accounts {
        if let Some(id) = account.account_id() {
            seen.insert(id, "in `aws.accounts`".to_owned());
        }
    }
    let (mut accounts, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let entry = line.trim();
        if entry.is_empty() {
            continue;
        }
        let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
        let origin = Origin::File { file: Arc::clone(&file), line: index + 1, column };
        let account = match (entry.parse::<RoleArn>(), entry.parse()) {
            (Ok(role), _) => AwsAccount {
                id: Some(role.account()),
                iam_role: Some(Role::Arn(role)),
                ..AwsAccount::default()
            },
            (_, Ok(id)) => AwsAccount { id: Some(id), ..AwsAccount::default() },
            _ => {
                let message =
                    format!("`{entry}` is neither an account id of 12 digits nor the ARN of a role");
                problems.push(Problem::new(origin, message));
                continue;
            }
        };
        if let Some(id) = &account.id {
            if let Some(first) = seen.get(id) {
                problems.push(Problem::new(
                    origin,
                    format!("the account `{id}` is listed twice, first {first}; remove one"),
                ));
                continue;
            }
            seen.insert(id.clone(), format!("at {origin}"));
        }
        accounts.push(account);
    }
    if problems.is_empty() { Ok(accounts) } else { Err(ConfigError::Problems(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_roles_are_read_and_comments_are_not() {
        let text = "# all of them\n012345678901\n\n  arn:aws:iam::111122223333:role/reader  # production\n";
        let accounts = read_accounts(Path::new("accounts.txt"), text, &Aws::default()).unwrap();
        let ids: Vec<_> =
            accounts.iter().filter_map(AwsAccount::account_id).map(|id| id.to_string()).collect();
        assert_eq!(ids, ["012345678901", "111122223333"]);
    }

    #[test]
    fn every_wrong_line_is_told() {
        let aws = Aws {
            accounts: vec![AwsAccount { id: "111122223333".parse().ok(), ..AwsAccount::default() }],
            ..Aws::default()
        };
        let text = "production\n111122223333\n444455556666\n444455556666\n";
        insta::assert_snapshot!(read_accounts(Path::new("accounts.txt"), text, &aws).unwrap_err(), @r"
        accounts.txt:1:1: `production` is neither an account id of 12 digits nor the ARN of a role
        accounts.txt:2:1: the account `111122223333` is listed twice, first in `aws.accounts`; remove one
        accounts.txt:4:1: the account `444455556666` is listed twice, first at accounts.txt:3; remove one
        ");
    }
}
