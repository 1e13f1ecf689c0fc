//! Whatever the report says stands in both parts of its message, and on its page.

use crate::email::Email;
use crate::report_model::{Figures, IndicatorRow, ReportModel};

/// A piece of HTML as it is read: no tags, no entities, single blanks.
fn read(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => (),
        }
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("\u{a0}", " "),
        ("&amp;", "&"),
    ];
    for (entity, character) in entities {
        text = text.replace(entity, character);
    }
    single_blanks(&text)
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn holds_in_order(text: &str, parts: &[String]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| {
        let found = rest.find(part.as_str());
        if let Some(start) = found {
            rest = &rest[start + part.len()..];
        }
        found.is_some()
    })
}

pub(super) fn figure_parts(figures: &Figures) -> Vec<String> {
    let mut parts = vec![
        figures.now.text.clone(),
        figures.year_before.text.clone(),
        figures.change.text.clone(),
    ];
    parts.extend(figures.change.percent.clone());
    parts.push(figures.twelve_months.text.clone());
    parts
}

fn rate_parts(row: &IndicatorRow) -> Option<Vec<String>> {
    let rate = row.rate.as_ref()?;
    let parts =
        [&row.name, &rate.per_1000, &rate.interval, &rate.over, &rate.peer_average, &rate.position];
    let before = Some(rate.position_before.clone()).filter(|text| !text.is_empty());
    Some(parts.into_iter().cloned().chain(before).collect())
}

/// What must stand together, in this order, in the HTML rows and in the text.
fn promises(model: &ReportModel) -> Vec<(Vec<String>, Vec<String>)> {
    let mut promises = Vec::new();
    for row in model.indicators.groups.iter().flat_map(|group| &group.rows) {
        let figures = figure_parts(&row.figures);
        let html = [vec![row.name.clone()], figures.clone(), vec![row.tag.word.clone()]].concat();
        let tagged = format!("{}: {}", row.tag.word.to_uppercase(), row.name);
        promises.push((html, [vec![tagged], figures].concat()));
        promises.extend(rate_parts(row).map(|parts| (parts.clone(), parts)));
    }
    for row in model.parts.groups.iter().flat_map(|group| &group.rows) {
        let parts = [vec![row.part.clone()], figure_parts(&row.figures)].concat();
        promises.push((parts.clone(), parts));
    }
    for row in &model.success.rows {
        let html = vec![row.text.clone(), row.tag.word.clone(), row.sentence.clone()];
        let tagged = format!("{}: {}", row.tag.word.to_uppercase(), row.text);
        promises.push((html, vec![tagged, row.sentence.clone()]));
    }
    for row in model.actions.overdue.iter().chain(&model.actions.soon) {
        let mut parts =
            vec![row.number.clone(), row.action.clone(), row.lead.clone(), row.due.clone()];
        parts.extend(row.days_late.map(|days| days.to_string()));
        promises.push((parts.clone(), parts));
    }
    for row in &model.returns.attention {
        let parts = vec![row.name.clone(), row.due.clone(), row.state.clone(), row.note.clone()];
        promises.push((parts.clone(), parts));
    }
    promises
}

/// Every promise in rows of HTML.
pub(crate) fn assert_html_holds(model: &ReportModel, html: &str) {
    let rows: Vec<String> = html.split("<tr").map(read).collect();
    for (promise, _) in promises(model) {
        let promise: Vec<String> = promise.iter().map(|part| single_blanks(part)).collect();
        assert!(
            rows.iter().any(|row| holds_in_order(row, &promise)),
            "not in the HTML: {promise:?}"
        );
    }
    let whole = read(html);
    for line in &model.changes {
        let parts = vec![line.tag.word.clone(), line.indicator.clone(), line.sentence.clone()];
        assert!(holds_in_order(&whole, &parts), "{parts:?}");
    }
    for sentence in model.provenance.lines.iter().chain(model.indicators.notes.iter()) {
        assert!(whole.contains(&single_blanks(sentence)), "{sentence}");
    }
}

/// Every promise in both parts of a message.
pub(crate) fn assert_mail_holds(model: &ReportModel, mail: &Email) {
    assert_html_holds(model, &mail.html);
    let text = single_blanks(&mail.text);
    for (_, promise) in promises(model) {
        let promise: Vec<String> = promise.iter().map(|part| single_blanks(part)).collect();
        let near = text.match_indices(&promise[0]).any(|(start, _)| {
            let stretch: String = text[start..].chars().take(2_000).collect();
            holds_in_order(&stretch, &promise)
        });
        assert!(near, "not in the text: {promise:?}");
    }
    for line in &model.changes {
        let (word, name) = (line.tag.word.to_uppercase(), &line.indicator);
        let tagged = single_blanks(&format!("{word}: {name}: {}", line.sentence));
        assert!(text.contains(&tagged), "{tagged}");
    }
    for sentence in model.provenance.lines.iter().chain(model.indicators.notes.iter()) {
        assert!(text.contains(&single_blanks(sentence)), "{sentence}");
    }
}

#[test]
fn every_figure_and_verdict_stands_in_both_parts() {
    use crate::sample::{Sample, mail};
    for sample in [Sample::small(), Sample::large(), Sample::drawn()] {
        let model = sample.model();
        assert!(promises(&model).len() > 12);
        assert_mail_holds(&model, &mail(&model));
    }
}
