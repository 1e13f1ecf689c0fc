//! The same figures as data files: CSV, UTF-8, CRLF (RFC 4180), one table a file.

use crate::report_model::{ActionRow, ChangeText, FigureText, Figures, IndicatorRow, ReportModel};

/// Stands where a figure does not apply.
const NOT_APPLICABLE: &str = "[z]";

/// A data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    /// `2025-26-Q1-indicators.csv`.
    pub file_name: String,
    /// For readers: `Indicators`.
    pub title: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Every table of the report as a data file: header row first, one number a cell, marks that
/// stand in place of a number in its cell, marks that qualify it in a status column. Tables
/// without rows are left out.
pub fn tables(model: &ReportModel) -> Vec<CsvTable> {
    [
        ("indicators", "Indicators", indicators(model)),
        ("control-charts", "Control charts", charts(model)),
        ("parts-of-indicators", "Parts of indicators", parts(model)),
        ("success-measures", "Success measures", success(model)),
        ("actions", "Actions", actions(model)),
        ("returns", "Returns", returns(model)),
        ("data-quality", "Data quality", quality(model)),
        ("revisions", "Revised figures", revisions(model)),
    ]
    .into_iter()
    .filter(|(_, _, rows)| rows.len() > 1)
    .map(|(name, title, rows)| CsvTable {
        file_name: format!("{}-{name}.csv", model.period_file_name),
        title: title.to_owned(),
        bytes: csv(&rows),
    })
    .collect()
}

/// A cell: text that partners or people wrote, or a value of ours that nothing can turn into a formula.
pub(crate) enum Cell {
    Text(String),
    Value(String),
}

pub(crate) type Row = Vec<Cell>;

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

pub(crate) fn value(value: impl Into<String>) -> Cell {
    Cell::Value(value.into())
}

pub(crate) fn header(names: &[&str]) -> Vec<Row> {
    vec![names.iter().map(|name| text(name)).collect()]
}

pub(crate) fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => unarmed(text),
            Cell::Value(value) => value.clone(),
        });
        writer
            .write_record(cells)
            .expect("rows of a table are of one length, and memory takes them");
    }
    writer.into_inner().expect("memory takes what is left")
}

/// Text that a spreadsheet program would take for a formula gets an apostrophe before it.
fn unarmed(text: &str) -> String {
    let is_formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}',
    ]);
    let is_control = text.starts_with(|c: char| c.is_control());
    if is_formula || is_control { format!("'{text}") } else { text.to_owned() }
}

const FIGURE_COLUMNS: [&str; 9] = [
    "Figure",
    "Figure status",
    "Same period last year",
    "Same period last year status",
    "Change",
    "Change %",
    "Rolling 12 months",
    "Rolling 12 months status",
    "Precision",
];

fn figure_cells(figures: &Figures) -> Row {
    let number =
        |figure: &FigureText| value(figure.number.clone().unwrap_or_else(|| figure.text.clone()));
    let change = &figures.change;
    vec![
        number(&figures.now),
        value(&figures.now.status_data),
        number(&figures.year_before),
        value(&figures.year_before.status_data),
        value(change.number.clone().unwrap_or_else(|| change.text.clone())),
        value(percent_cell(change)),
        number(&figures.twelve_months),
        value(&figures.twelve_months.status_data),
        value(&figures.precision_data),
    ]
}

/// A percentage is missing for the reason the change is, or does not apply to a small base.
fn percent_cell(change: &ChangeText) -> String {
    match (&change.percent_number, &change.number) {
        (Some(percent), _) => percent.clone(),
        (None, Some(_)) => NOT_APPLICABLE.to_owned(),
        (None, None) => change.text.clone(),
    }
}

