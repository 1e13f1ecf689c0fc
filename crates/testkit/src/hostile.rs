//! Files made to break readers, each with what should be said of it.

mod packages;

use std::fmt::Write;

use packages::{book, ods, old, raw_zip, sheet, zip};

/// A file made by hand to do harm.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// What it tries.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The code of the finding it must get; `read` for one that does no harm.
    pub expected: &'static str,
}

const MALFORMED: &str = "workbook-malformed";
const READ: &str = "read";

/// Files that unpack to more than anybody wants.
pub fn bombs() -> Vec<Hostile> {
    let zeros = vec![b' '; 300 * 1024 * 1024];
    let many: Vec<(String, Vec<u8>)> =
        (0..2001).map(|number| (format!("xl/media/{number}.png"), Vec::new())).collect();
    let mut numbers = String::new();
    for row in 0..1000_u32 {
        numbers.push_str("<row>");
        for column in 0..250_u32 {
            let number = (row * 977 + column * 7919) % 99_991;
            write!(numbers, "<c><v>{number}</v></c>").expect("a String");
        }
        numbers.push_str("</row>");
    }
    [
        (
            "a remark of 300 MB",
            book(&sheet(""), &[("xl/comments1.xml", &zeros)]),
            "workbook-too-large",
        ),
        (
            "a text of 300 MB",
            book(&sheet(""), &[("xl/sharedStrings.xml", &zeros)]),
            "workbook-too-large",
        ),
        ("250,000 cells", book(&sheet(&numbers), &[]), "too-many-cells"),
        ("2,001 parts", zip(&many), MALFORMED),
        ("a part that is larger than it says", lying(), "workbook-malformed"),
        (
            "an archive in an archive",
            zip(&[("inner.zip".to_owned(), zip(&many))]),
            "not-a-workbook",
        ),
        (
            "a ratio of a thousand",
            book(&sheet(""), &[("xl/media/a.png", &zeros[..20_000_000])]),
            MALFORMED,
        ),
    ]
    .map(|(name, bytes, expected)| Hostile { name, bytes, expected })
    .into()
}

