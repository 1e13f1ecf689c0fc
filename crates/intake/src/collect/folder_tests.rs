use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::*;

const NOW: &str = "2025-07-21T08:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn put(path: &Path, content: &[u8], age_seconds: i64) {
    let mut file = File::create(path).expect("creates");
    io::Write::write_all(&mut file, content).expect("writes");
    let modified =
        now().checked_sub(jiff::SignedDuration::from_secs(age_seconds)).expect("in range");
    file.set_modified(modified.into()).expect("sets the time");
}

struct Look {
    folder: tempfile::TempDir,
    landing: Landing,
    source: FolderSource,
}

impl Look {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = folder.path().join("inbox");
        fs::create_dir(&inbox).expect("an inbox");
        Self {
            landing: Landing::open(folder.path().join("landing")).expect("opens"),
            source: FolderSource {
                id: SourceId::new("council"),
                path: inbox,
                settle: Duration::ZERO,
                file_bytes_max: 1000,
            },
            folder,
        }
    }

    fn inbox(&self, name: &str) -> PathBuf {
        self.source.path.join(name)
    }

    fn collect(&self, known: &BTreeMap<String, KnownFile>) -> Collected {
        collect_folder(&self.source, known, &self.landing, now()).expect("the folder is fine")
    }

    fn told(&self) -> String {
        told(&self.collect(&BTreeMap::new()))
    }
}

fn told(collected: &Collected) -> String {
    let mut lines = Vec::new();
    for (arrival, _) in &collected.arrivals {
        lines.push(format!(
            "taken {} ({} bytes, {})",
            arrival.file, arrival.size_bytes, arrival.arrived_at
        ));
    }
    for label in &collected.unchanged {
        lines.push(format!("unchanged {label}"));
    }
    for finding in &collected.findings {
        lines.push(format!("{}: {}", finding.code, finding.message));
    }
    if collected.retry_later {
        lines.push("look again".to_owned());
    }
    lines.join("\n")
}

