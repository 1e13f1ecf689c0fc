//! The report as a message: HTML and plain text of the same model.

use serde::Serialize;

use crate::report_model::ReportModel;
use crate::tables::tables;
use crate::templates::{Escaping, TemplateError, TemplateFile, Templates, render};
use crate::words;

/// A message, without sender and recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Subject line.
    pub subject: String,
    /// HTML part; empty for notices.
    pub html: String,
    /// Plain-text part: the same content.
    pub text: String,
}

#[derive(Serialize)]
struct Context<'a> {
    report: &'a ReportModel,
    attached: Vec<Attached>,
}

#[derive(Serialize)]
struct Attached {
    title: String,
    file_name: String,
    size: String,
}

/// Lays the report out as a message that names the data tables sent with it.
pub fn render_email(model: &ReportModel, templates: &Templates) -> Result<Email, TemplateError> {
    let attached = tables(model)
        .into_iter()
        .map(|table| Attached {
            size: words::size(table.bytes.len()),
            title: table.title,
            file_name: table.file_name,
        })
        .collect();
    let context = Context {
        report: model,
        attached,
    };
    Ok(Email {
        subject: model.subject.clone(),
        html: templates.html(&context)?,
        text: templates.text(&context)?,
    })
}

/// What the operator is told when a report could not be made: readers get nothing.
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
    /// What to do, one sentence each.
    pub what_to_do: Vec<String>,
}

/// Lays out the notice to the operator; it has no HTML part.
pub fn render_failure(
    notice: &FailureNotice,
    template: TemplateFile<'_>,
) -> Result<Email, TemplateError> {
    let FailureNotice {
        partnership,
        job,
        period,
        ..
    } = notice;
    Ok(Email {
        subject: format!("{partnership}: {job} for {period} was not sent"),
        html: String::new(),
        text: render(template, Escaping::None, notice)?,
    })
}

#[cfg(test)]
mod tests {
    use model::{ByWhen, Disclosure, Polarity, Unit};

    use super::*;
    use crate::report_model::{Figures, IndicatorRow};
    use crate::sample::{Sample, templates};

    fn email(sample: &Sample) -> Email {
        render_email(&sample.model(), &templates()).expect("the shipped templates render")
    }

