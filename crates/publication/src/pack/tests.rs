//! What holds for every pack: nothing is left out, everybody can read it, and nothing that
//! somebody writes stops it.

mod hostile;
pub(super) mod parity;

use typst::foundations::Packed;
use typst::introspection::Introspector;
use typst::layout::{Frame, FrameItem};
use typst::model::{TableCell, TableItem};
use typst::pdf::AttachElem;

use super::*;
use crate::sample::{AS_OF, Sample};
use crate::tables::tables;

const TEMPLATE: TemplateFile<'_> = TemplateFile {
    name: "jobs/quarterly-monitoring/report.typ",
    source: include_str!("../../../../jobs/quarterly-monitoring/report.typ"),
};

const HEADING: &str = "= Returns and data quality\n";

/// A pack before it is a file.
struct LaidOut {
    document: PagedDocument,
}

/// Lays a report out with the shipped template. What typst warns of is an error.
fn laid_out(model: &ReportModel) -> LaidOut {
    let (brand, tables) = (Brand::default(), tables(model));
    let input =
        PackInput { model, template: TEMPLATE, brand: &brand, tables: &tables, issued: AS_OF };
    let (document, warning) = layout(TEMPLATE, &world(&input)).expect("it can be laid out");
    assert_eq!(warning, None);
    LaidOut { document }
}

fn rendered(model: &ReportModel) -> Result<Pack, TemplateError> {
    let (brand, tables) = (Brand::default(), tables(model));
    render_pack(&PackInput {
        model,
        template: TEMPLATE,
        brand: &brand,
        tables: &tables,
        issued: AS_OF,
    })
}

impl LaidOut {
    /// What is printed, in the order it is laid out, without any blanks: lines may break anywhere.
    fn text(&self) -> String {
        let mut text = String::new();
        for page in self.document.pages() {
            add_text(&page.frame, &mut text);
        }
        solid(&text)
    }

    /// Rows of the tables, as they are read out: every cell's words, without any blanks.
    fn rows(&self) -> Vec<Vec<String>> {
        let words = |cell: &TableCell| solid(&cell.body.plain_text());
        self.tables()
            .iter()
            .flat_map(|table| {
                let cells: Vec<String> = body(table).map(words).collect();
                cells.chunks(columns(table)).map(<[String]>::to_vec).collect::<Vec<_>>()
            })
            .collect()
    }

    fn tables(&self) -> Vec<Packed<TableElem>> {
        tables_of(&self.document)
    }
}

fn add_text(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => add_text(&group.frame, text),
            FrameItem::Text(item) => text.push_str(&item.text),
            _ => (),
        }
    }
}

/// Without blanks and places to break at.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// Cells that stand in no header.
fn body(table: &TableElem) -> impl Iterator<Item = &TableCell> {
    table.children.iter().filter_map(|child| match child {
        TableChild::Item(TableItem::Cell(cell)) => Some(&**cell),
        _ => None,
    })
}

fn columns(table: &TableElem) -> usize {
    let header = table.children.iter().find_map(|child| match child {
        TableChild::Header(header) => Some(header),
        _ => None,
    });
    let cells = header.expect("every table has a header").children.iter();
    cells.filter(|item| matches!(item, TableItem::Cell(_))).count()
}

#[test]
fn the_shipped_template_has_no_slip() {
    assert_eq!(check_pack(TEMPLATE), Ok(()));
}

#[test]
fn every_table_says_what_its_columns_and_rows_are() {
    for sample in [Sample::small(), Sample::drawn()] {
        let pack = laid_out(&sample.model());
        let tables = pack.tables();
        assert!(tables.len() > 8, "{}", tables.len());
        for table in &tables {
            let cells: Vec<String> = body(table).map(|cell| format!("{cell:?}")).collect();
            for row in cells.chunks(columns(table)) {
                assert!(row[0].contains("Row"), "{}", row[0]);
            }
        }
    }
}

#[test]
fn data_files_are_attached_as_they_are() {
    let model = Sample::small().model();
    let pack = laid_out(&model);
    let attached = pack.document.introspector().query(&AttachElem::ELEM.select());
    let attached = attached.iter().map(|content| {
        let file = content.to_packed::<AttachElem>().expect("that was asked for");
        (file.path.derived.to_string(), file.data.to_vec())
    });
    let tables: Vec<_> =
        tables(&model).into_iter().map(|table| (table.file_name, table.bytes)).collect();
    assert!(tables.len() > 4);
    assert_eq!(attached.collect::<Vec<_>>(), tables);
}