fn rate_cells(row: &IndicatorRow) -> Row {
    let Some(rate) = &row.rate else {
        return (0..10).map(|_| value(&row.no_rate_data)).collect();
    };
    let whole =
        |number: Option<u32>| number.map_or_else(|| "[x]".to_owned(), |number| number.to_string());
    vec![
        value(&rate.per_1000_data),
        value(&rate.mark_data),
        value(&rate.lower),
        value(&rate.upper),
        value(&rate.over),
        value(&rate.peer_average),
        value(whole(rate.place_data)),
        value(whole(rate.of_data)),
        value(whole(rate.place_before_data)),
        if rate.peers.is_empty() { value("[x]") } else { text(&rate.peers) },
    ]
}

fn indicators(model: &ReportModel) -> Vec<Row> {
    let mut names = vec!["Priority", "Indicator", "Measure", "Area code", "Area", "Period", "Unit"];
    names.extend(FIGURE_COLUMNS);
    names.extend([
        "Rate per 1,000",
        "Rate status",
        "Rate lower 95%",
        "Rate upper 95%",
        "Rate over",
        "Peer average rate",
        "Position",
        "Position out of",
        "Position last year",
        "Peers",
        "Verdict",
        "Reason",
        "Data",
        "Variation",
        "Comparison",
        "Target",
    ]);
    let mut rows = header(&names);
    for group in &model.indicators.groups {
        for row in &group.rows {
            let mut cells = vec![
                text(&group.heading),
                text(&row.name),
                text(&row.measure),
                text(&row.area_code),
                text(&row.area),
                value(&model.period_data),
                value(&row.unit_data),
            ];
            cells.extend(figure_cells(&row.figures));
            cells.extend(rate_cells(row));
            cells.extend([value(&row.tag.word), text(&row.reason)]);
            cells.extend(row.statuses_data.iter().map(value));
            rows.push(cells);
        }
    }
    rows
}

fn revisions(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&["Figure", "Period", "Was", "Is", "Verdict", "Why"]);
    rows.extend(model.revisions.all_data.iter().map(|row| {
        vec![
            text(&row.name),
            value(&row.period_data),
            value(&row.old),
            value(&row.new),
            value(&row.verdict),
            text(&row.why),
        ]
    }));
    rows
}

fn charts(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&[
        "Indicator",
        "Measure",
        "Area code",
        "Area",
        "Months",
        "Average a month",
        "Expected range lower",
        "Expected range upper",
        "Latest month",
        "Latest month figure",
        "Three quarters before",
        "Two quarters before",
        "One quarter before",
        "Latest quarter",
        "What it shows",
    ]);
    for row in &model.charts.rows {
        let mut cells = vec![
            text(&row.name),
            text(&row.measure),
            text(&row.area_code),
            text(&row.area),
            value(row.months.to_string()),
            value(&row.average_data),
            value(&row.lower_data),
            value(&row.upper_data),
            value(&row.latest_month_data),
            value(row.latest_data.to_string()),
        ];
        cells.extend(match row.quarters_data {
            Some(quarters) => quarters.map(|quarter| value(quarter.to_string())),
            None => [(); 4].map(|()| value(NOT_APPLICABLE)),
        });
        cells.push(value(&row.shows));
        rows.push(cells);
    }
    rows
}

fn parts(model: &ReportModel) -> Vec<Row> {
    let mut names = vec!["Indicator", "Measure", "Part", "Area code", "Area", "Period", "Unit"];
    names.extend(FIGURE_COLUMNS);
    let mut rows = header(&names);
    for group in &model.parts.groups {
        for row in &group.rows {
            let mut cells = vec![
                text(&group.name),
                text(&group.measure),
                text(&row.part),
                text(&row.area_code),
                text(&row.area),
                value(&model.period_data),
                value(&group.unit_data),
            ];
            cells.extend(figure_cells(&row.figures));
            rows.push(cells);
        }
    }
    rows
}

fn success(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&["Id", "Priority", "Success measure", "Verdict", "Why"]);
    rows.extend(model.success.rows.iter().map(|row| {
        vec![
            text(&row.id),
            text(&row.priority_data),
            text(&row.text),
            value(&row.tag.word),
            text(&row.sentence),
        ]
    }));
    rows
}

