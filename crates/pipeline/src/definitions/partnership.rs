//! `partnership.toml`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{
    Area, AreaCode, Geography, MeasureId, Partner, PartnerId, Partnership, PeerSet, Per, Priority,
    PriorityId, Recipient, SuccessMeasure, SuccessRule, Target,
};
use toml::Table;

use super::tables::GEOGRAPHIES;
use crate::keys::{Problems, Section};
use crate::settings::address;

pub(super) fn read(file: &str, table: &Table, problems: &Problems) -> Partnership {
    let root = Section::root(file, table, problems);
    let partnership = Partnership {
        name: root.text("name"),
        short_name: root.text("short_name"),
        home: home(&root),
        areas: root.sections("area").into_iter().map(area).collect(),
        peer_sets: root.sections("peer_set").into_iter().map(peer_set).collect(),
        priorities: priorities(&root),
        success_measures: root.sections("success_measure").into_iter().map(success).collect(),
        targets: root.sections("target").into_iter().map(target).collect(),
        partners: root.sections("partner").into_iter().map(partner).collect(),
        recipients: root.sections("recipient").into_iter().map(recipient).collect(),
    };
    check(&partnership, &root);
    root.finish();
    partnership
}

fn home(root: &Section<'_>) -> BTreeMap<Geography, AreaCode> {
    let Some(section) = root.section("home") else {
        root.problem("home", "is missing: the partnership's own area, by geography");
        return BTreeMap::new();
    };
    let home = GEOGRAPHIES
        .iter()
        .filter_map(|(name, geography)| {
            section.optional_text(name).map(|code| (*geography, AreaCode::new(code)))
        })
        .collect();
    section.finish();
    home
}

fn area(section: Section<'_>) -> Area {
    let area = Area {
        code: AreaCode::new(section.text("code")),
        name: section.text("name"),
        aliases: section.texts("aliases"),
        geography: section.one_of("geography", &GEOGRAPHIES),
        districts: section.texts("districts").into_iter().map(AreaCode::new).collect(),
    };
    section.finish();
    area
}

fn peer_set(section: Section<'_>) -> PeerSet {
    let set = PeerSet {
        id: section.text("id"),
        label: section.text("label"),
        geography: section.one_of("geography", &GEOGRAPHIES),
        areas: section.texts("areas").into_iter().map(AreaCode::new).collect(),
        vintage: section.optional_text("vintage").unwrap_or_default(),
    };
    section.finish();
    set
}

fn target(section: Section<'_>) -> Target {
    let target = Target {
        measure: MeasureId::new(section.text("measure")),
        monthly: section.integer("monthly", 0..=i64::MAX),
        source: section.text("source"),
    };
    section.finish();
    target
}

fn priorities(root: &Section<'_>) -> Vec<Priority> {
    let mut priorities: Vec<Priority> = root
        .sections("priority")
        .into_iter()
        .map(|section| {
            let priority = Priority {
                id: PriorityId::new(section.text("id")),
                rank: u32::try_from(section.integer("rank", 1..=99)).unwrap_or(99),
                title: section.text("title"),
            };
            section.finish();
            priority
        })
        .collect();
    priorities.sort_by_key(|priority| priority.rank);
    priorities
}

fn success(section: Section<'_>) -> SuccessMeasure {
    let success = SuccessMeasure {
        id: section.text("id"),
        priority: section.optional_text("priority").map(PriorityId::new),
        text: section.text("text"),
        measures: section.texts("measures").into_iter().map(MeasureId::new).collect(),
        rule: rule(&section),
        cannot_judge: section.optional_text("cannot_judge"),
    };
    section.finish();
    success
}

fn rule(section: &Section<'_>) -> SuccessRule {
    #[derive(Clone, Copy)]
    enum Kind {
        Maintain,
        Improve,
        Reduce,
        Increase,
        AtLeast,
        MaintainRate,
        HaltTheRise,
        Monitor,
        Deliver,
    }
    let Some(rule) = section.section("rule") else {
        section.problem("rule", "is missing: rule = { kind = … }");
        return SuccessRule::Reduce;
    };
    let kinds = [
        ("maintain-position", Kind::Maintain),
        ("improve-position", Kind::Improve),
        ("reduce", Kind::Reduce),
        ("increase", Kind::Increase),
        ("at-least", Kind::AtLeast),
        ("maintain-rate", Kind::MaintainRate),
        ("halt-the-rise", Kind::HaltTheRise),
        ("monitor", Kind::Monitor),
        ("deliver", Kind::Deliver),
    ];
    let read = match rule.one_of("kind", &kinds) {
        Kind::Maintain => SuccessRule::MaintainPosition {
            within: u32::try_from(rule.integer("within", 1..=100)).unwrap_or(1),
        },
        Kind::Improve => SuccessRule::ImprovePosition,
        Kind::Reduce => SuccessRule::Reduce,
        Kind::Increase => SuccessRule::Increase,
        Kind::AtLeast => {
            SuccessRule::AtLeast { value: rule.integer("value", 0..=i64::MAX), per: per(&rule) }
        }
        Kind::Monitor => SuccessRule::Monitor,
        Kind::MaintainRate => SuccessRule::MaintainRate {
            value: rule.integer("value", 0..=i64::MAX),
            per: per(&rule),
        },
        Kind::HaltTheRise => SuccessRule::HaltTheRise,
        Kind::Deliver => SuccessRule::Deliver { actions: rule.texts("actions"), by: by(&rule) },
    };
    rule.finish();
    read
}

