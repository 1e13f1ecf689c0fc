//! Templates: parsed before anything is composed, so that a slip shows at start-up with its line.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use crate::words;

/// Columns of a plain-text message.
const TEXT_WIDTH: usize = 72;

/// A template and the name to blame: its file, as the operator knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateFile<'a> {
    /// File name: `jobs/quarterly-monitoring/mail/email.html.j2`.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
}

/// The two templates of a report's message, checked.
#[derive(Clone, Debug)]
pub struct Templates {
    html: Owned,
    text: Owned,
}

/// Every template of a report, checked.
#[derive(Clone, Debug)]
pub struct ReportTemplates {
    /// The message.
    pub mail: Templates,
    page: Owned,
    pack: Owned,
}

/// The page's template where a job has none of its own.
const PAGE: TemplateFile<'static> = TemplateFile {
    name: "the built-in page/index.html.j2",
    source: include_str!("../../../jobs/quarterly-monitoring/page/index.html.j2"),
};
/// The pack's template where a job has none of its own.
const PACK: TemplateFile<'static> = TemplateFile {
    name: "the built-in report.typ",
    source: include_str!("../../../jobs/quarterly-monitoring/report.typ"),
};

#[derive(Clone, Debug)]
struct Owned {
    name: String,
    source: String,
}

/// A template that cannot be parsed or filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template `{file}`, line {line}: {problem}")]
pub struct TemplateError {
    /// The template's file.
    pub file: String,
    /// Line, from 1; 0 when it cannot be said.
    pub line: usize,
    /// What is wrong, and what to do where that can be said.
    pub problem: String,
}

/// Whether what is filled in is escaped for HTML.
#[derive(Clone, Copy)]
pub(crate) enum Escaping {
    Html,
    None,
}

impl Templates {
    /// Checks both templates: the HTML part, in which everything filled in is escaped, and the
    /// plain-text part.
    pub fn parse(html: TemplateFile<'_>, text: TemplateFile<'_>) -> Result<Self, TemplateError> {
        for (file, escaping) in [(html, Escaping::Html), (text, Escaping::None)] {
            environment(file, escaping)?;
        }
        Ok(Self { html: Owned::of(html), text: Owned::of(text) })
    }

    pub(crate) fn html(&self, context: &impl Serialize) -> Result<String, TemplateError> {
        render(self.html.file(), Escaping::Html, context)
    }

    pub(crate) fn text(&self, context: &impl Serialize) -> Result<String, TemplateError> {
        render(self.text.file(), Escaping::None, context)
    }
}

impl ReportTemplates {
    /// Checks all templates. A page or a pack that is not given is laid out by the built-in
    /// template.
    pub fn parse(
        mail: (TemplateFile<'_>, TemplateFile<'_>),
        page: Option<TemplateFile<'_>>,
        pack: Option<TemplateFile<'_>>,
    ) -> Result<Self, TemplateError> {
        let (page, pack) = (page.unwrap_or(PAGE), pack.unwrap_or(PACK));
        environment(page, Escaping::Html)?;
        let mail = Templates::parse(mail.0, mail.1)?;
        Ok(Self { mail, page: Owned::of(page), pack: Owned::of(pack) })
    }

    /// The page's template.
    pub fn page(&self) -> TemplateFile<'_> {
        self.page.file()
    }

    /// The pack's template.
    pub fn pack(&self) -> TemplateFile<'_> {
        self.pack.file()
    }
}

impl Owned {
    fn of(file: TemplateFile<'_>) -> Self {
        Self { name: file.name.to_owned(), source: file.source.to_owned() }
    }

    fn file(&self) -> TemplateFile<'_> {
        TemplateFile { name: &self.name, source: &self.source }
    }
}

/// Fills in a template. A name that is not there is an error, never a blank.
pub(crate) fn render(
    file: TemplateFile<'_>,
    escaping: Escaping,
    context: &impl Serialize,
) -> Result<String, TemplateError> {
    let environment = environment(file, escaping)?;
    let blame = |error| template_error(file.name, &error);
    let template = environment.get_template(file.name).map_err(blame)?;
    template.render(Serde(context)).map_err(blame)
}

