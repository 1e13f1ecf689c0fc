//! Thousands of random reports, every rendering: nothing fails, nothing overlaps, nothing is lost.
//!
//! `PROPTEST_CASES` says how many; without it, the renderings that take longer get eight.

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::TestCaseError;

use crate::brand::Brand;
use crate::charts::assert_sound;
use crate::email::parity;
use crate::page::{PageInput, render_page};
use crate::report_model::ReportModel;
use crate::sample::{Sample, mail, page_template};

/// What stands around a report's own words: nothing of a template may be left.
fn assert_filled_in(text: &str) -> Result<(), TestCaseError> {
    for rest in ["{%", "%}", "{#", "#}", "undefined"] {
        proptest::prop_assert!(!text.contains(rest), "`{rest}` is left");
    }
    Ok(())
}

fn model(seed: u64) -> ReportModel {
    Sample::random(seed).model()
}

proptest! {
    #[test]
    fn mail_text_and_page_hold_every_figure_and_no_label_overlaps(seed in any::<u64>()) {
        let model = model(seed);
        assert_sound(&model);
        let sent = mail(&model);
        proptest::prop_assert!(sent.html.len() < 100_000, "{} bytes", sent.html.len());
        assert_filled_in(&sent.html)?;
        assert_filled_in(&sent.text)?;
        if !sent.html.contains("this message leaves out") {
            parity::assert_mail_holds(&model, &sent);
        }
        let files = render_page(&PageInput {
            model: &model,
            template: page_template(),
            brand: &Brand::default(),
            downloads: &[],
        });
        let page = files.expect("it renders").remove("index.html").expect("a page");
        let page = String::from_utf8(page).expect("UTF-8");
        assert_filled_in(&page)?;
        parity::assert_html_holds(&model, &page);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn pack_and_workbook_hold_every_figure(seed in any::<u64>()) {
        let model = model(seed);
        crate::pack::assert_holds_everything(&model);
        crate::data_workbook::assert_holds_everything(&model);
    }
}

#[test]
fn reports_that_were_wrong_once() {
    for seed in [15_637_350_510_222_520_290, 5_649_319_936_557_152_794, 7_877_508_191_856_351_021] {
        assert_sound(&model(seed));
    }
    for seed in [9_607_148_369_292_002_479, 11_035_314_853_197_284_804, 6_093_589_611_903_581_262] {
        crate::pack::assert_holds_everything(&model(seed));
    }
}
