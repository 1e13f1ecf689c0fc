//! The two tables and their columns: the lake's public face for other tools.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{DataType as DeltaType, StructField};

/// A table of the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// One row per figure.
    Observations,
    /// One row per item of an action plan.
    Actions,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Day,
    Moment,
    Flag,
}

/// Whether a column may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filled {
    Always,
    Sometimes,
}

struct Column(&'static str, Kind, Filled);

use Filled::{Always, Sometimes};
use Kind::{Day, Flag, Moment, Text, Whole};

// Columns are only ever added at the end, and then as `Sometimes`: old files do not have them.
const OBSERVATIONS: [Column; 22] = [
    Column("submission", Text, Always),
    Column("sequence", Whole, Always),
    Column("return_id", Text, Always),
    Column("partner", Text, Always),
    Column("source", Text, Always),
    Column("file", Text, Always),
    Column("reference_first", Day, Always),
    Column("reference_last", Day, Always),
    Column("arrived_at", Moment, Always),
    Column("sheet", Text, Always),
    Column("cell", Text, Sometimes),
    Column("measure", Text, Always),
    Column("area", Text, Always),
    Column("period_first", Day, Always),
    Column("period_last", Day, Always),
    Column("period", Text, Always),
    Column("breakdown", Text, Always),
    Column("value", Whole, Sometimes),
    Column("marks", Text, Always),
    Column("raw", Text, Always),
    Column("repair", Text, Sometimes),
    Column("sample", Flag, Always),
];

const ACTIONS: [Column; 18] = [
    Column("submission", Text, Always),
    Column("sequence", Whole, Always),
    Column("return_id", Text, Always),
    Column("partner", Text, Always),
    Column("source", Text, Always),
    Column("file", Text, Always),
    Column("arrived_at", Moment, Always),
    Column("sheet", Text, Always),
    Column("cell", Text, Sometimes),
    Column("number", Text, Always),
    Column("action", Text, Always),
    Column("lead", Text, Always),
    Column("others", Text, Always),
    Column("by_when_kind", Text, Always),
    Column("by_when", Text, Sometimes),
    Column("update_text", Text, Always),
    Column("status", Text, Always),
    Column("ordinal", Whole, Always),
];

impl Table {
    /// Both, in the order in which they are written.
    pub(crate) const ALL: [Self; 2] = [Self::Observations, Self::Actions];

    /// Name of the table, and of its folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Observations => "observations",
            Self::Actions => "actions",
        }
    }

    /// What it holds, for people who open it with another tool.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Observations => {
                "Figures as partners sent them, one row each, with the cell they came from"
            }
            Self::Actions => "Items of action plans as their owners sent them, one row each",
        }
    }

    fn columns(self) -> impl Iterator<Item = &'static Column> {
        let columns: &[Column] = match self {
            Self::Observations => &OBSERVATIONS,
            Self::Actions => &ACTIONS,
        };
        columns.iter()
    }

    /// The columns as arrow knows them.
    pub(crate) fn schema(self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns()
            .map(|Column(name, kind, filled)| {
                let kind = match kind {
                    Text => DataType::Utf8,
                    Whole => DataType::Int64,
                    Day => DataType::Date32,
                    Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                    Flag => DataType::Boolean,
                };
                Field::new(*name, kind, *filled == Sometimes)
            })
            .collect();
        Arc::new(Schema::new(fields))
    }

    /// The columns as Delta Lake knows them.
    pub(crate) fn delta_fields(self) -> impl Iterator<Item = StructField> {
        self.columns().map(|Column(name, kind, filled)| {
            let kind = match kind {
                Text => DeltaType::STRING,
                Whole => DeltaType::LONG,
                Day => DeltaType::DATE,
                Moment => DeltaType::TIMESTAMP,
                Flag => DeltaType::BOOLEAN,
            };
            StructField::new(*name, kind, *filled == Sometimes)
        })
    }
}
