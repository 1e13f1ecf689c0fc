//! Short messages about a report: that it could not be made, and that it is taken back.

use serde::Serialize;

use crate::email::Email;
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::templates::{Escaping, TemplateError, TemplateFile, Templates, render};

/// What the operator is told when a report could not be made: a runbook. Readers get nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureNotice {
    /// Short name of the partnership.
    pub partnership: String,
    /// The job's title.
    pub job: String,
    /// The period for readers.
    pub period: String,
    /// Which run failed.
    pub run: String,
    /// When, in local time, for readers.
    pub when: String,
    /// What went wrong, one sentence each.
    pub problems: Vec<String>,
    /// What readers have of this period: nothing, or an earlier edition.
    pub readers_got: String,
    /// What to do, one sentence each.
    pub what_to_do: Vec<String>,
    /// The one command to run then.
    pub command: String,
    /// Until when, and whether it is tried again by itself.
    pub time_left: String,
}

/// Lays out the notice to the operator; it has no HTML part.
pub fn render_failure(
    notice: &FailureNotice,
    template: TemplateFile<'_>,
) -> Result<Email, TemplateError> {
    let FailureNotice { partnership, job, period, .. } = notice;
    Ok(Email {
        subject: format!("{partnership}: {job} for {period} was not sent"),
        text: render(template, Escaping::None, notice)?,
        ..Email::default()
    })
}

/// What the operator is told about anything but a report that failed: plain text, with one command at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OperatorNotice {
    /// The subject line.
    pub subject: String,
    /// The finding.
    pub heading: String,
    /// What happened, in a sentence or two.
    pub opening: String,
    /// The rest, part by part.
    pub parts: Vec<NoticePart>,
    /// The one command to run, if there is one.
    pub command: String,
}

/// A heading, and sentences below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticePart {
    /// What they are about.
    pub heading: String,
    /// One sentence each.
    pub lines: Vec<String>,
}

impl NoticePart {
    /// A part with this heading.
    pub fn new(heading: impl Into<String>, lines: Vec<String>) -> Self {
        Self { heading: heading.into(), lines }
    }
}

const OPERATOR: TemplateFile<'static> =
    TemplateFile { name: "the built-in operator.txt.j2", source: include_str!("operator.txt.j2") };

/// Lays out a notice to the operator; it has no HTML part.
pub fn render_operator_notice(notice: &OperatorNotice) -> Result<Email, TemplateError> {
    Ok(Email {
        subject: notice.subject.clone(),
        text: render(OPERATOR, Escaping::None, notice)?,
        ..Email::default()
    })
}

/// What whoever got an edition is told when it is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithdrawalNotice {
    /// Protective marking; empty for none.
    pub marking: String,
    /// The subject line; made by [`render_withdrawal`].
    pub subject: String,
    /// What the edition said in its heading.
    pub title: String,
    /// The edition.
    pub edition: String,
    /// The job's title.
    pub report: String,
    /// Name of the partnership.
    pub partnership: String,
    /// The period for readers.
    pub period: String,
    /// The day it was made, for readers.
    pub made_on: String,
    /// Why it is taken back.
    pub why: String,
    /// What happens next.
    pub next: String,
    /// Whom to ask.
    pub contact: String,
}

