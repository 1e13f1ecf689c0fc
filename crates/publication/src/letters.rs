//! Letters to partners: what became of what they sent, in their words and nobody else's.
//!
//! A letter goes to the partner that sent the workbook, and to nobody else; so it may say a
//! finding's own words, which readers of reports never get. About personal data it says only
//! where it stood.

use model::{Finding, Severity};
use serde::Serialize;

use crate::email::Email;
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::templates::{TemplateError, TemplateFile, Templates};
use crate::words::{capitalised, size};

/// Most findings said in a letter; the marked-up copy has them all.
const FINDINGS_MAX: usize = 10;
/// Cells named beside the first.
const CELLS_NAMED_MAX: usize = 6;

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken in.
    Accepted,
    /// Not taken in.
    Refused,
    /// Sealed or destroyed: there was personal data in it.
    PersonalData,
}

/// The marked-up copy that goes with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkedUpCopy<'a> {
    /// Attached, under this name, of this size in bytes.
    Attached(&'a str, usize),
    /// Made, and larger than may be mailed.
    TooLarge(usize),
    /// There is none: nothing to correct, or nothing that could be read.
    None,
}

/// What a letter is about.
#[derive(Clone, Copy, Debug)]
pub struct LetterSpec<'a> {
    /// The partnership's name, for people.
    pub partnership: &'a str,
    /// The partner's name.
    pub partner: &'a str,
    /// The return it answers, for people.
    pub title: &'a str,
    /// The period it was expected for, for people.
    pub period: &'a str,
    /// The file's name, as the partner wrote it.
    pub file: &'a str,
    /// When it came, local, for people.
    pub received: &'a str,
    /// What became of it.
    pub outcome: Outcome,
    /// How many figures or actions were read.
    pub figures: usize,
    /// Everything found, worst first.
    pub findings: &'a [Finding],
    /// The marked-up copy.
    pub copy: MarkedUpCopy<'a>,
    /// What became of bytes with personal data, one sentence.
    pub personal_data: &'a str,
    /// Whom to ask: a role and its address.
    pub contact: &'a str,
    /// A sentence that says figures are made up, on top.
    pub demonstration: Option<&'a str>,
}

/// The templates of letters, checked against every kind of letter.
#[derive(Clone, Debug)]
pub struct LetterTemplates {
    receipt: Templates,
    error_letter: Templates,
    personal_data: Templates,
}

/// Names of the templates, each with `.html.j2` and `.txt.j2`.
pub const LETTER_TEMPLATES: [&str; 3] = ["receipt", "error-letter", "personal-data"];

