//! An organization as a fake service tells it.

use super::*;
use stance_collect::Answer;
use std::collections::HashMap;

/// Answers by operation and by what it is asked of; anything else is denied.
struct Fake(HashMap<(&'static str, &'static str), Value>);

impl Transport for Fake {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Answer, CallFailure> {
        assert_eq!((service, region), ("organizations", "us-east-1"));
        let of = ["ParentId", "ResourceId"].iter().find_map(|name| input.get(*name)?.as_str());
        let found = self
            .0
            .iter()
            .find(|((known, known_of), _)| *known == operation && *known_of == of.unwrap_or_default());
        match found {
            Some((_, value)) => Ok(Answer { value: value.clone(), pages: 1 }),
            None => Err(CallFailure {
                access_denied: true,
                ..CallFailure::ours("AccessDeniedException", "you may not")
            }),
        }
    }
}

/// Root with `shop` in it, and the unit `Workloads` with `blog`, and the unit `Production` with nothing.
fn fake() -> Fake {
    let account = |id: &str, name: &str, word: &str| json!({ "Id": id, "Name": name, word: "ACTIVE" });
    let unit = |id: &str, name: &str| json!({ "Id": id, "Name": name });
    let none = |name: &str| json!({ name: [] });
    Fake(HashMap::from([
        (
            ("DescribeOrganization", ""),
            json!({ "Organization": { "Id": "o-1", "MasterAccountId": "111111111111" } }),
        ),
        (("ListRoots", ""), json!({ "Roots": [unit("r-1", "Root")] })),
        (
            ("ListAccountsForParent", "r-1"),
            json!({ "Accounts": [account("222222222222", "shop", "Status")] }),
        ),
        (
            ("ListAccountsForParent", "ou-1"),
            json!({ "Accounts": [account("111111111111", "blog", "State")] }),
        ),
        (("ListAccountsForParent", "ou-2"), none("Accounts")),
        (
            ("ListOrganizationalUnitsForParent", "r-1"),
            json!({ "OrganizationalUnits": [unit("ou-1", "Workloads")] }),
        ),
        (
            ("ListOrganizationalUnitsForParent", "ou-1"),
            json!({ "OrganizationalUnits": [unit("ou-2", "Production")] }),
        ),
        (("ListOrganizationalUnitsForParent", "ou-2"), none("OrganizationalUnits")),
        (
            ("ListTagsForResource", "111111111111"),
            json!({ "Tags": [{ "Key": "env", "Value": "prod" }, { "Key": "empty" }] }),
        ),
        (("ListTagsForResource", "222222222222"), none("Tags")),
    ]))
}

fn without(operation: &str, of: &str) -> Fake {
    let mut fake = fake();
    fake.0.retain(|key, _| *key != (operation, of));
    fake
}

#[tokio::test]
async fn accounts_are_found_in_every_unit_with_names_paths_and_tags() {
    let found = find_accounts(&fake(), "us-east-1", false).await.unwrap();
    assert_eq!((found.id.as_str(), found.management_account.as_str()), ("o-1", "111111111111"));
    let told: Vec<_> = found
        .accounts
        .iter()
        .map(|account| {
            let details = &account.details;
            (account.id.as_str(), account.status.as_str(), details.name.as_deref(), details.path_text())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("111111111111", "ACTIVE", Some("blog"), "Root/Workloads".to_owned()),
            ("222222222222", "ACTIVE", Some("shop"), "Root".to_owned()),
        ]
    );
    let blog = &found.accounts[0];
    assert!(blog.is_in("r-1") && blog.is_in("ou-1") && !blog.is_in("ou-2"));
    assert_eq!(blog.details.tags["env"], "prod");
    assert_eq!(blog.details.tags["empty"], "");
}

#[tokio::test]
async fn a_part_of_the_tree_that_cannot_be_read_is_an_error() {
    for (operation, of) in [
        ("DescribeOrganization", ""),
        ("ListRoots", ""),
        ("ListAccountsForParent", "ou-2"),
        ("ListOrganizationalUnitsForParent", "ou-1"),
    ] {
        let told = find_accounts(&without(operation, of), "us-east-1", false).await.unwrap_err().to_string();
        let expected = format!("organizations:{operation} answered AccessDeniedException (you may not)");
        assert!(told.contains(&expected), "{told}");
        assert!(told.contains("sign in to the management account"), "{told}");
    }
}

#[tokio::test]
async fn tags_that_cannot_be_read_matter_only_where_they_decide() {
    let fake = without("ListTagsForResource", "111111111111");
    let found = find_accounts(&fake, "us-east-1", false).await.unwrap();
    assert_eq!(found.accounts.len(), 2);
    assert!(found.accounts[0].details.tags.is_empty());
    let told = find_accounts(&fake, "us-east-1", true).await.unwrap_err().to_string();
    assert!(told.contains("the tags of account `111111111111` cannot be read"), "{told}");
}

#[tokio::test]
async fn an_answer_without_the_management_account_is_an_error() {
    let mut fake = fake();
    fake.0.insert(("DescribeOrganization", ""), json!({ "Organization": { "Id": "o-1" } }));
    let told = find_accounts(&fake, "us-east-1", false).await.unwrap_err().to_string();
    assert_eq!(told, "the answer to organizations:DescribeOrganization has no `MasterAccountId`");
}