/// A sheet of 20 MB that says everywhere it is one of 100 bytes.
fn lying() -> Vec<u8> {
    let sheet = sheet(&"<row><c><v>1</v></c></row>".repeat(800_000));
    let size = u32::try_from(sheet.len()).expect("20 MB").to_le_bytes();
    let mut bytes = book(&sheet, &[]);
    let places: Vec<usize> =
        (0..bytes.len() - 4).filter(|place| bytes[*place..*place + 4] == size).collect();
    assert_eq!(places.len(), 2, "its header and the directory say its size");
    for place in places {
        bytes[place..place + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    bytes
}

/// Files that say what cannot be.
pub fn hostile() -> Vec<Hostile> {
    let made =
        [packages_of(), addresses(), cells(), containers(), texts(), spreadsheets()].concat();
    made.into_iter().map(|(name, bytes, expected)| Hostile { name, bytes, expected }).collect()
}

type Made = Vec<(&'static str, Vec<u8>, &'static str)>;

fn packages_of() -> Made {
    let laughs = "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
    let outside =
        "<!DOCTYPE sst [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><sst><si><t>&x;</t></si></sst>";
    let claims = |count: &str| format!("<sst uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
    let strings = |text: &str| book(&sheet(""), &[("xl/sharedStrings.xml", text.as_bytes())]);
    let listed = |sheets: &str| {
        let text = format!("<workbook><sheets>{sheets}</sheets></workbook>");
        book(&sheet(""), &[("xl/workbook.xml", text.as_bytes())])
    };
    let one = |name: &str| format!("<sheet name=\"{name}\" r:id=\"r1\"/>");
    let thousand: String = (0..1001).map(|number| one(&number.to_string())).collect();
    let parts = |names: &[&str]| {
        let parts: Vec<(String, Vec<u8>)> =
            names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        zip(&parts)
    };
    let circle = "<Relationships><Relationship Id=\"r1\" Type=\"x/officeDocument\" Target=\"_rels/.rels\"/></Relationships>";
    vec![
        ("entities in entities", strings(laughs), MALFORMED),
        ("an entity from outside", strings(outside), MALFORMED),
        ("four thousand million texts", strings(&claims("4000000000")), MALFORMED),
        ("more texts than there are numbers", strings(&claims("99999999999999999999")), MALFORMED),
        ("fewer texts than none", strings(&claims("-1")), MALFORMED),
        (
            "a name that leads up and out",
            parts(&["xl/workbook.xml", "../../etc/passwd"]),
            MALFORMED,
        ),
        ("a name from the root", parts(&["xl/workbook.xml", "/etc/passwd"]), MALFORMED),
        ("a name on a drive", parts(&["xl/workbook.xml", "C:\\a"]), MALFORMED),
        (
            "two names that differ in case",
            parts(&["xl/workbook.xml", "XL/Workbook.xml"]),
            MALFORMED,
        ),
        ("two parts of one name", raw_zip(&["xl/workbook.xml", "xl/workbook.xml"]), MALFORMED),
        ("a workbook without anything", parts(&["xl/workbook.xml"]), MALFORMED),
        (
            "a workbook that refers to its references",
            book(&sheet(""), &[("_rels/.rels", circle.as_bytes())]),
            MALFORMED,
        ),
        (
            "a sheet that is not there",
            book(&sheet(""), &[("xl/worksheets/sheet1.xml", b"")]),
            "workbook-unreadable",
        ),
        ("1,001 sheets", listed(&thousand), MALFORMED),
        ("two sheets of one name", listed(&[one("A"), one("A")].concat()), MALFORMED),
        ("a sheet of an unknown relation", listed("<sheet name=\"A\" r:id=\"r9\"/>"), MALFORMED),
        ("a sheet with a name of a megabyte", listed(&one(&"n".repeat(1 << 20))), READ),
        (
            "a state that no sheet has",
            listed("<sheet name=\"A\" state=\"gone\" r:id=\"r1\"/>"),
            MALFORMED,
        ),
    ]
}

fn addresses() -> Made {
    let of = |rows: &str| book(&sheet(rows), &[]);
    let cell = |cell: &str| of(&format!("<row r=\"1\">{cell}</row>"));
    vec![
        (
            "the two far corners",
            of(
                "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row>",
            ),
            READ,
        ),
        ("a column that goes round", cell("<c r=\"AAAAAAAAA1\"><v>1</v></c>"), MALFORMED),
        ("a column after the last", cell("<c r=\"XFE1\"><v>1</v></c>"), MALFORMED),
        ("row 0", of("<row r=\"0\"><c r=\"A0\"><v>1</v></c></row>"), MALFORMED),
        (
            "a row after the last",
            of("<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>"),
            MALFORMED,
        ),
        ("a cell in another row", of("<row r=\"5\"><c r=\"B9\"><v>1</v></c></row>"), MALFORMED),
        (
            "a cell twice",
            cell("<c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c>"),
            "duplicate-cell",
        ),
    ]
}

fn cells() -> Made {
    let of = |rows: &str| book(&sheet(rows), &[]);
    let cell = |cell: &str| of(&format!("<row r=\"1\">{cell}</row>"));
    let deep = format!("{}{}", "<x>".repeat(100_000), "</x>".repeat(100_000));
    let mut attributes = String::new();
    for number in 0..100_000 {
        write!(attributes, " a{number}=\"1\"").expect("a String");
    }
    let long = "x".repeat(2 * 1024 * 1024);
    let shared = format!("<sst><si><t>{}</t></si></sst>", "y".repeat(100_000));
    let repeated = "<c t=\"s\"><v>0</v></c>".repeat(3000);
    let utf_16: Vec<u8> = sheet("").encode_utf16().flat_map(u16::to_be_bytes).collect();
    vec![
        ("a text of number -1", cell("<c r=\"A1\" t=\"s\"><v>-1</v></c>"), MALFORMED),
        ("a format that is not there", cell("<c r=\"A1\" s=\"999\"><v>45838</v></c>"), MALFORMED),
        ("a value in pieces", cell("<c r=\"A1\"><v>1<!-- -->2</v></c>"), MALFORMED),
        (
            "a kind that no cell has",
            cell("<c r=\"A1\" t=\"magic\"><v>1</v></c>"),
            "workbook-unreadable",
        ),
        (
            "a shared formula of a large number",
            cell("<c r=\"A1\"><f t=\"shared\" si=\"4000000000\">1</f><v>1</v></c>"),
            READ,
        ),
        (
            "a shared formula that runs backwards",
            cell("<c r=\"B1\"><f t=\"shared\" si=\"0\" ref=\"C1:B2\">1</f><v>1</v></c>"),
            "workbook-unreadable",
        ),
        ("elements 100,000 deep", cell(&format!("<c r=\"A1\"><v>1</v></c>{deep}")), READ),
        (
            "100,000 attributes",
            of(&format!("<row r=\"1\"{attributes}><c r=\"A1\"><v>1</v></c></row>")),
            READ,
        ),
        (
            "a text of 2 MB",
            cell(&format!("<c r=\"A1\" t=\"inlineStr\"><is><t>{long}</t></is></c>")),
            "cell-too-long",
        ),
        (
            "a long text in every cell",
            book(
                &sheet(&format!("<row>{repeated}</row>")),
                &[("xl/sharedStrings.xml", shared.as_bytes())],
            ),
            "workbook-too-large",
        ),
        (
            "a sheet in UTF-16",
            book(&sheet(""), &[("xl/worksheets/sheet1.xml", &utf_16)]),
            MALFORMED,
        ),
        (
            "a sheet that ends in the middle",
            book("<worksheet><sheetData><row><c><v>1", &[]),
            "workbook-unreadable",
        ),
    ]
}

fn containers() -> Made {
    let number = [&[0, 0, 0, 0, 0, 0][..], &1_f64.to_le_bytes()].concat();
    let sound = old(&[], &[(0x0203, &number)]);
    let changed = |place: usize, link: u32| {
        let mut bytes = sound.clone();
        bytes[place..place + 4].copy_from_slice(&link.to_le_bytes());
        bytes
    };
    let table = sound.len() - 512;
    let mut encrypted = sound.clone();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entry = table - 512 + 128;
    encrypted[entry..entry + name.len()].copy_from_slice(&name);
    encrypted[entry + 64] = u8::try_from(name.len() + 2).expect("short");
    vec![
        ("an old workbook", sound.clone(), READ),
        ("nothing but the head of a container", sound[..512].to_vec(), "incomplete-file"),
        ("a container cut in the middle", sound[..3000].to_vec(), "incomplete-file"),
        ("a chain that goes in circles", changed(table + 8, 1), MALFORMED),
        ("a chain that leads out", changed(table + 8, 70_000), MALFORMED),
        ("a directory that goes in circles", changed(table + 32, 8), MALFORMED),
        ("a table of chains that is not there", changed(76, 70_000), MALFORMED),
        ("sectors of 32 kB", changed(30, 15), MALFORMED),
        ("a stream of four thousand million bytes", changed(entry + 120, 0xffff_fff0), MALFORMED),
        ("a package under a password", encrypted, "password-protected"),
        (
            "a workbook under an old password",
            old(&[(0x002f, &[0, 0, 1, 2, 3, 4])], &[]),
            "password-protected",
        ),
        (
            "a sheet that says it is 16 million cells",
            old(
                &[],
                &[
                    (0x0200, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0xff, 0, 0, 0]),
                    (0x0203, &number),
                ],
            ),
            READ,
        ),
        (
            "a sheet that begins after the end",
            old(&[(0x0085, &[0xff, 0xff, 0xff, 0x7f, 0, 0, 1, 0, b'A', 0])], &[]),
            MALFORMED,
        ),
        (
            "a column of an old sheet after the last",
            old(&[], &[(0x0203, &[&[0, 0, 0, 1][..], &number[4..]].concat())]),
            MALFORMED,
        ),
    ]
}

fn texts() -> Made {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", Vec::new(), "empty-file"),
        ("zeros", vec![0; 5000], "incomplete-file"),
        ("blanks", vec![b' '; 5000], "empty-file"),
        (
            "a web page",
            text("<html><table><tr><td>1</td></tr></table></html>"),
            "html-not-workbook",
        ),
        (
            "a web page kept as one file",
            text(
                "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\n--x\r\n",
            ),
            "html-not-workbook",
        ),
        (
            "a spreadsheet in XML",
            text(
                "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
            ),
            "not-a-workbook",
        ),
        ("a workbook of Excel 2", b"\x09\0\x04\0\x02\0\x10\0\0\0".to_vec(), "not-a-workbook"),
        ("a workbook of Excel 4", b"\x09\x04\x06\0\0\0\x10\0\0\0\0\0".to_vec(), "not-a-workbook"),
        ("a spreadsheet in SYLK", text("ID;PWXL;N;E\r\nC;Y1;X1;K1\r\nE\r\n"), "not-a-workbook"),
        ("something packed", b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "not-a-workbook"),
        ("20,000 columns", text(&"1,".repeat(20_000)), MALFORMED),
        ("a field of 2 MB", text(&format!("a,\"{}\"", "z".repeat(2 << 20))), "cell-too-long"),
    ]
}

fn spreadsheets() -> Made {
    let row = |row: &str, cell: &str| {
        ods(&format!(
            "<table:table table:name=\"A\"><table:table-row {row}>{cell}</table:table-row></table:table>"
        ))
    };
    let value = "office:value-type=\"float\" office:value=\"1\"";
    let nested = "<table:table table:name=\"B\">".repeat(50_000) + &"</table:table>".repeat(50_000);
    vec![
        (
            "a row for 2,000 million",
            row(
                "table:number-rows-repeated=\"2000000000\"",
                &format!("<table:table-cell {value}/>"),
            ),
            "too-many-cells",
        ),
        (
            "a cell for all columns of all rows",
            row(
                "table:number-rows-repeated=\"1048576\"",
                &format!("<table:table-cell table:number-columns-repeated=\"16384\" {value}/>"),
            ),
            "too-many-cells",
        ),
        (
            "four thousand million blanks",
            row(
                "",
                "<table:table-cell office:value-type=\"string\"><text:p>a<text:s text:c=\"4000000000\"/></text:p></table:table-cell>",
            ),
            "cell-too-long",
        ),
        (
            "fewer columns than none",
            row("", &format!("<table:table-cell table:number-columns-repeated=\"-1\" {value}/>")),
            MALFORMED,
        ),
        (
            "tables in tables",
            row("", &format!("<table:table-cell {value}>{nested}</table:table-cell>")),
            READ,
        ),
        ("a spreadsheet without sheets", ods(""), READ),
    ]
}
