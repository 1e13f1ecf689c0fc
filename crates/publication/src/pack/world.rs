//! What a template can see: itself, the report, its charts, its data files and the logo. No disk,
//! no network, no packages, no clock and no fonts but ours.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

use crate::fonts::FILES;
use crate::templates::TemplateFile;

/// Row headers of tables are still a feature to ask for.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| {
    let features = [Feature::A11yExtras].into_iter().collect();
    LazyHash::new(Library::builder().with_features(features).build())
});

static FONTS: LazyLock<(LazyHash<FontBook>, Vec<Font>)> = LazyLock::new(|| {
    let fonts = FILES.map(|file| {
        Font::new(Bytes::new(file), 0).expect("the fonts are sound: charts are set in them")
    });
    (LazyHash::new(FontBook::from_fonts(&fonts)), fonts.to_vec())
});

/// One name for every template: file ids are never given back.
static MAIN: LazyLock<FileId> = LazyLock::new(|| {
    let path = VirtualPath::new("report.typ").expect("a plain name");
    RootedPath::new(VirtualRoot::Project, path).intern()
});

/// A template with what it can read.
pub(super) struct PackWorld {
    pub(super) main: Source,
    pub(super) files: BTreeMap<String, Bytes>,
    pub(super) issued: Date,
}

impl PackWorld {
    pub(super) fn new(
        template: TemplateFile<'_>,
        files: BTreeMap<String, Bytes>,
        issued: Date,
    ) -> Self {
        Self { main: Source::new(*MAIN, template.source.to_owned()), files, issued }
    }
}

impl World for PackWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.0
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == *MAIN { Ok(self.main.clone()) } else { Err(unreadable()) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.get();
        if path.root() != &VirtualRoot::Project {
            return Err(unreadable());
        }
        self.files.get(path.vpath().get_without_slash()).cloned().ok_or_else(unreadable)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.1.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        let month = u8::try_from(self.issued.month()).ok()?;
        let day = u8::try_from(self.issued.day()).ok()?;
        Datetime::from_ymd(self.issued.year().into(), month, day)
    }
}

fn unreadable() -> FileError {
    FileError::Other(Some(
        "a template can read `report.json`, `pack.json`, and the charts, tables and logo that \
         `pack.json` names, and nothing else"
            .into(),
    ))
}
