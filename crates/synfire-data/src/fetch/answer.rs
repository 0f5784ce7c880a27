//! What the head of an answer says, and whether it is an answer to what was asked. Servers are not trusted: a file is
//! what its checksum says, and what cannot be understood is no answer.

use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::disk::{Origin, Part};
use super::problem::FetchProblem;

/// The longest text that tells one state of a file from another.
const LONGEST_VALIDATOR: usize = 512;

/// The head of an answer as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Bytes that are to come, if the server says it.
    pub(super) n_bytes: Option<u64>,
    /// The first byte and the number of all bytes, of an answer that holds a part.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// What tells that the file is still the same.
    pub(super) validator: Option<String>,
}

/// What comes: how many bytes are there before it, and how many there will be, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coming {
    pub(super) n_before: u64,
    pub(super) n_total: Option<u64>,
}

impl Head {
    pub(super) fn of(status: u16, headers: &HeaderMap) -> Head {
        Head {
            status,
            n_bytes: text(headers, &header::CONTENT_LENGTH).and_then(|n| n.parse().ok()),
            range: text(headers, &header::CONTENT_RANGE).and_then(content_range),
            validator: validator(headers),
        }
    }

    /// What comes, if it is the file or the rest of it and not longer than `allowed`.
    pub(super) fn coming(&self, part: Option<&Part>, allowed: u64) -> Result<Coming, FetchProblem> {
        let coming = match (self.status, part) {
            (200, _) => Coming { n_before: 0, n_total: self.n_bytes },
            (206, Some(part)) => {
                let n_total = self.rest_of(part).map_err(|reason| {
                    let reason = reason.to_owned();
                    FetchProblem::Protocol { reason }
                })?;
                Coming { n_before: part.n_bytes, n_total }
            }
            (code, _) => return Err(FetchProblem::Status { code }),
        };
        match coming.n_total.filter(|&found| found > allowed) {
            Some(found) => Err(FetchProblem::TooLong { found: Some(found), allowed }),
            None => Ok(coming),
        }
    }

    /// The number of all bytes, if an answer is what follows a part; otherwise why it is not.
    fn rest_of(&self, part: &Part) -> Result<Option<u64>, &'static str> {
        let Some((first, n_total)) = self.range else {
            return Err("a part came that is not the rest of the file");
        };
        if first != part.n_bytes {
            return Err("another part came than the one asked for");
        }
        let known = part.origin.n_total;
        if known.is_some() && n_total.is_some() && known != n_total {
            return Err("the rest of a file of another length came");
        }
        if self.validator.as_ref().is_some_and(|validator| *validator != part.origin.validator) {
            return Err("the rest of another file came");
        }
        Ok(n_total.or(known))
    }
}

/// For fuzzers, as no server is fast enough: what a transfer makes of an answer when `n_part` bytes lie beside the text
/// of an origin. Bytes before, bytes in all, and the text of the origin that is put down if the answer begins anew.
#[doc(hidden)]
pub fn judge_answer(
    status: u16,
    headers: &[(&str, &[u8])],
    (origin, n_part): (&str, u64),
    allowed: u64,
) -> Result<(u64, Option<u64>, Option<String>), FetchProblem> {
    let named = headers.iter().filter_map(|(name, value)| {
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value).ok()?))
    });
    let head = Head::of(status, &named.collect());
    let origin = Origin::parse(origin).filter(|_| n_part > 0);
    let part = origin.map(|origin| Part { n_bytes: n_part, origin });
    let Coming { n_before, n_total } = head.coming(part.as_ref(), allowed)?;
    let url = "http://h/a.gz".to_owned();
    let origin = head.validator.filter(|_| n_before == 0);
    let origin = origin.map(|validator| Origin { url, validator, n_total }.text());
    Ok((n_before, n_total, origin))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A strong tag or else a date; a weak tag says nothing of single bytes.
fn validator(headers: &HeaderMap) -> Option<String> {
    let is_strong = |tag: &&str| tag.starts_with('"') && tag.len() > 2 && tag.ends_with('"');
    let tag = text(headers, &header::ETAG).filter(is_strong);
    let found = tag.or_else(|| text(headers, &header::LAST_MODIFIED))?;
    (!found.is_empty() && found.len() <= LONGEST_VALIDATOR).then(|| found.to_owned())
}

