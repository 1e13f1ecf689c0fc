//! What readers are told about a finding: its kind, never its words.
//!
//! A finding's own message is written for the person who filled in the sheet and may quote cells:
//! counts that must be withheld, or worse. Readers get one fixed sentence per kind instead, so
//! nothing of a cell can leave this way. Kinds that are not here are said in general words.

/// What was found, for readers; a sentence without its stop.
pub(crate) fn what_was_found(code: &str) -> &'static str {
    match code {
        "personal-data" => {
            "The file seemed to hold personal data, so it was refused and nothing in it was used"
        }
        "future-period" => "It holds figures for months that have not begun",
        "wrong-period" | "months-after-period" | "record-outside-period" => {
            "The figures are about another period than was asked for"
        }
        "part-period" | "missing-month" => "The figures do not cover every month of the period",
        "breakdown-differs" => {
            "Parts of a figure do not add up to the whole that was sent with them"
        }
        "total-differs" => "A total in the file is not the sum of its figures",
        "second-heading" => "A second table stands below the one that was agreed",
        "figures-without-heading" => "A column with figures has no heading",
        "overlapping-periods" => {
            "Figures for different stretches of time share months, and it cannot be told which count"
        }
        "total-over-months" => {
            "A figure for several months was taken as the total of those beside it, and not counted again"
        }
        "change-differs" => "A change or percentage in the file does not agree with its figures",
        "blank-cell" | "number-missing" => {
            "Cells were left blank: their figures are taken as not available, not as zero"
        }
        "not-a-number" | "fraction-in-count" | "negative-count" | "date-in-count"
        | "number-too-large" | "precision-lost" => {
            "A cell that should hold a count holds something else"
        }
        "error-value" | "formula-without-value" => "A formula in the file has no result",
        "unknown-label" | "unknown-measure" | "unknown-area" | "unknown-block"
        | "unknown-period" => "The file has rows or columns that were not agreed",
        "missing-area" | "missing-measure" | "missing-sheet" | "label-missing"
        | "headings-not-found" | "no-figures" => "Part of what was agreed is not in the file",
        "required-blank" => "A figure that must be given was left blank",
        "out-of-range" => "A figure lies outside the bounds that were agreed",
        "same-as-last-period" => "The figures are the same as those of the period before",
        "same-as-last-year" => "The figures are the same as those of the year before",
        "same-as-another-area" => "Two areas have the same figures throughout",
        "name-says-another-period" => {
            "The file, a sheet or a title is named for another period than its figures are about"
        }
        "year-assumed" => "The file does not say of which year its figures are",
        "title-contradicts" => "A title names another area than its figures were sent for",
        "cumulative-figures" => {
            "The figures look like totals since the start of the year, not like those of the period"
        }
        "last-month-low" => "The last month is far lower than the others and may not be complete",
        "jump" => "A figure lies far from those of earlier periods",
        "unit-changed" | "percent-as-fraction" => {
            "The figures look as if they were in another unit"
        }
        "swapped-figures" => "Figures look as if they had changed places",
        "history-revised" => "Figures that were sent before have changed",
        "exception-expired" => "What was known about a figure has run out",
        "record-twice" => "Some records of a list are in it twice, and were counted twice",
        "duplicate-cell" => "A figure is in the file twice",
        "formulas-all-zero" => "Formulas in the file seem never to have been calculated",
        "hidden-rows" => "Some figures stood in hidden rows or columns; they were counted",
        "password-protected" => "The file is protected by a password",
        "unknown-status" | "by-when-unclear" => {
            "Some actions have a status or date that is not clear"
        }
        _ => "The file could not be taken in as it is",
    }
}

/// What is to be done about a refused file, for readers; a sentence without its stop.
pub(crate) fn what_to_do(code: &str) -> &'static str {
    match code {
        "personal-data" => "A file with counts only is needed",
        "future-period" => "A file with the right years is needed",
        "wrong-period" | "months-after-period" => "The file for this period is needed",
        _ => "A corrected file is needed",
    }
}
