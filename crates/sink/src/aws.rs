//! Sinks in AWS: signing in to them, and what AWS's answers mean to a batch.
//!
//! The models are those of what is delivered, and of nothing else: no scan has them.

use crate::answer::Answer;
use stance_aws::{ApiModels, CallError, Client, ClientOptions, Identity, RoleToAssume};
use stance_catalog::ApiModelFiles;
use stance_config::{Endpoint, Period, RegionName, Role, SignIn};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What a sink in AWS says of reaching it.
pub(crate) struct Reach<'a> {
    /// The service, by its name in botocore.
    pub service: &'static str,
    pub sign_in: SignIn,
    pub region: Option<&'a RegionName>,
    pub endpoint: Option<&'a Endpoint>,
    pub timeout: Period,
}

/// A service that results are delivered to, in one account or in many.
pub(crate) struct Service {
    name: &'static str,
    models: Arc<ApiModels>,
    options: ClientOptions,
    /// The role by its name, where it is one of each account.
    member_role: Option<RoleToAssume>,
    /// Clients that are signed in; the one of nobody's account is that of the sign-in itself.
    clients: Mutex<BTreeMap<Option<String>, Client>>,
    /// Who they are, once that was asked.
    identities: Mutex<BTreeMap<Option<String>, Identity>>,
}

impl Service {
    /// The service. Nobody signs in yet.
    ///
    /// # Errors
    /// A setting is wrong, in words for people.
    pub fn new(reach: Reach<'_>) -> Result<Self, String> {
        let Reach { service, sign_in, region, endpoint, timeout } = reach;
        if sign_in.mfa_serial.is_some() {
            return Err("nobody can be asked for the code of `mfa_serial`; sign in by a role".to_owned());
        }
        let mut credentials = stance_sign_in::credentials(&sign_in).map_err(|error| error.to_string())?;
        let role = |arn: &str| stance_sign_in::role(&sign_in, arn);
        credentials.roles = sign_in.role_chain.iter().map(|arn| role(arn.as_str())).collect();
        let last = |arn: &str| RoleToAssume { external_id: sign_in.external_id.clone(), ..role(arn) };
        let member_role = match &sign_in.iam_role {
            Some(Role::Arn(arn)) => {
                credentials.roles.push(last(arn.as_str()));
                None
            }
            Some(Role::Name(name)) => Some(last(name.as_str())),
            None => None,
        };
        let told = |error: &dyn std::error::Error| format!("its API models cannot be used: {error}");
        let endpoints = ApiModelFiles::default().endpoints().map_err(|error| told(&error))?;
        let models = ApiModels::new(ApiModelFiles::delivery, &endpoints).map_err(|error| told(&error))?;
        let options = ClientOptions {
            region: region.map(|region| region.as_str().to_owned()),
            service_endpoints: endpoint.map(|url| (service, url.as_str().to_owned())).into_iter().collect(),
            sign_in: credentials,
            // who delivers tries again by itself
            max_attempts: 1,
            read_timeout: timeout.get(),
            attempt_timeout: timeout.get(),
            ..ClientOptions::default()
        };
        Ok(Self {
            name: service,
            models: Arc::new(models),
            options,
            member_role,
            clients: Mutex::default(),
            identities: Mutex::default(),
        })
    }

    /// Whether a role of that name is assumed in each account.
    pub fn is_in_each_account(&self) -> bool {
        self.member_role.is_some()
    }

