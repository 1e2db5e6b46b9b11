//! What a workload is given to join by: where the control plane is, the bundle to believe it by, and a
//! proof of who it is. Everything else has a default.

use identity::{TrustDomain, WorkloadId};
use resource::Locality;
use std::{
    env,
    ffi::OsString,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// Where and as whom a process joins the mesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The control plane: "host:port".
    pub control: String,
    /// The mesh's trust domain: "treaty.local".
    pub trust_domain: TrustDomain,
    /// The workload that this process believes to be; the token decides, and a mismatch is refused.
    pub workload: Option<WorkloadId>,
    /// PEM file of the roots by which the control plane is believed.
    pub trust_bundle: PathBuf,
    /// The file that holds the join token, readable by its owner alone.
    pub join_token_file: PathBuf,
    /// Where to serve; port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// Where to show Prometheus metrics; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where this process runs.
    pub locality: Locality,
    /// Unique among the workload's processes.
    pub instance: String,
    /// This build's own label, for people: "1.4.0".
    pub version: String,
    /// How long calls may go on once this process was told to end.
    pub drain_grace: Duration,
    /// How often the registry is told what this process called, where it called anything.
    pub usage_interval: Duration,
}

/// A setting that is missing or cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Nobody set it.
    #[error(
        "{variable} is not set: it should be {want}. A workload is given TREATY_CONTROL, \
         TREATY_TRUST_BUNDLE and TREATY_JOIN_TOKEN_FILE; `treaty up` sets them all"
    )]
    Missing {
        /// The environment variable.
        variable: &'static str,
        /// What it should hold.
        want: &'static str,
    },
    /// It holds something else than it should.
    #[error("{variable} is `{value}`: it should be {want}")]
    Garbled {
        /// The environment variable.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        want: &'static str,
    },
}

const CONTROL: &str = "the control plane's \"host:port\", for example \"127.0.0.1:15010\"";
const BUNDLE: &str = "the path of the PEM file with the mesh's roots";
const TOKEN: &str = "the path of the file that holds the join token";
const DOMAIN: &str = "a trust domain such as \"treaty.local\"";
const WORKLOAD: &str = "\"namespace/account\", for example \"shop/orders\"";
const ADDRESS: &str = "\"ip:port\", for example \"127.0.0.1:0\"";
const GRACE: &str = "a number of seconds, for example \"25\"";
/// Below the five seconds in which a laptop's mesh goes down.
const DRAIN_GRACE: Duration = Duration::from_secs(4);
const INTERVAL: &str = "a number of seconds, for example \"10\"";
const USAGE_INTERVAL: Duration = Duration::from_secs(10);
const LABEL: &str = "a short text without control characters";

impl Config {
    /// What is given on a laptop, and the default of everything else.
    pub fn new(control: impl Into<String>, trust_bundle: PathBuf, join_token_file: PathBuf) -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let random = random.get(..8).unwrap_or_default();
        Self {
            control: control.into(),
            trust_domain: default_trust_domain(),
            workload: None,
            trust_bundle,
            join_token_file,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            metrics: None,
            locality: Locality::default(),
            instance: format!("{}-{random}", std::process::id()),
            version: "dev".to_owned(),
            drain_grace: DRAIN_GRACE,
            usage_interval: USAGE_INTERVAL,
        }
    }

    /// Reads `TREATY_CONTROL`, `TREATY_TRUST_BUNDLE` and `TREATY_JOIN_TOKEN_FILE`, and where they are set
    /// `TREATY_TRUST_DOMAIN`, `TREATY_WORKLOAD`, `TREATY_LISTEN`, `TREATY_METRICS`, `TREATY_REGION`,
    /// `TREATY_ZONE`, `TREATY_INSTANCE`, `TREATY_VERSION`, `TREATY_DRAIN_GRACE` and `TREATY_USAGE_INTERVAL`
    /// (both in seconds).
    ///
    /// # Errors
    /// The first variable that is missing or cannot be used, and what it should hold.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| env::var_os(name))
    }

    /// As [`Config::from_env`], with the variables from elsewhere. An empty value is an unset one.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn from_vars(vars: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let vars = Vars(vars);
        let control = vars.parse("TREATY_CONTROL", CONTROL)?.ok_or(missing("TREATY_CONTROL", CONTROL))?;
        let HostPort(control) = control;
        let bundle = vars.path("TREATY_TRUST_BUNDLE", BUNDLE)?;
        let token = vars.path("TREATY_JOIN_TOKEN_FILE", TOKEN)?;
        let default = Self::new(control, bundle, token);
        let label = |name| Ok(vars.parse(name, LABEL)?.map(|Label(text)| text));
        Ok(Self {
            trust_domain: vars.parse("TREATY_TRUST_DOMAIN", DOMAIN)?.unwrap_or(default.trust_domain),
            workload: vars.parse("TREATY_WORKLOAD", WORKLOAD)?,
            listen: vars.parse("TREATY_LISTEN", ADDRESS)?.unwrap_or(default.listen),
            metrics: vars.parse("TREATY_METRICS", ADDRESS)?,
            locality: Locality {
                region: label("TREATY_REGION")?.unwrap_or_default(),
                zone: label("TREATY_ZONE")?.unwrap_or_default(),
            },
            instance: label("TREATY_INSTANCE")?.unwrap_or(default.instance),
            version: label("TREATY_VERSION")?.unwrap_or(default.version),
            drain_grace: vars.parse("TREATY_DRAIN_GRACE", GRACE)?.map_or(DRAIN_GRACE, |Seconds(grace)| grace),
            usage_interval: vars
                .parse("TREATY_USAGE_INTERVAL", INTERVAL)?
                .map_or(USAGE_INTERVAL, |Seconds(interval)| interval),
            control: default.control,
            trust_bundle: default.trust_bundle,
            join_token_file: default.join_token_file,
        })
    }
}

