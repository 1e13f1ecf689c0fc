use std::collections::BTreeMap;

use super::*;

#[test]
fn what_is_put_in_comes_out() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f64::from(PAYLOAD_MAX),
        f64::from(PAYLOAD_MAX) + 1.0,
        1e300,
        f64::MIN_POSITIVE,
    ];
    let day = jiff::civil::datetime(2025, 6, 30, 12, 0, 1, 0);
    let cells = [
        Cell::Text(""),
        Cell::Error("#REF!"),
        Cell::Bool(true),
        Cell::Bool(false),
        Cell::Date(day),
        Cell::FormulaWithoutValue,
    ];
    let cells: Vec<Cell<'_>> =
        cells.into_iter().chain(numbers.map(Cell::Number)).chain([Cell::Date(day)]).collect();
    let placed = (0..).map(|column| CellAddress::new(7, column)).zip(cells.iter().copied());
    let sheet = Sheet::from_cells("Q1", true, placed);
    let shown = |cells: Vec<Cell<'_>>| format!("{cells:?}");
    let read = sheet.cells().map(|(_, cell)| cell).collect();
    assert_eq!(shown(read), shown(cells), "minus zero included");
}

#[test]
fn a_text_is_kept_once_and_an_address_comes_once() {
    let mut builder = SheetBuilder::new("Q1", true);
    let id = builder.text_id("Sevenoaks").expect("room");
    for row in [0, 2, 1] {
        builder.push(CellAddress::new(row, 3), Cell::Text("Sevenoaks")).expect("room");
        builder.push_text(CellAddress::new(row, 4), id).expect("known");
    }
    assert_eq!(
        builder.push_text(CellAddress::new(9, 9), TextId(1)),
        Err(NotASheet::TooLarge),
        "no such text"
    );
    let sheet = builder.finish().expect("every address once");
    assert_eq!((sheet.text_count(), sheet.cell_count()), (1, 6));
    let third = sheet.row(2).and_then(|row| row.glimpses().find(|(column, _)| *column == 3));
    assert_eq!(third, Some((3, Glimpse::Text(id))));
    let mut builder = SheetBuilder::new("Q1", true);
    for row in [0, 2, 1, 2] {
        builder.push(CellAddress::new(row, 3), Cell::Bool(true)).expect("room");
    }
    assert_eq!(builder.finish().err(), Some(NotASheet::Duplicate(CellAddress::new(2, 3))));
}

proptest::proptest! {
    /// However cells arrive, they are found where they belong, as in a map.
    #[test]
    fn a_sheet_is_a_map_of_its_cells(places in proptest::collection::vec((0..40_u32, 0..12_u32, 0..5_u32), 0..120), from in 0..40_u32, to in 0..40_u32) {
        let words = ["", " ", "Kent", "Total", "12"];
        let wanted: BTreeMap<CellAddress, Cell<'_>> = places
            .iter()
            .map(|(row, column, word)| {
                let cell = Cell::Text(words[usize::try_from(*word).expect("small")]);
                (CellAddress::new(*row, *column), cell)
            })
            .collect();
        let mut builder = SheetBuilder::new("Q1", true);
        let mut seen = std::collections::BTreeSet::new();
        for (row, column, _) in &places {
            let address = CellAddress::new(*row, *column);
            if seen.insert(address) {
                builder.push(address, wanted[&address]).expect("room");
            }
        }
        let sheet = builder.finish().expect("every address once");
        proptest::prop_assert!(sheet.cells().eq(wanted.iter().map(|(at, cell)| (*at, *cell))));
        for row in 0..40 {
            for column in 0..12 {
                let address = CellAddress::new(row, column);
                proptest::prop_assert_eq!(sheet.cell(row, column), wanted.get(&address).copied());
            }
        }
        let rows: Vec<u32> = sheet.rows(from..to).map(Row::number).collect();
        let mut among: Vec<u32> =
            wanted.keys().map(|at| at.row).filter(|row| (from..to).contains(row)).collect();
        among.dedup();
        proptest::prop_assert_eq!(rows, among);
    }
}
