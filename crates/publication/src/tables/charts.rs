//! Tables of what charts show: months, what they usually vary by, and rates of peers.

use super::dataset::{
    Column, Dataset, Kind, Origin, column, number, number_and_status, text, value,
};
use super::figures::{AREA, AREA_CODE, INDICATOR, MEASURE, NO_MARK, NOT_APPLICABLE};
use crate::report_model::{IndicatorDetail, MonthData, ReportModel};

pub(super) fn control_charts(model: &ReportModel) -> Dataset {
    let mut rows = Vec::new();
    for row in &model.charts.rows {
        let mut cells = vec![
            text(&row.name),
            text(&row.measure),
            text(&row.area_code),
            text(&row.area),
            number(row.months.to_string()),
            number(&row.average_data),
            number(&row.lower_data),
            number(&row.upper_data),
            value(&row.latest_month_data),
            number(row.latest_data.to_string()),
        ];
        cells.extend(match row.quarters_data {
            Some(quarters) => quarters.map(|quarter| number(quarter.to_string())),
            None => [(); 4].map(|()| number(NOT_APPLICABLE)),
        });
        cells.push(value(&row.shows));
        rows.push(cells);
    }
    Dataset {
        name: "control-charts",
        title: "Control charts",
        about: "What the months of an indicator usually vary by, and what the latest month shows.",
        origin: Origin::Figures,
        columns: CONTROL_CHARTS.to_vec(),
        rows,
    }
}

const CONTROL_CHARTS: [Column; 15] = [
    INDICATOR,
    MEASURE,
    AREA_CODE,
    AREA,
    column("Months", Kind::Integer, "How many months the chart is made of."),
    column("Average a month", Kind::Decimal, "Average of the months that limits are set by."),
    column("Expected range lower", Kind::Decimal, "Lower limit of what months usually vary by."),
    column("Expected range upper", Kind::Decimal, "Upper limit of what months usually vary by."),
    column("Latest month", Kind::Month, "The last month of the chart."),
    column("Latest month figure", Kind::Integer, "The figure of that month."),
    column("Three quarters before", Kind::Integer, "The figure three quarters before the latest."),
    column("Two quarters before", Kind::Integer, "The figure two quarters before the latest."),
    column("One quarter before", Kind::Integer, "The figure of the quarter before the latest."),
    column("Latest quarter", Kind::Integer, "The figure of the quarter that ends with that month."),
    column("What it shows", Kind::Text, "What the latest month is, and by what kind of chart."),
];

const MONTHS: [Column; 15] = [
    INDICATOR,
    MEASURE,
    AREA_CODE,
    AREA,
    column("Month", Kind::Month, "The month."),
    column("Unit", Kind::Text, "What figures are in."),
    column(
        "Measured as",
        Kind::Text,
        "What is charted: the figure, or its difference from the same month of the year before.",
    ),
    column("Figure", Kind::Integer, "What is charted for the month."),
    column("Figure status", Kind::Marks, "Marks that qualify the figure.").blank(NO_MARK),
    column("Average", Kind::Decimal, "Average of the months that limits are set by."),
    column("Lower limit", Kind::Decimal, "Lower limit of what months usually vary by."),
    column("Upper limit", Kind::Decimal, "Upper limit of what months usually vary by."),
    column("What it shows", Kind::Text, "as usual, high or low; [z] where no limits hold."),
    column("Stretch", Kind::Integer, "Months of one stretch have the same limits; counted from 1."),
    column("Limits", Kind::Text, "full, or trial where fewer than 12 months set them."),
];

pub(super) fn months(model: &ReportModel) -> Dataset {
    let of = |detail: &IndicatorDetail| -> Vec<_> {
        detail.series_data.months.iter().map(|month| month_cells(detail, month)).collect()
    };
    Dataset {
        name: "monthly-figures",
        title: "Monthly figures of control charts",
        about: "Every month of every control chart with its limits, one row for each indicator and month.",
        origin: Origin::Figures,
        columns: MONTHS.to_vec(),
        rows: model.details.iter().flat_map(of).collect(),
    }
}

fn month_cells(detail: &IndicatorDetail, month: &MonthData) -> super::Row {
    let series = &detail.series_data;
    let mut cells = vec![
        text(&detail.name),
        text(&detail.id),
        text(&series.area_code),
        text(&series.area),
        value(&month.month),
        value(&series.unit),
        value(&series.months_are),
    ];
    cells.extend(number_and_status(month.number.as_deref(), &month.marks));
    let none = || number(NOT_APPLICABLE);
    let shows = || if month.shows.is_empty() { none() } else { value(&month.shows) };
    cells.extend(match &month.limits {
        Some(limits) => [
            number(&limits.average),
            number(&limits.lower),
            number(&limits.upper),
            shows(),
            number(limits.stretch.to_string()),
            value(if limits.trial { "trial" } else { "full" }),
        ],
        None => [none(), none(), none(), shows(), none(), none()],
    });
    cells
}

const RATES: [Column; 11] = [
    INDICATOR,
    MEASURE,
    column("Rate over", Kind::Period, "The period the rates are over."),
    AREA_CODE,
    AREA,
    column("Own area", Kind::Text, "yes for the partnership's own area, no for its peers."),
    column("Rate per 1,000", Kind::Decimal, "Events per 1,000 residents."),
    column("Rate lower 95%", Kind::Decimal, "Lower end of the 95% interval of the rate."),
    column("Rate upper 95%", Kind::Decimal, "Upper end of the 95% interval of the rate."),
    column("Residents", Kind::Integer, "How many residents the rate is of."),
    column(
        "Against the limits",
        Kind::Text,
        "Where the rate lies against the limits of its peers.",
    ),
];

pub(super) fn rates(model: &ReportModel) -> Dataset {
    let mut rows = Vec::new();
    for detail in &model.details {
        for rate in &detail.series_data.rates {
            rows.push(vec![
                text(&detail.name),
                text(&detail.id),
                value(&detail.series_data.rates_over),
                text(&rate.area_code),
                text(&rate.area),
                value(if rate.is_home { "yes" } else { "no" }),
                number(&rate.per_1000),
                number(&rate.lower),
                number(&rate.upper),
                number(rate.residents.to_string()),
                value(&rate.against_limits),
            ]);
        }
    }
    Dataset {
        name: "rates-of-peers",
        title: "Rates of peers",
        about: "The rate of every peer with its interval, highest first, one row for each indicator and area.",
        origin: Origin::Figures,
        columns: RATES.to_vec(),
        rows,
    }
}
