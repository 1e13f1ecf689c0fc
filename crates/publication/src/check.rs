//! Templates, laid out with a made-up report that has one of everything: a slip shows before a report
//! is due.

use crate::email::{AttachedFile, MailInput, mail_pictures, render_email};
use crate::notices::{FailureNotice, WithdrawalNotice, render_failure, render_withdrawal};
use crate::pack::check_pack;
use crate::page::{PageInput, render_page};
use crate::specimen::specimen;
use crate::templates::{ReportTemplates, TemplateError};

/// What is wrong with the templates of a report: the first slip of each.
pub fn check_templates(templates: &ReportTemplates) -> Vec<TemplateError> {
    let specimen = specimen();
    let (model, brand) = (&specimen.model, &specimen.brand);
    let some = || "Something".to_owned();
    let files = [AttachedFile { title: some(), file_name: some(), about: some() }];
    let mail = render_email(&MailInput {
        model,
        templates: &templates.mail,
        brand,
        attached: &files,
        left_out: &files,
        pictures: &mail_pictures(model),
    });
    let page = PageInput { model, template: templates.page(), brand, downloads: &files };
    let results = [
        mail.map(|_| ()),
        render_page(&page).map(|_| ()),
        check_pack(templates.pack()),
        render_withdrawal(&withdrawal(), &templates.withdrawal).map(|_| ()),
        render_failure(&failure(), templates.failure()).map(|_| ()),
    ];
    results.into_iter().filter_map(Result::err).collect()
}

fn withdrawal() -> WithdrawalNotice {
    let some = || "Something".to_owned();
    WithdrawalNotice {
        marking: some(),
        subject: some(),
        title: some(),
        edition: some(),
        report: some(),
        partnership: some(),
        period: some(),
        made_on: some(),
        why: some(),
        next: some(),
        contact: some(),
    }
}

fn failure() -> FailureNotice {
    let some = || "Something".to_owned();
    FailureNotice {
        partnership: some(),
        job: some(),
        period: some(),
        run: some(),
        when: some(),
        problems: vec![some()],
        readers_got: some(),
        what_to_do: vec![some()],
        command: some(),
        time_left: some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::{ReportFiles, TemplateFile};

    const HTML: &str = include_str!("../../../jobs/quarterly-monitoring/mail/email.html.j2");
    const TEXT: &str = include_str!("../../../jobs/quarterly-monitoring/mail/email.txt.j2");
    const PAGE: &str = include_str!("../../../jobs/quarterly-monitoring/page/index.html.j2");
    const PACK: &str = include_str!("../../../jobs/quarterly-monitoring/report.typ");

    fn problems(html: &str, text: &str, page: &str, pack: &str) -> String {
        fn file<'a>(name: &'a str, source: &'a str) -> TemplateFile<'a> {
            TemplateFile { name, source }
        }
        let templates = ReportTemplates::parse(&ReportFiles {
            mail: (file("email.html.j2", html), file("email.txt.j2", text)),
            withdrawal: (None, None),
            failure: None,
            page: Some(file("index.html.j2", page)),
            pack: Some(file("report.typ", pack)),
        });
        let templates = templates.expect("they parse");
        let problems = check_templates(&templates);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_shipped_templates_are_sound() {
        assert_eq!(problems(HTML, TEXT, PAGE, PACK), "");
    }

    #[test]
    fn a_slip_anywhere_is_named_with_its_line() {
        let html = HTML.replace("report.headline.standing", "report.headline.standings");
        let text = TEXT.replace("row.days_late", "row.day_late");
        let page = PAGE.replace("fact.term }}", "fact.terms }}");
        let pack = PACK.replace("report.headline.standing", "report.headline.standings");
        let line = |source: &str, slip: &str| {
            1 + source[..source.find(slip).expect("a slip")].matches('\n').count()
        };
        let named = problems(&html, &text, &page, &pack);
        for (file, line) in [
            ("email.html.j2", line(&html, "headline.standings")),
            ("index.html.j2", line(&page, "fact.terms")),
            ("report.typ", line(&pack, "headline.standings")),
        ] {
            assert!(named.contains(&format!("`{file}`, line {line}:")), "{file} {line}\n{named}");
        }
        let named = problems(HTML, &text, PAGE, PACK);
        assert!(named.contains("`email.txt.j2`") && named.contains("day_late"), "{named}");
    }
}