/// How long a level is for: the quarter unless it says otherwise.
fn per(rule: &Section<'_>) -> Per {
    match rule.optional_text("per").as_deref() {
        None | Some("quarter") => Per::Quarter,
        Some("year") => Per::Year,
        Some(other) => {
            rule.problem("per", format!("`{other}` is none of quarter, year"));
            Per::Quarter
        }
    }
}

/// The last day for something that is to be delivered.
fn by(rule: &Section<'_>) -> Option<jiff::civil::Date> {
    let text = rule.optional_text("by")?;
    let date = text.parse().ok();
    if date.is_none() {
        rule.problem("by", format!("`{text}` is not a date: write 2026-03-31"));
    }
    date
}

fn partner(section: Section<'_>) -> Partner {
    let contact = section.optional_text("contact");
    let partner = Partner {
        id: PartnerId::new(section.text("id")),
        name: section.text("name"),
        contact: contact.map(|text| address(&section, "contact", text)),
        lead: section.optional_text("lead").map(|text| address(&section, "lead", text)),
        away: section.texts("away").iter().filter_map(|text| away(&section, text)).collect(),
    };
    section.finish();
    partner
}

/// `2025-08-01..2025-08-15`, both inclusive; or one day.
fn away(partner: &Section<'_>, text: &str) -> Option<(Date, Date)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    match (from.trim().parse::<Date>(), to.trim().parse::<Date>()) {
        (Ok(from), Ok(to)) if from <= to => Some((from, to)),
        _ => {
            let message = format!("`{text}` are no days: write 2025-08-01..2025-08-15");
            partner.problem("away", message);
            None
        }
    }
}

fn recipient(section: Section<'_>) -> Recipient {
    let recipient = Recipient {
        id: section.text("id"),
        role: section.text("role"),
        address: address(&section, "address", section.text("address")),
        priority: section.optional_text("priority").map(PriorityId::new),
    };
    section.finish();
    recipient
}

fn check(partnership: &Partnership, root: &Section<'_>) {
    let mut seen = BTreeSet::new();
    for area in &partnership.areas {
        if !seen.insert(&area.code) {
            root.problem("area", format!("`{}` is there twice", area.code));
        }
    }
    let known = |code: &AreaCode| seen.contains(code);
    for area in &partnership.areas {
        for code in area.districts.iter().filter(|code| !known(code)) {
            root.problem(&format!("area[{}].districts", area.code), format!("`{code}` is no area"));
        }
    }
    for set in &partnership.peer_sets {
        let key = format!("peer_set[{}].areas", set.id);
        let mut members = BTreeSet::new();
        for code in &set.areas {
            let area = partnership.area(code);
            if !members.insert(code) {
                let name = partnership.area_name(code);
                root.problem(
                    &key,
                    format!("{name} (`{code}`) is there twice: it would count twice"),
                );
            }
            match area {
                None => root.problem(&key, format!("`{code}` is no area")),
                Some(area) if area.geography != set.geography => {
                    root.problem(&key, format!("{} (`{code}`) is another kind of area", area.name));
                }
                Some(_) => {}
            }
        }
    }
    for code in partnership.home.values().filter(|code| !known(code)) {
        root.problem("home", format!("`{code}` is no area"));
    }
    for success in &partnership.success_measures {
        if let Some(priority) = &success.priority
            && !partnership.priorities.iter().any(|known| known.id == *priority)
        {
            let key = format!("success_measure[{}].priority", success.id);
            root.problem(&key, format!("`{priority}` is no priority"));
        }
    }
    for recipient in &partnership.recipients {
        if let Some(priority) = &recipient.priority
            && !partnership.priorities.iter().any(|known| known.id == *priority)
        {
            let key = format!("recipient[{}].priority", recipient.id);
            root.problem(&key, format!("`{priority}` is no priority"));
        }
    }
}
