//! Every operation that the catalog plans is denied, one at a time, and no verdict becomes better.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::Value;
use stance_aws::{AccessKeys, ApiModels, Client, ClientOptions, SignIn};
use stance_catalog::{Catalog, Permissions, Plan, Rule};
use stance_collect::{Answer, CallFailure, Collector, NoObserver, ScanRegions, Scope, Transport};
use stance_demo::{DemoServer, Recording};
use stance_evaluate::{Evaluator, Options};
use stance_model::{Finding, Snapshot, VerdictStatus};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

type Answers = HashMap<(String, String, String), Result<Answer, CallFailure>>;

/// Keeps what the demo's estate answers, so that it is asked over HTTP only once.
struct Keeping {
    client: Client,
    answers: Mutex<Answers>,
}

impl Transport for Keeping {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Answer, CallFailure> {
        let key = (format!("{service}:{operation}"), region.to_owned(), input.to_string());
        let outcome = Transport::call(&self.client, service, operation, region, input).await;
        self.answers.lock().unwrap().insert(key, outcome.clone());
        outcome
    }
}

/// Answers from what was kept, and denies one operation.
struct Denying {
    answers: Arc<Answers>,
    denied: String,
}

impl Transport for Denying {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        input: Value,
    ) -> Result<Answer, CallFailure> {
        let name = format!("{service}:{operation}");
        if name == self.denied {
            return Err(CallFailure {
                signed_out: false,
                operation: None,
                code: "AccessDenied".into(),
                message: "denied by the test".into(),
                access_denied: true,
                region_off: false,
            });
        }
        let key = (name, region.to_owned(), input.to_string());
        self.answers
            .get(&key)
            .cloned()
            .unwrap_or_else(|| Err(CallFailure::ours("NotKept", format!("{key:?}"))))
    }
}

async fn collect<T: Transport>(
    transport: Arc<T>,
    regions: &[String],
    plan: &Plan,
    permissions: &Permissions,
) -> Snapshot {
    let scope = Scope {
        details: Arc::default(),
        account: "123456789012".into(),
        partition: "aws".into(),
        identity: "arn:aws:iam::123456789012:user/test".into(),
        global_region: "us-east-1".into(),
    };
    let regions = ScanRegions {
        scanned: regions.iter().map(|region| region.as_str().into()).collect(),
        skipped: vec![],
    };
    let (_stop, stopped) = watch::channel(false);
    let permissions = permissions.clone();
    Collector::new(transport, scope, regions, plan.clone(), permissions, Arc::new(NoObserver), stopped)
        .collect(Some("2026-11-22T00:00:00Z".parse().unwrap()))
        .await
}

