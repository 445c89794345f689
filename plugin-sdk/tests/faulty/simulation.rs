//! What a simulation does when something is to go wrong on the way.

use wildcert_plugin_sdk::{
    Request, Response,
    testing::{Data, Fault, NOW, Setup, Simulation},
};

use super::vendor::Vendor;

const ZONES: &str = "https://api.vendor.example/zones";
const TEXTS: &str = "https://api.vendor.example/zones/10000/texts";

fn with(fault: Fault) -> Simulation<Vendor> {
    Simulation::new(Setup { data: account(), fault: Some(fault) })
}

fn account() -> Data {
    let mut data = Data::default();
    data.add_zone("example.com.").add("example.com.", "TXT", 600, "there");
    data
}

fn get(simulation: &mut Simulation<Vendor>, now: u64) -> Option<Response> {
    send(simulation, "GET", ZONES, "", now)
}

fn post(simulation: &mut Simulation<Vendor>, value: &str) -> Option<Response> {
    let body = format!(r#"{{"owner": "a.example.com.", "value": "{value}", "ttl": 60}}"#);
    send(simulation, "POST", TEXTS, &body, NOW)
}

fn send(
    simulation: &mut Simulation<Vendor>,
    method: &str,
    url: &str,
    body: &str,
    now: u64,
) -> Option<Response> {
    let headers = [("X-Key", "right"), ("Content-Type", "application/json")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let (method, url, body) = (method.to_owned(), url.to_owned(), body.as_bytes().to_vec());
    simulation.handle(&Request { method, url, headers, body, options: Vec::new() }, now)
}

fn status(answer: Option<Response>) -> Option<u16> {
    answer.map(|answer| answer.status)
}

#[test]
fn the_wait_after_429_is_watched() {
    let mut simulation = with(Fault::TooManyRequests(2));
    assert!(!simulation.state().fault_happened);
    let answer = get(&mut simulation, NOW).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("2")));
    assert!(simulation.state().fault_happened);
    assert_eq!(status(get(&mut simulation, NOW + 2000)), Some(200));
    assert!(simulation.state().violations.is_empty());

    let mut hasty = with(Fault::TooManyRequests(2));
    get(&mut hasty, NOW);
    get(&mut hasty, NOW + 1500);
    let violations = &hasty.state().violations;
    assert!(violations[0].contains("500 ms before the wait"), "{violations:?}");
}

#[test]
fn a_lost_answer_is_that_of_a_write_that_was_carried_out() {
    let mut simulation = with(Fault::Lost);
    assert_eq!(status(get(&mut simulation, NOW)), Some(200));
    assert!(!simulation.state().fault_happened);
    assert_eq!(status(post(&mut simulation, "new")), None);
    assert!(simulation.state().fault_happened);
    assert_eq!(simulation.state().data.txt("a.example.com."), ["new"]);
    assert_eq!(status(post(&mut simulation, "next")), Some(201), "only once");
}

#[test]
fn a_broken_answer_has_half_of_its_body() {
    let whole = get(&mut Simulation::new(Setup { data: account(), fault: None }), NOW).unwrap();
    let mut simulation = with(Fault::Broken);
    let answer = get(&mut simulation, NOW).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &whole.body[..whole.body.len() / 2]));
    assert!(simulation.state().fault_happened);
    assert_eq!(get(&mut simulation, NOW).unwrap().body, whole.body, "only once");
}

#[test]
fn a_refused_write_changes_nothing_however_often_it_is_tried() {
    let mut simulation = with(Fault::RefusedWrites);
    assert_eq!(status(get(&mut simulation, NOW)), Some(200));
    assert!(!simulation.state().fault_happened);
    for _ in 0..2 {
        assert_eq!(status(post(&mut simulation, "new")), Some(500));
    }
    assert!(simulation.state().fault_happened);
    assert_eq!(simulation.state().data, account());
}

#[test]
fn it_is_unavailable_twice_and_redirects_once() {
    let mut unavailable = with(Fault::Unavailable);
    let statuses = [(); 3].map(|()| status(get(&mut unavailable, NOW)));
    assert_eq!(statuses, [Some(503), Some(503), Some(200)]);
    assert!(unavailable.state().fault_happened);

    let mut redirecting = with(Fault::Redirect);
    let answer = get(&mut redirecting, NOW).unwrap();
    assert_eq!(answer.status, 302);
    assert!(answer.header("location").is_some_and(|to| to.contains("elsewhere.example")));
    assert_eq!(status(get(&mut redirecting, NOW)), Some(200));
    assert!(redirecting.state().fault_happened);
}

#[test]
fn somebody_else_writes_just_before_the_first_write() {
    let mut theirs = account();
    theirs.zone_mut("example.com.").unwrap().add("a.example.com.", "TXT", 60, "theirs");
    let mut simulation = with(Fault::Overtaken(theirs));
    assert_eq!(status(get(&mut simulation, NOW)), Some(200));
    assert!(simulation.state().data.txt("a.example.com.").is_empty());
    assert_eq!(status(post(&mut simulation, "ours")), Some(201));
    assert_eq!(simulation.state().data.txt("a.example.com."), ["ours", "theirs"]);
    assert!(simulation.state().fault_happened);
}
