//! Reading a table as it was at one version.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use deltalake::{DeltaTable, DeltaTableBuilder};
use url::Url;

use crate::store::{Lake, folder_url};
use crate::tables::Table;
use crate::{LakeError, LakeVersion, log};

/// The most memory that one question may take, in bytes.
const MEMORY_BYTES_MAX: usize = 1 << 30;

impl Lake {
    /// A session of the engine that knows these tables, as they were at this version, and nothing
    /// else.
    pub(crate) async fn session(
        &self,
        at: &LakeVersion,
        tables: &[Table],
    ) -> Result<SessionContext, LakeError> {
        let preparing = "prepare the query engine";
        // One thread: a lake of this size is read faster than threads can share it out, and rows
        // come in the same order each time.
        let config = SessionConfig::new()
            .with_target_partitions(1)
            .with_information_schema(false)
            .with_collect_statistics(false);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_limit(MEMORY_BYTES_MAX, 1.0)
            .build_arc()
            .map_err(LakeError::engine(preparing))?;
        let session = SessionContext::new_with_config_rt(config, runtime);
        for &table in tables {
            let version = match table {
                Table::Observations => at.observations,
                Table::Actions => at.actions,
            };
            let files = self.files(table, version).await?;
            let provider = provider(table, &files)?;
            session.register_table(table.name(), provider).map_err(LakeError::engine(preparing))?;
        }
        Ok(session)
    }

    /// The data files of a table at a version, each there and of the size the log says.
    async fn files(&self, table: Table, version: i64) -> Result<Vec<PathBuf>, LakeError> {
        let folder = self.table_folder(table);
        let newest = log::newest(&folder)?;
        if !(0..=newest).contains(&version) {
            return Err(LakeError::NoSuchVersion { table: table.name(), asked: version, newest });
        }
        let loaded = load(&folder, version).await?;
        let state = loaded.snapshot().map_err(LakeError::table("read", &folder))?;
        let mut files = Vec::new();
        for file in state.log_data().iter() {
            let path = folder.join(file.path().as_ref());
            if file.deletion_vector_descriptor().is_some() {
                return Err(LakeError::Damaged {
                    what: format!("another program has removed rows of `{}`", path.display()),
                });
            }
            check_size(&path, u64::try_from(file.size()).unwrap_or_default())?;
            files.push(path);
        }
        files.sort();
        Ok(files)
    }
}

/// Loads a table's log up to a version that exists.
pub(crate) async fn load(folder: &Path, version: i64) -> Result<DeltaTable, LakeError> {
    let version = u64::try_from(version).unwrap_or_default();
    let failed = LakeError::table("read", folder);
    match DeltaTableBuilder::from_url(folder_url(folder)?) {
        Ok(builder) => builder.with_version(version).load().await.map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// Finds a data file that is missing or cut before the engine meets it, and says so plainly.
pub(crate) fn check_size(path: &Path, size_bytes: u64) -> Result<(), LakeError> {
    let found = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LakeError::Damaged {
                what: format!("the data file `{}` is missing", path.display()),
            });
        }
        Err(error) => return Err(LakeError::disk("look at", path)(error)),
    };
    if found == size_bytes {
        return Ok(());
    }
    Err(LakeError::Damaged {
        what: format!(
            "the data file `{}` has {found} bytes where {size_bytes} were written",
            path.display()
        ),
    })
}

fn provider(table: Table, files: &[PathBuf]) -> Result<Arc<dyn TableProvider>, LakeError> {
    let opening = || LakeError::engine("open the data files");
    let schema = table.schema();
    if files.is_empty() {
        let nothing = RecordBatch::new_empty(schema.clone());
        let empty = MemTable::try_new(schema, vec![vec![nothing]]).map_err(opening())?;
        return Ok(Arc::new(empty));
    }
    let addresses = files
        .iter()
        .map(|path| {
            let url =
                Url::from_file_path(path).map_err(|()| LakeError::Path { path: path.clone() })?;
            ListingTableUrl::try_new(url, None).map_err(opening())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
    let config = ListingTableConfig::new_with_multi_paths(addresses)
        .with_listing_options(options)
        .with_schema(schema);
    let listing = ListingTable::try_new(config).map_err(opening())?;
    Ok(Arc::new(listing))
}
