//! Whatever the report says stands in the pack.

use super::*;
use crate::report_model::{Figures, ReportModel};

fn figure_cells(figures: &Figures) -> Vec<String> {
    let change = match &figures.change.percent {
        Some(percent) => format!("{} ({percent})", figures.change.text),
        None => figures.change.text.clone(),
    };
    vec![
        figures.now.text.clone(),
        figures.year_before.text.clone(),
        change,
        figures.twelve_months.text.clone(),
    ]
}

fn joined(parts: &[&str]) -> String {
    parts.concat()
}

/// Rows that must stand in tables, cell by cell.
fn rows(model: &ReportModel) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for row in model.indicators.groups.iter().flat_map(|group| &group.rows) {
        let name = joined(&[&row.name, &row.notes, &row.figures.shared_marks]);
        let tag = format!("{}{}", row.tag.shape, row.tag.word);
        rows.push([vec![name], figure_cells(&row.figures), vec![tag]].concat());
    }
    for row in model.peers.groups.iter().flat_map(|group| &group.rows) {
        let Some(rate) = &row.rate else { continue };
        let before = match rate.position_before.as_str() {
            "" => String::new(),
            before => format!("({before})"),
        };
        rows.push(vec![
            joined(&[&row.name, &row.figures.shared_marks]),
            rate.per_1000.clone(),
            rate.interval.clone(),
            rate.over.clone(),
            rate.peer_average.clone(),
            joined(&[&rate.position, &before]),
        ]);
    }
    for row in &model.charts.rows {
        let tag = row.tag.as_ref().map(|tag| joined(&[&tag.shape, &tag.word]));
        let quarters = match row.quarters.as_str() {
            "" => String::new(),
            quarters => format!("Last four quarters: {quarters}"),
        };
        rows.push(vec![
            joined(&[&row.name, &row.marks]),
            row.months.to_string(),
            row.average.clone(),
            row.range.clone(),
            format!("{} ({})", row.latest, row.latest_month),
            joined(&[&tag.unwrap_or_default(), &row.shows, &quarters]),
        ]);
    }
    rows.extend(plan_rows(model));
    rows
}

fn plan_rows(model: &ReportModel) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for row in model.parts.groups.iter().flat_map(|group| &group.rows) {
        let name = joined(&[&row.part, &row.figures.shared_marks]);
        rows.push([vec![name], figure_cells(&row.figures)].concat());
    }
    for row in &model.success.rows {
        let tag = joined(&[&row.tag.shape, &row.tag.word]);
        rows.push(vec![row.text.clone(), tag, row.sentence.clone()]);
    }
    for row in model.actions.overdue.iter().chain(&model.actions.soon) {
        let late = row.days_late.map(|days| days.to_string());
        let mut cells =
            vec![row.number.clone(), row.action.clone(), row.lead.clone(), row.due.clone()];
        cells.extend(late);
        cells.push(crate::words::capitalised(&row.status));
        rows.push(cells);
    }
    for row in &model.returns.attention {
        let or_dash = |text: &String| if text.is_empty() { "–".to_owned() } else { text.clone() };
        rows.push(vec![row.name.clone(), or_dash(&row.due), row.state.clone(), or_dash(&row.note)]);
    }
    for row in &model.revisions.rows {
        let cells = [&row.name, &row.period, &row.old, &row.new, &row.why];
        rows.push(cells.map(Clone::clone).to_vec());
    }
    rows
}

/// Sentences that stand outside tables.
fn sentences(model: &ReportModel) -> Vec<String> {
    let mut texts = vec![
        model.headline.finding.clone(),
        model.headline.standing.clone(),
        model.demonstration.clone(),
        model.success.summary.clone(),
        model.actions.summary.clone(),
        model.returns.summary.clone(),
        model.provenance.contact.clone(),
    ];
    for tile in &model.tiles {
        texts.push(format!("{}{}", tile.count, tile.label));
    }
    for line in &model.changes {
        let tag = joined(&[&line.tag.shape, &line.tag.word]);
        texts.push(format!("{tag}{}: {}", line.indicator, line.sentence));
    }
    for line in model.indicators.cannot_judge.iter().chain(&model.returns.gaps) {
        texts.push(format!("{}:{}", line.reason, line.indicators));
    }
    for detail in &model.details {
        let tag = joined(&[&detail.tag.shape, &detail.tag.word]);
        texts.push(joined(&[&detail.name, &detail.priority, &tag, &detail.sentence]));
        texts.extend(detail.facts.iter().map(|fact| format!("{}: {}", fact.term, fact.text)));
        texts.extend(detail.quarters.iter().map(|quarter| quarter.text.clone()));
        texts.extend(detail.commentary.iter().flat_map(|said| said.paragraphs.clone()));
    }
    for drawing in &model.drawings {
        // The overview of the message is only in the message.
        if drawing.id != model.overview {
            texts.push(joined(&[&drawing.title, &drawing.subtitle]));
            texts.extend(drawing.notes.clone());
        }
    }
    texts.extend(model.marks.iter().map(|mark| joined(&[&mark.mark, &mark.meaning])));
    texts.extend(model.returns.quality.iter().map(|row| row.message.clone()));
    texts.extend(model.provenance.lines.clone());
    texts
}

#[test]
fn every_figure_verdict_and_sentence_stands_in_the_pack() {
    let mut revised = Sample::small();
    revised.partnership.short_name = "Sevenoaks CSP".to_owned();
    for sample in [Sample::small(), Sample::drawn(), Sample::large(), revised] {
        let model = sample.model();
        assert!(rows(&model).len() > 8);
        assert_holds_everything(&model);
    }
}

/// Whether it stands there whole, or, of what may go over a page, piece by piece.
fn is_printed(text: &str, wanted: &str) -> bool {
    const PIECE: usize = 24;
    if text.contains(wanted) {
        return true;
    }
    let letters: Vec<char> = wanted.chars().collect();
    let pieces = letters.chunks(PIECE).map(|piece| piece.iter().collect::<String>());
    let torn = pieces.filter(|piece| !text.contains(piece.as_str())).count();
    letters.len() > 2 * PIECE && torn <= if letters.len() > 5 * PIECE { 3 } else { 1 }
}

/// Every row and sentence of a report stands in its pack; what cannot be printed is seen to be
/// missing.
pub(crate) fn assert_holds_everything(model: &ReportModel) {
    let printed = |text: &str| solid(&crate::fonts::printable(text));
    let pack = laid_out(model);
    let (text, table_rows) = (pack.text(), pack.rows());
    for row in rows(model) {
        let row: Vec<String> = row.iter().map(|cell| printed(cell)).collect();
        assert!(table_rows.contains(&row), "{row:?}");
        for cell in row {
            assert!(is_printed(&text, &cell), "{cell}");
        }
    }
    for sentence in sentences(model) {
        assert!(is_printed(&text, &printed(&sentence)), "{sentence}");
    }
}