#[test]
fn files_are_taken_by_name_and_what_programs_leave_is_passed_over() {
    let look = Look::new();
    put(&look.inbox("b.csv"), b"b", 60);
    put(&look.inbox("a.xlsx"), b"aa", 3600);
    for name in
        ["~$a.xlsx", ".~lock.a.xlsx#", "x.tmp", "x.PART", ".hidden", "Thumbs.db", "desktop.ini"]
    {
        put(&look.inbox(name), b"x", 60);
    }
    fs::create_dir(look.inbox("old")).expect("a folder within");
    put(&look.inbox("old").join("c.csv"), b"c", 60);
    insta::assert_snapshot!(look.told(), @r"
    taken a.xlsx (2 bytes, 2025-07-21T07:00:00Z)
    taken b.csv (1 bytes, 2025-07-21T07:59:00Z)
    ");
    assert!(look.landing.holds(&SubmissionHash::of(b"aa")));
}

#[test]
fn links_pipes_and_what_cannot_be_read_stop_nothing() {
    let look = Look::new();
    symlink("/etc/passwd", look.inbox("a.xlsx")).expect("links");
    symlink(look.inbox("z.csv"), look.inbox("b.csv")).expect("links");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        look.inbox("c.csv"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .expect("a pipe");
    put(&look.inbox("d.csv"), b"", 60);
    put(&look.inbox("e.csv"), &[b'x'; 1001], 60);
    put(&look.inbox("z.csv"), b"z", 60);
    insta::assert_snapshot!(look.told(), @r"
    taken z.csv (1 bytes, 2025-07-21T07:59:00Z)
    not-a-regular-file: `a.xlsx` is a link to another place and was not followed
    not-a-regular-file: `b.csv` is a link to another place and was not followed
    not-a-regular-file: `c.csv` is not an ordinary file and was not opened
    empty-file: `d.csv` is empty (0 bytes)
    file-too-large: `e.csv` has 1001 bytes; at most 1000 are taken
    ");
}

#[test]
fn a_link_or_a_pipe_put_in_a_files_place_at_the_last_moment_is_not_read() {
    let look = Look::new();
    symlink("/etc/passwd", look.inbox("a.csv")).expect("links");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        look.inbox("b.csv"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .expect("a pipe");
    let directory = open_directory(&look.source).expect("opens");
    // The second step alone, as if the first had seen a plain file.
    let at = |name: &CStr| read(&look.source, &directory, name).expect("an outcome");
    assert!(matches!(at(c"a.csv"), Outcome::Refused(Problem::Link)));
    assert!(matches!(at(c"b.csv"), Outcome::Refused(Problem::Special)));
    assert!(matches!(at(c"gone.csv"), Outcome::Passed));
}

#[test]
fn an_unreadable_file_is_a_finding() {
    let look = Look::new();
    put(&look.inbox("a.csv"), b"a", 60);
    put(&look.inbox("b.csv"), b"b", 60);
    fs::set_permissions(look.inbox("a.csv"), fs::Permissions::from_mode(0o000)).expect("sets");
    if File::open(look.inbox("a.csv")).is_ok() {
        // Whoever may read everything cannot be shown a file that may not be read.
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let finding = refusal(&look.source, "a.csv", Problem::Unreadable(error));
        assert_eq!(finding.code, "unreadable-file");
        return;
    }
    let collected = look.collect(&BTreeMap::new());
    assert_eq!(collected.arrivals.len(), 1);
    assert_eq!(collected.findings[0].code, "unreadable-file");
}

#[test]
fn a_file_is_left_until_it_has_settled_and_a_wrong_clock_does_not_keep_it_out() {
    let mut look = Look::new();
    look.source.settle = Duration::from_secs(30);
    put(&look.inbox("a.csv"), b"a", 31);
    put(&look.inbox("b.csv"), b"b", 29);
    put(&look.inbox("c.csv"), b"c", -5);
    put(&look.inbox("d.csv"), b"d", -86_400);
    insta::assert_snapshot!(look.told(), @r"
    taken a.csv (1 bytes, 2025-07-21T07:59:29Z)
    taken d.csv (1 bytes, 2025-07-21T08:00:00Z)
    still-arriving: `b.csv` was left for the next look: it was changed a moment ago
    still-arriving: `c.csv` was left for the next look: it was changed a moment ago
    look again
    ");
}

#[test]
fn what_is_remembered_is_not_read_again_until_it_changes() {
    let look = Look::new();
    put(&look.inbox("a.csv"), b"a", 60);
    let first = look.collect(&BTreeMap::new());
    let (arrival, modified) = &first.arrivals[0];
    let known = BTreeMap::from([(
        arrival.file.clone(),
        KnownFile {
            size_bytes: arrival.size_bytes,
            modified: modified.expect("known"),
            hash: arrival.hash.clone(),
        },
    )]);
    // Not even opened: it could not be taken any more.
    look.landing.shred(&arrival.hash).expect("shreds");
    assert_eq!(told(&look.collect(&known)), "unchanged a.csv");
    assert!(!look.landing.holds(&arrival.hash));
    put(&look.inbox("a.csv"), b"b", 59);
    assert_eq!(look.collect(&known).arrivals.len(), 1);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_left() {
    let look = Look::new();
    let path = look.inbox("a.csv");
    let write_at = |place: u64, content: &[u8]| {
        let file = File::options().write(true).open(&path).expect("opens");
        std::os::unix::fs::FileExt::write_all_at(&file, content, place).expect("writes");
    };
    let outcome = |meanwhile: &dyn Fn()| {
        put(&path, b"1,2\n", 60);
        let handle = File::open(&path).expect("opens").into();
        read_opened(&look.source, handle, meanwhile).expect("an outcome")
    };
    let is_left = |outcome: Outcome| matches!(outcome, Outcome::Arriving(_));
    assert!(is_left(outcome(&|| write_at(4, b"3,4\n"))), "grown");
    assert!(is_left(outcome(&|| write_at(4, &[b'x'; 5000]))), "grown past the limit");
    assert!(is_left(outcome(&|| write_at(0, b"9"))), "written over");
    assert!(is_left(outcome(&|| put(&path, b"1", 60))), "cut off");
    assert!(matches!(outcome(&|| {}), Outcome::Taken { bytes, .. } if bytes == b"1,2\n"));
}

#[test]
fn a_missing_folder_is_said_plainly() {
    let mut look = Look::new();
    let told = |look: &Look| {
        let error = collect_folder(&look.source, &BTreeMap::new(), &look.landing, now())
            .expect_err("no folder");
        let shown = look.folder.path().display().to_string();
        format!(
            "{}: {} (again later: {})",
            error.code(),
            error.to_string().replace(&shown, "…"),
            error.is_transient()
        )
    };
    look.source.path = look.folder.path().join("gone");
    insta::assert_snapshot!(told(&look), @"folder-missing: source `council`: there is no folder `…/gone`; create it, or connect the drive it is on, or correct `path` in the settings (again later: true)");
    look.source.path = look.folder.path().join("file");
    put(&look.source.path, b"x", 0);
    insta::assert_snapshot!(told(&look), @"not-a-folder: source `council`: `…/file` is not a folder; correct `path` in the settings (again later: false)");
}
