//! Hostile files: each ends in an error that names the file and what is wrong, within bounded memory.
//!
//! The real binary runs in a process of its own, whose whole address space has a limit; a file that makes it ask for
//! more ends it by a signal, and no message. Beside the files lies nothing new afterwards: what an archive calls its
//! entries leads nowhere. Parsers alone are under fire of `synfire-fuzz`, with small inputs; these are large ones, or
//! small ones that ask for much.

#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use synfire_train::synfire_data::sha256_hex;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::trap::{LIMIT_KIB, Trap};

/// Without this the other tests would prove nothing.
#[test]
fn the_limit_is_one() {
    let trap = Trap::new();
    let neuron = "neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 1 }";
    let net = |n| format!("name = \"n\"\n[[layer]]\nname = \"l\"\nsize = {n}\n{neuron}\n");
    trap.write("small.toml", net(1).as_bytes());
    assert!(trap.synfire("chip run small.toml --steps 1", LIMIT_KIB).status.success());
    // A valid network, and one that needs more than there is: an end by a signal, and not with a code.
    trap.write("large.toml", net(1 << 24).as_bytes());
    let status = trap.synfire("chip run large.toml --steps 1", LIMIT_KIB / 4).status;
    assert_eq!(status.code(), None, "{status}");
}

fn npy(header: &str, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).expect("short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
}

fn described(descr: &str, shape: &str) -> String {
    format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}")
}

fn npz<'a>(entries: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, options).expect("in memory");
        zip.write_all(&bytes).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

