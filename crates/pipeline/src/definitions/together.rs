//! What no file can check by itself: that names used in one are defined in another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use intake::contract;
use model::{Disclosure, JobId, Measure, MeasureId, Operand, Polarity, ReturnId, Unit};

use super::{Approval, DefinitionFolders, Definitions, JobKind};
use crate::keys::{Problems, UNREAD};
use crate::settings::SourcePlace;

/// Notes every name that is used and not defined.
pub(super) fn check(
    definitions: &Definitions,
    config: &Path,
    folders: &DefinitionFolders,
    texts: &BTreeMap<String, String>,
    problems: &Problems,
) {
    let Definitions { settings, partnership, measures, contracts, jobs, .. } = definitions;
    let file = |name: &str| config.join(name).display().to_string();
    for (source, definition) in &settings.sources {
        if !contracts.contains_key(&definition.return_id) {
            problems.note(
                &file("quarterdeck.toml"),
                &format!("sources.{source}.return"),
                format!("there is no contract returns/{}.toml", definition.return_id),
            );
        }
        if let SourcePlace::Folder { path } = &definition.place
            && path.as_os_str().is_empty()
        {
            problems.note(&file("quarterdeck.toml"), &format!("sources.{source}.path"), "is empty");
        }
    }
    check_measures(definitions, &file("measures.toml"), problems);
    for success in &partnership.success_measures {
        for measure in success.measures.iter().filter(|id| !measures.contains_key(*id)) {
            let key = format!("success_measure[{}].measures", success.id);
            problems.note(&file("partnership.toml"), &key, format!("`{measure}` is no measure"));
        }
    }
    check_targets(definitions, &file("partnership.toml"), problems);
    check_contracts(definitions, config, texts, problems);
    for (id, job) in jobs {
        let file = folders.jobs.join(id.as_str()).join("job.toml").display().to_string();
        for to in job
            .recipients()
            .filter(|to| !partnership.recipients.iter().any(|known| known.id == **to))
        {
            problems.note(&file, "to", format!("`{to}` is no recipient in partnership.toml"));
        }
        if let Some(Approval { by, .. }) = &job.approval
            && by.as_str() != UNREAD
            && !partnership.recipients.iter().any(|known| known.id == *by)
        {
            let message = format!("`{by}` is no recipient in partnership.toml");
            problems.note(&file, "approval.by", message);
        }
        let is_report = |id: &JobId| jobs.get(id).is_some_and(|it| it.kind == JobKind::Report);
        if job.kind == JobKind::Rehearse && !job.rehearses.as_ref().is_some_and(is_report) {
            let message =
                "must name a job that makes a report: rehearses = \"quarterly-monitoring\"";
            problems.note(&file, "rehearses", message);
        }
        for id in job.required.iter().filter(|id| !contracts.contains_key(*id)) {
            problems.note(&file, "required", format!("`{id}` is no return in config/returns/"));
        }
        for id in job.coverage_percent_min.keys().filter(|id| !measures.contains_key(*id)) {
            problems.note(&file, &format!("coverage.{id}"), "is no measure in measures.toml");
        }
    }
}

fn check_targets(definitions: &Definitions, file: &str, problems: &Problems) {
    let mut seen = BTreeSet::new();
    for target in &definitions.partnership.targets {
        let key = format!("target[{}]", target.measure);
        match definitions.measures.get(&target.measure) {
            None => {
                let message = format!("`{}` is no measure in measures.toml", target.measure);
                problems.note(file, &format!("{key}.measure"), message);
            }
            Some(measure) if measure.unit != Unit::Count => {
                let message = "a monthly target is for counts: other measures have no chart";
                problems.note(file, &format!("{key}.measure"), message);
            }
            Some(measure) if measure.polarity == Polarity::Neutral => {
                let message = "neither more nor fewer is better of it: no target can be met";
                problems.note(file, &format!("{key}.measure"), message);
            }
            Some(_) => {}
        }
        if !seen.insert(&target.measure) {
            problems.note(file, &key, "is there twice");
        }
    }
}

