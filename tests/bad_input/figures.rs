//! What makes figures wrong: each is refused by name in `config check`, or marked by name in the figure.

use testkit::Environment;

use crate::{assert_plain, environment};

/// What `config check` says of a configuration that is changed like this.
fn said(change: impl FnOnce(&Environment)) -> String {
    let environment = environment();
    change(&environment);
    let ran = environment.run(&["config", "check"]).exits(2);
    // The key of a rule is called `kind`, which elsewhere betrays the program's insides.
    assert_plain(&ran.stderr.replace("rule.kind:", ""));
    ran.stderr.trim_end().to_owned()
}

fn append(environment: &Environment, file: &str, text: &str) {
    let before = environment.read(file);
    environment.write(file, format!("{before}\n{text}"));
}

fn measure(more: &str) -> String {
    format!(
        "[[measure]]\nid = \"mine\"\nlabel = \"Mine\"\ngeography = \"district\"\nsource = \"me\"\n{more}\n"
    )
}

#[test]
fn a_measure_without_polarity() {
    let found = said(|environment| {
        let more = "unit = \"count\"\ndisclosure = \"open\"";
        append(environment, "config/measures.toml", &measure(more));
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/measures.toml: measure[mine].polarity: is missing
        error: 1 problem in the configuration
    ");
}

#[test]
fn quotients_that_mean_nothing() {
    let found = |unit: &str, disclosure: &str, quotient: &str| {
        said(|environment| {
            let more = format!(
                "unit = \"{unit}\"\npolarity = \"neutral\"\ndisclosure = \"{disclosure}\"\nquotient = {quotient}"
            );
            append(environment, "config/measures.toml", &measure(&more));
        })
    };
    let all = [
        found("count", "open", "{ of = \"police-asb\", by = \"police-crime\" }"),
        found("percent", "open", "{ of = \"police-absent\", by = \"police-crime\" }"),
        found(
            "percent",
            "open",
            "{ of = \"davss-referrals[risk=high]\", by = \"davss-referrals\" }",
        ),
        found("percent", "open", "{ of = \"police-asb[\", by = \"police-crime\" }"),
        found("percent", "open", "{ of = \"ons-robbery\", by = \"police-crime\" }"),
        found("percent", "open", "{ of = \"police-violence-share\", by = \"police-crime\" }"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
        error: ./config/measures.toml: measure[mine].quotient: a quotient is no count: the unit is percent (a share), pounds or decimal
        error: 1 problem in the configuration
        error: ./config/measures.toml: measure[mine].quotient: `police-absent` is no measure
        error: 1 problem in the configuration
        error: ./config/measures.toml: measure[mine].quotient: `davss-referrals` is protected: a quotient of it must be suppressed
        error: 1 problem in the configuration
        error: ./config/measures.toml: measure[mine].quotient.of: `police-asb[` is neither: write a measure, or a part of one: `davss-referrals[risk=high]`
        error: 1 problem in the configuration
        error: ./config/measures.toml: measure[mine].quotient: `ons-robbery` is counted for another kind of area
        error: 1 problem in the configuration
        error: ./config/measures.toml: measure[mine].quotient: `police-violence-share` is a quotient itself
        error: 1 problem in the configuration
    ");
}

#[test]
fn a_target_for_a_measure_that_does_not_exist() {
    let found = said(|environment| {
        let target = "[[target]]\nmeasure = \"police-arson\"\nmonthly = 3\nsource = \"a plan\"\n";
        append(environment, "config/partnership.toml", target);
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/partnership.toml: target[police-arson].measure: `police-arson` is no measure in measures.toml
        error: 1 problem in the configuration
    ");
}

#[test]
fn peer_sets_that_cannot_be_ranked() {
    let found = said(|environment| {
        let set = "[[peer_set]]\nid = \"odd\"\nlabel = \"some areas\"\ngeography = \"district\"\nareas = [\"E07000111\", \"E07000111\", \"E22000137\", \"E07009999\"]\n";
        append(environment, "config/partnership.toml", set);
        let more = "unit = \"count\"\npolarity = \"neutral\"\ndisclosure = \"open\"\npeer_set = \"kent-csps\"";
        append(environment, "config/measures.toml", &measure(more));
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/partnership.toml: peer_set[odd].areas: Sevenoaks (`E07000111`) is there twice: it would count twice
        error: ./config/partnership.toml: peer_set[odd].areas: Ashford (`E22000137`) is another kind of area
        error: ./config/partnership.toml: peer_set[odd].areas: `E07009999` is no area
        error: ./config/measures.toml: measure[mine].peer_set: `kent-csps` is of another kind of area than the measure is counted for
        error: 4 problems in the configuration
    ");
}

#[test]
fn an_area_in_two_peer_sets_is_compared_within_the_one_that_is_named() {
    let environment = environment();
    let _demonstrated = environment.run(&["demo"]).exits(0);
    let position = || {
        let asked = ["indicators", "--measure", "police-asb", "--area", "Sevenoaks", "--json"];
        let found = environment.run(&asked).exits(0).json();
        let found = &found["indicators"][0];
        format!("{} of {} among {}", found["position"], found["position_of"], found["peers"])
    };
    insta::assert_snapshot!(position(), @r#"4 of 12 among "the 12 Kent districts""#);
    let asb = "label = \"Anti-social behaviour incidents (police.uk)\"\n";
    let other = format!("{asb}peer_set = \"kent-districts-and-medway\"\n");
    environment.edit("config/measures.toml", asb, &other);
    insta::assert_snapshot!(position(), @r#"4 of 13 among "the 12 Kent districts and Medway""#);
}

#[test]
fn populations_that_say_nothing_or_say_it_twice() {
    let found = said(|environment| {
        let lines = "E07000111,Sevenoaks,mid-2020,121387\nE07000111,Sevenoaks,latest,122000\nE07000112,Folkestone and Hythe,mid-2024,-5\n";
        let before = environment.read("config/populations.csv");
        environment.write("config/populations.csv", format!("{before}{lines}"));
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/populations.csv: line 15: `E07000111` is there twice for mid-2020
        error: ./config/populations.csv: line 16: `latest` names no year: write mid-2020
        error: ./config/populations.csv: line 17: `-5` is not a number of residents
        error: 3 problems in the configuration
    ");
}

#[test]
fn source_notes_that_contradict_each_other_or_mean_nothing() {
    let found = said(|environment| {
        environment.write(
            "config/source-notes.toml",
            r#"
[[break]]
id = "first"
measures = ["police-*"]
from = "2025-01"
to = "2025-06"
why = "one thing"

[[break]]
id = "second"
measures = ["police-asb"]
areas = ["Sevenoaks"]
from = "2025-03"
why = "another thing"

[[break]]
id = "backwards"
measures = ["police-asb"]
from = "2024-06"
to = "2024-01"
why = "it ends before it begins"

[[note]]
id = "nowhere"
measures = ["police-ash"]
areas = ["Atlantis"]
from = "spring"
effect = "hide"
why = "nobody knows"

[[rebase]]
measures = ["police-asb"]
from = "2025-01"
decided = "soon"
why = "a new team"

[[baseline]]
measures = ["police-asb"]
months = "2025-01..2025-06"
why = "half a year"
"#,
        );
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/source-notes.toml: note[nowhere].measures: there is no measure `police-ash`: did you mean `police-asb`?
        error: ./config/source-notes.toml: note[nowhere].areas: `Atlantis` is no area that these measures are counted for
        error: ./config/source-notes.toml: note[nowhere].effect: `hide` is none of block, mark
        error: ./config/source-notes.toml: note[nowhere].from: `spring` is not a month: write 2024-01
        error: ./config/source-notes.toml: break[backwards].to: is before `from`
        error: ./config/source-notes.toml: rebase[1].decided: `soon` is not a date: write 2025-07-21
        error: ./config/source-notes.toml: baseline[1].months: a baseline needs 12 months: fewer set no lasting limits
        error: ./config/source-notes.toml: break[second]: overlaps with break[first] for `police-asb`, Sevenoaks: one break a stretch of months
        error: 8 problems in the configuration
    ");
}

#[test]
fn success_measures_that_cannot_be_judged_by_their_rule() {
    let found = said(|environment| {
        let text = "[[success_measure]]\nid = \"odd\"\ntext = \"Odd.\"\nmeasures = [\"police-arson\"]\nrule = { kind = \"hold-the-line\" }\n\n[[success_measure]]\nid = \"by\"\ntext = \"By.\"\nmeasures = []\nrule = { kind = \"deliver\", actions = [\"1.1\"], by = \"spring\" }\n";
        append(environment, "config/partnership.toml", text);
    });
    insta::assert_snapshot!(found, @r"
        error: ./config/partnership.toml: success_measure[odd].rule.kind: `hold-the-line` is none of maintain-position, improve-position, reduce, increase, at-least, maintain-rate, halt-the-rise, deliver
        error: ./config/partnership.toml: success_measure[odd].rule.within: is missing
        error: ./config/partnership.toml: success_measure[by].rule.by: `spring` is not a date: write 2026-03-31
        error: ./config/partnership.toml: success_measure[odd].measures: `police-arson` is no measure
        error: 4 problems in the configuration
    ");
}
