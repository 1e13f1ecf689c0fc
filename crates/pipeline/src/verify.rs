//! Whether everything that is kept is as it was written: ledger, submissions, lake, editions, messages against each
//! other. And repairing what can be made again.

use std::fs;

use intake::landing::Landing;
use ledger::{Ledger, SubmissionFilter};
use model::SubmissionState;
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::{open_lake, rebuild};
use crate::report::edition_content;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Where: `ledger`, `landing`, `lake`, `reports` or `outbox`.
    pub place: &'static str,
    /// What, in a sentence.
    pub what: String,
    /// What can be done about it.
    pub to_do: String,
}

/// What was looked at, found and repaired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many submissions' bytes were read.
    pub submissions: usize,
    /// How many commits of the lake were compared.
    pub commits: usize,
    /// How many editions were read.
    pub editions: usize,
    /// How many messages were put together.
    pub messages: usize,
    /// What is not as it was written, and was not repaired.
    pub damage: Vec<Damage>,
    /// What was repaired, one sentence each.
    pub repaired: Vec<String>,
}

/// Whether what can be made again is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing is changed.
    No,
    /// The lake is built anew where it is damaged.
    Lake,
}

/// Reads everything. A lake that is damaged is built anew if asked.
pub async fn verify(house: &House, repair: Repair) -> Result<Verified, PipelineError> {
    let _lock = match repair {
        Repair::Lake => Some(house.lock()?),
        Repair::No => None,
    };
    let ledger = match repair {
        Repair::Lake => Some(house.ledger()?),
        Repair::No => house.ledger_to_read()?,
    };
    let Some(ledger) = ledger else { return Ok(Verified::default()) };
    let mut verified = Verified { commits: ledger.commits()?.len(), ..Verified::default() };
    for what in ledger.check()? {
        let to_do = "restore the newest backup: quarterdeck restore DIR".to_owned();
        verified.damage.push(Damage { place: "ledger", what, to_do });
    }
    submissions(house, &ledger, &mut verified)?;
    lake(house, &ledger, repair, &mut verified).await?;
    editions(house, &ledger, &mut verified)?;
    messages(&ledger, &mut verified)?;
    Ok(verified)
}

fn submissions(
    house: &House,
    ledger: &Ledger,
    verified: &mut Verified,
) -> Result<(), PipelineError> {
    let folder = house.folders.landing();
    let landing = folder.is_dir().then(|| Landing::open(folder)).transpose()?;
    for record in ledger.submissions(&SubmissionFilter::default())? {
        let is_kept = matches!(
            record.state,
            SubmissionState::Received | SubmissionState::Accepted | SubmissionState::Refused
        );
        if !is_kept || record.destroyed_at.is_some() {
            continue;
        }
        verified.submissions += 1;
        let submission = &record.submission;
        let error = match &landing {
            Some(landing) => landing.read(&submission.hash).err().map(|error| error.to_string()),
            None => Some("the landing store is gone".to_owned()),
        };
        if let Some(error) = error {
            verified.damage.push(Damage {
                place: "landing",
                what: format!("{} for {}: {error}", submission.return_id, record.expected),
                to_do: "copy the file back from a backup, or have the partner send it again: its figures are in the lake, but cannot be shown to come from it".to_owned(),
            });
        }
    }
    Ok(())
}

async fn lake(
    house: &House,
    ledger: &Ledger,
    repair: Repair,
    verified: &mut Verified,
) -> Result<(), PipelineError> {
    let damage = match open_lake(house, ledger).await {
        Ok(_) => return Ok(()),
        Err(PipelineError::Damaged(damage)) => damage,
        Err(PipelineError::Lake(error)) => vec![error.to_string()],
        Err(error) => return Err(error),
    };
    let why_not = match repair {
        Repair::Lake => match rebuild(house, ledger).await {
            Ok(rebuilt) => {
                verified.repaired.push(format!(
                    "The lake was built anew: {} commits were sound, {} were made again from the submissions. The damaged one is beside it, as lake.damaged-….",
                    rebuilt.taken_over, rebuilt.made_again
                ));
                return Ok(());
            }
            Err(PipelineError::Damaged(damage)) => Some(damage.join("; ")),
            Err(error) => Some(error.to_string()),
        },
        Repair::No => None,
    };
    let to_do = match why_not {
        Some(why) => format!("it could not be built anew: {why}"),
        None => "quarterdeck verify --repair builds it anew from the submissions".to_owned(),
    };
    for what in damage {
        verified.damage.push(Damage { place: "lake", what, to_do: to_do.clone() });
    }
    Ok(())
}

fn editions(house: &House, ledger: &Ledger, verified: &mut Verified) -> Result<(), PipelineError> {
    for edition in ledger.editions()? {
        let record = edition.record;
        let folder = house.folders.data.join(&record.folder);
        verified.editions += 1;
        let found = match edition_content(&folder) {
            Ok(found) if found.to_string() == record.content_sha256 => continue,
            Ok(_) => "its files are not the ones that were made".to_owned(),
            Err(error) if fs::metadata(&folder).is_err() => format!("it is gone: {error}"),
            Err(error) => error.to_string(),
        };
        verified.damage.push(Damage {
            place: "reports",
            what: format!("edition {}: {found}", record.edition_id),
            to_do: "copy its folder back from a backup; what was mailed is in the ledger, too"
                .to_owned(),
        });
    }
    Ok(())
}

fn messages(ledger: &Ledger, verified: &mut Verified) -> Result<(), PipelineError> {
    let (count, damaged) = ledger.check_messages()?;
    verified.messages = count;
    for what in damaged {
        let to_do = "it is not sent as it is; restore the newest backup".to_owned();
        verified.damage.push(Damage { place: "outbox", what, to_do });
    }
    Ok(())
}
