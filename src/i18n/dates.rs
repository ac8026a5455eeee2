//! Days and moments as people write them. All times are UTC and say so.

use super::Lang;
use crate::domain::Timestamp;
use std::sync::LazyLock;

/// The names of the months as they stand in a date, looked up once.
static MONTHS: LazyLock<Months> =
    LazyLock::new(|| Lang::ALL.map(|lang| names(&lang.text("date-months"))));
static SHORT: LazyLock<Months> =
    LazyLock::new(|| Lang::ALL.map(|lang| names(&lang.text("date-months-short"))));

type Months = [[String; 12]; 2];

fn names(text: &str) -> [String; 12] {
    let mut names = text.split_whitespace();
    std::array::from_fn(|_| names.next().unwrap_or_default().to_owned())
}

fn month(of: &'static Months, lang: Lang, number: i8) -> &'static str {
    let position = Lang::ALL.iter().position(|l| *l == lang).unwrap_or(0);
    let index = usize::try_from(number - 1).unwrap_or(0);
    of.get(position).and_then(|names| names.get(index)).map_or("", String::as_str)
}

fn civil(at: Timestamp) -> jiff::civil::DateTime {
    jiff::Timestamp::from_millisecond(at.millis())
        .map(|t| jiff::tz::Offset::UTC.to_datetime(t))
        .unwrap_or_default()
}

/// `5 November 2026`.
pub fn day(lang: Lang, at: Timestamp) -> String {
    let date = civil(at);
    format!("{} {} {}", date.day(), month(&MONTHS, lang, date.month()), date.year())
}

/// `5 November 2026, 09:30 UTC`.
pub fn moment(lang: Lang, at: Timestamp) -> String {
    let date = civil(at);
    let month = month(&MONTHS, lang, date.month());
    format!("{} {month} {}, {:02}:{:02} UTC", date.day(), date.year(), date.hour(), date.minute())
}

/// `5 Nov 2026, 09:30`: in UTC, which the page says once.
pub fn short_moment(lang: Lang, at: Timestamp) -> String {
    let date = civil(at);
    let month = month(&SHORT, lang, date.month());
    format!("{} {month} {}, {:02}:{:02}", date.day(), date.year(), date.hour(), date.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_named_in_both_languages() {
        let at = Timestamp::parse_rfc3339("2026-11-05T09:03:00Z").unwrap();
        assert_eq!(day(Lang::En, at), "5 November 2026");
        assert_eq!(moment(Lang::Ru, at), "5 ноября 2026, 09:03 UTC");
        assert_eq!(short_moment(Lang::Ru, at), "5 ноя 2026, 09:03");
        for lang in Lang::ALL {
            for key in ["date-months", "date-months-short"] {
                assert!(names(&lang.text(key)).iter().all(|m| !m.is_empty()));
            }
        }
    }
}
