//! A bar that shows how much is left.

use super::text::Paint;

/// `width` cells, of which those on the left are filled: as much of the whole as `left` says, from 0 to
/// 1. A sign stands where, as time goes by, what `mark` says is left.
pub(crate) fn bar(paint: Paint, width: usize, left: f64, mark: f64) -> String {
    let cells = |share: f64| (share.clamp(0.0, 1.0) * width as f64).ceil() as usize;
    let (filled, at) = (cells(left), cells(mark).saturating_sub(1));
    let [full, empty, sign] = if paint.0 { ['█', '░', '│'] } else { ['#', '-', '|'] };
    let cell = |index: usize| match index {
        index if index == at && mark > 0.0 => sign,
        index if index < filled => full,
        _ => empty,
    };
    (0..width).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filled_part_is_what_is_left() {
        for (left, mark, expected) in [
            (1.0, 0.0, "##########"),
            (1.0, 0.34, "###|######"),
            (0.5, 0.34, "###|#-----"),
            (0.31, 0.34, "###|------"),
            (0.25, 0.34, "###|------"),
            (0.2, 0.34, "##-|------"),
            (0.01, 0.34, "#--|------"),
            (0.0, 0.34, "---|------"),
            (-2.0, 0.34, "---|------"),
            (7.0, 1.0, "#########|"),
        ] {
            assert_eq!(bar(Paint(false), 10, left, mark), expected, "{left} {mark}");
        }
        assert_eq!(bar(Paint(true), 4, 0.5, 0.25), "│█░░");
    }
}
