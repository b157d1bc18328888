//! Who a statement speaks of.

use serde_json::Value;

use crate::document::PolicyError;

/// The `Principal` or `NotPrincipal` of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Principals {
    Only(Named),
    Except(Named),
}

/// Principals by kind, as written, in the order of the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named(pub(crate) Vec<(String, Vec<String>)>);

impl Named {
    pub(crate) fn parse(value: &Value, number: usize) -> Result<Named, PolicyError> {
        match value {
            Value::Object(kinds) => kinds
                .iter()
                .map(|(kind, ids)| {
                    let ids =
                        crate::document::texts(ids).ok_or(PolicyError::Principal { statement: number })?;
                    Ok((canonical_kind(kind), ids))
                })
                .collect::<Result<_, _>>()
                .map(Named),
            // the short form; `*` alone means the same as the map with AWS
            other => crate::document::texts(other)
                .map(|ids| Named(vec![("AWS".to_owned(), ids)]))
                .ok_or(PolicyError::Principal { statement: number }),
        }
    }

    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(found, _)| found == kind)
            .flat_map(|(_, ids)| ids.iter().map(String::as_str))
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(_, ids)| ids.iter().map(String::as_str))
    }

    pub(crate) fn includes_everyone(&self) -> bool {
        self.all().any(is_everyone)
    }

    fn contains(&self, kind: &str, id: &str) -> bool {
        self.of_kind(kind).any(|held| {
            held == id
                || kind == "AWS" && account_of(held).is_some() && {
                    // naming an account names everyone in it
                    names_whole_account(held) && account_of(held) == account_of(id)
                }
        })
    }
}

impl Principals {
    /// Whether anyone at all is among them. `NotPrincipal` leaves everyone else.
    pub(crate) fn include_everyone(&self) -> bool {
        match self {
            Principals::Only(named) => named.includes_everyone(),
            Principals::Except(named) => !named.includes_everyone(),
        }
    }

    /// Whether literally all callers are among them, with nobody left out.
    pub(crate) fn are_all(&self) -> bool {
        match self {
            Principals::Only(named) => named
                .0
                .iter()
                .any(|(kind, ids)| (kind == "AWS" || kind == "*") && ids.iter().any(|id| id == "*")),
            Principals::Except(_) => false,
        }
    }

    /// Whether this one principal is certainly among them.
    pub(crate) fn contain(&self, kind: &str, id: &str) -> bool {
        match self {
            Principals::Only(named) => self.are_all() || named.contains(kind, id),
            Principals::Except(named) => {
                !named.includes_everyone()
                    && named.of_kind(kind).all(|left_out| {
                        left_out != id
                            && (kind != "AWS"
                                || account_of(left_out).is_none()
                                || account_of(left_out) != account_of(id))
                    })
            }
        }
    }

    /// All ids that are written here, left out or not.
    pub(crate) fn named_ids(&self) -> impl Iterator<Item = &str> {
        let (Principals::Only(named) | Principals::Except(named)) = self;
        named.all()
    }

    /// Whether somebody of the account may be among everyone that these are.
    pub(crate) fn leave_room_for(&self, account: &str) -> bool {
        match self {
            Principals::Only(_) => true,
            Principals::Except(left_out) => !left_out.contains("AWS", account),
        }
    }

    /// Whether all of `others` are certainly among these.
    pub(crate) fn take_in(&self, others: &Principals) -> bool {
        if self.are_all() {
            return true;
        }
        match others {
            Principals::Only(named) => {
                !named.includes_everyone()
                    && named.0.iter().all(|(kind, ids)| ids.iter().all(|id| self.contain(kind, id)))
            }
            Principals::Except(left_out) => match self {
                Principals::Only(_) => false,
                Principals::Except(mine) => {
                    mine.0.iter().all(|(kind, ids)| ids.iter().all(|id| left_out.contains(kind, id)))
                }
            },
        }
    }
}

/// Whether a principal stands for anyone: `*`, or an ARN of any account.
pub(crate) fn is_everyone(id: &str) -> bool {
    id == "*"
        || id.starts_with("arn:") && id.split(':').nth(4).is_some_and(|account| account.contains(['*', '?']))
}

/// The account of an `AWS` principal: an account id, or that of an ARN. Unique
/// ids of users and roles (`AIDA…`) do not tell their account.
pub(crate) fn account_of(id: &str) -> Option<&str> {
    if is_account_id(id) {
        return Some(id);
    }
    let account = id.strip_prefix("arn:")?.split(':').nth(3)?;
    is_account_id(account).then_some(account)
}

fn names_whole_account(id: &str) -> bool {
    is_account_id(id) || id.starts_with("arn:") && id.split(':').nth(5) == Some("root")
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn canonical_kind(kind: &str) -> String {
    ["AWS", "Service", "Federated", "CanonicalUser"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(kind))
        .unwrap_or(kind)
        .to_owned()
}
