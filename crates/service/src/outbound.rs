//! Which addresses outside we may call: in live mode nothing private, so that no merchant's URL reaches our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// False for URLs whose host is a private address or a name that can only be local.
///
/// A public name may still resolve to a private address: whoever connects checks the address with [`is_public`], too.
pub fn names_public_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.contains('.')
                && !name.ends_with(".localhost")
                && !name.ends_with(".local")
                && !name.ends_with(".internal")
                && !name.ends_with(".home.arpa")
        }
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        None => false,
    }
}

/// The network by which strangers are counted: somebody with an IPv6 connection has a whole /64 to call from.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The origin that a text names, as browsers compare them: scheme, host and port, and nothing behind them.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    bare.then(|| url.origin().ascii_serialization())
}

/// True for addresses of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments, RFC 6890
        || (a == 192 && b == 88 && c == 99) // relays of 6to4, RFC 7526: nobody's any more
        || (a == 198 && (18..20).contains(&b)); // benchmarks, RFC 2544
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match address.segments() {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address inside. The prefix for a NAT64 of one's own
        // (64:ff9b:1::/48, RFC 8215) is private by what it is for, and falls through.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4_from(high, low)),
        [0x2002, high, low, ..] => is_public_v4(v4_from(high, low)),
        // Protocol assignments (2001::/23): Teredo, which hides an IPv4 address, ORCHID, benchmarks.
        [0x2001, second, ..] if second < 0x200 => false,
        // For documents: RFC 3849 and RFC 9637.
        [0x2001, 0xdb8, ..] => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // Of all IPv6, 2000::/3 is what is handed out to the public. So site-local (fec0::/10), unique local, multicast,
        // IPv4-compatible (::a.b.c.d) and translated (::ffff:0:a.b.c.d) addresses are none.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn v4_from(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_counted_by_network() {
        #[track_caller]
        fn check(address: &str, expect: &str) {
            assert_eq!(network_of(address.parse().unwrap()), expect.parse::<IpAddr>().unwrap());
        }
        check("203.0.113.7", "203.0.113.7");
        check("::ffff:203.0.113.7", "203.0.113.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            assert_eq!(origin(text).as_deref(), expect, "{text}");
        }
        check("https://shop.example", Some("https://shop.example"));
        check("https://SHOP.example:443/", Some("https://shop.example"));
        check("http://127.0.0.1:7003", Some("http://127.0.0.1:7003"));
        for not_one in [
            "shop.example",
            "https://shop.example/a",
            "https://a@shop.example",
            "javascript:1",
            "https://x?y",
        ] {
            check(not_one, None);
        }
    }

    #[test]
    fn private_hosts_are_seen_through_their_disguises() {
        #[track_caller]
        fn check(url: &str, public: bool) {
            assert_eq!(names_public_host(&Url::parse(url).unwrap()), public, "{url}");
        }
        check("https://shop.example/graphql", true);
        check("https://8.8.8.8/", true);
        check("https://[2606:4700::1111]/", true);
        check("https://[2001:4860:4860::8888]/", true);
        check("https://[::ffff:8.8.8.8]/", true);
        // How a host with IPv6 alone reaches an IPv4 address through its network's NAT64.
        check("https://[64:ff9b::8.8.8.8]/", true);
        for private in [
            "localhost",
            "shop",
            "a.localhost",
            "printer.local",
            "db.internal",
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "192.88.99.1",
            "198.18.0.1",
            "192.0.0.8",
            "240.0.0.1",
            "0x0a000001",
            "012.1.2.3",
            "10.66051",
            "localhost.",
            "printer.home.arpa",
            "[::127.0.0.1]",
            "[::ffff:0:127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b:1::8.8.8.8]",
            "[64:ff9b::169.254.169.254]",
            "[2001::1]",
            "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
            "[2001:20::1]",
            "[2002:7f00:1::]",
            "[2002:a9fe:a9fe::1]",
            "[3fff::1]",
            "[5f00::1]",
            "[fec0::1]",
            "[febf::1]",
            "[fdff::1]",
            "[ff02::1]",
            "[100::1]",
            "[2001:db8::1]",
        ] {
            check(&format!("https://{private}/"), false);
        }
    }
}
