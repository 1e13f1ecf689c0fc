use std::collections::BTreeSet;

use model::Disclosure;

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

fn table_of(model: &ReportModel, name: &str) -> Vec<Vec<String>> {
    tables(model).iter().find(|table| table.name == name).map(records).unwrap_or_default()
}

fn lines(records: &[Vec<String>]) -> String {
    records.iter().map(|record| record.join(",")).collect::<Vec<_>>().join("\n")
}

#[test]
fn months_of_charts_have_the_limits_that_hold_for_them() {
    let mut sample = crate::sample::Sample::drawn();
    sample.unknown_month("violence", -30);
    let model = sample.model();
    let months = table_of(&model, "monthly-figures");
    let of = |measure: &str| -> Vec<Vec<String>> {
        months.iter().filter(|row| row[1] == measure).cloned().collect()
    };
    let (violence, fires) = (of("violence"), of("nuisance"));
    assert_eq!((violence.len(), fires.len()), (36, 24));
    let shown: Vec<Vec<String>> = months[..1]
        .iter()
        .chain(&violence[4..7])
        .chain(&violence[13..15])
        .chain(&violence[33..])
        .chain(&fires[22..])
        .cloned()
        .collect();
    insta::assert_snapshot!(lines(&shown), @r"
    Indicator,Measure,Area code,Area,Month,Unit,Measured as,Figure,Figure status,Average,Lower limit,Upper limit,What it shows,Stretch,Limits
    Violence without injury,violence,E07000111,Sevenoaks,2022-11,count,figure,110,[p],[z],[z],[z],[z],[z],[z]
    Violence without injury,violence,E07000111,Sevenoaks,2022-12,count,figure,[x],,[z],[z],[z],[z],[z],[z]
    Violence without injury,violence,E07000111,Sevenoaks,2023-01,count,figure,129,[p],122.8,90.1,155.4,as usual,1,trial
    Violence without injury,violence,E07000111,Sevenoaks,2023-08,count,figure,117,[p],122.8,90.1,155.4,as usual,1,trial
    Violence without injury,violence,E07000111,Sevenoaks,2023-09,count,figure,94,[p],86.3,63.1,109.6,as usual,2,full
    Violence without injury,violence,E07000111,Sevenoaks,2025-04,count,figure,131,[p],86.3,63.1,109.6,high,2,full
    Violence without injury,violence,E07000111,Sevenoaks,2025-05,count,figure,80,[p],86.3,63.1,109.6,as usual,2,full
    Violence without injury,violence,E07000111,Sevenoaks,2025-06,count,figure,85,[p],86.3,63.1,109.6,as usual,2,full
    Nuisance fires,nuisance,E07000111,Sevenoaks,2025-05,count,difference from the year before,-3,,0.9,-16.5,18.2,as usual,1,full
    Nuisance fires,nuisance,E07000111,Sevenoaks,2025-06,count,difference from the year before,-3,,0.9,-16.5,18.2,as usual,1,full
    ");
}

#[test]
fn rates_of_peers_are_those_of_the_chart() {
    let model = crate::sample::Sample::small().model();
    insta::assert_snapshot!(lines(&table_of(&model, "rates-of-peers")), @r"
    Indicator,Measure,Rate over,Area code,Area,Own area,Rate per 1,000,Rate lower 95%,Rate upper 95%,Residents,Against the limits
    Anti-social behaviour incidents,police-asb,2025-26Q1,E07000107,Dartford,no,3.39,3.07,3.73,121000,Above the 99.8% limit
    Anti-social behaviour incidents,police-asb,2025-26Q1,E07000111,Sevenoaks,yes,3.32,3.01,3.66,121000,Above the 99.8% limit
    Anti-social behaviour incidents,police-asb,2025-26Q1,E07000109,Gravesham,no,1.74,1.51,1.99,121000,Below the 99.8% limit
    ");
}

/// Of protected measures there are the figures that the report shows, and neither months nor rates.
#[test]
fn what_is_protected_is_in_no_table_of_charts() {
    let mut sample = crate::sample::Sample::empty();
    for (id, disclosure) in [("open", Disclosure::Open), ("kept", Disclosure::Suppressed)] {
        sample.measure(id, "Stalking", |measure| {
            measure.per_1000 = true;
            measure.disclosure = disclosure;
        });
        for (area, _) in crate::sample::PEERS {
            let months: Vec<i64> = (0..24).map(|month| 131 + month * 37 % 11).collect();
            sample.months(id, area, &months);
        }
    }
    let model = sample.model();
    let measures = |table: &str, column: usize| -> BTreeSet<String> {
        table_of(&model, table).into_iter().skip(1).map(|mut row| row.swap_remove(column)).collect()
    };
    let open = BTreeSet::from(["open".to_owned()]);
    for table in ["monthly-figures", "control-charts", "rates-of-peers"] {
        assert_eq!(measures(table, 1), open, "{table}");
    }
    let quarters = table_of(&model, "quarterly-figures");
    assert_eq!(quarters.iter().filter(|row| row[1] == "kept").count(), 2, "as the report shows");
}

#[test]
fn what_the_analyst_says_is_a_table() {
    let mut sample = crate::sample::Sample::small();
    let note = |paragraphs: &[&str]| crate::spec::Note {
        by: "Community safety analyst".to_owned(),
        on: crate::sample::AS_OF,
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
    };
    sample.commentary.report.push(note(&["A quiet quarter.", "-1 is no formula."]));
    sample.commentary.measures.insert("burglary".into(), vec![note(&["Fewer, since locks."])]);
    insta::assert_snapshot!(lines(&table_of(&sample.model(), "commentary")), @r"
    About,Measure,By,Paragraph,Text
    The report as a whole,,Community safety analyst, 21 July 2025,1,A quiet quarter.
    The report as a whole,,Community safety analyst, 21 July 2025,2,'-1 is no formula.
    Burglary of a home,burglary,Community safety analyst, 21 July 2025,1,Fewer, since locks.
    ");
}

#[test]
fn marks_go_where_they_belong() {
    let cells = |figure: Option<&str>, marks: &str| {
        dataset::number_and_status(figure, marks).map(|cell| cell.content().to_owned()).join("|")
    };
    let found = [
        cells(Some("402"), "[p][r]"),
        cells(Some("-5"), ""),
        cells(None, "[b][x]"),
        cells(None, "[c]"),
        cells(None, ""),
    ];
    insta::assert_snapshot!(found.join(" "), @"402|[p][r] -5| [x]|[b] [c]| [x]|");
}
