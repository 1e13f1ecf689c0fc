//! What a text stands for, worked out once: a long table says the same few texts on every row.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hashbrown::HashMap;

/// Texts remembered at most; a table that says more different ones says each of them seldom.
const TEXTS_MAX: usize = 20_000;

/// Answers about texts, by what was asked about them.
pub(super) struct Memo<Q, T>(RefCell<BTreeMap<Q, HashMap<String, T>>>);

impl<Q, T> Default for Memo<Q, T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<Q: Ord, T: Clone> Memo<Q, T> {
    /// The answer to a question about a text; `find` must give the same one whenever it is asked.
    pub(super) fn get(&self, question: Q, text: &str, find: impl FnOnce() -> T) -> T {
        let known = self.0.borrow();
        if let Some(answer) = known.get(&question).and_then(|answers| answers.get(text)) {
            return answer.clone();
        }
        drop(known);
        let answer = find();
        let mut known = self.0.borrow_mut();
        let answers = known.entry(question).or_default();
        if answers.len() < TEXTS_MAX {
            answers.insert(text.to_owned(), answer.clone());
        }
        answer
    }
}

/// Answers about cells of one sheet, by what stands in them.
pub(super) struct CellMemo<K, T>(RefCell<HashMap<K, T>>);

impl<K, T> Default for CellMemo<K, T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: std::hash::Hash + Eq, T: Clone> CellMemo<K, T> {
    /// The answer about cells, if they have a key; `find` must give the same one whenever it is
    /// asked. Only answers are remembered, not why there is none.
    pub(super) fn get<E>(
        &self,
        key: Option<K>,
        find: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(key) = key else {
            return find();
        };
        if let Some(answer) = self.0.borrow().get(&key) {
            return Ok(answer.clone());
        }
        let answer = find()?;
        let mut known = self.0.borrow_mut();
        if known.len() < TEXTS_MAX {
            known.insert(key, answer.clone());
        }
        Ok(answer)
    }
}
