//! Reminders to partners: what they still owe, and by when. Short, polite, and about nothing else.

use jiff::civil::Date;
use serde::Serialize;

use crate::email::Email;
use crate::partner_text::{NAME_MAX, clean};
use crate::templates::{TemplateError, TemplateFile, Templates};

/// Where a return stands against the day it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owed {
    /// It is due on a day to come.
    Ahead,
    /// It is due today.
    Today,
    /// It was due on a day that is past.
    Late,
    /// What came could not be taken in, and nothing else has come.
    Queried,
}

/// A return that is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedReturn {
    /// Its title.
    pub title: String,
    /// The day it is due.
    pub due: Date,
    /// Where it stands.
    pub owed: Owed,
}

/// What a reminder is about.
#[derive(Clone, Debug)]
pub struct ReminderSpec<'a> {
    /// The partnership's name, for people.
    pub partnership: &'a str,
    /// The partner's name.
    pub partner: &'a str,
    /// The period, for people: `quarter 1, April to June 2025`.
    pub period: &'a str,
    /// What is owed; never empty.
    pub owed: &'a [OwedReturn],
    /// The day the report goes out at the latest, if one is planned.
    pub report_on: Option<Date>,
    /// Whether this is the last reminder.
    pub is_last: bool,
    /// Whether this is the copy for whoever leads the partner's part: the role, if so.
    pub copy_for_lead: bool,
    /// Whom to ask, and where returns are sent: a role and its address.
    pub contact: &'a str,
    /// A sentence that says figures are made up, on top.
    pub demonstration: Option<&'a str>,
}

#[derive(Serialize)]
struct Context {
    subject: String,
    demonstration: Option<String>,
    headline: String,
    opening: String,
    period: String,
    owed: Vec<Item>,
    steps: Vec<String>,
    closing: Vec<String>,
}

#[derive(Serialize)]
struct Item {
    title: String,
    says: String,
}

/// The templates of a reminder, checked with all that it can say.
#[derive(Clone, Debug)]
pub struct ReminderTemplates(Templates);

impl ReminderTemplates {
    /// Checks both parts by filling them in once.
    pub fn parse(html: TemplateFile<'_>, text: TemplateFile<'_>) -> Result<Self, TemplateError> {
        let templates = Self(Templates::parse(html, text)?);
        let due = jiff::civil::date(2025, 7, 14);
        let all = [Owed::Ahead, Owed::Today, Owed::Late, Owed::Queried];
        let owed = all.map(|owed| OwedReturn { title: "A return".to_owned(), due, owed });
        for (is_last, copy_for_lead) in [(false, false), (true, false), (true, true)] {
            let spec = ReminderSpec {
                partnership: "A partnership",
                partner: "A partner",
                period: "quarter 1, April to June 2025",
                owed: &owed,
                report_on: Some(due),
                is_last,
                copy_for_lead,
                contact: "A role",
                demonstration: Some("Made up."),
            };
            reminder(&spec, &templates)?;
        }
        Ok(templates)
    }
}

