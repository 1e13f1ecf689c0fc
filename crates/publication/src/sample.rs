//! Made-up reports for tests: real computing, judging and disclosing over small series.

mod drawn;
mod large;
mod random;

use std::collections::BTreeMap;

use analysis::{
    Definitions, DisclosedTable, DisclosureRules, Releases, SuccessOutcome, assess, compute,
    disclose, judge_success,
};
use jiff::civil::{Date, date};
use model::{
    ActionItem, ActionStatus, Area, Breakdown, ByWhen, DatedEvent, Disclosure, Figure, Geography,
    Mark, Measure, MeasureId, Month, Partner, Partnership, PeerSet, Period, Place, Point, Polarity,
    Population, Populations, Priority, ReturnState, SeriesKey, SeriesTable, SourceNotes,
    SubmissionHash, SubmissionState, SuccessMeasure, SuccessRule, Target,
};

use crate::brand::Brand;
use crate::email::{AttachedFile, Email, MailInput, mail_pictures, render_email};
use crate::report_model::ReportModel;
use crate::spec::{Commentary, QualityLine, ReportSpec, ReturnLine, SourceLine};
use crate::templates::{TemplateFile, Templates};

pub(crate) const AS_OF: Date = date(2025, 7, 21);
pub(crate) const HOME: &str = "E07000111";
pub(crate) const PEERS: [(&str, &str); 3] =
    [(HOME, "Sevenoaks"), ("E07000107", "Dartford"), ("E07000109", "Gravesham")];

/// Everything a report is made from, owned.
pub(crate) struct Sample {
    pub(crate) partnership: Partnership,
    pub(crate) measures: BTreeMap<MeasureId, Measure>,
    pub(crate) series: SeriesTable,
    pub(crate) actions: Vec<ActionItem>,
    pub(crate) returns: Vec<ReturnLine>,
    pub(crate) sources: Vec<SourceLine>,
    pub(crate) quality: Vec<QualityLine>,
    pub(crate) commentary: Commentary,
    pub(crate) notes: SourceNotes,
    pub(crate) events: Vec<DatedEvent>,
    /// Of areas beside [`PEERS`].
    pub(crate) residents: BTreeMap<String, i64>,
}

/// The shipped templates.
pub(crate) fn templates() -> Templates {
    let html = TemplateFile {
        name: "email.html.j2",
        source: include_str!("../../../jobs/quarterly-monitoring/mail/email.html.j2"),
    };
    let text = TemplateFile {
        name: "email.txt.j2",
        source: include_str!("../../../jobs/quarterly-monitoring/mail/email.txt.j2"),
    };
    Templates::parse(html, text).expect("the shipped templates parse")
}

/// The shipped template of the page.
pub(crate) fn page_template() -> TemplateFile<'static> {
    TemplateFile {
        name: "page/index.html.j2",
        source: include_str!("../../../jobs/quarterly-monitoring/page/index.html.j2"),
    }
}

/// A message by the shipped templates, with two files.
pub(crate) fn mail(model: &ReportModel) -> Email {
    let file = |title: &str, name: &str, about: &str| AttachedFile {
        title: title.to_owned(),
        file_name: format!("{}-{name}", model.period_file_name),
        about: about.to_owned(),
    };
    let attached = [
        file("Performance pack", "pack.pdf", "PDF, 12 pages, 310 kB"),
        file("Tables of data", "tables.xlsx", "Excel workbook, 48 kB"),
    ];
    let input = MailInput {
        model,
        templates: &templates(),
        brand: &Brand::default(),
        attached: &attached,
        left_out: &[],
        pictures: &mail_pictures(model),
    };
    render_email(&input).expect("the shipped templates render")
}

pub(crate) fn period() -> Period {
    "2025-26Q1".parse().expect("a period")
}

