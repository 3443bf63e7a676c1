//! What a script has made so far, by name.

use std::collections::HashMap;

use crate::stop::Stop;

/// The instances and definitions of a script by name, and the latest.
pub(crate) struct Named<T> {
    latest: Option<Result<T, Stop>>,
    by_name: HashMap<String, Result<T, Stop>>,
}

impl<T: Clone> Named<T> {
    pub(crate) fn new() -> Self {
        Self { latest: None, by_name: HashMap::new() }
    }

    pub(crate) fn add(&mut self, name: &Option<String>, made: Result<T, Stop>) {
        if let Some(name) = name {
            self.by_name.insert(name.clone(), made.clone());
        }
        self.latest = Some(made);
    }

    pub(crate) fn get(&self, name: &Option<String>) -> Result<T, Stop> {
        let found = match name {
            Some(name) => self.by_name.get(name),
            None => self.latest.as_ref(),
        };
        let none = || match name {
            Some(name) => Stop::Wrong(format!("there is no module ${name}")),
            None => Stop::Wrong("there is no module before it".into()),
        };
        found.ok_or_else(none)?.clone()
    }
}
