//! Two versions of a benchmark beside each other.

use crate::estate::SECRET;
use crate::server::{Server, chief, limited};
use stance_catalog::Catalog;
use stance_server::Level;

/// The numbers of the sentence: added, removed, with other rules, renumbered, the same.
fn counts(page: &str) -> [usize; 5] {
    let (before, after) = page.split_once(" added, ").unwrap();
    let first = before.rsplit(['>', '<']).next().unwrap().split(' ').next().unwrap();
    let mut others = after.split(' ').filter_map(|word| word.parse().ok());
    let mut next = || others.next().unwrap();
    [first.parse().unwrap(), next(), next(), next(), next()]
}

#[tokio::test]
async fn every_control_of_both_versions_is_accounted_for() {
    let server = Server::new();
    let catalog = Catalog::built_in().unwrap();
    let controls = |id: &str| catalog.benchmark(id).unwrap().controls().count();
    for (from, to) in
        [("aws-cis-5.0", "aws-cis-6.0"), ("aws-cis-1.4", "aws-cis-3.0"), ("aws-cis-3.0", "aws-cis-3.0")]
    {
        let page = server.get(&chief(), &format!("/benchmarks/{to}/compare?with={from}")).await;
        assert_eq!(page.status, 200);
        let [added, removed, changed, renumbered, same] = counts(page.text());
        assert_eq!(
            (removed + changed + renumbered + same, added + changed + renumbered + same),
            (controls(from), controls(to)),
            "{from} {to}"
        );
        assert_eq!(from == to, added + removed + changed + renumbered == 0, "{from} {to}");
        assert!(page.text().matches("class=\"figure\"").count() == 2, "the score of each stands there");
    }
}

#[tokio::test]
async fn a_benchmark_links_to_what_changed_since_the_version_before() {
    let server = Server::new();
    let page = server.get(&chief(), "/benchmarks/aws-cis-6.0").await;
    assert!(page.text().contains("/benchmarks/aws-cis-6.0/compare?with=aws-cis-5.0"), "{}", page.text());
    let unsaid = server.get(&chief(), "/benchmarks/aws-cis-6.0/compare").await;
    let said = server.get(&chief(), "/benchmarks/aws-cis-6.0/compare?with=aws-cis-5.0").await;
    assert_eq!(unsaid.body, said.body);
    let theirs = server.get(&limited(Level::Read), "/benchmarks/aws-cis-6.0/compare").await;
    assert!(theirs.status == 200 && theirs.body != said.body && !theirs.text().contains(SECRET));
    for nowhere in ["/benchmarks/none/compare", "/benchmarks/aws-cis-6.0/compare?with=%3Cb%3E"] {
        let told = server.get(&chief(), nowhere).await;
        assert!(told.status == 404 && !told.text().contains("<b>"), "{nowhere}");
    }
}
