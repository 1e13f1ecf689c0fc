//! From partners' doors to the landing store and the ledger.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::{StreamExt as _, stream};
use intake::collect::{Arrival, Fetched, FolderSource, HttpSource, KnownFile, Validators};
use intake::collect::{SourceError, collect_folder, collect_http};
use intake::landing::Landing;
use jiff::Timestamp;
use ledger::{
    Again, KnownFileRow, Ledger, ReceivedAs, SourceState, SubmissionFilter, SubmissionRecord,
};
use model::{
    Finding, PartnerId, Period, Place, Severity, SourceId, Submission, SubmissionHash,
    SubmissionState,
};

use super::{FailedSource, Ingested, Look};
use crate::error::PipelineError;
use crate::house::House;
use crate::settings::{SecretAt, Source, SourcePlace};

/// A source being looked at.
struct Door<'a> {
    house: &'a House,
    ledger: &'a Ledger,
    landing: &'a Landing,
    id: &'a SourceId,
    source: &'a Source,
    partner: &'a PartnerId,
    expected: Period,
    /// Bytes received for this very period, when those alone count as seen.
    received: Option<Vec<SubmissionHash>>,
    /// Whether what was refused is judged again.
    again: Again,
}

/// So many partners' sites are asked at a time: one that hangs is not to keep thirty others waiting.
const ASKED_AT_ONCE: usize = 4;

/// What a partner's site answered, or why it was not asked.
pub(super) type Answer = Result<Result<Fetched, SourceError>, String>;

/// Asks every partner's site for what is new. What it gives is kept; nothing is on record yet.
pub(super) async fn ask_sites(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    (expected, look): (Period, Look),
) -> Result<BTreeMap<SourceId, Answer>, PipelineError> {
    let now = house.clock.now();
    let mut answers = BTreeMap::new();
    let mut questions = Vec::new();
    for (id, source) in &house.definitions.settings.sources {
        let SourcePlace::Http { url, internal, token, ca_file } = &source.place else { continue };
        let door = Door::at(house, ledger, landing, (id, source), (expected, look))?;
        let Some(door) = door else { continue };
        match http_source(house, id, (url, *internal), token.as_ref(), ca_file.as_deref()) {
            Ok(site) => {
                let validators = door.validators()?;
                questions.push(async move {
                    (id, collect_http(&site, validators.as_ref(), landing, now).await)
                });
            }
            Err(message) => {
                answers.insert(id.clone(), Err(message));
            }
        }
    }
    let mut asked = stream::iter(questions).buffer_unordered(ASKED_AT_ONCE);
    while let Some((id, answer)) = asked.next().await {
        answers.insert(id.clone(), Ok(answer));
    }
    Ok(answers)
}

/// Looks at one source; of a site, at its answer. What fails outside is noted and the rest goes on.
pub(super) fn collect(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    (id, source): (&SourceId, &Source),
    (expected, look): (Period, Look),
    answer: Option<Answer>,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let Some(door) = Door::at(house, ledger, landing, (id, source), (expected, look))? else {
        return Ok(());
    };
    match (&source.place, answer) {
        (SourcePlace::Folder { path }, _) => door.folder(path, ingested),
        (SourcePlace::Http { .. }, Some(Ok(answer))) => door.site(answer, ingested),
        (SourcePlace::Http { .. }, Some(Err(message))) => {
            let (source, code) = (id.to_string(), "source-settings".to_owned());
            ingested.failed.push(FailedSource { source, code, message });
            Ok(())
        }
        (SourcePlace::Http { .. }, None) => Ok(()),
    }
}