#[test]
fn archives_with_absurd_arrays() {
    let trap = Trap::new();
    let w2 = || ("w2.npy", npy(&described("'|i1'", "(2, 2)"), &[0; 4]));
    for (descr, shape, expected) in [
        ("'<i2'", "(1099511627776, 1099511627776)", "(1099511627776, 1099511627776)"),
        ("'<i2'", "(4294967296, 4294967296, 4294967296)", "4294967296"),
        ("'<i2'", "(18446744073709551616, 2)", "18446744073709551616"),
        ("'<i2'", "(-2, 2)", "-2"),
        ("'<i2'", "(65536, 65536)", "65536"),
        ("'|O'", "(2, 2)", "|O"),
        ("[('a', '<i2')]", "(2, 2)", "w1"),
        ("'<U4000000000'", "(1,)", "w1"),
        ("'|i1'", "(9, 9)", "w1"),
    ] {
        trap.write("w.npz", &npz([("w1.npy", npy(&described(descr, shape), &[0; 80])), w2()]));
        trap.refused("eval --weights w.npz", &["w.npz: ", "w1", expected]);
        trap.refused("train --init-weights w.npz --out out", &["w.npz: ", expected]);
    }
    let nested = npy(&"(".repeat(60_000), &[]);
    trap.write("w.npz", &npz([("w1.npy", nested), w2()]));
    trap.refused("eval --weights w.npz", &["w.npz: ", "w1", "header"]);
    // A pickle, as `numpy.save` writes objects: nothing of it is run, or looked at.
    let pickle =
        npy(&described("'|O'", "()"), b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.");
    trap.write("w.npz", &npz([("w1.npy", pickle), w2()]));
    trap.refused("eval --weights w.npz", &["w.npz: ", "w1", "|O"]);
}

/// What is announced, and what is there: neither is believed.
#[test]
fn archives_that_unpack_to_more_than_they_say_or_may() {
    let trap = Trap::new();
    let zeros = |descr: &str, shape: &str, n| npy(&described(descr, shape), &vec![0; n]);
    trap.write("w.npz", &npz([("w1.npy", zeros("'<i8'", "(8192, 8192)", 16 << 20))]));
    trap.refused("eval --weights w.npz", &["w.npz: ", "makes 536870912 bytes of <i8, allowed are"]);
    let bytes = npz([("w1.npy", zeros("'|i1'", "(2, 2)", 16 << 20))]);
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    trap.write("w.npz", &bytes);
    trap.refused("eval --weights w.npz", &["w.npz: ", "there is more data than its 4 bytes"]);
}

#[test]
fn archives_whose_names_climb_repeat_or_are_too_many() {
    let trap = Trap::new();
    let array = || npy(&described("'|i1'", "(2, 2)"), &[0; 4]);
    let climbing = [
        "../../out.npy",
        "/tmp/synfire-out.npy",
        "..\\..\\out.npy",
        "../w1.npy",
        "a/../../../w2.npy",
    ];
    trap.write("w.npz", &npz(climbing.map(|name| (name, array()))));
    trap.refused("eval --weights w.npz", &["w.npz: array w1 is missing, found ", "../../out"]);
    assert!(!PathBuf::from("/tmp/synfire-out.npy").exists());
    trap.write("w.npz", &npz([("\u{1b}[2J.npy", array())]));
    trap.refused("eval --weights w.npz", &["w.npz: array w1 is missing, found \\u{1b}[2J"]);
    let mut twice = npz([("w1.npy", array()), ("w2.npy", array())]);
    while let Some(place) = twice.windows(6).position(|name| name == b"w2.npy") {
        twice[place + 1] = b'1';
    }
    trap.write("w.npz", &twice);
    trap.refused("eval --weights w.npz", &["w.npz: ", "two entries of one name"]);
    let names: Vec<String> = (0..5000).map(|k| format!("{k}.npy")).collect();
    trap.write("w.npz", &npz(names.iter().map(|name| (&name[..], Vec::new()))));
    trap.refused("eval --weights w.npz", &["w.npz: ", "5000 entries, expected at most 4096"]);
    // The end of the directory says that there are more entries than there are atoms.
    let mut lying = npz([("w1.npy", array())]);
    let end = lying.len() - 22;
    lying[end + 8..end + 12].fill(0xff);
    lying[end + 12..end + 20].fill(0xff);
    trap.write("w.npz", &lying);
    trap.refused("eval --weights w.npz", &["w.npz: not a complete npz archive"]);
    let mut zip64 = npz([("w1.npy", array())]);
    let end = zip64.split_off(zip64.len() - 22);
    let at = zip64.len() as u64;
    let record = [
        &b"PK\x06\x06"[..],
        &44_u64.to_le_bytes(),
        &[45, 0, 45, 0],
        &[0; 8],
        &[0xff; 16],
        &[0xff; 16],
    ];
    zip64.extend(record.concat());
    zip64.extend([&b"PK\x06\x07"[..], &[0; 4], &at.to_le_bytes(), &[1, 0, 0, 0]].concat());
    zip64.extend(end);
    trap.write("w.npz", &zip64);
    trap.refused("eval --weights w.npz", &["w.npz: "]);
}

fn tensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn safetensors_with_lying_headers() {
    let trap = Trap::new();
    let refused = |bytes: &[u8], expected: &str| {
        trap.write("w.safetensors", bytes);
        trap.refused("eval --weights w.safetensors", &["w.safetensors: ", expected]);
    };
    let one = |dtype: &str, shape: &str, places: &str| {
        format!("{{\"w1\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":{places}}}}}")
    };
    let complete = "not a complete safetensors file";
    for length in [1 << 63, u64::MAX, 1 << 40, 100_000_001, 17] {
        refused(&[&length.to_le_bytes()[..], b"{\"w1\":{}}"].concat(), complete);
    }
    refused(&tensors(&one("I16", "[4294967296,4294967296]", "[0,2]"), &[0; 2]), complete);
    refused(&tensors(&one("I16", "[1]", "[2,0]"), &[0; 2]), complete);
    refused(&tensors(&one("I16", "[1]", "[0,18446744073709551615]"), &[0; 2]), complete);
    refused(&tensors(&one("I16", "[9]", "[0,18]"), &[0; 2]), complete);
    let two = "{\"w1\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\
               \"w2\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}";
    refused(&tensors(two, &[0; 3]), complete);
    refused(&tensors(&"{\"a\":".repeat(500_000), &[]), complete);
    let mut many = String::from("{");
    for k in 0..100_000 {
        let comma = if k == 0 { "" } else { "," };
        write!(many, "{comma}\"{k}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")
            .expect("text");
    }
    many.push('}');
    refused(&tensors(&many, &[]), "header has ");
    let shape = format!("[{}1]", "1,".repeat(1_900_000));
    refused(&tensors(&one("U8", &shape, "[0,1]"), &[0]), "w.safetensors: ");
}

