//! Charts as SVG: lines and bars over linear or logarithmic axes. Colours come from the page's classes, so that they follow its
//! light and dark.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 50.0;

/// What is drawn.
pub(super) struct Chart<'a> {
    pub(super) title: &'a str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) series: Vec<Series>,
}

/// One line, or one row of bars, in the units of the axes' positions.
pub(super) struct Series {
    pub(super) name: String,
    /// The page's class for it.
    pub(super) class: &'static str,
    /// A line has a gap where the second number is none.
    pub(super) points: Vec<(f64, f64)>,
    pub(super) bars: bool,
}

/// An axis: from one position to another, with ticks and their texts.
pub(super) struct Axis {
    pub(super) label: &'static str,
    from: f64,
    to: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From nothing to at least `most`, in round steps.
    pub(super) fn linear(label: &'static str, most: f64, show: impl Fn(f64) -> String) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let rough = most / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].iter().map(|factor| factor * power).find(|step| *step >= rough).unwrap_or(most);
        let count = (most / step).ceil();
        let show = |at: f64| if at > 0.0 { show(at) } else { "0".to_owned() };
        let ticks = (0..=count as usize).map(|n| (n as f64 * step, show(n as f64 * step))).collect();
        Self { label, from: 0.0, to: count * step, ticks }
    }

    /// Powers of ten; positions are logarithms.
    pub(super) fn decades(label: &'static str, (least, most): (f64, f64), show: impl Fn(f64) -> String) -> Self {
        let from = least.max(0.1).log10().floor();
        let to = most.max(1.0).log10().ceil().max(from + 1.0);
        let ticks = (from as i32..=to as i32).map(|power| (f64::from(power), show(10_f64.powi(power)))).collect();
        Self { label, from, to, ticks }
    }

    /// With ticks of one's own.
    pub(super) fn with_ticks(label: &'static str, to: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { label, from: 0.0, to, ticks }
    }

    fn share(&self, at: f64) -> f64 {
        ((at - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

impl Chart<'_> {
    /// The drawing.
    pub(super) fn svg(&self) -> String {
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\"><text class=\"title\" x=\"{LEFT}\" y=\"16\">{0}</text>\n",
            escape(self.title)
        );
        self.grid(&mut svg);
        for series in &self.series {
            if series.bars { self.bars(&mut svg, series) } else { self.line(&mut svg, series) }
        }
        self.legend(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let across = LEFT + self.x.share(x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.share(y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    fn grid(&self, svg: &mut String) {
        let bottom = HEIGHT - BOTTOM;
        for (at, text) in &self.y.ticks {
            let (_, y) = self.at(0.0, *at);
            _ = writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>", WIDTH - RIGHT);
            _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 6.0, y + 4.0, escape(text));
        }
        for (at, text) in &self.x.ticks {
            let (x, _) = self.at(*at, 0.0);
            _ = writeln!(svg, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom:.0}\"/>");
            _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>", bottom + 20.0, escape(text));
        }
        let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
        _ = writeln!(
            svg,
            "<text x=\"{middle:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 6.0,
            escape(self.x.label)
        );
        _ = writeln!(svg, "<text x=\"{:.0}\" y=\"16\" text-anchor=\"end\">{}</text>", WIDTH - RIGHT, escape(self.y.label));
    }

    fn line(&self, svg: &mut String, series: &Series) {
        let mut path = String::new();
        let mut is_open = false;
        for (x, y) in &series.points {
            if y.is_nan() {
                is_open = false;
                continue;
            }
            let (x, y) = self.at(*x, *y);
            // A point between two gaps is a dot.
            let (begin, end) = if is_open { ("L", "") } else { ("M", "h0") };
            _ = write!(path, "{begin}{x:.1} {y:.1}{end}");
            is_open = true;
        }
        _ = writeln!(svg, "<path class=\"line {}\" d=\"{path}\"/>", series.class);
    }

    /// Each bar reaches from the point before it.
    fn bars(&self, svg: &mut String, series: &Series) {
        for pair in series.points.windows(2) {
            let ((left, _), (right, y)) = (self.at(pair[0].0, 0.0), self.at(pair[1].0, pair[1].1));
            let (width, height) = ((right - left - 1.0).max(1.0), HEIGHT - BOTTOM - y);
            let class = series.class;
            _ = writeln!(
                svg,
                "<rect class=\"bar {class}\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
            );
        }
    }

    fn legend(&self, svg: &mut String) {
        if self.series.len() < 2 {
            return;
        }
        for (index, series) in self.series.iter().enumerate() {
            let (x, y) = (LEFT + index as f64 * 110.0, TOP - 10.0);
            let class = series.class;
            _ = writeln!(
                svg,
                "<line class=\"line {class}\" x1=\"{x:.0}\" x2=\"{:.0}\" y1=\"{:.0}\" y2=\"{:.0}\"/>",
                x + 16.0,
                y - 4.0,
                y - 4.0
            );
            _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{y:.0}\">{}</text>", x + 20.0, escape(&series.name));
        }
    }
}

/// Text that a browser shows as it is.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
