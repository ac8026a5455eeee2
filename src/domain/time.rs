//! Moments, as milliseconds since 1970 in UTC: the same number on both database engines.

use serde::{Deserialize, Serialize};

/// A moment in UTC, in milliseconds since the Unix epoch.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved by `millis`, forwards or (negative) backwards.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment moved by `seconds`, forwards or (negative) backwards.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// RFC 3339 in UTC with whole seconds, as ActivityStreams properties carry it.
    pub fn to_rfc3339(self) -> String {
        self.civil().map_or_else(
            || "1970-01-01T00:00:00Z".to_owned(),
            |z| z.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
    }

    /// The `Date` header's form (RFC 9110, 5.6.7).
    pub fn to_http_date(self) -> String {
        self.civil().map_or_else(
            || "Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
            |z| z.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        )
    }

    /// Reads RFC 3339 text; `None` for anything else or outside the years 1–9999.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// Reads a `Date` header (RFC 9110 IMF-fixdate); `None` for anything else.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let rest = text.strip_suffix("GMT")?.trim_end();
        let civil = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S", rest).ok()?;
        let moment = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self(moment.as_millisecond()))
    }

    fn civil(self) -> Option<jiff::ZonedDateTime> {
        let moment = jiff::Timestamp::from_millisecond(self.0).ok()?;
        Some(moment.to_zoned_datetime(jiff::tz::TimeZone::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_round_trip_to_the_second() {
        let moment = Timestamp::from_millis(1_788_343_200_000);
        assert_eq!(moment.to_rfc3339(), "2026-09-02T10:00:00Z");
        assert_eq!(moment.to_http_date(), "Wed, 02 Sep 2026 10:00:00 GMT");
        assert_eq!(Timestamp::parse_rfc3339(&moment.to_rfc3339()), Some(moment));
        assert_eq!(Timestamp::parse_http_date(&moment.to_http_date()), Some(moment));
    }

    #[test]
    fn nonsense_dates_are_none() {
        for text in ["", "yesterday", "Wed, 02 Sep 2026 10:00:00", "2026-09-02T10:00:00Z", "GMT"] {
            assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse_rfc3339("+99999-01-01T00:00:00Z"), None);
    }
}