/// A checkpoint with a sum that is right, as whoever means harm can compute it.
fn checkpoint(entry: &str, tensor: &str, data: &[u8]) -> Vec<u8> {
    let entry = serde_json::to_string(entry).expect("text");
    let (begin, end) = (data.len(), data.len() + 64);
    let header = format!(
        "{{\"__metadata__\":{{\"synfire\":{entry}}},{tensor}\"sha256\":{{\"dtype\":\"U8\",\"shape\":[64],\
         \"data_offsets\":[{begin},{end}]}}}}"
    );
    let file = tensors(&header, data);
    let sum = sha256_hex(&file);
    [&file[..], sum.as_bytes()].concat()
}

#[test]
fn checkpoints_that_ask_for_more_than_they_hold() {
    let trap = Trap::new();
    let name = "run/checkpoint.safetensors";
    let run = "epochs = 1\n[record]\nlayers = [400, 40, 10]\nsamples = 10\n";
    trap.write("run/run.toml", run.as_bytes());
    let refused = |bytes: &[u8], expected: &str| {
        trap.write(name, bytes);
        trap.refused("train --resume run", &[name, expected]);
    };
    for length in [1 << 63, u64::MAX, 100_000_001] {
        refused(
            &[&u64::to_le_bytes(length)[..], b"{}"].concat(),
            "truncated, or no safetensors file",
        );
    }
    let huge = tensors(&format!("{{}}{}", " ".repeat(17 << 20)), &[]);
    refused(&huge, "header has 17825794 bytes, expected at most 16777216");
    let entry = |more: &str| {
        format!(
            "format = 1\nrun = '''\n{run}'''\nmetrics = ''\nis-reference = false\n[position]\nepochs = 0\n\
             samples = 0\nis-trained = false\nhas-mismatch = false\nhas-fault = false\nhas-test-fault = false\n\
             seconds = {{ secs = 0, nanos = 0 }}\ntally = {{ errors = 0, updates = 0, faults = 0, compared = 0, \
             mismatches = 0, score = {{ samples = 0, exact = 0, binary = 0, potential = 0 }} }}\n{more}"
        )
    };
    // Fifty thousand names for one array of a megabyte: fifty gigabytes.
    let big = "\"learner.a\":{\"dtype\":\"U8\",\"shape\":[1048576],\"data_offsets\":[0,1048576]},";
    let same: String = (0..50_000).map(|k| format!("\"weights.{k}\" = \"a\"\n")).collect();
    let bytes = checkpoint(&entry(&format!("[same]\n{same}")), big, &vec![1; 1 << 20]);
    refused(&bytes, "too many arrays are equal to a");
    // A byte for each of four million projections.
    let plastic =
        "\"learner.plastic\":{\"dtype\":\"U8\",\"shape\":[4194304],\"data_offsets\":[0,4194304]},";
    refused(
        &checkpoint(&entry("[same]\n"), plastic, &vec![1; 4 << 20]),
        "it is no checkpoint of this version",
    );
    // Tables in the entry.
    let bomb = "x = {a.a.a.a.a.a.a.a.a.a=1}\n".repeat(200_000);
    refused(&checkpoint(&entry(&bomb), "", &[]), "reading it may take ");
}