#[derive(Serialize)]
struct Context {
    subject: String,
    demonstration: Option<String>,
    headline: String,
    opening: String,
    facts: Vec<Fact>,
    findings: Vec<FindingLine>,
    repairs: Vec<FindingLine>,
    more: Option<String>,
    attached: Option<Attached>,
    notice: Option<String>,
    steps: Vec<String>,
    closing: Vec<String>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct FindingLine {
    severity: &'static str,
    kind: &'static str,
    place: String,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct Attached {
    file_name: String,
    size: String,
}

impl LetterTemplates {
    /// Checks six templates: HTML and text of each of [`LETTER_TEMPLATES`], in that order. Each is
    /// filled in once, with everything a letter can say and with as little as it can, so that a
    /// slip shows before a partner sends anything.
    pub fn parse(files: [(TemplateFile<'_>, TemplateFile<'_>); 3]) -> Result<Self, TemplateError> {
        let [receipt, error_letter, personal_data] = files;
        let templates = Self {
            receipt: Templates::parse(receipt.0, receipt.1)?,
            error_letter: Templates::parse(error_letter.0, error_letter.1)?,
            personal_data: Templates::parse(personal_data.0, personal_data.1)?,
        };
        for spec in samples() {
            letter(&spec, &templates)?;
        }
        Ok(templates)
    }
}

/// Puts a letter into words.
pub fn letter(spec: &LetterSpec<'_>, templates: &LetterTemplates) -> Result<Email, TemplateError> {
    let context = context(spec);
    let templates = match spec.outcome {
        Outcome::Accepted => &templates.receipt,
        Outcome::Refused => &templates.error_letter,
        Outcome::PersonalData => &templates.personal_data,
    };
    Ok(Email {
        subject: context.subject.clone(),
        html: templates.html(&context)?,
        text: templates.text(&context)?,
        images: Vec::new(),
    })
}

fn context(spec: &LetterSpec<'_>) -> Context {
    let (title, period) = (clean(spec.title, NAME_MAX), clean(spec.period, NAME_MAX));
    let (repairs, others): (Vec<&Finding>, Vec<&Finding>) =
        spec.findings.iter().partition(|finding| finding.severity == Severity::Repair);
    let (subject, headline) = match spec.outcome {
        Outcome::Accepted => ("Received", "Your return was taken in"),
        Outcome::Refused => ("Please correct", "Your return could not be taken in"),
        Outcome::PersonalData => {
            ("Please send again without personal data", "Your return seems to hold personal data")
        }
    };
    let lines = |findings: &[&Finding]| -> Vec<FindingLine> {
        findings.iter().take(FINDINGS_MAX).map(|finding| finding_line(finding)).collect()
    };
    let more = others.len().saturating_sub(FINDINGS_MAX);
    Context {
        subject: format!("{subject}: {title}, {period}"),
        demonstration: spec.demonstration.map(|text| clean(text, SENTENCE_MAX)),
        headline: headline.to_owned(),
        opening: opening(spec),
        facts: facts(spec, title, period),
        findings: lines(&others),
        repairs: lines(&repairs),
        more: (more > 0).then(|| format!("{more} more were found; these come first.")),
        attached: match spec.copy {
            MarkedUpCopy::Attached(file_name, bytes) => {
                Some(Attached { file_name: clean(file_name, NAME_MAX), size: size(bytes) })
            }
            MarkedUpCopy::TooLarge(_) | MarkedUpCopy::None => None,
        },
        notice: match spec.copy {
            MarkedUpCopy::TooLarge(bytes) => Some(format!(
                "A copy of your workbook with the cells marked was made, but at {} it is too large to be mailed. Please ask us for it.",
                size(bytes)
            )),
            MarkedUpCopy::Attached(..) | MarkedUpCopy::None => None,
        },
        steps: steps(spec, others.is_empty()),
        closing: vec![
            format!(
                "You get this because {} asks {} for this return, and a file came. It was written by a program.",
                clean(spec.partnership, NAME_MAX),
                clean(spec.partner, NAME_MAX)
            ),
            format!("Questions: {}.", clean(spec.contact, NAME_MAX)),
        ],
    }
}

fn opening(spec: &LetterSpec<'_>) -> String {
    match spec.outcome {
        Outcome::Accepted => {
            "Thank you. This is what was understood; please tell us if any of it is not what you meant."
                .to_owned()
        }
        Outcome::Refused => {
            "Thank you for your return. It cannot be used as it stands: nothing of it has been taken in."
                .to_owned()
        }
        Outcome::PersonalData => format!(
            "This return takes counts only. Nothing of the file has been read or passed on. {}",
            clean(spec.personal_data, SENTENCE_MAX)
        ),
    }
}

fn facts(spec: &LetterSpec<'_>, title: String, period: String) -> Vec<Fact> {
    let mut facts =
        vec![Fact { name: "Return", value: title }, Fact { name: "Period", value: period }];
    // A file that holds personal data may be named by it.
    if spec.outcome != Outcome::PersonalData {
        facts.push(Fact { name: "File", value: clean(spec.file, NAME_MAX) });
    }
    facts.push(Fact { name: "Received", value: clean(spec.received, NAME_MAX) });
    if spec.outcome == Outcome::Accepted {
        facts.push(Fact { name: "Figures or actions read", value: spec.figures.to_string() });
    }
    facts
}

fn finding_line(finding: &Finding) -> FindingLine {
    let cell = finding.place.cell.map(|cell| cell.to_string());
    let sheet = clean(&finding.place.sheet, NAME_MAX);
    let mut place = match (sheet.as_str(), cell) {
        ("", _) => "The whole file".to_owned(),
        (sheet, None) => format!("Sheet {sheet}"),
        (sheet, Some(cell)) => format!("Sheet {sheet}, cell {cell}"),
    };
    let named: Vec<String> =
        finding.also.iter().take(CELLS_NAMED_MAX).map(ToString::to_string).collect();
    if !named.is_empty() {
        let more = finding.also.len() - named.len();
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        place = format!("{place}, also {}{and}", named.join(", "));
    }
    FindingLine {
        severity: finding.severity.as_str(),
        kind: match finding.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Repair => "Repair",
        },
        place,
        message: capitalised(&clean(&finding.message, SENTENCE_MAX)),
        hint: finding.hint.as_deref().map(|hint| capitalised(&clean(hint, SENTENCE_MAX))),
    }
}

fn steps(spec: &LetterSpec<'_>, nothing_to_look_at: bool) -> Vec<String> {
    let again = "Send it the way you sent it before: it is looked at within a day, and takes the place of this one.";
    let steps: &[&str] = match (spec.outcome, spec.copy) {
        (Outcome::Accepted, _) if nothing_to_look_at => &["There is nothing you must do."],
        (Outcome::Accepted, _) => &[
            "Look at the warnings. If they are right as they are there is nothing to do.",
            "If not, correct your workbook and send it again; it takes the place of this one.",
        ],
        (Outcome::Refused, MarkedUpCopy::Attached(..)) => &[
            "Open the attached copy of your workbook: each cell in question is marked, with a note, and its first sheet lists them all.",
            "Correct every error, in the copy or in your own file.",
            again,
        ],
        (Outcome::Refused, _) => &["Correct what is listed.", again],
        (Outcome::PersonalData, _) => &[
            "Delete the columns named above from your workbook, so that it holds counts only.",
            again,
            "Delete the copy you sent as well, from the folder or mailbox it was sent by.",
        ],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// Letters of every kind, with much to say and with little.
fn samples() -> Vec<LetterSpec<'static>> {
    let full = LetterSpec {
        partnership: "The partnership",
        partner: "A partner",
        title: "A return",
        period: "quarter 1 2025 to 2026 (April to June 2025)",
        file: "return.xlsx",
        received: "21 July 2025 at 09:00",
        outcome: Outcome::Accepted,
        figures: 12,
        findings: &[],
        copy: MarkedUpCopy::Attached("return - marked up.xlsx", 20_000),
        personal_data: "It has been destroyed.",
        contact: "The unit, unit@partnership.example",
        demonstration: Some("A demonstration."),
    };
    let findings: &'static [Finding] = sample_findings();
    let mut samples = Vec::new();
    for outcome in [Outcome::Accepted, Outcome::Refused, Outcome::PersonalData] {
        for copy in [full.copy, MarkedUpCopy::TooLarge(9_000_000), MarkedUpCopy::None] {
            samples.push(LetterSpec { outcome, findings, copy, ..full });
            samples.push(LetterSpec { outcome, copy, demonstration: None, ..full });
        }
    }
    samples
}

fn sample_findings() -> &'static [Finding] {
    use std::sync::LazyLock;
    static FINDINGS: LazyLock<Vec<Finding>> = LazyLock::new(|| {
        let place = model::Place::cell("Sheet", model::CellAddress::new(0, 0));
        let hinted =
            Finding::new(Severity::Error, "sample", place.clone(), "wrong").with_hint("do");
        let mut findings = vec![hinted; FINDINGS_MAX + 1];
        findings.push(Finding::new(Severity::Warning, "sample", model::Place::file(), "odd"));
        findings.push(Finding::new(Severity::Repair, "sample", place, "repaired"));
        findings
    });
    &FINDINGS
}

#[cfg(test)]
mod tests;
