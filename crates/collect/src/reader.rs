//! Makes each call once, counts it, and stops when told to.

use crate::{Answer, CallFailure, Transport};
use serde_json::Value;
use stance_catalog::{AbsentAnswer, Call, Permissions, Plan, Preparation};
use stance_model::{CallCount, Completion, ReadFailure};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, watch};

/// How often a preparation is asked for its state, and how long between.
const PREPARATION_TRIES: u32 = 30;
const PREPARATION_PAUSE: Duration = Duration::from_secs(2);

type Outcome = Result<Arc<Value>, CallFailure>;
type CallKey = (String, String, String);

/// Makes calls for a collection.
pub(crate) struct Reader<T> {
    transport: Arc<T>,
    permissions: Permissions,
    /// Calls that stand in the plan more than once; the answers of others need not be kept.
    shared: HashSet<String>,
    answers: Mutex<HashMap<CallKey, Arc<OnceCell<Outcome>>>>,
    counts: Mutex<BTreeMap<String, CallCount>>,
    stop: watch::Receiver<bool>,
    /// Set once the credentials are no longer good, with what was then said.
    signed_out: watch::Sender<Option<CallFailure>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // a panic elsewhere leaves counts and answers as they were, which is still right
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Transport> Reader<T> {
    pub fn new(
        transport: Arc<T>,
        permissions: Permissions,
        plan: &Plan,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let mut seen = HashSet::new();
        let shared = plan.calls().map(Call::name).filter(|name| !seen.insert(name.clone())).collect();
        Self {
            transport,
            permissions,
            shared,
            answers: Mutex::default(),
            counts: Mutex::default(),
            stop,
            signed_out: watch::Sender::new(None),
        }
    }

    /// Makes a call with that input, or takes the answer that an equal call had.
    ///
    /// `absent` holds the codes by which the provider says that there is none: an answer like others.
    pub async fn read(&self, call: &Call, region: &str, input: Value, absent: &[AbsentAnswer]) -> Outcome {
        let name = call.name();
        if !self.shared.contains(&name) {
            return self.ask(call, region, input, absent).await;
        }
        let key = (name, region.to_owned(), input.to_string());
        let cell = Arc::clone(locked(&self.answers).entry(key).or_default());
        cell.get_or_init(|| self.ask(call, region, input, absent)).await.clone()
    }

    async fn ask(&self, call: &Call, region: &str, input: Value, absent: &[AbsentAnswer]) -> Outcome {
        let mut stop = self.stop.clone();
        if *stop.borrow() {
            return Err(interrupted());
        }
        let mut signed_out = self.signed_out.subscribe();
        if let Some(failure) = signed_out.borrow().clone() {
            return Err(failure);
        }
        let outcome = tokio::select! {
            outcome = self.transport.call(&call.service, &call.operation, region, input) => outcome,
            Ok(_) = stop.wait_for(|stop| *stop) => return Err(interrupted()),
            // calls that wait for their turn would fail alike, one after the other
            Ok(failure) = signed_out.wait_for(Option::is_some) => {
                return Err(failure.clone().unwrap_or_else(interrupted));
            }
        };
        let mut counts = locked(&self.counts);
        let count = counts.entry(call.name()).or_default();
        match outcome {
            Ok(Answer { value, pages }) => {
                count.succeeded += pages;
                Ok(Arc::new(value))
            }
            Err(failure) => {
                if failure.signed_out && self.sign_out(&failure) {
                    tracing::warn!(
                        reason = failure.message,
                        "no longer signed in; what was not read by now is unknown"
                    );
                }
                if absent.iter().any(|absent| absent.is(&failure.code, &failure.message)) {
                    count.succeeded += 1;
                } else {
                    count.failed += 1;
                }
                Err(failure)
            }
        }
    }

    /// Notes that the credentials are no longer good; whether that is news.
    fn sign_out(&self, failure: &CallFailure) -> bool {
        self.signed_out.send_if_modified(|noted| {
            let is_news = noted.is_none();
            if is_news {
                *noted = Some(failure.clone());
            }
            is_news
        })
    }

    /// Repeats a call until its answer says that what it prepares is there.
    pub async fn prepare(
        &self,
        preparation: &Preparation,
        region: &str,
        input: &Value,
    ) -> Result<(), CallFailure> {
        // the one who asked is about to make another call: say that it is this one that failed
        let named =
            |failure: CallFailure| CallFailure { operation: Some(preparation.call.name()), ..failure };
        for _ in 0..PREPARATION_TRIES {
            let answer = self.ask(&preparation.call, region, input.clone(), &[]).await.map_err(named)?;
            if preparation.until.iter().all(|(member, wanted)| answer.get(member) == Some(wanted)) {
                return Ok(());
            }
            tokio::time::sleep(PREPARATION_PAUSE).await;
        }
        Err(named(CallFailure::ours(CallFailure::TIMEOUT, "it did not finish in time")))
    }

    /// Why a call's value could not be read, with the permission to grant if one was missing.
    pub fn failure(&self, call: &Call, failure: CallFailure) -> ReadFailure {
        let operation = failure.operation.unwrap_or_else(|| call.name());
        let permissions = if failure.access_denied { self.permissions.of(&operation) } else { Vec::new() };
        ReadFailure { operation: operation.into(), code: failure.code, message: failure.message, permissions }
    }

    pub fn counts(&self) -> BTreeMap<String, CallCount> {
        locked(&self.counts).clone()
    }

    /// Whether everything planned was tried.
    pub fn completion(&self) -> Completion {
        if *self.stop.borrow() {
            Completion::Interrupted
        } else if self.signed_out.borrow().is_some() {
            Completion::CredentialsExpired
        } else {
            Completion::Complete
        }
    }
}

fn interrupted() -> CallFailure {
    CallFailure::ours(CallFailure::INTERRUPTED, "the run was interrupted")
}
