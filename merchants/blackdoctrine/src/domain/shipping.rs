//! What delivery costs: by method, by started kilogram, by where it goes.

use crate::error::Error;

/// How an order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Reguler,
    Express,
    Kargo,
}

/// One way of sending, as it stands in the price list.
struct Tariff {
    method: Method,
    name: &'static str,
    rupiah_per_kg: i64,
    kg_min: i64,
}

const TARIFFS: [Tariff; 3] = [
    Tariff {
        method: Method::Reguler,
        name: "REGULER",
        rupiah_per_kg: 9_000,
        kg_min: 1,
    },
    Tariff {
        method: Method::Express,
        name: "EXPRESS",
        rupiah_per_kg: 18_000,
        kg_min: 1,
    },
    Tariff {
        method: Method::Kargo,
        name: "KARGO",
        rupiah_per_kg: 4_000,
        kg_min: 10,
    },
];

/// A city that is delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct City {
    pub(crate) id: i64,
    pub(crate) nama: &'static str,
    /// Of the tariff, which is for the first.
    percent: i64,
}

/// The first is where orders go that name no city.
pub(crate) const CITIES: [City; 8] = [
    City {
        id: 1,
        nama: "Jakarta",
        percent: 100,
    },
    City {
        id: 2,
        nama: "Bandung",
        percent: 120,
    },
    City {
        id: 3,
        nama: "Yogyakarta",
        percent: 150,
    },
    City {
        id: 4,
        nama: "Surabaya",
        percent: 170,
    },
    City {
        id: 5,
        nama: "Denpasar",
        percent: 230,
    },
    City {
        id: 6,
        nama: "Medan",
        percent: 280,
    },
    City {
        id: 7,
        nama: "Makassar",
        percent: 320,
    },
    City {
        id: 8,
        nama: "Jayapura",
        percent: 600,
    },
];

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::Reguler, Self::Express, Self::Kargo];

    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        let wanted = name.trim();
        TARIFFS
            .iter()
            .find(|tariff| tariff.name.eq_ignore_ascii_case(wanted))
            .map(|tariff| tariff.method)
            .ok_or_else(|| Error::bad_input("metodePengiriman", "one of REGULER, EXPRESS, KARGO"))
    }

    fn tariff(self) -> &'static Tariff {
        match self {
            Self::Reguler => &TARIFFS[0],
            Self::Express => &TARIFFS[1],
            Self::Kargo => &TARIFFS[2],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.tariff().name
    }

    /// What a started kilogram costs to the first of the cities.
    pub(crate) fn rupiah_per_kg(self) -> i64 {
        self.tariff().rupiah_per_kg
    }

    /// The least weight that is charged.
    pub(crate) fn kg_min(self) -> i64 {
        self.tariff().kg_min
    }
}

pub(crate) fn city(id: Option<&str>) -> Result<Option<City>, Error> {
    let Some(id) = id else { return Ok(None) };
    let known = CITIES.iter().copied().find(|city| id.trim().parse() == Ok(city.id));
    known
        .map(Some)
        .ok_or_else(|| Error::bad_input("kotaTujuanId", "no such city, see `kota`"))
}

/// The name of the city that an order goes to.
pub(crate) fn city_name(id: Option<i64>) -> &'static str {
    let known = CITIES.iter().find(|city| Some(city.id) == id);
    known.unwrap_or(&CITIES[0]).nama
}

/// The cost in whole rupiah. Weights and quantities are bounded by the caller, far from any overflow.
pub(crate) fn cost(method: Method, city: Option<City>, weight_grams: i64) -> i64 {
    let tariff = method.tariff();
    let kg = ((weight_grams + 999) / 1000).max(tariff.kg_min);
    let percent = city.unwrap_or(CITIES[0]).percent;
    // Every tariff is a whole number of thousands, so a hundredth of the product is whole too.
    tariff.rupiah_per_kg * kg * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, city_id: Option<&str>, weight_grams: i64, expect: i64) {
        let method = Method::parse(method).unwrap();
        assert_eq!(cost(method, city(city_id).unwrap(), weight_grams), expect);
    }

    #[test]
    fn cost_follows_method_weight_and_city() {
        check("REGULER", None, 1, 9_000);
        check("REGULER", None, 1_000, 9_000);
        check("REGULER", None, 1_001, 18_000);
        check("reguler ", Some("1"), 500, 9_000);
        check("EXPRESS", None, 500, 18_000);
        check("EXPRESS", Some("2"), 500, 21_600);
        check("REGULER", Some("8"), 2_500, 162_000);
        check("KARGO", None, 500, 40_000);
        check("KARGO", Some("6"), 50_000, 560_000);
    }

    #[test]
    fn every_method_finds_its_own_tariff() {
        for tariff in &TARIFFS {
            assert_eq!(Method::parse(tariff.name).unwrap().name(), tariff.name);
            assert_eq!(tariff.rupiah_per_kg % 100, 0);
        }
    }

    #[test]
    fn unknown_methods_and_cities_are_refused() {
        assert!(Method::parse("ROKET").is_err());
        assert!(Method::parse("").is_err());
        assert!(city(Some("99")).is_err());
        assert!(city(Some("Jakarta")).is_err());
        assert_eq!(city(None).unwrap(), None);
    }
}
