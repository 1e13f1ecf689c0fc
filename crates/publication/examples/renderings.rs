//! Makes every rendering of several large reports, twice each, and says how long the first took and
//! how much memory all: 60 indicators, 12 areas, 40 charts.
//!
//! ```text
//! cargo run --release -p publication --example renderings [RUNS]
//! ```
//!
//! Ends with 1 when two runs give different bytes. Everything in the report is made up.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use analysis::{Definitions, DisclosedTable, DisclosureRules, Releases, assess, compute, disclose};
use jiff::civil::{Date, date};
use model::{
    ActionItem, ActionStatus, Area, Breakdown, ByWhen, Figure, Geography, Measure, MeasureId,
    Month, Partnership, PeerSet, Period, Place, Point, Population, Populations, Priority,
    SeriesKey, SeriesTable, SourceNotes, SubmissionHash,
};
use publication::{
    Brand, Commentary, MailInput, RenderInput, ReportFiles, ReportModel, ReportSpec,
    ReportTemplates, TemplateFile, compose, render, render_email,
};

const INDICATORS: i64 = 60;
const AREAS: i64 = 12;
/// Indicators with a control chart, and of those how many are compared with other areas: each of
/// those has a ranking and a funnel, too.
const CHARTED: i64 = 20;
const COMPARED: i64 = 10;
const ISSUED: Date = date(2025, 7, 21);

fn main() -> ExitCode {
    let runs: i64 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(5);
    let templates = templates();
    let mut seconds = Vec::new();
    let mut about = String::new();
    for run in 0..=runs {
        // Another report each time, as another period would be: nothing of it is known beforehand.
        let model = report(run);
        let began = Instant::now();
        let bytes = everything(&model, &templates);
        // The first one warms up: fonts are read and the library of the pack is set up.
        if run > 0 {
            seconds.push(began.elapsed().as_secs_f64());
        }
        if everything(&model, &templates) != bytes {
            say(&format!("report {run} gave other bytes the second time"));
            return ExitCode::FAILURE;
        }
        let charts = model.drawings.len() - model.overviews.len() - 1;
        let size: usize = bytes.iter().map(Vec::len).sum();
        about = format!(
            "{} indicators, {charts} charts, {AREAS} areas, {} kB in all",
            model.details.len(),
            size / 1000
        );
    }
    seconds.sort_by(f64::total_cmp);
    say(&format!(
        "{about}: median {:.3} s of {runs} reports ({:.3} to {:.3}), {} MB at most; the same bytes a second time",
        seconds[seconds.len() / 2],
        seconds.first().copied().unwrap_or_default(),
        seconds.last().copied().unwrap_or_default(),
        peak_megabytes(),
    ));
    ExitCode::SUCCESS
}

/// Every rendering there is: pack, workbook, tables, descriptor, page, message.
fn everything(model: &ReportModel, templates: &ReportTemplates) -> Vec<Vec<u8>> {
    let brand = Brand::default();
    let input = RenderInput { model, templates, brand: &brand, issued: ISSUED };
    let renditions = render(&input).expect("it renders");
    let attached: Vec<_> = renditions.files[..2].iter().map(|file| file.said.clone()).collect();
    let email = render_email(&MailInput {
        model,
        templates: &templates.mail,
        brand: &brand,
        attached: &attached,
        left_out: &[],
        pictures: &renditions.pictures,
    })
    .expect("it renders");
    let mut all = vec![email.html.into_bytes(), email.text.into_bytes()];
    all.extend(email.images.into_iter().map(|image| image.png));
    all.extend(renditions.files.into_iter().map(|file| file.bytes));
    all.extend(renditions.data_package);
    all.extend(renditions.page.into_values());
    all
}

fn templates() -> ReportTemplates {
    let file = |name, source| TemplateFile { name, source };
    let html = include_str!("../../../jobs/quarterly-monitoring/mail/email.html.j2");
    let text = include_str!("../../../jobs/quarterly-monitoring/mail/email.txt.j2");
    ReportTemplates::parse(&ReportFiles {
        mail: (file("email.html.j2", html), file("email.txt.j2", text)),
        withdrawal: (None, None),
        failure: None,
        page: None,
        pack: None,
    })
    .expect("the shipped templates parse")
}

fn report(variant: i64) -> ReportModel {
    let partnership = partnership();
    let (measures, series) = measures_and_series(variant);
    let table = disclosed(&partnership, &measures, &series);
    let actions: Vec<ActionItem> = (0..40_i8).map(action).collect();
    compose(
        &table,
        &ReportSpec {
            partnership: &partnership,
            title: "Quarterly monitoring report".to_owned(),
            measures: &measures,
            period: period(),
            as_of: ISSUED,
            marking: "OFFICIAL".to_owned(),
            edition: "2025-26-Q1-01".into(),
            run: "quarterly-monitoring-2025-26-Q1-01".into(),
            success: &[],
            actions: &actions,
            events: &[],
            commentary: &Commentary::default(),
            returns: &[],
            sources: &[],
            quality: &[],
            corrects: None,
            revised: None,
            lake_version: "o1.a1".to_owned(),
            software: "Quarterdeck".to_owned(),
            definitions_hash_short: "0123456789ab".to_owned(),
            contact: "Community Safety Unit, csu@csp.example".to_owned(),
            next_report: Some(date(2025, 10, 21)),
            demonstration: Some("Every figure is made up.".to_owned()),
        },
    )
}