    /// A piece of HTML as it is read: no tags, no entities, single blanks.
    fn read(html: &str) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for c in html.chars() {
            match c {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    text.push(' ');
                }
                c if !in_tag => text.push(c),
                _ => (),
            }
        }
        let entities = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#x27;", "'"),
            ("&#39;", "'"),
            ("&#x2f;", "/"),
            ("\u{a0}", " "),
            ("&amp;", "&"),
        ];
        for (entity, character) in entities {
            text = text.replace(entity, character);
        }
        single_blanks(&text)
    }

    fn single_blanks(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn holds_in_order(text: &str, parts: &[String]) -> bool {
        let mut rest = text;
        parts.iter().all(|part| {
            let found = rest.find(part.as_str());
            if let Some(start) = found {
                rest = &rest[start + part.len()..];
            }
            found.is_some()
        })
    }

    fn figure_parts(figures: &Figures) -> Vec<String> {
        let mut parts = vec![
            figures.now.text.clone(),
            figures.year_before.text.clone(),
            figures.change.text.clone(),
        ];
        parts.extend(figures.change.percent.clone());
        parts.push(figures.twelve_months.text.clone());
        parts
    }

    fn rate_parts(row: &IndicatorRow) -> Option<Vec<String>> {
        let rate = row.rate.as_ref()?;
        let parts = [
            &row.name,
            &rate.per_1000,
            &rate.interval,
            &rate.over,
            &rate.peer_average,
            &rate.position,
        ];
        Some(parts.into_iter().cloned().collect())
    }

    /// What must stand together, in this order, in the HTML rows and in the text.
    fn promises(model: &ReportModel) -> Vec<(Vec<String>, Vec<String>)> {
        let mut promises = Vec::new();
        for row in model.indicators.groups.iter().flat_map(|group| &group.rows) {
            let figures = figure_parts(&row.figures);
            let html = [
                vec![row.name.clone()],
                figures.clone(),
                vec![row.tag.word.clone()],
            ]
            .concat();
            let tagged = format!("{}: {}", row.tag.word.to_uppercase(), row.name);
            promises.push((html, [vec![tagged], figures].concat()));
            promises.extend(rate_parts(row).map(|parts| (parts.clone(), parts)));
        }
        for row in model.parts.groups.iter().flat_map(|group| &group.rows) {
            let parts = [vec![row.part.clone()], figure_parts(&row.figures)].concat();
            promises.push((parts.clone(), parts));
        }
        for row in &model.success.rows {
            let html = vec![row.text.clone(), row.tag.word.clone(), row.sentence.clone()];
            let tagged = format!("{}: {}", row.tag.word.to_uppercase(), row.text);
            promises.push((html, vec![tagged, row.sentence.clone()]));
        }
        for row in model.actions.overdue.iter().chain(&model.actions.soon) {
            let mut parts = vec![
                row.number.clone(),
                row.action.clone(),
                row.lead.clone(),
                row.due.clone(),
            ];
            parts.extend(row.days_late.map(|days| days.to_string()));
            promises.push((parts.clone(), parts));
        }
        for row in &model.returns.attention {
            let parts = vec![
                row.name.clone(),
                row.due.clone(),
                row.state.clone(),
                row.note.clone(),
            ];
            promises.push((parts.clone(), parts));
        }
        promises
    }

    #[test]
    fn every_figure_and_verdict_stands_in_both_parts() {
        for sample in [Sample::small(), Sample::large()] {
            let model = sample.model();
            let mail = email(&sample);
            let rows: Vec<String> = mail.html.split("<tr").map(read).collect();
            let text = single_blanks(&mail.text);
            let promises = promises(&model);
            assert!(promises.len() > 12, "{}", promises.len());
            for (html, plain) in promises {
                assert!(
                    rows.iter().any(|row| holds_in_order(row, &html)),
                    "not in the HTML: {html:?}"
                );
                let near = text.match_indices(&plain[0]).any(|(start, _)| {
                    let stretch: String = text[start..].chars().take(600).collect();
                    holds_in_order(&stretch, &plain)
                });
                assert!(near, "not in the text: {plain:?}");
            }
            let whole = read(&mail.html);
            for line in &model.changes {
                let parts = vec![
                    line.tag.word.clone(),
                    line.indicator.clone(),
                    line.sentence.clone(),
                ];
                assert!(holds_in_order(&whole, &parts), "{parts:?}");
                let tagged = format!(
                    "{}: {}: {}",
                    line.tag.word.to_uppercase(),
                    line.indicator,
                    line.sentence
                );
                assert!(text.contains(&tagged), "{tagged}");
            }
            for sentence in model
                .provenance
                .lines
                .iter()
                .chain(model.indicators.notes.iter())
            {
                assert!(
                    whole.contains(sentence) && text.contains(sentence),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn the_message_fits_mail_programs_and_fetches_nothing() {
        let mail = email(&Sample::large());
        assert!(mail.html.len() < 100_000, "{} bytes", mail.html.len());
        assert!(mail.html.contains("<html lang=\"en-GB\">"));
        for outside in [
            "http:", "https:", "<img", "src=", "url(", "@import", "<script", "<link",
        ] {
            assert!(!mail.html.contains(outside), "{outside}");
        }
        for line in mail.text.lines() {
            assert!(line.chars().count() <= 72, "{line}");
        }
        assert!(!mail.text.contains("\n\n\n\n"), "too many blank lines");
    }

    #[test]
    fn every_table_of_figures_has_a_caption_and_headed_rows_and_columns() {
        let mail = email(&Sample::large());
        let tables: Vec<&str> = mail.html.split("<table").skip(1).collect();
        let data: Vec<&&str> = tables
            .iter()
            .filter(|table| !table.contains("role=\"presentation\""))
            .collect();
        assert_eq!(data.len(), 7);
        for table in data {
            let table = table.split("</table>").next().unwrap();
            assert!(
                table.contains("<caption") && table.contains("scope=\"col\""),
                "{table}"
            );
            let body = table.split("</thead>").nth(1).unwrap();
            for row in body.split("<tr").skip(1) {
                assert!(
                    row.contains("scope=\"row\"") || row.contains("scope=\"rowgroup\""),
                    "{row}"
                );
            }
        }
    }

    #[test]
    fn what_partners_write_stays_text() {
        let mut sample = Sample::small();
        let hostile = "<script>alert(1)</script> & \"x\" \u{202e}gnp.exe\u{0} {{ 7*7 }}";
        sample.action(
            "9.9",
            hostile,
            ByWhen::Date(jiff::civil::date(2025, 1, 1)),
            model::ActionStatus::InProgress,
        );
        hostile.clone_into(&mut sample.returns[1].title);
        hostile.clone_into(&mut sample.sources[0].file);
        hostile.clone_into(&mut sample.quality[0].message);
        sample.measure("burglary", hostile, |_| ());
        let mail = email(&sample);
        assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script&gt;"));
        for part in [&mail.html, &mail.text] {
            assert!(!part.contains(['\u{202e}', '\u{0}']) && part.contains("{{ 7*7 }}"));
        }
        let places = mail.html.matches("&lt;script&gt;").count();
        assert!(places >= 5, "{places} places");
    }

    /// Withheld counts: whatever they are, every byte that leaves is the same.
    #[test]
    fn a_withheld_count_changes_nothing_that_leaves() {
        let all_that_leaves = |whole: i64, part: i64| {
            let mut sample = Sample::small();
            sample.measure(
                "secret",
                "Sexual offences reported to the service",
                |measure| {
                    measure.disclosure = Disclosure::Suppressed;
                    measure.per_1000 = true;
                },
            );
            // The year adds up to 23 to 26, which is shown as 25 whichever it is.
            sample.quarters("secret", crate::sample::HOME, &[6, 6, 6, 6, 7, 8, 7, whole]);
            sample.part("davss-referrals", "risk", "high", part, 21);
            let model = sample.model();
            let mail = email(&sample);
            let mut bytes = serde_json::to_vec(&model).expect("a model is plain data");
            bytes.extend([mail.subject, mail.html, mail.text].concat().into_bytes());
            bytes.extend(tables(&model).into_iter().flat_map(|table| table.bytes));
            String::from_utf8(bytes).expect("UTF-8")
        };
        let withheld = all_that_leaves(4, 4);
        for (whole, part) in [(1, 1), (2, 3), (3, 2), (4, 1), (1, 4)] {
            assert!(
                all_that_leaves(whole, part) == withheld,
                "{whole} and {part} can be told apart"
            );
        }
        // A count that may be shown does show: the comparison above can fail.
        assert!(all_that_leaves(8, 4) != withheld && all_that_leaves(4, 8) != withheld);
    }

    #[test]
    fn numbers_in_every_unit_and_direction() {
        let mut sample = Sample::empty();
        sample.measure("solved", "Burglaries solved", |measure| {
            measure.unit = Unit::Percent;
            measure.polarity = Polarity::HigherIsBetter;
        });
        sample.quarters(
            "solved",
            crate::sample::HOME,
            &[1234, 1100, 1000, 950, 1111],
        );
        sample.measure("grants", "Grants spent", |measure| {
            measure.unit = Unit::Pounds
        });
        sample.quarters(
            "grants",
            crate::sample::HOME,
            &[123_450, 0, 0, 0, 1_000_000],
        );
        sample.measure("tiny", "Hate crime", |_| ());
        sample.quarters("tiny", crate::sample::HOME, &[9, 3, 4, 5, 7]);
        let model = sample.model();
        let rows: Vec<String> = model
            .indicators
            .groups
            .iter()
            .flat_map(|group| &group.rows)
            .map(|row| format!("{}: {}", row.name, figure_parts(&row.figures).join(" | ")))
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
            Burglaries solved: 11.1% | 12.3% | −1.2 points | [x]
            Grants spent: £10,000 | £1,234.50 | +£8,765.50 | +710.0% | £10,000
            Hate crime: 7 | 9 | −2 | 19
        ");
        let lines: Vec<&str> = model
            .changes
            .iter()
            .map(|line| line.sentence.as_str())
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"7 this quarter, 2 fewer than in the same quarter last year. No more than chance variation explains against the same period a year before.");
    }

    #[test]
    fn a_report_about_nothing_still_renders() {
        let model = Sample::empty().model_with(|spec| {
            spec.marking.clear();
            spec.demonstration = None;
            spec.next_report = None;
        });
        let mail = render_email(&model, &templates()).expect("the shipped templates render");
        assert!(mail.text.contains("There is no indicator to report on."));
        assert!(!mail.html.contains("OFFICIAL"));
        insta::assert_snapshot!(mail.subject, @"Sevenoaks CSP: no concerns in quarter 1, April to June 2025");
    }

    #[test]
    fn the_text_part_as_readers_get_it() {
        insta::assert_snapshot!(email(&Sample::small()).text, @r"
            OFFICIAL

            Demonstration: figures marked (illustrative) are made up.

            One concern in quarter 1: anti-social behaviour incidents
            =========================================================

            Sevenoaks District Community Safety Partnership, April to June 2025.
            Some figures are provisional [p]. As known on 21 July 2025.

                 1  concern
                 1  improving
                 0  no change
                 2  cannot judge


            What has changed
            ================

            - CONCERN: Anti-social behaviour incidents: 402 this quarter, 112 more
              than in the same quarter last year (+38.6%). Higher than the same
              period a year before by more than chance variation explains. 2nd
              lowest rate of the 3 north Kent districts.

            - IMPROVING: Burglary of a home: 61 this quarter, 40 fewer than in the
              same quarter last year (−39.6%). Lower than the same period a year
              before by more than chance variation explains.

            - CANNOT JUDGE: Repeat victims: no figures have arrived.


            Indicators
            ==========

            Table 1: Every indicator, quarter 1 (April to June 2025)
            [note 1] Figures are rounded to the nearest 5 so that nobody can be
            identified; changes are made from the rounded figures. Where a count
            from 1 to 4 would show, [c] stands in its place.
            Percentages are given only where last year's figure is 20 or more.

                     Quarter      Last year               Change   Rolling 12 months
            ------------------------------------------------------------------------
            Priority 1: Serious and acquisitive crime

            CONCERN: Anti-social behaviour incidents [p]
                         402            290        +112 (+38.6%)               1,307
            IMPROVING: Burglary of a home
                          61            101         −40 (−39.6%)                 285
            ------------------------------------------------------------------------
            Priority 2: Domestic abuse

            CANNOT JUDGE: DAVSS referrals (illustrative) [note 1]
                          65             45           +20 (+44%)                 220
            CANNOT JUDGE: Repeat victims
                         [x]            [x]                  [x]                 [x]
            ------------------------------------------------------------------------

            Why some cannot be judged

            - For this measure neither more nor fewer is better by itself: DAVSS
              referrals (illustrative)
            - No figures have arrived: Repeat victims


            Compared with other areas
            =========================

            Table 2: Rates per 1,000 residents, and position among peers
            1st is best: the lowest rate, or the highest where more is better. Rates
            are over the quarter, or over 12 months where only those are known; they
            come with 95% intervals. The average is of the peers' rates.

                  Rate      95% interval  Over           Average  Position
            ------------------------------------------------------------------------
            Among the 3 north Kent districts

            Anti-social behaviour incidents [p]
                  3.32      3.01 to 3.66  quarter           2.82  2nd of 3
            ------------------------------------------------------------------------


            Parts of indicators
            ===================

            Table 3: Parts of indicators

                     Quarter      Last year               Change   Rolling 12 months
            ------------------------------------------------------------------------
            DAVSS referrals (illustrative) [note 1]

            Risk: high
                         [c]             20                  [c]                 [x]
            Risk: standard
                          60             25          +35 (+140%)                 [x]
            ------------------------------------------------------------------------


            Success measures
            ================

            Of 3 success measures, 2 met and 1 cannot be judged.

            Table 4: Success measures of the plan

            - MET: Stay among the lowest 2 districts for anti-social behaviour
              Anti-social behaviour incidents: 2nd of 3 (the 3 north Kent
              districts), to stay within the lowest 2.
            - MET: Reduce burglary
              Burglary of a home: fewer than in the same quarter last year.
            - CANNOT JUDGE: Reduce the number of repeat victims
              Repeat victims: no figures have arrived.


            Actions
            =======

            Of 4 actions, 1 complete, 2 in progress and 1 not started. 1 is overdue.

            Table 5: Actions overdue, longest first

            4.3  Prevent Team to deliver training to partners and businesses on
                 counter terrorism
                 Lead: KCC Prevent Team. Due 31 March 2025, 112 days late. In
                 progress.

            Table 6: Actions due in the next three months

            3.6  Achieve accreditation for the Council in partnership with the CSP
                 and other partners
                 Lead: KCC Prevent Team. Due 30 September 2025. Not started.


            Returns and data quality
            ========================

            1 of 3 returns is in.

            Table 7: Returns that need attention

            - Protection Against Stalking: Referrals. Due 14 July 2025. Late by 7
              days. Nothing has arrived; please send it, and its figures will be in
              the next edition.
            - KCC: Community Wardens. Due 14 July 2025. Arrived, refused. The file
              is about January to March 2025; send April to June 2025.

            Found in returns

            - DAVSS: referrals: Q1!D7: the percentage does not follow from the
              counts; the counts are used.

            Shorthand

            - [c] withheld so that nobody can be identified
            - [p] provisional: may change
            - [x] not available


            Attached
            ========

            - Indicators (CSV, 1.3 kB): 2025-26-Q1-indicators.csv
            - Parts of indicators (CSV, 454 bytes):
              2025-26-Q1-parts-of-indicators.csv
            - Success measures (CSV, 494 bytes): 2025-26-Q1-success-measures.csv
            - Actions (CSV, 713 bytes): 2025-26-Q1-actions.csv
            - Returns (CSV, 388 bytes): 2025-26-Q1-returns.csv
            - Data quality (CSV, 138 bytes): 2025-26-Q1-data-quality.csv

            The next report is due on 21 October 2025.


            Where this comes from
            =====================

            Edition 2025-26-Q1-01, run quarterly-monitoring-2025-26-Q1-01.
            Made by Quarterdeck 0.1.0 from lake version o3.a1, definitions
            9c0d1e2f3a4b.
            Rates use population estimates of mid-2020.
            Figures come from: DAVSS; Kent Police.
            - Kent Police: Sevenoaks CSP Jan-Jun 2025.xlsx, arrived 10 July 2025,
              1,204 figures, SHA-256 3b1f0c9d2a7e

            Questions and corrections: Community Safety Unit,
            csu@sevenoaks-csp.example
            You get this because your role is on the circulation list of the
            Sevenoaks District Community Safety Partnership. It is sent
            automatically.

            OFFICIAL
        ");
    }

    #[test]
    fn the_notice_to_the_operator() {
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
            what_to_do: vec!["Check that the folder is there, then run the job again.".to_owned()],
        };
        let mail = render_failure(&notice, template).expect("the shipped template renders");
        insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
            Sevenoaks CSP: Quarterly monitoring report for quarter 1, April to June 2025 was not sent

            Quarterly monitoring report for quarter 1, April to June 2025 was not
            sent
            =====================================================================

            Run quarterly-monitoring-2025-26-Q1-01 of Sevenoaks CSP stopped on 21
            July 2025 at 09:00. Nothing has been sent to readers, and nothing
            already stored is lost.

            What went wrong

            - The folder `inbox` could not be read.

            What to do

            - Check that the folder is there, then run the job again.
        ");
    }
}
