//! A made-up report with one of everything, so that checking a template runs every part of it.

use jiff::civil::{Date, date};

use crate::brand::{Brand, Logo};
use crate::charts::{Size, draw, png};
use crate::pack::PackInput;
use crate::report_model::{
    About, ActionRow, ActionsSection, ChangeLine, ChangeText, ChartRow, ChartSection, Column,
    Columns, Comment, DataTable, Drawing, DrawingKind, Exception, Fact, FigureText, Figures,
    Headline, IndicatorDetail, IndicatorGroup, IndicatorRow, IndicatorSection, MarkLine, PartGroup,
    PartRow, PartSection, PeerGroup, PeerSection, PriorityText, Provenance, QualityRow,
    QuarterText, RateText, ReasonLine, ReportModel, ReturnRow, ReturnsSection, RevisionRow,
    RevisionSection, SourceRow, SuccessRow, SuccessSection, Tag, TagKind, Tile,
};
use crate::tables::{CsvTable, tables};
use crate::templates::TemplateFile;

const ISSUED: Date = date(2025, 7, 21);
const KINDS: [TagKind; 4] =
    [TagKind::Concern, TagKind::Improving, TagKind::NoChange, TagKind::CannotJudge];
/// As many quarters as there is no room for side by side.
const QUARTERS: usize = 12;

/// Everything a pack is made from, owned.
pub(crate) struct Specimen {
    pub(crate) model: ReportModel,
    pub(crate) brand: Brand,
    tables: Vec<CsvTable>,
}

impl Specimen {
    pub(crate) fn input<'a>(&'a self, template: TemplateFile<'a>) -> PackInput<'a> {
        let Self { model, brand, tables } = self;
        PackInput { model, template, brand, tables, issued: ISSUED }
    }
}

pub(crate) fn specimen() -> Specimen {
    let model = model();
    let picture = draw(&drawing("logo"), Size::Narrow);
    let logo = Logo { png: png(&picture), width: 680, height: 400, alt: some("Logo") };
    let brand = Brand { logo: Some(logo), ..Brand::default() };
    Specimen { tables: tables(&model), model, brand }
}

/// No font has the last character: what is said of those is checked, too.
fn some(text: &str) -> String {
    format!("{text} \u{1f6b2}")
}

fn model() -> ReportModel {
    ReportModel {
        marking: some("OFFICIAL"),
        subject: some("Subject"),
        preheader: some("Preheader"),
        demonstration: some("Demonstration"),
        addressed: some("Addressed"),
        condensed: some("Condensed"),
        corrects: some("Corrects"),
        priorities: vec![PriorityText { id: some("priority"), heading: some("Priority 1") }],
        about: about(),
        headline: Headline { finding: some("Finding"), standing: some("Standing") },
        tiles: KINDS.map(|kind| Tile { count: 1, label: some("Label"), kind }).to_vec(),
        revisions: revisions(),
        changes: KINDS.map(change).to_vec(),
        changes_more: some("More"),
        commentary: vec![comment()],
        overview: "wide".to_owned(),
        overviews: vec!["wide".to_owned()],
        exceptions: vec![Exception {
            priority_id: some("priority"),
            name: some("Name"),
            tag: tag(TagKind::Concern),
            drawing: "wide".to_owned(),
            facts: vec![fact()],
        }],
        indicators: indicators(),
        peers: PeerSection {
            caption: some("Table 2"),
            groups: vec![PeerGroup { heading: some("Peers"), rows: vec![row(TagKind::Concern)] }],
            notes: vec![some("Note")],
        },
        charts: ChartSection {
            caption: some("Table 3"),
            notes: vec![some("Note")],
            rows: vec![chart_row(Some(tag(TagKind::Concern))), chart_row(None)],
            withheld: some("Withheld"),
        },
        parts: parts(),
        success: SuccessSection {
            summary: some("Summary"),
            caption: some("Table 5"),
            rows: vec![success()],
        },
        actions: actions(),
        returns: returns(),
        marks: vec![MarkLine { mark: some("[p]"), meaning: some("Provisional") }],
        details: vec![detail(2), detail(QUARTERS)],
        drawings: vec![drawing("wide")],
        provenance: provenance(),
        period_file_name: "2025-26-Q1".to_owned(),
        period_data: "2025-26Q1".to_owned(),
    }
}

fn tag(kind: TagKind) -> Tag {
    Tag { word: some("Word"), shape: "●".to_owned(), kind }
}