/// "treaty.local".
#[allow(clippy::expect_used, reason = "a constant, parsed by a test")]
fn default_trust_domain() -> TrustDomain {
    "treaty.local".parse().expect("a trust domain")
}

fn missing(variable: &'static str, want: &'static str) -> ConfigError {
    ConfigError::Missing { variable, want }
}

/// "host:port", neither empty.
struct HostPort(String);

impl FromStr for HostPort {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (host, port) = text.rsplit_once(':').ok_or(())?;
        let sound =
            !host.is_empty() && !host.contains(['/', ' ']) && port.parse().is_ok_and(|port: u16| port > 0);
        sound.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// A name that goes into logs and resources as it is.
struct Label(String);

impl FromStr for Label {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let sound = text.len() <= 128 && !text.chars().any(char::is_control);
        sound.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// A number of seconds, without a unit.
struct Seconds(Duration);

impl FromStr for Seconds {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse::<u32>().map(|seconds| Self(Duration::from_secs(seconds.into()))).map_err(|_| ())
    }
}

/// The environment, or what stands in for it.
struct Vars<F>(F);

impl<F: Fn(&str) -> Option<OsString>> Vars<F> {
    fn value(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn parse<T: FromStr>(
        &self,
        variable: &'static str,
        want: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.value(variable) else { return Ok(None) };
        let text = value.to_string_lossy();
        let garbled = |_| ConfigError::Garbled { variable, value: text.clone().into_owned(), want };
        text.parse().map(Some).map_err(garbled)
    }

    fn path(&self, variable: &'static str, want: &'static str) -> Result<PathBuf, ConfigError> {
        self.value(variable).map(PathBuf::from).ok_or(missing(variable, want))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(|name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, v)| OsString::from(v))
        })
    }

    const GIVEN: [(&str, &str); 3] = [
        ("TREATY_CONTROL", "127.0.0.1:15010"),
        ("TREATY_TRUST_BUNDLE", "/b.pem"),
        ("TREATY_JOIN_TOKEN_FILE", "/t"),
    ];

    #[test]
    fn three_things_are_enough() {
        let config = from(&GIVEN).unwrap();
        assert_eq!(config.control, "127.0.0.1:15010");
        assert_eq!(config.trust_domain.as_str(), "treaty.local");
        assert_eq!(config.listen.to_string(), "127.0.0.1:0");
        assert_eq!(config.metrics, None);
        assert_ne!(config.instance, from(&GIVEN).unwrap().instance);
    }

    #[test]
    fn each_of_the_three_is_missed_by_name() {
        for (absent, _) in GIVEN {
            let rest: Vec<_> = GIVEN.into_iter().filter(|(name, _)| *name != absent).collect();
            let error = from(&rest).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{absent} is not set: it should be ")), "{error}");
        }
    }

    #[test]
    fn an_empty_value_is_an_unset_one() {
        let mut vars = GIVEN.to_vec();
        vars.push(("TREATY_METRICS", ""));
        assert_eq!(from(&vars).unwrap().metrics, None);
    }

    #[test]
    fn a_garbled_value_is_shown_with_what_would_be_right() {
        for (name, value) in [
            ("TREATY_CONTROL", "http://x:1"),
            ("TREATY_CONTROL", "localhost"),
            ("TREATY_CONTROL", ":15010"),
            ("TREATY_TRUST_DOMAIN", "Treaty Local"),
            ("TREATY_WORKLOAD", "orders"),
            ("TREATY_LISTEN", "localhost:0"),
            ("TREATY_METRICS", "9090"),
            ("TREATY_INSTANCE", "a\nb"),
            ("TREATY_DRAIN_GRACE", "4s"),
            ("TREATY_USAGE_INTERVAL", "often"),
        ] {
            let mut vars = vec![(name, value)];
            vars.extend(GIVEN);
            let error = from(&vars).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is `{value}`: it should be ")), "{error}");
        }
    }
}