fn environment(
    file: TemplateFile<'_>,
    escaping: Escaping,
) -> Result<Environment<'_>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Names what is missing, in release builds too.
    environment.set_debug(true);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build().expect("the usual delimiters"));
    environment.set_auto_escape_callback(move |_| match escaping {
        Escaping::Html => AutoEscape::Html,
        Escaping::None => AutoEscape::None,
    });
    environment.add_filter("wrap", wrap);
    environment.add_filter("heading", heading);
    environment.add_filter("right", right);
    environment.add_filter("left", left);
    environment.add_filter("capitalised", |text: &str| words::capitalised(text));
    environment
        .add_template(file.name, file.source)
        .map_err(|error| template_error(file.name, &error))?;
    Ok(environment)
}

fn template_error(file: &str, error: &minijinja::Error) -> TemplateError {
    let undefined = error.kind() == minijinja::ErrorKind::UndefinedError;
    let hint = if undefined {
        ": the template asks for something the report does not have; check the spelling"
    } else {
        ""
    };
    let detail = error.detail().map_or_else(String::new, |detail| format!(" ({detail})"));
    TemplateError {
        file: error.name().unwrap_or(file).to_owned(),
        line: error.line().unwrap_or(0),
        problem: format!("{}{detail}{hint}", error.kind()),
    }
}

/// Breaks text into lines of 72 columns; `first` stands before the first, `rest` before the others.
fn wrap(text: &str, first: Option<&str>, rest: Option<&str>) -> String {
    let (first, rest) = (first.unwrap_or_default(), rest.unwrap_or_default());
    let mut lines = vec![first.to_owned()];
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        let blank = usize::from(!is_fresh);
        if !is_fresh && line.chars().count() + blank + word.chars().count() > TEXT_WIDTH {
            lines.push(format!("{rest}{word}"));
        } else {
            if !is_fresh {
                line.push(' ');
            }
            line.push_str(word);
        }
        is_fresh = false;
    }
    lines.join("\n")
}

/// The text, underlined with `=` in its own length.
fn heading(text: &str) -> String {
    let wrapped = wrap(text, None, None);
    let longest = wrapped.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    format!("{wrapped}\n{}", "=".repeat(longest))
}

/// Padded on the left to `width` columns.
#[expect(
    clippy::needless_pass_by_value,
    reason = "filters take what the template engine hands over"
)]
fn right(value: Value, width: usize) -> String {
    format!("{:>width$}", value.to_string())
}

/// Padded on the right to `width` columns.
#[expect(
    clippy::needless_pass_by_value,
    reason = "filters take what the template engine hands over"
)]
fn left(value: Value, width: usize) -> String {
    format!("{:<width$}", value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(html: &str, context: &impl Serialize) -> String {
        let file = |source| TemplateFile { name: "mail/email.html.j2", source };
        let templates = match Templates::parse(file(html), file("")) {
            Ok(templates) => templates,
            Err(error) => return error.to_string(),
        };
        templates.html(context).expect_err("must not render").to_string()
    }

    #[derive(Serialize)]
    struct Context {
        name: &'static str,
    }

    #[test]
    fn a_slip_in_a_template_names_file_and_line() {
        let context = Context { name: "x" };
        insta::assert_snapshot!(problem("<p>\n\n{{ nmae }}</p>", &context), @"template `mail/email.html.j2`, line 3: undefined value (`nmae` is undefined): the template asks for something the report does not have; check the spelling");
        insta::assert_snapshot!(problem("<p>\n{% if name %}", &context), @"template `mail/email.html.j2`, line 2: syntax error (unexpected end of input, expected end of block)");
    }

    #[test]
    fn lines_break_at_words_and_hang() {
        let text = "word ".repeat(30);
        let wrapped = wrap(&text, Some("MET: "), Some("     "));
        assert!(wrapped.lines().all(|line| line.chars().count() <= 72), "{wrapped}");
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("     word")), "{wrapped}");
        assert_eq!(wrap("", Some("- "), None), "- ");
        assert_eq!(heading("Returns"), "Returns\n=======");
    }
}
