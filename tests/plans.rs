//! The success measures of four published plans, written as rules: each plan's definitions are
//! sound, and its report gives a verdict on each measure.

mod sent;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use testkit::{Environment, fixture, workbook};

use crate::{AS_OF, QUARTER, environment};

const JOB: &str = "jobs/quarterly-monitoring/job.toml";
const VERDICTS: &str = "var/reports/2025-26-Q1/2025-26-Q1-01/2025-26-Q1-success-measures.csv";

const PLANS: [&str; 4] =
    ["kent-2021", "sevenoaks-2024-25", "tonbridge-and-malling-2020-21", "tunbridge-wells-2020-21"];

/// Returns that count every district or partnership of the county.
const COUNTY: &str = r#"[sources.kent-police]
kind = "folder"
path = "fixtures/partners/kent-police"
return = "kent-police-monthly"

[sources.ons]
kind = "folder"
path = "fixtures/site/ons"
return = "ons-table-c2"

[sources.dft]
kind = "folder"
path = "fixtures/partners/dft"
return = "stats19-collisions"
"#;

/// More, about Sevenoaks. Another partnership must not have them: an action goes by its number,
/// and every plan has an action 3.1.
const SEVENOAKS: &str = r#"
[sources.kenward-trust]
kind = "folder"
path = "fixtures/partners/kenward-trust"
return = "kenward-outreach"

[sources.actions]
kind = "folder"
path = "fixtures/partners/sevenoaks-district-council-actions"
return = "csp-action-plan"

[sources.history]
kind = "folder"
path = "fixtures/partners/sevenoaks-district-council-history"
return = "illustrative-history"
"#;

const ACTIONS: &str = r#"
[sources.actions]
kind = "folder"
path = "inbox/actions"
return = "csp-action-plan"
"#;

/// A home of the partnership whose plan it is. Measures under a priority that the plan does not
/// have leave the report, and the report goes to the chair.
fn planned(plan: &str, sources: &str) -> Environment {
    let environment = environment();
    let file = fixture(&format!("plans/{plan}/partnership.toml"));
    let definitions = fs::read_to_string(file).expect("the plan");
    environment.write("config/partnership.toml", &definitions);
    let priorities: BTreeSet<String> = definitions
        .split("[[priority]]\n")
        .skip(1)
        .filter_map(|section| section.lines().next())
        .map(|id| id.replacen("id = ", "priority = ", 1))
        .collect();
    let measures = environment.read("config/measures.toml");
    let of_the_plan: Vec<&str> = measures
        .lines()
        .filter(|line| !line.starts_with("priority = ") || priorities.contains(*line))
        .collect();
    environment.write("config/measures.toml", of_the_plan.join("\n"));
    let job = environment.read(JOB);
    let (before, _) = job.split_once("\nto = [").expect("recipients");
    environment.write(JOB, format!("{before}\nto = [\"partnership-chair\"]\n"));
    environment.sources(sources);
    environment
}

/// The report's table of success measures, in the plan's order. Collects returns and makes the
/// report, which ends with that code.
fn judged(environment: &Environment, code: i32) -> Vec<csv::StringRecord> {
    let _sound = environment.run(&["config", "check"]).exits(0);
    let report = ["run", "quarterly-monitoring", "--period", QUARTER, "--no-send"];
    let _made = environment.run(&[&report[..], &AS_OF].concat()).exits(code);
    let table = environment.read(VERDICTS);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let headings = reader.headers().expect("headings");
    let read = [0, 3, 4].map(|column| headings.get(column));
    assert_eq!(read, [Some("Id"), Some("Verdict"), Some("Why")]);
    reader.records().map(|row| row.expect("a row")).collect()
}

/// Each success measure and its verdict.
fn verdicts(environment: &Environment) -> String {
    let mut lines = String::new();
    // 3: returns of other partners are late.
    for row in judged(environment, 3) {
        writeln!(lines, "{}: {}", &row[0], &row[3]).expect("a String");
    }
    lines
}

#[test]
fn no_plan_is_left_out() {
    let folders = fs::read_dir(fixture("plans")).expect("the plans");
    let names: BTreeSet<String> = folders
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().eq(PLANS), "{names:?}");
}