impl Sample {
    /// No measures, actions or returns: three districts and two priorities.
    pub(crate) fn empty() -> Self {
        let areas = PEERS.map(|(code, name)| Area {
            code: code.into(),
            name: name.to_owned(),
            aliases: Vec::new(),
            geography: Geography::District,
            districts: Vec::new(),
        });
        let priority =
            |rank, id: &str, title: &str| Priority { id: id.into(), rank, title: title.to_owned() };
        let partnership = Partnership {
            name: "Sevenoaks District Community Safety Partnership".to_owned(),
            short_name: "Sevenoaks CSP".to_owned(),
            home: BTreeMap::from([(Geography::District, HOME.into())]),
            peer_sets: vec![PeerSet {
                id: "north-kent".to_owned(),
                label: "the 3 north Kent districts".to_owned(),
                geography: Geography::District,
                areas: areas.iter().map(|area| area.code.clone()).collect(),
                vintage: String::new(),
            }],
            areas: areas.to_vec(),
            priorities: vec![
                priority(1, "acquisitive", "Serious and acquisitive crime"),
                priority(2, "abuse", "Domestic abuse"),
            ],
            success_measures: Vec::new(),
            targets: Vec::new(),
            partners: vec![Partner {
                id: "kent-police".into(),
                name: "Kent Police".to_owned(),
                contact: None,
                lead: None,
                away: Vec::new(),
            }],
            recipients: Vec::new(),
        };
        Self {
            partnership,
            measures: BTreeMap::new(),
            series: SeriesTable::default(),
            actions: Vec::new(),
            returns: Vec::new(),
            sources: Vec::new(),
            quality: Vec::new(),
            commentary: Commentary::default(),
            notes: SourceNotes::default(),
            events: Vec::new(),
            residents: BTreeMap::new(),
        }
    }

    /// One of everything: a concern with peers, an improvement, a protected measure with a
    /// withheld part, a measure nothing has arrived for.
    pub(crate) fn small() -> Self {
        let mut sample = Self::empty();
        sample.measure("police-asb", "Anti-social behaviour incidents", |measure| {
            measure.per_1000 = true;
            measure.provisional = true;
        });
        sample.quarters("police-asb", HOME, &[300, 310, 305, 290, 295, 300, 310, 402]);
        sample.quarters("police-asb", "E07000107", &[400, 400, 400, 400, 400, 400, 400, 410]);
        sample.quarters("police-asb", "E07000109", &[200, 200, 200, 200, 200, 200, 200, 210]);
        sample.measure("burglary", "Burglary of a home", |_| ());
        sample.quarters("burglary", HOME, &[80, 82, 90, 121, 88, 70, 66, 61]);
        sample.measure("davss-referrals", "DAVSS referrals (illustrative)", |measure| {
            measure.priority = Some("abuse".into());
            measure.disclosure = Disclosure::Suppressed;
            measure.polarity = Polarity::Neutral;
            measure.illustrative = true;
            measure.source = "DAVSS".to_owned();
        });
        sample.quarters("davss-referrals", HOME, &[41, 38, 44, 47, 52, 49, 57, 63]);
        sample.part("davss-referrals", "risk", "high", 4, 21);
        sample.part("davss-referrals", "risk", "standard", 59, 26);
        sample.measure("repeat-victims", "Repeat victims", |measure| {
            measure.priority = Some("abuse".into());
        });
        sample.plan();
        sample.evidence();
        sample
    }

    /// Adds an open count of which fewer is better, changed as asked.
    pub(crate) fn measure(&mut self, id: &str, label: &str, change: impl FnOnce(&mut Measure)) {
        let mut measure = Measure {
            label: label.to_owned(),
            priority: Some("acquisitive".into()),
            source: "Kent Police".to_owned(),
            ..Measure::count(id, Geography::District)
        };
        change(&mut measure);
        self.measures.insert(id.into(), measure);
    }

    /// Sets the quarters that end with quarter 1 of 2025-26, oldest first.
    pub(crate) fn quarters(&mut self, measure: &str, area: &str, values: &[i64]) {
        let back = i32::try_from(values.len()).expect("few") - 1;
        for (index, value) in (0_i32..).zip(values) {
            let quarter = period().shifted((index - back) * 3);
            self.point(measure, area, Breakdown::all(), quarter, Figure::number(*value));
        }
    }

