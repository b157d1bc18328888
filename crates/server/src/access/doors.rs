//! Routes with what each needs. A route for which nothing is stated is not answered.

use crate::Console;
use crate::viewer::Level;
use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use std::collections::BTreeMap;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nobody is asked anything, and any name of the host will do: whatever probes its health knows an address only.
    Probe,
    /// Nobody is asked who they are: files that are the same for all.
    Nothing,
    /// Anybody: how people sign in.
    Anyone,
    /// Whoever has this level, by a session or a token.
    Level(Level),
    /// Whoever has this level, by a session or a token, and may see every account.
    Everything(Level),
    /// Whoever has this level, by a session: a token that was stolen must not make another one.
    Session(Level),
    /// Whoever manages people: by a session, with the level for it and no limit to accounts.
    Administrator,
}

/// Routes, and who may use them.
#[derive(Default)]
pub(crate) struct Doors {
    router: Router<Console>,
    stated: Stated,
}

/// What is stated of each route and method.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated(BTreeMap<String, Vec<(Method, Needs)>>);

impl Doors {
    /// A route that answers one method; `handler` must answer that one only.
    #[must_use]
    pub(crate) fn route(
        mut self,
        method: &Method,
        path: &str,
        needs: Needs,
        handler: MethodRouter<Console>,
    ) -> Self {
        self.router = self.router.route(path, handler);
        self.state(method, path, needs)
    }

    /// Routes of tests, of which nothing is stated yet.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn merge(mut self, router: Router<Console>) -> Self {
        self.router = self.router.merge(router);
        self
    }

    /// What a route needs; `path` is the whole one, as the router knows it.
    #[must_use]
    pub(crate) fn state(mut self, method: &Method, path: &str, needs: Needs) -> Self {
        self.stated.0.entry(path.to_owned()).or_default().push((method.clone(), needs));
        self
    }

    pub(crate) fn into_parts(self) -> (Router<Console>, Stated) {
        (self.router, self.stated)
    }
}

/// What is known of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// What it needs.
    Needs(Needs),
    /// It answers other methods only.
    OtherMethod,
    /// Nothing is stated.
    Nothing,
}

impl Stated {
    pub(super) fn of(&self, method: &Method, path: &str) -> Known {
        // what answers GET answers HEAD
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let Some(methods) = self.0.get(path) else { return Known::Nothing };
        let found = methods.iter().find(|(stated, _)| stated == method);
        found.map_or(Known::OtherMethod, |(_, needs)| Known::Needs(*needs))
    }

    /// Every route with its method and needs.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Method, Needs)> {
        self.0.iter().flat_map(|(path, methods)| {
            methods.iter().map(move |(method, needs)| (path.as_str(), method, *needs))
        })
    }
}
