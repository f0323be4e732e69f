//! From where a request comes, as far as it can be believed.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};
use ipnet::{IpNet, Ipv6Net};

use crate::config::{Config, Network};

/// Headers by which a proxy shows itself.
const PROXY_HEADERS: [&str; 3] = ["x-forwarded-for", "x-real-ip", "forwarded"];

/// The bits of an IPv6 address that tell one network from another: who has one has all addresses in it.
const IPV6_NETWORK: u8 = 64;

/// How the address of a client is found.
#[derive(Clone, Debug)]
pub(crate) struct ClientAddress {
    header: Option<Arc<str>>,
    trusted: Option<Arc<[Network]>>,
    has_warned: Arc<AtomicBool>,
}

impl ClientAddress {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            header: config.client_address_header.as_deref().map(Into::into),
            trusted: config.trusted_proxies.as_deref().map(Into::into),
            has_warned: Arc::default(),
        }
    }

    /// The network that a request comes from, as the key of limits; empty where there is no connection.
    pub(crate) fn network(&self, parts: &Parts) -> String {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
        peer.map_or_else(String::new, |peer| network(self.client(peer, &parts.headers)))
    }

    /// The address of the client that `peer` sent this for: its own, unless it is a proxy that is trusted.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let Some(header) = self.header.as_deref().filter(|_| self.is_proxy(peer)) else {
            self.warn_of_proxy(peer, headers);
            return peer;
        };
        let values: Vec<&str> = headers.get_all(header).iter().filter_map(|value| value.to_str().ok()).collect();
        let mut client = peer;
        for entry in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            let Some(address) = read(entry) else { break };
            client = address;
            // Behind proxies that are named, the first that is none of them; else only the last is believed.
            if !self.is_named_proxy(address) {
                break;
            }
        }
        client
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        if self.trusted.is_some() { self.is_named_proxy(address) } else { is_near(address) }
    }

    fn is_named_proxy(&self, address: IpAddr) -> bool {
        self.trusted.as_ref().is_some_and(|trusted| trusted.iter().any(|network| network.contains(address)))
    }

    fn warn_of_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        let Some(found) = PROXY_HEADERS.into_iter().find(|name| headers.contains_key(*name)) else { return };
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                header = found,
                "requests come by a proxy that is not configured, so that limits on attempts take all its clients for \
                 one; set client_address_header, and trusted_proxies if its address is public"
            );
        }
    }
}

/// Whether an address is of this machine or of a private network.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// An address as proxies write it: bare, in brackets, with a port, in quotes.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let address = entry.parse().ok().or_else(in_brackets);
    let address = address.or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

/// The network of an address, by which it is counted.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Net::new(address, IPV6_NETWORK)
            .map_or_else(|_| address.to_string(), |network| IpNet::V6(network.trunc()).to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use axum::http::HeaderValue;

    use super::*;

    fn found(trusted: Option<&[&str]>, peer: &str, values: &[&'static str]) -> String {
        let config = Config {
            client_address_header: Some("X-Forwarded-For".to_owned()),
            trusted_proxies: trusted.map(|trusted| trusted.iter().map(|network| network.parse().unwrap()).collect()),
            ..Config::default()
        };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        network(ClientAddress::new(&config).client(peer.parse::<IpAddr>().unwrap().to_canonical(), &headers))
    }

    #[test]
    fn an_address_is_one_however_it_is_written() {
        for written in
            ["203.0.113.7", "203.0.113.7:5000", " 203.0.113.7 ", "::ffff:203.0.113.7", "[::ffff:cb00:7107]:443"]
        {
            assert_eq!(found(None, "127.0.0.1", &[written]), "203.0.113.7", "{written}");
        }
        for written in ["2001:db8::1", "2001:DB8:0:0::2", "[2001:db8::3]", "[2001:db8::4]:8080", "\"[2001:db8::5]:1\""]
        {
            assert_eq!(found(None, "::1", &[written]), "2001:db8::/64", "{written}");
        }
        assert_eq!(found(None, "::ffff:203.0.113.7", &[]), "203.0.113.7");
    }

    #[test]
    fn only_a_proxy_that_is_trusted_is_believed() {
        assert_eq!(found(None, "198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(found(None, "10.1.2.3", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(found(Some(&["198.51.100.1"]), "198.51.100.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(found(Some(&["198.51.100.1"]), "10.1.2.3", &["203.0.113.7"]), "10.1.2.3");
    }

    #[test]
    fn what_a_client_claims_before_its_proxy_is_not_believed() {
        assert_eq!(found(None, "127.0.0.1", &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(found(None, "127.0.0.1", &["1.1.1.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(found(None, "127.0.0.1", &["1.1.1.1, 10.0.0.9"]), "10.0.0.9");
        assert_eq!(found(None, "127.0.0.1", &["203.0.113.7, unknown"]), "127.0.0.1");
        let proxies: &[&str] = &["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(found(Some(proxies), "127.0.0.1", &["1.1.1.1, 203.0.113.7, 10.0.0.9"]), "203.0.113.7");
    }

    #[test]
    fn a_proxy_that_is_not_configured_is_noticed() {
        let addresses = ClientAddress::new(&Config::default());
        addresses.client(IpAddr::from([127, 0, 0, 1]), &HeaderMap::new());
        assert!(!addresses.has_warned.load(Ordering::Relaxed));
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), HeaderValue::from_static("1.1.1.1"))]);
        addresses.client(IpAddr::from([127, 0, 0, 1]), &headers);
        assert!(addresses.has_warned.load(Ordering::Relaxed));
    }
}
