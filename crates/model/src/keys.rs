//! Keys: a string that names one thing, and cannot be passed where another is meant. Copies of a
//! key share its text: every figure carries some.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Deserialize)]
        #[serde(from = "String")]
        pub struct $name(Arc<str>);

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                // Copies of one key are met far more often than the same key made twice.
                Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if Arc::ptr_eq(&self.0, &other.0) {
                    return Ordering::Equal;
                }
                self.0.cmp(&other.0)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl $name {
            /// Wraps the text as it stands; nothing is normalised.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// Where its text is kept: of keys that are held, equal addresses mean equal texts.
            pub fn address(&self) -> usize {
                self.0.as_ptr().addr()
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

key!(
    /// An agency that owes returns, as keyed in `partnership.toml`: `kent-police`.
    PartnerId
);
key!(
    /// A return, as named by its contract file: `kent-police-monthly`.
    ReturnId
);
key!(
    /// Where submissions come from, as keyed in `quarterdeck.toml`. A source is its name, never its URL.
    SourceId
);
key!(
    /// A measure, as keyed in `measures.toml`: `police-asb`.
    MeasureId
);
key!(
    /// A GSS code: `E07000111` (district), `E22000144` (community safety partnership).
    AreaCode
);
key!(
    /// A priority of the partnership plan, as keyed in `partnership.toml`.
    PriorityId
);
key!(
    /// A folder under `jobs/`.
    JobId
);
key!(
    /// One execution of a job for one period: `quarterly-monitoring-2025-26-Q1-01`.
    RunId
);
key!(
    /// One issue of a report: `2025-26-Q1-01`.
    EditionId
);
key!(
    /// The `Message-ID` of a mail, without angle brackets; the same run and recipient give the same one.
    MessageId
);
key!(
    /// SHA-256 of the bytes that arrived, in lower-case hexadecimal: the name of a submission.
    SubmissionHash
);

impl SubmissionHash {
    /// Names bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use std::fmt::Write as _;
        let digest = Sha256::digest(bytes);
        let mut text = String::with_capacity(64);
        for byte in digest {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        }
        Self::new(text)
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(12)]
    }
}