fn period() -> Period {
    "2025-26Q1".parse().expect("a period")
}

fn area_code(index: i64) -> String {
    format!("E0700{:04}", 105 + index)
}

fn partnership() -> Partnership {
    let areas: Vec<Area> = (0..AREAS)
        .map(|index| Area {
            code: area_code(index).as_str().into(),
            name: format!("District {}", index + 1),
            aliases: Vec::new(),
            geography: Geography::District,
            districts: Vec::new(),
        })
        .collect();
    Partnership {
        name: "District Community Safety Partnership".to_owned(),
        short_name: "District CSP".to_owned(),
        home: BTreeMap::from([(Geography::District, area_code(0).as_str().into())]),
        peer_sets: vec![PeerSet {
            id: "all".to_owned(),
            label: "the 12 districts".to_owned(),
            geography: Geography::District,
            areas: areas.iter().map(|area| area.code.clone()).collect(),
            vintage: String::new(),
        }],
        areas,
        priorities: (1..=5)
            .map(|rank| Priority {
                id: format!("priority-{rank}").as_str().into(),
                rank,
                title: format!("Priority number {rank} of the plan"),
            })
            .collect(),
        success_measures: Vec::new(),
        targets: Vec::new(),
        partners: Vec::new(),
        recipients: Vec::new(),
    }
}

fn measures_and_series(variant: i64) -> (BTreeMap<MeasureId, Measure>, SeriesTable) {
    let mut measures = BTreeMap::new();
    let mut series = SeriesTable::default();
    for index in 0..INDICATORS {
        let id = format!("measure-{index:02}");
        let mut measure = Measure::count(id.as_str(), Geography::District);
        measure.label = format!("Indicator number {} of the plan", index + 1);
        measure.priority = Some(format!("priority-{}", 1 + index % 5).as_str().into());
        measure.per_1000 = index < COMPARED;
        measure.provisional = index % 3 == 0;
        "District Council".clone_into(&mut measure.source);
        let id = measure.id.clone();
        measures.insert(id.clone(), measure);
        for area in 0..if index < COMPARED { AREAS } else { 1 } {
            let points = points(index, area, variant);
            let area = area_code(area).as_str().into();
            let key = SeriesKey { measure: id.clone(), area, breakdown: Breakdown::all() };
            series.series.insert(key, points);
        }
    }
    (measures, series)
}

/// Three years of months where there is a chart, else this quarter and the one a year before.
fn points(index: i64, area: i64, variant: i64) -> BTreeMap<Period, Point> {
    let last = Month::new(2025, 6).expect("a month");
    let submission = SubmissionHash::of(b"made up");
    let point = |value| Point { figure: Figure::number(value), submission: submission.clone() };
    // One district stands out, so that each comparison has a funnel.
    let outlier = if area == AREAS - 1 { 900 } else { 0 };
    let count =
        |at: i64| 60 + outlier + variant * 5 + index * 7 + area * 3 + (at * 37 + index * 13) % 17;
    if index >= CHARTED {
        let now = period();
        return BTreeMap::from([
            (now, point(count(1) * 3)),
            (now.year_before(), point(count(2) * 3)),
        ]);
    }
    (0..36_i32)
        .map(|back| (Period::month(last.plus(-back)), point(count(i64::from(back)))))
        .collect()
}

fn disclosed(
    partnership: &Partnership,
    measures: &BTreeMap<MeasureId, Measure>,
    series: &SeriesTable,
) -> DisclosedTable {
    let residents = |index: i64| Population {
        residents: 95_000 + index * 7_000,
        vintage: "mid-2020".to_owned(),
    };
    let populations = Populations(
        (0..AREAS)
            .map(|index| (area_code(index).as_str().into(), vec![residents(index)]))
            .collect(),
    );
    let definitions = Definitions {
        partnership,
        measures,
        populations: &populations,
        notes: &SourceNotes::default(),
        releases: &Releases::default(),
        absent: &BTreeMap::new(),
        earlier: None,
    };
    let assessed = assess(&compute(series, period(), &definitions), measures);
    disclose(&assessed, DisclosureRules { measures })
}

fn action(number: i8) -> ActionItem {
    ActionItem {
        number: format!("{}.{}", 1 + number / 8, 1 + number % 8),
        action: "Work with partners on joint projects in schools and town centres".to_owned(),
        lead: "District Council".to_owned(),
        others: "All partners".to_owned(),
        by_when: ByWhen::Date(date(2025, 1 + number % 12, 28)),
        update: "Under way.".to_owned(),
        status: ActionStatus::InProgress,
        place: Place::file(),
    }
}

/// The most memory this process has had, in megabytes; 0 where the system does not say.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1000
}

fn say(text: &str) {
    writeln!(io::stdout(), "{text}").expect("somebody listens");
}