fn check_measures(definitions: &Definitions, file: &str, problems: &Problems) {
    let Definitions { partnership, measures, .. } = definitions;
    let priorities: Vec<_> = partnership.priorities.iter().map(|priority| &priority.id).collect();
    for measure in measures.values() {
        let key = format!("measure[{}]", measure.id);
        if let Some(priority) = &measure.priority
            && !priorities.contains(&priority)
        {
            let message = format!("`{priority}` is no priority in partnership.toml");
            problems.note(file, &format!("{key}.priority"), message);
        }
        // What follows from a missing disclosure is not worth a line each.
        if problems.has(&format!("{key}.disclosure")) {
            continue;
        }
        if measure.disclosure == Disclosure::Rounded && measure.unit != Unit::Count {
            let message =
                "only counts are rounded: say open or suppressed (which withholds it whole)";
            problems.note(file, &format!("{key}.disclosure"), message);
        }
        if measure.disclosure == Disclosure::Suppressed && !measure.sum_of.is_empty() {
            let message =
                "a suppressed measure cannot be a sum of others: its parts could be worked out";
            problems.note(file, &format!("{key}.sum_of"), message);
        }
        check_quotient(definitions, measure, (file, &key), problems);
        if let Some(id) = &measure.peer_set {
            let set = partnership.peer_sets.iter().find(|set| set.id == *id);
            let message = match set {
                None => Some(format!("`{id}` is no peer set in partnership.toml")),
                Some(set) if set.geography != measure.geography => Some(format!(
                    "`{id}` is of another kind of area than the measure is counted for"
                )),
                Some(_) => None,
            };
            if let Some(message) = message {
                problems.note(file, &format!("{key}.peer_set"), message);
            }
        }
        for part in &measure.sum_of {
            let message = match measures.get(part) {
                None => format!("`{part}` is no measure"),
                Some(part) if part.is_derived() => {
                    format!("`{}` is made from others itself: name its parts", part.id)
                }
                Some(part) if part.unit != measure.unit || !part.unit.is_additive() => {
                    format!("`{}` is in another unit, or in one that is never added up", part.id)
                }
                Some(part) if part.disclosure != measure.disclosure => {
                    format!("`{}` has another disclosure: a sum would give it away", part.id)
                }
                Some(_) => continue,
            };
            problems.note(file, &format!("{key}.sum_of"), message);
        }
    }
}

fn check_quotient(
    definitions: &Definitions,
    measure: &Measure,
    (file, key): (&str, &str),
    problems: &Problems,
) {
    let Some(parts) = &measure.quotient else { return };
    let note = |message: String| problems.note(file, &format!("{key}.quotient"), message);
    if measure.unit == Unit::Count {
        note("a quotient is no count: the unit is percent (a share), pounds or decimal".to_owned());
    }
    let mut sides = vec![&parts.numerator];
    // What is wrong with a measure is said once, also where a share is a part of it by the whole.
    sides.extend(
        (parts.numerator.measure != parts.denominator.measure).then_some(&parts.denominator),
    );
    for operand in sides {
        match definitions.measures.get(&operand.measure) {
            None => note(format!("`{}` is no measure", operand.measure)),
            Some(part) if part.quotient.is_some() => {
                note(format!("`{}` is a quotient itself", part.id));
            }
            Some(part) if !part.unit.is_additive() => note(format!(
                "`{}` is a percentage or an average: those are never added up, so they cannot be divided",
                part.id
            )),
            Some(part) if part.geography != measure.geography => {
                note(format!("`{}` is counted for another kind of area", part.id));
            }
            // A share of protected counts gives them away with the other side of it.
            Some(part)
                if part.disclosure != Disclosure::Open
                    && measure.disclosure != Disclosure::Suppressed =>
            {
                note(format!("`{}` is protected: a quotient of it must be suppressed", part.id));
            }
            Some(_) => {}
        }
        if let Some(message) = unknown_part(definitions, operand) {
            note(message);
        }
    }
}

/// That no return carries a part, where the contracts name all there are.
fn unknown_part(definitions: &Definitions, operand: &Operand) -> Option<String> {
    if operand.breakdown.is_all() {
        return None;
    }
    let carrying: Vec<_> = definitions
        .contracts
        .values()
        .filter(|contract| contract.measures().contains(&operand.measure))
        .collect();
    let known: BTreeSet<String> = carrying
        .iter()
        .flat_map(|contract| contract.parts_of(&operand.measure))
        .filter(|part| !part.is_all())
        .map(ToString::to_string)
        .collect();
    let is_open = known.is_empty() || carrying.iter().any(|contract| contract.reads_parts());
    let part = operand.breakdown.to_string();
    (!is_open && !known.contains(&part)).then(|| {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        format!(
            "no return carries `{}[{part}]`: its parts are {}",
            operand.measure,
            known.join(", ")
        )
    })
}

fn check_contracts(
    definitions: &Definitions,
    config: &Path,
    texts: &BTreeMap<String, String>,
    problems: &Problems,
) {
    let Definitions { partnership, measures, contracts, .. } = definitions;
    let mut owner: BTreeMap<&MeasureId, &ReturnId> = BTreeMap::new();
    for (id, contract) in contracts {
        let file = config.join("returns").join(format!("{id}.toml")).display().to_string();
        if !partnership.partners.iter().any(|partner| partner.id == contract.partner) {
            let message = format!("`{}` is no partner in partnership.toml", contract.partner);
            problems.note(&file, "partner", message);
        }
        let text = texts.get(&file).map_or("", String::as_str);
        for problem in contract::unknown_words(contract, text, partnership, measures) {
            problems.note(&file, "", problem);
        }
        for measure in contract.measures() {
            if let Some(other) = owner.insert(measure, id) {
                let message =
                    format!("`{measure}` is already carried by {other}: one return a measure");
                problems.note(&file, "labels", message);
            }
        }
    }
}
