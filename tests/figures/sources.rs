//! What is known of sources: breaks, notes, and what the gate holds until a person lets it through.

use super::made::{JUNE, collect, home, indicator, report, said, send, usual};

const KEYS: [&str; 6] = ["value", "status", "change", "data", "verdict", "reason"];

#[test]
fn nothing_is_compared_across_a_break_unless_somebody_splices_it() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let with = |more: &str| {
        let text = format!(
            "[[break]]\nid = \"rules\"\nmeasures = [\"made-burglary\"]\nfrom = \"2025-04\"\nwhy = \"sheds are counted\"\n{more}"
        );
        environment.write("config/source-notes.toml", text);
        indicator(&environment, "made-burglary", "Sevenoaks", &[])
    };
    let parted = with("");
    insta::assert_snapshot!(said(&parted, &KEYS), @r#"value: 107, status: ["b"], change: null, data: "break", verdict: "cannot-judge", reason: "April to June 2024 and April to June 2025 are not comparable: sheds are counted""#);
    insta::assert_snapshot!(said(&parted, &["same_quarter_last_year", "change_pct", "position", "position_last_year", "spc", "no_chart"]), @r#"same_quarter_last_year: 107, change_pct: null, position: 2, position_last_year: null, spc: null, no_chart: "too few months for a control chart: counted anew from April 2025: sheds are counted""#);
    let spliced = with("spliced_because = \"sheds are few\"\n");
    insta::assert_snapshot!(said(&spliced, &KEYS), @r#"value: 107, status: [], change: 0, data: "complete", verdict: "no-change", reason: "the latest month is within its expected range (control chart)""#);
}

#[test]
fn a_note_blocks_or_marks_and_nobody_is_ranked_by_it() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let with = |effect: &str| {
        let text = format!(
            "[[note]]\nid = \"it\"\nmeasures = [\"made-b*\"]\nareas = [\"Swale\", \"Thanet\"]\nfrom = \"2025-01\"\n{effect}\nwhy = \"recorded elsewhere since January 2025\"\n"
        );
        environment.write("config/source-notes.toml", text);
    };
    with("effect = \"block\"");
    let swale = indicator(&environment, "made-burglary", "Swale", &[]);
    insta::assert_snapshot!(said(&swale, &[&KEYS[..], &["rolling_12_months", "rate_per_1000", "position", "sentence"]].concat()), @r#"value: null, status: ["x"], change: null, data: "blocked", verdict: "cannot-judge", reason: "not available for April to June 2025: recorded elsewhere since January 2025", rolling_12_months: null, rate_per_1000: null, position: null, sentence: "Not available for April to June 2025: recorded elsewhere since January 2025.""#);
    let sevenoaks = indicator(&environment, "made-burglary", "Sevenoaks", &[]);
    insta::assert_snapshot!(said(&sevenoaks, &["value", "rate_per_1000", "position", "peer_average", "gaps", "verdict"]), @r#"value: 107, rate_per_1000: 0.881, position: null, peer_average: null, gaps: ["no position among the 12 Kent districts: no figure for Swale, Thanet (recorded elsewhere since January 2025)"], verdict: "no-change""#);
    with("effect = \"mark\"\nmark = \"e\"");
    let swale = indicator(&environment, "made-burglary", "Swale", &[]);
    insta::assert_snapshot!(said(&swale, &["value", "status", "remarks", "position", "gaps"]), @r#"value: 134, status: ["e"], remarks: ["recorded elsewhere since January 2025"], position: null, gaps: ["no position among the 12 Kent districts: the figures of Swale, Thanet carry a note on their source"]"#);
}

#[test]
fn a_collapse_is_held_until_somebody_lets_it_through_and_again_when_it_changes() {
    let environment = home();
    let collapsed = |value: i64| {
        move |district: &str, weight: i64, measure: &str, month: i64| {
            if (district, measure) == ("Ashford", "Burglary") && JUNE - 2 <= month {
                return value;
            }
            usual(district, weight, measure, month)
        }
    };
    send(&environment, "first.csv", JUNE, &collapsed(1));
    collect(&environment, "2025-07-21");
    let ran = report(&environment, "2025-07-21").exits(3);
    assert!(
        ran.stdout.contains("held back") && ran.stdout.contains("quarterdeck release"),
        "{}",
        ran.stdout
    );
    let of = |area: &str| indicator(&environment, "made-burglary", area, &[]);
    let keys = ["value", "status", "position", "data", "verdict", "reason", "held"];
    insta::assert_snapshot!(said(&of("Ashford"), &keys), @r#"value: null, status: ["x"], position: null, data: "held", verdict: "cannot-judge", reason: "held back: April to June 2025 is more than 60 % below the same months of the year before, and nobody has confirmed it yet", held: [{"against":"same-months-of-an-earlier-year","figure":"made-burglary/E07000105/2025-26Q1","reason":"held back: April to June 2025 is more than 60 % below the same months of the year before, and nobody has confirmed it yet","usual":116,"value":3}]"#);
    insta::assert_snapshot!(said(&of("Dover"), &["value", "position", "gaps"]), @r#"value: 106, position: null, gaps: ["no position among the 12 Kent districts: no figure for Ashford (held back: April to June 2025 is more than 60 % below the same months of the year before, and nobody has confirmed it yet)"]"#);
    let release = |figure: &str, why: &str| environment.run(&["release", figure, "--why", why]);
    insta::assert_snapshot!(release("made-burglary/E07000105/2025-26Q1", " ").shown(), @r"
        exit: 2
        --- stdout
        --- stderr
        error: say why with --why: it is kept with the decision
    ");
    insta::assert_snapshot!(release("made-burglary/Dover/2025-26Q1", "it is right").shown(), @r"
        exit: 2
        --- stdout
        --- stderr
        error: `made-burglary/E07000108/2025-26Q1` is not held: nothing was done
    ");
    insta::assert_snapshot!(release("made-burglary/2025-26Q1", "it is right").shown(), @r"
        exit: 2
        --- stdout
        --- stderr
        error: `made-burglary/2025-26Q1` names no figure: write measure/area/period, as `police-asb/E07000111/2025-26Q1`
    ");
    let through =
        release("made-burglary/Ashford/2025-26Q1", "the police confirmed it by telephone");
    insta::assert_snapshot!(through.shown(), @r"
        exit: 0
        --- stdout
        made-burglary/E07000105/2025-26Q1 counts as 3 from now on, until it changes (116 was usual): the police confirmed it by telephone
        --- stderr
    ");
    insta::assert_snapshot!(said(&of("Ashford"), &keys), @r#"value: 3, status: [], position: 1, data: "complete", verdict: "improving", reason: "the latest month is below its expected range (control chart)", held: []"#);
    assert_eq!(of("Dover")["position_of"], 12, "everybody has a place again");
    // The report is made anew: what it depends on has changed.
    let again = report(&environment, "2025-07-22");
    assert!(
        again.stdout.contains("2025-26-Q1-02") && !again.stdout.contains("held back"),
        "{}",
        again.stdout
    );
    send(&environment, "second.csv", JUNE, &collapsed(0));
    collect(&environment, "2025-07-23");
    insta::assert_snapshot!(said(&of("Ashford"), &["value", "data"]), @r#"value: null, data: "held""#);
}
