//! The fragments of `docs/coming-from.md` are networks and placements, behind the frame that the page gives.

use std::fs;
use std::sync::Arc;
use synfire_loihi::lower;
use synfire_loihi::place::Manual;
use synfire_net::file;
use synfire_tests::workspace;

#[test]
fn every_fragment_can_be_read() {
    let page = fs::read_to_string(workspace().join("docs/coming-from.md")).unwrap();
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let frame = blocks[0];
    let network = file::parse(frame).unwrap();
    let mut n_networks = 0;
    let mut n_placements = 0;
    for block in &blocks[1..] {
        if block.contains("[[population]]") {
            Manual::parse(block, &network).unwrap_or_else(|error| panic!("{error}\n{block}"));
            n_placements += 1;
        } else {
            let network = file::parse(&format!("{frame}\n{block}"));
            let network = network.unwrap_or_else(|error| panic!("{error}\n{block}"));
            lower(Arc::new(network)).unwrap_or_else(|error| panic!("{error}\n{block}"));
            n_networks += 1;
        }
    }
    assert!(n_networks >= 5 && n_placements >= 1, "{n_networks}, {n_placements}");
}