    /// A client: of that account where its role is assumed by name, else of whoever signs in.
    ///
    /// # Errors
    /// What it means to a batch that nobody is signed in.
    pub async fn client(&self, account: Option<&str>) -> Result<Client, Answer> {
        let mut clients = self.clients.lock().await;
        let own = match clients.get(&None) {
            Some(client) => client.clone(),
            None => {
                let client = Client::connect(Arc::clone(&self.models), self.options.clone()).await;
                let client = client.map_err(|error| Answer::TurnedAway { reason: error.to_string() })?;
                clients.insert(None, client.clone());
                client
            }
        };
        let Some(role) = &self.member_role else { return Ok(own) };
        let key = account.map(str::to_owned);
        // that of nobody's account is signed in as whoever assumes the role
        if let Some(client) = key.as_ref().and_then(|_| clients.get(&key)) {
            return Ok(client.clone());
        }
        let identity = own.identity().await.map_err(|error| self.answer(&error))?;
        let account = account.unwrap_or(&identity.account);
        let arn = format!("arn:{}:iam::{account}:role/{}", identity.partition, role.arn);
        let client = own.assume(&RoleToAssume { arn, ..role.clone() }).await;
        let client = client.map_err(|error| Answer::TurnedAway { reason: error.to_string() })?;
        clients.insert(Some(account.to_owned()), client.clone());
        Ok(client)
    }

    /// Who the client of that account is signed in as.
    ///
    /// # Errors
    /// What it means to a batch that nobody can tell.
    pub async fn identity(&self, account: Option<&str>, client: &Client) -> Result<Identity, Answer> {
        let mut identities = self.identities.lock().await;
        let key = account.map(str::to_owned);
        if let Some(identity) = identities.get(&key) {
            return Ok(identity.clone());
        }
        let identity = client.identity().await.map_err(|error| self.answer(&error))?;
        identities.insert(key, identity.clone());
        Ok(identity)
    }

    /// Takes whoever signs in for that account, without asking.
    #[cfg(test)]
    pub async fn know(&self, account: &str) {
        let identity = Identity {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/ada"),
            user_id: "A".to_owned(),
            partition: "aws".to_owned(),
        };
        self.identities.lock().await.insert(None, identity);
    }

    /// What an error means to a batch.
    pub fn answer(&self, error: &CallError) -> Answer {
        let reason = format!("{} answered: {error}", self.name);
        match error {
            _ if error.is_throttling() => Answer::Later { reason, after: None, throttled: true },
            CallError::Service { status: 500.., .. }
            | CallError::Unreachable { .. }
            | CallError::Timeout { .. }
            | CallError::MalformedAnswer { .. } => Answer::later(reason),
            CallError::Service { code, .. } if NOT_FIT.contains(&code.as_str()) => Answer::Unfit { reason },
            _ => Answer::TurnedAway { reason },
        }
    }
}

/// Codes that speak of what was sent, not of who sent it.
const NOT_FIT: [&str; 5] = [
    "EntityTooLarge",
    "InvalidInputException",
    "RequestEntityTooLarge",
    "RequestTooLarge",
    "ValidationException",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn service(sign_in: SignIn) -> Result<Service, String> {
        Service::new(Reach {
            service: "s3",
            sign_in,
            region: None,
            endpoint: None,
            timeout: Period::from_secs(1),
        })
    }

    #[test]
    fn errors_say_whether_to_wait_to_look_at_the_documents_or_at_the_settings() {
        let service = service(SignIn::default()).unwrap();
        let error = |code: &str, status| CallError::Service {
            code: code.into(),
            message: String::new(),
            status,
            request_id: None,
        };
        for (error, kind) in [
            (error("SlowDown", 503), "Later"),
            (error("TooManyRequestsException", 429), "Later"),
            (error("InternalError", 500), "Later"),
            (CallError::Timeout { message: String::new() }, "Later"),
            (error("InvalidInputException", 400), "Unfit"),
            (error("AccessDenied", 403), "TurnedAway"),
            (error("NoSuchBucket", 404), "TurnedAway"),
            (error("PermanentRedirect", 301), "TurnedAway"),
        ] {
            let answer = format!("{:?}", service.answer(&error));
            assert!(answer.starts_with(kind), "{error}: {answer}");
        }
    }

    #[test]
    fn a_second_factor_is_refused_as_nobody_is_there_to_tell_its_code() {
        let sign_in = SignIn { mfa_serial: "GAHT12345678".parse().ok(), ..SignIn::default() };
        assert!(service(sign_in).map(drop).unwrap_err().contains("mfa_serial"));
    }
}
