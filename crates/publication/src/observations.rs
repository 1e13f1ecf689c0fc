//! Every figure read from a workbook as a data file, for comparing cell by cell.

use std::collections::BTreeMap;

use model::{Measure, MeasureId, Observation, Unit};

use crate::tables::{Row, csv, header, text, value};

/// Figures as CSV, in the order they were read: `sheet, cell, measure, area, period, breakdown,
/// value, marks, raw, repair`. The value is in the measure's unit (a whole number, or two
/// decimals); it is empty where there is none, and the marks say why.
pub fn observation_table(
    observations: &[Observation],
    measures: &BTreeMap<MeasureId, Measure>,
) -> Vec<u8> {
    let mut rows = header(&[
        "sheet",
        "cell",
        "measure",
        "area",
        "period",
        "breakdown",
        "value",
        "marks",
        "raw",
        "repair",
    ]);
    rows.extend(observations.iter().map(|observation| {
        let unit = measures.get(&observation.measure).map_or(Unit::Count, |measure| measure.unit);
        row(observation, unit)
    }));
    csv(&rows)
}

fn row(observation: &Observation, unit: Unit) -> Row {
    let Observation { measure, area, period, breakdown, figure, place, raw, repair } = observation;
    vec![
        text(&place.sheet),
        value(place.cell.map(|cell| cell.to_string()).unwrap_or_default()),
        value(measure.as_str()),
        value(area.as_str()),
        value(period.to_string()),
        value(breakdown.to_string()),
        value(figure.value.map(|number| in_unit(number, unit)).unwrap_or_default()),
        value(figure.marks.to_string()),
        text(raw),
        text(repair.as_deref().unwrap_or_default()),
    ]
}

/// A number in its unit, exact: 12345 pence are `123.45`.
fn in_unit(number: i64, unit: Unit) -> String {
    let places = usize::try_from(unit.decimals()).expect("0 or 2");
    if places == 0 {
        return number.to_string();
    }
    let scale = 10_u64.pow(unit.decimals());
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    format!("{sign}{}.{:0places$}", size / scale, size % scale)
}

#[cfg(test)]
mod tests {
    use model::{Breakdown, CellAddress, Figure, Geography, Mark, Period, Place, Polarity};

    use super::*;

    fn measure(id: &str, unit: Unit) -> (MeasureId, Measure) {
        let measure = Measure {
            unit,
            polarity: Polarity::Neutral,
            ..Measure::count(id, Geography::District)
        };
        (measure.id.clone(), measure)
    }

    fn read(measure: &str, figure: Figure, row: u32, raw: &str) -> Observation {
        Observation {
            measure: MeasureId::new(measure),
            area: "E07000111".into(),
            period: "2025-26Q1".parse::<Period>().expect("a period"),
            breakdown: Breakdown::all().with("risk", "high"),
            figure,
            place: Place::cell("Sheet, 1", CellAddress::new(row, 2)),
            raw: raw.to_owned(),
            repair: None,
        }
    }

    #[test]
    fn figures_stand_in_their_unit_and_partners_text_is_harmless() {
        let measures = BTreeMap::from([
            measure("asb", Unit::Count),
            measure("grants", Unit::Pounds),
            measure("satisfied", Unit::Percent),
        ]);
        let table = observation_table(
            &[
                read("asb", Figure::number(12), 4, "12"),
                read("grants", Figure::number(-5), 5, "(0.05)"),
                read("satisfied", Figure::number(123_450), 6, "1234.5"),
                read("asb", Figure::missing(Mark::C), 7, "=HYPERLINK(1)"),
            ],
            &measures,
        );
        insta::assert_snapshot!(String::from_utf8(table).expect("UTF-8").replace("\r\n", "\n"), @r#"
        sheet,cell,measure,area,period,breakdown,value,marks,raw,repair
        "Sheet, 1",C5,asb,E07000111,2025-26Q1,risk=high,12,,12,
        "Sheet, 1",C6,grants,E07000111,2025-26Q1,risk=high,-0.05,,(0.05),
        "Sheet, 1",C7,satisfied,E07000111,2025-26Q1,risk=high,1234.50,,1234.5,
        "Sheet, 1",C8,asb,E07000111,2025-26Q1,risk=high,,[c],'=HYPERLINK(1),
        "#);
    }
}