/// `bytes 100-199/200` or `bytes 100-199/*`: the first byte, and how many there are.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = if total == "*" { None } else { Some(total.parse::<u64>().ok()?) };
    // A server that leaves out the end would have to be asked again, and none does.
    let is_rest = total.is_none_or(|total| total.checked_sub(1) == Some(last));
    (first <= last && is_rest).then_some((first, total))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn ranges_reach_to_the_end_or_are_none() {
        assert_eq!(content_range("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(content_range("bytes 100-199/*"), Some((100, None)));
        for text in ["bytes 100-198/200", "bytes 200-199/200", "bytes */200", "items 0-1/2", ""] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }

    #[test]
    fn validators_are_strong_and_short() {
        let of = |name: &str, value: &str| {
            let pair = (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
            validator(&[pair].into_iter().collect())
        };
        assert_eq!(of("etag", "\"a\""), Some("\"a\"".to_owned()));
        assert_eq!(of("last-modified", "Monday"), Some("Monday".to_owned()));
        for tag in ["W/\"a\"", "a", "\"\"", "\"", ""] {
            assert_eq!(of("etag", tag), None, "{tag}");
        }
        assert!(of("last-modified", &"x".repeat(512)).is_some());
        assert_eq!(of("last-modified", &"x".repeat(513)), None);
    }

    /// The record that an answer is judged beside, of 10 bytes out of 20.
    const ORIGIN: &str = "url http://h/a.gz\nunchanged \"v\"\nbytes 20\nend\n";

    fn judged(
        status: u16,
        headers: &[(&str, &[u8])],
        origin: &str,
    ) -> Result<(u64, Option<u64>, Option<String>), String> {
        judge_answer(status, headers, (origin, 10), 100).map_err(|problem| problem.to_string())
    }

    #[test]
    fn only_the_rest_of_the_same_file_follows_a_part() {
        let range = |text: &'static str| ("content-range", text.as_bytes());
        let rest = range("bytes 10-19/20");
        assert_eq!(judged(206, &[rest], ORIGIN), Ok((10, Some(20), None)));
        assert_eq!(judged(206, &[range("bytes 10-19/*")], ORIGIN), Ok((10, Some(20), None)));
        let tag = |text: &'static str| ("etag", text.as_bytes());
        assert_eq!(judged(206, &[rest, tag("\"v\"")], ORIGIN), Ok((10, Some(20), None)));
        let refused = |headers: &[(&str, &[u8])], origin, expected: &str| {
            let message = judged(206, headers, origin).unwrap_err();
            assert!(message.ends_with(expected), "{message}");
        };
        refused(&[], ORIGIN, "a part came that is not the rest of the file");
        refused(&[range("bytes 9-19/20")], ORIGIN, "another part came than the one asked for");
        refused(&[range("bytes 10-20/21")], ORIGIN, "the rest of a file of another length came");
        refused(&[rest, tag("\"w\"")], ORIGIN, "the rest of another file came");
        // Without a whole record there is no part.
        refused(&[rest], &ORIGIN[..20], "the server answered with status 206");
        let unknown = ORIGIN.replace("20", "unknown");
        refused(&[range("bytes 10-100/101")], &unknown, "100 bytes allowed: it is to have 101");
    }

    #[test]
    fn a_whole_file_begins_anew_and_has_a_length() {
        let length = |text: &'static str| ("content-length", text.as_bytes());
        let tag = ("etag", &b"\"w\""[..]);
        let (n_before, n_total, origin) = judged(200, &[length("20"), tag], ORIGIN).unwrap();
        assert_eq!((n_before, n_total), (0, Some(20)));
        assert_eq!(origin.unwrap(), ORIGIN.replace("\"v\"", "\"w\""));
        assert_eq!(judged(200, &[length("many")], ORIGIN), Ok((0, None, None)));
        assert_eq!(judged(200, &[length("18446744073709551616")], ""), Ok((0, None, None)));
        let message = judged(200, &[length("101")], ORIGIN).unwrap_err();
        assert!(message.ends_with("100 bytes allowed: it is to have 101"), "{message}");
    }
}
