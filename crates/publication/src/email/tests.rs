//! What holds for every message: both parts agree, nothing leaks, nothing breaks out.

use model::{ByWhen, Disclosure, Polarity, Unit};

use super::parity::figure_parts;
use super::*;
use crate::sample::{Sample, mail};

pub(super) fn email(sample: &Sample) -> Email {
    mail(&sample.model())
}

#[test]
fn the_message_fits_mail_programs_and_fetches_nothing() {
    let mail = email(&Sample::large());
    assert!(mail.html.len() < 100_000, "{} bytes", mail.html.len());
    assert!(mail.html.contains("<html lang=\"en-GB\">"));
    for outside in ["http:", "https:", "url(", "@import", "<script", "<link"] {
        assert!(!mail.html.contains(outside), "{outside}");
    }
    // Every picture comes with the message, has its size and says what it shows.
    let shown: Vec<&str> = mail.html.split("<img ").skip(1).collect();
    assert_eq!(shown.len(), mail.images.len());
    assert_eq!(shown.len(), 4, "the overview and three exceptions");
    for (tag, image) in shown.iter().zip(&mail.images) {
        let tag = tag.split('>').next().expect("an end");
        assert!(tag.contains(&format!("src=\"cid:{}\"", image.content_id)), "{tag}");
        assert!(tag.contains(" width=\"640\"") && tag.contains(" height=\""), "{tag}");
        assert!(!tag.contains("alt=\"\""), "{tag}");
        assert!(image.png.starts_with(b"\x89PNG") && image.png.len() < 200_000);
    }
    let on_disk = mail.html_with_files("images");
    assert!(!on_disk.contains("cid:") && on_disk.contains("\"images/overview.png\""));
    for line in mail.text.lines() {
        assert!(line.chars().count() <= 72, "{line}");
    }
    assert!(!mail.text.contains("\n\n\n\n"), "too many blank lines");
}

#[test]
fn every_table_of_figures_has_a_caption_and_headed_rows_and_columns() {
    let mail = email(&Sample::large());
    let tables: Vec<&str> = mail.html.split("<table").skip(1).collect();
    let data: Vec<&&str> =
        tables.iter().filter(|table| !table.contains("role=\"presentation\"")).collect();
    assert_eq!(data.len(), 7);
    for table in data {
        let table = table.split("</table>").next().unwrap();
        assert!(table.contains("<caption") && table.contains("scope=\"col\""), "{table}");
        let body = table.split("</thead>").nth(1).unwrap();
        for row in body.split("<tr").skip(1) {
            assert!(row.contains("scope=\"row\"") || row.contains("scope=\"rowgroup\""), "{row}");
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
    hostile.clone_into(&mut sample.quality[0].return_title);
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
        sample.measure("secret", "Sexual offences reported to the service", |measure| {
            measure.disclosure = Disclosure::Suppressed;
            measure.per_1000 = true;
        });
        // The year adds up to 23 to 26, which is shown as 25 whichever it is.
        sample.quarters("secret", crate::sample::HOME, &[6, 6, 6, 6, 7, 8, 7, whole]);
        sample.part("davss-referrals", "risk", "high", part, 21);
        let model = sample.model();
        let mail = email(&sample);
        let mut bytes = serde_json::to_vec(&model).expect("a model is plain data");
        bytes.extend([mail.subject, mail.html, mail.text].concat().into_bytes());
        bytes.extend(crate::tables(&model).into_iter().flat_map(|table| table.bytes));
        bytes.extend(mail.images.into_iter().flat_map(|image| image.png));
        bytes
    };
    let withheld = all_that_leaves(4, 4);
    for (whole, part) in [(1, 1), (2, 3), (3, 2), (4, 1), (1, 4)] {
        assert!(all_that_leaves(whole, part) == withheld, "{whole} and {part} can be told apart");
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
    sample.quarters("solved", crate::sample::HOME, &[1234, 1100, 1000, 950, 1111]);
    sample.measure("grants", "Grants spent", |measure| {
        measure.unit = Unit::Pounds;
    });
    sample.quarters("grants", crate::sample::HOME, &[123_450, 0, 0, 0, 1_000_000]);
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
    let lines: Vec<&str> = model.changes.iter().map(|line| line.sentence.as_str()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
        7 this quarter, 2 fewer than in the same quarter last year. No more than chance variation explains against the same period a year before.
        11.1% this quarter, 1.2 points lower than in the same quarter last year. A percentage that is sent as such is shown and not judged: nobody knows of how many.
        £10,000 this quarter, £8,765.50 more than in the same quarter last year (+710.0%). Amounts and averages are shown and not judged: no test says how far they move by chance.
    ");
}