/// Lays out the message that takes an edition back.
pub fn render_withdrawal(
    notice: &WithdrawalNotice,
    templates: &Templates,
) -> Result<Email, TemplateError> {
    let marking = clean(&notice.marking, NAME_MAX);
    let marked = if marking.is_empty() { String::new() } else { format!("[{marking}] ") };
    let (short, period) = (clean(&notice.partnership, NAME_MAX), clean(&notice.period, NAME_MAX));
    let subject = format!("{marked}Withdrawn: {short}, {period}");
    let notice = WithdrawalNotice {
        marking,
        subject: subject.clone(),
        why: crate::words::sentence(&clean(&notice.why, SENTENCE_MAX)),
        ..notice.clone()
    };
    let (html, text) = (templates.html(&notice)?, templates.text(&notice)?);
    Ok(Email { subject, html, text, images: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_to_the_operator_is_a_runbook() {
        let template = TemplateFile {
            name: "failure.txt.j2",
            source: include_str!("../../../jobs/quarterly-monitoring/mail/failure.txt.j2"),
        };
        let notice = FailureNotice {
            partnership: "Sevenoaks CSP".to_owned(),
            job: "Quarterly monitoring report".to_owned(),
            period: "quarter 1, April to June 2025".to_owned(),
            run: "quarterly-monitoring-2025-26-Q1-01".to_owned(),
            when: "21 July 2025 at 09:00".to_owned(),
            problems: vec!["The folder `inbox` could not be read.".to_owned()],
            readers_got: "Nothing has been sent to readers for this period.".to_owned(),
            what_to_do: vec!["Check that the folder is there.".to_owned()],
            command: "quarterdeck run quarterly-monitoring --period 2025-26Q1".to_owned(),
            time_left: "It was due on 21 July 2025 at 09:00.".to_owned(),
        };
        let mail = render_failure(&notice, template).expect("the shipped template renders");
        insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
            Sevenoaks CSP: Quarterly monitoring report for quarter 1, April to June 2025 was not sent

            Quarterly monitoring report for quarter 1, April to June 2025 was not
            sent
            =====================================================================

            Run quarterly-monitoring-2025-26-Q1-01 of Sevenoaks CSP stopped on 21
            July 2025 at 09:00. Nothing already stored is lost.

            What went wrong

            - The folder `inbox` could not be read.

            What readers have

            Nothing has been sent to readers for this period.

            What to do

            - Check that the folder is there.

            Then run

                quarterdeck run quarterly-monitoring --period 2025-26Q1

            How much time is left

            It was due on 21 July 2025 at 09:00.
        ");
    }

    #[test]
    fn a_notice_has_parts_and_a_command() {
        let notice = OperatorNotice {
            subject: "Sevenoaks CSP: a run was missed".to_owned(),
            heading: "A run was missed".to_owned(),
            opening: "Quarterly monitoring report fell due on 21 July 2025 and was not run."
                .to_owned(),
            parts: vec![NoticePart::new("Why", vec!["The machine was off.".to_owned()])],
            command: "quarterdeck run quarterly-monitoring --period 2025-26Q1".to_owned(),
        };
        let mail = render_operator_notice(&notice).expect("the built-in template renders");
        insta::assert_snapshot!(mail.text, @r"
            A run was missed
            ================

            Quarterly monitoring report fell due on 21 July 2025 and was not run.

            Why

            - The machine was off.

            The command

                quarterdeck run quarterly-monitoring --period 2025-26Q1
        ");
    }

    #[test]
    fn a_withdrawal_says_what_why_and_what_next() {
        let file = |name, source| TemplateFile { name, source };
        let templates = Templates::parse(
            file(
                "withdrawal.html.j2",
                include_str!("../../../jobs/quarterly-monitoring/mail/withdrawal.html.j2"),
            ),
            file(
                "withdrawal.txt.j2",
                include_str!("../../../jobs/quarterly-monitoring/mail/withdrawal.txt.j2"),
            ),
        )
        .expect("the shipped templates parse");
        let notice = WithdrawalNotice {
            marking: "OFFICIAL".to_owned(),
            subject: String::new(),
            title: "One concern in quarter 1: burglary".to_owned(),
            edition: "2025-26-Q1-01".to_owned(),
            report: "Quarterly monitoring report".to_owned(),
            partnership: "Sevenoaks CSP".to_owned(),
            period: "April to June 2025".to_owned(),
            made_on: "21 July 2025".to_owned(),
            why: "burglary was counted <twice>".to_owned(),
            next: "A corrected edition follows.".to_owned(),
            contact: "Community Safety Unit".to_owned(),
        };
        let mail = render_withdrawal(&notice, &templates).expect("renders");
        assert!(mail.html.contains("Burglary was counted &lt;twice&gt;."));
        insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
            [OFFICIAL] Withdrawn: Sevenoaks CSP, April to June 2025

            OFFICIAL

            Withdrawn: One concern in quarter 1: burglary
            =============================================

            Edition 2025-26-Q1-01 of the Quarterly monitoring report of Sevenoaks
            CSP about April to June 2025, made on 21 July 2025, is withdrawn. Please
            do not use its figures, and do not pass them on.

            Why

            Burglary was counted <twice>.

            What happens next

            A corrected edition follows.

            Questions: Community Safety Unit

            OFFICIAL
        ");
    }
}