fn change(kind: TagKind) -> ChangeLine {
    ChangeLine {
        priority_id: some("priority"),
        tag: tag(kind),
        indicator: some("Indicator"),
        sentence: some("Sentence"),
    }
}

fn comment() -> Comment {
    Comment { by: some("Analyst"), paragraphs: vec![some("One"), some("Two")] }
}

fn fact() -> Fact {
    Fact { term: some("Term"), text: some("Text") }
}

fn figure() -> FigureText {
    FigureText { text: some("1,307 [r]"), number: Some("1307".to_owned()), status_data: some("r") }
}

fn figures() -> Figures {
    Figures {
        now: figure(),
        year_before: figure(),
        change: ChangeText {
            text: some("+71"),
            percent: Some(some("+8.7%")),
            number: Some("71".to_owned()),
            percent_number: Some("8.7".to_owned()),
        },
        twelve_months: figure(),
        shared_marks: some("[p]"),
        precision_data: "exact".to_owned(),
    }
}

fn row(kind: TagKind) -> IndicatorRow {
    IndicatorRow {
        measure: "measure".to_owned(),
        name: some("Indicator"),
        notes: some("[note 1]"),
        area_code: "E07000111".to_owned(),
        area: some("Area"),
        unit_data: "count".to_owned(),
        figures: figures(),
        rate: Some(RateText {
            per_1000: some("3.32"),
            per_1000_data: "3.32".to_owned(),
            mark_data: String::new(),
            lower: some("3.01"),
            upper: some("3.66"),
            interval: some("3.01 to 3.66"),
            over: some("quarter"),
            peer_average: some("2.82"),
            position: some("2nd of 3"),
            position_before: some("1st a year ago"),
            place_data: Some(2),
            of_data: Some(3),
            place_before_data: Some(1),
            peers: some("Peers"),
        }),
        no_rate_data: String::new(),
        tag: tag(kind),
        reason: some("Reason"),
        statuses_data: ["", "", "", ""].map(str::to_owned),
    }
}

fn reason() -> ReasonLine {
    ReasonLine { reason: some("Reason"), indicators: some("Indicators") }
}

fn indicators() -> IndicatorSection {
    let group = |kinds: &[TagKind]| IndicatorGroup {
        priority_id: some("priority"),
        heading: some("Priority"),
        rows: kinds.iter().copied().map(row).collect(),
    };
    IndicatorSection {
        caption: some("Table 1"),
        columns: Columns {
            now: some("Quarter"),
            year_before: some("Same quarter last year"),
            year_before_short: some("Year ago"),
            change: some("Change"),
            twelve_months: some("12 months"),
        },
        groups: vec![group(&KINDS[..2]), group(&KINDS[2..])],
        notes: vec![some("Note")],
        cannot_judge: vec![reason()],
    }
}

fn chart_row(tag: Option<Tag>) -> ChartRow {
    ChartRow {
        measure: "measure".to_owned(),
        name: some("Indicator"),
        marks: some("[p]"),
        area_code: "E07000111".to_owned(),
        area: some("Area"),
        months: 36,
        average: some("19.8"),
        range: some("11.4 to 28.1"),
        latest: some("21"),
        latest_month: some("June 2025"),
        quarters: some("31, 38, 46, 52"),
        shows: some("Within its expected range"),
        tag,
        average_data: "19.8".to_owned(),
        lower_data: "11.4".to_owned(),
        upper_data: "28.1".to_owned(),
        latest_data: 21,
        latest_month_data: "2025-06".to_owned(),
        quarters_data: Some([31, 38, 46, 52]),
    }
}

fn parts() -> PartSection {
    let row = PartRow {
        part: some("Risk: High"),
        area_code: "E07000111".to_owned(),
        area: some("Area"),
        figures: figures(),
    };
    PartSection {
        caption: some("Table 4"),
        groups: vec![PartGroup {
            measure: "measure".to_owned(),
            name: some("Indicator"),
            notes: some("[note 1]"),
            unit_data: "count".to_owned(),
            rows: vec![row],
        }],
    }
}

fn success() -> SuccessRow {
    SuccessRow {
        priority_id: some("priority"),
        id: "measure".to_owned(),
        priority_data: String::new(),
        text: some("Text"),
        tag: tag(TagKind::Improving),
        sentence: some("Sentence"),
    }
}