#[test]
fn sevenoaks() {
    let environment = planned("sevenoaks-2024-25", &[COUNTY, SEVENOAKS].concat());
    insta::assert_snapshot!(verdicts(&environment), @"
    victim-based-crime: Cannot judge
    vehicle-crime-and-burglary: Cannot judge
    serious-violence: Cannot judge
    safeguarding-training: At risk
    trafficking-slavery-cse: Cannot judge
    county-lines: Cannot judge
    young-people-engaged: Met
    shoplifting: Met
    business-crime-convictions: Cannot judge
    vawg-walks: Met
    vawg-action-plan: Met
    repeat-victims: Cannot judge
    domestic-abuse-stalking-training: On track
    asb: Not met
    ");
}

#[test]
fn tunbridge_wells() {
    let environment = planned("tunbridge-wells-2020-21", COUNTY);
    insta::assert_snapshot!(verdicts(&environment), @"
    domestic-abuse-referrals: Cannot judge
    marac-cases: Cannot judge
    freedom-programmes: Cannot judge
    men-supported: Cannot judge
    sexual-violence-victims-supported: Cannot judge
    west-kent-action-plan: Cannot judge
    properties-secured: Cannot judge
    white-ribbon: Cannot judge
    custody-initiative: Cannot judge
    domestic-abuse-conference: Cannot judge
    repeat-victimisation: Cannot judge
    victims-not-supporting-investigations: Cannot judge
    stalking-training: Cannot judge
    individuals-engaged: Cannot judge
    community-alcohol-partnership: Cannot judge
    night-time-presence: Cannot judge
    targeted-work: Cannot judge
    young-people-services: Cannot judge
    screening-tool-training: Cannot judge
    brief-advice-training: Cannot judge
    pubwatch-exclusions: Cannot judge
    pubwatch-incidents: Cannot judge
    violent-offences-on-camera: Cannot judge
    gang-arrests: Cannot judge
    licensed-premises-training: Cannot judge
    trauma-packs-and-wands: Cannot judge
    drug-offences: Cannot judge
    outreach-sessions: Cannot judge
    exploitation-contacts: Cannot judge
    graffiti-cameras: Cannot judge
    graffiti-removal: Cannot judge
    exploitation-training: Cannot judge
    vulnerability-meetings: Cannot judge
    young-people-excluded: Cannot judge
    night-time-venues: Cannot judge
    repeat-offenders: Cannot judge
    knife-sales: Cannot judge
    exclusions: Cannot judge
    parents-evenings: Cannot judge
    summer-engagement: Cannot judge
    theatre-programme: Cannot judge
    young-peoples-discos: Cannot judge
    all-out-events: Cannot judge
    road-safety-education: Cannot judge
    road-safety-campaigns: Cannot judge
    road-safety-experience: Cannot judge
    road-safety-week: Cannot judge
    warden-road-safety: Cannot judge
    captain-safety: Cannot judge
    safety-in-action: Cannot judge
    over-65s: Cannot judge
    ksi-casualties: Cannot judge
    vulnerable-locations: Cannot judge
    school-parking: Cannot judge
    ");
}

#[test]
fn tonbridge_and_malling() {
    let environment = planned("tonbridge-and-malling-2020-21", COUNTY);
    insta::assert_snapshot!(verdicts(&environment), @"
    crime-and-disorder: Cannot judge
    strategy-group: Cannot judge
    reoffending: Cannot judge
    other-crime: Cannot judge
    diversion: Cannot judge
    doorstep-crime-database: Cannot judge
    underage-drinking: Cannot judge
    organised-crime-meetings: Cannot judge
    schools-violence: Cannot judge
    freedom-programme: Cannot judge
    healthy-relationships: Cannot judge
    cyber-stalking-cafe: Cannot judge
    all-out-days: Cannot judge
    prevent-training: Cannot judge
    ");
}

#[test]
fn kent() {
    let environment = planned("kent-2021", COUNTY);
    insta::assert_snapshot!(verdicts(&environment), @"
    agreement-refreshed: Cannot judge
    indicators: Cannot judge
    reoffending: Cannot judge
    homicide-reviews: Cannot judge
    domestic-abuse-website: Cannot judge
    problem-solving-training: Cannot judge
    problem-solving-platform: Cannot judge
    heritage-watch: Cannot judge
    country-eye: Cannot judge
    trauma-practice-training: Cannot judge
    trauma-packs: Cannot judge
    reoffending-of-women: Cannot judge
    scams: Cannot judge
    community-cafe: Cannot judge
    resilience-conference: Cannot judge
    violence: Cannot judge
    knife-sales-material: Cannot judge
    modern-slavery-trainers: Cannot judge
    modern-slavery-supply-chain: Cannot judge
    hate-crime-reporting: Cannot judge
    stop-and-search-videos: Cannot judge
    alcohol-and-domestic-abuse: Cannot judge
    young-drivers: Cannot judge
    ");
}

/// What is to be delivered is judged as soon as somebody says how the actions stand; the statuses
/// are made up.
#[test]
fn an_action_plan_turns_the_verdicts() {
    let environment = planned("tonbridge-and-malling-2020-21", &[COUNTY, ACTIONS].concat());
    let actions = r#"
        No.   | Priority Action         | Lead Agency | Other Partners    | By When    | Progress update | Status
        "1.1" | Diversionary activities | TMBC        | KCC               | Ongoing    | Both ran        | Complete
        "1.4" | Doorstep crime database | KCC         | Trading Standards | Ongoing    | Agreed          | In progress
        "2.4" | Programmes in schools   | TMBC        | Schools           | March 2021 | None            | In progress
        "3.4" | Freedom Programme       | DAVSS       | TMBC              | Ongoing    | None            | In progress
        "4.3" | All out days            | TMBC        | Kent Police       | March 2021 | Three           | Complete
        "5.3" | Prevent training        | TMBC        | Kent Police       | Ongoing    | Booked          | Not started
        "#;
    environment.write("inbox/actions/plan.xlsx", workbook(&[("Action plan", actions)]));
    insta::assert_snapshot!(verdicts(&environment), @"
    crime-and-disorder: Cannot judge
    strategy-group: Cannot judge
    reoffending: Cannot judge
    other-crime: Cannot judge
    diversion: Met
    doorstep-crime-database: On track
    underage-drinking: Cannot judge
    organised-crime-meetings: Cannot judge
    schools-violence: At risk
    freedom-programme: Not met
    healthy-relationships: Cannot judge
    cyber-stalking-cafe: Cannot judge
    all-out-days: Met
    prevent-training: On track
    ");
}
