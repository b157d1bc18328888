//! The score over time, as a line.

use super::time::exact;
use maud::{Markup, html};
use stance_store::TrendPoint;

const WIDTH: u64 = 600;
const HEIGHT: u64 = 120;

/// The score after each run. Nothing with fewer than two runs: a point is no trend.
pub(crate) fn trend(points: &[TrendPoint]) -> Option<Markup> {
    let decided: Vec<(&TrendPoint, u64)> =
        points.iter().filter_map(|point| Some((point, point.score.verdicts.percent()?))).collect();
    let (first, last) = (decided.first()?, decided.last()?);
    if decided.len() < 2 {
        return None;
    }
    // a change of a few per cent is to be seen, and not to look like a fall from a cliff
    let lowest = decided.iter().map(|(_, percent)| *percent).min()?.saturating_sub(5);
    let highest = (decided.iter().map(|(_, percent)| *percent).max()? + 5).min(100);
    let span = (highest - lowest).max(1);
    let place = |index: usize, percent: u64| {
        let x = index as u64 * WIDTH / (decided.len() as u64 - 1);
        (x, HEIGHT - (percent - lowest) * HEIGHT / span)
    };
    let places: Vec<(u64, u64)> =
        decided.iter().enumerate().map(|(index, (_, percent))| place(index, *percent)).collect();
    let line = places.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    let told = format!("from {} % on {} to {} % on {}", first.1, exact(first.0.at), last.1, exact(last.0.at));
    Some(html! {
        figure.trend {
            svg viewBox={ "-6 -8 " (WIDTH + 12) " " (HEIGHT + 16) } role="img" aria-label={ "posture score " (told) } {
                title { (told) }
                polygon.area points={ "0," (HEIGHT) " " (line) " " (WIDTH) "," (HEIGHT) } {}
                polyline.line points=(line) fill="none" {}
                @for ((x, y), (point, percent)) in places.iter().zip(&decided) {
                    circle.point cx=(x) cy=(y) r="4" { title { (percent) " % on " (exact(point.at)) } }
                }
            }
            figcaption {
                span { (first.0.at.format("%Y-%m-%d")) ": " (first.1) " %" }
                span { (last.0.at.format("%Y-%m-%d")) ": " (last.1) " %" }
            }
        }
    })
}
