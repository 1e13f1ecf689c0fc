//! What is wrong with a template, in the words and lines of whoever edits it.

use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, Span};
use typst::{World, WorldExt};

use super::world::PackWorld;
use crate::templates::{TemplateError, TemplateFile};

/// The first of what is wrong: the rest often follows from it.
pub(super) fn first(
    template: TemplateFile<'_>,
    world: &PackWorld,
    diagnostics: &[SourceDiagnostic],
) -> TemplateError {
    let file = template.name.to_owned();
    let Some(first) = diagnostics.first() else {
        let problem = "the template cannot be laid out".to_owned();
        return TemplateError { file, line: 0, problem };
    };
    // What goes wrong inside typst or a data file is blamed on the line that asked for it.
    let asked = first.trace.iter().map(|point| DiagSpan::from(point.span));
    let line = std::iter::once(first.span).chain(asked).find_map(|span| line(world, span));
    TemplateError { file, line: line.unwrap_or(0), problem: problem(first) }
}

/// A table without a header row.
pub(super) fn headless(
    template: TemplateFile<'_>,
    world: &PackWorld,
    table: Span,
) -> TemplateError {
    TemplateError {
        file: template.name.to_owned(),
        line: line(world, table.into()).unwrap_or(0),
        problem: "a table without a header row cannot be read out (hint: put its first row into \
                  `table.header(…)`)"
            .to_owned(),
    }
}

fn line(world: &PackWorld, span: DiagSpan) -> Option<usize> {
    if span.id() != Some(world.main()) {
        return None;
    }
    let range = world.range(span)?;
    Some(world.main.lines().byte_to_line(range.start)? + 1)
}

fn problem(diagnostic: &SourceDiagnostic) -> String {
    let mut problem = diagnostic.message.to_string();
    // There is no command line here to add an argument to.
    for hint in diagnostic.hints.iter().filter(|hint| !hint.v.contains("--root")) {
        problem = format!("{problem} (hint: {})", hint.v);
    }
    if problem.contains("does not contain key") {
        problem.push_str(
            ": the template asks for something the report does not have; check the spelling",
        );
    }
    problem
}
