import { speak, useLanguage } from "@shared/language";
import { palette, useTheme } from "@shared/look";
import { Chart } from "../chart/Chart";
import type { FigureRow, FiguresAnswer } from "./figures";
import { useFiguresWords } from "./words";

const MOST_BARS = 24;

/** How the cases of each row stand, side by side; the table below has the same numbers. */
export function OutcomeChart({ figures }: { figures: FiguresAnswer }) {
  const t = useFiguresWords();
  const say = speak(useLanguage());
  useTheme();
  const colours = palette();
  const inTurn = figures.by === "day" || figures.by === "hour";
  const rows = inTurn ? figures.rows : figures.rows.slice(0, MOST_BARS);
  const series = [
    ["on_time", colours.good, (row: FigureRow) => row.on_time],
    ["late", colours.warning, (row: FigureRow) => row.late],
    ["open", colours.accent, (row: FigureRow) => row.open - row.overdue],
    ["overdue", colours.wrong, (row: FigureRow) => row.overdue],
  ] as const;
  return (
    <section className="tc-surface">
      <Chart
        label={t("chart", { by: t(figures.by) })}
        height={260}
        option={{
          aria: { enabled: true, decal: { show: true } },
          textStyle: { color: colours.text, fontFamily: "inherit" },
          legend: { bottom: 4, textStyle: { color: colours.text } },
          tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText" },
          grid: { left: 48, right: 16, top: 16, bottom: 64 },
          xAxis: {
            type: "category",
            data: rows.map((row) => (row.name === null ? row.key : say(row.name))),
            axisLabel: { color: colours.quiet, hideOverlap: true, width: 90, overflow: "truncate" },
            axisLine: { lineStyle: { color: colours.line } },
          },
          yAxis: {
            type: "value",
            minInterval: 1,
            axisLabel: { color: colours.quiet },
            splitLine: { lineStyle: { color: colours.line } },
          },
          series: series.map(([name, color, value]) => ({
            name: t(name),
            type: "bar",
            stack: "cases",
            barMaxWidth: 40,
            itemStyle: { color },
            data: rows.map(value),
          })),
        }}
      />
    </section>
  );
}