impl<'a> Door<'a> {
    /// `None` if nobody knows how to read what comes through it.
    fn at(
        house: &'a House,
        ledger: &'a Ledger,
        landing: &'a Landing,
        (id, source): (&'a SourceId, &'a Source),
        (expected, look): (Period, Look),
    ) -> Result<Option<Self>, PipelineError> {
        let Some(contract) = house.definitions.contracts.get(&source.return_id) else {
            return Ok(None);
        };
        let received = match look {
            Look::AtNews => None,
            Look::AtAllForThisPeriod | Look::AgainForThisPeriod => {
                let return_id = Some(source.return_id.clone());
                let records = ledger
                    .submissions(&SubmissionFilter { return_id, expected: Some(expected) })?;
                let is_in = records.iter().any(|it| it.state == SubmissionState::Accepted);
                let counts = |it: &SubmissionRecord| {
                    is_in
                        || look != Look::AgainForThisPeriod
                        || it.state != SubmissionState::Refused
                };
                let seen = records.into_iter().filter(counts);
                Some(seen.map(|record| record.submission.hash).collect())
            }
        };
        let partner = &contract.partner;
        let again = if look == Look::AgainForThisPeriod { Again::Refused } else { Again::Nothing };
        Ok(Some(Self { house, ledger, landing, id, source, partner, expected, received, again }))
    }

    fn seen(&self, hash: &SubmissionHash) -> bool {
        self.received.as_ref().is_none_or(|received| received.contains(hash))
    }

    /// Takes in what was kept, all in one transaction.
    fn receive(
        &self,
        arrivals: &[(Arrival, Option<Timestamp>)],
        ingested: &mut Ingested,
    ) -> Result<(), PipelineError> {
        if arrivals.is_empty() {
            return Ok(());
        }
        self.house.crash_point("after-landing");
        let files: Vec<(Submission, Option<KnownFileRow>)> = arrivals
            .iter()
            .map(|(arrival, modified)| {
                let (size_bytes, hash) = (arrival.size_bytes, arrival.hash.clone());
                let submission = Submission {
                    hash: hash.clone(),
                    file: arrival.file.clone(),
                    source: self.id.clone(),
                    partner: self.partner.clone(),
                    return_id: self.source.return_id.clone(),
                    arrived_at: arrival.arrived_at,
                    size_bytes,
                };
                (submission, modified.map(|modified| KnownFileRow { size_bytes, modified, hash }))
            })
            .collect();
        let received = self.ledger.receive_files(&files, self.expected, self.again)?;
        for ((arrival, _), received) in arrivals.iter().zip(received) {
            match received {
                // Put away again once all sources have been looked at.
                ReceivedAs::AlreadyThere(
                    state @ (SubmissionState::Sealed | SubmissionState::Shredded),
                ) => ingested.not_taken.push((self.id.clone(), came_again(state))),
                ReceivedAs::New | ReceivedAs::AlreadyThere(_) => {}
                ReceivedAs::Replaced => {
                    ingested.not_taken.push((self.id.clone(), sent_before(&arrival.file)));
                }
            }
        }
        Ok(())
    }

    fn folder(&self, path: &Path, ingested: &mut Ingested) -> Result<(), PipelineError> {
        if self.house.folders.is_sealed(path) {
            let message = format!(
                "the folder of the source {} is not looked into: sealed submissions lie there. Correct sources.{}.path",
                self.id, self.id
            );
            let (source, code) = (self.id.to_string(), "source-settings".to_owned());
            ingested.failed.push(FailedSource { source, code, message });
            return Ok(());
        }
        let settings = &self.house.definitions.settings;
        let folder = FolderSource {
            id: self.id.clone(),
            path: path.to_path_buf(),
            settle: settings.settle,
            file_bytes_max: settings.file_bytes_max,
        };
        let known: BTreeMap<String, KnownFile> = self
            .ledger
            .known_files(self.id)?
            .into_iter()
            .filter(|(_, row)| self.seen(&row.hash))
            .map(|(name, KnownFileRow { size_bytes, modified, hash })| {
                (name, KnownFile { size_bytes, modified, hash })
            })
            .collect();
        let collected = match collect_folder(&folder, &known, self.landing, self.house.clock.now())
        {
            Ok(collected) => collected,
            Err(error) => return note_failed(self.id, error, ingested),
        };
        self.receive(&collected.arrivals, ingested)?;
        if collected.arrivals.len() > 1 {
            ingested.not_taken.push((self.id.clone(), several_files(collected.arrivals.len())));
        }
        ingested.unchanged += collected.unchanged.len();
        let findings = collected.findings.into_iter().map(|finding| (self.id.clone(), finding));
        ingested.not_taken.extend(findings);
        Ok(())
    }

