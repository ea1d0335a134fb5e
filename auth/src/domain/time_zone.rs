//! Names of time zones.

use super::InvalidField;

/// No name of the IANA's database is longer.
const LENGTH_MAX: usize = 64;

/// The name of a time zone as the IANA writes it, whatever its case was.
pub(crate) fn parse_time_zone(text: &str) -> Result<String, InvalidField> {
    let problem = "the IANA name of a time zone such as Asia/Jakarta is expected";
    let invalid = || InvalidField::new("name", problem);
    let text = text.trim();
    if text.is_empty() || text.len() > LENGTH_MAX {
        return Err(invalid());
    }
    let zone = jiff::tz::TimeZone::get(text).map_err(|_| invalid())?;
    zone.iana_name().map(str::to_owned).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_a_name_of_the_iana() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            assert_eq!(parse_time_zone(text).ok().as_deref(), expect, "{text:?}");
        }
        check("Asia/Jakarta", Some("Asia/Jakarta"));
        check(" asia/jakarta ", Some("Asia/Jakarta"));
        check("UTC", Some("UTC"));
        for bad in [
            "",
            "Asia",
            "Asia/Konoha",
            "+07:00",
            "../../etc/passwd",
            "Asia/Jakarta\0",
            "/etc/localtime",
        ] {
            check(bad, None);
        }
        check(&"A".repeat(100_000), None);
    }
}
