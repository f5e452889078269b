/** The parts of ECharts that our charts need; a chunk of its own, loaded with the first chart. */
import { BarChart, EffectScatterChart, MapChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  GeoComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, registerMap, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  EffectScatterChart,
  GeoComponent,
  GridComponent,
  LegendComponent,
  MapChart,
  ScatterChart,
  TooltipComponent,
]);

export type Option = EChartsCoreOption;
export { init, registerMap };
