//! What must hold in a return, how much it matters, and what is known to be otherwise: `[checks]`
//! and `[[exception]]`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{AreaCode, Breakdown, MeasureId, Period, Severity, nearest};

use super::fields::Fields;

/// What must hold beyond what every return is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The peer set of which every area must be there.
    pub peer_set: Option<String>,
    /// Measures whose parts by a dimension must add up to the whole.
    pub adds_up: Vec<AddsUp>,
    /// Headings of the partner's own columns of change, as numbers.
    pub change_number: Vec<String>,
    /// Headings of the partner's own columns of change, in percent.
    pub change_percent: Vec<String>,
    /// Between which bounds figures lie.
    pub ranges: Vec<Range>,
    /// Cells that must be filled in.
    pub required: Vec<Required>,
    /// How far a figure may lie from those before it.
    pub jump: JumpRule,
    /// How much findings of a code matter, where that is not as usual.
    pub severity: BTreeMap<String, Severity>,
    /// What is known to be otherwise, and why.
    pub exceptions: Vec<Exception>,
}

/// Parts that must add up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddsUp {
    /// What is counted.
    pub measure: MeasureId,
    /// By what it is split.
    pub dimension: String,
    /// How much it matters; none: fewer parts are a warning, more an error.
    pub severity: Option<Severity>,
}

/// Figures that lie between bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// What is counted.
    pub measure: MeasureId,
    /// Which part of it; none: the whole and every part.
    pub breakdown: Option<Breakdown>,
    /// The least there may be, inclusive, in hundredths of the measure's unit.
    pub min_hundredths: Option<i64>,
    /// The most there may be, inclusive, in hundredths of the measure's unit.
    pub max_hundredths: Option<i64>,
    /// How much it matters.
    pub severity: Option<Severity>,
}

/// Cells that must be filled in: a number, or a mark that says why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// What is counted.
    pub measure: MeasureId,
    /// Which part of it; none: the whole and every part that has a cell.
    pub breakdown: Option<Breakdown>,
    /// Where; none: in every area that has a cell.
    pub area: Option<AreaCode>,
    /// How much it matters.
    pub severity: Option<Severity>,
}

/// How far a figure may lie from those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JumpRule {
    #[default]
    /// As the contract says nothing: the usual tolerance, and none for money.
    Usual,
    /// As far as it likes.
    Off,
    /// As declared, for every measure of the return.
    Declared(JumpTolerance),
}

/// What makes a figure a jump: all of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JumpTolerance {
    /// How many times the middle of the earlier figures it is, or is of it; in hundredths.
    pub times_hundredths: i64,
    /// By how much it differs at least, in the measure's unit.
    pub at_least: i64,
    /// How much it matters.
    pub severity: Option<Severity>,
}

impl JumpTolerance {
    /// Three times as many or a third, and twenty more or fewer.
    pub const USUAL: Self = Self { times_hundredths: 300, at_least: 20, severity: None };
}

/// A finding that is known, and what it is known for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The finding's code.
    pub code: String,
    /// Only where the finding is about this measure.
    pub measure: Option<MeasureId>,
    /// Only about this part of it.
    pub breakdown: Option<Breakdown>,
    /// Only in this area.
    pub area: Option<AreaCode>,
    /// Only for figures within this period.
    pub period: Option<Period>,
    /// Only on this sheet.
    pub sheet: Option<String>,
    /// Only about the action with this number, in an action plan.
    pub action: Option<String>,
    /// Why it is so.
    pub reason: String,
    /// Who says so: a role, never a person.
    pub owner: String,
    /// The last day on which it holds.
    pub until: Date,
}

/// Findings whose severity a contract may change and that may be known exceptions: what they are
/// about is not stored, is stored as missing, or is stored as it stands in the sheet. All others
/// mean that a figure would be read wrongly, twice or not at all.
pub const ADJUSTABLE_CODES: &[&str] = &[
    "blank-cell",
    "breakdown-differs",
    "change-differs",
    "cumulative-figures",
    "formulas-all-zero",
    "hidden-rows",
    "hidden-sheet",
    "history-revised",
    "jump",
    "last-month-low",
    "missing-area",
    "missing-measure",
    "missing-month",
    "name-says-another-period",
    "out-of-range",
    "part-period",
    "percent-as-fraction",
    "record-outside-period",
    "record-twice",
    "required-blank",
    "same-as-another-area",
    "same-as-last-period",
    "same-as-last-year",
    "swapped-figures",
    "title-contradicts",
    "total-differs",
    "unit-changed",
    "year-assumed",
];