fn actions() -> ActionsSection {
    let action = |days_late| ActionRow {
        number: some("4.3"),
        action: some("Action"),
        action_data: some("Action"),
        lead: some("Lead"),
        others: some("Others"),
        due: some("31 March 2025"),
        due_data: "2025-03-31".to_owned(),
        days_late,
        status: some("in progress"),
        update: some("Update"),
    };
    ActionsSection {
        summary: some("Summary"),
        overdue_caption: some("Table 6"),
        overdue: vec![action(Some(112))],
        overdue_more: some("More"),
        soon_caption: some("Table 7"),
        soon: vec![action(None)],
        soon_more: some("More"),
        unclear: some("Unclear"),
        all_data: vec![action(Some(112)), action(None)],
    }
}

fn revisions() -> RevisionSection {
    let row = RevisionRow {
        name: some("Indicator"),
        period: some("April to June 2025"),
        old: some("402"),
        new: some("410"),
        why: some("Why"),
        verdict: some("Concern, now no change"),
        period_data: "2025-26Q1".to_owned(),
    };
    RevisionSection {
        summary: some("Summary"),
        verdicts: vec![row.clone()],
        caption: some("Table 8"),
        rows: vec![row.clone()],
        more: some("More"),
        all_data: vec![row],
    }
}

fn returns() -> ReturnsSection {
    let row = ReturnRow {
        name: some("Partner: return"),
        partner: some("Partner"),
        title: some("Return"),
        due: String::new(),
        due_data: String::new(),
        state: some("late"),
        state_data: "late".to_owned(),
        arrived: some("10 July 2025"),
        arrived_data: "2025-07-10".to_owned(),
        note: some("Note"),
    };
    let quality = QualityRow {
        return_title: some("Return"),
        code: "code".to_owned(),
        message: some("Message"),
    };
    ReturnsSection {
        summary: some("Summary"),
        caption: some("Table 9"),
        attention: vec![row.clone()],
        all_data: vec![row],
        quality: vec![quality.clone()],
        quality_more: some("More"),
        quality_data: vec![quality],
        gaps: vec![reason()],
    }
}

fn drawing(id: &str) -> Drawing {
    let column = |same_season| Column {
        months: "Apr–Jun".to_owned(),
        year: "2025".to_owned(),
        value: Some(402.0),
        label: "402".to_owned(),
        hollow: false,
        same_season,
    };
    Drawing {
        id: id.to_owned(),
        title: some("Title"),
        subtitle: some("Subtitle"),
        alt: some("Alt"),
        notes: vec![some("Note")],
        kind: DrawingKind::Columns(vec![column(true), column(false)]),
        table: DataTable {
            caption: some("Caption"),
            columns: vec![some("Quarter"), some("Figure")],
            rows: vec![vec![some("April to June 2025"), some("402")]],
        },
    }
}

fn detail(quarters: usize) -> IndicatorDetail {
    let quarter = QuarterText {
        short: some("Apr–Jun 2025"),
        period: some("April to June 2025"),
        text: some("402 [p]"),
        period_data: "2025-26Q1".to_owned(),
        number: Some("402".to_owned()),
        status_data: "p".to_owned(),
    };
    IndicatorDetail {
        series_data: crate::report_model::SeriesData::default(),
        id: "measure".to_owned(),
        name: some("Indicator"),
        priority: some("Priority"),
        tag: tag(TagKind::Concern),
        sentence: some("Sentence"),
        drawings: vec!["wide".to_owned()],
        quarters: vec![quarter; quarters],
        facts: vec![fact()],
        commentary: vec![comment()],
    }
}

fn provenance() -> Provenance {
    Provenance {
        lines: vec![some("Line")],
        sources: vec![SourceRow {
            arrived_data: some("2025-07-10"),
            partner: some("Partner"),
            return_title: some("Return"),
            file: some("file.xlsx"),
            arrived: some("10 July 2025"),
            sha256: "3b1f0c9d2a7e".to_owned(),
            outcome: some("39 figures"),
        }],
        contact: some("Contact"),
        why_you_get_this: some("Why"),
        next_report: some("Next"),
    }
}

fn about() -> About {
    About {
        title: some("Report"),
        partnership: some("Partnership"),
        partnership_short: some("CSP"),
        period: some("quarter 1"),
        months: some("April to June 2025"),
        provisional: some("Some figures are provisional [p]."),
        as_of: some("21 July 2025"),
        as_of_data: "2025-07-21".to_owned(),
        edition_data: some("2025-26-Q1-01"),
        figures_from: vec![some("Source")],
    }
}