fn actions(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&[
        "Number",
        "Action",
        "Lead",
        "Other partners",
        "Due",
        "Due date",
        "Days late",
        "Status",
        "Update",
    ]);
    rows.extend(model.actions.all_data.iter().map(action));
    rows
}

fn action(row: &ActionRow) -> Row {
    vec![
        text(&row.number),
        text(&row.action_data),
        text(&row.lead),
        text(&row.others),
        text(&row.due),
        value(&row.due_data),
        value(row.days_late.map_or_else(String::new, |days| days.to_string())),
        value(&row.status),
        text(&row.update),
    ]
}

fn returns(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&["Partner", "Return", "Due date", "State", "Arrived", "Note"]);
    rows.extend(model.returns.all_data.iter().map(|row| {
        vec![
            text(&row.partner),
            text(&row.title),
            value(&row.due_data),
            value(&row.state_data),
            value(&row.arrived_data),
            text(&row.note),
        ]
    }));
    rows
}

fn quality(model: &ReportModel) -> Vec<Row> {
    let mut rows = header(&["Return", "Code", "What was found"]);
    rows.extend(
        model
            .returns
            .quality_data
            .iter()
            .map(|row| vec![text(&row.return_title), text(&row.code), text(&row.message)]),
    );
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_a_formula_and_numbers_stay_numbers() {
        let armed = ["=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u{ff1d}1"];
        for text in armed {
            assert!(unarmed(text).starts_with('\''), "{text}");
        }
        let row = vec![value("-5"), text("a, \"b\""), text("[c]")];
        assert_eq!(String::from_utf8(csv(&[row])).expect("UTF-8"), "-5,\"a, \"\"b\"\"\",[c]\r\n");
    }

    fn records(table: &CsvTable) -> Vec<Vec<String>> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(table.bytes.as_slice());
        reader
            .records()
            .map(|record| record.expect("one length").iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn files_read_back_with_every_figure_of_the_report() {
        let model = crate::sample::Sample::large().model();
        let tables = tables(&model);
        let names: Vec<&str> = tables.iter().map(|table| table.file_name.as_str()).collect();
        insta::assert_snapshot!(names.join(" "), @"2025-26-Q1-indicators.csv 2025-26-Q1-control-charts.csv 2025-26-Q1-parts-of-indicators.csv 2025-26-Q1-success-measures.csv 2025-26-Q1-actions.csv 2025-26-Q1-returns.csv 2025-26-Q1-data-quality.csv");
        for table in &tables {
            let text = std::str::from_utf8(&table.bytes).expect("UTF-8");
            assert_eq!(
                text.matches('\n').count(),
                text.matches("\r\n").count(),
                "{}",
                table.file_name
            );
        }
        let rows = records(&tables[0]);
        let wanted = model.indicators.groups.iter().flat_map(|group| &group.rows);
        assert_eq!(rows.len() - 1, wanted.clone().count());
        for (row, record) in wanted.zip(&rows[1..]) {
            let figure =
                |figure: &FigureText| figure.number.clone().unwrap_or_else(|| figure.text.clone());
            let change = &row.figures.change;
            let expected = [
                row.name.clone(),
                figure(&row.figures.now),
                figure(&row.figures.year_before),
                change.number.clone().unwrap_or_else(|| change.text.clone()),
                percent_cell(change),
                figure(&row.figures.twelve_months),
                row.tag.word.clone(),
            ];
            let found = [1, 7, 9, 11, 12, 13, 26].map(|column: usize| record[column].clone());
            assert_eq!(found, expected);
            assert_eq!(
                record[16],
                row.rate.as_ref().map_or(row.no_rate_data.as_str(), |rate| &rate.per_1000_data)
            );
            for column in [7, 9, 11, 12, 13, 16, 18, 19, 21] {
                let cell = &record[column];
                assert!(cell.starts_with('[') || cell.parse::<f64>().is_ok(), "{cell}");
            }
        }
    }

    #[test]
    fn the_table_of_indicators() {
        let model = crate::sample::Sample::small().model();
        let table = tables(&model).swap_remove(0);
        insta::assert_snapshot!(String::from_utf8(table.bytes).expect("UTF-8").replace("\r\n", "\n"), @r#"
            Priority,Indicator,Measure,Area code,Area,Period,Unit,Figure,Figure status,Same period last year,Same period last year status,Change,Change %,Rolling 12 months,Rolling 12 months status,Precision,"Rate per 1,000",Rate status,Rate lower 95%,Rate upper 95%,Rate over,Peer average rate,Position,Position out of,Position last year,Peers,Verdict,Reason,Data,Variation,Comparison,Target
            Priority 1: Serious and acquisitive crime,Anti-social behaviour incidents,police-asb,E07000111,Sevenoaks,2025-26Q1,count,402,[p],290,[p],112,38.6,1307,[p],exact,3.32,,3.01,3.66,quarter,2.82,2,3,2,the 3 north Kent districts,Concern,Higher than the same period a year before by more than chance variation explains.,provisional,no-chart,exception-high,not-set
            Priority 1: Serious and acquisitive crime,Burglary of a home,burglary,E07000111,Sevenoaks,2025-26Q1,count,61,,121,,-60,-49.6,285,,exact,[z],[z],[z],[z],[z],[z],[z],[z],[z],[z],Improving,Lower than the same period a year before by more than chance variation explains.,complete,no-chart,not-compared,not-set
            Priority 2: Domestic abuse,DAVSS referrals (illustrative),davss-referrals,E07000111,Sevenoaks,2025-26Q1,count,65,,45,,20,44,220,,rounded to 5,[z],[z],[z],[z],[z],[z],[z],[z],[z],[z],Cannot judge,For this measure neither more nor fewer is better by itself.,complete,no-chart,not-compared,not-set
            Priority 2: Domestic abuse,Repeat victims,repeat-victims,E07000111,Sevenoaks,2025-26Q1,count,[x],,[x],,[x],[x],[x],,exact,[z],[z],[z],[z],[z],[z],[z],[z],[z],[z],Cannot judge,No figures have arrived.,missing,no-chart,not-compared,not-set
        "#);
    }

    #[test]
    fn the_table_of_control_charts() {
        let mut sample = crate::sample::Sample::empty();
        sample.measure("noise", "Noise complaints", |_| ());
        let months = [12, 15, 11, 14, 13, 15, 12, 14, 11, 15, 13, 31];
        sample.months("noise", crate::sample::HOME, &months);
        let mut tables = tables(&sample.model());
        tables.retain(|table| table.title == "Control charts");
        let text = String::from_utf8(tables.remove(0).bytes).expect("UTF-8");
        insta::assert_snapshot!(text.replace("\r\n", "\n"), @r"
            Indicator,Measure,Area code,Area,Months,Average a month,Expected range lower,Expected range upper,Latest month,Latest month figure,Three quarters before,Two quarters before,One quarter before,Latest quarter,What it shows
            Noise complaints,noise,E07000111,Sevenoaks,12,14.7,7.5,21.8,2025-06,31,38,42,37,59,Above its expected range
        ");
    }

    #[test]
    fn what_partners_write_is_no_formula() {
        let mut sample = crate::sample::Sample::small();
        let formula = "=HYPERLINK(\"http://x\",\"y\")";
        sample.action(
            formula,
            formula,
            model::ByWhen::Unclear(formula.to_owned()),
            model::ActionStatus::InProgress,
        );
        formula.clone_into(&mut sample.actions[0].update);
        formula.clone_into(&mut sample.returns[0].title);
        formula.clone_into(&mut sample.quality[0].return_title);
        let mut seen = 0;
        for table in tables(&sample.model()) {
            for cell in records(&table).into_iter().flatten() {
                assert!(!cell.starts_with('='), "{cell}");
                seen += usize::from(cell.starts_with("'=HYPERLINK"));
            }
        }
        assert_eq!(seen, 6);
    }
}
