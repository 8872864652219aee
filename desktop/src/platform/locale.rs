//! How people here write the time, as the system's settings have it.

use crate::view::time::Local;
use jiff::tz::TimeZone;

/// Territories whose people read a clock of twelve hours (CLDR, preferred hour format "h").
const TWELVE: &[&str] = &[
    "AE", "AL", "AU", "BB", "BD", "BH", "BM", "BS", "CA", "CO", "DM", "DZ", "EG", "FJ", "GD", "GM", "GR",
    "GY", "HK", "IN", "IQ", "JM", "JO", "KH", "KN", "KR", "KW", "LB", "LC", "LR", "LY", "MO", "MW", "MY",
    "NA", "NZ", "OM", "PA", "PG", "PH", "PK", "PR", "PS", "QA", "SA", "SD", "SG", "SL", "SS", "SY", "SZ",
    "TC", "TT", "TW", "US", "VC", "VE", "YE", "ZM",
];

/// Where the computer is and how the time is told there. Read once, at the start.
#[must_use]
pub fn local() -> Local {
    let name = ["LC_ALL", "LC_TIME", "LANG"]
        .into_iter()
        .filter_map(|key| std::env::var(key).ok())
        .find(|name| !name.is_empty());
    Local {
        zone: TimeZone::system(),
        twelve: name.is_some_and(|name| is_twelve(&name)),
    }
}

/// Whether a locale such as `en_US.UTF-8` has twelve hours. What is not known has twenty-four: they cannot be misread.
fn is_twelve(name: &str) -> bool {
    let place = name.split(['.', '@']).next().unwrap_or_default();
    let Some((language, territory)) = place.split_once(['_', '-']) else {
        return false;
    };
    // Quebec writes as France does.
    language != "fr" && TWELVE.contains(&territory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_hours_where_people_have_them_and_twenty_four_elsewhere() {
        for name in [
            "en_US.UTF-8",
            "en_US",
            "en_AU.utf8",
            "ko_KR.UTF-8",
            "es_CO",
            "zh_TW.UTF-8",
            "ar_EG@latin",
        ] {
            assert!(is_twelve(name), "{name}");
        }
        for name in [
            "C",
            "C.UTF-8",
            "POSIX",
            "",
            "en_GB.UTF-8",
            "de_DE",
            "fr_CA.UTF-8",
            "zh_CN.UTF-8",
            "ja_JP",
            "US",
            "en_",
        ] {
            assert!(!is_twelve(name), "{name}");
        }
    }
}
