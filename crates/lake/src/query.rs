//! Answering an analyst's SQL: one `SELECT`, and nothing else.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use arrow::util::pretty::pretty_format_batches;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::prelude::SQLOptions;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast;

use crate::encode::parquet_bytes;
use crate::store::Lake;
use crate::tables::Table;
use crate::{LakeError, LakeVersion};

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// A table drawn with lines, for a terminal.
    Table,
    /// Comma-separated values with a header.
    Csv,
    /// An array of objects; empty cells are `null`.
    Json,
    /// One Parquet file.
    Parquet,
}

impl Lake {
    /// Answers one `SELECT` over the tables `observations` and `actions` as this version of the
    /// lake knew them. Nothing else is understood, and nothing can be changed.
    ///
    /// Fails with [`LakeError::Question`], in one sentence, when the question cannot be answered.
    pub async fn query(
        &self,
        at: &LakeVersion,
        sql: &str,
        format: QueryFormat,
    ) -> Result<Vec<u8>, LakeError> {
        check_is_one_select(sql)?;
        let session = self.session(at, &Table::ALL).await?;
        // The parser has said that it is a SELECT; this also looks at what it became.
        let reading_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let answer =
            session.sql_with_options(sql, reading_only).await.map_err(|error| question(&error))?;
        let nothing = RecordBatch::new_empty(answer.schema().inner().clone());
        let mut batches = answer.collect().await.map_err(|error| question(&error))?;
        if batches.is_empty() {
            batches.push(nothing);
        }
        write(&batches, format)
    }
}

fn write(batches: &[RecordBatch], format: QueryFormat) -> Result<Vec<u8>, LakeError> {
    let failed = |source: ArrowError| LakeError::Columns {
        doing: "write the answer",
        table: "answer",
        source: Box::new(source),
    };
    match format {
        QueryFormat::Table => {
            let table = pretty_format_batches(batches).map_err(failed)?;
            Ok(format!("{table}\n").into_bytes())
        }
        QueryFormat::Csv => csv(batches).map_err(failed),
        QueryFormat::Json => json(batches).map_err(failed),
        QueryFormat::Parquet => parquet_bytes(batches, &batches[0])
            .map_err(|source| LakeError::Parquet { what: "the answer", source: Box::new(source) }),
    }
}

fn csv(batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = arrow::csv::Writer::new(&mut bytes);
    for batch in batches {
        writer.write(batch)?;
    }
    drop(writer);
    Ok(bytes)
}

fn json(batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut bytes);
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    drop(writer);
    bytes.push(b'\n');
    Ok(bytes)
}

fn check_is_one_select(sql: &str) -> Result<(), LakeError> {
    let statements = DFParser::parse_sql(sql).map_err(|error| question(&error))?;
    let refused = |message: &str| Err(LakeError::Question { message: message.to_owned() });
    let mut statements = statements.iter();
    match (statements.next(), statements.next()) {
        (None, _) => refused("there is no question: write a SELECT"),
        (Some(_), Some(_)) => refused("there is more than one statement: write one SELECT"),
        (Some(Statement::Statement(statement)), None)
            if matches!(statement.as_ref(), ast::Statement::Query(_)) =>
        {
            Ok(())
        }
        (Some(_), None) => refused("only a SELECT can be asked: a question never changes anything"),
    }
}

/// What is wrong with a question, in one sentence and without the engine's inner names.
fn question(error: &DataFusionError) -> LakeError {
    let message = match error.find_root() {
        DataFusionError::SchemaError(problem, _) => match problem.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => {
                let mut known: Vec<&str> = valid_fields.iter().map(Column::name).collect();
                known.sort_unstable();
                known.dedup();
                if known.is_empty() {
                    format!("there is no column `{}`", field.name())
                } else {
                    format!("there is no column `{}`; there are {}", field.name(), known.join(", "))
                }
            }
            other => other.to_string(),
        },
        DataFusionError::SQL(problem, _) => {
            let problem = problem.to_string();
            let problem = problem.trim_start_matches("sql parser error: ");
            format!("the question is not SQL that can be read: {problem}")
        }
        DataFusionError::Plan(problem) => plan_problem(problem),
        DataFusionError::ArrowError(problem, _) => problem.to_string(),
        DataFusionError::ResourcesExhausted(_) => {
            "the question needs more memory than is allowed; ask for fewer rows or columns"
                .to_owned()
        }
        other => other.strip_backtrace(),
    };
    LakeError::Question { message: one_line(&message) }
}

