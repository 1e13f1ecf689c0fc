use super::figures::percent_cell;
use super::*;
use crate::report_model::FigureText;

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
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    insta::assert_snapshot!(names.join(" "), @"indicators quarterly-figures control-charts monthly-figures rates-of-peers parts-of-indicators success-measures actions returns data-quality about-indicators sources");
    for table in &tables {
        assert_eq!(table.file_name, format!("2025-26-Q1-{}.csv", table.name));
        let text = std::str::from_utf8(&table.bytes).expect("UTF-8");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{}", table.file_name);
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
