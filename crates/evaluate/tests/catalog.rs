//! The built-in catalog holds: every path exists, every example reaches its verdict.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use stance_catalog::{Catalog, Plan, check};
use stance_evaluate::verify;

fn catalog() -> Catalog {
    Catalog::built_in().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_path_exists_in_the_api_model() {
    let problems = check(&catalog());
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} problems\n{}", told.len(), told.join("\n"));
}

#[test]
fn every_example_reaches_its_verdict() {
    let catalog = catalog();
    let problems = verify(&catalog, catalog.rules());
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} problems\n{}", told.len(), told.join("\n"));
}

#[test]
fn every_planned_operation_has_a_permission() {
    let catalog = catalog();
    let plan = Plan::of(&catalog, catalog.rules()).unwrap();
    let permissions = catalog.permissions();
    assert!(plan.operations().len() > 10);
    for operation in plan.operations() {
        let actions = permissions.of(&operation);
        assert!(!actions.is_empty(), "{operation}");
        for action in actions {
            let (_, name) = action.split_once(':').unwrap();
            let read_only = [
                "Get",
                "List",
                "Describe",
                "BatchGet",
                "GET",
                // reports that IAM makes for the asker; they change nothing
                "GenerateCredentialReport",
                "GenerateServiceLastAccessedDetails",
            ];
            assert!(read_only.iter().any(|prefix| name.starts_with(prefix)), "{action} does not only read");
        }
    }
}
