use super::*;
use crate::sample::{Sample, page_template};

fn page(sample: &Sample) -> String {
    let input = PageInput {
        model: &sample.model(),
        template: page_template(),
        brand: &Brand::default(),
        downloads: &[],
    };
    let mut files = render_page(&input).expect("the shipped template renders");
    assert!(files.contains_key("fonts/OFL.txt"));
    String::from_utf8(files.remove("index.html").expect("a page")).expect("UTF-8")
}

#[test]
fn every_chart_is_drawn_twice_and_has_its_figures_below() {
    for sample in [Sample::small(), Sample::large(), Sample::drawn()] {
        let html = page(&sample);
        let details: usize = sample.model().details.iter().map(|it| it.drawings.len()).sum();
        let shown = details + sample.model().overviews.len();
        assert_eq!(html.matches("<svg ").count(), 2 * shown);
        assert_eq!(html.matches("<details>").count(), shown);
        assert_eq!(html.matches(" aria-label=\"\"").count(), 0);
    }
}

#[test]
fn a_report_about_nothing_is_a_whole_page() {
    let html = page(&Sample::empty());
    assert!(html.contains("There is no indicator to report on.") && html.ends_with("</html>\n"));
}
