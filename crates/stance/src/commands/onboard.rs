//! `stance onboard`: what a customer applies so that Stance may read.

use crate::cli::{AccessName, FormName, Onboard};
use crate::commands::permissions;
use crate::exit::Outcome;
use anyhow::{Context, bail};
use serde_json::Value;
use stance_catalog::Permissions;
use stance_onboard::{
    Access, ExternalId, Form, ManagementAccount, Names, OnboardScope, PermissionSet, Request,
};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// What the stack is called.
const STACK: &str = "stance";

/// Prints what is asked for, or writes it to a folder, and says what to do with it.
pub fn run(onboard: &Onboard, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let request = request(onboard, config)?;
    let Some(folder) = &onboard.folder else {
        let form = onboard.form.unwrap_or(FormName::Cloudformation);
        let (shown, file) = match form {
            FormName::Cloudformation => (stance_onboard::cloudformation(&request)?, "stance.yaml"),
            FormName::Terraform => match stance_onboard::terraform(&request)?.as_slice() {
                [file] => (file.text.clone(), "."),
                _ => bail!(
                    "an organization takes more than one file of Terraform; say where by `--output DIR`"
                ),
            },
            FormName::Commands => (stance_onboard::commands(&request)?, "stance.sh"),
            FormName::Policies => (policies(&request)?, ""),
            FormName::Link => (link(onboard, &request)?, ""),
        };
        writeln!(std::io::stdout().lock(), "{}", shown.trim_end())?;
        tell(&request, form, file);
        return Ok(Outcome::Clean);
    };
    let asked = |form: FormName| onboard.form.is_none_or(|asked| asked == form);
    if asked(FormName::Cloudformation) {
        write(&folder.join("stance.yaml"), &stance_onboard::cloudformation(&request)?)?;
    }
    if asked(FormName::Terraform) {
        for file in stance_onboard::terraform(&request)? {
            write(&folder.join("terraform").join(file.name), &file.text)?;
        }
    }
    if asked(FormName::Commands) {
        write(&folder.join("stance.sh"), &stance_onboard::commands(&request)?)?;
    }
    if asked(FormName::Policies) {
        for policy in stance_onboard::policies(&request)? {
            let text = format!("{:#}\n", policy.document);
            write(&folder.join("policies").join(&policy.file), &text)?;
            eprintln!("{}: {}", policy.file, policy.purpose);
        }
    }
    if onboard.template_url.is_some() && asked(FormName::Link) {
        write(&folder.join("link.txt"), &format!("{}\n", link(onboard, &request)?))?;
    }
    let form = onboard.form.unwrap_or(FormName::Cloudformation);
    let place = match form {
        FormName::Cloudformation => folder.join("stance.yaml"),
        FormName::Terraform => folder.join("terraform"),
        FormName::Commands => folder.join("stance.sh"),
        FormName::Policies | FormName::Link => folder.clone(),
    };
    tell(&request, form, &place.to_string_lossy());
    Ok(Outcome::Clean)
}

/// What the flags ask for.
fn request(onboard: &Onboard, config: Option<&Path>) -> anyhow::Result<Request> {
    let access = access(onboard)?;
    let scope = if onboard.organization {
        let management_account = if onboard.no_management_account {
            ManagementAccount::LeftOut
        } else {
            ManagementAccount::Scanned
        };
        OnboardScope::Organization { units: onboard.ou.clone(), management_account }
    } else {
        OnboardScope::Account
    };
    let defaults = Names::default();
    Ok(Request {
        scope,
        access,
        names: Names {
            role: onboard.role_name.clone().unwrap_or(defaults.role),
            root_role: onboard.root_role_name.clone().unwrap_or(defaults.root_role),
            user: onboard.user_name.clone().unwrap_or(defaults.user),
        },
        permissions: permission_set(onboard, config)?,
        partition: onboard.partition,
        permissions_boundary: onboard.permissions_boundary.clone(),
    })
}

/// How Stance signs in, where flags that would mean nothing are refused.
fn access(onboard: &Onboard) -> anyhow::Result<Access> {
    let principal = onboard.principal.clone();
    let external_id = onboard.external_id.clone();
    if external_id.is_some() && onboard.access != AccessName::CloudConnector {
        bail!("`--external-id` is for `--access cloud-connector`");
    }
    if principal.is_some() && matches!(onboard.access, AccessName::InstanceRole | AccessName::DirectKeys) {
        bail!("`--principal` is for `--access account-role` and `--access cloud-connector`");
    }
    Ok(match onboard.access {
        AccessName::InstanceRole => Access::InstanceRole,
        AccessName::AccountRole => Access::AccountRole { principal },
        AccessName::DirectKeys => Access::DirectKeys,
        AccessName::CloudConnector => Access::CloudConnector {
            principal: principal.context("`--access cloud-connector` needs `--principal ARN`")?,
            external_id: external_id.map_or_else(ExternalId::generate, Ok)?,
        },
    })
}

fn permission_set(onboard: &Onboard, config: Option<&Path>) -> anyhow::Result<PermissionSet> {
    let actions = permissions::actions(&onboard.choice, config)?;
    Ok(if onboard.managed {
        PermissionSet::managed_with(Permissions::policies_beside_security_audit(&actions)?)?
    } else {
        PermissionSet::least_privilege(Permissions::policies(&actions))?
    })
}

/// The policies by the names of their files.
fn policies(request: &Request) -> anyhow::Result<String> {
    let policies = stance_onboard::policies(request)?.into_iter();
    let policies: BTreeMap<String, Value> = policies.map(|policy| (policy.file, policy.document)).collect();
    Ok(serde_json::to_string_pretty(&policies)?)
}

fn link(onboard: &Onboard, request: &Request) -> anyhow::Result<String> {
    let region = onboard.region.as_deref().unwrap_or_else(|| onboard.partition.region());
    let url = onboard.template_url.as_deref().unwrap_or_default();
    Ok(stance_onboard::quick_create_link(request, url, region, STACK)?)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

/// Says what to do, beside what was printed.
fn tell(request: &Request, form: FormName, file: &str) {
    let form = match form {
        FormName::Cloudformation => Form::CloudFormation,
        FormName::Terraform => Form::Terraform,
        FormName::Commands => Form::Commands,
        FormName::Policies => Form::Policies,
        FormName::Link => Form::Link,
    };
    eprintln!("next:");
    for (number, step) in (1..).zip(stance_onboard::steps(request, form, file)) {
        eprintln!("  {number}. {step}");
    }
}
