//! The command line. A command that does not exist yet is absent, never a stub.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use model::{Breakdown, Period};

/// Turns late, messy partner spreadsheets into a quarterly performance report.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// The partnership's configuration; jobs/ stands beside it
    #[arg(long, global = true, value_name = "DIR", default_value = "./config")]
    pub(crate) config: PathBuf,
    /// Everything that is kept: submissions, lake, ledger, reports, outbox
    #[arg(long, global = true, value_name = "DIR", default_value = "./var")]
    pub(crate) data: PathBuf,
    /// Sets today: 2025-07-21 (noon in London) or 2025-07-21T09:00:00+01:00. Never hides data
    #[arg(long, global = true, value_name = "DATE-OR-TIMESTAMP")]
    pub(crate) as_of: Option<String>,
    /// Print one JSON document and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more (-v, -vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Colour in messages
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See the main job on real figures: partner workbooks in, an emailed report out
    Demo,
    /// Run one job now
    Run {
        /// A folder under jobs/
        job: String,
        /// For this period instead of the latest complete quarter: 2025-26Q1
        #[arg(long)]
        period: Option<Period>,
        /// Leave the mail in the outbox
        #[arg(long)]
        no_send: bool,
    },
    /// What `run` would do and why, without doing it
    Plan {
        /// A folder under jobs/
        job: String,
        /// For this period instead of the latest complete quarter
        #[arg(long)]
        period: Option<Period>,
    },
    /// Run jobs as they fall due, until stopped
    Serve,
    /// Jobs, when they are due next, how they last ended
    Jobs,
    /// The register: what is owed, and where it stands
    Returns {
        #[command(subcommand)]
        action: Option<ReturnsAction>,
        /// For this period instead of the latest complete quarter
        #[arg(long)]
        period: Option<Period>,
    },
    /// What would be found in a workbook, without keeping anything
    Check {
        /// The workbook
        file: PathBuf,
        #[command(flatten)]
        by: CheckArguments,
        /// The period it should be about; the latest complete quarter by default
        #[arg(long)]
        period: Option<Period>,
        /// Also write every figure read, with its sheet and cell, as a CSV file
        #[arg(long, value_name = "OUT.csv")]
        figures: Option<PathBuf>,
        /// Also write a copy of the workbook with the cells of each finding coloured and explained
        #[arg(long, value_name = "OUT.xlsx")]
        marked_up: Option<PathBuf>,
    },
    /// Propose a contract for a workbook nobody has described yet
    Learn {
        /// The workbook
        file: PathBuf,
        /// Write the proposal to a new file instead of printing it
        #[arg(short, long, value_name = "OUT.toml")]
        output: Option<PathBuf>,
    },
    /// The blank return to send to a partner, made from its contract
    Template {
        /// A return, by its contract in config/returns/
        name: String,
        /// The period it is for; the latest complete quarter by default
        #[arg(long)]
        period: Option<Period>,
        /// The workbook to write; a file that is there stays
        #[arg(short, long, value_name = "OUT.xlsx")]
        output: PathBuf,
    },
    /// The computed indicators: the operator's own view, exact
    Indicators {
        /// For this period instead of the newest quarter in the lake
        #[arg(long)]
        period: Option<Period>,
        /// Only this measure, by id
        #[arg(long)]
        measure: Option<String>,
        /// Only this area, by code or name
        #[arg(long)]
        area: Option<String>,
        /// As they were known then: a day, a time, or a version of the lake (o3.a1)
        #[arg(long, value_name = "TIME")]
        as_known_at: Option<String>,
        /// Every indicator of every quarter, into one file
        #[arg(long, requires = "output", conflicts_with_all = ["period", "measure", "area"])]
        all: bool,
        /// The Parquet file for --all; a file that is there stays
        #[arg(short, long, value_name = "OUT.parquet", requires = "all")]
        output: Option<PathBuf>,
    },
    /// Let a figure through that the plausibility gate holds, until it changes
    Release {
        /// Its name, as `indicators` gives it: police-asb/E07000111/2025-26Q1
        figure: String,
        /// Why: kept with the decision
        #[arg(long)]
        why: String,
    },
    /// A figure back to file, sheet and cell
    Trace {
        /// A measure, by id
        measure: String,
        /// Area, by code or name
        #[arg(long)]
        area: String,
        /// Any stretch of months: 2025-06, 2025-26Q1, 2018-11..2019-10
        #[arg(long)]
        period: Period,
        /// Which part: key=value,key=value
        #[arg(long, default_value = "")]
        breakdown: Breakdown,
        /// The same figure of every peer too: a position is made of all of them
        #[arg(long)]
        peers: bool,
    },
    /// A back series under another definition or geography, beside the old one
    Restate {
        /// The measure as it is, by id
        measure: String,
        /// Area, by code or name
        #[arg(long)]
        area: String,
        /// The measure it becomes
        #[arg(long, value_name = "MEASURE")]
        under: Option<String>,
        /// The area it becomes; one made of districts is their sum
        #[arg(long, value_name = "AREA")]
        under_area: Option<String>,
    },
    /// Ask the lake in SQL, reading only: tables `observations` and `actions`
    Query {
        /// One SELECT
        sql: String,
        /// How to print the answer
        #[arg(long, default_value = "table")]
        format: Format,
    },
    /// Editions of reports
    Report {
        #[command(subcommand)]
        action: ReportAction,
    },
    /// Let an edition out that waits for approval, exactly as it was made
    Approve {
        /// The edition: 2025-26-Q1-01
        edition: String,
        /// Kept with the decision
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Keep an edition in, or what has not been sent of it
    Hold {
        /// The edition: 2025-26-Q1-01
        edition: String,
        /// Why: kept with the decision
        #[arg(long)]
        why: String,
    },
    /// Mail
    Outbox {
        #[command(subcommand)]
        action: Option<OutboxAction>,
    },
    /// Destroy what a sealed or refused submission left, now
    Forget {
        /// Its SHA-256, or the first eight digits or more
        submission: String,
    },
    /// What ran
    Runs {
        #[command(subcommand)]
        action: Option<RunsAction>,
    },
    /// How things stand, for anybody
    Status,
    /// Whether disk, clock, mail server and certificates are well
    Doctor,
    /// Whether all that is kept is as it was written
    Verify {
        /// Build the lake anew from the submissions where it is damaged
        #[arg(long)]
        repair: bool,
    },
    /// Copy everything into a new folder, while others work
    #[command(
        after_help = "A job of kind `backup` does so by itself, and keeps a number of them: docs/operations.md."
    )]
    Backup {
        /// A folder that is not there yet
        folder: PathBuf,
    },
    /// Put a backup into an empty data folder
    Restore {
        /// The backup's folder
        folder: PathBuf,
    },
    /// The configuration
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// By which contract a workbook is checked.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CheckArguments {
    /// As this return, by its contract in config/returns/
    #[arg(long = "return", value_name = "NAME")]
    pub(crate) return_id: Option<String>,
    /// By a contract that need not be in use
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReturnsAction {
    /// Record that a return need not come
    Waive {
        /// The return
        name: String,
        /// For which period
        #[arg(long)]
        period: Period,
        /// Why: kept with the decision
        #[arg(long)]
        why: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportAction {
    /// Make the report that a run would issue now, in a folder to look at; nothing is sent
    Preview {
        /// The period: 2025-26Q1; otherwise the latest complete quarter
        #[arg(long)]
        period: Option<Period>,
        /// The job whose report it is, where several make one
        #[arg(long)]
        job: Option<String>,
    },
    /// Every edition
    List,
    /// One edition, as it was mailed
    Show {
        /// The edition: 2025-26-Q1-01
        edition: String,
    },
    /// Take an edition back: whoever got it is told, and why
    Withdraw {
        /// The edition: 2025-26-Q1-01
        edition: String,
        /// Why, as a sentence for its readers
        #[arg(long)]
        why: String,
    },
    /// What changed from one edition to another, and why
    Diff {
        /// The earlier edition
        from: String,
        /// The later edition
        to: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxAction {
    /// Every message
    List,
    /// One message: what became of it
    Show {
        /// Its Message-ID, or the beginning of it
        id: String,
        /// Print the finished message itself, as it is or was sent
        #[arg(long, conflicts_with = "json")]
        raw: bool,
    },
    /// Send what waits
    Send,
    /// Let a message be sent again that was refused or put off
    Retry {
        /// Its Message-ID, or the beginning of it
        id: String,
    },
    /// Let everything be sent again that failed; what a newer edition has replaced is left out
    Resend {
        /// Only what was refused or given up: never what may have arrived
        #[arg(long, required = true)]
        failed: bool,
    },
    /// Say what became of a message whose answer was lost, or that an accepted one came back
    Settle {
        /// Its Message-ID, or the beginning of it
        #[arg(required_unless_present = "log", conflicts_with = "log", requires = "as_what")]
        id: Option<String>,
        /// What became of it
        #[arg(long = "as", value_name = "WHAT")]
        as_what: Option<SettleWhat>,
        /// Look unknown and accepted messages up in a Postfix mail log instead
        #[arg(long, value_name = "FILE", conflicts_with = "as_what")]
        log: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SettleWhat {
    /// It arrived
    Accepted,
    /// It did not, and may be sent again
    Refused,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsAction {
    /// The newest runs
    List,
    /// One run
    Show {
        /// The run: quarterly-monitoring-2025-26-Q1-01
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Every problem at once
    Check,
    /// What is in force, without secrets
    Show,
    /// The JSON Schema of a return's contract, for editors
    Schema,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Columns, for reading
    Table,
    /// Comma-separated values
    Csv,
    /// An array of objects
    Json,
    /// A Parquet file
    Parquet,
}
