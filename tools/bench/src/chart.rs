//! Pictures of what was found. Marks and patterns tell engines apart, not colour alone.

use std::error::Error;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::engine::Way;
use crate::peer::FAST;
use crate::results::{Execution, Start};

/// Colours that the colour-blind tell apart (Okabe and Ito's).
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const RED: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(110, 110, 110);

const FONT: &str = "sans-serif";
const ROW: u32 = 26;
const LABELS: u32 = 90;
/// The longest bar beside the shortest.
const CUT: f64 = 6.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Kernels, each a line with a mark for what an engine takes beside native code.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn execution(execution: &Execution) -> Result<String> {
    let all = [
        ("wasm2c", GREY, Mark::Dot),
        ("wamr", ORANGE, Mark::Halo),
        ("wasmtime", BLUE, Mark::Ring),
        (FAST, BLUE, Mark::Disc),
        ("wasmtime-checks", RED, Mark::Cross),
        ("x86_64-minplat", RED, Mark::Triangle),
    ];
    let kernels = execution.kernels.iter().filter(|kernel| kernel.ratio("native", "native").is_some());
    let kernels: Vec<_> = kernels.map(|kernel| kernel.kernel.as_str()).collect();
    let series: Vec<_> = all
        .iter()
        .map(|(engine, colour, mark)| {
            let point =
                |(nth, kernel): (usize, &&str)| Some((execution.ratio(kernel, engine, "native")?, nth as f64 + 0.5));
            (*engine, *colour, *mark, kernels.iter().enumerate().filter_map(point).collect::<Vec<_>>())
        })
        .filter(|(.., points)| !points.is_empty())
        .collect();
    let legend = series.len() as u32 * 18 + 16;
    drawn((900, kernels.len().max(1) as u32 * ROW + legend + 90), |root| {
        let (plot, below) = root.split_vertically(root.dim_in_pixel().1 - legend);
        let most = series.iter().flat_map(|(.., points)| points).map(|(x, _)| *x).fold(1.5, f64::max);
        let mut chart = ChartBuilder::on(&plot)
            .caption("Time beside native code (cc -O2), which is 1", (FONT, 17))
            .margin(10)
            .x_label_area_size(34)
            .y_label_area_size(LABELS)
            .build_cartesian_2d(0.0..most * 1.05, kernels.len() as f64..0.0)?;
        chart.configure_mesh().disable_y_mesh().y_labels(0).light_line_style(WHITE).x_label_style((FONT, 13)).draw()?;
        for (nth, kernel) in kernels.iter().enumerate() {
            let (x, y) = chart.backend_coord(&(0.0, nth as f64 + 0.5));
            write(root, kernel, (x - 8, y), HPos::Right)?;
        }
        chart.draw_series([PathElement::new([(1.0, 0.0), (1.0, kernels.len() as f64)], BLACK.stroke_width(1))])?;
        for (_, colour, mark, points) in &series {
            for point in points {
                mark.draw(root, chart.backend_coord(point), *colour)?;
            }
        }
        for (nth, (engine, colour, mark, _)) in series.iter().enumerate() {
            let y = 12 + nth as i32 * 18;
            mark.draw(&below, (LABELS as i32 + 10, y), *colour)?;
            below.draw(&Text::new(
                *engine,
                (LABELS as i32 + 26, y),
                small().pos(Pos::new(HPos::Left, VPos::Center)),
            ))?;
        }
        Ok(())
    })
}

/// Starts, a bar each: load, instantiation, first call.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn startup(starts: &[Start]) -> Result<String> {
    let mut modules: Vec<&str> = Vec::new();
    for start in starts {
        if !modules.contains(&start.module.as_str()) {
            modules.push(&start.module);
        }
    }
    let of = |module: &str| starts.iter().filter(|start| start.module == module).collect::<Vec<_>>();
    let height = |module: &str| of(module).len() as u32 * ROW + 80;
    let total: u32 = modules.iter().map(|module| height(module)).sum();
    drawn((1000, total.max(ROW) + 30), |root| {
        let mut rest = root.clone();
        for module in modules {
            let (plot, below) = rest.split_vertically(height(module));
            bars(root, &plot, module, &of(module))?;
            rest = below;
        }
        let parts = [("load", BLUE.filled()), ("instantiate", ORANGE.filled()), ("first call", BLACK.stroke_width(1))];
        for (nth, (name, style)) in parts.into_iter().enumerate() {
            let x = 20 + nth as i32 * 130;
            rest.draw(&Rectangle::new([(x, 6), (x + 14, 20)], style))?;
            rest.draw(&Rectangle::new([(x, 6), (x + 14, 20)], BLACK.stroke_width(1)))?;
            rest.draw(&Text::new(name, (x + 20, 13), small().pos(Pos::new(HPos::Left, VPos::Center))))?;
        }
        Ok(())
    })
}

