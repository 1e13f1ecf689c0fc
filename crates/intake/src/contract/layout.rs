//! Where one table stands on its sheets, and where it says what its figures are about.

use std::collections::BTreeMap;

use model::{AreaCode, MeasureId, Month, Period};

/// One table, on one or more sheets of the same layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLayout {
    /// On which sheets it stands.
    pub sheets: Sheets,
    /// Texts of which one stands above its headings, where a sheet holds several tables; empty
    /// where the table is looked for on the whole sheet.
    pub starts_below: Vec<String>,
    /// Texts that end it, standing first in their row.
    pub ends_at: Vec<String>,
    /// Where the area is said.
    pub area: AreaFrom,
    /// Where the measure is said.
    pub measure: MeasureFrom,
    /// Where the period is said.
    pub period: PeriodFrom,
    /// Where the figures stand.
    pub value: ValueFrom,
    /// What becomes of figures of the same measure, area, period and part.
    pub same_key: SameKey,
    /// Where the part of a measure is said that figures are about.
    pub breakdowns: Vec<BreakdownFrom>,
    /// Labels of rows and columns that hold sums: checked, never stored.
    pub totals: Vec<String>,
    /// Labels of rows and columns left out on purpose.
    pub ignore: Vec<String>,
    /// What becomes of rows for areas the partnership does not know.
    pub other_areas: OtherAreas,
    /// What becomes of rows with a label and no figure at all.
    pub blank_rows: BlankRows,
    /// What becomes of noughts that stand where the table says nothing.
    pub stray_zeros: StrayZeros,
}

/// On which sheets a table stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sheets {
    /// Every visible sheet but these.
    Each {
        /// Sheets without the table.
        except: Vec<String>,
    },
    /// These sheets, each of which must be there.
    Named(Vec<String>),
    /// Every visible sheet whose name is like one of these, in which `*` stands for any text;
    /// there must be one.
    Like(Vec<String>),
    /// The first visible sheet that holds anything.
    First,
}

/// Where a table says something about its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where<T> {
    /// In the contract: it is always the same.
    Fixed(T),
    /// In the sheet's name.
    SheetName,
    /// In a column.
    Column(KeyColumn),
    /// In the headings of the figures' columns.
    HeaderRow,
    /// In a text above the table that holds one of these words, or any text if there are none.
    Title {
        /// Words that tell the text from others above the table.
        words: Vec<String>,
    },
    /// In a text alone on its row, above the rows it is about.
    Block,
    /// In the cell beside a label.
    Cell(LabelledCell),
    /// In the label beside each figure of a form; only measures are said so.
    Labels,
}

impl<T> Where<T> {
    /// The column it stands in, if it does.
    pub fn column(&self) -> Option<&KeyColumn> {
        match self {
            Self::Column(column) => Some(column),
            _ => None,
        }
    }

    /// The label of the cell it stands in, if it does.
    pub fn cell(&self) -> Option<&LabelledCell> {
        match self {
            Self::Cell(cell) => Some(cell),
            _ => None,
        }
    }

    /// Whether the headings of the figures' columns say it.
    pub fn is_heading(&self) -> bool {
        matches!(self, Self::HeaderRow)
    }

    /// Whether it stands above the rows it is about.
    pub fn is_block(&self) -> bool {
        matches!(self, Self::Block)
    }

    /// Whether the contract itself says it.
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// Where a table says which area a figure is for.
pub type AreaFrom = Where<AreaCode>;

/// Where a table says what is counted. Whatever is not fixed is one of the contract's labels.
pub type MeasureFrom = Where<MeasureId>;

/// Where a table says which period a figure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodFrom {
    /// Where it stands.
    pub place: Where<FixedPeriod>,
    /// How dates written as text are ordered, in a column.
    pub dates: DateOrder,
    /// Headings of a column of its own that holds the year; empty if there is none.
    pub year: Vec<String>,
    /// What a year alone is a period of, if it is one.
    pub years: Option<YearKind>,
}

impl PeriodFrom {
    /// The period a year alone is, if the contract says what years are.
    pub fn year_alone(&self, year: i16) -> Option<Period> {
        let first = match self.years? {
            YearKind::Calendar => Month::new(year, 1),
            YearKind::Financial => Month::new(year, 4),
        };
        first.and_then(|first| Period::new(first, first.plus(11)))
    }
}

/// What `2025` alone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearKind {
    /// January to December 2025.
    Calendar,
    /// April 2025 to March 2026.
    Financial,
}

/// A period that the table does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixedPeriod {
    /// The one the return is owed for.
    Expected,
    /// This one.
    Is(Period),
}

/// A column whose cells say what their rows are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// Headings it goes by; an empty text is a column without a heading, left of all others.
    pub header: Vec<String>,
    /// What a blank cell means.
    pub fill: Fill,
}

/// What a blank cell of a column means that says what rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// That nothing is said.
    Blank,
    /// The same as in the row above.
    Down,
}

/// A cell that is found by the label beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledCell {
    /// What the label may be.
    pub label: Vec<String>,
    /// On which side of the label the cell is.
    pub side: Side,
}

/// On which side of a label its cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Right of it.
    Right,
    /// Below it.
    Below,
}

/// How a date written with three numbers is ordered; year first is always understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2025`
    DayFirst,
    /// `12/31/2025`
    MonthFirst,
}

/// Where the figures stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueFrom {
    /// In the columns whose headings say the area, measure, period or part.
    HeaderRow,
    /// In a column with one of these headings.
    Column(Vec<String>),
    /// Nowhere: each row is one incident, and rows are counted.
    Rows,
    /// Each beside its label, on this side: a form.
    Cells(Side),
}

/// What becomes of figures of the same measure, area, period and part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameKey {
    /// One of them is a mistake.
    Refuse,
    /// They are parts of one figure.
    AddUp,
}

/// Where a table says which part of a measure a figure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakdownFrom {
    /// The dimension: `risk`.
    pub dimension: String,
    /// Where it stands; a fixed one is a category.
    pub place: Where<String>,
    /// What is written, and the category it stands for. Empty: the category is the text itself,
    /// in lower case with hyphens.
    pub values: BTreeMap<String, String>,
    /// What is written for the whole.
    pub whole: Vec<String>,
}

/// What becomes of rows for areas the partnership does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherAreas {
    /// They are errors.
    Refuse,
    /// They are left out, and counted in one note.
    LeaveOut,
}

/// What becomes of noughts under no heading, and of rows of noughts without a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrayZeros {
    /// They are errors, as any other number there is.
    Refuse,
    /// They are left out, and named in one note.
    LeaveOut,
}

/// What becomes of rows with a label and nothing in any column of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlankRows {
    /// Their figures are missing.
    Missing,
    /// They are no rows of the table.
    LeaveOut,
}