/// The same for action plans.
pub const ADJUSTABLE_ACTION_CODES: &[&str] = &["by-when-unclear", "hidden-sheet", "unknown-status"];

/// Findings that stay what they are.
pub const FIXED_CODES: &[&str] = &[
    "personal-data",
    "missing-sheet",
    "headings-not-found",
    "period-not-found",
    "no-figures",
    "unknown-area",
    "unknown-measure",
    "unknown-label",
    "unknown-period",
    "label-missing",
    "not-a-number",
    "fraction-in-count",
    "negative-count",
    "date-in-count",
    "error-value",
    "formula-without-value",
    "number-too-large",
    "second-heading",
    "figures-without-heading",
    "wrong-period",
    "future-period",
    "months-after-period",
    "overlapping-periods",
    "duplicate",
    "not-a-date",
    "date-out-of-range",
    "no-actions",
    "number-missing",
    "action-missing",
];

const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Error), ("warning", Severity::Warning), ("repair", Severity::Repair)];

impl Checks {
    /// How much a finding of a code matters here: as its own check says, else as the contract says
    /// of the code, else as usual.
    pub(crate) fn severity_of(
        &self,
        code: &str,
        own: Option<Severity>,
        usual: Severity,
    ) -> Severity {
        own.or_else(|| self.severity.get(code).copied()).unwrap_or(usual)
    }

    /// Every measure named.
    pub(super) fn measures(&self) -> BTreeSet<&MeasureId> {
        let added = self.adds_up.iter().map(|check| &check.measure);
        let ranges = self.ranges.iter().map(|range| &range.measure);
        let required = self.required.iter().map(|required| &required.measure);
        added.chain(ranges).chain(required).collect()
    }
}

/// Reads `[checks]`.
pub(super) fn checks(fields: Fields<'_>) -> Checks {
    let mut checks = Checks::default();
    if let Some(areas) = fields.table("areas") {
        checks.peer_set = areas.required_text("peer_set");
        areas.finish();
    }
    checks.adds_up = fields.tables("adds_up").into_iter().filter_map(adds_up).collect();
    if let Some(columns) = fields.table("change_columns") {
        checks.change_number = columns.texts("number").unwrap_or_default();
        checks.change_percent = columns.texts("percent").unwrap_or_default();
        columns.finish();
    }
    checks.ranges = fields.tables("ranges").into_iter().filter_map(range).collect();
    checks.required = fields.tables("required").into_iter().filter_map(required).collect();
    checks.jump = jump(&fields);
    checks.severity = severities(&fields, ADJUSTABLE_CODES);
    fields.finish();
    checks
}

/// Reads `[checks]` of an action plan.
pub(super) fn action_checks(fields: Fields<'_>) -> Checks {
    let severity = severities(&fields, ADJUSTABLE_ACTION_CODES);
    fields.finish();
    Checks { severity, ..Checks::default() }
}

fn adds_up(fields: Fields<'_>) -> Option<AddsUp> {
    let measure = fields.required_text("measure").map(MeasureId::new);
    let dimension = fields.required_text("dimension");
    let severity = fields.choice("severity", SEVERITIES);
    fields.finish();
    Some(AddsUp { measure: measure?, dimension: dimension?, severity })
}

fn breakdown(fields: &Fields<'_>) -> Option<Breakdown> {
    match fields.text("breakdown")?.parse::<Breakdown>() {
        Ok(breakdown) => Some(breakdown),
        Err(error) => {
            fields.problem("breakdown", &error.to_string());
            None
        }
    }
}

fn range(fields: Fields<'_>) -> Option<Range> {
    let measure = fields.required_text("measure").map(MeasureId::new);
    let breakdown = breakdown(&fields);
    let min_hundredths = fields.hundredths("min");
    let max_hundredths = fields.hundredths("max");
    let severity = fields.choice("severity", SEVERITIES);
    match (min_hundredths, max_hundredths) {
        (Some(min), Some(max)) if min > max => {
            fields.problem("min", "is more than `max`: no figure could be right");
        }
        (None, None) if !fields.has("min") && !fields.has("max") => {
            fields.problem("min", "is missing: give `min`, `max` or both");
        }
        _ => {}
    }
    fields.finish();
    Some(Range { measure: measure?, breakdown, min_hundredths, max_hundredths, severity })
}

fn required(fields: Fields<'_>) -> Option<Required> {
    let measure = fields.required_text("measure").map(MeasureId::new);
    let breakdown = breakdown(&fields);
    let area = fields.text("area").map(AreaCode::new);
    let severity = fields.choice("severity", SEVERITIES);
    fields.finish();
    Some(Required { measure: measure?, breakdown, area, severity })
}