#[test]
fn the_same_report_is_the_same_file() {
    let model = Sample::drawn().model();
    let first = rendered(&model).expect("a pack");
    // Whatever was remembered of the first.
    typst::comemo::evict(0);
    let second = rendered(&model).expect("a pack");
    assert_eq!(first.pages, 15);
    assert!(first == second, "the files differ");
}

#[test]
fn a_report_about_nothing_is_a_whole_pack() {
    let pack = laid_out(&Sample::empty().model_with(|spec| {
        spec.marking.clear();
        spec.demonstration = None;
        spec.next_report = None;
    }));
    let text = pack.text();
    assert!(text.contains(&solid("There is no indicator to report on.")));
    assert!(text.contains(&solid("Page 2 of 2")), "{text}");
    assert!(text.contains(&solid("Issued on 21 July 2025.")));
    assert!(!text.contains("OFFICIAL"));
}

#[test]
fn a_logo_and_a_colour_of_its_own() {
    let specimen = crate::specimen::specimen();
    let input = specimen.input(TEMPLATE);
    let plain = PackInput { brand: &Brand::default(), ..input };
    let bytes = |input: &PackInput<'_>| render_pack(input).expect("a pack").bytes;
    let red = Brand { accent: "#8a1538".to_owned(), ..Brand::default() };
    assert_ne!(bytes(&input), bytes(&plain));
    assert_ne!(bytes(&PackInput { brand: &red, ..input }), bytes(&plain));
}

/// The shipped template with a change, checked; lines count from the change.
fn slip(from: &str, to: &str) -> String {
    let (before, after) = TEMPLATE.source.split_once(from).expect("the template has it");
    let source = [before, to, after].concat();
    let error = match check_pack(TemplateFile { source: &source, ..TEMPLATE }) {
        Ok(()) => return "no slip".to_owned(),
        Err(error) => error,
    };
    assert_eq!(error.file, TEMPLATE.name);
    assert!(error.line > 0, "{error}");
    let lines = before.matches('\n').count() + 1;
    format!(
        "+{}: {}",
        i64::try_from(error.line).unwrap() - i64::try_from(lines).unwrap(),
        error.problem
    )
}

/// The same with something below a heading.
fn slip_below(what: &str) -> String {
    slip(HEADING, &format!("{HEADING}{what}\n"))
}

#[test]
fn a_slip_in_a_template_names_file_and_line() {
    insta::assert_snapshot!(slip("report.changes_more !=", "report.changes_mroe !="), @r#"+0: dictionary does not contain key "changes_mroe": the template asks for something the report does not have; check the spelling"#);
    insta::assert_snapshot!(slip_below("#nothing"), @"+1: unknown variable: nothing");
    insta::assert_snapshot!(slip_below("#{ let"), @"+1: unclosed delimiter");
    insta::assert_snapshot!(slip("title(named", "tilte(named"), @"+0: unknown variable: tilte");
}

#[test]
fn what_keeps_people_from_reading_a_pack_is_a_slip() {
    insta::assert_snapshot!(slip("alt: named(picture.alt, \"A chart\"), ", ""), @"+0: PDF/A-3a, PDF/UA-1 error: missing alt text (hint: make sure your images and equations have alt text)");
    insta::assert_snapshot!(slip_below("#table(columns: 2)[Figure][402]"), @"+1: a table without a header row cannot be read out (hint: put its first row into `table.header(…)`)");
    insta::assert_snapshot!(slip(HEADING, "=== Returns\n"), @"+0: PDF/UA-1 error: skipped from heading level 1 to 3 (hint: heading levels must be consecutive)");
    insta::assert_snapshot!(slip_below("#text(font: \"Arial\")[Actions]"), @"+1: unknown font family: arial");
    insta::assert_snapshot!(slip(HEADING, "= Returns \u{1f6b2}\n"), @r#"+0: PDF/A-3a, PDF/UA-1 error: the text `"🚲"` could not be displayed with font `"Source Sans 3"` (hint: try using a different font)"#);
}

#[test]
fn a_template_reads_what_it_is_given_and_nothing_else() {
    for reads in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../config/partnership.toml\")",
        "#include \"other.typ\"",
        "#import \"@preview/cetz:0.3.4\"",
    ] {
        let problem = slip_below(reads);
        let refused = ["nothing else", "outside of the project"];
        let is_refused = refused.iter().any(|words| problem.contains(words));
        assert!(problem.starts_with("+1: ") && is_refused, "{problem}");
    }
    insta::assert_snapshot!(slip_below("#read(\"notes.txt\")"), @"+1: failed to load file (a template can read `report.json`, `pack.json`, and the charts, tables and logo that `pack.json` names, and nothing else)");
}
