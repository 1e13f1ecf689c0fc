//! Verdicts, their reasons and their sentences agree with the figures.

use analysis::{
    Assessed, DataStatus, SpcState, SuccessVerdict, Verdict, assess, judge_success, sentence,
};
use model::{
    Disclosure, Mark, Measure, NoteEffect, Polarity, Scope, SourceNote, SourceNotes, SuccessRule,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{Sizes, World, cases, world};

/// Words of the code that no reader knows.
const CODE_WORDS: [&str; 11] =
    ["None", "Some(", "NaN", "inf ", "null", "{", "}", "::", "_", "  ", "Err("];

/// A partnership with a note: blocked from a month on, or marked.
fn noted_world() -> impl Strategy<Value = World> {
    let measures = select(vec!["open", "other", "rounded", "small", "money"]);
    (world(Sizes::Any), measures, 0..26_i32, any::<bool>()).prop_map(|(world, id, back, block)| {
        let note = SourceNote {
            id: "note".to_owned(),
            scope: Scope { measures: vec![id.into()], areas: Vec::new() },
            from: world.period.last().plus(-back),
            to: Some(world.period.last().plus(-back / 2)),
            effect: if block { NoteEffect::Block } else { NoteEffect::Mark(Mark::E) },
            why: "recorded elsewhere".to_owned(),
        };
        World { notes: SourceNotes { notes: vec![note], ..SourceNotes::default() }, ..world }
    })
}

fn assert_plain(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.trim() == text && text.split(' ').count() > 1, "`{text}`");
    for word in CODE_WORDS {
        prop_assert!(!text.contains(word), "`{text}` has `{word}`");
    }
    Ok(())
}

/// Which way the statistic behind a verdict points: 1 is up.
fn pointing(row: &Assessed) -> Option<i64> {
    let it = &row.indicator;
    match it.spc.as_ref().map(|spc| spc.state) {
        Some(SpcState::SpecialHigh) => Some(1),
        Some(SpcState::SpecialLow) => Some(-1),
        Some(SpcState::CommonCause) => None,
        None => it.change.or(it.rolling_change).map(|change| change.absolute.signum()),
    }
}

fn assert_agrees(
    verdict: Verdict,
    pointing: Option<i64>,
    measure: &Measure,
) -> Result<(), TestCaseError> {
    let better = match measure.polarity {
        Polarity::LowerIsBetter => Some(-1),
        Polarity::HigherIsBetter => Some(1),
        Polarity::Neutral => None,
    };
    match verdict {
        Verdict::Improving => prop_assert!(better.is_some() && pointing == better),
        Verdict::Concern => prop_assert!(better.is_some() && pointing == better.map(|way| -way)),
        Verdict::NoChange => prop_assert!(better.is_some()),
        Verdict::CannotJudge => {}
    }
    Ok(())
}

/// What a success measure's verdict needs of the row it is about.
fn has_what_it_judges(rule: &SuccessRule, row: &analysis::DisclosedIndicator) -> bool {
    let known = row.value.value().is_some();
    match rule {
        SuccessRule::MaintainPosition { .. } => row.position.is_some(),
        SuccessRule::ImprovePosition => {
            row.position.is_some() && row.position_year_before.is_some()
        }
        SuccessRule::Reduce | SuccessRule::Increase | SuccessRule::HaltTheRise => {
            known && row.year_before.value().is_some() && row.change.value().is_some()
        }
        _ => known,
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn a_verdict_agrees_with_its_statistic(world in noted_world()) {
        let assessed = world.assessed();
        for (key, row) in &assessed.rows {
            let measure = &world.measures[&key.measure];
            assert_agrees(row.verdict, pointing(row), measure)?;
            assert_plain(&row.reason)?;
            let unusable = matches!(row.indicator.data, DataStatus::Blocked | DataStatus::Held | DataStatus::Withheld | DataStatus::Missing);
            prop_assert!(!unusable || row.verdict == Verdict::CannotJudge, "{key:?}");
            prop_assert!(measure.polarity != Polarity::Neutral || row.verdict == Verdict::CannotJudge);
            for gap in row.indicator.gaps.iter().chain(&row.indicator.blocked) {
                assert_plain(gap)?;
            }
        }
    }

    #[test]
    fn a_shown_verdict_agrees_with_what_is_shown(world in noted_world()) {
        for (key, row) in world.disclosed().rows() {
            let measure = &world.measures[&key.measure];
            assert_plain(&row.reason)?;
            if measure.disclosure == Disclosure::Open {
                continue;
            }
            let (now, then) = if row.change.value().is_some() {
                (&row.value, &row.year_before)
            } else {
                (&row.rolling_12_months, &row.rolling_12_months_previous)
            };
            let pointing = now.value().zip(then.value()).map(|(now, then)| (now - then).signum());
            assert_agrees(row.verdict, pointing, measure)?;
            prop_assert!(row.verdict == Verdict::CannotJudge || pointing.is_some());
            prop_assert!(!row.value.is_withheld() || row.verdict == Verdict::CannotJudge);
        }
    }

    #[test]
    fn a_sentence_says_only_what_there_is(world in noted_world()) {
        for (key, row) in &world.assessed().rows {
            let text = sentence(row, &world.measures[&key.measure], world.period);
            assert_plain(&text)?;
            prop_assert!(text.ends_with('.') && !text.ends_with(".."), "{text}");
            let it = &row.indicator;
            let none = it.value.value.is_none() && it.rolling_12_months.value.is_none();
            prop_assert_eq!(none, text.starts_with("Not available"), "{}", text);
            prop_assert!(it.position.is_some() || !text.contains(" among "), "{text}");
            prop_assert!(it.change.is_some() || it.rolling_change.is_some() || !text.contains(" than in "), "{text}");
        }
    }

    #[test]
    fn nothing_is_met_or_missed_by_a_figure_that_is_not_there(world in noted_world()) {
        let table = world.disclosed();
        let day = world.period.last().last_day();
        let outcomes = judge_success(&table, &world.partnership, &world.measures, &[], day);
        prop_assert_eq!(outcomes.len(), world.partnership.success_measures.len());
        for (outcome, success) in outcomes.iter().zip(&world.partnership.success_measures) {
            assert_plain(&outcome.sentence)?;
            let key = super::world::whole(success.measures[0].as_str(), &"D00".into());
            let row = table.get(&key);
            let judged = outcome.verdict != SuccessVerdict::CannotJudge;
            let known = row.is_some_and(|row| has_what_it_judges(&success.rule, row));
            prop_assert!(!judged || known, "{:?} of {:?}: {}", success.rule, row, outcome.sentence);
            let barred = row.is_some_and(|row| {
                matches!(row.statuses.data, DataStatus::Blocked | DataStatus::Held | DataStatus::Withheld | DataStatus::Missing)
            });
            prop_assert!(!(judged && barred));
        }
        let assessed = assess(&world.table(), &world.measures);
        prop_assert_eq!(assessed.period, table.period());
    }
}