    /// Sets the months that end with June 2025, oldest first.
    pub(crate) fn months(&mut self, measure: &str, area: &str, values: &[i64]) {
        let back = i32::try_from(values.len()).expect("few") - 1;
        for (index, value) in (0_i32..).zip(values) {
            let month = Month::new(2025, 6).expect("a month").plus(index - back);
            self.point(
                measure,
                area,
                Breakdown::all(),
                Period::month(month),
                Figure::number(*value),
            );
        }
    }

    /// Sets this quarter and the same quarter last year of a part, at home.
    pub(crate) fn part(
        &mut self,
        measure: &str,
        dimension: &str,
        category: &str,
        now: i64,
        before: i64,
    ) {
        let breakdown = Breakdown::all().with(dimension, category);
        let year_before = period().year_before();
        self.point(measure, HOME, breakdown.clone(), period(), Figure::number(now));
        self.point(measure, HOME, breakdown, year_before, Figure::number(before));
    }

    fn point(
        &mut self,
        measure: &str,
        area: &str,
        breakdown: Breakdown,
        period: Period,
        figure: Figure,
    ) {
        let key = SeriesKey { measure: measure.into(), area: area.into(), breakdown };
        let point = Point { figure, submission: SubmissionHash::of(b"sample") };
        self.series.series.entry(key).or_default().insert(period, point);
    }

    pub(crate) fn success_measure(
        &mut self,
        id: &str,
        text: &str,
        measures: &[&str],
        rule: SuccessRule,
    ) {
        self.partnership.success_measures.push(SuccessMeasure {
            id: id.to_owned(),
            priority: Some("acquisitive".into()),
            text: text.to_owned(),
            measures: measures.iter().map(|id| (*id).into()).collect(),
            rule,
            cannot_judge: None,
        });
    }

    /// A level a month that a measure is to reach.
    pub(crate) fn target(&mut self, measure: &str, monthly: i64) {
        let source = "Plan".to_owned();
        self.partnership.targets.push(Target { measure: measure.into(), monthly, source });
    }

    fn plan(&mut self) {
        let within = SuccessRule::MaintainPosition { within: 2 };
        self.success_measure(
            "asb",
            "Stay among the lowest 2 districts for anti-social behaviour",
            &["police-asb"],
            within,
        );
        self.success_measure("burglary", "Reduce burglary", &["burglary"], SuccessRule::Reduce);
        self.success_measure(
            "victims",
            "Reduce the number of repeat victims",
            &["repeat-victims"],
            SuccessRule::Reduce,
        );
        let due = |year, month, day| ByWhen::Date(date(year, month, day));
        self.action(
            "4.7",
            "Support the national safeguarding week with drop-in sessions",
            due(2024, 12, 31),
            ActionStatus::Complete,
        );
        self.action(
            "4.3",
            "Prevent Team to deliver training to partners and businesses on counter terrorism",
            due(2025, 3, 31),
            ActionStatus::InProgress,
        );
        self.action(
            "3.6",
            "Achieve accreditation for the Council in partnership with the CSP and other partners",
            due(2025, 9, 30),
            ActionStatus::NotStarted,
        );
        self.action("1.1", "Monthly tactical group", ByWhen::Ongoing, ActionStatus::InProgress);
    }

    pub(crate) fn action(
        &mut self,
        number: &str,
        action: &str,
        by_when: ByWhen,
        status: ActionStatus,
    ) {
        self.actions.push(ActionItem {
            number: number.to_owned(),
            action: action.to_owned(),
            lead: "KCC Prevent Team".to_owned(),
            others: "All partners".to_owned(),
            by_when,
            update: "Session for partners held.".to_owned(),
            status,
            place: Place::file(),
        });
    }

