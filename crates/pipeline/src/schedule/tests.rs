use jiff::civil::{Weekday, time};

use super::*;

fn instant(zone: &TimeZone, text: &str) -> Timestamp {
    let local = text.parse::<DateTime>().expect("a time");
    local.to_zoned(zone.clone()).expect("valid").timestamp()
}

fn at(text: &str) -> Timestamp {
    instant(&zone(), text)
}

fn report() -> Schedule {
    let at = time(9, 0, 0, 0);
    Schedule::new(Rule::WorkingDay { nth: 15, side: Side::After, of: Ending::Quarter, at })
}

/// The next four times after a moment, one a line, with key and period.
fn next(rule: Rule, after: &str) -> String {
    let schedule = Schedule::new(rule);
    let calendar = Calendar::default();
    let lines = schedule.after(&calendar, at(after)).take(4).map(|it| {
        let local = it.at.to_zoned(zone());
        format!("{} {} about {}", local.strftime("%a %Y-%m-%d %H:%M %Z"), it.key, it.period)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_rule_gives_its_days_in_local_time() {
    let nine = time(9, 0, 0, 0);
    let working_day = |nth, side, of| Rule::WorkingDay { nth, side, of, at: nine };
    insta::assert_snapshot!(next(working_day(15, Side::After, Ending::Quarter), "2025-07-21T09:00"), @r"
        Tue 2025-10-21 09:00 BST 2025-26Q2 about 2025-26Q2
        Thu 2026-01-22 09:00 GMT 2025-26Q3 about 2025-26Q3
        Thu 2026-04-23 09:00 BST 2025-26Q4 about 2025-26Q4
        Tue 2026-07-21 09:00 BST 2026-27Q1 about 2026-27Q1
    ");
    insta::assert_snapshot!(next(working_day(1, Side::After, Ending::Month), "2025-11-30T12:00"), @r"
        Mon 2025-12-01 09:00 GMT 2025-11 about 2025-11
        Fri 2026-01-02 09:00 GMT 2025-12 about 2025-12
        Mon 2026-02-02 09:00 GMT 2026-01 about 2026-01
        Mon 2026-03-02 09:00 GMT 2026-02 about 2026-02
    ");
    insta::assert_snapshot!(next(working_day(10, Side::Before, Ending::Quarter), "2025-11-30T12:00"), @r"
        Mon 2025-12-15 09:00 GMT 2025-26Q3 about 2025-26Q3
        Tue 2026-03-17 09:00 GMT 2025-26Q4 about 2025-26Q4
        Tue 2026-06-16 09:00 BST 2026-27Q1 about 2026-27Q1
        Wed 2026-09-16 09:00 BST 2026-27Q2 about 2026-27Q2
    ");
    insta::assert_snapshot!(next(working_day(20, Side::After, Ending::Year), "2025-11-30T12:00"), @r"
        Thu 2026-04-30 09:00 BST 2025-26 about 2025-26
        Wed 2027-04-28 09:00 BST 2026-27 about 2026-27
        Wed 2028-05-03 09:00 BST 2027-28 about 2027-28
        Mon 2029-04-30 09:00 BST 2028-29 about 2028-29
    ");
    insta::assert_snapshot!(next(working_day(60, Side::After, Ending::Quarter), "2025-09-20T12:00"), @r"
        Tue 2025-09-23 09:00 BST 2025-26Q1 about 2025-26Q1
        Tue 2025-12-23 09:00 GMT 2025-26Q2 about 2025-26Q2
        Thu 2026-03-26 09:00 GMT 2025-26Q3 about 2025-26Q3
        Mon 2026-06-29 09:00 BST 2025-26Q4 about 2025-26Q4
    ");
    insta::assert_snapshot!(next(Rule::LastWeekday { weekday: Weekday::Friday, of: Ending::Month, at: nine }, "2025-10-31T09:00"), @r"
        Fri 2025-11-28 09:00 GMT 2025-11-28T09:00 about 2025-26Q2
        Fri 2025-12-26 09:00 GMT 2025-12-26T09:00 about 2025-26Q2
        Fri 2026-01-30 09:00 GMT 2026-01-30T09:00 about 2025-26Q3
        Fri 2026-02-27 09:00 GMT 2026-02-27T09:00 about 2025-26Q3
    ");
    insta::assert_snapshot!(next(Rule::LastWeekday { weekday: Weekday::Friday, of: Ending::Quarter, at: nine }, "2025-10-31T09:00"), @r"
        Fri 2025-12-26 09:00 GMT 2025-12-26T09:00 about 2025-26Q2
        Fri 2026-03-27 09:00 GMT 2026-03-27T09:00 about 2025-26Q3
        Fri 2026-06-26 09:00 BST 2026-06-26T09:00 about 2025-26Q4
        Fri 2026-09-25 09:00 BST 2026-09-25T09:00 about 2026-27Q1
    ");
    insta::assert_snapshot!(next(Rule::WorkingDays { at: nine }, "2025-12-24T09:00"), @r"
        Mon 2025-12-29 09:00 GMT 2025-12-29T09:00 about 2025-26Q2
        Tue 2025-12-30 09:00 GMT 2025-12-30T09:00 about 2025-26Q2
        Wed 2025-12-31 09:00 GMT 2025-12-31T09:00 about 2025-26Q2
        Fri 2026-01-02 09:00 GMT 2026-01-02T09:00 about 2025-26Q3
    ");
    insta::assert_snapshot!(next(Rule::EveryMinutes(30), "2025-10-26T00:45"), @r"
        Sun 2025-10-26 01:00 BST 2025-10-26T00:00:00Z about 2025-26Q2
        Sun 2025-10-26 01:30 BST 2025-10-26T00:30:00Z about 2025-26Q2
        Sun 2025-10-26 01:00 GMT 2025-10-26T01:00:00Z about 2025-26Q2
        Sun 2025-10-26 01:30 GMT 2025-10-26T01:30:00Z about 2025-26Q2
    ");
}

#[test]
fn what_the_clocks_skip_or_repeat_comes_once() {
    // 30 March 2025: 01:00 to 02:00 is skipped. 26 October 2025: 01:00 to 02:00 comes twice.
    let half_past_one = Rule::Daily { at: time(1, 30, 0, 0) };
    insta::assert_snapshot!(next(half_past_one.clone(), "2025-03-29T12:00"), @r"
        Sun 2025-03-30 02:30 BST 2025-03-30T01:30 about 2024-25Q3
        Mon 2025-03-31 01:30 BST 2025-03-31T01:30 about 2024-25Q3
        Tue 2025-04-01 01:30 BST 2025-04-01T01:30 about 2024-25Q4
        Wed 2025-04-02 01:30 BST 2025-04-02T01:30 about 2024-25Q4
    ");
    insta::assert_snapshot!(next(half_past_one, "2025-10-25T12:00"), @r"
        Sun 2025-10-26 01:30 BST 2025-10-26T01:30 about 2025-26Q2
        Mon 2025-10-27 01:30 GMT 2025-10-27T01:30 about 2025-26Q2
        Tue 2025-10-28 01:30 GMT 2025-10-28T01:30 about 2025-26Q2
        Wed 2025-10-29 01:30 GMT 2025-10-29T01:30 about 2025-26Q2
    ");
    let cron = |text: &str| Rule::Cron(Box::new(Cron::parse(text).expect("an expression")));
    insta::assert_snapshot!(next(cron("0,30 1 * * *"), "2025-10-26T00:30"), @r"
        Sun 2025-10-26 01:00 BST 2025-10-26T01:00 about 2025-26Q2
        Sun 2025-10-26 01:30 BST 2025-10-26T01:30 about 2025-26Q2
        Mon 2025-10-27 01:00 GMT 2025-10-27T01:00 about 2025-26Q2
        Mon 2025-10-27 01:30 GMT 2025-10-27T01:30 about 2025-26Q2
    ");
    insta::assert_snapshot!(next(cron("0 0 1 1,4,7,10 *"), "2025-09-30T12:00"), @r"
        Wed 2025-10-01 00:00 BST 2025-10-01T00:00 about 2025-26Q2
        Thu 2026-01-01 00:00 GMT 2026-01-01T00:00 about 2025-26Q3
        Wed 2026-04-01 00:00 BST 2026-04-01T00:00 about 2025-26Q4
        Wed 2026-07-01 00:00 BST 2026-07-01T00:00 about 2026-27Q1
    ");
    // Asked in the hour that comes a second time: nothing is named again.
    let second_time = "2025-10-26T01:10:00+00:00".parse::<Timestamp>().expect("a time");
    let schedule = Schedule::new(cron("0,30 1 * * *"));
    let calendar = Calendar::default();
    let next = schedule.after(&calendar, second_time).next().expect("comes");
    assert_eq!(next.key, "2025-10-27T01:00");
}

#[test]
fn an_expression_that_is_none_or_never_comes_is_refused() {
    let refused = |text: &str| Cron::parse(text).expect_err("refused");
    for text in ["", "* * * *", "0 9 * * * *", "61 * * * *", "0 9 * * someday"] {
        assert!(refused(text).contains("five fields"), "{text}");
    }
    insta::assert_snapshot!(refused("0 0 31 2 *"), @"`0 0 31 2 *` never comes: there is no such day");
    // Day of month and weekday: either, as cron has it since 1979.
    let schedule =
        Schedule::new(Rule::Cron(Box::new(Cron::parse("0 6 1 * mon").expect("an expression"))));
    let calendar = Calendar::default();
    let days = schedule.after(&calendar, at("2025-11-28T00:00")).take(3);
    let days: Vec<String> = days.map(|it| it.key).collect();
    assert_eq!(days, ["2025-12-01T06:00", "2025-12-08T06:00", "2025-12-15T06:00"]);
}

/// What is decided, in short: `+` to be run, `-` missed.
fn decided(missed: Missed, known: &Known, now: &str, done: &[&str]) -> String {
    let (schedule, calendar) = (report(), Calendar::default());
    let is_done = |it: &Occurrence| Ok::<_, ()>(done.contains(&it.key.as_str()));
    let decision = decide(&schedule, &calendar, missed, known, at(now), is_done);
    let Decision { run, missed, passed: _ } = decision.expect("looked up");
    let run = run.iter().map(|it| format!("+{}", it.key));
    let missed = missed.iter().map(|(it, _)| format!("-{}", it.key));
    run.chain(missed).collect::<Vec<_>>().join(" ")
}

fn seen(text: &str) -> Known {
    Known { seen_at: at(text), edited_at: None, last_due: None, open: Vec::new() }
}

fn last(text: &str) -> Known {
    Known { last_due: Some(at(text)), ..seen(text) }
}

#[test]
fn the_report_is_due_once_on_its_day_and_is_caught_up_after_it() {
    let usual = Missed::default();
    let new = seen("2025-07-20T12:00");
    assert_eq!(decided(usual, &new, "2025-07-21T08:59:59", &[]), "");
    assert_eq!(decided(usual, &new, "2025-07-21T09:00:00", &[]), "+2025-26Q1");
    assert_eq!(decided(usual, &new, "2025-07-21T09:00:00", &["2025-26Q1"]), "");
    assert_eq!(decided(usual, &new, "2025-08-30T12:00:00", &[]), "+2025-26Q1");
    assert_eq!(decided(usual, &seen("2025-07-28T08:00"), "2025-07-28T08:00:00", &[]), "+2025-26Q1");
    // New, and too late: not its business.
    assert_eq!(decided(usual, &seen("2025-07-29T12:00"), "2025-07-29T12:00:00", &[]), "");
    // Seen in time, then asleep.
    assert_eq!(decided(usual, &new, "2025-09-20T12:00:00", &[]), "-2025-26Q1");
    // Known, and too late: said, not passed over.
    let known = last("2025-04-24T09:00");
    assert_eq!(decided(usual, &known, "2025-09-20T12:00:00", &[]), "-2025-26Q1");
    // Off for seven months.
    assert_eq!(decided(usual, &known, "2025-11-01T12:00:00", &[]), "+2025-26Q2 -2025-26Q1");
    let all = Missed { runs: MissedRuns::All, within_days: 365 };
    assert_eq!(decided(all, &known, "2025-11-01T12:00:00", &[]), "+2025-26Q1 +2025-26Q2");
    let none = Missed { runs: MissedRuns::None, within_days: 45 };
    assert_eq!(decided(none, &known, "2025-07-21T09:00:20", &[]), "+2025-26Q1");
    assert_eq!(decided(none, &known, "2025-07-21T10:00:20", &[]), "-2025-26Q1");
}

#[test]
fn editing_a_schedule_replays_nothing_and_loses_nothing() {
    let usual = Missed::default();
    let edited = |text: &str, last: &str| Known {
        seen_at: at(last),
        edited_at: Some(at(text)),
        last_due: Some(at(last)),
        open: Vec::new(),
    };
    // Quarter 1 was run on another day; then the schedule was changed to this one, whose day is still to come.
    let known = edited("2025-07-15T12:00", "2025-07-14T09:00");
    assert_eq!(decided(usual, &known, "2025-07-22T12:00", &["2025-26Q1"]), "");
    // It had not been run when the schedule was changed to a day that is past: now it is due.
    let known = edited("2025-07-25T12:00", "2025-04-24T09:00");
    assert_eq!(decided(usual, &known, "2025-07-25T12:01", &["2024-25Q4"]), "+2025-26Q1");
    // What is waiting stays what it was.
    let waiting = Occurrence {
        at: at("2025-07-14T09:00"),
        key: "2025-26Q1".to_owned(),
        period: "2025-26Q1".parse().expect("a period"),
    };
    let known = Known { open: vec![waiting], ..edited("2025-07-15T12:00", "2025-07-14T09:00") };
    assert_eq!(decided(usual, &known, "2025-07-22T12:00", &[]), "+2025-26Q1");
}

#[test]
fn a_schedule_by_the_minute_is_no_stampede() {
    let schedule =
        Schedule::new(Rule::Cron(Box::new(Cron::parse("* * * * *").expect("an expression"))));
    let calendar = Calendar::default();
    let all = Missed { runs: MissedRuns::All, within_days: 45 };
    let known = last("2025-07-01T00:00");
    let now = at("2025-07-21T09:00");
    let decision = decide(&schedule, &calendar, all, &known, now, |_| Ok::<_, ()>(false));
    let decision = decision.expect("looked up");
    assert!(decision.run.len() <= 40, "{}", decision.run.len());
}
