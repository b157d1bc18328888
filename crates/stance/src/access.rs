//! From the configuration to the settings of a scan.

use anyhow::{Context, bail};
use stance_aws::{ClientOptions, Mfa, RoleToAssume};
use stance_config::{Aws, AwsAccount, Organization, Regions};
use stance_model::ScopeDetails;
use stance_scan::{
    AccountFilter, AccountSettings, NamedRole, OrganizationSettings, RegionSettings, Role, ScanSettings,
};
use stance_sign_in::credentials;
use std::io::{IsTerminal, Write};

/// What the configuration says of scanning AWS. `mfa_code` is what the user's device shows, if they said.
///
/// # Errors
/// If the file of accounts cannot be used, or a code is needed and nobody can be asked for it.
pub fn settings(aws: &Aws, mfa_code: Option<&str>) -> anyhow::Result<ScanSettings> {
    let common = aws.sign_in();
    let organization = aws.organization.as_ref().filter(|organization| organization.enabled);
    let member_role = NamedRole {
        name: aws.organization.as_ref().map_or(NamedRole::OF_MEMBERS.to_owned(), |organization| {
            organization.role_name.as_str().to_owned()
        }),
        ..named_role(&common, String::new())
    };
    let listed = aws.listed_accounts()?;
    let mut accounts = Vec::with_capacity(listed.len());
    for account in &listed {
        accounts.push(account_settings(aws, account, &member_role)?);
    }
    let mut sign_in = credentials(&common)?;
    if let Some(serial) = &common.mfa_serial {
        let serial = serial.as_str().to_owned();
        let code = mfa_code.map_or_else(|| ask_for_code(&serial), |code| Ok(code.to_owned()))?;
        sign_in.mfa = Some(Mfa { serial, code });
    }
    Ok(ScanSettings {
        client: ClientOptions {
            region: aws.region.as_ref().map(|region| region.as_str().to_owned()),
            endpoint_url: aws.endpoint_url.as_ref().map(|url| url.as_str().to_owned()),
            sign_in,
            max_attempts: aws.retries.get(),
            max_rate: aws.max_rate.get(),
            connect_timeout: aws.connect_timeout.get(),
            read_timeout: aws.read_timeout.get(),
            attempt_timeout: aws.read_timeout.get().saturating_mul(2),
            use_fips: aws.use_fips,
            use_dual_stack: aws.use_dual_stack,
            ..ClientOptions::default()
        },
        roles: roles(&common),
        accounts,
        organization: organization
            .map(|organization| organization_settings(organization, member_role, &common)),
        left_out_account: aws.master_account_id.as_ref().map(|id| id.as_str().into()),
        regions: regions(aws.regions()),
        accounts_at_once: usize::try_from(aws.accounts_at_once.get()).unwrap_or(1),
        ..ScanSettings::default()
    })
}

fn regions(regions: Regions) -> RegionSettings {
    let texts =
        |names: Vec<stance_config::RegionName>| names.iter().map(|name| name.as_str().to_owned()).collect();
    match regions {
        Regions::Enabled { except } => RegionSettings { include: Vec::new(), exclude: texts(except) },
        Regions::Named(names) => RegionSettings { include: texts(names), exclude: Vec::new() },
    }
}

fn account_settings(
    aws: &Aws,
    account: &AwsAccount,
    member_role: &NamedRole,
) -> anyhow::Result<AccountSettings> {
    let whole = aws.sign_in_of(account);
    let own = account.sign_in().has_credentials();
    let mut roles = roles(&whole);
    // an account that is known by its number alone is entered as members of an organization are
    if whole.iam_role.is_none() && !own && account.id.is_some() {
        roles.push(Role::Named(member_role.clone()));
    }
    Ok(AccountSettings {
        id: account.account_id().map(|id| id.as_str().into()),
        details: ScopeDetails { name: account.name.clone(), ..ScopeDetails::default() },
        sign_in: if own { Some(Box::new(credentials(&whole)?)) } else { None },
        roles,
        regions: regions(aws.regions_of(account)),
    })
}

fn organization_settings(
    organization: &Organization,
    member_role: NamedRole,
    common: &stance_config::SignIn,
) -> OrganizationSettings {
    let texts = |ids: &[stance_config::AccountId]| ids.iter().map(|id| id.as_str().to_owned()).collect();
    let units = |units: &[stance_config::OrganizationalUnit]| {
        units.iter().map(|unit| unit.as_str().to_owned()).collect()
    };
    OrganizationSettings {
        member_role,
        management_role: organization
            .management_role
            .as_ref()
            .map(|role| NamedRole { external_id: None, ..named_role(common, role.as_str().to_owned()) }),
        filter: AccountFilter {
            include_units: units(&organization.include_ous),
            exclude_units: units(&organization.exclude_ous),
            include_accounts: texts(&organization.include_accounts),
            exclude_accounts: texts(&organization.exclude_accounts),
            tags: organization.account_tags.clone(),
            statuses: organization.statuses.iter().map(|status| status.as_str().to_owned()).collect(),
            management_account: organization.scan_management_account,
        },
    }
}

/// The roles that a sign-in leads through. The external id is for the last one.
fn roles(sign_in: &stance_config::SignIn) -> Vec<Role> {
    let by_arn = |arn: &str| stance_sign_in::role(sign_in, arn);
    let chain = sign_in.role_chain.iter().map(|arn| Role::Arn(by_arn(arn.as_str())));
    let last = sign_in.iam_role.as_ref().map(|role| match role {
        stance_config::Role::Arn(arn) => {
            Role::Arn(RoleToAssume { external_id: sign_in.external_id.clone(), ..by_arn(arn.as_str()) })
        }
        stance_config::Role::Name(name) => Role::Named(named_role(sign_in, name.as_str().to_owned())),
    });
    chain.chain(last).collect()
}

fn named_role(sign_in: &stance_config::SignIn, name: String) -> NamedRole {
    NamedRole {
        name,
        external_id: sign_in.external_id.clone(),
        session_name: stance_sign_in::session_name(sign_in),
        duration: sign_in.session_duration.map(stance_config::Period::get),
    }
}

/// Asks at the terminal for what the user's device shows.
fn ask_for_code(serial: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("the code of `{serial}` is needed and nobody can be asked; say it with `--mfa-code`");
    }
    eprint!("MFA code of {}: ", stance_model::printable(serial));
    std::io::stderr().flush()?;
    let mut code = String::new();
    std::io::stdin().read_line(&mut code).context("the MFA code cannot be read")?;
    Ok(code.trim().to_owned())
}