/// What a text says of `chip check`, `chip run`, or as a placement.
#[test]
fn networks_that_ask_for_more_than_anybody_can_mean() {
    let trap = Trap::new();
    let layer = |size: &str| format!("name = \"n\"\n[[layer]]\nname = \"l\"\nsize = {size}\n");
    let refused = |text: &str, expected: &str| {
        trap.write("net.toml", text.as_bytes());
        trap.refused("chip check net.toml", &[expected]);
    };
    let memory = "allowed are 2147483648";
    refused(&format!("x = {}", "[".repeat(5_000_000)), memory);
    refused(&format!("x = {}", "[".repeat(100_000)), "line 1: ");
    refused(&format!("x = [{}]", "0,".repeat(7_000_000)), memory);
    refused(&format!("x = [{}]", "{a.a.a.a.a.a.a.a.a.a=1},".repeat(150_000)), memory);
    refused(&format!("{} = 1", "a.".repeat(1_000_000)), "line 1: ");
    refused(&"[a.b.c.d.e.f.g.h]\n".repeat(200_000), memory);
    refused(&"\n".repeat(21_000_000), memory);
    refused(&layer("4294967295"), "has 4294967295 neurons");
    refused(&layer("99999999999999999999999999"), "line 4: ");
    refused(&layer(&"9".repeat(1_000_000)), "line 4: ");
    refused(&layer("-1"), "line 4: ");
    let many = "[[layer]]\nname = \"l\"\nsize = 16777216\n".repeat(1000);
    refused(&format!("name = \"n\"\n{many}"), "16777216000 neurons and sources in all");
    let neuron = "neuron = { current_decay = 1, voltage_decay = 1, threshold = 1, bias = 0, refractory = 1 }";
    let product = format!(
        "name = \"n\"\n[[layer]]\nname = \"a\"\nsize = 8388608\n[[layer]]\nname = \"b\"\nsize = 8388608\n{neuron}\n\
         [[projection]]\nname = \"p\"\nfrom = \"a\"\nto = \"b\"\npattern = \"all-to-all\"\nweight = 1\n"
    );
    refused(&product, "70368744177664 synapses in all");
    trap.refused("chip run net.toml --steps 1", &["net.toml: ", "70368744177664 synapses in all"]);
    trap.write("net.toml", &[b"name = \"".as_slice(), &[0xff; 100]].concat());
    trap.refused("chip check net.toml", &["net.toml: ", "not UTF-8"]);
}

#[test]
fn placements_and_spikes_that_go_into_a_run() {
    let trap = Trap::new();
    let neuron = "neuron = { current_decay = 1, voltage_decay = 1, threshold = 1, bias = 0, refractory = 1 }";
    let net = format!(
        "name = \"n\"\n[[layer]]\nname = \"s\"\nsize = 1\n[[layer]]\nname = \"l\"\nsize = 1\n{neuron}\n"
    );
    trap.write("net.toml", net.as_bytes());
    let placed = |text: &str, expected: &str| {
        trap.write("place.toml", text.as_bytes());
        trap.refused("chip check net.toml --placement place.toml", &["place.toml: ", expected]);
    };
    placed(&format!("x = [{}]", "{a=1},".repeat(200_000)), "allowed are 268435456");
    placed("[[population]]\nlayer = \"l\"\ncore_range = [0, 4294967295]", "core is 4294967295");
    let cores = "0,".repeat(300_000);
    placed(&format!("[[population]]\nlayer = \"l\"\ncores = [{cores}]"), "core 0 is named twice");
    let spikes = |text: &str, expected: &[&str]| {
        trap.write("in.csv", text.as_bytes());
        trap.refused("chip run net.toml --steps 9 --input in.csv", expected);
    };
    let rows = |row: &str, n| format!("step,layer,neuron\n{}", row.repeat(n));
    let problems = "200000 problems\n  line 2, column 1: step is `0`";
    spikes(&rows("0,s,0\n", 200_000), &["in.csv: ", problems, "and 199990 more"]);
    spikes(&rows("1,s,0\n", 200_000), &["in.csv: 199999 problems", "is there a second time"]);
    spikes(&rows(&",".repeat(1000), 20_000), &["in.csv: line 2: 20000001 columns, expected 3"]);
    spikes(&rows(&"x".repeat(100_000_000), 1), &["in.csv: line 2: 1 columns, expected 3"]);
    spikes(&"y".repeat(100_000_000), &["in.csv: line 1: heading is `yyyy"]);
}