/// Puts a reminder into words.
pub fn reminder(
    spec: &ReminderSpec<'_>,
    templates: &ReminderTemplates,
) -> Result<Email, TemplateError> {
    let (partnership, partner) = (clean(spec.partnership, NAME_MAX), clean(spec.partner, NAME_MAX));
    let worst = spec.owed.iter().map(|it| it.owed).max().unwrap_or(Owed::Ahead);
    let count = spec.owed.len();
    let (what, is) = if count == 1 { ("return", "is") } else { ("returns", "are") };
    let headline = match (worst, spec.is_last) {
        (_, true) => format!("Last reminder: {count} {what} for {} {is} missing", spec.period),
        (Owed::Ahead, _) => format!("{count} {what} for {} {is} due soon", spec.period),
        (Owed::Today, _) => format!("{count} {what} for {} {is} due today", spec.period),
        _ => format!("{count} {what} for {} {is} still missing", spec.period),
    };
    let subject = format!("{partnership}: {}", lower(&headline));
    let opening = if spec.copy_for_lead {
        format!(
            "This is a copy, for whoever leads the work with {partner}, of the last reminder that was sent to it. What follows has not come:"
        )
    } else {
        format!("For the performance report of {partnership} we still need from {partner}:")
    };
    let mut steps = vec![
        "Save or send the workbook where you always do; nothing else is needed. You are told what became of it.".to_owned(),
        "If there is nothing to report, send it with zeros: a blank return is not a zero.".to_owned(),
        "If it cannot come in time, answer this message: then it can be planned for.".to_owned(),
    ];
    if let Some(day) = spec.report_on {
        steps.push(format!(
            "The report goes out on {} at the latest; it will say what is missing then.",
            day.strftime("%-d %B %Y")
        ));
    }
    let context = Context {
        subject: subject.clone(),
        demonstration: spec.demonstration.map(str::to_owned),
        headline,
        opening,
        period: spec.period.to_owned(),
        owed: spec.owed.iter().map(item).collect(),
        steps,
        closing: vec![
            format!("{partnership}. Questions: {}.", spec.contact),
            "If you have sent it in the last hours, this has crossed with it: there is nothing to do.".to_owned(),
        ],
    };
    let (html, text) = (templates.0.html(&context)?, templates.0.text(&context)?);
    Ok(Email { subject, html, text, images: Vec::new() })
}

fn item(it: &OwedReturn) -> Item {
    let day = it.due.strftime("%A %-d %B %Y");
    let says = match it.owed {
        Owed::Ahead => format!("due on {day}."),
        Owed::Today => format!("due today, {day}."),
        Owed::Late => format!("was due on {day}."),
        Owed::Queried => format!(
            "was due on {day}; what was sent could not be taken in, as the letter about it said. A corrected file is needed."
        ),
    };
    Item { title: clean(&it.title, NAME_MAX), says }
}

/// `Last reminder: …` inside a subject begins in lower case.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_says_what_and_by_when() {
        let file = |name, source| TemplateFile { name, source };
        let templates = ReminderTemplates::parse(
            file(
                "reminder.html.j2",
                include_str!("../../../jobs/remind-partners/mail/reminder.html.j2"),
            ),
            file(
                "reminder.txt.j2",
                include_str!("../../../jobs/remind-partners/mail/reminder.txt.j2"),
            ),
        )
        .expect("the shipped templates");
        let owed = |title: &str, owed| OwedReturn {
            title: title.to_owned(),
            due: jiff::civil::date(2025, 7, 14),
            owed,
        };
        let all = [owed("DAVSS referrals", Owed::Late), owed("DAVSS <funding>", Owed::Queried)];
        let spec = ReminderSpec {
            partnership: "Sevenoaks District Community Safety Partnership",
            partner: "DAVSS",
            period: "quarter 1, April to June 2025",
            owed: &all,
            report_on: Some(jiff::civil::date(2025, 7, 21)),
            is_last: false,
            copy_for_lead: false,
            contact: "Community Safety Unit",
            demonstration: None,
        };
        let email = reminder(&spec, &templates).expect("renders");
        assert!(email.html.contains("DAVSS &lt;funding&gt;"));
        insta::assert_snapshot!(format!("{}\n\n{}", email.subject, email.text), @r"
            Sevenoaks District Community Safety Partnership: 2 returns for quarter 1, April to June 2025 are still missing

            2 returns for quarter 1, April to June 2025 are still missing
            =============================================================

            For the performance report of Sevenoaks District Community Safety
            Partnership we still need from DAVSS:

            - DAVSS referrals for quarter 1, April to June 2025: was due on Monday
              14 July 2025.
            - DAVSS <funding> for quarter 1, April to June 2025: was due on Monday
              14 July 2025; what was sent could not be taken in, as the letter about
              it said. A corrected file is needed.

            What to do
            ==========

            - Save or send the workbook where you always do; nothing else is needed.
              You are told what became of it.
            - If there is nothing to report, send it with zeros: a blank return is
              not a zero.
            - If it cannot come in time, answer this message: then it can be planned
              for.
            - The report goes out on 21 July 2025 at the latest; it will say what is
              missing then.

            Sevenoaks District Community Safety Partnership. Questions: Community
            Safety Unit.
            If you have sent it in the last hours, this has crossed with it: there
            is nothing to do.
        ");
    }
}
