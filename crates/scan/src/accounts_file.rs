//! A file of accounts: one account number or role ARN a line, `#` for remarks.

use crate::{AccountAccess, AccountSettings, MemberRole};
use stance_aws::RoleToAssume;
use std::path::Path;
use thiserror::Error;

/// A file of accounts cannot be used.
#[derive(Debug, Error)]
pub enum AccountsFileError {
    /// It cannot be read.
    #[error("cannot read the file of accounts `{path}`: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A line is neither.
    #[error("line {line} of `{path}`: `{text}` is neither an account number of 12 digits nor a role's ARN")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
}

/// Reads a file of accounts: a number is entered by the role of the usual name, an ARN is that role.
///
/// # Errors
/// If the file cannot be read, or a line is neither a number nor an ARN.
pub fn read_accounts(path: &Path, role: &MemberRole) -> Result<Vec<AccountSettings>, AccountsFileError> {
    let name = || path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| AccountsFileError::File { path: name(), source })?;
    parse(&text, role).map_err(|(line, text)| AccountsFileError::Line { path: name(), line, text })
}

fn parse(text: &str, role: &MemberRole) -> Result<Vec<AccountSettings>, (usize, String)> {
    let mut accounts = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if !entry.is_empty() {
            accounts.push(account(entry, role).ok_or_else(|| (index + 1, entry.to_owned()))?);
        }
    }
    Ok(accounts)
}

/// The account that a number or a role's ARN names.
pub(crate) fn account(entry: &str, role: &MemberRole) -> Option<AccountSettings> {
    if is_account(entry) {
        let access = AccountAccess::MemberRole;
        return Some(AccountSettings { id: Some(entry.into()), access, ..AccountSettings::default() });
    }
    let id = account_of_role(entry)?;
    let role = RoleToAssume {
        external_id: role.external_id.clone(),
        session_name: role.session_name.clone(),
        duration: role.duration,
        ..RoleToAssume::new(entry)
    };
    let access = AccountAccess::Roles(vec![role]);
    Some(AccountSettings { id: Some(id.into()), access, ..AccountSettings::default() })
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account in a role's ARN.
pub(crate) fn account_of_role(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (head, _partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let is_role = head == "arn" && service == "iam" && region.is_empty() && resource.starts_with("role/");
    (is_role && is_account(account)).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_roles_are_told_apart_and_remarks_skipped() {
        let text = "# ours\n111111111111\n\n  arn:aws-us-gov:iam::222222222222:role/path/audit # theirs\n";
        let accounts = parse(text, &MemberRole::default()).unwrap();
        let ids: Vec<_> = accounts.iter().map(|account| account.id.clone().unwrap().to_string()).collect();
        assert_eq!(ids, ["111111111111", "222222222222"]);
        assert!(matches!(accounts[0].access, AccountAccess::MemberRole));
        assert!(matches!(&accounts[1].access, AccountAccess::Roles(roles) if roles.len() == 1));
    }

    #[test]
    fn a_line_that_is_neither_is_named() {
        for wrong in ["11111111111", "arn:aws:iam::1:role/x", "arn:aws:iam::111111111111:user/x", "x"] {
            let text = format!("111111111111\n{wrong}\n");
            assert_eq!(parse(&text, &MemberRole::default()).unwrap_err(), (2, wrong.to_owned()));
        }
    }
}
