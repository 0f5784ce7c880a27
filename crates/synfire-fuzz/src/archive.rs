//! Files around hostile parts: a zip archive, a gzip stream and an array of NumPy whose own sums and lengths are right.
//!
//! Written by hand, as a writer of archives would refuse half of it, and would take most of the time.

use flate2::Crc;

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn short(n: usize) -> [u8; 2] {
    u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes()
}

fn long(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes()
}

/// A zip archive of stored entries, in this order.
pub(crate) fn zip(entries: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in entries {
        let at = long(archive.len());
        // Version, flags, method, time and date, sum, both sizes, lengths of name and extra field.
        let described = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
            &sum(content).to_le_bytes(),
            &long(content.len()),
            &long(content.len()),
            &short(name.len()),
            &[0, 0],
        ]
        .concat();
        archive.extend([b"PK\x03\x04", &described[..], name, content].concat());
        let attributes = [0; 10];
        directory.extend([b"PK\x01\x02\x14\0", &described[..], &attributes, &at, name].concat());
    }
    let at = long(archive.len());
    let n = short(entries.len());
    let end = [b"PK\x05\x06\0\0\0\0", &n[..], &n, &long(directory.len()), &at, &[0, 0]].concat();
    [archive, directory, end].concat()
}

/// A gzip stream of one stored block, or of two.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let blocks = content.chunks(u16::MAX.into());
    let n_blocks = blocks.len();
    for (idx, block) in blocks.enumerate() {
        let length = short(block.len());
        stream.push(u8::from(idx + 1 == n_blocks));
        stream.extend(length);
        stream.extend(length.map(|byte| !byte));
        stream.extend(block);
    }
    if n_blocks == 0 {
        stream.extend([1, 0, 0, 0xff, 0xff]);
    }
    stream.extend(sum(content).to_le_bytes());
    stream.extend(long(content.len()));
    stream
}

/// An array of NumPy with any text for a header.
pub(crate) fn npy(version: u8, header: &[u8], values: &[u8]) -> Vec<u8> {
    let magic = [b"\x93NUMPY", &[version, 0][..]].concat();
    match version {
        0 | 1 => [&magic, &short(header.len())[..], header, values].concat(),
        _ => [&magic, &long(header.len())[..], header, values].concat(),
    }
}
