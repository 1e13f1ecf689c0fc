//! Where time enters.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned, civil};

/// Local time of every schedule, due date and printed date.
pub const TIME_ZONE: &str = "Europe/London";

/// Where time enters: the machine's clock, or a fixed instant for rehearsals and tests.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this instant. Leases and timeouts use real time all the same.
    Fixed(Timestamp),
}

impl Clock {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the door through which time enters")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(instant) => *instant,
        }
    }

    /// Now, in local time.
    pub fn local(&self) -> Zoned {
        local(self.now())
    }

    /// Today's date, in local time.
    pub fn today(&self) -> civil::Date {
        self.local().date()
    }

    /// Reads `--as-of`: a date means noon in local time, a timestamp itself.
    pub fn parse_as_of(text: &str) -> Result<Self, String> {
        let date = text.parse::<civil::Date>().ok().filter(|_| !text.contains('T'));
        if let Some(date) = date {
            let noon = date.at(12, 0, 0, 0).to_zoned(zone()).map_err(|error| error.to_string())?;
            return Ok(Self::Fixed(noon.timestamp()));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Self::Fixed(instant));
        }
        if let Ok(local) = text.parse::<civil::DateTime>() {
            let zoned = local.to_zoned(zone()).map_err(|error| error.to_string())?;
            return Ok(Self::Fixed(zoned.timestamp()));
        }
        Err(format!(
            "`{text}` is not a date or time: write 2025-07-21 or 2025-07-21T09:00:00+01:00"
        ))
    }
}

/// The zone of [`TIME_ZONE`]; its rules are built in, so it is there on every machine.
pub fn zone() -> TimeZone {
    TimeZone::get(TIME_ZONE).expect("the time-zone database is built in")
}

/// An instant in local time.
pub fn local(instant: Timestamp) -> Zoned {
    instant.to_zoned(zone())
}