/// Paths that a file names move no cursor; that nothing else does is looked at wherever a file is refused.
#[test]
fn paths_with_control_characters() {
    let trap = Trap::new();
    for key in ["init-weights = \"%\"", "dataset = \"idx:%\"", "dataset = \"npy:%\""] {
        let text = key.replace('%', r"a\u001b[2J\u009b\r");
        trap.write("run.toml", text.as_bytes());
        trap.refused("train --config run.toml", &[r"a\u{1b}[2J\u{9b}\r"]);
    }
    for (grid, expected) in [
        (r#"init-weights = ["\t", "\t"]"#, r"init-weights is \t twice"),
        (r#"seed = "hash \u001b""#, r"seeds `\u{1b}`: expected numbers"),
    ] {
        trap.write("grid.toml", format!("[grid]\n{grid}\n").as_bytes());
        trap.refused("sweep plan grid.toml --out plan.toml", &[expected]);
    }
}

#[test]
fn run_files_and_folders_of_runs() {
    let trap = Trap::new();
    let refused = |text: &str, expected: &str| {
        trap.write("run.toml", text.as_bytes());
        trap.refused("train --config run.toml", &["run.toml", expected]);
    };
    refused(
        "hidden = 1000000000000",
        "line 1, column 10: hidden is 1000000000000, expected 1 to 65536",
    );
    refused("epochs = 1e300", "epochs is of type float");
    refused("seeds = \"0..=18446744073709551615\"", "more than 10000 seeds");
    refused(&format!("x = [{}]", "{a.a.a.a=1},".repeat(80_000)), "allowed are 67108864");
    refused(&format!("{} = 1", "k".repeat(1_000_000)), "unknown key `kkkk");
    refused(&format!("x = {}", "[".repeat(3000)), "line 1, column ");
    refused(&" ".repeat(2 << 20), "at most 1048576 bytes");
    let record = "epochs = 1\n[record]\nlayers = [400, 40, 10]\nsamples = 10\n";
    trap.write("run/run.toml", record.as_bytes());
    let head = "epoch,train_exact,train_binary,train_potential,test_exact,test_binary,test_potential,error_share,\
                updates,saturated,faults,compared,mismatches,seconds,dead_classes,test_faults,hidden_active\n";
    let row = "1,0,0,0,0,0,0,0,0,0,0,0,0,0,,0,0\n";
    trap.write("run/metrics.csv", format!("{head}{}", row.repeat(100_000)).as_bytes());
    trap.refused("report run", &["metrics.csv"]);
    trap.write("run/metrics.csv", format!("{head}{}", "1,".repeat(5_000_000)).as_bytes());
    trap.refused("report run", &["metrics.csv"]);
    let layers = "1,".repeat(100_000);
    let long = format!("epochs = 1\n[record]\nlayers = [{layers}]\nsamples = 10\n");
    trap.write("run/run.toml", long.as_bytes());
    trap.refused("report run", &["run"]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

#[test]
fn data_sets_with_huge_counts_and_packed_bombs() {
    let trap = Trap::new();
    let header = |sizes: [u32; 3]| -> Vec<u8> {
        [0x803].into_iter().chain(sizes).flat_map(u32::to_be_bytes).collect()
    };
    let labels = |n: u32| -> Vec<u8> {
        [0x801, n].into_iter().flat_map(u32::to_be_bytes).chain([0; 2]).collect()
    };
    for part in ["train", "t10k"] {
        trap.write(
            &format!("set/{part}-images-idx3-ubyte"),
            &[header([2, 1, 1]), vec![0; 2]].concat(),
        );
        trap.write(&format!("set/{part}-labels-idx1-ubyte"), &labels(2));
    }
    let name = "set/train-images-idx3-ubyte";
    let refused = |bytes: &[u8], expected: &str| {
        trap.write(name, bytes);
        trap.refused("train --dataset idx:set --out out --samples 1", &[name, expected]);
    };
    let max = u32::MAX;
    refused(&header([max, max, max]), "header promises ");
    refused(&header([max, 1, 1]), "header promises 4294967295 bytes, allowed are ");
    refused(
        &header([1 << 26, 1, 1]),
        "payload is truncated: 0 bytes, the header promises 67108864",
    );
    refused(
        &header([1, 1 << 13, 1 << 13]),
        "8192 rows by 8192 columns, allowed are 16777216 pixels",
    );
    refused(&gzip(&header([1 << 26, 1, 1])), "payload is truncated");
    // A few kilobytes that unpack to megabytes and say nothing of it.
    let bomb = gzip(&[header([2, 1, 1]), vec![0; 16 << 20]].concat());
    assert!(bomb.len() < 1 << 20);
    refused(&bomb, "payload is longer than the 2 bytes that the header promises");
    // And that say so: white images, of which every pixel would be kept.
    let white = gzip(&[header([1 << 13, 40, 40]), vec![255; 1600 << 13]].concat());
    trap.write(name, &white);
    trap.refused("train --dataset idx:set --out out --samples 1", &["set"]);
}

/// Files of a run that take no place on the disk and are a terabyte long; links to what has no end.
#[test]
fn files_of_a_run_without_an_end() {
    let trap = Trap::new();
    let train = "train --samples 20 --epochs 1 --hidden 4 --tensorboard --out run";
    assert!(trap.synfire(train, LIMIT_KIB).status.success());
    let endless = |name: &str| {
        let file = std::fs::File::options().write(true).open(trap.path(name)).expect("a file");
        file.set_len(1 << 40).expect("a sparse file");
    };
    let replaced = |name: &str, by: &dyn Fn(), words: &str| {
        let whole = std::fs::read(trap.path(name)).expect("a file");
        by();
        trap.refused(words, &[name, "expected a regular file of at most "]);
        std::fs::remove_file(trap.path(name)).expect("a file");
        std::fs::write(trap.path(name), whole).expect("writable");
    };
    for file in ["run.toml", "metrics.csv", "weights.npz"] {
        let name = format!("run/{file}");
        replaced(&name, &|| endless(&name), "report run");
        let linked = || {
            std::fs::remove_file(trap.path(&name)).expect("a file");
            std::os::unix::fs::symlink("/dev/zero", trap.path(&name)).expect("a link");
        };
        replaced(&name, &linked, "report run");
    }
    let name = "run/checkpoint.safetensors";
    replaced(name, &|| endless(name), "train --resume run --epochs 2");
    // Of events no more is read than there can be; the rest is cut off.
    let events: Vec<PathBuf> = trap.list().into_iter().filter(|path| is_event_file(path)).collect();
    let [events] = &events[..] else { panic!("one event file: {events:?}") };
    let length = std::fs::metadata(events).expect("a file").len();
    std::fs::File::options()
        .write(true)
        .open(events)
        .expect("a file")
        .set_len(1 << 40)
        .expect("sparse");
    let resumed = trap.synfire("train --resume run --epochs 2", LIMIT_KIB);
    assert!(resumed.status.success(), "{resumed:?}");
    let after = std::fs::metadata(events).expect("a file").len();
    assert!(length < after && after < 3 * length, "{length} and {after} bytes");
}

fn is_event_file(path: &std::path::Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("tfevents"))
}
