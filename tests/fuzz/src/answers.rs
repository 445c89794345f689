//! What a native module answers, and what a component's answer becomes.

use wildcert_plugin_sdk::{Error, ErrorKind};

type Zones = Result<Vec<String>, Error>;
type Handles = Result<Vec<Result<Option<String>, Error>>, Error>;
type Done = Result<Vec<Result<(), Error>>, Error>;

pub(crate) fn answer(bytes: &[u8]) {
    let read = [
        serde_json::from_slice::<Zones>(bytes).map(|answer| answer.err().into_iter().collect()),
        serde_json::from_slice::<Handles>(bytes).map(|answer| errors(answer)),
        serde_json::from_slice::<Done>(bytes).map(|answer| errors(answer)),
    ];
    for answer in read {
        match answer {
            Ok(errors) => errors.into_iter().for_each(|error: Error| {
                assert_eq!(ErrorKind::from_word(error.kind.as_str()), error.kind);
                drop(error.to_string());
            }),
            Err(unreadable) => drop(unreadable.to_string()),
        }
    }
}

fn errors<T>(answer: Result<Vec<Result<T, Error>>, Error>) -> Vec<Error> {
    match answer {
        Ok(results) => results.into_iter().filter_map(Result::err).collect(),
        Err(error) => vec![error],
    }
}