    fn evidence(&mut self) {
        self.returns = vec![
            ReturnLine {
                partner: "Kent Police".to_owned(),
                title: "Kent Police: recorded crime by district".to_owned(),
                due: Some(date(2025, 7, 14)),
                state: ReturnState::Accepted,
                arrived: Some(date(2025, 7, 10)),
                refused_for: None,
                waived: None,
            },
            ReturnLine {
                partner: "Protection Against Stalking".to_owned(),
                title: "Referrals".to_owned(),
                due: Some(date(2025, 7, 14)),
                state: ReturnState::Late,
                arrived: None,
                refused_for: None,
                waived: None,
            },
            ReturnLine {
                partner: "KCC".to_owned(),
                title: "Community Wardens".to_owned(),
                due: Some(date(2025, 7, 14)),
                state: ReturnState::Queried,
                arrived: Some(date(2025, 7, 11)),
                refused_for: Some("wrong-period".to_owned()),
                waived: None,
            },
        ];
        self.sources = vec![SourceLine {
            partner: "Kent Police".to_owned(),
            return_title: "Kent Police: recorded crime by district".to_owned(),
            file: "Sevenoaks CSP Jan-Jun 2025.xlsx".to_owned(),
            arrived: date(2025, 7, 10),
            sha256_short: "3b1f0c9d2a7e".to_owned(),
            cells: 1_204,
            state: SubmissionState::Accepted,
        }];
        self.quality = vec![QualityLine {
            return_title: "DAVSS: referrals".to_owned(),
            code: "breakdown-differs".to_owned(),
        }];
    }

    pub(crate) fn disclosed(&self) -> DisclosedTable {
        let residents = |residents| Population { residents, vintage: "mid-2020".to_owned() };
        let known = PEERS.iter().map(|(code, _)| ((*code).into(), vec![residents(121_000)]));
        let more = self.residents.iter();
        let more = more.map(|(code, number)| (code.as_str().into(), vec![residents(*number)]));
        let populations = Populations(known.chain(more).collect());
        let definitions = Definitions {
            partnership: &self.partnership,
            measures: &self.measures,
            populations: &populations,
            notes: &self.notes,
            releases: &Releases::default(),
            absent: &BTreeMap::new(),
            earlier: None,
        };
        let assessed = assess(&compute(&self.series, period(), &definitions), &self.measures);
        disclose(&assessed, DisclosureRules { measures: &self.measures })
    }

    pub(crate) fn spec<'a>(&'a self, success: &'a [SuccessOutcome]) -> ReportSpec<'a> {
        ReportSpec {
            partnership: &self.partnership,
            title: "Quarterly monitoring report".to_owned(),
            measures: &self.measures,
            period: period(),
            as_of: AS_OF,
            marking: "OFFICIAL".to_owned(),
            edition: "2025-26-Q1-01".into(),
            run: "quarterly-monitoring-2025-26-Q1-01".into(),
            success,
            actions: &self.actions,
            events: &self.events,
            commentary: &self.commentary,
            returns: &self.returns,
            sources: &self.sources,
            quality: &self.quality,
            corrects: None,
            revised: None,
            lake_version: "o3.a1".to_owned(),
            software: "Quarterdeck 0.1.0".to_owned(),
            definitions_hash_short: "9c0d1e2f3a4b".to_owned(),
            contact: "Community Safety Unit, csu@sevenoaks-csp.example".to_owned(),
            next_report: Some(date(2025, 10, 21)),
            demonstration: Some(
                "Demonstration: figures marked (illustrative) are made up.".to_owned(),
            ),
        }
    }

    pub(crate) fn model(&self) -> ReportModel {
        self.model_with(|_| ())
    }

    pub(crate) fn model_with(&self, change: impl FnOnce(&mut ReportSpec<'_>)) -> ReportModel {
        let table = self.disclosed();
        let success =
            judge_success(&table, &self.partnership, &self.measures, &self.actions, AS_OF);
        let mut spec = self.spec(&success);
        change(&mut spec);
        crate::compose(&table, &spec)
    }

    /// Marks a figure as missing at home in the quarter.
    pub(crate) fn missing(&mut self, measure: &str, mark: Mark) {
        self.point(measure, HOME, Breakdown::all(), period(), Figure::missing(mark));
    }

    /// Marks a month as not known at home: so many months from June 2025.
    pub(crate) fn unknown_month(&mut self, measure: &str, from_june: i32) {
        let month = Month::new(2025, 6).expect("a month").plus(from_june);
        let period = Period::month(month);
        self.point(measure, HOME, Breakdown::all(), period, Figure::missing(Mark::X));
    }
}