fn jump(fields: &Fields<'_>) -> JumpRule {
    const TIMES_MOST_HUNDREDTHS: i64 = 100_000;
    if fields.is_false("jump") {
        return JumpRule::Off;
    }
    let Some(jump) = fields.table("jump") else {
        return JumpRule::Usual;
    };
    let times = jump.hundredths("times");
    if times.is_some_and(|times| !(101..=TIMES_MOST_HUNDREDTHS).contains(&times)) {
        jump.problem("times", "must be more than 1 and at most 1000: `times = 3` is three times");
    }
    let at_least = jump.integer("at_least", 1, 1_000_000_000);
    let severity = jump.choice("severity", SEVERITIES);
    jump.finish();
    JumpRule::Declared(JumpTolerance {
        times_hundredths: times.unwrap_or(JumpTolerance::USUAL.times_hundredths),
        at_least: at_least.unwrap_or(JumpTolerance::USUAL.at_least),
        severity,
    })
}

fn severities(checks: &Fields<'_>, codes: &[&str]) -> BTreeMap<String, Severity> {
    let mut severities = BTreeMap::new();
    let Some(fields) = checks.table("severity") else {
        return severities;
    };
    for code in fields.names() {
        let severity = fields.choice(&code, SEVERITIES);
        if is_adjustable(&fields, &code, &code, codes)
            && let Some(severity) = severity
        {
            severities.insert(code, severity);
        }
    }
    fields.finish();
    severities
}

/// Whether findings of a code may be treated otherwise than usual; if not, that is a problem of
/// the key.
fn is_adjustable(fields: &Fields<'_>, key: &str, code: &str, codes: &[&str]) -> bool {
    if codes.contains(&code) {
        return true;
    }
    if FIXED_CODES.contains(&code) {
        fields.problem(
            key,
            &format!(
                "`{code}` always refuses the return: a figure would be read wrongly or not at all"
            ),
        );
        return false;
    }
    let hint = match nearest(code, codes.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the reference of contracts lists them".to_owned(),
    };
    fields.problem(key, &format!("`{code}` is no finding that can be changed ({hint})"));
    false
}

/// Reads every `[[exception]]`.
pub(super) fn exceptions(fields: &Fields<'_>) -> Vec<Exception> {
    fields.tables("exception").into_iter().filter_map(exception).collect()
}

/// The same of an action plan.
pub(super) fn action_exceptions(fields: &Fields<'_>) -> Vec<Exception> {
    fields.tables("exception").into_iter().filter_map(action_exception).collect()
}

/// What every exception says, with the keys that say where it holds.
fn known(
    fields: &Fields<'_>,
    codes: &[&str],
    selectors: &[&str],
    named: &str,
) -> Option<Exception> {
    let code =
        fields.required_text("code").filter(|code| is_adjustable(fields, "code", code, codes));
    let sheet = fields.text("sheet");
    if !selectors.iter().any(|selector| fields.has(selector)) {
        let what = format!(
            "an exception to everything of a code hides what is new: name {named}, or change its severity"
        );
        fields.problem("code", &what);
    }
    let reason = fields.required_text("reason");
    let owner = fields.required_text("owner");
    let until = fields.required_date("until");
    Some(Exception {
        code: code?,
        measure: None,
        breakdown: None,
        area: None,
        period: None,
        sheet,
        action: None,
        reason: reason?,
        owner: owner?,
        until: until?,
    })
}

fn exception(fields: Fields<'_>) -> Option<Exception> {
    let measure = fields.text("measure").map(MeasureId::new);
    let breakdown = breakdown(&fields);
    let area = fields.text("area").map(AreaCode::new);
    let period = fields.text("period").and_then(|text| match text.parse::<Period>() {
        Ok(period) => Some(period),
        Err(error) => {
            fields.problem("period", &error.to_string());
            None
        }
    });
    let selectors = ["measure", "breakdown", "area", "period", "sheet"];
    let known = known(&fields, ADJUSTABLE_CODES, &selectors, "a measure, area, period or sheet");
    fields.finish();
    Some(Exception { measure, breakdown, area, period, ..known? })
}

fn action_exception(fields: Fields<'_>) -> Option<Exception> {
    let action = fields.text("action");
    let selectors = ["action", "sheet"];
    let known = known(&fields, ADJUSTABLE_ACTION_CODES, &selectors, "an action or a sheet");
    fields.finish();
    Some(Exception { action, ..known? })
}