/// The engine's usual complaints without its inner names; the rest as it says them.
fn plan_problem(problem: &str) -> String {
    // table 'datafusion.public.name' not found
    let table = between(problem, "table '", "' not found");
    if let Some(name) = table.and_then(|name| name.rsplit('.').next()) {
        return format!("there is no table `{name}`; there are observations and actions");
    }
    let ungrouped = problem
        .starts_with("Column in SELECT must be in GROUP BY")
        .then(|| between(problem, "column \"", "\""))
        .flatten();
    if let Some(name) = ungrouped.and_then(|name| name.rsplit('.').next()) {
        return format!(
            "the column `{name}` must be named in GROUP BY or stand in a function such as sum()"
        );
    }
    problem.to_owned()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

fn one_line(message: &str) -> String {
    let before_backtrace =
        message.split(DataFusionError::BACK_TRACE_SEP).next().unwrap_or_default();
    before_backtrace.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestLake, empty_lake};

    async fn lake() -> TestLake {
        let lake = empty_lake().await;
        lake.add(1, &["police-asb E07000111 2025-04 - 120", "police-asb E07000111 2025-05 - [c]"])
            .await;
        lake
    }

    async fn asked(sql: &str, format: QueryFormat) -> String {
        let lake = lake().await;
        let at = lake.lake.version().unwrap();
        match lake.lake.query(&at, sql, format).await {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[tokio::test]
    async fn a_question_is_answered_in_each_format() {
        let sql = "SELECT period, value, marks, arrived_at FROM observations ORDER BY period_first";
        insta::assert_snapshot!(asked(sql, QueryFormat::Table).await, @r"
        +---------+-------+-------+----------------------+
        | period  | value | marks | arrived_at           |
        +---------+-------+-------+----------------------+
        | 2025-04 | 120   |       | 2025-07-08T19:40:00Z |
        | 2025-05 |       | c     | 2025-07-08T19:40:00Z |
        +---------+-------+-------+----------------------+
        ");
        insta::assert_snapshot!(asked(sql, QueryFormat::Csv).await, @r"
        period,value,marks,arrived_at
        2025-04,120,,2025-07-08T19:40:00Z
        2025-05,,c,2025-07-08T19:40:00Z
        ");
        insta::assert_snapshot!(asked(sql, QueryFormat::Json).await, @r#"[{"period":"2025-04","value":120,"marks":"","arrived_at":"2025-07-08T19:40:00Z"},{"period":"2025-05","value":null,"marks":"c","arrived_at":"2025-07-08T19:40:00Z"}]"#);
        let lake = lake().await;
        let at = lake.lake.version().unwrap();
        let parquet = lake.lake.query(&at, sql, QueryFormat::Parquet).await.unwrap();
        assert_eq!((&parquet[..4], &parquet[parquet.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    }

    #[tokio::test]
    async fn no_rows_still_have_a_header() {
        let sql = "SELECT period, value FROM observations WHERE value > 1000";
        insta::assert_snapshot!(asked(sql, QueryFormat::Csv).await, @"period,value");
        insta::assert_snapshot!(asked(sql, QueryFormat::Json).await, @"[]");
        insta::assert_snapshot!(asked(sql, QueryFormat::Table).await, @r"
        +--------+-------+
        | period | value |
        +--------+-------+
        +--------+-------+
        ");
        insta::assert_snapshot!(asked("SELECT count(*) AS plans FROM actions", QueryFormat::Csv).await, @r"
        plans
        0
        ");
    }

    #[tokio::test]
    async fn a_question_can_change_nothing() {
        for sql in [
            "INSERT INTO observations SELECT * FROM observations",
            "DELETE FROM observations",
            "UPDATE observations SET value = 0",
            "CREATE TABLE copy AS SELECT * FROM observations",
            "CREATE EXTERNAL TABLE passwords STORED AS CSV LOCATION '/etc/passwd'",
            "COPY observations TO '/tmp/quarterdeck-stolen.csv'",
            "COPY (SELECT 1) TO '/tmp/quarterdeck-stolen.csv'",
            "DROP TABLE observations",
            "SET datafusion.execution.batch_size = 1",
            "EXPLAIN SELECT 1",
            "SHOW TABLES",
        ] {
            let answer = asked(sql, QueryFormat::Csv).await;
            assert_eq!(
                answer, "error: only a SELECT can be asked: a question never changes anything",
                "{sql}"
            );
        }
        assert!(!std::path::Path::new("/tmp/quarterdeck-stolen.csv").exists());
        for (sql, beginning) in [
            ("SELECT 1; SELECT 2", "error: there is more than one statement: write one SELECT"),
            (
                "SELECT 1; DROP TABLE observations",
                "error: there is more than one statement: write one SELECT",
            ),
            ("", "error: there is no question: write a SELECT"),
            (
                "SELECT * FROM '/etc/passwd'",
                "error: there is no table `/etc/passwd`; there are observations and actions",
            ),
        ] {
            assert_eq!(asked(sql, QueryFormat::Csv).await, beginning, "{sql}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_answered_is_one_clear_sentence() {
        insta::assert_snapshot!(asked("SELECT x FROM figures", QueryFormat::Csv).await, @"error: there is no table `figures`; there are observations and actions");
        insta::assert_snapshot!(asked("SELECT valeu FROM (SELECT value, marks FROM observations)", QueryFormat::Csv).await, @"error: there is no column `valeu`; there are marks, value");
        insta::assert_snapshot!(asked("SELEKT 1", QueryFormat::Csv).await, @"error: the question is not SQL that can be read: Expected: an SQL statement, found: SELEKT at Line: 1, Column: 1");
        insta::assert_snapshot!(asked("SELECT value FROM observations WHERE", QueryFormat::Csv).await, @"error: the question is not SQL that can be read: Expected: an expression, found: EOF");
        insta::assert_snapshot!(asked("SELECT nosuch(value) FROM observations", QueryFormat::Csv).await, @"error: Invalid function 'nosuch'. Did you mean 'cosh'?");
        insta::assert_snapshot!(asked("SELECT CAST(measure AS BIGINT) FROM observations", QueryFormat::Csv).await, @"error: Cast error: Cannot cast string 'police-asb' to value of Int64 type");
        insta::assert_snapshot!(asked("SELECT measure, sum(value) FROM observations", QueryFormat::Csv).await, @"error: the column `measure` must be named in GROUP BY or stand in a function such as sum()");
    }
}