fn statuses(findings: &[Finding]) -> HashMap<String, VerdictStatus> {
    findings.iter().map(|finding| (finding.id.to_string(), finding.status)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_verdict_becomes_better_or_silent_when_an_operation_is_denied() {
    let catalog = Catalog::built_in().unwrap();
    let rules: Vec<&Rule> = catalog.rules().collect();
    let plan = Plan::of(&catalog, rules.iter().copied()).unwrap();
    let recording = Recording::built_in().unwrap();
    let regions = recording.regions.clone();
    let server = DemoServer::start(recording).await.unwrap();
    let files = catalog.models().clone();
    let endpoints = files.endpoints().unwrap();
    let models = ApiModels::new(move |service| files.service(service), &endpoints).unwrap();
    let options = ClientOptions {
        endpoint_url: Some(server.url()),
        sign_in: SignIn { keys: Some(AccessKeys::new("demo", "demo")), ..SignIn::default() },
        max_rate: 10_000.0,
        max_attempts: 1,
        ..ClientOptions::default()
    };
    let client = Client::connect(models, options).await.unwrap();
    let keeping = Arc::new(Keeping { client, answers: Mutex::default() });
    let whole = collect(Arc::clone(&keeping), &regions, &plan, catalog.permissions()).await;
    let answers = Arc::new(keeping.answers.lock().unwrap().clone());
    let evaluator = Evaluator::new(&catalog, &rules, &Options::default()).unwrap();
    let baseline = evaluator.judge(&whole);
    let before = statuses(&baseline);
    assert_eq!(before.len(), baseline.len(), "finding ids are unique");
    let speaking: HashSet<&str> = baseline.iter().map(|finding| finding.rule.as_str()).collect();
    assert!(before.values().filter(|status| **status == VerdictStatus::Pass).count() > 50);

    let operations = plan.operations();
    assert!(operations.len() > 50);
    let needs: Vec<BTreeSet<String>> = rules
        .iter()
        .map(|rule| Plan::of(&catalog, [*rule]).unwrap().operations().into_iter().collect())
        .collect();
    let mut silent = BTreeSet::new();
    for operation in operations {
        let denying = Arc::new(Denying { answers: Arc::clone(&answers), denied: operation.clone() });
        let snapshot = collect(denying, &regions, &plan, catalog.permissions()).await;
        let findings = evaluator.judge(&snapshot);
        let after = statuses(&findings);
        for finding in &findings {
            let was = before.get(finding.id.as_str());
            let sound = finding.status == VerdictStatus::Unknown || was == Some(&finding.status);
            assert!(
                sound,
                "{operation} denied: {} of {} was {was:?} and is {}",
                finding.rule, finding.resource.id, finding.status
            );
        }
        assert_eq!(after.len(), findings.len(), "finding ids are unique with {operation} denied");
        let mut touched = false;
        for (rule, _) in rules.iter().zip(&needs).filter(|(_, needs)| needs.contains(&operation)) {
            let said: Vec<_> = findings.iter().filter(|finding| finding.rule == rule.id).collect();
            let spoke = speaking.contains(rule.id.as_str());
            assert!(!spoke || !said.is_empty(), "{operation} denied: {} says nothing", rule.id);
            touched |= said
                .iter()
                .any(|finding| finding.causes.iter().any(|cause| cause.to_string().contains(&operation)));
        }
        let failed = snapshot.run.calls.get(&operation).is_some_and(|count| count.failed > 0);
        if failed && !touched {
            silent.insert(operation);
        }
    }
    assert_eq!(
        silent,
        DECIDED_BY_OTHER_FACTS.iter().map(|operation| (*operation).to_owned()).collect::<BTreeSet<_>>(),
        "denied, and nobody says so"
    );
}

/// Operations whose denial leaves every verdict on the demo's estate as it is, since other facts
/// decide there: no security group refers to a prefix list; the root user has no MFA at all; nobody has
/// subscribed to the alarms' topic, whatever the trail selects; the account is no member of an
/// organization; Macie, Security Hub and Inspector are off or not there; there is nothing that a Shield
/// subscription, a listener's policy or a registry's scanning would be asked about; and there are no
/// clusters, caches, backups, distributions, hosted zones, scaled tables, models or Lightsail instances.
const DECIDED_BY_OTHER_FACTS: &[&str] = &[
    "application-autoscaling:DescribeScalableTargets",
    "backup:ListReportPlans",
    "cloudfront:ListOriginAccessControls",
    "cloudfront:ListResponseHeadersPolicies",
    "cloudtrail:GetEventSelectors",
    "ec2:DescribeManagedPrefixLists",
    "ec2:GetManagedPrefixListEntries",
    "ecr:GetRegistryScanningConfiguration",
    "ecs:ListAccountSettings",
    "elasticache:DescribeCacheSubnetGroups",
    "elasticache:DescribeUserGroups",
    "elasticache:DescribeUsers",
    "elbv2:DescribeSSLPolicies",
    "glue:GetDataCatalogEncryptionSettings",
    "guardduty:ListOrganizationAdminAccounts",
    "iam:ListVirtualMFADevices",
    "inspector2:ListCoverage",
    "kafka:ListKafkaVersions",
    "lightsail:GetBlueprints",
    "logs:DescribeDeliveries",
    "logs:DescribeDeliverySources",
    "macie2:GetAutomatedDiscoveryConfiguration",
    "macie2:GetMacieSession",
    "organizations:DescribeEffectivePolicy",
    "organizations:ListPolicies",
    "rds:DescribeDBClusterParameterGroups",
    "redshift:DescribeClusterParameterGroups",
    "redshift:DescribeClusterParameters",
    "route53:ListQueryLoggingConfigs",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListMonitoringSchedules",
    "sagemaker:ListProcessingJobs",
    "securityhub:DescribeHub",
    "securityhub:GetEnabledStandards",
    "securityhub:ListEnabledProductsForImport",
    "securityhub:ListOrganizationAdminAccounts",
    "shield:GetSubscriptionState",
    "shield:ListProtections",
    "ssm:ListResourceComplianceSummaries",
];