fn bars(root: &Area<'_>, plot: &Area<'_>, module: &str, starts: &[&Start]) -> Drawn<()> {
    // What takes much longer would leave the others no room: its bar is cut, and its number says so.
    let base = starts.iter().map(|start| start.total).fold(f64::INFINITY, f64::min);
    let most = starts.iter().map(|start| start.total).fold(1.0, f64::max).min(base * CUT) / 1e3;
    let bytes = starts.first().map_or(0, |start| start.bytes);
    let mut chart = ChartBuilder::on(plot)
        .caption(format!("{module} ({} bytes): microseconds", minplat_report::thousands(bytes)), (FONT, 15))
        .margin(8)
        .x_label_area_size(26)
        .y_label_area_size(470)
        .build_cartesian_2d(0.0..most * 1.12, starts.len() as f64..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .light_line_style(WHITE)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .x_label_style((FONT, 12))
        .draw()?;
    for (nth, start) in starts.iter().enumerate() {
        let y = nth as f64;
        let way = if start.way == Way::InPlace { "in place" } else { "copied" };
        let (left, middle) = chart.backend_coord(&(0.0, y + 0.5));
        write(root, &format!("{}, {way}", start.engine), (left - 8, middle), HPos::Right)?;
        let mut x = 0.0;
        for (part, fill) in [(start.load, Some(BLUE)), (start.instantiate, Some(ORANGE)), (start.first_call, None)] {
            let end = (x + part / 1e3).min(most);
            let corners = [(x, y + 0.2), (end, y + 0.8)];
            if let Some(colour) = fill {
                chart.draw_series([Rectangle::new(corners, colour.filled())])?;
            }
            chart.draw_series([Rectangle::new(corners, BLACK.stroke_width(1))])?;
            x = end;
        }
        let (right, _) = chart.backend_coord(&(x, y + 0.5));
        let cut = if start.total / 1e3 > most { "▸ " } else { "" };
        write(root, &format!("{cut}{:.0}", start.total / 1e3), (right + 6, middle), HPos::Left)?;
    }
    Ok(())
}

/// Writes beside a place of the picture, which is counted in pixels.
fn write(root: &Area<'_>, text: &str, (x, y): (i32, i32), side: HPos) -> Drawn<()> {
    Ok(root.draw(&Text::new(text, (x, y), small().pos(Pos::new(side, VPos::Center))))?)
}

fn small() -> TextStyle<'static> {
    (FONT, 13).into_font().color(&BLACK)
}

#[derive(Clone, Copy)]
enum Mark {
    Disc,
    Ring,
    Triangle,
    Cross,
    Dot,
    Halo,
}

impl Mark {
    fn draw(self, root: &Area<'_>, at: (i32, i32), colour: RGBColor) -> Drawn<()> {
        let line = colour.stroke_width(2);
        match self {
            Self::Disc => root.draw(&Circle::new(at, 5, colour.filled()))?,
            Self::Ring => root.draw(&Circle::new(at, 6, line))?,
            Self::Triangle => root.draw(&TriangleMarker::new(at, 6, colour.filled()))?,
            Self::Cross => root.draw(&Cross::new(at, 5, line))?,
            Self::Dot => root.draw(&Circle::new(at, 3, colour.filled()))?,
            Self::Halo => root.draw(&Circle::new(at, 9, colour.stroke_width(1)))?,
        }
        Ok(())
    }
}

fn drawn(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn<()>) -> Result<String> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let whole = || -> Drawn<()> {
        root.fill(&WHITE)?;
        draw(&root)?;
        root.present()?;
        Ok(())
    };
    whole().map_err(|error| anyhow!("a chart cannot be drawn: {error}"))?;
    drop(root);
    Ok(svg)
}
