//! Nothing that somebody writes stops a pack, leaves it half, or is obeyed.

use super::*;
use crate::fonts;
use crate::report_model::TagKind;

/// Puts a text wherever people or partners write.
fn with(text: &str) -> ReportModel {
    let mut model = Sample::small().model();
    let text = text.to_owned();
    let headline = &mut model.headline;
    let group = &mut model.indicators.groups[0];
    let row = &mut group.rows[0];
    let detail = &mut model.details[0];
    let fact = &mut detail.facts[0];
    let drawing = &mut model.drawings[0];
    let action = &mut model.actions.overdue[0];
    let owed = &mut model.returns.attention[0];
    for place in [
        &mut headline.finding,
        &mut headline.standing,
        &mut model.about.partnership,
        &mut model.about.partnership_short,
        &mut model.about.title,
        &mut model.about.months,
        &mut model.marking,
        &mut model.demonstration,
        &mut model.indicators.caption,
        &mut group.heading,
        &mut row.name,
        &mut detail.name,
        &mut detail.sentence,
        &mut fact.term,
        &mut fact.text,
        &mut drawing.title,
        &mut drawing.alt,
        &mut action.action,
        &mut action.lead,
        &mut action.status,
        &mut owed.name,
        &mut owed.note,
        &mut model.provenance.sources[0].file,
    ] {
        place.clone_from(&text);
    }
    model
}

#[test]
fn whatever_is_written_is_printed() {
    for text in [
        "",
        " ",
        "Call \u{260e}\u{fe0f} 警察 \u{1f6b2} now",
        "تقرير عن السلامة",
        "דו״ח בטיחות",
        "\u{0}\u{7}\r\n\t\u{1b}[31m\u{202e}\u{2066}\u{feff}\u{fffe}",
        "e\u{301}\u{301}\u{301} \u{301} \u{e000} \u{f8ff} \u{10ffff}",
        "#panic() $x$ *bold* _it_ `raw` <label> @ref = Heading // comment \\ #{",
        "[note 1][note 2] \u{a0}\u{2028} - + / term: x",
    ] {
        let pack = rendered(&with(text)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!((7..10).contains(&pack.pages), "{text:?}: {} pages", pack.pages);
    }
}

#[test]
fn what_cannot_be_printed_is_seen_and_told() {
    let mut model = Sample::small().model();
    model.actions.overdue[0].action = "Ride \u{1f6b2}\u{1f6b2} to 警察".to_owned();
    let pack = laid_out(&model);
    let text = pack.text();
    assert!(text.contains(&solid("Ride □□ to □□")));
    let told = "4 characters that cannot be printed are shown as □: U+5BDF, U+8B66 and \
                U+1F6B2 (2 times). The attached data files have them as they were written.";
    assert!(text.contains(&solid(told)), "{text}");
    assert!(!laid_out(&Sample::small().model()).text().contains(&solid("cannot be printed")));
}

#[test]
fn every_character_of_the_fonts_can_be_printed() {
    let all: String = ('\u{20}'..='\u{ffff}')
        .filter(|c| fonts::unprintable(&c.to_string()).next().is_none())
        .collect();
    assert!(all.chars().count() > 1_500);
    rendered(&with(&all)).expect("a pack");
}

#[test]
fn words_without_an_end_stay_on_the_page() {
    const PIECE: &str = "Zuständigkeit_";
    let word = PIECE.repeat(360);
    let model = with(&word);
    let pack = laid_out(&model);
    rendered(&model).expect("a pack");
    // All of it, in many places, but where a page ends.
    let pieces = pack.text().matches(PIECE).count();
    assert!(pieces > 360 * 14, "{pieces}");
    for page in pack.document.pages() {
        let (width, height) = (page.frame.width().to_pt(), page.frame.height().to_pt());
        every_text(&page.frame, (0.0, 0.0), &mut |(x, y), item| {
            assert!(x >= 0.0 && x + item.width().to_pt() < width - 40.0, "{x} {y} {}", item.text);
            assert!(y >= 0.0 && y < height - 20.0, "{x} {y} {}", item.text);
        });
    }
}

fn every_text(
    frame: &Frame,
    (left, top): (f64, f64),
    see: &mut impl FnMut((f64, f64), &typst::text::TextItem),
) {
    for (place, item) in frame.items() {
        let at = (left + place.x.to_pt(), top + place.y.to_pt());
        match item {
            FrameItem::Group(group) => every_text(&group.frame, at, see),
            FrameItem::Text(item) => see(at, item),
            _ => (),
        }
    }
}

#[test]
fn two_hundred_indicators_are_all_there() {
    let mut model = Sample::drawn().model();
    let group = model.indicators.groups[0].clone();
    let (row, detail) = (group.rows[0].clone(), model.details[0].clone());
    let many = 0..200;
    model.indicators.groups[0].rows = many
        .clone()
        .map(|number| {
            let mut row = row.clone();
            row.name = format!("Indicator number {number:03}");
            row.tag.kind = [TagKind::Concern, TagKind::NoChange][number % 2];
            row
        })
        .collect();
    model.details = many
        .map(|number| {
            let mut detail = detail.clone();
            detail.name = format!("Indicator number {number:03}");
            detail
        })
        .collect();
    let pack = laid_out(&model);
    let names: Vec<String> = (0..200).map(|number| format!("Indicatornumber{number:03}")).collect();
    let text = pack.text();
    // In the contents, in the table, on its own, and above its quarters.
    assert!(names.iter().all(|name| text.matches(name.as_str()).count() >= 4));
}

#[test]
fn many_small_charts_go_on_several_pages() {
    let mut model = Sample::drawn().model();
    let overview = model.overviews[0].clone();
    let drawing = model.drawings.iter_mut().find(|drawing| drawing.id == overview);
    let crate::report_model::DrawingKind::Multiples(panels) =
        &mut drawing.expect("it is there").kind
    else {
        panic!("an overview is of small charts");
    };
    let before = rendered(&Sample::drawn().model()).expect("a pack").pages;
    *panels = panels.iter().cycle().take(120).cloned().collect();
    let after = rendered(&model).expect("a pack").pages;
    assert!(after >= before + 8, "{before}, {after}");
}