    /// What its site said about the version that was received last.
    fn validators(&self) -> Result<Option<Validators>, PipelineError> {
        let known = self.ledger.source_state(self.id)?.filter(|state| self.seen(&state.hash));
        Ok(known.map(|state| Validators { etag: state.etag, last_modified: state.last_modified }))
    }

    fn site(
        &self,
        answer: Result<Fetched, SourceError>,
        ingested: &mut Ingested,
    ) -> Result<(), PipelineError> {
        match answer {
            Ok(Fetched::NotModified) => ingested.unchanged += 1,
            Ok(Fetched::New { arrival, validators }) => {
                let state = SourceState {
                    etag: validators.etag,
                    last_modified: validators.last_modified,
                    hash: arrival.hash.clone(),
                    file: arrival.file.clone(),
                    fetched_at: self.house.clock.now(),
                };
                self.receive(&[(arrival, None)], ingested)?;
                self.ledger.remember_source(self.id, &state)?;
            }
            Err(error) => note_failed(self.id, error, ingested)?,
        }
        Ok(())
    }
}

/// More than one new file for one return: they are taken in by their times, and the last one counts.
fn several_files(count: usize) -> Finding {
    let message = format!(
        "{count} new files came at once for this return: the one that was changed last counts (of equal times, the last by name)"
    );
    let hint = "look whether that is the one that is meant, and keep one file in the folder";
    Finding::new(Severity::Warning, "several-files", Place::file(), message).with_hint(hint)
}

/// The same bytes as a submission that a later one has replaced: going back is never guessed.
fn sent_before(file: &str) -> Finding {
    let message = format!(
        "`{file}` is the same as a file that came before and was replaced by a later one: the later one still holds"
    );
    let hint = "if the earlier figures are right after all, say so in the file (a note will do) and send it again";
    Finding::new(Severity::Warning, "sent-before", Place::file(), message).with_hint(hint)
}

/// Bytes that were sealed, or destroyed, before. The file's name may be a person's: it is left out.
fn came_again(state: SubmissionState) -> Finding {
    let (was, is) = match state {
        SubmissionState::Sealed => ("sealed because of personal data", "it stays sealed"),
        _ => ("destroyed", "it was destroyed again"),
    };
    let message = format!("a file came again that was {was}: {is}, and nothing in it was read");
    let hint =
        "delete the file from the partner's folder, and ask the partner for one with counts only";
    Finding::new(Severity::Warning, "sealed-before", Place::file(), message).with_hint(hint)
}

/// A source that fails is noted and the rest goes on; a landing store that cannot be written to
/// stops everything, since nothing may be believed before it is kept.
fn note_failed(
    id: &SourceId,
    error: SourceError,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    if let SourceError::Keep { source, .. } = error {
        return Err(source.into());
    }
    let (code, message) = (error.code().to_owned(), error.to_string());
    ingested.failed.push(FailedSource { source: id.to_string(), code, message });
    Ok(())
}

pub(crate) fn http_source(
    house: &House,
    id: &SourceId,
    (url, internal): (&str, bool),
    token: Option<&SecretAt>,
    ca_file: Option<&Path>,
) -> Result<HttpSource, String> {
    let fetching = &house.definitions.settings.fetching;
    // The address may carry a secret: it is named by its key, never printed.
    let url = url.parse().map_err(|_| format!("sources.{id}.url is not an address"))?;
    let bearer = token.map(|at| house.secret(at)).transpose()?;
    Ok(HttpSource {
        id: id.clone(),
        url,
        internal,
        connect_timeout: fetching.connect,
        total_deadline: fetching.total,
        body_bytes_max: house.definitions.settings.file_bytes_max,
        extra_ca: ca_file.map(Path::to_path_buf),
        bearer,
        attempts_max: fetching.attempts_max,
    })
}
