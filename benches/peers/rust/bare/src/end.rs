//! Where a struct ends that no frame delimits: its values are read over, as cheaply as can be.

/// The end of the struct that begins at `at`; None while it is not all there.
pub(crate) fn of_struct(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            kind => at = of_value(bytes, kind, at + 3)?,
        }
    }
}

fn of_value(bytes: &[u8], kind: u8, at: usize) -> Option<usize> {
    match kind {
        12 => of_struct(bytes, at),
        13 => {
            let (key, value) = (*bytes.get(at)?, *bytes.get(at + 1)?);
            (0..length(bytes, at + 2)?).try_fold(at + 6, |at, _| of_value(bytes, value, of_value(bytes, key, at)?))
        }
        14 | 15 => {
            let (kind, count) = (*bytes.get(at)?, length(bytes, at + 1)?);
            match width(kind) {
                0 => (0..count).try_fold(at + 5, |at, _| of_value(bytes, kind, at)),
                width => Some(at + 5 + count * width),
            }
        }
        11 => Some(at + 4 + length(bytes, at)?),
        _ => Some(at + width(kind)),
    }
}

/// Of values that are all of one; 0 for the others.
fn width(kind: u8) -> usize {
    match kind {
        2 | 3 => 1,
        6 => 2,
        8 => 4,
        4 | 10 => 8,
        _ => 0,
    }
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
}
